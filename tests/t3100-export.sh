#!/bin/sh
# tokctl export: records for other programs, whole or not at all.
. "$(dirname "$0")/lib.sh"
. "$here/lib-ledger.sh"

test_ok 'setup' '
	tokctl usage record -q --csv - <<\END
time,user,application,model,session,input_tokens,output_tokens,cache_read_tokens,cost_usd,error,request_id,metadata
2023-11-13T12:00:00.001Z,alice,chat,gpt-4.1,s1,1200,300,0,,,r1,
2023-11-14T09:00:00Z,bob,ed,claude-sonnet-4-5,"a,b",10,20,1000,,,,"{""k"":""a,b""}"
2023-11-14T11:00:00Z,carol,ed,mystery,s3,100,100,0,,overloaded,,
END
	tokctl usage void 1 --reason x -q'

expect <<\EOF
id,time,user,application,model,provider,session,project,agent,endpoint,priority,source,tier,requests,input_tokens,cache_read_tokens,cache_write_5m_tokens,cache_write_1h_tokens,cache_write_other_tokens,cache_write_tokens,output_tokens,reasoning_tokens,unsplit_tokens,total_tokens,estimated_input_tokens,web_searches,cost_usd,cost_origin,request_id,success,error,latency_ms,first_token_ms,tools,metadata,machine,key
2,2023-11-14T09:00:00Z,bob,ed,claude-sonnet-4-5,anthropic,"a,b",,,,,cli,standard,1,10,1000,0,0,0,0,20,0,0,1030,,0,0.00063,priced,tokctl:LEDGER:2,true,,,,,"{""k"":""a,b""}",,
3,2023-11-14T11:00:00Z,carol,ed,mystery,,s3,,,,,cli,standard,1,100,0,0,0,0,0,100,0,0,200,,0,,,tokctl:LEDGER:3,false,overloaded,,,,,,
EOF
test_ok 'CSV by default, in the order of ids, without what was taken back' '
	tokctl export | tr -d "\r" |
		sed "s/tokctl:[0-9a-f]\{32\}:/tokctl:LEDGER:/" | same'
test_ok '--all has both sides' '
	test "$(tokctl export --all -f jsonl | grep -o "\"requests\":[-0-9]*" |
		cut -d: -f2 | tr "\n" " ")" = "1 1 1 -1 "'
test_ok 'JSON Lines: one object a record, unknown is null' '
	tokctl export -f jsonl | tail -n 1 >out &&
	grep -q "^{\"id\":3,.*\"cost_usd\":null,.*\"success\":false,\"error\":\"overloaded\".*\"metadata\":null,\"machine\":null,\"key\":null}\$" out &&
	tokctl export -f jsonl | grep -q "\"metadata\":{\"k\":\"a,b\"}"'
test_ok 'JSON: the envelope' '
	tokctl export -f json --since 2023-11-14 -u bob >out &&
	grep -q "^  \"schema\": \"tokctl.export/1\",\$" out &&
	grep -q "^  \"filters\": {\"user\": \"bob\"},\$" out &&
	grep -q "^  \"range\": {\"since\": \"2023-11-14T00:00:00Z\"," out &&
	grep -c "\"id\":" out | grep -qx 1'
test_ok 'nothing to export: a heading, or no lines' '
	test "$(tokctl export -u bob --since 2023-11-15 --until 2023-11-16 2>err | wc -l)" = 1 &&
	test "$(tokctl export -f jsonl --period 2020 | wc -c)" = 0'
test_ok 'an export lands once in another ledger, and in its own' '
	tokctl export -f csv -o e.csv && tokctl export -f jsonl -o e.jsonl &&
	tokctl usage import -q -L other.db e.csv >/dev/null &&
	tokctl usage import -q -L other.db e.jsonl >/dev/null &&
	tokctl export -L other.db -f jsonl | sed "s/\"id\":[0-9]*//" >b &&
	tokctl export -f jsonl | sed "s/\"id\":[0-9]*//" | diff - b &&
	tokctl export --all >before &&
	tokctl usage import -q e.csv >/dev/null &&
	tokctl export -L other.db -o back.csv &&
	tokctl usage import back.csv --json | grep -q "\"known\": *2," &&
	tokctl export --all | cmp before -'
test_ok 'two ledgers that know each other grow together' '
	for m in a b; do
		tokctl usage record -q -L $m.db --csv - <<-END
		time,user,model,input_tokens,machine,request_id
		2023-11-14T09:00:00Z,$m,gpt-4.1,1,$m,
		2023-11-14T09:00:00Z,$m,gpt-4.1,1,$m,
		2023-11-14T10:00:00Z,both,gpt-4.1,2,$m,shared
		END
	done
	for round in 1 2; do
		for m in a b; do tokctl export -L $m.db -o $m.csv; done
		tokctl usage import -q -L a.db b.csv >/dev/null
		tokctl usage import -q -L b.db a.csv >/dev/null
	done
	for m in a b; do
		tokctl export -L $m.db |
			cut -d, -f2- | sort >$m.txt
	done
	diff a.txt b.txt && test $(wc -l <a.txt) -eq 6 &&
	tokctl report by machine -L a.db -f csv | grep -q "^a,3," &&
	tokctl usage list --machine b -L a.db -f csv | wc -l | grep -qx 3'
test_ok 'a copy of a ledger that went on by itself loses nothing' '
	tokctl ledger backup -L a.db copy.db -q &&
	tokctl usage record -q -L a.db -u x -m gpt-4.1 --input 5 &&
	tokctl usage record -q -L copy.db -u y -m gpt-4.1 --input 7 &&
	tokctl export -L copy.db -o c.csv &&
	tokctl usage import -L a.db c.csv --json | grep -q "\"new\": *1,"'

test_ok '-o writes aside and renames' '
	echo old >f && tokctl export -o f && grep -q "^id,time" f &&
	test "$(ls f*)" = f'
test_ok 'a command that fails leaves the old file' '
	echo old >f && for bad in "-u nosuch" "--since garbage" "-L nosuch.db" \
		"--tz Nosuch"; do
		tokctl export -o f $bad && exit 1
		test "$(cat f*)" = old || exit 1
	done'
test_ok 'so does a disk that is full' '
	echo old >f
	awk "BEGIN { print \"time,user,model,input_tokens\"
		for (i = 0; i < 2000; i++) print 1700000000 + i \",a,m,1\" }" |
		tokctl usage record -q -L big.db --csv - >out
	(ulimit -f 100; tokctl export -L big.db -o f) 2>err
	test $? = 4 && grep -q "cannot write" err && test "$(cat f*)" = old'
test_status 4 '-o into a folder that is not there' 'tokctl export -o no/such/f'
test_ok '-o leaves the mode that the file has, or follows the umask' '
	(umask 077; rm -f f; tokctl export -o f) && test "$(stat -c %a f)" = 600 &&
	chmod 640 f && tokctl export -o f && test "$(stat -c %a f)" = 640'
test_ok '-o writes to where a link leads' '
	echo old >real && ln -s real link && tokctl export -o link &&
	test -L link && grep -q "^id,time" real'
test_ok '-o to what is no file writes into it' '
	mkfifo p && { cat p >got & } && tokctl export -o p && wait &&
	grep -q "^id,time" got && test -p p &&
	tokctl export -o /dev/null && test -c /dev/null'
test_status 4 '-o /dev/full' 'tokctl export -o /dev/full'

for f in csv json jsonl md table; do
	test_status 4 "a full disk behind stdout: $f" \
		"tokctl export -f $f >/dev/full"
	test_status 4 "a closed stdout: $f" "tokctl export -f $f >&-"
done
for c in 'usage list' 'usage stats' 'usage show 2' 'report daily' \
	'report by user --json' 'ledger info' 'ledger check -f csv' \
	'usage record -u a -m m --input 1 --json'; do
	test_status 4 "$c >/dev/full" "tokctl $c >/dev/full"
done
test_ok 'a reader that goes away ends it by SIGPIPE, quietly' '
	awk "BEGIN { print \"time,user,model,input_tokens\"
		for (i = 0; i < 5000; i++) print 1700000000 + i \",a,m,1\" }" |
		tokctl usage record -q -L pipe.db --csv - || exit 1
	for f in csv json jsonl; do
		{ tokctl export -f $f -L pipe.db 2>err; echo $? >rc; } | head -n 1 >out
		test "$(cat rc)" = 141 && test ! -s err || { cat rc err; exit 1; }
	done'
test_ok 'memory does not grow with the ledger' '
	awk "BEGIN { print \"time,user,model,input_tokens,request_id\"
		for (i = 0; i < 60000; i++) printf \"%d,a,m,1,%032d\n\", 1700000000 + i, i }" |
		tokctl usage record -q -L big2.db --batch-size 60000 --csv - || exit 1
	# the sanitizers reserve terabytes, and use none of it
	case $TOKCTL in *asan*) limit=unlimited ;; *) limit=300000 ;; esac
	(ulimit -v $limit; tokctl export -L big2.db -f jsonl | wc -l) | grep -qx 60000 &&
	tokctl export -L big2.db -f json | tail -n +2 | tail -n 1 | grep -qx "}"'
test_done
