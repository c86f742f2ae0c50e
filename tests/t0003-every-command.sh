#!/bin/sh
# Every command once, and what goes wrong in each kind of way once: under
# valgrind this shows what leaks.
. "$(dirname "$0")/lib.sh"
cp -R "$here/data/import/home/." "$HOME"

while IFS='	' read -r status args; do
	test_status "$status" "tokctl $args" "tokctl $args"
done <<\EOF
0	version
0	help
0	help usage import
0	help dates
2	nonsense
2	report --no-such-option
0	ledger init
0	usage import
0	usage import --dry-run -f json
0	usage import --list-sources
0	usage record -u alice -m gpt-4.1 --input 10 --output 2 --request-id r1
0	usage record -u alice -m gpt-4.1 --input 10 --output 2 --request-id r1
3	usage record -u alice -m gpt-4.1 --input 11 --output 2 --request-id r1
0	usage record -u bob --application ed --tokens 7 --metadata '{"a":1}' --json
2	usage record -u bob
3	usage record -u bob -m x --input -1 --output 1
0	usage list
0	usage list --all -f md
0	usage show 1
3	usage show 99999
0	usage stats --json
0	usage void 1 --reason test
3	usage void 1 --reason again
0	report daily
0	report weekly -f csv
0	report monthly --by model --json
0	report session -f md
0	report block
0	report block --active --token-limit max --json
0	report block --compat ccusage
0	report session --compat ccusage-all
2	report block --window 1
0	status
0	status --json
0	status --list
2	status --template {nothing}
0	top -1
0	top --json --view model -u alice
0	report by user,model --tz Asia/Kathmandu
3	report by model -u nobody
2	report daily --since 'last tusday'
2	report daily --tz Mars/Olympus
0	export
0	export -f json -o out.json
4	export -o missing/folder/out.csv
0	count /dev/null
0	price list opus
0	price show gpt-4.1
0	price cost -m gpt-4.1 --input 10 --output 1 --json
3	price show no-such-model
0	price reprice --dry-run
0	ledger info
0	ledger check
0	ledger backup copy.db
0	ledger restore copy.db
0	ledger migrate
4	ledger info -L missing.db
3	ledger info -L /etc/passwd
0	config show --origin
0	config set ui.thousands space
0	config get ui.thousands
0	config unset ui.thousands
2	config get no.such
0	config check
0	completion bash
0	__complete -- report by mod
EOF
test_ok 'what was typed cannot draw on the terminal, nor end the line' '
	bad=$(printf "a\\nb\\033[31m\\377")
	for words in "" "report" "report by" "report daily --since" \
		"config get" "count -m" "count"; do
		# shellcheck disable=SC2086 # the words are several
		tokctl $words "$bad" >/dev/null 2>err
		grep -q "a?b?\[31m?" err || { echo "$words"; cat -v err; exit 1; }
		! grep -q "$(printf "\\033")" err || exit 1
	done'
test_ok 'a clock outside the years 1 to 9999 is refused' '
	for now in -9223372036854775808 -62135596801 253402300800 soon; do
		TOKCTL_NOW=$now tokctl report daily >out 2>err
		test $? -eq 2 && grep -q "TOKCTL_NOW: .$now. is no" err &&
			test ! -s out || exit 1
	done'
test_ok 'what has no rows of its own says what it did, in any format' '
	while read -r words; do
		tokctl $words --json >out.json 2>err &&
			grep -q "\"schema\": \"tokctl\." out.json &&
			grep -q "\"rows\": \[" out.json || { echo "$words"; exit 1; }
	done <<EOT
ledger init -L other.db
ledger backup other-copy.db
ledger restore other-copy.db -L another.db
ledger migrate
config set ui.thousands space
config unset ui.thousands
alert add --user alice --at 60%
alert run
alert run --new
webhook deliver
EOT
	tokctl -q config set ui.thousands space -f csv >out.csv 2>err &&
		test ! -s err && head -n 1 out.csv | grep -qx message &&
		sed -n 2p out.csv | grep -q "ui.thousands.*is now" &&
		tokctl config unset ui.thousands -q >out && test ! -s out'
test_done
