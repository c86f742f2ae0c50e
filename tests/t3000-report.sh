#!/bin/sh
# tokctl report: the same records, added up in several ways.
. "$(dirname "$0")/lib.sh"
. "$here/lib-ledger.sh"

test_ok 'a ledger without records has an empty report' '
	tokctl ledger init -q && tokctl report daily >out && grep -q "no usage" out &&
	tokctl report monthly --json | grep -q "\"rows\": \[\]" &&
	tokctl report daily --quiet-if-empty >out && test ! -s out'
test_ok 'setup' '
	tokctl usage record -q --csv - <<\END
time,user,application,model,session,input_tokens,output_tokens,cache_read_tokens,cost_usd,tier
2023-10-31T23:59:59.999Z,alice,chat,gpt-4.1,s1,1000000,0,0,,
2023-11-01T00:00:00Z,bob,chat,gpt-4.1,s2,0,1000000,0,,
2023-11-12T23:30:00Z,alice,ed,claude-sonnet-4-5,s3,100,200,4000,,
2023-11-13T00:30:00Z,alice,ed,claude-sonnet-4-5,s3,100,200,4000,,batch
2023-11-14T09:00:00Z,carol,ed,mystery,s4,7,3,0,,
2023-11-14T10:00:00Z,carol,ed,mystery,s4,7,3,0,1.25,
2023-11-14T22:13:19Z,alice,chat,gpt-4.1,s5,3,0,0,,
END'

expect <<\EOF
date,complete,requests,input_tokens,output_tokens,total_tokens,cost_usd,unpriced_requests
2023-10-31,true,1,1000000,0,1000000,2,0
2023-11-01,true,1,0,1000000,1000000,8,0
2023-11-12,true,1,100,200,4300,0.0045,0
2023-11-13,true,1,100,200,4300,0.00225,0
2023-11-14,false,3,17,6,23,1.250006,1
EOF
test_ok 'daily' '
	tokctl report daily -f csv | tr -d "\r" | cut -d, -f1-4,9,11-13 | same'
expect <<\EOF
2023-10-31,true,1000000
2023-11-01,true,1000000
2023-11-13,true,8600
2023-11-14,true,20
2023-11-15,false,3
EOF
test_ok 'days are those of the zone' '
	tokctl report daily --tz Asia/Tokyo -f csv | tr -d "\r" | tail -n +2 |
		cut -d, -f1,2,11 >got
	sed -i "s/2023-11-01,true,1000000/2023-11-01,true,2000000/; 1d" expected
	same <got'
expect <<\EOF
{"week":"2023-W44","complete":true,"total_tokens":2000000}
{"week":"2023-W45","complete":true,"total_tokens":4300}
{"week":"2023-W46","complete":false,"total_tokens":4323}
EOF
test_ok 'weekly' '
	tokctl report weekly -f jsonl |
		sed "s/,\"requests.*\(,\"total_tokens\":[0-9]*\).*/\1}/" | same'
test_ok 'weeks may start on Sunday' '
	test "$(TOKCTL_UI_WEEK_START=sunday tokctl report weekly -f csv |
		col total_tokens | tr "\n" " ")" = "2000000 8623 "'
test_ok 'monthly' '
	test "$(tokctl report monthly -f csv | col total_tokens | tr "\n" " ")" = \
		"1000000 1008623 "'
test_ok 'by hour: clock hours' '
	test "$(tokctl report by hour -f csv --since 2023-11-12 | col hour |
		tr "\n" " ")" = "2023-11-12T23:00:00Z 2023-11-13T00:00:00Z 2023-11-14T09:00:00Z 2023-11-14T10:00:00Z 2023-11-14T22:00:00Z "'
test_ok 'by two dimensions' '
	test "$(tokctl report by user,model -f csv | tr -d "\r" | cut -d, -f1-3 |
		tail -n +2 | sort | tr "\n" " ")" = \
		"alice,claude-sonnet-4-5,2 alice,gpt-4.1,2 bob,gpt-4.1,1 carol,mystery,2 "'
test_ok 'by tier, by error, by source; the sum is always the same' '
	for by in user application model provider session project agent \
		endpoint source error hour date week month tier \
		date,model user,tier,hour,session; do
		tokctl report by $by --json | grep -q "\"total\": {\"requests\":7,\"input_tokens\":1000217,\"cache_read_tokens\":8000,\"cache_write_5m_tokens\":0,\"cache_write_1h_tokens\":0,\"cache_write_tokens\":0,\"output_tokens\":1000406,\"reasoning_tokens\":0,\"total_tokens\":2008623,\"cost_usd\":11.256756,\"unpriced_requests\":1}" || { echo "by $by"; exit 1; }
	done'
test_ok 'daily --by model' '
	test "$(tokctl report daily --by model -f csv --since 2023-11-14 |
		tr -d "\r" | tail -n +2 | cut -d, -f1,2,4 | tr "\n" " ")" = \
		"2023-11-14,gpt-4.1,1 2023-11-14,mystery,2 "'
test_ok 'session: the latest first, with its times' '
	test "$(tokctl report session -f csv | col session | tr "\n" " ")" = \
		"s5 s4 s3 s2 s1 " &&
	test "$(tokctl report session --last 2 -f csv | col session | tr "\n" " ")" = \
		"s5 s4 " &&
	test "$(tokctl report by session --last 3 -f csv | col session | tr "\n" " ")" = \
		"s3 s4 s5 " &&
	test "$(tokctl report by session --last 3 --top 1 --latency -f csv | col session)" = s3 &&
	tokctl report session -f jsonl --session s4 |
		grep -q "\"first_activity\":\"2023-11-14T09:00:00Z\",\"last_activity\":\"2023-11-14T10:00:00Z\""'

test_ok 'filters' '
	test "$(tokctl report daily -u alice -m gpt-4.1 -f csv | col date | tr "\n" " ")" = \
		"2023-10-31 2023-11-14 " &&
	test "$(tokctl report monthly -u bob -u carol -f csv | col requests | tr "\n" " ")" = "3 "'
test_ok '--since and --until: half open in milliseconds, whole days by name' '
	r() { tokctl report daily -f csv "$@" | col date | tr "\n" " "; }
	test "$(r --since 2023-11-01 --until 2023-11-12)" = "2023-11-01 2023-11-12 " &&
	test "$(r --until 2023-11-01T00:00:00Z)" = "2023-10-31 " &&
	test "$(r --since 2023-10-31T23:59:59.999Z --until 2023-11-01T00:00:00Z)" = "2023-10-31 " &&
	test "$(r --since 2023-11-01T00:00:00Z --until 2023-11-01T00:00:00.001Z)" = "2023-11-01 " &&
	test "$(r --period 2023-10)" = "2023-10-31 " &&
	test "$(r --period 2023-W45)" = "2023-11-12 " &&
	test "$(r --since 2d)" = "2023-11-13 2023-11-14 "'
test_ok '--complete leaves out what is not over' '
	test "$(tokctl report daily --complete -f csv | col date | tail -n 1)" = 2023-11-13 &&
	test "$(tokctl report weekly --complete -f csv | col week | tail -n 1)" = 2023-W45 &&
	test "$(tokctl report monthly --complete -f csv | col month)" = 2023-10'
test_ok 'models without a price are named where they are those of all rows' '
	for i in 1 2 3; do
		tokctl usage record -q -L part.db -u "u$i" -m "none$i" --tokens 5 || exit 1
	done &&
	tokctl report by user -L part.db | grep -qF "3 requests have no price (none1, none2, none3); the" &&
	tokctl usage record -q -L part.db -u u1 -m none4 --tokens 5 &&
	tokctl report by user -L part.db | grep -qF "4 requests have no price (none1, none2, none3, ...); the" &&
	tokctl report by user -L part.db --top 2 | grep -qF "3 requests have no price; the cost"'
test_ok '--top, --last, --sort, --reverse' '
	r() { tokctl report daily -f csv "$@" | col date | tr "\n" " "; }
	test "$(r --top 2)" = "2023-10-31 2023-11-01 " &&
	test "$(r --last 2)" = "2023-11-13 2023-11-14 " &&
	test "$(r --sort cost --top 2)" = "2023-11-01 2023-10-31 " &&
	test "$(r --sort requests --top 1)" = "2023-11-14 " &&
	test "$(r --reverse --top 1)" = "2023-11-14 " &&
	test "$(r --reverse --last 2)" = "2023-11-14 2023-11-13 " &&
	test "$(r --sort cost --last 3)" = "2023-11-14 2023-11-12 2023-11-13 " &&
	test "$(r --complete --last 2)" = "2023-11-12 2023-11-13 " &&
	test "$(r --sort cost --last 3 --top 2)" = "2023-11-14 2023-11-12 " &&
	test "$(r --sort tokens --reverse --top 1)" = "2023-11-14 " &&
	test "$(tokctl report by model -f csv | col model | head -n 1)" = gpt-4.1'
expect <<\EOF
{
  "schema": "tokctl.report.daily/1",
  "generated": "2023-11-14T23:13:20+01:00",
  "timezone": "Europe/Berlin",
  "range": {"since": "2023-11-14T00:00:00+01:00", "until": "2023-11-14T23:13:20+01:00"},
  "filters": {"user": "carol"},
  "rows": [
    {"date":"2023-11-14","complete":false,"requests":2,"input_tokens":14,"cache_read_tokens":0,"cache_write_5m_tokens":0,"cache_write_1h_tokens":0,"cache_write_tokens":0,"output_tokens":6,"reasoning_tokens":0,"total_tokens":20,"cost_usd":1.25,"unpriced_requests":1}
  ],
  "total": {"requests":2,"input_tokens":14,"cache_read_tokens":0,"cache_write_5m_tokens":0,"cache_write_1h_tokens":0,"cache_write_tokens":0,"output_tokens":6,"reasoning_tokens":0,"total_tokens":20,"cost_usd":1.25,"unpriced_requests":1},
  "warnings": [
    {"code":"unpriced","message":"1 request has no price (mystery); the cost leaves it out"}
  ]
}
EOF
test_ok 'JSON, whole' '
	tokctl report daily -u carol --since today --tz Europe/Berlin --json | same'
test_ok 'what has no model has no name in the warning' '
	tokctl usage record -u dave --application cron --tokens 5 &&
	tokctl report daily -u dave --json |
		grep -q "\"1 request has no price; the cost leaves it out\""'
for bad in 'by' 'by nosuch' 'by user,nosuch' 'by user,' \
	'by user,model,session,agent,tier' 'daily --by user,model,session,agent' \
	'by user,user' 'daily --by date' \
	'daily --top -1' 'daily --last -1' 'daily extra' 'daily --sort nosuch' \
	'yearly' 'daily --since tomorrow --until yesterday' 'daily --tz Nosuch'; do
	test_status 2 "report $bad" "tokctl report $bad"
done
test_status 3 'a user whom the ledger does not know' 'tokctl report daily -u nosuch'
for words in 'report daily --since garbage' 'report by nosuch' 'report by' \
	'report daily --top -1' 'usage list --until 7m' 'usage list --last 0' \
	'usage stats --period nosuch' 'export --since 2026-13-45'; do
	test_status 2 "$words: is wrong, with or without a ledger" \
		"tokctl $words -L nosuch.db"
done
test_status 4 'a ledger that is not there' 'tokctl report daily -L nosuch.db'
test_ok 'no line is wider than the screen; numbers line up' '
	for w in 40 50 60 80 100 140; do
		TOKCTL_FORCE_TTY=$w tokctl report daily --by model --color never \
			--no-pager >out || exit 1
		awk -v w=$w "length > w { bad = 1; print } END { exit bad }" out || {
			echo "at $w columns"; exit 1; }
	done'

# 40 records are a segment with a roll-up; fewer are read one by one.
test_ok 'the range does not depend on how the records are kept' '
	tokctl report daily --period 2023-11-14 --json >few &&
	record -L two.db --input 1 --at 2023-11-14T22:13:00Z &&
	tokctl report daily -L two.db --json | grep range >one &&
	awk "BEGIN { print \"time,user,model,input_tokens\"
		for (i = 0; i < 40; i++) print \"2023-11-14T22:13:00Z,a,m,1\" }" |
		tokctl usage record -q -L many.db --csv - &&
	tokctl report daily -L many.db --json | grep range >other &&
	diff one other'
test_status 2 'a dimension is given once' 'tokctl report daily --by date'
test_status 2 'also to report by' 'tokctl report by user,user'
test_status 2 'no rows at all is no wish' 'tokctl report daily --top 0'
test_ok 'a dimension that is nearly one' '
	tokctl report by usr 2>&1 | grep -q "did you mean .user."'
test_status 2 'a priority that is none' 'tokctl report by user --priority vip'
test_status 2 'a tier that is none' 'tokctl export --tier economy'
test_status 3 'a department that nobody is in' '
	tokctl report by user --department nosuch'
test_status 3 'a family without models' '
	tokctl report by user --model-family nosuch'
test_status 3 'an error that nobody had' 'tokctl usage list --error nosuch'
# Rows by names go out many at once; those of few, cell by cell.
test_ok 'a thousand rows are written as few are, also where a sum is huge' '
	awk "BEGIN {
		print \"time,session,model,input_tokens,output_tokens,cost_usd\"
		for (i = 0; i < 3000; i++)
			print 1690000000 + i * 60 \",\\\"s, \" i % 1300 \"\\\",\" (i % 2 ? \"gpt-4.1\" : \"mystery\") \",\" \
				(i % 1300 == 8 ? \"9000000000000000000\" : i % 97) \",\" i % 5 \",\" (i % 3 ? \"\" : i / 8)
	}" >rows.csv && tokctl usage record -q -L rows.db --csv rows.csv &&
	for q in "by session" "by session,model" session "by session --sort key --reverse"; do
		for f in csv jsonl; do
			tokctl report $q -L rows.db -f $f >all && test $(wc -l <all) -gt 1000 &&
			tokctl report $q -L rows.db -f $f --top 900 >few &&
			head -n $(wc -l <few) all | cmp - few || exit 1
		done
		tokctl report $q -L rows.db --json >all &&
		tokctl report $q -L rows.db --json --top 900 >few &&
		python3 -c "
import json
a, b = json.load(open(\"all\")), json.load(open(\"few\"))
assert a[\"rows\"][:900] == b[\"rows\"] and len(a[\"rows\"]) >= 1300
assert sum(r[\"requests\"] for r in a[\"rows\"]) == 3000 == a[\"total\"][\"requests\"]
assert max(r[\"input_tokens\"] for r in a[\"rows\"]) > 2**63" || exit 1
	done'
test_done
