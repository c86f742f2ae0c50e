#!/bin/sh
# tokctl report block: windows of five hours, and how the open one goes on.
. "$(dirname "$0")/lib.sh"
. "$here/lib-ledger.sh"
TOKCTL_NOW=2026-11-21T14:32:00Z
export TOKCTL_NOW

test_ok 'a ledger without records has no windows' '
	tokctl ledger init -q && tokctl report block >out &&
	grep -q "no usage" out &&
	tokctl report block --json | grep -q "\"rows\": \[\]" &&
	tokctl report block --quiet-if-empty >out && test ! -s out'
test_ok 'setup' '
	tokctl usage record -q --csv - <<\END
time,user,application,model,input_tokens,output_tokens,cache_read_tokens,cost_usd
2026-11-20T10:20:00Z,alice,ed,claude-sonnet-4-5,1000,100,0,0.5
2026-11-20T12:20:00Z,bob,ed,claude-opus-4-6,2000,200,3000,0.25
2026-11-20T15:00:00.000Z,alice,ed,claude-sonnet-4-5,10,1,0,1
2026-11-20T15:00:00.001Z,alice,ed,claude-sonnet-4-5,20,2,0,
2026-11-21T10:15:00.5Z,alice,ed,claude-sonnet-4-5,300,30,0,0.125
2026-11-21T12:00:00Z,alice,ed,mystery,300,30,0,
2026-11-21T14:27:00Z,alice,ed,claude-sonnet-4-5,300,30,0,0.125
END'

expect <<\EOF
start,end,state,models,requests,total_tokens,cost_usd,tokens_per_minute,remaining_s
2026-11-20T10:00:00Z,2026-11-20T15:00:00Z,over,"claude-sonnet-4-5, claude-opus-4-6",3,6311,1.75,23,
2026-11-20T15:00:00Z,2026-11-20T20:00:00Z,over,claude-sonnet-4-5,1,22,0.00009,,
2026-11-20T20:00:00.001Z,2026-11-21T10:15:00.500Z,gap,,0,0,0,,
2026-11-21T10:00:00Z,2026-11-21T15:00:00Z,active,"claude-sonnet-4-5, mystery",3,990,0.25,4,1680
EOF
pick() {
	python3 -c '
import csv, sys
r = csv.DictReader(sys.stdin)
w = csv.DictWriter(sys.stdout, sys.argv[1].split(","), lineterminator="\n",
                   extrasaction="ignore")
w.writeheader()
w.writerows(r)' "$1"
}
needs python3
test_ok 'a window takes the call in the millisecond that it ends in' '
	tokctl report block -f csv |
		pick "$(head -n 1 expected)" | same'
test_ok 'for people' '
	TOKCTL_FORCE_TTY=80 tokctl report block --color never >out &&
	grep -q "^2026-11-20 20:00 .* gap " out &&
	grep -q "open for another 0h28m; 4 tokens/min, \$0.0595+/h" out &&
	grep -q "mystery" out'
test_ok 'no line is wider than the terminal' '
	for w in 40 60 80 132; do
		TOKCTL_FORCE_TTY=$w tokctl report block --color never |
			awk -v w=$w "length > w { bad = 1 } END { exit bad }" || exit 1
	done'

same_total() {
	tokctl report block "$@" -f json | sed -n "s/.*\"total\": {\(.*\),\"token_limit.*/\1/p" >a
	tokctl report daily "$@" -f json | sed -n "s/.*\"total\": {\(.*\)},/\1/p" >b
	test -s a && cmp a b
}
test_ok 'totals are those of the other reports, for any filter and range' '
	same_total &&
	same_total -u alice &&
	same_total -m claude-sonnet-4-5 &&
	same_total --since 2026-11-20T13:00:00Z &&
	same_total --since 2026-11-21 &&
	same_total --until 2026-11-20T12:00:00Z'
expect <<\EOF
start,first_activity,requests
2026-11-20T10:00:00Z,2026-11-20T15:00:00Z,1
2026-11-20T15:00:00Z,2026-11-20T15:00:00.001Z,1
2026-11-20T20:00:00.001Z,,0
2026-11-21T10:00:00Z,2026-11-21T10:15:00.500Z,3
EOF
test_ok 'a range does not move where windows begin' '
	tokctl report block --since 2026-11-20T13:00:00Z -f csv |
		pick start,first_activity,requests | same'
expect <<\EOF
start,requests
2026-11-20T13:30:00+03:30,2
2026-11-20T18:30:00+03:30,1
2026-11-20T23:30:00.001+03:30,0
2026-11-21T13:30:00+03:30,3
EOF
test_ok 'windows begin at hours of UTC in any zone' '
	tokctl report block -u alice --tz Asia/Tehran -f csv | pick start,requests |
		same'

test_ok '--active is the open window alone' '
	tokctl report block --active -f csv >out && test "$(wc -l <out)" -eq 2 &&
	grep -q ",active," out'
test_ok '--active: none is open' '
	TOKCTL_NOW=2026-11-21T15:00:00Z tokctl report block --active >out &&
	grep -q "no window is open" out &&
	TOKCTL_NOW=2026-11-21T15:00:00Z tokctl report block --active -f csv >out &&
	test "$(wc -l <out)" -eq 1'
test_ok '--recent has three days, --last and --reverse cut and turn' '
	TOKCTL_NOW=2026-11-23T12:00:00Z tokctl report block --recent -f csv >out &&
	test "$(pick start <out | sed -n 2p)" = 2026-11-20T15:00:00Z &&
	test "$(tokctl report block --last 1 -f csv | pick state | tail -n 1)" = active &&
	test "$(tokctl report block -r --last 1 -f csv | pick state | tail -n 1)" = active &&
	test "$(tokctl report block -r --top 1 -f csv | pick state | tail -n 1)" = active'
expect <<\EOF
total_tokens,token_limit,used_ratio
6311,6311,1
22,6311,0.003486
0,,
990,6311,0.156869
EOF
test_ok '--token-limit max is the largest window that is over' '
	tokctl report block --token-limit max -f csv |
		pick total_tokens,token_limit,used_ratio | same'
test_ok '--token-limit with a number' '
	test "$(tokctl report block --active --token-limit 2000 -f csv |
		pick used_ratio | tail -n 1)" = 0.495'
expect <<\EOF
start,end,requests
2026-11-20T10:00:00Z,2026-11-20T12:00:00Z,1
2026-11-20T12:00:00Z,2026-11-20T14:00:00Z,1
2026-11-20T14:20:00Z,2026-11-20T15:00:00Z,0
2026-11-20T15:00:00Z,2026-11-20T17:00:00Z,2
2026-11-20T17:00:00.001Z,2026-11-21T10:15:00.500Z,0
2026-11-21T10:00:00Z,2026-11-21T12:00:00Z,2
2026-11-21T14:00:00Z,2026-11-21T14:27:00Z,0
2026-11-21T14:00:00Z,2026-11-21T16:00:00Z,1
EOF
test_ok '--window' '
	tokctl report block --window 2h -f csv | pick start,end,requests | same'

for wrong in '--window 10m' '--window 61m' '--window 40d' '--window five' \
	'--token-limit many' '--token-limit 0' '--token-limit -5' '--top 0' \
	'--compat ccusage -f csv' '--compat nothing'; do
	test_status 2 "wrong: $wrong" "tokctl report block $wrong"
done
test_status 3 'a user that nobody knows' 'tokctl report block -u nobody'
test_status 4 'a full disk is noticed' 'tokctl report block >/dev/full'
test_status 4 'in the JSON of others, too' '
	tokctl report block --compat ccusage >/dev/full'
test_ok '--by: what is in each window, and the same total' '
	tokctl report block --by model,user -f jsonl >by.jsonl &&
	tokctl report block -f jsonl >all.jsonl &&
	tokctl report block --by model,user --json >by.json &&
	tokctl report block --json >all.json &&
	python3 -c "
import collections, json
total = lambda f: {k: v for k, v in json.load(open(f))[\"total\"].items()
    if k.endswith((\"tokens\", \"requests\", \"usd\")) and v is not None}
by, all = total(\"by.json\"), total(\"all.json\")
assert all.items() >= by.items() and by[\"total_tokens\"] > 0, (by, all)
rows = lambda f: [json.loads(l) for l in open(f)]
got = collections.Counter()
for r in rows(\"by.jsonl\"):
    got[r[\"start\"], r[\"end\"], r[\"state\"]] += r[\"total_tokens\"]
    assert r[\"requests\"] > 0 and r[\"user\"] and r[\"model\"]
want = {(r[\"start\"], r[\"end\"], r[\"state\"]): r[\"total_tokens\"]
    for r in rows(\"all.jsonl\") if r[\"state\"] != \"gap\"}
assert got == want and len(rows(\"by.jsonl\")) > len(want), (got, want)"'
test_ok 'the title says by what' '
	tokctl report block --by model,user >out &&
	grep -q "^Usage in windows of 5h by model and user, all users" out'
test_ok '--last is of windows then' '
	tokctl report block --by model --last 2 -f csv | pick start |
		sed 1d | sort -u >starts && test "$(wc -l <starts)" = 2'
test_status 2 '--by nothing that is known' 'tokctl report block --by nosuch'
test_status 2 '--by has no other columns' '
	tokctl report block --by model --token-limit max'
cat >one <<\EOF
1 request has no price; the cost leaves it out
EOF
cat >two <<\EOF
2 requests have no price (mystery, enigma); the cost leaves them out
EOF
test_ok 'models without a price are named where all their windows are' '
	tokctl usage record -q -u bob -m enigma --input 9 --at 2026-11-20T11:00:00Z &&
	for by in "" "--by model"; do
		# shellcheck disable=SC2086
		{ tokctl report block $by --last 1 | tail -1 | cmp - one &&
		tokctl report block $by | tail -1 | cmp - two; } || exit 1
	done'
test_ok 'blocks, as ccusage calls them' '
	tokctl report blocks --json >one && tokctl report block --json >two &&
	cmp one two && ! tokctl report --help | grep -q "blocks"'
test_done
