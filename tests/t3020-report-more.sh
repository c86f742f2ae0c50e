#!/bin/sh
# tokctl report: user, system, calendar, matrices, comparisons, more columns,
# advice; against another computation (report_ref_more.py).
. "$(dirname "$0")/lib.sh"
. "$here/lib-ledger.sh"
needs python3
python3 -c 'import zoneinfo; zoneinfo.ZoneInfo("Africa/Monrovia")' 2>/dev/null ||
	needs python3-with-zoneinfo

test_ok 'setup: 1,800 records over DST changes, some taken back' '
	awk "function pick(s, a, k) { k = split(s, a, \" \"); return a[int(rand() * k) + 1] }
	BEGIN {
		srand(11)
		print \"time,user,application,model,session,input_tokens,cache_read_tokens,output_tokens,cost_usd,error,priority,latency_ms,request_id\"
		for (i = 0; i < 1800; i++) {
			t = 1699999000 - int(rand() * 60 * 86400)
			printf \"%.0f,%s,%s,%s,s%d,%d,%d,%d,%s,%s,%s,%s,r%d\\n\", t * 1000 + int(rand() * 1000),
			    pick(\"alice bob carol dave\"), pick(\"chat ed cli\"),
			    pick(\"gpt-4.1 claude-sonnet-4-5 claude-haiku-4-5 mystery\"),
			    int(rand() * 40), int(rand() * 4000), int(rand() * 900), int(rand() * 900),
			    rand() < 0.1 ? int(rand() * 9) \".\" int(rand() * 1e6) : \"\",
			    rand() < 0.1 ? pick(\"429 500\") : \"\", pick(\"low medium high\"),
			    rand() < 0.8 ? int(exp(rand() * 12)) : \"\", i
		}
	}" >a.csv &&
	tokctl usage record -q -L a.db --csv a.csv &&
	tokctl usage void -q -L a.db --reason x 5 50 500 &&
	tokctl user add -q -L a.db alice --department Research &&
	tokctl user add -q -L a.db zoe --department Sales'

check() {
	test_ok "$*" "echo \"\$(python3 '$here/report_ref_more.py' $*)\" | tee answer; test \"\$(cat answer)\" = ok"
}

for tz in UTC Europe/Berlin America/New_York Australia/Lord_Howe \
	Asia/Kathmandu Africa/Monrovia; do
	check user a.db $tz alice 2023-10-20 2023-11-10
	check system a.db $tz 2023-10-28 2023-11-06 1
	check latency a.db $tz
	check matrix a.db $tz week cost
	check matrix a.db $tz day tokens
	check calendar a.db $tz 8w
done
check matrix a.db UTC month requests

# The ranges before, by hand: whole months, months so far (the clock went back
# between them), days, days so far, and hours.
check compare a.db Europe/Berlin 2023-11-01 - 2023-11-14T22:13:20Z \
	2023-10-01T00:00:00+02:00 2023-10-14T23:13:20+02:00
check compare a.db America/New_York 2023-10-01 2023-10-31 2023-11-14T22:13:20Z \
	2023-09-01T00:00:00-04:00 2023-10-01T00:00:00-04:00
check compare a.db America/New_York 2023-11-05 2023-11-11 2023-11-14T22:13:20Z \
	2023-10-29T00:00:00-04:00 2023-11-05T00:00:00-04:00
check compare a.db Europe/Berlin 2023-10-29 - 2023-11-01T11:00:00Z \
	2023-10-25T00:00:00+02:00 2023-10-28T12:00:00+02:00
check compare a.db UTC 2023-11-10T06:00:00Z 2023-11-11T12:00:00Z \
	2023-11-14T22:13:20Z 2023-11-09T00:00:00Z 2023-11-10T06:00:00Z

TOKCTL_LEDGER=$PWD/a.db
export TOKCTL_LEDGER
test_ok 'a part of a week is not compared with a whole one' '
	tokctl report weekly -f jsonl >rows &&
	grep -q "\"complete\":false.*\"cost_change_ratio\":null" rows &&
	test "$(grep "\"complete\":true" rows | tail -n 1 |
		grep -c "\"cost_change_ratio\":-\\{0,1\\}[0-9]")" = 1'
test_ok 'a week that the range cuts is not compared either' '
	tokctl report weekly -f jsonl --since 2023-10-18 | head -n 1 |
		grep -q "\"week\":\"2023-W42\".*\"previous_requests\":null"'
test_ok '--compare none' '
	tokctl report weekly -f csv --compare none | head -n 1 >head &&
	! grep -q previous head'

json() {
	python3 -c 'import json, os, shlex, subprocess, sys; d = json.load(sys.stdin); '"$1"
}
test_ok '--full: parts add up to the total' '
	tokctl report monthly --full --json >doc &&
	json "
n = d[\"total\"][\"requests\"]
for part in \"hours applications models users departments peak_hours\".split():
    assert sum(r[\"requests\"] for r in d[part]) == n, part
assert d[\"advice\"] and len(d[\"efficiency\"]) == len(d[\"rows\"])" <doc'
test_ok '--full is of the rows that are shown' '
	tokctl report daily --full --last 1 --complete --json >doc &&
	json "assert sum(r[\"requests\"] for r in d[\"hours\"]) == d[\"total\"][\"requests\"] > 0" <doc'
test_ok '--errors' '
	tokctl report by model --errors --success --json >doc &&
	json "assert sum(r[\"requests\"] for r in d[\"errors\"]) == d[\"total\"][\"failed_requests\"] > 0" <doc'
test_ok 'what was added and has no record has empty analytics' '
	tokctl report user zoe --json >doc &&
	json "
assert d[\"rows\"] == [] and d[\"summary\"][\"request_count\"] == 0
assert d[\"trends\"][\"daily_growth_rate\"] is None" <doc'
test_ok 'each line of advice names as many records as its command lists' '
	tokctl quota set -q -u bob --daily 1000 && tokctl quota set -q -u zoe --daily 50 &&
	tokctl report advice --json >doc &&
	json "
kinds = {r[\"advice\"] for r in d[\"rows\"]}
assert {\"model\", \"batch\", \"failed\", \"quota-small\", \"quota-unused\"} <= kinds, kinds
for r in d[\"rows\"]:
    assert r[\"saves_usd\"] is None or 0 < r[\"saves_usd\"] <= r[\"cost_usd\"]
    words = shlex.split(r[\"command\"].split(\" | \")[0])[1:]
    out = subprocess.run([os.environ[\"TOKCTL\"]] + words, check=True, stdout=subprocess.PIPE).stdout
    calls = [json.loads(line) for line in out.splitlines()] if r[\"requests\"] else []
    pick = {
        \"model\": lambda c: c[\"success\"] and c[\"total_tokens\"] - c[\"output_tokens\"] <= 2000 and c[\"output_tokens\"] <= 500,
        \"batch\": lambda c: c[\"success\"] and c[\"priority\"] == \"Low\" and c[\"tier\"] == \"standard\",
        \"failed\": lambda c: not c[\"success\"] and c[\"cost_usd\"],
    }.get(r[\"advice\"], lambda c: True)
    if r[\"advice\"] not in (\"cache\", \"retry\"):
        assert sum(c[\"requests\"] for c in calls if pick(c)) == r[\"requests\"], r" <doc'
# 1,500 tokens of input and 100 of output, twice: with gpt-4.1, 2 * 3.8
# thousandths; of claude-haiku-4-5, 2 * 2.0.
test_ok 'the money is that of the price book' '
	printf "%s\n" "time,user,model,session,input_tokens,output_tokens,request_id" \
		"2023-11-13T00:00:00Z,a,gpt-4.1,s,1500,100,1" \
		"2023-11-13T00:01:00Z,a,gpt-4.1,t,1500,100,2" \
		"2023-11-13T00:02:00Z,b,claude-haiku-4-5,u,10,10,3" >b.csv &&
	tokctl usage record -q -L b.db --csv b.csv &&
	cost() { tokctl price cost -m $1 --at 2023-11-13 --input 1500 --output 100 --json |
		sed -n "s/.*\"cost_usd\": \([0-9.]*\).*/\1/p"; }
	tokctl report advice -L b.db --json >doc &&
	json "
from decimal import Decimal as D
r = d[\"rows\"][0]
assert (r[\"advice\"], r[\"subject\"], r[\"alternative\"], r[\"requests\"]) == (\"model\", \"gpt-4.1\", \"claude-haiku-4-5\", 2), r
assert abs(r[\"saves_usd\"] - 2 * ($(cost gpt-4.1) - $(cost claude-haiku-4-5))) < 1e-12, r" <doc'
test_ok 'conversations without a cache' '
	printf "%s\n" "time,user,model,session,input_tokens,output_tokens,request_id" \
		"2023-11-13T00:00:00Z,a,gpt-4.1,s,4000,900,1" \
		"2023-11-13T00:01:00Z,a,gpt-4.1,s,8000,900,2" \
		"2023-11-13T00:02:00Z,a,gpt-4.1,s,9000,900,3" \
		"2023-11-13T00:20:00Z,a,gpt-4.1,s,9000,900,4" >c.csv &&
	tokctl usage record -q -L c.db --csv c.csv &&
	tokctl report advice -L c.db --json >doc &&
	json "
r = d[\"rows\"][0]
assert (r[\"advice\"], r[\"requests\"]) == (\"cache\", 2), r
# 12,000 tokens read for a quarter of 2 dollars a million
assert abs(r[\"saves_usd\"] - 12000 * 1.5e-6) < 1e-12, r" <doc'
test_ok 'what failed twice, and conversations that are too long' '
	printf "%s\n" "time,user,model,session,input_tokens,cache_read_tokens,output_tokens,cost_usd,error,request_id" \
		"2023-11-13T00:00:00Z,a,gpt-4.1,s,4000,,9,0.01,rate_limit,1" \
		"2023-11-13T00:01:00Z,a,gpt-4.1,s,4000,,9,0.01,rate_limit,2" \
		"2023-11-13T00:02:00Z,a,gpt-4.1,s,4001,,9,0.01,rate_limit,3" \
		"2023-11-13T00:20:00Z,a,gpt-4.1,s,4001,,9,0.01,rate_limit,4" \
		"2023-11-13T00:20:01Z,a,gpt-4.1,,4001,,9,0.01,rate_limit,5" \
		"2023-11-13T01:00:00Z,b,gpt-4.1,t,110000,20000,900,,,6" \
		"2023-11-13T02:00:00Z,b,gpt-4.1,t,100000,,900,,,7" \
		"2023-11-13T03:00:00Z,b,gpt-4.1,,200000,,900,,,8" >e.csv &&
	tokctl usage record -q -L e.db --csv e.csv &&
	tokctl report advice -L e.db --json >doc && json "
got = {r[\"advice\"]: (r[\"requests\"], r[\"cost_usd\"], r[\"saves_usd\"]) for r in d[\"rows\"]}
assert got[\"failed\"] == (5, 0.05, 0.05) and got[\"retry\"] == (1, 0.01, 0.01), got
# 20,000 read at half a dollar a million and 10,000 of input at two
n, cost, saves = got[\"truncate\"]
assert n == 1 and abs(saves - 0.03) < 1e-12 and abs(cost - 0.2372) < 1e-12, got" <doc'
test_ok 'no line without evidence' '
	tokctl ledger init -q -L d.db && tokctl report advice -L d.db --json | grep -q "\"rows\": \[\]" &&
	tokctl report advice -L d.db | grep -q "nothing to advise"'

test_ok 'what a user did adds up, however many models and applications' '
	{
		echo time,user,application,model,input_tokens,cost_usd
		for i in 1 2 3 4 5 6 7 8 9 10 11 12 13; do
			echo "2023-11-10T00:00:00Z,u,app$i,model$i,$i,$i.5"
		done
	} >many.csv && tokctl usage record -q -L many.db --csv many.csv &&
	tokctl report user u -L many.db --json >doc && json "
for k in (\"application\", \"model\"):
    rows = d[k + \"_breakdown\"]
    assert len(rows) == 13 and sum(r[\"tokens\"] for r in rows) == 91, rows
    assert sum(r[\"cost\"] for r in rows) == d[\"summary\"][\"total_cost\"], rows" <doc &&
	tokctl report user u -L many.db --json --top 2 >doc && json "
assert [r[\"tokens\"] for r in d[\"model_breakdown\"]] == [13, 12]" <doc &&
	tokctl report system -L many.db --json >doc && json "
assert len(d[\"top_applications\"]) == 10 and len(d[\"cost_breakdown\"][\"by_model\"]) == 13" <doc'

# 2023-11-14 22:13:20: 0.4642 of the month.
expect <<\EOF
Cost by month and model, all users  2023-09-30 to 2023-11-14 22:13, UTC

Model             2023-09   2023-10  2023-11*    Total    Mean
gpt-4.1            $10.00     $0.00     $4.00   $14.00   $4.67
mine                $1.00+    $0.00       n/a    $1.00+  $0.33+
---------------------------------------------------------------
Total              $11.00+    $0.00     $4.00+  $15.00+  $5.00+
of budget $20.00      55%        0%       20%
Tokens                  6         0         7       13       4

* 2023-11 is not over: at the pace so far it ends near $8.62 (43% of the budget)
EOF
test_ok 'a matrix says what part of the budget that was, and the pace' '
	printf "%s\n" "time,user,model,input_tokens,cost_usd" \
		2023-09-30T00:00:00Z,a,gpt-4.1,1,10 2023-09-30T00:00:00Z,a,mine,2,1 \
		2023-09-30T01:00:00Z,b,mine,3, 2023-11-14T00:00:00Z,b,gpt-4.1,4,4 \
		2023-11-14T00:00:00Z,b,mine,3, >f.csv &&
	tokctl usage record -q -L f.db --csv f.csv &&
	tokctl budget set -q -L f.db --everyone --limit 20 &&
	tokctl report monthly -L f.db --by model --matrix | grep -v "no price" | same'
test_ok 'hostile names do no harm' '
	printf "{\"user\":\"\\\\u001b[31mx\\\\n|=1+1\",\"model\":\"m'"'"';rm \$(x)\",\"application\":\"<b>\",\"input_tokens\":5,\"error\":\"\\\\u0007\",\"session\":\"日本\",\"request_id\":\"h\"}\n" >h.jsonl &&
	tokctl usage record -q -L e.db --jsonl h.jsonl &&
	for report in "monthly --full" system "by user -g month --matrix" \
		"by user --period this-month --compare previous --errors" \
		calendar advice; do
		for f in table md json jsonl csv; do
			tokctl report $report -L e.db -f $f >out || exit 1
			! LC_ALL=C grep -q "[[:cntrl:]]" out || test $f = csv ||
				{ cat -v out; exit 1; }
			test $f != json || json "" <out || exit 1
		done
	done'
for width in 80 40; do
	for report in 'weekly --full' 'monthly --full' system 'user alice' calendar 'block --by user' \
		'by model -g week --matrix' 'by model --period this-month --compare previous --success --latency'; do
		test_ok "$report fits $width columns" "
			COLUMNS=$width TOKCTL_FORCE_TTY=$width TERM=dumb \
				\"\$TOKCTL\" report $report --ascii --no-pager >out 2>&1 &&
			awk -v w=$width 'length(\$0) > w { print; bad = 1 } END { exit bad }' out"
	done
done
expect <<\EOF
the advice is of usage from 2023-10-01 on
0
0
EOF
test_ok 'monthly --full says which usage its advice is of, when not of all' '
	for m in 07 08 09 10 11; do
		for i in 1 2 3; do
			echo "2023-$m-0${i}T10:00:00Z,alice,gpt-4.1,$m$i,1000,10"
		done
	done >g.csv && sed -i "1i time,user,model,request_id,input_tokens,output_tokens" g.csv &&
	tokctl usage record -q -L g.db --csv g.csv >rec &&
	{ tokctl report monthly -L g.db --full | grep "advice is of"
	tokctl report monthly -L g.db --full --last 2 | grep -c "advice is of"
	tokctl report monthly -L g.db --full --since 2023-10-01 |
		grep -c "advice is of"; true; } | same'
expect <<\EOF
Week  Days  Requests  Input  Output  Cached  Tokens  Cost  Change
so far
EOF
test_ok 'weekly says which part of the input a cache had, and what is unfinished' '
	COLUMNS=100 TOKCTL_FORCE_TTY=100 TERM=dumb \
		"$TOKCTL" report weekly --ascii --no-pager >out &&
	{ grep "^Week" out | sed "s/   */  /g"; grep -o "so far" out; } | same &&
	tokctl report weekly -f jsonl | tail -n 1 |
		grep -q "\"cost_change_ratio\":null"'
test_ok 'ASCII pictures are as wide' '
	LC_ALL=C.UTF-8 tokctl report calendar | tail -n +2 | grep "^Mon" |
		python3 -c "import sys; print(len(sys.stdin.readline().rstrip(chr(10))))" >one &&
	tokctl report calendar --ascii | tail -n +2 | grep "^Mon" |
		python3 -c "import sys; print(len(sys.stdin.readline().rstrip(chr(10))))" >two &&
	cmp one two'

for bad in 'user' 'user a b' 'user alice -u bob' 'system --top 0' \
	'calendar --last 0' 'calendar --last x' 'calendar --last 3 --since 7d' \
	'by model --matrix' 'monthly --matrix' 'by model,user --matrix' \
	'monthly --by model --matrix --sort cost' 'monthly --full --by model' \
	'by model --compare previous' 'by model --compare nosuch' 'advice x' \
	'by model -g date'; do
	test_status 2 "report $bad" "tokctl report $bad"
done
test_status 3 'a user whom nobody knows' 'tokctl report user nosuch'
test_status 4 'a full disk is noticed' 'tokctl report system >/dev/full'
test_done
