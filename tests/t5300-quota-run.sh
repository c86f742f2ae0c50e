#!/bin/sh
# tokctl quota run, template, request: around the limits themselves.
. "$(dirname "$0")/lib.sh"
. "$here/lib-ledger.sh"

used() {
	tokctl quota show "$@" -f csv | tr -d '\r' |
		awk -F, 'NR > 1 { print $4, $7, $8 }'
}
last() {
	tokctl usage list --last 1 -f csv | col "$1"
}
cat >answer <<\EOF
{"model":"gpt-4.1","usage":{"prompt_tokens":100,"completion_tokens":20,
 "prompt_tokens_details":{"cached_tokens":60}}}
EOF

test_ok 'run: what it prints goes on, and its usage is booked' '
	tokctl quota set -q -u alice --daily 1000 &&
	tokctl quota run -u alice --tokens 900 -m gpt-4.1 -- cat answer >out && cmp out answer &&
	test "$(used -u alice)" = "day 120 0" && test "$(last input_tokens)" = 40 &&
	test "$(last cache_read_tokens)" = 60 && test "$(last cost_usd)" = 0.00027 && whole 1'
test_ok 'run: without usage, as reserved' '
	tokctl quota run -u alice --tokens 80 -m gpt-4.1 -- echo hello >out 2>err && grep -qx hello out &&
	grep -q "80 tokens are booked as reserved" err && test "$(used -u alice)" = "day 200 0"'
test_status 1 'run: refused, and nothing runs' '
	tokctl quota run -u alice --tokens 801 -m gpt-4.1 -- touch ran; rc=$?
	test ! -e ran && exit $rc'
test_ok 'run: a failure frees, and its status is ours' '
	tokctl quota run -u alice --tokens 800 -- sh -c "exit 7"; test $? = 7 &&
	test "$(used -u alice)" = "day 200 0"'
test_ok 'run: a failure that says what it used is booked' '
	tokctl quota run -u alice --tokens 800 -m gpt-4.1 -- sh -c "cat answer; exit 3" >out; test $? = 3 &&
	test "$(used -u alice)" = "day 320 0" &&
	tokctl usage list -f csv | col error | grep -qx failed'
test_status 127 'run: no such command' 'tokctl quota run -u alice --tokens 8 -- ./no-such'
test_ok 'run: nothing stays held after that' 'test "$(used -u alice)" = "day 320 0"'
test_ok 'run: signals reach the command, and end us too' '
	"$TOKCTL" quota run -u alice --tokens 8 -- sh -c "trap \"kill -TERM \$\$\" USR1
		echo up >up; while :; do sleep 0.01; done" &
	pid=$!
	while test ! -s up; do sleep 0.01; done
	kill -USR1 $pid; wait $pid; rc=$?
	echo $rc; trap - TERM
	test $rc = 143 && test "$(used -u alice)" = "day 320 0"'
test_status 2 'run: what?' 'tokctl quota run -u alice --tokens 5'

expect <<\EOF
template,daily,monthly,hard,warning_threshold,critical_threshold
basic,5000,150000,500000,0.8,0.95
premium,20000,600000,2000000,0.85,0.95
enterprise,100000,3000000,10000000,0.9,0.98
EOF
test_ok 'templates' 'tokctl quota template -f csv | tr -d "\r" | same'
test_ok 'a template sets its limits' '
	tokctl quota template premium -u bob 2>err && test "$(used -u bob | wc -l)" = 3 &&
	tokctl quota show -u bob -f csv | col limit | tr "\n" " " >out && cat out &&
	test "$(cat out)" = "20000 600000 2000000 " &&
	test "$(tokctl quota show -u bob -f csv | col warning_threshold | sort -u)" = 0.85'
test_ok 'quota set --template, with something over it' '
	tokctl quota set -q -u carl --template basic --daily 1 &&
	tokctl quota show -u carl -f csv | col limit | tr "\n" " " >out &&
	test "$(cat out)" = "1 150000 500000 "'
test_status 3 'an unknown one' 'tokctl quota template prmium -u bob'
TOKCTL_QUOTA_TEMPLATES='team=50000/1500000/-, tiny=10/-/-/0.5/0.75'
export TOKCTL_QUOTA_TEMPLATES
test_ok 'templates of the settings' '
	tokctl quota template -f csv | tr -d "\r" | grep -qx "tiny,10,,,0.5,0.75" &&
	tokctl quota template team -q -u dan && test "$(used -u dan | wc -l)" = 2'
for bad in 'x' 'x=' 'x=a' 'x=1/2/3/4' 'x=1/2/3/0.9/0.5' 'x=1/2/3/0.1/0.5/6' '=1'; do
	TOKCTL_QUOTA_TEMPLATES=$bad
	test_status 2 "templates '$bad'" 'tokctl quota template'
done
unset TOKCTL_QUOTA_TEMPLATES

as() (
	TOKCTL_USER=$1
	export TOKCTL_USER
	shift
	tokctl "$@"
)
test_ok 'request: an id, and what is used' '
	tokctl user add -q boss --role manager && tokctl user add -q root --role admin &&
	as alice quota request --daily 5000 --justification "more reviews" --projected "4000 a day" >id &&
	test "$(cat id)" = 1 && tokctl quota requests --json >out && cat out &&
	grep -q "\"usage\":{\"day_used\":320,\"day_limit\":1000}" out && grep -q "\"state\":\"open\"" out'
test_status 3 'a user may not approve' 'as alice quota approve 1'
test_status 3 'nor may somebody who is not known' 'as nobody quota approve 1'
test_ok 'a manager may: it holds at once' '
	as boss quota approve -q 1 && test "$(tokctl quota show -u alice -f csv | col limit)" = 5000 &&
	tokctl quota requests --all --json | grep -q "\"decided_by\":\"boss\""'
test_status 3 'decided once' 'as boss quota deny 1 --reason x'
test_ok 'deny takes a reason' '
	as alice quota request --monthly 9 --justification x >id &&
	{ as boss quota deny 2; test $? = 2; } && as boss quota deny -q 2 --reason "too much" &&
	test "$(used -u alice)" = "day 320 0" && test "$(tokctl quota requests -f csv | wc -l)" = 1'
test_ok 'a manager does not decide about a wish of their own, an admin does' '
	as boss quota request --daily 7 --justification x >id &&
	{ as boss quota approve 3; test $? = 3; } && as root quota approve -q 3'
test_status 3 'no such request' 'as root quota approve 99'
test_status 2 'request: why?' 'tokctl quota request --daily 7'
test_ok 'all of it is in the audit chain' '
	tokctl audit list -f csv | col action | sort | uniq -c | tr -s " " >out && cat out &&
	grep -q " 3 quota.request" out && grep -q " 2 quota.approve" out && grep -q " 1 quota.deny" out && whole'

test_ok 'the example for applications' '
	mkdir bin && ln -s "$TOKCTL" bin/tokctl && PATH=$trash/bin:$PATH sh "$here/../config/quotas.example.sh" 2>err &&
	test "$(tokctl quota show --application data-analysis -f csv | col limit)" = 50000'

# Streams.
test_ok 'a stream answers line by line' '
	printf "%s\n" "{\"user\":\"bob\",\"tokens\":100,\"model\":\"gpt-4.1\"}" \
		"{\"op\":\"check\",\"user\":\"bob\",\"tokens\":99999999}" "{bad" \
		"{\"op\":\"settle\",\"reservation\":\"r99\",\"input_tokens\":1}" |
		tokctl quota reserve --jsonl - >answers; rc=$?; cat answers
	test $rc = 3 && test "$(wc -l <answers)" = 4 &&
	sed -n 1p answers | grep -q "\"status\":0,\"allowed\":true,\"reservation\":\"r" &&
	sed -n 2p answers | grep -q "\"status\":1,\"allowed\":false" &&
	sed -n 3p answers | grep -q "\"status\":3" && sed -n 4p answers | grep -q "no reservation"'
test_ok 'and settles' '
	id=$(sed -n "1s/.*reservation\":\"\(r[0-9]*\).*/\1/p" answers) &&
	echo "{\"reservation\":\"$id\",\"input_tokens\":60,\"output_tokens\":5}" |
		tokctl quota settle --jsonl - | grep -q "\"total_tokens\":65" && whole'

# A worker that lives long remembers limits, and hears when others change them.
mkfifo asked answered
# ask USER TOKENS: is it allowed?
ask() {
	echo "{\"user\":\"$1\",\"tokens\":$2,\"ttl\":\"1s\"}" >&8 && read -r answer <&9 &&
		echo "$answer" | sed -n "s/.*\"allowed\":\([a-z]*\).*/\1/p"
}
answers() {
	got=$(ask "$2" "$3") && test "$got" = "$1" && return 0
	echo "$2 $3: $got, not $1"
	return 1
}
test_ok 'a stream hears of limits that others set, raise, lower and take away' '
	tokctl user add zoe --department lab &&
	{ tokctl quota reserve --jsonl - <asked >answered & } && exec 8>asked 9<answered &&
	answers true zoe 500 && answers true zoe 500 &&
	tokctl quota set -u zoe --daily 1600 && answers true zoe 500 && answers false zoe 500 &&
	tokctl quota set -u zoe --daily 2200 && answers true zoe 500 &&
	tokctl quota set -u zoe --daily 100 && answers false zoe 1 &&
	tokctl quota unset -u zoe && answers true zoe 500 &&
	tokctl quota set --department lab --daily 2600 && answers true zoe 90 && answers false zoe 500 &&
	tokctl user set zoe --department shop && answers true zoe 500 &&
	tokctl budget set -u zoe --limit 0 && answers false zoe 1 && tokctl budget unset -u zoe &&
	tokctl quota set -u zoe --daily 1 && answers false zoe 5 &&
	tokctl ledger backup kept.db && tokctl quota set -u zoe --daily 100000 && answers true zoe 5 &&
	tokctl ledger restore kept.db && answers false zoe 5
	rc=$?; exec 8>&- 9<&-; wait; test $rc = 0 && whole'
for bad in '--tokens -4' '--input 4 --output -3'; do
	test_status 3 "run: a negative number: $bad" "tokctl quota run -u alice $bad -- true"
done
test_done
