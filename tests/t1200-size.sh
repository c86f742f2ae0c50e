#!/bin/sh
# How many bytes of database a record takes, with its identity, its names,
# the hash chain and the roll-ups; files beside the database included.
. "$(dirname "$0")/lib.sh"
. "$here/lib-ledger.sh"

# per_record N MOST awk variables...
per_record() {
	n=$1 most=$2
	shift 2
	rm -f s.db*
	awk -f "$here/bench/size.awk" -v n="$n" "$@" |
		tokctl usage record -q -L s.db --batch-size 10000 --csv - >out || return
	bytes=$(cat s.db s.db-wal | wc -c)
	echo "$((bytes / n)) bytes a record, at most $most"
	tokctl ledger info -L s.db -f csv | col records | grep -qx "$n" &&
		test $((bytes / n)) -le "$most"
}

test_ok 'user, application, model, tokens, cost and request id: 110' '
	per_record 100000 110 -v users=200 >size.1; rc=$?; cat size.1; exit $rc'
test_ok 'every field of an imported call: 160' '
	per_record 100000 160 -v users=20 -v all=1 >size.2; rc=$?; cat size.2; exit $rc'
sed 's/^/# /' size.[12]
test_ok 'a ledger of a stream is settled: its WAL is empty' '
	test ! -s s.db-wal && tokctl ledger check -L s.db'
test_done
