#!/bin/sh
# tokctl budget: money that holds, and where it goes.
. "$(dirname "$0")/lib.sh"
. "$here/lib-ledger.sh"

# The clock stands at 2023-11-14 22:13:20 UTC: 0.464 of the month.
spend() {
	tokctl usage record -u alice -m gpt-4.1 --input 1 --cost "$@"
}
field() {
	sed -n "s/^ *\"$1\": \(.*[^,]\),*$/\1/p"
}
cell() {
	tokctl budget status -f csv | col "$1"
}

test_ok 'a month, 50, 75 and 90 %, blocking' '
	tokctl budget set -u alice --limit 100.00 2>err &&
	grep -q "budget of user alice: \$100.00 a month" err &&
	test "$(sql "SELECT usd, pico, thresholds, block FROM budget")" = \
		"100|0|500000 750000 900000|1"'
test_ok 'a limit is shown with all its decimals' '
	tokctl budget set -u carol --limit 100.005 2>err &&
	grep -q "\$100.005 a month" err &&
	tokctl budget status -u carol -f table | grep -q "\$100.005" &&
	tokctl budget unset -q -u carol'
test_ok 'what was spent, and where it goes' '
	spend 60 && test "$(cell spent_usd)" = 60 && test "$(cell remaining_usd)" = 40 &&
	test "$(cell used_ratio)" = 0.6 && test "$(cell forecast_usd)" = 129.255319148936 &&
	test "$(cell exhausted_at)" = 2023-11-24 && test "$(cell state)" = warning &&
	test "$(cell requests)" = 1 && test "$(cell total_tokens)" = 1'
test_ok 'advice in one line' '
	tokctl budget status | grep -q "at this pace it is used up on 2023-11-24"'
test_ok 'check: yes' 'tokctl budget check -u alice --cost 40 | grep -q "^ok: alice has \$40.00 of \$100.00 left"'
test_ok 'check: no, with the reason' '
	tokctl budget check -u alice --cost 40.01 --json >out; test $? = 1 &&
	test "$(field reason <out)" = "\"Insufficient budget. Required: \$40.01, Available: \$40\"" &&
	test "$(field limit <out)" = 100 && test "$(field remaining <out)" = 40 &&
	test "$(field kind <out)" = "\"usd\""'
test_ok 'by model and tokens' '
	tokctl budget check -u alice -m gpt-4.1 --input 20000000 --json >out &&
	test "$(field estimated_cost_usd <out)" = 40 &&
	{ tokctl budget check -u alice -m gpt-4.1 --input 20000001; test $? = 1; }'
test_ok '--hold reserves; quota settle books' '
	id=$(tokctl budget check -u alice --cost 30 --hold --request-id h1) &&
	test "$(tokctl budget check -u alice --cost 30 --hold --request-id h1)" = "$id" &&
	{ tokctl budget check -u alice --cost 31 --hold --request-id h1; test $? = 3; } &&
	{ tokctl budget check -u alice --cost 10.01 >out; test $? = 1; } &&
	grep -qF "Insufficient budget. Required: \$10.01, Available: \$10 (" out &&
	test "$(cell reserved_usd)" = 30 &&
	tokctl quota settle -q "$id" --input 10 -m gpt-4.1 --cost 25 &&
	test "$(cell spent_usd)" = 85 && test "$(cell reserved_usd)" = 0 && whole'
test_ok 'a quota and a budget at once: the one that binds is named' '
	tokctl quota set -q -u alice --hard 1000 &&
	tokctl quota check -u alice -m gpt-4.1 --tokens 500 --json >out &&
	test "$(field kind <out)" = "\"tokens\"" &&
	{ tokctl quota check -u alice -m gpt-4.1 --tokens 989 --cost 16 --json >out; test $? = 1; } &&
	test "$(field kind <out)" = "\"usd\""'
test_ok 'what is spent beyond it is booked, and said' '
	spend 20 && test "$(cell state)" = exceeded && test "$(cell spent_usd)" = 105 &&
	test "$(cell remaining_usd)" = 0 &&
	{ tokctl budget status --strict >out; test $? = 1; }'
test_ok 'one that only warns lets pass' '
	tokctl quota unset -q -u alice && tokctl budget set -q -u alice --action warn &&
	tokctl budget check -u alice --cost 1000 &&
	tokctl budget set -q -u alice --action block &&
	{ tokctl budget check -u alice --cost 0.01; test $? = 1; }'
test_ok 'void and reprice change what was spent' '
	tokctl usage void -q 1 --reason x && test "$(cell spent_usd)" = 45 && whole'

# Prices that are not known.
test_ok 'no price is taken for the most that any costs' '
	rm -f "$db"* && tokctl budget set -q -u bob --limit 1 &&
	tokctl usage record -u bob -m mystery --input 1000 --output 1000 &&
	test "$(cell spent_usd)" = 0.09 && test "$(cell unpriced_requests)" = 1 &&
	test "$(cell estimated_usd)" = 0.09 &&
	{ tokctl quota reserve -u bob -m mystery --tokens 13000; test $? = 1; } &&
	tokctl quota reserve -u bob -m mystery --tokens 12000 --json >out &&
	test "$(field estimated_cost_usd <out)" = null && test "$(cell reserved_usd)" = 0.9'
test_ok 'or refused, or allowed, by prices.unknown' '
	{ TOKCTL_PRICES_UNKNOWN=deny tokctl quota check -u bob -m mystery --tokens 1 --json >out
	test $? = 1; } && grep -q "price is not known" out &&
	TOKCTL_PRICES_UNKNOWN=allow tokctl quota check -u bob -m mystery --tokens 100000000'
test_ok 'a price that is found later counts' '
	printf "schema: tokctl-prices/1\nmodels:\n  - id: mystery\n    provider: x\n    prices:\n      - {input: \"1\", output: \"1\"}\n" >p.yaml &&
	TOKCTL_PRICES_FILE=$trash/p.yaml tokctl price reprice -q &&
	test "$(cell spent_usd)" = 0.002 && test "$(cell unpriced_requests)" = 0 && whole'

# Periods, amounts, thresholds.
test_ok 'day, week, month, quarter and year' '
	rm -f "$db"* && for p in day week month quarter year; do
		tokctl budget set -q --everyone --limit 5 --period $p || exit 1
	done && tokctl budget status -f csv | tr -d "\r" | cut -d, -f4-6 >out && cat out &&
	grep -qx "day,2023-11-14T00:00:00Z,2023-11-15T00:00:00Z" out &&
	grep -qx "week,2023-11-13T00:00:00Z,2023-11-20T00:00:00Z" out &&
	grep -qx "month,2023-11-01T00:00:00Z,2023-12-01T00:00:00Z" out &&
	grep -qx "quarter,2023-10-01T00:00:00Z,2024-01-01T00:00:00Z" out &&
	grep -qx "year,2023-01-01T00:00:00Z,2024-01-01T00:00:00Z" out &&
	tokctl usage record -u x -m y --input 1 --cost 1 --at 2023-11-13 &&
	tokctl usage record -u x -m y --input 1 --cost 1 --at 2023-10-01 &&
	test "$(cell spent_usd | tr "\n" " ")" = "0 1 1 2 2 " && whole'
test_ok 'carry-over adds what was left, once' '
	rm -f "$db"* && TOKCTL_NOW=2023-09-15T00:00:00Z tokctl budget set -q -u c --limit 10 --carry-over &&
	tokctl usage record -u c -m y --input 1 --cost 4 --at 2023-10-05 &&
	test "$(cell limit_usd)" = 16 && test "$(TOKCTL_NOW=2023-09-20T00:00:00Z cell limit_usd)" = 10 &&
	tokctl budget check -u c --cost 16 && { tokctl budget check -u c --cost 16.01; test $? = 1; }'
test_ok 'budgets of 10^12 dollars do not overflow' '
	tokctl budget set -q --everyone --limit 1000000000000 &&
	for i in 1 2 3; do
		tokctl usage record -u x -m y --input 1 --cost 9000000 || exit 1
	done && tokctl budget status --everyone -f csv | col remaining_usd | grep -qx 999973000000 &&
	tokctl quota check -u x -m gpt-4.1 --tokens 1000000000000000000 --json >out; cat out
	test "$(field allowed <out)" = false && test "$(field estimated_cost_usd <out)" = 8000000000000 && whole'
test_status 3 'a name that no record can have' '
	tokctl budget set --department "$(printf %01025d 0)" --limit 1'
test_ok '... while a shorter one may be anything' '
	tokctl budget set -q --department "$(printf %01024d 0)" --limit 1 &&
	tokctl budget unset -q --department "$(printf %01024d 0)"'
for bad in '--limit x' '--limit -1'; do
	test_status 3 "set $bad" "tokctl budget set -u a $bad"
done
for bad in '--limit 1 --thresholds 90,50' '--limit 1 --thresholds 0' '--limit 1 --thresholds x' \
	'' '--limit 1 --period decade'; do
	test_status 2 "set $bad" "tokctl budget set -u newer $bad"
done
test_ok 'zero is a budget that nothing fits; absent is none' '
	tokctl budget set -q -u zero --limit 0 && { tokctl budget check -u zero --cost 0.01; test $? = 1; } &&
	tokctl budget check -u zero --cost 0 && tokctl budget unset -q -u zero && tokctl budget check -u zero --cost 0.01'
test_status 3 'nobody has no budget' 'tokctl budget status -u nobody'
test_status 3 'nothing to unset' 'tokctl budget unset -u zero'

# What crosses a threshold is one event, once.
events() {
	sql "SELECT threshold FROM crossed ORDER BY event, threshold" | tr '\n' ' '
}
test_ok '40 to 95 % in one step is one event with all of them' '
	rm -f "$db"* && tokctl budget set -q -u alice --limit 100 && spend 40 && test "$(events)" = "" &&
	spend 55 && test "$(events)" = "500000 750000 900000 " &&
	test "$(sql "SELECT count(*) FROM crossing")" = 1'
test_ok 'each once; raising arms again' '
	tokctl usage void -q 2 --reason x && spend 55 && test "$(sql "SELECT count(*) FROM crossing")" = 1 &&
	tokctl budget set -q -u alice --limit 200 && test "$(sql "SELECT count(*) FROM crossing")" = 1 &&
	spend 10 && test "$(sql "SELECT count(*) FROM crossing")" = 2 &&
	test "$(events)" = "500000 750000 900000 500000 "'
test_ok 'lowering tells at once' '
	tokctl budget set -q -u alice --limit 105 &&
	test "$(events)" = "500000 750000 900000 500000 500000 750000 900000 1000000 "'
test_ok 'eight that cross together make one event' '
	rm -f "$db"* && tokctl quota set -q -u alice --daily 1000 &&
	for i in 1 2 3 4 5 6 7 8; do
		tokctl usage record -u alice -m x --input 110 &
	done; wait
	test "$(events)" = "800000 " && whole 8'
test_ok 'who only asks needs no ledger that can be written' '
	mkdir sealed && tokctl ledger backup sealed/l.db && chmod 500 sealed && chmod 400 sealed/l.db &&
	rc=0; tokctl budget check -u alice --cost 0 --ledger sealed/l.db >out 2>err || rc=$?
	ls sealed >files; chmod 700 sealed; test $rc = 0 && grep -q "^ok" out && test "$(cat files)" = l.db'
test_ok 'budget check counts calls without a price as budget status does' '
	export TOKCTL_LEDGER=$PWD/blind.db && tokctl budget set -q -u eve --limit 100 &&
	tokctl usage record -q -u eve -m nobody-knows --input 5000 --output 100 >/dev/null &&
	left=$(tokctl budget status -u eve -f csv | tr -d "\r" | col remaining_usd) && test "$left" != 100 &&
	tokctl budget check -u eve --cost 1 --json >j && cat j && grep -q "\"remaining\": $left," j &&
	tokctl budget check -u eve --cost 1 --hold --json >j && grep -q "\"used\": 0.0" j'
test_ok 'dollars or cents' '
	for m in 12.5 \$12.50 1250c "1250 cents"; do
		tokctl budget set -L cents.db -q -u zed --limit "$m" &&
		test "$(tokctl budget status -L cents.db -f csv | col limit_usd)" = 12.5 || exit 1
	done
	for m in c \$5c 0.000000000001c "1 0c" -1c; do
		tokctl budget set -L cents.db -q -u zed --limit="$m"; test $? = 3 || exit 1
	done'
test_done
