#!/bin/sh
# tokctl report --compat: the JSON that scripts around ccusage read.
#
# The files in data/report are what ccusage prints for the log beside them,
# with costs that are exact; tests/compat/run asks the real one.
. "$(dirname "$0")/lib.sh"
. "$here/lib-ledger.sh"
TOKCTL_NOW=2026-11-02T14:20:00Z
CLAUDE_CONFIG_DIR=$here/data/report/claude
export TOKCTL_NOW CLAUDE_CONFIG_DIR

test_ok 'setup' 'tokctl usage import -q --from claude-code'
for report in daily weekly monthly session block; do
	test_ok "$report" "
		tokctl report $report --compat ccusage >got &&
		diff -u '$here/data/report/$report.json' got"
done
for report in daily weekly monthly session; do
	test_ok "$report of all agents" "
		tokctl report $report --compat ccusage-all >got &&
		diff -u '$here/data/report/$report-all.json' got"
done
test_ok 'of Codex CLI, beside which there is another agent' '
	(unset CLAUDE_CONFIG_DIR
	HOME=$here/data/import/home tokctl usage import -q -L codex.db) >/dev/null
	for r in daily monthly session; do
		tokctl report $r --compat ccusage-codex -L codex.db >got &&
		diff -u "$here/data/report/$r-codex.json" got || exit 1
	done'
test_status 2 '... which has no blocks' '
	tokctl report block --compat ccusage-codex'
test_ok 'the open window has a rate, a projection and a limit' '
	tokctl report block --active --token-limit max --compat ccusage >got &&
	diff -u "$here/data/report/active.json" got'
test_ok 'empty reports have the same shape' '
	for r in daily weekly monthly session block; do
		tokctl report $r --compat ccusage --since 2020-01-01 --until 2020-01-02
		test $r = block ||
			tokctl report $r --compat ccusage-all --period 2020-01-01
	done >got && diff -u "$here/data/report/empty.json" got'
test_ok 'days are those of the zone; weeks begin where the user says' '
	tokctl report daily --compat ccusage --tz Asia/Tokyo |
		grep -c "\"date\"" | grep -qx 2 &&
	tokctl report weekly --compat ccusage | grep -q "\"week\": \"2026-10-25\"" &&
	TOKCTL_UI_WEEK_START=monday tokctl report weekly --compat ccusage |
		grep -q "\"week\": \"2026-10-26\""'
test_ok 'rows are the first or the latest, and the totals are theirs' '
	tokctl report session --compat ccusage --top 1 >got &&
	test "$(grep -c "\"sessionId\"" got)" -eq 1 &&
	grep -q "11111111" got &&
	tokctl report daily -r --compat ccusage --top 1 >got &&
	tokctl report daily -r --compat ccusage --last 1 | cmp - got &&
	tokctl report daily --compat ccusage --last 1 | cmp - got &&
	tokctl report daily --compat ccusage --top 1 >got &&
	tokctl report session --compat ccusage --last 1 >latest &&
	test "$(grep -c "\"sessionId\"" latest)" -eq 1 &&
	grep -q "\"date\": \"2026-10-31\"" got &&
	test "$(grep -c "\"totalTokens\": 43528" got)" -eq 2'
test_ok 'what has no price is said on stderr, and costs nothing' '
	tokctl usage record -q -u me -m mystery --tokens 7 &&
	tokctl report daily --compat ccusage -m mystery >got 2>err &&
	grep -q "\"cost\": 0," got && grep -q "\"inputTokens\": 7," got &&
	grep -q "1 request has no price" err'
test_ok 'names stay harmless' '
	tokctl usage record -q -u me -m "$(printf "a\033[31m\"\\\\\377")" --tokens 1 &&
	tokctl report monthly --compat ccusage -q | grep -q "u001b\[31m"'
for wrong in 'daily --compat ccusage --by model' 'daily --compat ccusage -f md' \
	'daily --compat ccusage --complete' 'session --compat ccusage --sort cost' \
	'by model --compat ccusage'; do
	test_status 2 "wrong: $wrong" "tokctl report $wrong"
done
test_status 4 'a full disk is noticed' '
	tokctl report daily --compat ccusage >/dev/full'
test_done
