#!/bin/sh
# tokctl usage record --async, --fallback: records that wait for the ledger.
. "$(dirname "$0")/lib.sh"
. "$here/lib-ledger.sh"
needs flock

spool=.local/state/tokctl/spool
waiting() {
	cat "$spool"/*.jsonl 2>/dev/null | wc -l | tr -d " "
}
# The spool that is not empty.
full() {
	find "$spool" -name "*.jsonl" -size +0
}
# Somebody writes for as long as the command runs.
locked() {
	(flock 9; TOKCTL_LEDGER_BUSY_TIMEOUT=50ms "$@") 9>>"$db-lock"
}

test_ok '--async does not touch the ledger, and says nothing' '
	record --input 10 --output 5 --async >out 2>err &&
	test ! -s out && test ! -s err && test ! -e "$db" &&
	test "$(waiting)" = 1'
expect <<\EOT
{"requests":1,"total_tokens":15,"cost_usd":0.00006}
EOT
test_ok 'the next command books it, also one that only reads' '
	tokctl report by user -f jsonl |
		sed "s/.*\(\"requests\":[0-9]*\),.*\(\"total_tokens\":[0-9]*\),\(\"cost_usd\":[0-9.]*\),.*/{\1,\2,\3}/" | same &&
	test "$(waiting)" = 0'

expect <<\EOT
2026-11-20T10:11:12.345Z,bob,web,gpt-4.1,s1,High,batch,1,2,3,4,5,6,0.5,given,r1,429,12,"a,b","{""x"":[1]}"
EOT
test_ok 'all that was said of it comes through' '
	tokctl usage record -u bob --application web -m gpt-4.1 --session s1 \
		--priority High --tier batch --input 1 --cache-read 2 \
		--cache-write-5m 3 --cache-write-1h 4 --cache-write 5 --output 6 \
		--cost 0.5 --request-id r1 --error 429 --latency 12 --tools a,b \
		--metadata "{\"x\":[1]}" --at 2026-11-20T10:11:12.345Z --async &&
	tokctl export --user bob -f csv --columns time,user,application,model,session,priority,tier,input_tokens,cache_read_tokens,cache_write_5m_tokens,cache_write_1h_tokens,cache_write_other_tokens,output_tokens,cost_usd,cost_origin,request_id,error,latency_ms,tools,metadata |
		tr -d "\r" | tail -n +2 | same'
test_status 3 'what no ledger takes is refused at once' '
	record --input -1 --async'
test_status 2 'and what is not said' 'record --async'

test_ok '--fallback books at once where it can' '
	record --input 7 --fallback && test "$(waiting)" = 0'
expect <<\EOT
tokctl usage record: kept for later: the ledger is locked: another process has been writing for 50 ms
EOT
test_ok '--fallback keeps what cannot be booked, and says why' '
	locked tokctl usage record -u alice -m gpt-4.1 --input 8 \
		--request-id late --fallback 2>err &&
	same <err && test "$(waiting)" = 1'
expect <<\EOT
tokctl usage record: the ledger is locked: another process has been writing for 50 ms
EOT
test_ok '... and does not say so when it could not' '
	echo >file && rc=0 &&
	XDG_STATE_HOME=$PWD/file locked tokctl usage record -u alice \
		-m gpt-4.1 --input 8 --fallback 2>err || rc=$?
	test $rc = 4 && head -n 1 err | same && tail -n 1 err | grep -q "cannot make the folder"'
test_status 4 'without it the command fails' '
	locked tokctl usage record -u alice -m gpt-4.1 --input 8'
expect <<\EOT
tokctl report by: records wait that could not be booked: the ledger is locked: another process has been writing for 50 ms
EOT
test_ok 'who only reads goes on without them' '
	locked tokctl report by user -f csv 2>err >out &&
	same <err && test -s out && test "$(waiting)" = 1'
test_ok 'a retry of what waits is booked once' '
	record --input 8 --request-id late && test "$(waiting)" = 0 &&
	record --input 8 --request-id late &&
	test "$(tokctl usage list --last 50 -f csv | grep -c ",8,")" = 1'

test_ok 'a stream goes on into the spool' '
	for i in 1 2 3 4 5; do
		echo "{\"user\":\"carl\",\"model\":\"gpt-4.1\",\"input_tokens\":$i}"
	done >calls.jsonl &&
	locked tokctl usage record --jsonl calls.jsonl --fallback --json \
		--batch-size 2 >out 2>err &&
	grep -q "\"recorded\": 0" out && grep -q "\"waiting\": 5" out &&
	test "$(waiting)" = 5 && tokctl usage import --spool -q &&
	test "$(waiting)" = 0 &&
	test "$(tokctl report by user --user carl -f csv | grep -c carl,5,15,)" = 1'

test_ok 'so many may wait: then --async books what waits' '
	export TOKCTL_LEDGER_SPOOL=3 &&
	for i in 1 2 3; do record --input 1 --async || exit; done &&
	test "$(waiting)" = 3 && record --input 1 --async &&
	test "$(waiting)" = 1'
expect <<\EOT
tokctl usage record: too many records wait: the ledger is locked: another process has been writing for 50 ms
try again, or raise ledger.busy_timeout
EOT
test_ok 'and if it cannot be booked, nothing is taken' '
	export TOKCTL_LEDGER_SPOOL=1 &&
	! locked tokctl usage record -u alice -m gpt-4.1 --input 1 --async \
		2>err && same <err && test "$(waiting)" = 1'

test_ok 'what the ledger refuses is kept aside' '
	tokctl user add alice -q && tokctl config set user.unknown refuse -q &&
	tokctl usage record -u nobody -m gpt-4.1 --input 3 --async &&
	! tokctl usage import --spool 2>err &&
	grep -q "a record that waited is refused: user .nobody. was not added" err &&
	test "$(waiting)" = 0 && tokctl config unset user.unknown -q &&
	grep -q "\"user\":\"nobody\"" "$spool"/*.bad'
test_ok 'each ledger has its own, by whatever name it is called' '
	mkdir real && ln -s real link && record -L link/x.db --input 1 --async &&
	tokctl report by user -q && test "$(waiting)" = 1 &&
	tokctl report by user -L real/x.db -f csv | grep -q alice &&
	test "$(waiting)" = 0'
test_ok 'half a line of who was killed is no record' '
	record --input 1 --async && printf "{\"user\":\"al" >>"$(full)" &&
	record --input 1 --async && tokctl usage import --spool 2>err &&
	test ! -s err'
test_ok 'a spool that cannot be read stops nobody' '
	record --input 1 --async && file=$(full) &&
	mv "$file" kept && mkfifo "$file" && record --input 2 &&
	rm "$file" && ln -s "$PWD/kept" "$file" &&
	record --input 3 2>err && grep -q "records wait that could not" err &&
	rm "$file" && mv kept "$file" && tokctl usage import --spool -q'
test_done
