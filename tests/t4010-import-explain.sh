#!/bin/sh
# tokctl usage import --explain: which lines became a call, and which did not.
. "$(dirname "$0")/lib.sh"
HOME=$here/data/import/home
TOKCTL_LEDGER=$trash/ledger.db
TOKCTL_USER=sam
export HOME TOKCTL_LEDGER TOKCTL_USER
unset CLAUDE_CONFIG_DIR CODEX_HOME XDG_CONFIG_HOME XDG_DATA_HOME

expect <<\EOT
source,outcome,reason,lines
claude-code,call,the most that is said of the call,5
claude-code,merged,no more than another line says of the call,6
claude-code,skipped,lines without usage,2
claude-code,skipped,messages that no model wrote,1
claude-code,bad,cannot be read,1
codex,call,the most that is said of the call,3
codex,merged,no more than another line says of the call,2
codex,skipped,lines without usage,11
codex,skipped,counters written again unchanged,3
codex,skipped,calls copied from another session,2
EOT
test_ok 'how many lines were what, by source' '
	tokctl usage import --explain -f csv | tr -d "\r" | same &&
	tokctl usage import --explain -f md |
		grep -q "1111.jsonl:6: JSON: byte 50"'
test_ok '... which makes no ledger' 'test ! -e "$TOKCTL_LEDGER"'
test_ok 'setup' 'tokctl usage import -q >/dev/null'

lines() {
	tokctl usage import --explain -f csv "$@" 2>err | tr -d "\r" |
		sed "s,/[^,]*/,," | cut -d, -f2-4,6,7,13
}

expect <<\EOT
file,line,outcome,request_id,record,output_tokens
11111111-1111-4111-8111-111111111111.jsonl,2,merged,msg_a:req_a,1,1
11111111-1111-4111-8111-111111111111.jsonl,3,merged,msg_a:req_a,1,2
11111111-1111-4111-8111-111111111111.jsonl,4,call,msg_a:req_a,1,400
22222222-2222-4222-8222-222222222222.jsonl,1,merged,msg_a:req_a,1,1
22222222-2222-4222-8222-222222222222.jsonl,2,merged,msg_a:req_a,1,2
22222222-2222-4222-8222-222222222222.jsonl,3,merged,msg_a:req_a,1,400
EOT
test_ok 'the lines of a record' 'lines 1 | same'
test_ok '... by its request id' 'lines msg_a:req_a | same'
expect <<\EOT
file,line,outcome,request_id,record,output_tokens
rollout-2026-11-10T10-40-00-01a1c50b-1400-7000-8000-000000000002.jsonl,5,skipped,,,
rollout-2026-11-10T10-40-00-01a1c50b-1400-7000-8000-000000000002.jsonl,6,skipped,,,
rollout-2026-11-10T10-40-00-01a1c50b-1400-7000-8000-000000000002.jsonl,7,skipped,,,
rollout-2026-11-10T10-40-00-01a1c50b-1400-7000-8000-000000000002.jsonl,9,call,codex:tj852Kv2uryS4Hxy,8,400
EOT
test_ok 'the lines of a file that are about usage' '
	lines "$HOME"/.codex/sessions/2026/11/10/*0002.jsonl | same'
test_ok '-v: all of its lines' '
	lines -v "$HOME"/.codex/sessions/2026/11/10/*0002.jsonl |
		wc -l | grep -qx " *10"'
test_ok 'JSON has reasons in words' '
	tokctl usage import --explain --json "$HOME/.codex/sessions" |
		grep -q "\"reason\": *\"calls copied from another session\""'
test_ok 'nothing is changed by asking' '
	tokctl export --all >before
	tokctl usage import --explain >/dev/null 2>&1
	tokctl usage import --explain "$HOME" >/dev/null 2>&1
	tokctl export --all | cmp before -'
test_status 3 'a call that no log mentions' '
	tokctl usage import --explain nosuch'
test_status 3 'a record that was not imported' '
	id=$(tokctl usage record -m m --input 1 -f csv | tail -n 1 | cut -d, -f1)
	tokctl usage import --explain 9'
test_done
