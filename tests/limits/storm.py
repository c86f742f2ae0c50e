#!/usr/bin/env python3
"""Many processes that reserve and settle at random, and what they may see.

    tests/limits/storm.py SECONDS [kill] [clock] [--seed N]

Eight workers reserve, settle, release and leave holds to expire, against
limits that overlap, while a ninth looks: what is used and held may never be
more than any limit, for no reader at no moment.  With "kill" every fifth
process is killed at a random moment and the same request is made again; with
"clock" the clocks of the workers jump over days and months and back.  In the
end nothing is held, and the records are exactly what was acknowledged.
"""
import json
import multiprocessing
import os
import random
import signal
import subprocess
import sys
import tempfile
import time

TOKCTL = os.environ["TOKCTL"]
WORKERS, BASE = 8, 1700000000
LIMITS = [["--user", "u0", "--daily", "3000", "--hard", "40000"],
          ["--user", "u1", "--daily", "2000", "--window", "rolling"],
          ["--application", "web", "--daily", "4000", "--monthly", "60000"],
          ["--user", "u0", "--application", "web", "--session-limit", "1500"],
          ["--everyone", "--daily", "6000", "--hard", "90000"]]


class Failure(Exception):
    pass


class Caller:
    def __init__(self, folder, seed, kill, clock):
        self.r = random.Random(seed)
        self.env = dict(os.environ, TOKCTL_LEDGER=folder + "/storm.db", HOME=folder, TZ="UTC")
        self.kill, self.clock, self.now = kill, clock, BASE
        self.began = time.time()
        self.slowest = 0.0

    def tick(self):
        if not self.clock:
            self.now = BASE + int(time.time() - self.began)
        elif self.r.random() < 0.05:
            self.now = BASE + self.r.choice([0, 1, -86400, 86400, 31 * 86400, 3600, -7200])

    def once(self, args, kill):
        self.env["TOKCTL_NOW"] = str(self.now)
        began = time.monotonic()
        p = subprocess.Popen([TOKCTL, *args], env=self.env, stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE, text=True)
        if kill:
            time.sleep(self.r.random() * 0.012)
            p.send_signal(signal.SIGKILL)
        out, err = p.communicate()
        if p.returncode != -signal.SIGKILL:
            self.slowest = max(self.slowest, time.monotonic() - began)
        return p.returncode, out, err

    def call(self, *args):
        """Until it is answered: what is killed is asked again."""
        while True:
            rc, out, err = self.once(args, self.kill and self.r.random() < 0.2)
            if rc == -signal.SIGKILL:
                continue
            if rc not in (0, 1):
                raise Failure("tokctl %s: status %d: %s" % (" ".join(args), rc, err))
            return rc, out


def work(number, folder, seed, seconds, kill, clock, results):
    c = Caller(folder, seed * 100 + number, kill, clock)
    tokens = calls = pairs = refused = 0
    ttl = "40000h" if clock else "2s"
    try:
        while time.time() - c.began < seconds:
            c.tick()
            calls += 1
            need = c.r.randrange(1, 60)
            args = ["--user", "u%d" % c.r.randrange(3), "--tokens", str(need), "--ttl", ttl,
                    "--request-id", "w%d-%d" % (number, calls), "--session", "s%d" % c.r.randrange(2)]
            if c.r.random() < 0.6:
                args += ["--application", "web"]
            rc, out = c.call("quota", "reserve", *args)
            if rc == 1:
                refused += 1
                continue
            what = c.r.random()
            if what < 0.8:
                used = c.r.randrange(need + 1)
                c.call("quota", "settle", "-q", out.strip(), "--tokens", str(used), "-m", "m")
                tokens += used
                pairs += 1
            elif what < 0.9 or clock:
                c.call("quota", "release", "-q", out.strip())
        results.put((number, None, tokens, calls, pairs, refused, c.slowest))
    except Failure as e:
        results.put((number, str(e), tokens, calls, pairs, refused, c.slowest))


def look(folder, seed, seconds, clock, results):
    c = Caller(folder, seed, False, clock)
    looks, wrong = 0, None
    while time.time() - c.began < seconds and wrong is None:
        c.tick()
        rc, out = c.call("quota", "show", "--json", "--session", "s0")
        looks += 1
        for row in json.loads(out)["rows"]:
            if row["used"] + row["reserved"] > row["limit"]:
                wrong = "over: %s" % row
    results.put((-1, wrong, looks, 0, 0, 0, c.slowest))


def check_end(folder, results, clock):
    c = Caller(folder, 1, False, False)
    c.now = BASE + 100 * 365 * 86400
    rc, out = c.call("quota", "show", "--json")
    held = sum(r["reserved"] for r in json.loads(out)["rows"])
    c.call("quota", "reserve", "-u", "u2", "--tokens", "0")
    rc, out = c.call("ledger", "check", "-f", "csv")
    if rc != 0:
        raise Failure(out)
    rc, out = c.call("usage", "stats", "--json")
    booked = json.loads(out)["total_tokens"]
    tokens = sum(r[2] for r in results if r[0] >= 0)
    requests = sum(r[4] for r in results if r[0] >= 0)
    if held != 0 or booked != tokens or json.loads(out)["requests"] != requests:
        raise Failure("held %d, booked %d tokens in %d records, acknowledged %d in %d" % (
            held, booked, json.loads(out)["requests"], tokens, requests))


def main():
    words = sys.argv[1:]
    seed = int(words[words.index("--seed") + 1]) if "--seed" in words else \
        random.SystemRandom().randrange(10**6)
    seconds, kill, clock = float(words[0]), "kill" in words, "clock" in words
    print("# seed %d" % seed)
    with tempfile.TemporaryDirectory() as folder:
        c = Caller(folder, seed, False, False)
        for limit in LIMITS:
            c.call("quota", "set", "-q", *limit)
        queue = multiprocessing.Queue()
        jobs = [multiprocessing.Process(target=work, args=(i, folder, seed, seconds, kill, clock, queue))
                for i in range(WORKERS)]
        jobs.append(multiprocessing.Process(target=look, args=(folder, seed, seconds, clock, queue)))
        for j in jobs:
            j.start()
        results = [queue.get() for j in jobs]
        for j in jobs:
            j.join()
        calls = sorted(r[3] for r in results if r[0] >= 0)
        print("# %d looks, %d calls (%d to %d a worker), %d settled, %d refused, slowest %.0f ms" % (
            sum(r[2] for r in results if r[0] < 0), sum(calls), calls[0], calls[-1],
            sum(r[4] for r in results), sum(r[5] for r in results),
            1000 * max(r[6] for r in results)))
        bad = [r[1] for r in results if r[1]]
        if bad:
            print("\n".join("# " + b for b in bad))
            raise SystemExit(1)
        check_end(folder, results, clock)
        if seconds >= 20 and not kill and calls[-1] > 3 * calls[0]:
            raise SystemExit("# the fastest worker made three times as many calls as the slowest")
        if max(r[6] for r in results) > 1 and seconds >= 20:
            print("# an answer took longer than a second")
            raise SystemExit(1)


try:
    main()
except Failure as e:
    print("# " + str(e))
    raise SystemExit(1)
