#!/bin/sh
# tokctl usage record --jsonl and --csv: streams of records.
. "$(dirname "$0")/lib.sh"
. "$here/lib-ledger.sh"

# One line of what a stream says at its end: recorded,known,bad.
counts() {
	tr -d '\r' | tail -n 1 | cut -d, -f1-3
}

cat >three.jsonl <<\EOF
{"user":"alice","model":"gpt-4.1","input_tokens":10,"output_tokens":5,"time":"2023-11-14T10:00:00Z","request_id":"a"}

{"user":"bob","application":"ed","total_tokens":9,"request_id":"b","metadata":{"x":[1,2]}}
{"model":"gpt-4.1","prompt_tokens":1e3,"completion_tokens":2,"cost_usd":0.25}
EOF
expect <<\EOF
recorded,known,bad,id,total_tokens,cost_usd
3,0,0,3,1002,0.25
EOF
test_ok 'JSON Lines: empty lines are skipped, the rest is booked' '
	tokctl usage record -u carol --jsonl - -f csv <three.jsonl |
		tr -d "\r" | same'
test_ok 'again: what has a request id is known' '
	tokctl usage record -u carol --jsonl three.jsonl -f csv | counts >out &&
	echo 1,2,0 | diff - out'
expect <<\EOF
id,time,user,application,model,source,input_tokens,output_tokens,unsplit_tokens,total_tokens,cost_usd,cost_origin,request_id
1,2023-11-14T10:00:00Z,alice,,gpt-4.1,cli,10,5,0,15,0.00006,priced,a
2,2023-11-14T22:13:20Z,bob,ed,,cli,0,0,9,9,,,b
3,2023-11-14T22:13:20Z,carol,,gpt-4.1,cli,1000,2,0,1002,0.25,given,tokctl
4,2023-11-14T22:13:20Z,carol,,gpt-4.1,cli,1000,2,0,1002,0.25,given,tokctl
EOF
test_ok 'what was booked' '
	tokctl export -f csv | tr -d "\r" |
		cut -d, -f1-5,12,15,21,23,24,27-29 | sed "s,tokctl:.*,tokctl," | same'

printf '\357\273\277User,Model,"Input Tokens",output-tokens,at,request_id,session\r\n%s\r\n%s\n%s\n%s\n' \
	'dave,gpt-4.1,1,2,2023-11-01,c1,"a ""b"",' \
	'c"' 'dave,gpt-4.1,3,4,1698796800,c2,' \
	'erin,gpt-4.1,5,6,1698796800123,c3,x' >three.csv
expect <<\EOF
"time":"2023-11-01T00:00:00Z"
"session":"a \"b\",\r\nc","project"
"input_tokens":1,"cache
"time":"2023-11-01T00:00:00Z"
"session":null,"project"
"input_tokens":3,"cache
"time":"2023-11-01T00:00:00.123Z"
"session":"x","project"
"input_tokens":5,"cache
EOF
test_ok 'CSV: quotes, line ends, a mark, names of columns' '
	tokctl usage record --csv - -f csv <three.csv | counts >out &&
	echo 3,0,0 | diff - out &&
	tokctl export -f jsonl --period 2023-11-01 >got &&
	grep -o -e "\"time\":[^,]*" -e "\"session\":.*\"project\"" \
		-e "\"input_tokens\":[0-9]*,.cache" got | same'

test_ok 'dollars that went through a float are rounded, half to even' '
	printf "{\"model\":\"m\",\"input_tokens\":1,\"cost_usd\":%s}\n" \
		0.0034999999999999996 0.10000000000000009 1e-13 \
		0.0000000000015 2.5000000000000000e-02 >near.jsonl &&
	tokctl usage record --jsonl near.jsonl -L near.db -q &&
	tokctl export -L near.db -f csv | tr -d "\r" | col cost_usd | xargs >out &&
	echo 0.0035 0.1 0 0.000000000002 0.025 | diff - out'

cat >bad.jsonl <<\EOF
{"model":"m","input_tokens":1,"request_id":"ok1"}
{"model":"m","input_tokens":-1}
not json
{"model":"m"}
{"input_tokens":1}
{"model":"m","input_tokens":2,"request_id":"ok1"}
{"model":"m","input_tokens":1,"time":"yesterday-ish"}
{"model":"m","input_tokens":9223372036854775808}
{"model":"m","input_tokens":1.5}
{"model":"m","input_tokens":1,"cost_usd":-1}
{"model":"m","input_tokens":1,"total_tokens":3,"output_tokens":1}
{"model":"m","input_tokens":1,"user":"a\u0000b"}
[1]
{"model":"m","input_tokens":1,"request_id":"ok2"}
EOF
expect <<\EOF
tokctl usage record: line 2: input_tokens: -1 is negative
tokctl usage record: line 3: this is no JSON object
tokctl usage record: line 4: no token counts
tokctl usage record: line 5: neither model nor application
tokctl usage record: line 6: request id 'ok1' was recorded with another body
tokctl usage record: line 7: time: 'yesterday-ish' is no time
tokctl usage record: line 8: input_tokens: '9223372036854775808' is no whole number below 2^63
tokctl usage record: line 9: input_tokens: '1.5' is no whole number below 2^63
tokctl usage record: line 10: cost_usd: '-1' is negative
tokctl usage record: line 11: total_tokens: it is 3, but its parts are 2
tokctl usage record: line 12: user: the value has a NUL byte
tokctl usage record: line 13: this is no JSON object
tokctl usage record: 12 of the records could not be booked
EOF
test_ok 'bad lines are named and passed over; the status says so' '
	tokctl usage record -u x --jsonl - <bad.jsonl >out 2>err
	test $? = 3 && same <err'
test_ok 'the good ones among them were booked' '
	tokctl usage record -u x --jsonl - -f csv <bad.jsonl 2>err |
		counts >out
	echo 0,2,12 | diff - out'
test_ok '--strict stops at the first, and keeps what was before it' '
	printf "%s\n" "{\"model\":\"m\",\"input_tokens\":1,\"request_id\":\"s1\"}" \
		"{}" "{\"model\":\"m\",\"input_tokens\":1,\"request_id\":\"s2\"}" >s
	tokctl usage record -u x --strict --jsonl s 2>err; test $? = 3 &&
	grep -q "line 2: " err && tokctl export -f csv >out &&
	grep -q ",s1," out && ! grep -q ",s2," out'
test_status 4 'a file that is not there' 'tokctl usage record --jsonl nosuch'
test_status 4 'a folder is no file' 'tokctl usage record --csv .'
test_ok 'an empty stream is fine' '
	test "$(tokctl usage record --jsonl - -f csv </dev/null | counts)" = 0,0,0'

test_ok 'a pause in the stream ends the batch: it is there at once' '
	mkfifo pipe && { tokctl usage record --jsonl pipe >out 2>&1 & } &&
	exec 3>pipe &&
	echo "{\"model\":\"m\",\"input_tokens\":1,\"request_id\":\"slow\"}" >&3
	for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
		tokctl export -f csv | grep -q ",slow," && break
		sleep 0.1
	done
	tokctl export -f csv | grep -q ",slow,"; rc=$?
	exec 3>&-; wait; exit $rc'

# The same 40 request ids, each with one body, sent by 8 processes at once.
test_ok 'the same requests from 8 processes at once land once' '
	awk "BEGIN { for (i = 1; i <= 40; i++)
		printf \"{\\\"model\\\":\\\"m\\\",\\\"input_tokens\\\":%d,\\\"request_id\\\":\\\"p%d\\\"}\\n\", i, i }" >p.jsonl
	for i in 1 2 3 4 5 6 7 8; do
		tokctl usage record -u x --batch-size 1 --jsonl p.jsonl \
			-f csv >p.$i 2>&1 &
	done
	wait
	test "$(cat p.[1-8] | tr -d "\r" | grep -v rec | awk -F, "
		{ n += \$1; k += \$2; b += \$3 } END { print n, k, b }")" = \
		"40 280 0" &&
	test "$(tokctl export -f csv | grep -c ",p[0-9]*,true")" = 40'
test_ok 'with different bodies, one of 8 wins and the others are told' '
	for i in 1 2 3 4 5 6 7 8; do
		(record --input $i --request-id race 2>/dev/null; echo $? >rc.$i) &
	done
	wait
	test "$(sort rc.[1-8] | uniq -c | tr -s " " | tr "\n" ";")" = " 1 0; 7 3;"'
test_ok 'a batch that is open for too long ends early' '
	tokctl usage record -u x --batch-timeout 0s -f csv --jsonl p.jsonl |
		counts >out && echo 0,40,0 | diff - out'
test_status 2 'a timeout is a duration' '
	tokctl usage record -u x --batch-timeout 5 --jsonl p.jsonl'
expect <<\EOF
Recorded      0
Known before  40
Bad           0
EOF
test_ok 'people see what happened to all, not the last record' '
	tokctl usage record -u x --jsonl p.jsonl | same'
test_ok 'the ledger is whole' whole
test_status 4 'standard input that is closed is not an empty one' '
	tokctl usage record -u a --jsonl - <&-'
test_status 3 'a quoted field that does not end is a bad record' '
	printf "time,model,input_tokens\n2026-01-01T00:00:00Z,\"gpt-4.1,5\n" |
		tokctl usage record -u a --csv - 2>err; rc=$?
	grep -q "ends in a record" err && exit $rc'
test_status 3 'what a stream says cannot steer the terminal' '
	printf "{\"model\":\"m\",\"input_tokens\":1,\"tier\":\"\\\\u001b[31m\"}\n" |
		tokctl usage record -u a --jsonl - 2>err; rc=$?
	! grep -q "$(printf "\\033")" err && exit $rc'
test_done
