"""Ask "tokctl report" and add up the exported records by another way, with
Python's zoneinfo, datetime and Decimal: they must agree.

	report_ref.py <jobs

A job is a line: ledger, zone, first day of the week (0 is Monday),
dimensions, and filters as "user=alice", "since=RFC 3339", "period=2023-10".
For each one line is printed: "ok" or what differs.
"""
import csv
import datetime
import decimal
import functools
import io
import os
import re
import subprocess
import sys
import zoneinfo

SUMS = ("requests", "input_tokens", "cache_read_tokens",
        "cache_write_5m_tokens", "cache_write_1h_tokens",
        "cache_write_tokens", "output_tokens", "reasoning_tokens",
        "total_tokens")
TIMES = ("hour", "date", "week", "month")
CLOCK = TIMES + ("weekday", "hour_of_day")
UTC = datetime.timezone.utc
DAY = datetime.timedelta(1)
DAYS = "Mon Tue Wed Thu Fri Sat Sun".split()
exported = {}


def tokctl(*args, **env):
    done = subprocess.run([os.environ["TOKCTL"], *args], check=True,
                          env={**os.environ, **env}, encoding="utf-8",
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    return list(csv.DictReader(io.StringIO(done.stdout)))


def parse(time):
    return datetime.datetime.fromisoformat(time.replace("Z", "+00:00"))


def records(ledger):
    if ledger not in exported:
        rows = tokctl("export", "-f", "csv", "--tz", "UTC", "-L", ledger)
        for row in rows:
            row["at"] = parse(row["time"])
            row["sums"] = [int(row[name]) for name in SUMS]
            cost = row["cost_usd"]
            row["cost"] = decimal.Decimal(cost) if cost else None
        exported[ledger] = rows
    return exported[ledger]


def name_of_week(day, week_start):
    first = day - DAY * ((day.weekday() - week_start) % 7)
    # Named by the ISO week that it shares most days with.
    iso = (first + DAY * 3).isocalendar()
    return "%04d-W%02d" % (iso[0], iso[1])


@functools.cache
def departments(ledger):
    """LEDGER.departments: lines of user, since when (RFC 3339), name."""
    if not os.path.exists(ledger + ".departments"):
        return []
    with open(ledger + ".departments", encoding="utf-8") as lines:
        fields = [line.split() for line in lines]
    return [(user, parse(since), name) for user, since, name in fields]


def department_of(ledger, row):
    found = None
    for user, since, name in departments(ledger):
        if user == row["user"] and (found is None or row["at"] >= since):
            found = name
    return "" if found in (None, "none") else found


@functools.cache
def family_of(model):
    name = model.rsplit("/", 1)[-1]
    name = re.sub(r"^([a-z]+\.)+(?=[a-z])", "", name, flags=re.I)
    return (re.match(r"[a-z]+", name, re.I) or [name])[0].lower()


def key_of(dim, row, zone, week_start, ledger=""):
    if dim == "department":
        return department_of(ledger, row)
    if dim == "model_family":
        return family_of(row["model"])
    if dim not in CLOCK:
        return row[dim]
    local = row["at"].astimezone(zone)
    if dim == "weekday":
        return DAYS[local.weekday()]
    if dim == "hour_of_day":
        return "%02d" % local.hour
    day = local.date()
    if dim == "date":
        return day.isoformat()
    if dim == "month":
        return "%04d-%02d" % (day.year, day.month)
    if dim == "week":
        return name_of_week(day, week_start)
    # The clock hour: its start, or where the offset became what it is.
    start = local.replace(minute=0, second=0, microsecond=0)
    begin = row["at"] - (local.replace(tzinfo=None) -
                         start.replace(tzinfo=None))
    while begin.astimezone(zone).utcoffset() != local.utcoffset():
        begin += datetime.timedelta(seconds=30)
    return begin.isoformat()


def wanted(row, zone, filters, ledger):
    names = {}
    for key, value in filters:
        if key == "since":
            if row["at"] < value:
                return False
        elif key == "until":
            if row["at"] >= value:
                return False
        elif key == "period":
            day = row["at"].astimezone(zone).date()
            spelled = (day.isoformat(), "%04d-%02d" % (day.year, day.month),
                       name_of_week(day, 0))
            if value not in spelled:
                return False
        else:
            names.setdefault(key, set()).add(value)
    return all(key_of(key, row, zone, 0, ledger) in values
               for key, values in names.items())


def expected(ledger, zone, week_start, dims, filters):
    groups = {}
    filters = [(k, parse(v) if k in ("since", "until") else v)
               for k, v in filters]
    for row in records(ledger):
        if filters and not wanted(row, zone, filters, ledger):
            continue
        key = tuple(key_of(d, row, zone, week_start, ledger) for d in dims)
        sums = groups.setdefault(key, [0] * len(SUMS) + [decimal.Decimal(), 0])
        for i, n in enumerate(row["sums"]):
            sums[i] += n
        if row["cost"] is None:
            sums[-1] += row["sums"][0]
        else:
            sums[-2] += row["cost"]
    for sums in groups.values():
        if sums[-1] == sums[0]:
            sums[-2] = None
    return groups


def reported(ledger, zone, week_start, dims, filters):
    args = ["report", "by", ",".join(dims), "--sort", "key", "-f", "csv",
            "--tz", zone, "-L", ledger]
    for key, value in filters:
        args += ["--" + key.replace("_", "-"), value]
    groups = {}
    for row in tokctl(*args, TOKCTL_UI_WEEK_START="monday" if week_start == 0
                      else "sunday"):
        key = tuple(parse(row[d]).astimezone(UTC).isoformat() if d == "hour"
                    else row[d] for d in dims)
        cost = row["cost_usd"]
        assert key not in groups, key
        groups[key] = [int(row[name]) for name in SUMS] + [
            decimal.Decimal(cost) if cost else None,
            int(row["unpriced_requests"])]
    return groups


def main():
    decimal.getcontext().prec = 60
    for line in sys.stdin:
        ledger, zone, week_start, dims, *filters = line.split()
        dims = dims.split(",")
        filters = [tuple(f.split("=", 1)) for f in filters]
        want = expected(ledger, zoneinfo.ZoneInfo(zone), int(week_start), dims,
                        filters)
        got = reported(ledger, zone, int(week_start), dims, filters)
        if not want:
            print("no records: the job proves nothing")
        elif want == got and (dims[0] not in TIMES or
                              list(got) == sorted(got)):
            print("ok")
        else:
            bad = [k for k in {**want, **got} if want.get(k) != got.get(k)]
            print("%d of %d rows differ, first %s: %s, not %s" % (
                len(bad), len(want), bad[:1], got.get(bad[0]) if bad else "",
                want.get(bad[0]) if bad else ""))
        sys.stdout.flush()


main()
