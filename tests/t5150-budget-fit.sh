#!/bin/sh
# tokctl budget fit: does a conversation fit, and what is left when it is cut.
. "$(dirname "$0")/lib.sh"
. "$here/lib-ledger.sh"

cat >talk.json <<\EOF
{"model": "gpt-4o", "x": {"kept":  1.50}, "messages": [
  {"role": "system", "content": "You are brief."},
  {"role": "user", "content": "What is the weather in Oslo and what was it like last year?"},
  {"role": "assistant", "content": null, "tool_calls": [{"id": "c1", "type": "function", "function": {"name": "weather", "arguments": "{\"city\":\"Oslo\"}"}}]},
  {"role": "tool", "tool_call_id": "c1", "content": "cold, rain, and more rain in the evening hours"},
  {"role": "assistant", "content": "Cold and wet."},
  {"role": "user", "content": "And in Rome?"},
  {"role": "assistant", "content": "Warm."},
  {"role": "user", "content": "Thanks!"}
], "stream": true}
EOF

fit() {
	tokctl budget fit --chat talk.json "$@"
}

test_ok 'one that fits is fine, and needs no ledger' '
	fit -f csv | tr -d "\r" >out.csv && test "$(col state <out.csv | sort -u)" = fine &&
	test "$(col max <out.csv | tr "\n" " ")" = "100000 8192 200000 " && test ! -e "$db"'
test_ok 'the tokens are those of count --chat' '
	n=$(tokctl count --chat talk.json -f csv | tr -d "\r" | col tokens) &&
	test "$(fit -f csv | col tokens | tail -n 1)" = "$n"'
test_ok 'from 80 % on it is near, which is no error' '
	n=$(fit -f csv | col tokens | tail -n 1) &&
	fit --conversation $((n + 5)) -f csv | tr -d "\r" >out.csv &&
	test "$(col state <out.csv | head -n 1)" = near'
test_status 1 'over' 'fit --conversation 50'
test_status 1 'one message that is too large' 'fit --message 10'
test_ok 'limits of the settings' '
	TOKCTL_CONVERSATION_MAX=50 tokctl budget fit --chat talk.json; test $? = 1'
test_status 2 'no conversation' 'tokctl budget fit'
test_status 4 'a file that is not there' 'tokctl budget fit --chat nosuch.json'
test_status 3 'no JSON' 'echo "{" | tokctl budget fit --chat -'
test_status 2 'a limit that is none' 'fit --conversation 0'

expect <<\EOF
{"model": "gpt-4o", "x": {"kept":  1.50}, "messages": [
  {"role": "system", "content": "You are brief."},
  {"role": "user", "content": "And in Rome?"},
  {"role": "assistant", "content": "Warm."},
  {"role": "user", "content": "Thanks!"}
], "stream": true}
EOF
test_ok 'the oldest turn goes, with its call and result; the rest is as it was' '
	fit --truncate --conversation 50 | same'
test_ok 'what was cut fits, and is not cut again' '
	fit --truncate --conversation 50 -q >cut.json &&
	tokctl budget fit --chat cut.json --conversation 50 &&
	tokctl budget fit --chat cut.json --conversation 50 --truncate | cmp - cut.json'
test_ok 'what fits is written as it is' 'fit --truncate | cmp - talk.json'
test_status 1 'what must stay does not fit: nothing is written, and it says what' '
	fit --truncate --conversation 50 --keep-last 6 >none 2>err; rc=$?
	grep -q "the conversation that must be kept has [0-9]* tokens, over 50" err && test ! -s none && exit $rc'
test_ok 'a file that it should replace is as it was then' '
	cp talk.json same.json && tokctl budget fit --chat same.json --truncate --message 2 -o same.json; test $? = 1 &&
	cmp same.json talk.json'
test_status 4 'a full disk' 'fit --truncate >/dev/full'

# One message that is too large, of all kinds of characters.
awk 'BEGIN { printf "{\"model\": \"gpt-4o\", \"messages\": [{\"role\": \"system\", \"content\": \"brief\"}, {\"role\": \"user\", \"content\": \"old\"}, {\"role\": \"assistant\", \"content\": \"older\"}, {\"role\": \"user\", \"content\": \""
	for (i = 0; i < 2000; i++) printf "w\303\266rd %d \\\"q\\\" \\ud83d\\ude00\\n \360\237\230\200 ", i
	printf "\"}]}\n" }' >big.json
valid() { # FILE: JSON whose texts have no half characters
	python3 -c 'import json, sys; d = json.load(open(sys.argv[1])); json.dumps(d, ensure_ascii=False).encode()' "$1"
}
test_status 1 'a message is never cut without being asked' '
	tokctl budget fit --chat big.json --truncate --message 500 >none; rc=$?; test ! -s none && exit $rc'
test_ok '--split-messages cuts it, to the limit and between characters' '
	tokctl budget fit --chat big.json --truncate --split-messages --message 500 >cut.json 2>err && cat err &&
	grep -q "1 text cut" err && valid cut.json &&
	tokctl budget fit --chat cut.json --message 500 -f csv | tr -d "\r" | col tokens >n && cat n &&
	test "$(sed -n 2p n)" -le 500 && test "$(sed -n 2p n)" -ge 495'
test_ok 'in every way that the rest does not fit: older turns first' '
	for n in 40 41 42 43 60 100 333; do
		tokctl budget fit -q --chat big.json --truncate --split-messages --conversation $n >cut.json &&
		valid cut.json && tokctl budget fit --chat cut.json --conversation $n >/dev/null || exit 1
		grep -q older cut.json && exit 1
	done; :'
test_ok 'what fits is left byte for byte' '
	fit --truncate --split-messages >cut.json && cmp cut.json talk.json'
test_status 1 'there may be nothing to cut' 'fit --truncate --split-messages --message 1 >/dev/null'
test_status 2 'it goes with --truncate' 'fit --split-messages'
test_done
