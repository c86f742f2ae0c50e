#!/bin/sh
# What is past is kept for so long, and then goes, a little at a time.
. "$(dirname "$0")/lib.sh"
. "$here/lib-ledger.sh"

at() { TOKCTL_NOW=$1 && export TOKCTL_NOW; shift; "$@"; }
count() { sql "SELECT count(*) FROM $1"; }
use() { tokctl usage record -q -u alice -m gpt-4.1 --input "$1" --output 0 >/dev/null; }

test_ok 'one record a day for 500 days: a counter for each of the last 400' '
	at 2024-01-01T12:00:00Z tokctl quota set -q -u alice --daily 1000 --hard 9000000 &&
	tokctl alert add --user alice --at 50% --shell true 2>/dev/null &&
	for month in 01 03 05 07 09 11; do
		at 2024-$month-02T12:00:00Z use 900 || exit 1
	done && count counter >n && test "$(cat n)" = 7 &&
	at 2025-04-02T12:00:00Z use 900 && at 2025-04-03T12:00:00Z use 900 &&
	sql "SELECT count(*) FROM counter WHERE start < 1709251200000 AND start > 0" >n &&
	cat n && test "$(cat n)" = 0 &&
	test "$(sql "SELECT count(*) FROM counter WHERE start = 0")" = 1'
test_ok 'what was dropped is audited, and the records say it again' '
	tokctl audit list -f csv | grep -q limits.prune && tokctl audit verify -q &&
	at 2024-01-02T13:00:00Z tokctl quota check -u alice --tokens 1 --json >j &&
	grep -q "\"used\": 900" j && at 2025-04-03T12:00:00Z tokctl ledger check -q'
test_ok 'old alerts, messages and events go; the newest of each stay' '
	for t in alert outbox crossing; do
		sql "SELECT count(*) FROM $t WHERE time < 1709251200000" >n
		test "$(cat n)" = 0 || { echo "$t: $(cat n)"; exit 1; }
	done && test "$(count alert)" -gt 0'
test_ok 'quota.keep: 0d keeps all' '
	TOKCTL_QUOTA_KEEP=0d && export TOKCTL_QUOTA_KEEP
	n=$(count counter) && at 2027-01-02T12:00:00Z use 10 &&
	test "$(count counter)" = $((n + 1))'
test_done
