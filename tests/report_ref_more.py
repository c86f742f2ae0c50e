"""Ask the reports that compare, arrange and judge, and compute the same from
the exported records by another way.

	report_ref_more.py CHECK LEDGER ZONE [ARGUMENT...]

Prints "ok" or what differs.
"""
import bisect
import csv
import datetime
import decimal
import io
import json
import os
import subprocess
import sys
import zoneinfo

UTC = datetime.timezone.utc
D = decimal.Decimal
decimal.getcontext().prec = 60


def run(*args):
    done = subprocess.run([os.environ["TOKCTL"], *args], check=True,
                          encoding="utf-8", stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL)
    return done.stdout


def ask(*args):
    return json.loads(run(*args, "--json"), parse_float=D)


def records(ledger):
    rows = list(csv.DictReader(io.StringIO(
        run("export", "-f", "csv", "--tz", "UTC", "-L", ledger))))
    for row in rows:
        row["at"] = datetime.datetime.fromisoformat(
            row["time"].replace("Z", "+00:00"))
    # What was taken back, and what took it back, is in no latency.
    gone = {row.get("reverses") for row in rows if row.get("reverses")}
    return rows, [row for row in rows
                  if row["requests"] == "1" and row["id"] not in gone]


def differ(what, want, got):
    if want != got:
        print("%s: %s, not %s" % (what, got, want))
        sys.exit()


def cost_of(rows):
    known = [D(r["cost_usd"]) for r in rows if r["cost_usd"] != ""]
    return sum(known, D()) if known or not rows else None


def tokens_of(rows):
    return sum(int(r["total_tokens"]) for r in rows)


def requests_of(rows):
    return sum(int(r["requests"]) for r in rows)


def groups(rows, key):
    found = {}
    for row in rows:
        found.setdefault(key(row), []).append(row)
    return found


def ratio(part, whole):
    if whole == 0:
        return None
    exact = D(abs(part)) / abs(whole)
    near = exact.quantize(D("0.000001"), decimal.ROUND_HALF_UP)
    return near if (part < 0) == (whole < 0) else -near


def breakdown(rows, name):
    whole = tokens_of(rows)
    found = [(key, tokens_of(g), cost_of(g), ratio(tokens_of(g) * 100, whole))
             for key, g in groups(rows, lambda r: r[name] or None).items()]
    return sorted(found, key=lambda x: (-x[1], x[0]))


def listed(rows, name):
    return [(r[name], r["tokens"], r["cost"], r["percentage"]) for r in rows]


def check_user(ledger, zone, user, since, until):
    got = ask("report", "user", user, "-L", ledger, "--tz", zone, "--since",
              since, "--until", until)
    z = zoneinfo.ZoneInfo(zone)
    rows = [r for r in records(ledger)[0] if r["user"] == user and
            since <= r["at"].astimezone(z).date().isoformat() <= until]
    days = groups(rows, lambda r: r["at"].astimezone(z).date().isoformat())
    differ("days", [(d, tokens_of(g), cost_of(g), requests_of(g))
                    for d, g in sorted(days.items())],
           [(r["date"], r["tokens"], r["cost"], r["requests"])
            for r in got["daily_breakdown"]])
    differ("rows", [(d, tokens_of(g)) for d, g in sorted(days.items())],
           [(r["date"], r["total_tokens"]) for r in got["rows"]])
    n = requests_of(rows)
    differ("summary", {
        "total_tokens": tokens_of(rows), "total_cost": cost_of(rows),
        "average_tokens_per_request": (tokens_of(rows) + n // 2) // n,
        "request_count": n,
        "unique_applications": len({r["application"] for r in rows})},
        got["summary"])
    differ("applications", breakdown(rows, "application"),
           listed(got["application_breakdown"], "application"))
    differ("models", breakdown(rows, "model"),
           listed(got["model_breakdown"], "model"))
    assert set(got["trends"]) == {"daily_growth_rate", "cost_trend",
                                  "usage_prediction"}


def check_system(ledger, zone, since, until, idle):
    """idle: how many users have no record in the range."""
    got = ask("report", "system", "-L", ledger, "--tz", zone, "--since",
              since, "--until", until)
    z = zoneinfo.ZoneInfo(zone)
    rows = [r for r in records(ledger)[0]
            if since <= r["at"].astimezone(z).date().isoformat() <= until]
    by_user = {u: tokens_of(g)
               for u, g in groups(rows, lambda r: r["user"]).items()}
    total = len(by_user) + int(idle)
    differ("users", (total, len(by_user)), (got["summary"]["total_users"],
                                            got["summary"]["active_users"]))
    differ("average", (tokens_of(rows) + total // 2) // total,
           got["summary"]["average_tokens_per_user"])
    bounds = [1000 * 10 ** k for k in range(30)]
    ranges = {0: int(idle)}
    for tokens in by_user.values():
        k = bisect.bisect_left(bounds, tokens)
        ranges[k] = ranges.get(k, 0) + 1
    want = [("%d-%d" % (bounds[k - 1] + 1 if k else 0, bounds[k]),
             ranges.get(k, 0), ratio(ranges.get(k, 0) * 100, total))
            for k in range(max(ranges) + 1)]
    differ("ranges", want, [(r["usage_range"], r["user_count"],
                             r["percentage"])
                            for r in got["user_distribution"]])
    differ("applications", breakdown(rows, "application"),
           listed(got["top_applications"], "application"))
    differ("models", {k: cost_of(g) for k, g in
                      groups(rows, lambda r: r["model"]).items()},
           got["cost_breakdown"]["by_model"])
    differ("departments", cost_of(rows), sum(
        filter(None, got["cost_breakdown"]["by_department"].values())))


def check_latency(ledger, zone):
    got = ask("report", "by", "model", "--latency", "--success", "-L", ledger,
              "--tz", zone)
    every, standing = records(ledger)

    def quantiles(rows):
        all_ms = sorted(int(r["latency_ms"]) for r in rows if r["latency_ms"])
        if not all_ms:
            return [None] * 3
        exact = [all_ms[-(-len(all_ms) * p // 100) - 1] for p in (50, 95, 99)]
        return [ms >> max(ms.bit_length() - 8, 0)
                << max(ms.bit_length() - 8, 0) for ms in exact]

    names = ("latency_p50_ms", "latency_p95_ms", "latency_p99_ms")
    for key, rows in groups(standing, lambda r: r["model"]).items():
        row = [r for r in got["rows"] if r["model"] == key][0]
        differ(key, quantiles(rows), [row[n] for n in names])
        failed = sum(r["error"] != "" for r in rows)
        differ(key + " failed", (failed, ratio(len(rows) - failed, len(rows))),
               (row["failed_requests"], row["success_ratio"]))
    differ("all", quantiles(standing), [got["total"][n] for n in names])
    assert requests_of(every) == len(standing)


def check_matrix(ledger, zone, step, metric):
    got = ask("report", "by", "model", "-g", step, "--matrix", "-M", metric,
              "-L", ledger, "--tz", zone)
    flat = ask("report", "by", "model", "-g", step, "-L", ledger, "--tz", zone)
    name = "date" if step == "day" else step
    value = {"cost": "cost_usd", "tokens": "total_tokens",
             "requests": "requests"}[metric]
    cells = {(r["model"], r[name]): r for r in flat["rows"]}
    for row in got["rows"]:
        periods = [k for k in row if k not in ("model", "total", "mean")]
        assert periods == sorted(periods)
        for period in periods:
            cell = cells.pop((row["model"], period), None)
            differ((row["model"], period), cell[value] if cell else 0,
                   row[period])
        known = [row[p] for p in periods if row[p] is not None]
        if row["total"] is not None:
            differ(row["model"], sum(known), row["total"])
    differ("left", {}, cells)
    differ("total", flat["total"][value], got["total"]["total"])


def check_compare(ledger, zone, since, until, now, before, end):
    """Ranges as RFC 3339; the one before is given by hand."""
    os.environ["TOKCTL_NOW"] = now
    args = ["--since", since] + (["--until", until] if until != "-" else [])
    got = ask("report", "by", "user,model", "--compare", "previous", "-L",
              ledger, "--tz", zone, *args)
    old = ask("report", "by", "user,model", "-L", ledger, "--tz", zone,
              "--since", before, "--until", end)
    new = ask("report", "by", "user,model", "-L", ledger, "--tz", zone, *args)

    def table(rows):
        return {(r["user"], r["model"]): (r["requests"], r["total_tokens"],
                                          r["cost_usd"]) for r in rows}
    was, now_is, none = table(old["rows"]), table(new["rows"]), (0, 0, 0)
    assert was, "nothing to compare with: the check proves nothing"
    differ("rows", set(was) | set(now_is), set(table(got["rows"])))
    for row in got["rows"]:
        key = (row["user"], row["model"])
        differ(key, now_is.get(key, none), table([row])[key])
        differ(key, was.get(key, none), tuple(row["previous_" + n] for n in (
            "requests", "total_tokens", "cost_usd")))
        change = row["total_tokens"] - row["previous_total_tokens"]
        differ(key, ratio(change, row["previous_total_tokens"]),
               row["tokens_change_ratio"])
    differ("total", old["total"]["total_tokens"],
           got["total"]["previous_total_tokens"])


def check_calendar(ledger, zone, weeks):
    got = ask("report", "calendar", "-L", ledger, "--tz", zone, "--last",
              weeks)
    tokens = sorted(r["total_tokens"] for r in got["rows"])
    cuts = [tokens[-(-len(tokens) * k // 4) - 1] for k in (1, 2, 3)]
    for row in got["rows"]:
        differ(row["date"], 1 + bisect.bisect_left(cuts, row["total_tokens"]),
               row["level"])
    assert len(got["rows"]) > 3


globals()["check_" + sys.argv[1]](*sys.argv[2:])
print("ok")
