#!/bin/sh
# tokctl usage record with flags: what is booked, and what is refused.
. "$(dirname "$0")/lib.sh"
. "$here/lib-ledger.sh"

test_ok 'a call is booked without a word' '
	record --application chat --input 1200 --output 300 --request-id r1 \
		>out 2>&1 && test ! -s out'
expect <<\EOF
{
  "schema": "tokctl.usage.record/1",
  "generated": "2023-11-14T22:13:20Z",
  "timezone": "UTC",
  "recorded": 0,
  "known": 1,
  "bad": 0,
  "id": 1,
  "total_tokens": 1500,
  "cost_usd": 0.0048,
  "warnings": []
}
EOF
test_ok 'the same request again is known, also a day later' '
	TOKCTL_NOW=1700086400 record --application chat --input 1200 \
		--output 300 --request-id r1 >out 2>&1 && test ! -s out &&
	record --application chat --input 1200 --output 300 --request-id r1 \
		--json | same'
expect <<\EOF
tokctl usage record: request id 'r1' was recorded with another body
see 'tokctl usage show 1'
EOF
test_ok 'with another body it is refused' '
	record --application chat --input 1201 --output 300 --request-id r1 \
		2>err; test $? = 3 && same <err'
test_status 3 'with another time that is given, too' '
	record --application chat --input 1200 --output 300 --request-id r1 \
		--at 2023-11-14T22:13:21Z'
test_status 3 'with a cost that is given, too' '
	record --application chat --input 1200 --output 300 --request-id r1 \
		--cost 0.0048'
test_ok 'nothing of these was booked' 'whole 1'

expect <<\EOF
{"id":2,"time":"2023-11-14T23:13:20+01:00","user":"bob","application":"ed","model":"claude-sonnet-4-5","provider":"anthropic","session":"s1","project":"p1","agent":"main","endpoint":"/v1/messages","priority":"High","source":"test","tier":"batch","requests":1,"input_tokens":10,"cache_read_tokens":20,"cache_write_5m_tokens":30,"cache_write_1h_tokens":40,"cache_write_other_tokens":50,"cache_write_tokens":120,"output_tokens":60,"reasoning_tokens":7,"unsplit_tokens":0,"total_tokens":210,"estimated_input_tokens":11,"web_searches":2,"cost_usd":1.000000000001,"cost_origin":"given","request_id":"r2","success":false,"error":"overloaded","latency_ms":1500,"first_token_ms":300,"tools":"Bash,Read","metadata":{"k":"v, \"w\""},"machine":null,"key":null}
EOF
test_ok 'every field is kept' '
	tokctl usage record -u bob --application ed -m claude-sonnet-4-5 \
		--provider anthropic --session s1 --project p1 --agent main \
		--endpoint /v1/messages --priority High --source test \
		--tier batch --input 10 --cache-read 20 --cache-write-5m 30 \
		--cache-write-1h 40 --cache-write 50 --output 60 --reasoning 7 \
		--estimated-input 11 --web-searches 2 --cost 1.000000000001 \
		--request-id r2 --error overloaded --latency 1500 \
		--first-token 300 --tools Bash,Read \
		--metadata "{\"k\":\"v, \\\"w\\\"\"}" &&
	tokctl usage show 2 -f jsonl --tz Europe/Berlin | same'
test_ok 'a total alone is kept as such' '
	record --tokens 700 &&
	tokctl usage show 3 -f jsonl |
		grep -q "\"output_tokens\":0,.*\"unsplit_tokens\":700,\"total_tokens\":700"'
test_ok 'a model without a price has no cost, which is not 0' '
	tokctl usage record -u alice -m nobody-knows-it --input 5 --json |
		grep -q "^  \"cost_usd\": null,"'
expect <<\EOF
azure/gpt-4o azure
gpt-4o openai
gpt-4o us
nobody-knows-it 
EOF
test_ok 'who is paid follows from the model, where nobody says it' '
	for m in gpt-4o azure/gpt-4o nobody-knows-it; do
		tokctl usage record -u paid -m $m --input 5 --request-id p-$m
	done &&
	tokctl usage record -u paid -m gpt-4o --input 5 --provider us &&
	tokctl export -u paid -f csv | awk -F, "NR > 1 { print \$5, \$6 }" |
		LC_ALL=C sort | same'
test_ok 'and is a part of the body only where it was said' '
	tokctl usage record -u paid -m gpt-4o --input 5 --request-id p-gpt-4o &&
	tokctl usage record -u paid -m gpt-4o --input 5 --request-id p-gpt-4o \
		--provider openai &&
	tokctl config set prices.file "$PWD/mine.yaml" &&
	printf "%s\n" "schema: tokctl-prices/1" models: "  - id: gpt-4o" \
		"    provider: us" "    prices:" \
		"      - {input: \"1\", output: \"1\"}" >mine.yaml &&
	tokctl usage record -u paid -m gpt-4o --input 5 --request-id p-gpt-4o &&
	tokctl config unset prices.file'
test_status 3 'and then another one is another body' '
	tokctl usage record -u paid -m gpt-4o --input 5 --request-id p-gpt-4o \
		--provider azure'
test_ok 'an application without a model will do' '
	tokctl usage record -u alice --application cron --tokens 5'
test_ok 'a call that took no tokens is a call' 'record --input 0'
test_ok 'times: RFC 3339, local, a day, relative' '
	record --input 1 --at 2023-10-29T02:30:00.123+01:00 &&
	record --input 1 --at "2023-10-29 02:30:00" --tz Europe/Berlin &&
	record --input 1 --at 2023-10-29 --tz Asia/Kathmandu &&
	record --input 1 --at yesterday && record --input 1 --at 2h &&
	tokctl export -f csv | col time | tail -n 5 >times'
expect <<\EOF
2023-10-29T01:30:00.123Z
2023-10-29T00:30:00Z
2023-10-28T18:15:00Z
2023-11-13T00:00:00Z
2023-11-14T20:13:20Z
EOF
test_ok 'and they mean what they say' 'same <times'
test_ok 'the largest number fits, and shows exactly' '
	record --input 9223372036854775807 --cost 9223372.036854775807 &&
	tokctl usage list --last 1 --since now-1s -f csv >/dev/null 2>&1
	tokctl export -f jsonl | tail -n 1 |
		grep "\"total_tokens\":9223372036854775807" |
		grep -q "\"cost_usd\":9223372.036854775807"'

tokctl export --all -f jsonl >before
for bad in '--input -1' '--output -1' '--input 1 --cache-read -5' \
	'--input 1 --latency -1' '--tokens -7' '--input 1 --reasoning -1' \
	'--input 9223372036854775807 --output 1' \
	'--input 1 --cost -0.01' '--input 1 --cost x' \
	'--input 1 --cost 9223372.036854775808' \
	'--input 1 --cost 0.0000000000001' \
	'--input 1 --metadata [1]' '--input 1 --metadata {' \
	'--input 1 --at 1969-12-31T23:59:59Z' \
	'--input 1 --output 2 --reasoning 3'; do
	# shellcheck disable=SC2086
	test_status 3 "bad data is refused: $bad" "record $bad"
done
for bad in '' '--reasoning 5' '--input' '--input x' '--input 1.5' \
	'--input 9223372036854775808' '--input 1 --at garbage' \
	'--input 1 --at 2023-13-01' '--input 1 --priority urgent' \
	'--input 1 --request-id ""' '--input 1 -u ""' '--input 1 --nosuch' \
	'--tokens 5 --input 4' '--tokens 5 --cache-read 0' \
	'--input 1 extra' '--input 1 --batch-size 0' '--input 1 --tz Nowhere'
do
	test_status 2 "a wrong command line is refused: $bad" "record $bad"
done
test_status 2 'neither model nor application' \
	'tokctl usage record -u alice --input 5'
test_status 2 'an empty model is none' \
	'tokctl usage record -u alice -m "" --input 5'
test_ok 'an empty name is no name' '
	record --input 1 --session "" --application "" --request-id keep &&
	record --input 1 --request-id keep'
test_ok 'nothing of what was refused was booked' '
	tokctl export --all -f jsonl | sed \$d | diff before -'
test_ok 'who: --user, else user.name, LOGNAME, the login' '
	tokctl usage record -m gpt-4.1 --input 1 &&
	TOKCTL_USER_NAME=carol tokctl usage record -m gpt-4.1 --input 1 &&
	tokctl config set user.name dave -q &&
	tokctl usage record -m gpt-4.1 --input 1 &&
	tokctl config unset user.name -q &&
	(unset LOGNAME USER; tokctl usage record -m gpt-4.1 --input 1) &&
	tokctl export -f csv | col user | tail -n 4 >users &&
	{ printf "tester\ncarol\ndave\n"; id -un; } | diff - users'
test_ok 'names of any bytes come back as they were' '
	name=$(printf "a\"b,c\377\033[31m\n;é") &&
	record --input 1 --session "$name" --project "\$(id)" &&
	tokctl export -f jsonl --session "$name" >out &&
	test $(wc -l <out) -eq 1 && ! grep -q "$(printf "\033")" out &&
	! grep -q "$(printf "\377")" out'
test_status 3 'a name that is too long' '
	record --input 1 --session "$(printf "%01025d" 0)"'
test_ok 'the longest name' 'record --input 1 --session "$(printf "%01024d" 0)"'
test_ok 'the ledger is for its owner alone' '
	test "$(stat -c %a "$db" "$db-wal" "$db-shm" "$db-lock" | sort -u)" = 600'
test_ok 'and so is the folder that is made for it' '
	record -L new/deep/ledger.db --input 1 &&
	test "$(stat -c %a new new/deep | sort -u)" = 700'
test_ok 'every record is whole' whole
test_status 2 'the lowest number is not taken as none' '
	tokctl usage record -u a -m m --input -9223372036854775808 --output 1'
test_done
