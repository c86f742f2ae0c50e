#!/bin/sh
# Count beside another program, in turns, so that both meet the same noise.
#
#	tests/bench/count.sh [-r ROUNDS] OTHER FILE...
#
# OTHER is a folder with the program "proto" (SIMD=1 [COLD=1] proto FILE N
# prints "... X MB/s" for each of N rounds and "tokens N"); our own figures
# come from build/tests/bench/count_bench, which this builds.  Prints, for
# each file, the token counts (which must agree) and the medians of the
# ratios, ours by theirs, cold (nothing remembered) and warm.
set -eu
rounds=7
if test "${1:-}" = -r; then
	rounds=$2
	shift 2
fi
if test $# -lt 2; then
	echo "usage: $0 [-r rounds] other file..." >&2
	exit 2
fi
other=$1
shift
bench=${O:-build}/tests/bench/count_bench
make -s "$bench"
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

# The file itself may be given by a relative path.
theirs() (
	file=$(realpath "$1")
	cd "$other" && SIMD=1 ./proto "$file" 3
)

for file; do
	: >"$tmp/ratios"
	i=0
	while test $i -lt "$rounds"; do
		i=$((i + 1))
		"$bench" -n 3 "$file" >"$tmp/ours"
		theirs "$file" >"$tmp/theirs"
		awk '
			FNR == NR {
				for (i = 1; i < NF; i++) our[$i] = $(i + 1)
				next
			}
			{
				for (i = 1; i < NF; i++) {
					if ($i == "tokens") tokens = $(i + 1)
					if ($(i + 1) == "MB/s") rate = $i
				}
				if (FNR == 1) cold = rate
				else if (rate > warm) warm = rate
			}
			END {
				if (tokens != our["tokens"])
					print "tokens differ:", our["tokens"], tokens >"/dev/stderr"
				print our["cold"] / cold, our["warm"] / warm,
					our["cold"], our["warm"], cold, warm
			}' "$tmp/ours" "$tmp/theirs" >>"$tmp/ratios"
	done
	median() {
		sort -n -k "$1,$1" "$tmp/ratios" |
			awk -v k="$1" '{ v[NR] = $k } END { print v[int((NR + 1) / 2)] }'
	}
	printf '%s: cold %.2f (%s by %s MB/s), warm %.2f (%s by %s MB/s)\n' \
		"$(basename "$file")" "$(median 1)" "$(median 3)" "$(median 5)" \
		"$(median 2)" "$(median 4)" "$(median 6)"
done
