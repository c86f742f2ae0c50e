#!/usr/bin/env python3
"""Limits against a small model of them.

    tests/limits/model.py STEPS [SEED]

Random operations - limits set and taken away, records, voids, checks,
reservations, settles, releases, a clock that jumps, also backwards - go
through the command line and through the model below, which knows nothing but
lists of records and holds and adds them up anew for every question.  All
answers must agree.  The seed is printed; the same seed repeats the run.
"""
import json
import os
import random
import subprocess
import sys
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

TOKCTL = os.environ["TOKCTL"]
ZONES = ["UTC", "America/Sao_Paulo", "Asia/Kathmandu", "Australia/Lord_Howe",
         "Europe/Berlin"]
# Around the ends of summer times, days, months and years.
STARTS = ["2018-11-04T02:30:00", "2018-02-18T01:30:00", "2023-10-29T00:10:00",
          "2023-03-26T00:30:00", "2023-12-31T17:50:00", "2024-02-29T20:00:00",
          "2023-04-01T14:40:00", "2023-09-30T15:10:00", "2023-11-14T22:13:20"]
USERS, APPS, MODELS = ["ann", "bob", "cyd"], ["web", "cli"], ["m1", "m2"]
SESSIONS, DEPARTMENTS = ["s1", "s2"], {"ann": "eng", "bob": "eng"}
MINUTE, DAY = 60, 86400
PICO = 10**12


def midnight(zone, day):
    """The first instant of a local day, in seconds since 1970."""
    z = ZoneInfo(zone)
    t = datetime(day.year, day.month, day.day, tzinfo=z)
    at = int(t.timestamp())
    # A midnight that is skipped: the day starts when its first clock does.
    # Binary search for the first second that is of that day.
    low, high = at - 2 * DAY, at + 2 * DAY
    while low < high:
        mid = (low + high) // 2
        if datetime.fromtimestamp(mid, z).date() >= t.date():
            high = mid
        else:
            low = mid + 1
    return low


def span(period, zone, now):
    if period in ("hard", "session"):
        return 0, None
    d = datetime.fromtimestamp(now, ZoneInfo(zone)).date()
    if period == "day":
        first, last = d, d + timedelta(1)
    elif period == "week":
        first = d - timedelta(d.weekday())
        last = first + timedelta(7)
    else:
        months = {"month": 1, "quarter": 3, "year": 12}[period]
        m = d.year * 12 + d.month - 1
        m -= m % months
        first = d.replace(year=m // 12, month=m % 12 + 1, day=1)
        m += months
        last = d.replace(year=m // 12, month=m % 12 + 1, day=1)
    return midnight(zone, first), midnight(zone, last)


class Model:
    def __init__(self):
        self.records = []  # dicts; "void" when taken back
        self.holds = {}
        self.requests = {}
        self.limits = {}   # (scope, period, kind) -> dict
        self.next_hold = 1

    def applies(self, limit, call):
        scope, name, name2 = limit["scope"]
        return {"user": lambda: call["user"] == name,
                "department": lambda: DEPARTMENTS.get(call["user"]) == name,
                "application": lambda: call["application"] == name,
                "model": lambda: call["model"] == name,
                "key": lambda: call["key"] == name,
                "everyone": lambda: True,
                "user+application": lambda: (call["user"], call["application"]) == (name, name2),
                }[scope]()

    def items(self, limit, session, now, unswept):
        """(time, used, held) of everything that a limit counts."""
        what = "tokens" if limit["kind"] == "tokens" else "cost"
        for r in self.records:
            if not r["void"] and self.applies(limit, r) and (
                    limit["period"] != "session" or r["session"] == session):
                yield r["time"], r[what], 0
        for h in self.holds.values():
            if h["state"] == "active" and not (unswept and h["expires"] <= now) and \
                    self.applies(limit, h) and (
                    limit["period"] != "session" or h["session"] == session):
                yield h["time"], 0, h[what]

    def use(self, limit, session, now, unswept):
        things = list(self.items(limit, session, now, unswept))
        if not limit["rolling"] or limit["period"] in ("hard", "session"):
            since, until = span(limit["period"], limit["zone"], now)
            things = [t for t in things if t[0] >= since and (until is None or t[0] < until)]
            return sum(t[1] for t in things), sum(t[2] for t in things)
        length = DAY if limit["period"] == "day" else 30 * DAY
        last = now // MINUTE * MINUTE
        ends = [last] + sorted({t[0] // MINUTE * MINUTE for t in things
                                if last < t[0] // MINUTE * MINUTE <= last + length})
        best = None
        for end in ends:
            within = [t for t in things if end - length <= t[0] // MINUTE * MINUTE <= end]
            s = sum(t[1] for t in within), sum(t[2] for t in within)
            if best is None or sum(s) > sum(best):
                best = s
        return best

    def look(self, call, now, unswept):
        """Every limit that applies, with what is left of it."""
        for key, limit in self.limits.items():
            if not self.applies(limit, call):
                continue
            if limit["period"] == "session" and call["session"] is None:
                continue
            used, held = self.use(limit, call["session"], now, unswept)
            need = call["tokens"] if limit["kind"] == "tokens" else call["cost"]
            left = limit["amount"] - used - held
            yield key, limit, used, held, need, left

    def sweep(self, now):
        for h in self.holds.values():
            if h["state"] == "active" and h["expires"] <= now:
                h["state"] = "expired"


class Run:
    def __init__(self, seed, folder):
        self.r = random.Random(seed)
        self.m = Model()
        start = datetime.fromisoformat(self.r.choice(STARTS)).replace(tzinfo=timezone.utc)
        self.now = int(start.timestamp())
        self.env = dict(os.environ, TOKCTL_LEDGER=folder + "/model.db", HOME=folder, TZ="UTC")
        self.log = []
        self.answers = [0, 0]  # no, yes

    def call(self, *args, ok=(0,)):
        self.env["TOKCTL_NOW"] = str(self.now)
        self.log.append("TOKCTL_NOW=%d tokctl %s" % (self.now, " ".join(args)))
        p = subprocess.run([TOKCTL, *args], env=self.env, capture_output=True, text=True)
        if p.returncode not in ok:
            self.fail("status %d: %s%s" % (p.returncode, p.stdout, p.stderr))
        return p.returncode, p.stdout

    def fail(self, why):
        print("\n".join("# " + l for l in self.log[-40:]))
        print("# " + why.replace("\n", "\n# "))
        raise SystemExit(1)

    def expect(self, what, got, want):
        if got != want:
            self.fail("%s is %r, not %r" % (what, got, want))

    def subject(self):
        r = self.r
        c = {"user": r.choice(USERS), "application": r.choice(APPS + [None]),
             "model": r.choice(MODELS), "session": r.choice(SESSIONS + [None]),
             "key": r.choice([None, None, "k1"])}
        args = ["--user", c["user"], "--model", c["model"]]
        for k in ("application", "session", "key"):
            if c[k]:
                args += ["--" + k, c[k]]
        return c, args

    def scope(self):
        r = self.r
        kind = r.choice(["user", "user", "department", "application", "model",
                         "key", "everyone", "user+application"])
        name = {"user": lambda: r.choice(USERS), "department": lambda: "eng",
                "application": lambda: r.choice(APPS), "model": lambda: r.choice(MODELS),
                "key": lambda: "k1", "everyone": lambda: "",
                "user+application": lambda: r.choice(USERS)}[kind]()
        name2 = r.choice(APPS) if kind == "user+application" else ""
        if kind == "everyone":
            args = ["--everyone"]
        elif kind == "user+application":
            args = ["--user", name, "--application", name2]
        else:
            args = ["--" + kind, name]
        return (kind, name, name2), args

    def money(self, pico):
        return "%d.%012d" % (pico // PICO, pico % PICO)

    # Operations.

    def set_quota(self):
        scope, args = self.scope()
        zone = self.r.choice(ZONES)
        rolling = self.r.random() < 0.3
        words = {"day": "--daily", "month": "--monthly", "hard": "--hard",
                 "session": "--session-limit"}
        chosen = [p for p in words if self.r.random() < 0.5] or ["day"]
        for key in [k for k in self.m.limits if k[0] == scope and k[2] == "tokens"]:
            if key[1] not in chosen:
                self.m.limits[key].update(zone=zone, rolling=rolling)
        for p in chosen:
            amount = self.r.choice([0, 50, 200, 500, 1000, 10**18])
            args += [words[p], str(amount)]
            self.m.limits[scope, p, "tokens"] = dict(scope=scope, period=p, kind="tokens",
                                                     amount=amount, zone=zone, rolling=rolling)
        self.call("quota", "set", "-q", "--tz", zone, "--window",
                  "rolling" if rolling else "calendar", *args)

    def unset(self):
        if not self.m.limits:
            return
        key = self.r.choice(list(self.m.limits))
        scope, period, kind = key
        args = ["--everyone"] if scope[0] == "everyone" else \
            ["--user", scope[1], "--application", scope[2]] if scope[0] == "user+application" \
            else ["--" + scope[0], scope[1]]
        if kind == "usd":
            self.call("budget", "unset", "-q", "--period", period, *args)
        else:
            self.call("quota", "unset", "-q", *args, {"day": "--daily", "month": "--monthly",
                      "hard": "--hard", "session": "--session-limit"}[period])
        del self.m.limits[key]

    def set_budget(self):
        scope, args = self.scope()
        zone, period = self.r.choice(ZONES), self.r.choice(["day", "week", "month", "quarter", "year"])
        amount = self.r.choice([0, PICO // 2, 3 * PICO, 10**12 * PICO])
        self.call("budget", "set", "-q", "--tz", zone, "--period", period,
                  "--limit", self.money(amount), *args)
        self.m.limits[scope, period, "usd"] = dict(scope=scope, period=period, kind="usd",
                                                   amount=amount, zone=zone, rolling=False)

    def record(self):
        c, args = self.subject()
        tokens, cost = self.r.choice([0, 1, 30, 10**15]), self.r.randrange(PICO)
        when = self.now + self.r.choice([0, 0, 0, -3600, -DAY, -20 * DAY, 7200])
        at = datetime.fromtimestamp(when, timezone.utc).isoformat()
        self.call("usage", "record", "--input", str(tokens), "--cost", self.money(cost),
                  "--at", at, *args)
        self.m.records.append(dict(c, tokens=tokens, cost=cost, time=when, void=False))

    def void(self):
        live = [i for i, r in enumerate(self.m.records) if r and not r["void"] and "id" in r]
        if not live:
            return
        r = self.m.records[self.r.choice(live)]
        self.call("usage", "void", "-q", str(r["id"]), "--reason", "x")
        r["void"] = True

    def question(self):
        c, args = self.subject()
        c["tokens"] = self.r.choice([0, 1, 20, 60, 300])
        c["cost"] = self.r.randrange(PICO)
        return c, args + ["--tokens", str(c["tokens"]), "--cost", self.money(c["cost"]), "--json"]

    def judge(self, c, out, rc, now, unswept, held_too):
        a = json.loads(out, parse_float=str)
        looks = list(self.m.look(c, now, unswept))
        fits = all(l[4] <= l[5] for l in looks)
        self.expect("allowed", a["allowed"], fits)
        self.answers[fits] += 1
        self.expect("status", rc, 0 if fits else 1)
        if not looks:
            self.expect("scope", a["scope"], None)
            return a
        name = (a["scope"], a["name"] or "", a["application"] or "")
        mine = [l for l in looks if l[0] == (name, a["period"], a["kind"])]
        if not mine:
            self.fail("a limit that does not apply: %s" % out)
        key, limit, used, held, need, left = mine[0]
        if not fits and need <= left:
            self.fail("the limit that was named does not refuse: %s" % out)
        number = (lambda n: n) if limit["kind"] == "tokens" else self.number
        more = need if held_too and fits else 0
        self.expect("limit", number(limit["amount"]), self.same(a["limit"], limit))
        self.expect("used", number(used), self.same(a["used"], limit))
        self.expect("reserved", number(held + more), self.same(a["reserved"], limit))
        self.expect("remaining", number(max(left, 0) - more), self.same(a["remaining"], limit))
        return a

    def number(self, pico):
        return self.same(self.money(pico), {"kind": "usd"})

    @staticmethod
    def same(text, limit):
        if limit["kind"] == "tokens":
            return text
        whole, _, part = str(text).partition(".")
        return int(whole) * PICO + int((part + "0" * 12)[:12])

    def check(self):
        c, args = self.question()
        rc, out = self.call("quota", "check", *args, ok=(0, 1, 3))
        if rc == 3:  # nobody knows this user yet, and no limit applies
            self.expect("limits", list(self.m.look(c, self.now, True)), [])
            return
        self.judge(c, out, rc, self.now, True, False)

    def reserve(self):
        c, args = self.question()
        ttl = self.r.choice([60, 600, 100000])
        request = "q%d" % self.r.randrange(30)
        body = (tuple(sorted((k, str(v)) for k, v in c.items())), ttl)
        args += ["--ttl", "%ds" % ttl, "--request-id", request]
        before = self.m.requests.get(request)
        rc, out = self.call("quota", "reserve", *args, ok=(0, 1, 3))
        if before is not None:
            self.expect("status", rc, 0 if before[0] == body else 3)
            if rc == 0:
                self.expect("answer", json.loads(out)["reservation"], before[1])
            return
        if rc == 3:
            self.fail("refused: " + out)
        self.m.sweep(self.now) if rc == 0 else None
        a = self.judge(c, out, rc, self.now, True, True)
        if rc == 0:
            self.m.holds[a["reservation"]] = dict(c, time=self.now, expires=self.now + ttl,
                                                  state="active", record=None)
            self.m.requests[request] = body, a["reservation"]

    def settle(self):
        if not self.m.holds:
            return
        id = self.r.choice(list(self.m.holds))
        h = self.m.holds[id]
        tokens, cost = self.r.choice([0, 10, h["tokens"], h["tokens"] + 7]), self.r.randrange(PICO)
        again = h["state"] == "settled" and self.r.random() < 0.5
        if again:
            tokens, cost = h["record"]["tokens"], h["record"]["cost"]
        rc, out = self.call("quota", "settle", id, "--input", str(tokens), "--cost",
                            self.money(cost), "--json", ok=(0, 3))
        want = 3 if h["state"] == "released" or (h["state"] == "settled" and (
            tokens, cost) != (h["record"]["tokens"], h["record"]["cost"])) else 0
        self.expect("status", rc, want)
        if rc == 0 and h["state"] != "settled":
            h["state"] = "settled"
            h["record"] = dict({k: h[k] for k in ("user", "application", "model", "session", "key")},
                               tokens=tokens, cost=cost, time=h["time"], void=False,
                               id=json.loads(out)["id"])
            self.m.records.append(h["record"])

    def release(self):
        if not self.m.holds:
            return
        id = self.r.choice(list(self.m.holds))
        h = self.m.holds[id]
        rc, _ = self.call("quota", "release", "-q", id, ok=(0, 3))
        self.expect("status", rc, 3 if h["state"] == "settled" else 0)
        if h["state"] == "active":
            h["state"] = "expired" if h["expires"] <= self.now else "released"

    def clock(self):
        self.now += self.r.choice([1, 59, 60, 600, 3600, 7200, 6 * 3600, DAY, DAY + 1800,
                                   31 * DAY, -60, -3600, -DAY, -32 * DAY])

    def show(self):
        _, out = self.call("quota", "show", "--json")
        rows = {((r["scope"], r["name"] or "", r["application"] or ""), r["period"]): r
                for r in json.loads(out)["rows"]}
        limits = {(k[0], k[1]): l for k, l in self.m.limits.items() if k[2] == "tokens"}
        self.expect("quotas", sorted(rows), sorted(limits))
        for key, l in limits.items():
            if l["period"] == "session":
                continue
            used, held = self.m.use(l, None, self.now, True)
            self.expect("use of %s" % (key,), (rows[key]["used"], rows[key]["reserved"]), (used, held))

    def steps(self, n):
        for user, department in DEPARTMENTS.items():
            self.call("user", "add", "-q", user, "--department", department)
        ops = [self.set_quota] * 3 + [self.set_budget, self.unset, self.void, self.release] + \
            [self.record] * 3 + [self.check] * 4 + [self.reserve] * 8 + [self.settle] * 5 + \
            [self.clock] * 5 + [self.show] * 2
        for _ in range(n):
            self.r.choice(ops)()
        rc, out = self.call("ledger", "check", "-f", "csv", ok=(0, 1))
        self.expect("ledger check", (rc, out), (0, out))
        self.show()
        print("# %d times yes, %d times no, %d records, %d holds" % (
            self.answers[1], self.answers[0], len(self.m.records), len(self.m.holds)))


def main():
    steps = int(sys.argv[1])
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else random.SystemRandom().randrange(10**9)
    print("# seed %d" % seed)
    import tempfile
    with tempfile.TemporaryDirectory() as folder:
        Run(seed, folder).steps(steps)


main()
