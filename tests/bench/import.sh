#!/bin/sh
# How long a first import takes, and one that finds nothing new, beside
# ccusage, which reads the same logs without a ledger.
#
#	tests/bench/import.sh HOME [CCUSAGE]
#
# HOME is a home folder with logs (tests/gen-logs DIR --calls 100000 writes one
# to DIR/home).  CCUSAGE is its program, as "npm install ccusage" leaves it in
# node_modules/.bin; it is run with an empty cache.  Rounds are interleaved:
# read the ratios, and the ratio of CPU time before that of wall time.
set -eu
: "${TOKCTL:?say which with TOKCTL=build/tokctl}"
home=$(cd "$1" && pwd)
peer=${2:-}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# seconds of CPU and of wall time that a command takes
timed() {
	bash -c 'TIMEFORMAT="%U %S %R"; time "$@" >/dev/null 2>&1' sh "$@" 2>&1 |
		tail -n 1 | awk '{ print $1 + $2, $3 }'
}

import() {
	HOME=$home timed env -u CLAUDE_CONFIG_DIR -u CODEX_HOME \
		-u XDG_CONFIG_HOME -u XDG_DATA_HOME TOKCTL_USER=bench \
		"$TOKCTL" usage import -q -L "$scratch/ledger.db"
}

du -sh "$home" | awk '{ print "logs: " $1 }'
find "$home" -name '*.jsonl' | wc -l | awk '{ print "files: " $1 }'
import >"$scratch/warm" # the page cache
for round in 1 2 3; do
	rm -rf "$scratch"/ledger.db* "$scratch/cache"
	theirs=
	test -z "$peer" || theirs=$(HOME=$home CLAUDE_CONFIG_DIR=$home/.claude \
		CODEX_HOME=$home/.codex XDG_CACHE_HOME=$scratch/cache \
		timed "$peer" daily --offline)
	ours=$(import)
	again=$(import)
	echo "$round $ours $again $theirs" | awk '{
		printf "round %d  first %.2f s cpu %.2f s wall  again %.3f s cpu %.3f s wall", $1, $2, $3, $4, $5
		if (NF > 5)
			printf "  ccusage %.2f s cpu %.2f s wall  ratio %.1f cpu %.1f wall", $6, $7, $6 / $2, $7 / $3
		print "" }'
done
rm -rf "$scratch"/ledger.db*
HOME=$home TOKCTL_USER=bench /usr/bin/time -f "peak memory: %M KB" \
	"$TOKCTL" usage import -q -L "$scratch/ledger.db" >/dev/null
