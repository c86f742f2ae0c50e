#!/bin/sh
# Who is told of what: users choose how, requests reach those who decide.
. "$(dirname "$0")/lib.sh"
. "$here/lib-ledger.sh"

as() { who=$1; shift; TOKCTL_USER=$who tokctl "$@"; }
log() { tokctl webhook log -f jsonl | sed 's/.*"target":"\([^"]*\)","event":"\([^"]*\)".*/\1 \2/'; }
last() { tokctl webhook log -f jsonl | tail -n 1; }

test_ok 'setup' '
	tokctl user add -q alice --email alice@example.org &&
	tokctl user add -q boss --role manager --email boss@example.org &&
	tokctl user add -q chief --role admin --email chief@example.org --notify in_app &&
	tokctl quota set -q -u alice --daily 1000'

expect <<\EOT
boss@example.org quota_request
EOT
test_ok 'a request is told to those who decide: by mail, if they chose nothing' '
	test "$(as alice quota request --daily 5000 --justification "more reviews")" = 1 && log | same'
test_ok 'and it is an alert until it is decided' '
	tokctl alert list -f csv >out && cat out &&
	grep -q "alice asks for a larger quota (request 1): daily 5000 for user alice; more reviews" out'
expect <<\EOT
boss@example.org quota_request
alice@example.org quota_decision
EOT
test_ok 'who asked is told of the decision' '
	as boss quota approve -q 1 --reason fine && log | same &&
	last | grep -q "\"request_state\":\"approved\"" &&
	last | grep -q "Your request 1 for a larger quota was approved by boss: fine" &&
	tokctl alert list -f csv | grep -q ",quota_decision,\|Your request 1" &&
	! tokctl alert list -f csv | grep -q "asks for"'
test_ok 'also when it was denied' '
	as alice quota request -q --daily 9000 --justification again >id &&
	as chief quota deny -q "$(cat id)" --reason "next year" && last | grep -q "was denied by chief: next year"'
test_ok 'that alert ends by itself after a week' '
	TOKCTL_NOW=2023-11-22T23:00:00Z tokctl alert list -f csv >out; cat out; test "$(wc -l <out)" = 1'

test_ok 'alerts of a limit go to a user only who chose it' '
	n=$(log | wc -l) && tokctl usage record -q -u alice -m gpt-4.1 --input 4100 --output 0 >/dev/null &&
	test "$(log | wc -l)" = "$n" && tokctl user set -q alice --notify email &&
	tokctl usage record -q -u alice -m gpt-4.1 --input 700 --output 0 >/dev/null &&
	test "$(log | tail -n 1)" = "alice@example.org quota_critical"'
test_ok 'a rule that tells the same address tells it once' '
	tokctl alert add -q --user alice --at 99% --email alice@example.org &&
	n=$(log | wc -l) && tokctl usage record -q -u alice -m gpt-4.1 --input 150 --output 0 >/dev/null &&
	log | tail -n 2 && test "$(log | wc -l)" = $((n + 1))'
printf '#!/bin/sh\necho "$1" >told; cat >told.json\n' >tell
chmod +x tell
test_ok 'command: the program of the settings, with the name of the user' '
	TOKCTL_ALERT_COMMAND=$PWD/tell tokctl user set -q alice --notify command,in_app &&
	test "$(tokctl user show alice -f csv | tail -n 1 | tr -d "\r" | sed "s/.*Z,,//")" = "\"command:$PWD/tell,in_app\"" &&
	tokctl quota set -q -u alice --monthly 6000 && tokctl usage record -q -u alice -m gpt-4.1 --input 1 --output 0 >/dev/null &&
	TOKCTL_ALERT_SENDMAIL=/bin/true tokctl alert run -q && test "$(cat told)" = alice && grep -q quota_ told.json'
test_ok 'webhook:NAME, which must be there' '
	tokctl webhook add -q --name ops --events none https://example.org/hook &&
	tokctl user set -q alice --notify webhook:ops && tokctl user set -q chief --notify webhook:ops &&
	as alice quota request -q --daily 7000 --justification x >/dev/null && log | grep -qx "ops quota_request"'
test_status 3 'a webhook that is not there' 'tokctl user set alice --notify webhook:none'
test_status 2 'no way to tell' 'tokctl user set alice --notify pigeon'
test_status 2 'no program is set' 'tokctl user set alice --notify command'
test_status 2 'no address' 'tokctl user add eve --email "not an address"'
test_ok '"" takes the choice back' '
	tokctl user set -q alice --notify "" && tokctl user show alice --json | grep -q "\"notify\": null"'

test_ok 'while nobody is a manager or an admin, everybody sets limits' '
	tokctl user add -q -L other.db ann && as ann quota set -q -L other.db -u ann --daily 10'
for verb in 'quota set -u bob --daily 1' 'quota unset -u alice' 'budget set -u alice --limit 1' \
    'budget unset -u alice' 'quota template premium -u alice'; do
	test_status 3 "else a user does not: $verb" "as alice $verb"
done
test_ok 'and a manager not their own, but those of others; an admin all' '
	{ as boss quota set -u boss --daily 1 2>err; test $? = 3; } && grep -q "of their own" err &&
	as boss quota set -q -u bob --daily 1 && as chief quota set -q -u chief --daily 1'
test_ok 'nobody decides who may not' '
	{ as alice quota approve 3; test $? = 3; } && as boss quota approve -q 3'
test_ok 'the ledger is whole' 'tokctl ledger check -q && tokctl audit verify -q'
test_done
