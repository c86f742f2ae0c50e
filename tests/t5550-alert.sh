#!/bin/sh
# tokctl alert: what crossed a line, once; who is told; what ends by itself.
. "$(dirname "$0")/lib.sh"
. "$here/lib-ledger.sh"

# The clock stands at 2023-11-14 22:13:20 UTC.
use() {
	tokctl usage record -q -u alice -m gpt-4.1 --tokens "$@"
}
alerts() {
	tokctl alert list -f csv "$@" | tr -d '\r' >list.csv
	cat list.csv
}

test_ok 'nothing to show in a new ledger' '
	tokctl ledger init -q && tokctl alert list | grep -qx "no alerts" &&
	test -z "$(tokctl alert run --new)"'
test_ok 'a quota that is passed by half a step: nothing' '
	tokctl quota set -q -u alice --daily 1000 && use 400 &&
	test "$(alerts | wc -l)" = 1'
test_ok '40 to 95 % in one step is one alert that names what was crossed' '
	use 550 && test "$(alerts | wc -l)" = 2 &&
	test "$(alerts | col severity)" = critical &&
	test "$(alerts | col kind)" = quota && test "$(alerts | col name)" = alice &&
	tokctl alert list --json >out.json &&
	grep -q "\"thresholds\":\[80,95\]" out.json &&
	grep -q "\"usage_percentage\":95," out.json &&
	grep -q "\"event\":\"quota_critical\"" out.json &&
	grep -q "You.ve used 95% of your daily quota" out.json'
test_ok 'each threshold once; the limit itself takes the place of what was' '
	use 10 && test "$(alerts | wc -l)" = 2 && use 60 &&
	test "$(alerts | wc -l)" = 2 &&
	alerts | grep -q "CRITICAL: You have exceeded your daily quota" &&
	test "$(alerts --all | wc -l)" = 3 && alerts --all | grep -q superseded'
test_ok 'a raised limit arms it again, and ends what was; who reads sees that' '
	tokctl quota set -q -u alice --daily 2000 && test "$(alerts | wc -l)" = 1 &&
	use 700 && test "$(alerts | wc -l)" = 2 &&
	alerts | grep -q "You.ve used 80% of your daily token quota" &&
	test "$(alerts | col severity)" = warning'
test_ok 'when the period ends, it resolves itself' '
	export TOKCTL_NOW=1700010000 && test "$(alerts | wc -l)" = 1 &&
	test "$(sql "SELECT state FROM alert ORDER BY id DESC LIMIT 1")" = 0 &&
	tokctl alert run &&
	test "$(sql "SELECT reason FROM alert ORDER BY id DESC LIMIT 1")" = "the period is over"'
test_ok 'what a new threshold or amount finds passed is told at once, and once' '
	export TOKCTL_LEDGER=$PWD/set.db && n() { tokctl alert list --all -f csv | sed 1d | wc -l; } &&
	tokctl quota set -q -u zed --daily 1000 &&
	tokctl usage record -q -u zed -m gpt-4.1 --tokens 700 && test "$(n)" = 0 &&
	tokctl quota set -q -u zed --warning 0.5 && test "$(n)" = 1 &&
	tokctl quota set -q -u zed --warning 0.5 && tokctl quota set -q -u zed --warning 0.4 &&
	tokctl quota set -q -u zed --monthly 100000 && test "$(n)" = 1 &&
	tokctl quota set -q -u zed --daily 1100 && test "$(n)" = 2 &&
	tokctl alert list --json | grep -q "\"limit\":1100,\"used\":700,.*\"thresholds\":\[40\]" &&
	tokctl quota set -q -u zed --daily 9000 && test "$(n)" = 2 &&
	tokctl budget set -q -u zed --limit 10 --thresholds 90 &&
	tokctl usage record -q -u zed -m gpt-4.1 --tokens 1 --cost 6 && test "$(n)" = 2 &&
	tokctl budget set -q -u zed --thresholds 50,90 && test "$(n)" = 3 &&
	tokctl budget set -q -u zed --thresholds 40,90 && test "$(n)" = 3'
test_ok 'acknowledged ones are seen; resolved ones are over; both are audited' '
	tokctl budget set -q -u alice --limit 10 --thresholds 50,90 &&
	tokctl usage record -q -u alice -m gpt-4.1 --input 5 --output 5 --cost 6 &&
	id=$(alerts --unseen | col id) && test -n "$id" &&
	alerts | grep -q "You.ve used 50% of your monthly budget" &&
	tokctl alert ack -q "$id" --reason "i know" &&
	test "$(alerts --unseen | wc -l)" = 1 && test "$(alerts | col state)" = acknowledged &&
	tokctl alert ack -q --undo "$id" && test "$(alerts | col state)" = active &&
	tokctl audit list -f csv | grep -q "alert.reopen,alert $id" && tokctl alert ack -q "$id" &&
	tokctl alert resolve -q --all && test "$(alerts | wc -l)" = 1 &&
	tokctl audit list -f csv | grep -q "alert.ack,alert $id" &&
	tokctl audit list -f csv | grep -q "alert.resolve,alert $id" && tokctl audit verify -q'
test_status 3 'an alert that is not there' 'tokctl alert ack 999'
test_status 2 'no id' 'tokctl alert ack x'
test_status 2 'which ones?' 'tokctl alert resolve'

test_ok '--new prints each once, and only when it was written' '
	tokctl quota set -q -u bob --daily 10 --session-limit 8 &&
	tokctl usage record -q -u bob -m gpt-4.1 --tokens 9 --session s1 &&
	tokctl alert run --new >/dev/full; test $? = 4 &&
	tokctl alert run --new >one && grep -q "Session limit reached. Start a new session." one &&
	grep -q "used 80% of your daily token quota" one &&
	tokctl alert run --new >two && test ! -s two'
test_status 1 '--new --strict says that there was something' '
	tokctl quota set -q -u carol --daily 10 &&
	tokctl usage record -q -u carol -m gpt-4.1 --tokens 9 &&
	tokctl alert run --new --strict'
test_ok 'in JSON there is a document, also an empty one' '
	tokctl alert run --new --json | grep -q "\"rows\": \[\]"'

test_ok 'a rule of a threshold of its own' '
	tokctl alert add -q --user dave --at 60% --message "dave: slow down" &&
	tokctl quota set -q -u dave --daily 100 &&
	tokctl usage record -q -u dave -m gpt-4.1 --tokens 65 &&
	alerts --user dave | grep -q "dave: slow down" &&
	test "$(alerts --user dave | col severity)" = info &&
	tokctl alert rules -f csv | grep -q "^rule-1,any,user,dave,"'
test_ok 'one that is passed when it is added is told at once, unless more was' '
	export TOKCTL_LEDGER=$PWD/rule.db && n() { tokctl alert list --all -f csv | sed 1d | wc -l; } &&
	tokctl quota set -q -u eva --daily 1000 --monthly 100000 --session-limit 1000 &&
	tokctl budget set -q -u eva --limit 10 &&
	tokctl usage record -q -u eva -m gpt-4.1 --tokens 650 --cost 4 --session s && test "$(n)" = 0 &&
	tokctl alert add -q --name half --user eva --on quota --at 50% --shell "cat >>half" && test "$(n)" = 1 &&
	tokctl alert list -f csv | grep -q "used 50% of your daily token quota" &&
	tokctl alert add -q --at 45% --email a@example.org && tokctl alert add -q --user bob --at 55% && test "$(n)" = 1 &&
	tokctl alert add -q --at 40% && test "$(n)" = 2 && tokctl alert list -f csv | grep -q "used 40% of your monthly budget" &&
	tokctl alert run -q --no-deliver --new >new && test "$(wc -l <new)" = 3 && test "$(sqlite3 rule.db "SELECT count(*) FROM outbox")" = 1 &&
	tokctl usage record -q -u eva -m gpt-4.1 --tokens 100 --cost 0.6 && test "$(n)" = 3 && whole'
test_ok 'at 80 columns the sentence is whole' '
	TERM=dumb TOKCTL_FORCE_TTY=80 tokctl alert list -L rule.db >out && cat out &&
	grep -q "You.ve used 45% of your monthly budget$" out && ! grep -q 2023 out &&
	TERM=dumb TOKCTL_FORCE_TTY=120 tokctl alert list -L rule.db | grep -q "active  2023.*monthly budget$"'
test_ok 'rules are removed, audited' '
	tokctl alert remove -q rule-1 && tokctl audit list -f csv | grep -q "alert.remove,alert rule rule-1" &&
	! tokctl alert remove rule-1'
test_status 2 'a rule that cannot be' 'tokctl alert add --on price_unknown --user x'
test_status 2 'nor one that says nothing' 'tokctl alert add --name empty'
test_status 2 'no address of mail' 'tokctl alert add --email "a b@c"'
test_status 2 'nor an option' 'tokctl alert add --email "-oQ/tmp"'

test_ok 'usage without a price is an alert until it has one' '
	tokctl usage record -q -u eve -m mystery-9 --input 10 --output 1 &&
	tokctl alert run && tokctl alert run && alerts >a &&
	test "$(grep -c "No price is known for mystery-9" a)" = 1'
test_ok 'a ledger with a fault is an alert when it is looked for' '
	cp "$db" sound.db && sql "UPDATE audit SET actor = 1 WHERE seq = 1" &&
	tokctl alert run --check && alerts | grep -q "The ledger is not whole" &&
	test "$(alerts --severity critical | grep -c ledger_unhealthy)" = 1'
test_ok 'old logs wake nobody up' '
	tokctl alert resolve -q --all && tokctl quota set -q -u old --daily 10 &&
	TOKCTL_NOW=1700600000 tokctl usage record -q -u old -m gpt-4.1 --tokens 50 --at 2023-11-15T10:00:00Z &&
	test "$(alerts | wc -l)" = 1 && alerts --all | grep -q "it was long ago"'

test_ok 'eight processes that cross together fire one' '
	rm -f "$db"* && tokctl quota set -q -u alice --daily 1000 &&
	tokctl alert add -q --name log --shell "cat >>got" &&
	for i in 1 2 3 4 5 6 7 8; do use 120 & done; wait
	test "$(sql "SELECT count(*) FROM alert")" -le 2 &&
	test "$(sql "SELECT count(*) FROM crossed WHERE threshold = 800000")" = 1 &&
	test "$(sql "SELECT count(DISTINCT alert) FROM outbox")" = "$(sql "SELECT count(*) FROM alert")" &&
	test "$(sql "SELECT count(*) FROM outbox")" = "$(sql "SELECT count(*) FROM alert")"'
test_ok 'and the shell gets each as JSON, once' '
	n=$(sql "SELECT count(*) FROM outbox") && tokctl alert run -q && tokctl alert run -q &&
	test "$(grep -o "\"event\":\"quota_" got | wc -l)" = "$n"'
test_ok 'the ledger is whole, and goes down and up a schema' '
	whole && tokctl ledger migrate -q --to 5 && tokctl ledger migrate -q && tokctl alert list'

test_ok 'capacity: a disk that is nearly full, and has room again' '
	TOKCTL_ALERT_DISK_FREE=1000000000000 tokctl alert run -q --no-deliver && tokctl alert list -f csv | grep -q "MB are free" &&
	TOKCTL_ALERT_DISK_FREE=1000000000000 tokctl alert run -q --no-deliver &&
	test "$(tokctl alert list -f csv | grep -c "MB are free")" = 1 &&
	TOKCTL_ALERT_DISK_FREE=0 tokctl alert run -q --no-deliver && ! tokctl alert list -f csv | grep -q "MB are free"'
test_ok 'anomaly: the last day stood out' '
	export TOKCTL_LEDGER=$PWD/odd.db TOKCTL_ALERT_DISK_FREE=0 && for d in 01 02 03 04 05 06 07 08 09 10 11 12 13 14 15 16 17 18 19 20; do
		printf "2023-10-%sT12:00:00Z,u,m,%d,1\n" $d $((1000 + $(echo $d | sed s/^0//) % 3)); done >days
	{ echo time,user,model,input_tokens,output_tokens; cat days; echo 2023-10-21T12:00:00Z,u,m,90000,1; } >days.csv &&
	tokctl usage import -q days.csv >/dev/null && TOKCTL_NOW=2023-10-22T01:00:00Z tokctl alert run -q --no-deliver &&
	tokctl alert list -f csv >out && cat out && grep -q "2023-10-21 stood out: 89.8 times the usual tokens" out &&
	tokctl usage record -q -u u -m m --input 1000 --output 1 --at 2023-10-22T12:00:00Z >/dev/null &&
	TOKCTL_NOW=2023-10-23T01:00:00Z tokctl alert run -q --no-deliver && ! tokctl alert list -f csv | grep -q "stood out"'
test_ok 'import_failing: lines of which none is a call, until calls come again' '
	export TOKCTL_LEDGER=$PWD/imp.db && mkdir -p .local/share/opencode && echo garbage >.local/share/opencode/opencode.db &&
	tokctl usage import -q >/dev/null && tokctl usage import -q --again >/dev/null && tokctl alert list -f csv >out && cat out &&
	test "$(grep -c "Importing opencode fails: no call is understood" out)" = 1'
test_done
