#!/usr/bin/env python3
"""What reports cost over a ledger: wall and CPU time and the largest memory.

	reports.py TOKCTL LEDGER [REPORT...]	say which, as 'by user,model --top 5'

Without a REPORT, every kind with its usual options, by roll-ups first and from
single records last.  The best of three runs counts, of one above two seconds.
A ledger to ask about is made with

	tests/bench/gen-csv 10000000 | tokctl usage record -q -L LEDGER --csv -

and has to be warm: what a first run reads from a disk is not counted.
"""
import os
import subprocess
import sys
import time

REPORTS = """daily
weekly
monthly
weekly --compare previous
daily --full --last 7
weekly --full --last 4
monthly --full
daily --by model
daily --by user
weekly --by application
monthly --by model --matrix
by model
by user
by application
by department
by user,model
by user,project
by user,date
by model,hour_of_day
by user --application chat
user {user}
system
calendar
trend
anomalies
forecast
advice
accuracy
block
session --top 10
session
by user,application,model
by error,priority
by model --latency
session --latency
by session,model --top 10
by session,model -f csv
by session,model""".splitlines()


def measure(words):
    start = time.monotonic()
    done = subprocess.Popen(words, stdout=subprocess.DEVNULL,
                            stderr=subprocess.DEVNULL)
    _, status, used = os.wait4(done.pid, 0)
    return (time.monotonic() - start, used.ru_utime + used.ru_stime,
            used.ru_maxrss / 1024, status)


def main():
    tokctl, ledger, *reports = sys.argv[1:]
    os.environ["TOKCTL_LEDGER"] = ledger
    first = subprocess.run([tokctl, "report", "by", "user", "--top", "1", "-f",
                            "csv"], stdout=subprocess.PIPE, encoding="utf-8",
                           check=True).stdout.splitlines()
    user = first[1].split(",")[0] if len(first) > 1 else ""
    for report in reports or REPORTS:
        words = [tokctl, "report", *report.format(user=user).split()]
        runs = [measure(words)]
        while len(runs) < 3 and runs[0][0] < 2:
            runs.append(measure(words))
        wall, cpu, memory, status = min(runs)
        print("%-32s %7.0f ms wall %7.0f ms CPU %6.1f MB%s" % (
            report, wall * 1000, cpu * 1000, memory,
            "" if status == 0 else "  failed"), flush=True)


main()
