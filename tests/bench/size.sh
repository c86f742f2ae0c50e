#!/bin/sh
# Bytes of database a record, for ledgers of several sizes and shapes.
#
#	TOKCTL=build/tokctl tests/bench/size.sh
: "${TOKCTL:?}"
awk=$(dirname "$0")/size.awk
dir=$(mktemp -d "${TMPDIR:-/tmp}/tokctl-size.XXXXXX") || exit 1
trap 'rm -rf "$dir"' EXIT

size() {
	n=$1 batch=$2
	shift 2
	rm -f "$dir"/s.db*
	awk -f "$awk" -v n="$n" "$@" | "$TOKCTL" usage record -q \
		-L "$dir/s.db" --batch-size "$batch" --csv - >/dev/null || exit 1
	bytes=$(cat "$dir"/s.db "$dir"/s.db-wal | wc -c)
	printf '%8d records, %6d a commit, %-18s %4d bytes a record\n' \
		"$n" "$batch" "$(echo "$*" | sed 's/-v //g')" $((bytes / n))
}

for n in 1000 10000 100000 1000000; do
	size "$n" 10000 -v users=200
	size "$n" 10000 -v users=20 -v all=1
done
size 100000 10000 -v users=1000
size 100000 100 -v users=200
size 5000 1 -v users=200
size 5000 1 -v users=20 -v all=1
