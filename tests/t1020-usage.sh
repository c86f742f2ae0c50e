#!/bin/sh
# tokctl usage list, show, stats, void: what the ledger's records say.
. "$(dirname "$0")/lib.sh"
. "$here/lib-ledger.sh"

test_status 4 'reading does not make a ledger' '
	tokctl usage list; rc=$?
	test ! -e "$db" && exit $rc'
test_ok 'setup' '
	tokctl usage record -q --csv - <<\END
time,user,application,model,session,input_tokens,output_tokens,cache_read_tokens,cost_usd,error,request_id
2023-11-14T10:00:00Z,alice,chat,gpt-4.1,s1,1200,300,0,,,
2023-11-14T09:00:00Z,bob,ed,claude-sonnet-4-5,s2,10,20,1000,,,b1
2023-11-13T12:00:00Z,alice,chat,mystery,s1,5,5,0,,,
2023-11-14T11:00:00Z,alice,chat,gpt-4.1,s1,7,0,0,,rate_limited,
2023-11-14T11:00:00Z,carol,ed,gpt-4.1,s3,100,100,0,12.5,,
END'

expect <<\EOF
Latest usage                                                  all, UTC

Id  Time                 User   Model              Input  Output  Tokens    Cost
 5  2023-11-14 11:00:00  carol  gpt-4.1              100     100     200  $12.50
 4  2023-11-14 11:00:00  alice  gpt-4.1                7       0       7  <$0.01
 1  2023-11-14 10:00:00  alice  gpt-4.1            1,200     300   1,500  <$0.01
 2  2023-11-14 09:00:00  bob    claude-sonnet-4-5     10      20   1,030  <$0.01
 3  2023-11-13 12:00:00  alice  mystery                5       5      10     n/a
EOF
test_ok 'list: newest first, 80 columns' '
	TOKCTL_FORCE_TTY=80 tokctl usage list --color never --no-pager |
		sed "1s/  *all/                                                  all/" | same'
test_ok 'no line is wider than the screen' '
	for w in 40 60 80 120; do
		TOKCTL_FORCE_TTY=$w tokctl usage list --color never --no-pager |
			awk -v w=$w "length > w { bad = 1; print } END { exit bad }" ||
			exit 1
	done'
test_ok 'list --last' '
	test "$(tokctl usage list --last 2 -f csv | col user | tr "\n" " ")" = \
		"carol alice "'
test_ok 'list by name; several of one kind are either' '
	test "$(tokctl usage list -u bob -u carol -f csv | col id | tr "\n" " ")" = \
		"5 2 " &&
	test "$(tokctl usage list -u alice -m mystery -f csv | col id)" = 3 &&
	test -z "$(tokctl usage list -u bob -m mystery -f csv | col id)"'
expect <<\EOF
tokctl usage list: the ledger knows no user 'alise'
did you mean 'alice'?
EOF
test_ok 'a name that the ledger does not know is no empty answer' '
	tokctl usage list -u alise 2>err; test $? = 3 && same <err'
test_ok 'list --since and --until' '
	test "$(tokctl usage list --since 2023-11-14 --until 2023-11-14T10:00:00Z -f csv |
		col id | tr "\n" " ")" = "2 " &&
	test "$(tokctl usage list --period 2023-11-13 -f csv | col id)" = 3 &&
	test "$(tokctl usage list --period 2023-11-14 --tz Pacific/Auckland -f csv |
		col id | tr "\n" " ")" = "1 2 3 "'
for bad in '--since garbage' '--since 2023-11-14 --until 2023-11-13' \
	'--last -1' '--last x' 'extra' '--period 2023-13'; do
	test_status 2 "list $bad" "tokctl usage list $bad"
done

test_status 3 'show: no such record' 'tokctl usage show 99'
test_status 3 'show: no id' 'tokctl usage show x'
test_status 3 'show: id 0' 'tokctl usage show 0'
test_status 2 'show: no operand' 'tokctl usage show'
test_ok 'show, as one JSON object' '
	tokctl usage show 5 --json | grep -q "^  \"cost_usd\": 12.5,\$"'

expect <<\EOF
Requests          5
Input             1,322
Cache read        1,000
Cache write       0
Output            425
Reasoning         0
Tokens            2,747
Cost              $12.51+
Unpriced          1
Errors            1
Success           80.0%
Tokens a request  549
Cache hits        43.1%
First             2023-11-13 12:00
Last              2023-11-14 11:00
EOF
test_ok 'stats' 'tokctl usage stats | same'
test_ok 'stats: the cost is exact for programs' '
	tokctl usage stats --json | grep -q "\"cost_usd\": 12.505444,"'
test_ok 'stats of nothing' '
	tokctl usage stats --period 2020-01-01 --json >out &&
	grep -q "\"requests\": 0," out && grep -q "\"first_activity\": null" out'
test_ok 'stats: of which range, and of what' '
	tokctl usage stats --since 2023-11-14 -u alice --json >out &&
	grep -qF "\"range\": {\"since\": \"2023-11-14T00:00:00Z\", \"until\": \"2023-11-14T" out &&
	grep -qF "\"filters\": {\"user\": \"alice\"}," out'

test_status 2 'void wants a reason' 'tokctl usage void 3'
test_status 2 'void wants an id' 'tokctl usage void --reason x'
test_status 3 'void: no such record' 'tokctl usage void 99 --reason x'
test_ok 'void: all of them or none' '
	! tokctl usage void 1 99 --reason x 2>err && whole 5'
expect <<\EOF
tokctl usage void: record 3 was taken back
EOF
test_ok 'void says so' 'tokctl usage void 3 --reason "sent \"twice\"" 2>err >out &&
	test ! -s out && same <err'
test_status 3 'once' 'tokctl usage void 3 --reason x'
test_status 3 'and not what takes back' 'tokctl usage void 6 --reason x'
test_ok 'it is gone from lists, sums, reports and exports' '
	! tokctl usage list -f csv | grep -q mystery &&
	! tokctl export -f csv | grep -q mystery &&
	tokctl usage stats --json | grep -q "\"requests\": 4," &&
	! tokctl report by model -f csv | grep -q mystery &&
	! tokctl report daily -f csv | grep -q 2023-11-13'
test_ok 'first and last are of what counts' '
	tokctl usage stats --json |
		grep -q "\"first_activity\": \"2023-11-14T09:00:00Z\"" &&
	tokctl usage void 1 4 --reason x -q &&
	tokctl report session --json | grep -q "\"session\":\"s2\"" &&
	! tokctl report session --json | grep -q "\"session\":\"s1\""'
test_ok '--all shows both sides' '
	test "$(tokctl usage list --all -f csv | grep -c mystery)" = 2 &&
	tokctl usage show 6 -f jsonl | grep -q "\"requests\":-1,\"input_tokens\":-5" &&
	tokctl usage show 3 --json | grep -q "taken back by record 6" &&
	tokctl usage show 6 --json | grep -q "takes back record 3"'
test_ok 'a request id stays known after a void' '
	tokctl usage void 2 --reason x -q &&
	record --request-id b1 --input 5 2>err; test $? = 3 && whole 9'
test_ok 'JSON is JSON, CSV has one width, whatever is in it' '
	record --input 1 --session "a
b,\"c\" \\ é $(printf "\001\377")" --tools "x,y" &&
	tokctl usage list --json >out.json && tokctl export -f json >e.json &&
	if command -v python3 >/dev/null; then
		python3 -c "
import csv, io, json, subprocess, sys
for f in \"out.json\", \"e.json\":
	d = json.load(open(f, encoding=\"utf-8\"))
	assert isinstance(d[\"rows\"], list) and d[\"rows\"], d
"
	fi'
test_done
