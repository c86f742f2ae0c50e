#!/bin/sh
# What two threads cost: CPU and time of "tokctl count -j2" by "-j1", in turns.
#
#	tests/bench/count-threads.sh [-r ROUNDS] FILE-OR-FOLDER...
#
# Prints the medians.  On idle processors the time is what counts; on busy
# ones the CPU is: a ratio of 1.05 leaves at most 2 / 1.05 = 1.9 times the
# speed.
set -eu
rounds=7
if test "${1:-}" = -r; then
	rounds=$2
	shift 2
fi
if test $# -lt 1; then
	echo "usage: $0 [-r rounds] file..." >&2
	exit 2
fi
TOKCTL=${TOKCTL:-build/tokctl} rounds=$rounds exec python3 - "$@" <<\EOF
import os, resource, statistics, subprocess, sys, time

def run(threads):
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.time()
    subprocess.run([os.environ["TOKCTL"], "count", "--total", "-j", threads,
                    "--"] + sys.argv[1:], check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return cpu, time.time() - start

pairs = [(run("1"), run("2")) for _ in range(int(os.environ["rounds"]))]
for name, i in ("cpu", 0), ("time", 1):
    one = statistics.median(a[i] for a, b in pairs)
    two = statistics.median(b[i] for a, b in pairs)
    ratio = statistics.median(b[i] / a[i] for a, b in pairs)
    print(f"{name}: one thread {one:.3f} s, two {two:.3f} s, ratio {ratio:.3f}")
EOF
