#!/bin/sh
# tokctl quota: limits that hold, reservations, and what binds.
. "$(dirname "$0")/lib.sh"
. "$here/lib-ledger.sh"

# The clock stands at 2023-11-14 22:13:20 UTC.
reserve() {
	tokctl quota reserve "$@"
}
# One field of a JSON document.
field() {
	sed -n "s/^ *\"$1\": \(.*[^,]\),*$/\1/p"
}
at() (
	TOKCTL_NOW=$1
	export TOKCTL_NOW
	shift
	"$@"
)
used() {
	tokctl quota show "$@" -f csv | tr -d '\r' |
		awk -F, 'NR > 1 { print $4, $7, $8 }'
}

test_ok 'set, and what is there' '
	tokctl quota set -u alice --daily 10000 --monthly 300000 2>err &&
	grep -q "quota of user alice: daily 10,000, monthly 300,000" err'
expect <<\EOF
ok: alice has 10,000 of 10,000 tokens left today
EOF
test_ok 'check: yes, in one sentence' '
	tokctl quota check -u alice --tokens 10000 | same'
expect <<\EOF
Insufficient quota. Required: 10001, Available: 10000 (user alice, 10,000 tokens today; resets 2023-11-15 00:00)
EOF
test_ok 'check: no, and why' '
	tokctl quota check -u alice --tokens 10001 >out; test $? = 1 && same <out'
test_status 3 'a user nobody knows' 'tokctl quota check -u nobody --tokens 1'
test_ok 'that says so' 'tokctl quota check -u nobody 2>err; grep -q "no user .nobody." err'
test_status 1 '-q prints nothing' '
	tokctl quota check -q -u alice --tokens 10001 >out; rc=$?; test ! -s out && exit $rc'
test_ok 'reserve prints the id alone' '
	reserve -u alice --tokens 6000 -m gpt-4.1 --request-id q1 >out && test "$(cat out)" = r1'
test_ok 'the same request has the same answer and holds once' '
	reserve -u alice --tokens 6000 -m gpt-4.1 --request-id q1 --json >a &&
	reserve -u alice --tokens 6000 -m gpt-4.1 --request-id q1 --json >b && cmp a b &&
	test "$(field reservation <a)" = "\"r1\"" && test "$(field reserved <a)" = 6000 &&
	test "$(field remaining <a)" = 4000 &&
	test "$(field estimated_cost_usd <a)" = 0.048 &&
	test "$(field expires_at <a)" = "\"2023-11-14T22:23:20Z\"" &&
	test "$(used -u alice)" = "day 0 6000
month 0 6000"'
test_status 3 'another request with that id is refused' '
	reserve -u alice --tokens 6001 -m gpt-4.1 --request-id q1'
test_ok 'what is held is not free' '
	reserve -u alice --tokens 4001 --json >out; test $? = 1 &&
	test "$(field allowed <out)" = false && test "$(field reservation <out)" = null &&
	test "$(field reason <out)" = "\"Insufficient quota. Required: 4001, Available: 4000\"" &&
	test "$(field scope <out)" = "\"user\"" && test "$(field limit <out)" = 10000'
test_ok 'settle books what was used and frees the rest' '
	tokctl quota settle r1 --input 3000 --output 100 &&
	test "$(used -u alice)" = "day 3100 0
month 3100 0" && tokctl usage list -f csv | col total_tokens | grep -qx 3100'
test_ok 'settling again changes nothing' '
	tokctl quota settle r1 --input 3000 --output 100 && whole 1'
test_status 3 'settling it otherwise is refused' 'tokctl quota settle r1 --input 1'
test_status 3 'a settled reservation is not released' 'tokctl quota release r1'
test_ok 'release frees, as often as it is said' '
	id=$(reserve -u alice --tokens 500) && tokctl quota release "$id" &&
	tokctl quota release "$id" && test "$(used -u alice | head -n 1)" = "day 3100 0"'
test_status 3 'a released reservation is not settled' 'tokctl quota settle r2 --input 1'
test_status 3 'no such reservation' 'tokctl quota settle r99 --input 1'
test_status 3 'no such reservation at all' 'tokctl quota release nonsense'

# Time.
test_ok 'a hold ends by itself, for who reads and for who writes' '
	id=$(reserve -u alice --tokens 6900 --ttl 1m) &&
	test "$(used -u alice | head -n 1)" = "day 3100 6900" &&
	test "$(at 1700000060 used -u alice | head -n 1)" = "day 3100 0" &&
	at 1700000060 reserve -u alice --tokens 6900 --ttl 1m >two'
test_ok 'and a clock that is set back does not bring it back' '
	test "$(used -u alice | head -n 1)" = "day 3100 6900" &&
	{ reserve -u alice --tokens 1; test $? = 1; } && tokctl quota release "$(cat two)"'
test_ok 'what is settled too late is booked all the same' '
	tokctl quota settle r3 --input 10 &&
	test "$(used -u alice | head -n 1)" = "day 3110 0" && whole'
test_ok 'a call over midnight counts on the day that held it' '
	id=$(at 1700006399 reserve -u alice --tokens 1000 --ttl 1h) &&
	at 1700006400 tokctl quota settle "$id" --input 700 &&
	test "$(at 1700006399 used -u alice | head -n 1)" = "day 3810 0" &&
	test "$(at 1700006400 used -u alice)" = "day 0 0
month 3810 0" && whole'

# Which limit binds.
test_ok 'many limits at once' '
	tokctl quota set -q --application web --daily 500 &&
	tokctl quota set -q -m big --daily 400 &&
	tokctl quota set -q --everyone --daily 100000 &&
	tokctl quota set -q -u alice --application web --daily 300 --session-limit 50 &&
	tokctl user add -q bob --department Eng && tokctl quota set -q --department Eng --daily 200 &&
	tokctl quota set -q --key k1 --hard 100'
binds() {
	want=$1
	shift
	tokctl quota check "$@" --json >out
	rc=$?
	test "$(field scope <out) $(field period <out) $rc" = "$want" || {
		cat out
		return 1
	}
}
test_ok 'the tightest is named' '
	binds "\"user\" \"day\" 0" -u alice --tokens 10 -m x &&
	binds "\"application\" \"day\" 1" -u carol --application web --tokens 501 &&
	binds "\"model\" \"day\" 1" -u carol -m big --tokens 401 --application web &&
	binds "\"user+application\" \"day\" 1" -u alice --application web --tokens 301 &&
	binds "\"user+application\" \"session\" 1" -u alice --application web --tokens 51 --session s &&
	binds "\"department\" \"day\" 1" -u bob --tokens 201 &&
	binds "\"everyone\" \"day\" 1" -u carol --tokens 100001 &&
	binds "\"key\" \"hard\" 1" -u carol --key k1 --tokens 101'
test_ok 'one reservation takes from all that apply' '
	reserve -u bob --application web -m big --key k1 --tokens 60 >id &&
	for s in "--application web" "-m big" "--everyone" "--department Eng" "--key k1"; do
		used $s | grep -q " 60$" || { echo "$s"; exit 1; }
	done && tokctl quota settle "$(cat id)" --input 50 && used --department Eng &&
	test "$(used --department Eng)" = "day 50 0" &&
	test "$(used --key k1)" = "hard 50 0" && whole'
test_ok 'recording books beyond a limit; void takes it back' '
	tokctl usage record -u bob -m big --input 1000 --request-id big1 &&
	test "$(used -m big)" = "day 1050 0" &&
	{ reserve -u bob -m big --tokens 1; test $? = 1; } &&
	tokctl usage void -q 5 --reason x; tokctl usage list -f csv | col id; tokctl usage void -q \
		"$(tokctl usage list -f csv --last 1 | col id)" --reason x
	test "$(used -m big)" = "day 50 0" && whole'

# A department is that of the time of the call.
test_ok 'who moves takes nothing along' '
	at 1700000100 tokctl user set -q bob --department Ops &&
	at 1700000100 tokctl quota set -q --department Ops --daily 1000 &&
	at 1700000200 tokctl usage record -u bob -m small --input 7 &&
	test "$(at 1700000200 used --department Ops)" = "day 7 0" &&
	test "$(at 1700000200 used --department Eng)" = "day 50 0" && whole'

# Zero, absent, large.
test_ok 'zero is a limit, absent is none' '
	tokctl quota set -q -u zed --daily 0 --monthly 10 &&
	{ tokctl quota check -u zed --tokens 1; test $? = 1; } &&
	{ tokctl quota check -u zed; test $? = 1; } &&
	tokctl quota check -u zed --tokens 0 && tokctl quota unset -q -u zed --daily &&
	tokctl quota check -u zed --tokens 10 && test "$(used -u zed)" = "month 0 0"'
test_ok 'limits of 10^18 do not overflow' '
	tokctl quota set -q -u huge --daily 1000000000000000000 --hard 9000000000000000000 &&
	for i in 1 2 3; do
		tokctl usage record -u huge -m x --input 4000000000000000000 || exit 1
	done && tokctl quota show -u huge -f csv | grep -q 12000000000000000000 &&
	{ reserve -u huge --tokens 1000000000000000000 -m gpt-4.1; test $? = 1; } && whole'
test_status 3 'a negative limit' 'tokctl quota set -u alice --daily -1'
test_status 3 'negative tokens' 'tokctl quota check -u alice --tokens -1'
test_status 2 'a threshold above 1' 'tokctl quota set -u alice --warning 1.1'
test_status 2 'whose?' 'tokctl quota set --daily 1'
test_status 2 'two at once' 'tokctl quota set --everyone --model x --daily 1'
test_status 2 'nothing to set' 'tokctl quota set -u nobody-yet'
test_status 3 'nothing to unset' 'tokctl quota unset -u nobody-yet'
test_ok 'unset takes the counters along' '
	for s in "--application web" "-m big" --everyone "--department Eng" \
		"--department Ops" "--key k1" "-u alice" "-u zed" "-u huge" \
		"-u alice --application web"; do
		tokctl quota unset -q $s || exit 1
	done
	test "$(sql "SELECT count(*) FROM counter")" = 0 && whole &&
	test "$(tokctl quota show -f csv | wc -l)" = 1'
test_ok 'a limit counts what was used before it was set, and what is held' '
	id=$(reserve -u alice --tokens 33) && tokctl quota set -q -u alice --daily 10000 &&
	test "$(used -u alice)" = "day 3110 33" && tokctl quota release -q "$id" && whole'

# Zones and windows.
test_ok 'the day of a zone: Sao Paulo, Kathmandu, Lord Howe' '
	rm -f "$db"*
	for z in America/Sao_Paulo Asia/Kathmandu Australia/Lord_Howe; do
		tokctl quota set -q --tz $z -u $z --daily 10 || exit 1
	done
	tokctl quota show -f csv | tr -d "\r" | cut -d, -f2,14,15 >out && cat out &&
	grep -qx "America/Sao_Paulo,2023-11-14T03:00:00Z,2023-11-15T03:00:00Z" out &&
	grep -qx "Asia/Kathmandu,2023-11-14T18:15:00Z,2023-11-15T18:15:00Z" out &&
	grep -qx "Australia/Lord_Howe,2023-11-14T13:00:00Z,2023-11-15T13:00:00Z" out'
hours() {
	at "$2" tokctl quota check -u "$1" --json | field resets_at
}
test_ok 'days of 23, 25, 23.5 and 24.5 hours' '
	tokctl quota set -q --tz Europe/Berlin -u b --daily 10 &&
	tokctl quota set -q --tz America/Sao_Paulo -u s --daily 10 &&
	test "$(hours b 2023-03-25T23:00:00Z)" = "\"2023-03-26T22:00:00Z\"" &&
	test "$(hours b 2023-10-28T22:00:00Z)" = "\"2023-10-29T23:00:00Z\"" &&
	test "$(hours s 2018-11-04T03:00:00Z)" = "\"2018-11-05T02:00:00Z\"" &&
	test "$(hours Australia/Lord_Howe 2023-09-30T14:00:00Z)" = "\"2023-10-01T13:00:00Z\""'
test_ok 'usage on both sides of a midnight in Kathmandu' '
	tokctl usage record -u Asia/Kathmandu -m x --input 3 --at 2023-11-14T18:14:59Z &&
	tokctl usage record -u Asia/Kathmandu -m x --input 4 --at 2023-11-14T18:15:00Z &&
	test "$(used -u Asia/Kathmandu)" = "day 4 0" &&
	test "$(at 2023-11-14T18:14:59Z used -u Asia/Kathmandu)" = "day 3 0" && whole'
test_ok 'rolling: the last 24 hours, never less' '
	tokctl quota set -q -u roll --daily 100 --monthly 150 --window rolling &&
	tokctl usage record -u roll -m x --input 60 --at @1699950000 &&
	tokctl usage record -u roll -m x --input 30 &&
	test "$(used -u roll)" = "day 90 0
month 90 0" && test "$(at 1700036399 used -u roll | head -n 1)" = "day 90 0" &&
	test "$(at 1700036460 used -u roll)" = "day 30 0
month 90 0" && { reserve -u roll --tokens 11; test $? = 1; } &&
	at 1700036460 reserve -u roll --tokens 50 && whole'
test_ok 'rolling: a clock set back does not make room' '
	{ at 1700030000 reserve -u roll --tokens 11; test $? = 1; } &&
	{ reserve -u roll --tokens 11; test $? = 1; }'

test_ok 'setup of a box' '
	export TOKCTL_LEDGER=$PWD/box.db LC_ALL=C && tokctl quota set -q -u alice --daily 10000 --monthly 300000 --hard 10000000 &&
	tokctl usage record -q -u alice -m gpt-4.1 --session s1 --input 2000 --output 450 >/dev/null && tokctl user add -q bob'
expect <<\EOT
+- Token usage: alice ---------------------------------- 2023-11-14 22:13 UTC -+
| Daily usage        2,450 / 10,000 tokens    (24.5%) [##-------|] ok          |
| Monthly usage      2,450 / 300,000 tokens    (0.8%) [----|-----] ok          |
| In all             2,450 / 10,000,000 tokens (0.0%) [----------] ok          |
| Current session    2,450 tokens since 22:13                                  |
EOT
test_ok 'show, one user: the box of the user guide' '
	LC_ALL=C tokctl quota show -L box.db -u alice >box && sed 5q box | same'
test_ok 'as wide as said, whoever it is; a table when that is asked for' '
	for u in alice bob; do LC_ALL=C tokctl quota show -L box.db -u $u; done | awk "length(\$0) != 80 { bad = 1; print } END { exit bad }" &&
	tokctl quota show -L box.db -u alice -f table | grep -q "^Limit of" && tokctl quota show -L box.db | grep -q "^Limit of"'
if id -un >/dev/null 2>&1; then
	test_ok 'who is not named is who runs it, in each line of a stream' '
		printf "{\"tokens\":1}\n{\"tokens\":2}\n{\"tokens\":3}\n" >asks &&
		env -u LOGNAME -u USER "$TOKCTL" quota reserve -L me.db --jsonl asks >out && cat out &&
		test "$(grep -c "\"user\":\"$(id -un)\"" out)" = 3'
fi
test_status 3 'a template that is none, for whom ever' 'tokctl quota template list'
test_ok 'people see whose a limit is in one cell, and what is used up in red' '
	export TOKCTL_LEDGER=$PWD/look.db && use() { tokctl usage record -q -u zoe -m x --application web --session s "$@"; } &&
	tokctl quota set -q -u zoe --daily 100 --monthly 3000 && tokctl quota set -q --everyone --daily 1000 &&
	tokctl quota set -q -u zoe --application web --daily 500 && use --tokens 100 &&
	tokctl quota show --color always >out && grep -q "^everyone  *day" out &&
	grep -q "^user zoe with application web  *day" out && grep -q "^zoe  *day.*$(printf "\033")\[1;31mexceeded" out &&
	tokctl quota show -f csv | head -1 | grep -q "^scope,name,application,period," &&
	tokctl quota show -u zoe | grep -q "Resets  *day in 1h 46m; month on 2023-12-01"'
expect <<\EOT
Quotas

Limit of                    Period  Used  Limit    Used              State
zoe                         day      100    100  100.0%  [%%%%%%%|]  exceeded
zoe                         month    100  3,000    3.3%  [   |    ]  ok
everyone                    day      100  1,000   10.0%  [%      |]  ok
user zoe with app~tion web  day      100    500   20.0%  [%%     |]  ok
EOT
test_ok 'a terminal shows how much is used, and where the period is' '
	LC_ALL=C TERM=dumb TOKCTL_FORCE_TTY=80 tokctl quota show -L look.db | same &&
	! tokctl quota show -L look.db | grep -F "|]" &&
	tokctl quota set -q -L look.db -u nil --daily 0 && LC_ALL=C TERM=dumb TOKCTL_FORCE_TTY=80 tokctl quota show -L look.db | grep "^nil.*\[       |\]  ok"'
expect <<\EOT
over: zoe has used 100 of 100 tokens today (100.0%); resets 2023-11-15 00:00
EOT
test_ok 'who asks for nothing in particular is told what is used' '
	tokctl quota check -u zoe -L look.db >got; test $? = 1 && same <got'
test_done
