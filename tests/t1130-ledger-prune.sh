#!/bin/sh
# tokctl ledger prune: the detail of old calls goes, what they used stays.
. "$(dirname "$0")/lib.sh"
. "$here/lib-ledger.sh"
needs sqlite3

export TOKCTL_NOW=2026-11-20T12:00:00Z
# 1500 calls from January on, one each four hours, and one that is taken back.
awk 'BEGIN {
	for (i = 0; i < 1500; i++) {
		day = int(i / 6)
		printf "{\"user\":\"u%d\",\"application\":\"a%d\"," \
		    "\"model\":\"gpt-4.1\",\"session\":\"s%d\"," \
		    "\"input_tokens\":%d,\"output_tokens\":%d," \
		    "\"time\":\"2026-%02d-%02dT%02d:00:00Z\"," \
		    "\"request_id\":\"request-%d\",\"latency_ms\":%d," \
		    "\"tools\":\"grep\",\"metadata\":{\"line\":%d}}\n",
		    i % 5, i % 3, int(i / 20), 100 + i, i % 90,
		    1 + int(day / 25), 1 + day % 25, i % 6 * 4, i, 50 + i, i
	}
}' >calls.jsonl

reports() {
	tokctl report monthly -f csv &&
		tokctl report by user,model,session,application -f csv &&
		tokctl report daily --tz Asia/Kathmandu -f csv &&
		tokctl quota show -f csv && tokctl budget status -f csv
}

test_ok 'setup' '
	tokctl usage record --jsonl calls.jsonl -q &&
	record --input 5 --at 2026-02-01T00:00:00Z --request-id twice -q &&
	tokctl usage void 7 --reason wrong -q &&
	tokctl quota set --user u1 --monthly 900000 --hard 9000000 \
	    --session-limit 100000 -q &&
	tokctl quota set --user u2 --daily 50000 --window rolling -q &&
	tokctl budget set --user u1 --limit 30 --period year -q &&
	reports >before.csv && cp calls.jsonl all.jsonl && whole 1502'

expect <<\EOT
tokctl ledger prune: refusing to prune without a terminal
pass --yes, or --dry-run to look first
EOT
test_ok 'who cannot answer is refused' '
	tokctl ledger prune --keep 100d </dev/null 2>err; test $? -eq 2 &&
	same <err && tokctl usage show 1 -f csv | grep -q request-0'
test_status 2 'without --keep' 'tokctl ledger prune --yes'
test_status 2 'what is no time' 'tokctl ledger prune --keep soon --yes'
test_status 4 'a ledger that is not there is not made' '
	tokctl ledger prune -L none.db --keep 1d --yes; rc=$?
	test ! -e none.db && exit $rc'

test_ok '--dry-run says how many, and changes nothing' '
	sum=$(sql "SELECT sum(length(data)) FROM segment") &&
	tokctl ledger prune --keep 100d --dry-run 2>err &&
	grep -q "would drop the detail of 1,1[0-9][0-9] records (2026-01-01" err &&
	test "$(sql "SELECT sum(length(data)) FROM segment")" = "$sum" &&
	tokctl ledger prune --keep 100d --dry-run -f csv | col records >would'
test_ok 'a prune says what it did' '
	tokctl ledger prune --keep 100d --yes -f csv >out &&
	col records <out | cmp - would && col dry_run <out | grep -qx false'
test_ok 'all checks pass' 'whole 1502'
test_ok 'every report and limit says what it said' '
	reports >after.csv && diff before.csv after.csv'
test_ok 'old calls have lost their detail, not their numbers' '
	tokctl usage show 1 --json >one.json &&
	grep -q "\"request_id\": null" one.json &&
	grep -q "\"latency_ms\": null" one.json &&
	grep -q "\"metadata\": null" one.json &&
	grep -q "\"session\": \"s0\"" one.json &&
	grep -q "\"input_tokens\": 100" one.json'
test_ok 'new calls have all of it' '
	tokctl usage show 1500 --json >one.json &&
	grep -q "\"request_id\": \"request-1499\"" one.json &&
	grep -q "\"latency_ms\": 1549" one.json'
test_ok 'a second prune has nothing to do, and says so nowhere' '
	n=$(tokctl audit list -f csv | wc -l) &&
	tokctl ledger prune --keep 100d --yes -f csv | col records |
	    grep -qx 0 && test "$(tokctl audit list -f csv | wc -l)" -eq "$n"'
test_ok 'it is in the audit chain' '
	tokctl audit list -f jsonl | grep -q "ledger.prune" &&
	tokctl audit verify -q'

test_ok 'what is sent again lands once' '
	tokctl usage record --jsonl all.jsonl -f csv >out &&
	grep -q "^0,1500,0" out && whole 1502'
test_status 3 'with another body it is refused' '
	record --input 6 --at 2026-02-01T00:00:00Z --request-id twice -q'
test_status 3 'and at another time' '
	record --input 5 --at 2026-02-02T00:00:00Z --request-id twice -q'
test_ok 'its own detail is not compared' '
	sed -n 1p all.jsonl | sed "s/\"line\":0/\"line\":1/" |
	tokctl usage record --jsonl - -f csv | grep -q "^0,1,0"'
test_ok 'a pruned call can be taken back' '
	tokctl usage void 20 --reason wrong -q && whole 1503'
test_ok 'new rows are joined with each other, not with sealed ones' '
	tokctl ledger prune --keep 0d --yes -q &&
	for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 \
	    24 25 26 27 28 29 30 31 32 33 34 35; do
		record --input $i --request-id late-$i -q || exit 1
	done && whole 1538 &&
	test "$(sql "SELECT count(*) FROM segment")" -lt 30 &&
	tokctl ledger prune --keep 0d --yes -q && whole'

test_ok 'an edit of what is sealed shows' '
	tokctl ledger backup edited.db -q &&
	sqlite3 edited.db "UPDATE segment SET head = zeroblob(64)
	    WHERE first_id = 1" &&
	{ tokctl ledger check -L edited.db -f csv >out; test $? -eq 1; } &&
	grep -q "^chain,[^,]*,[0-9]*,1" out'
test_ok 'a backup and a restore keep the seals' '
	tokctl ledger backup copy.db -q && tokctl ledger restore copy.db -q &&
	whole'

# Killed at any moment, a step is there whole or not at all.
test_ok 'killed in the middle, it goes on where it was' '
	rm -f "$db"* && tokctl usage record --jsonl all.jsonl -q &&
	reports >before.csv &&
	for ms in 001 002 003 004 006 008; do
		timeout -s KILL 0.$ms tokctl ledger prune --keep 100d --yes -q
		whole || exit 1
	done 2>/dev/null
	tokctl ledger prune --keep 100d --yes -q && whole &&
	reports >after.csv && diff before.csv after.csv'
test_done
