#!/bin/sh
# -f xlsx: workbooks for spreadsheets, read here as ECMA-376 has them and
# compared with CSV cell by cell.  t9500 opens them in programs.
. "$(dirname "$0")/lib.sh"
. "$here/lib-ledger.sh"
needs python3

cat >make.py <<'END'
import csv, json, sys
w = csv.writer(sys.stdout)
w.writerow("time user application model session project input_tokens output_tokens cost_usd error latency_ms tools metadata request_id".split())
names = ["alice", 'bob, "the builder"', "日本語 ユーザー", "=1+2", "a\nb", "\\N", "NULL", "nan", "007", "1e5", "null",
    "_x0041_", "_x004g_ _x", "a\rb", "bell\x07", "<b>&amp;]]>", "  lead", "trail ", "@sum", "+1", "-x", "\tt", "😀👩‍👩‍👧",
    "עברית", "tab\tx", "\ufffe\uffff", "e\u0301", "\x7f\x85\u2028", "TRUE", "2023-11-01"]
for i in range(300):
    # over both changes of the clock in Berlin, and where years change
    day = ["2023-03-26T0%d", "2023-10-29T0%d", "2022-12-31T2%d"][i % 3] % (i % 4)
    w.writerow([f"{day}:{i % 60:02}:{i * 7 % 60:02}.{i * 37 % 1000:03}Z", names[i % len(names)], names[i % 7] if i % 3 else "",
        "gpt-4.1" if i % 2 else "mystery", "", names[i * 7 % len(names)], i * 10**13 if i % 9 else 2**53 + 1, i,
        ["", "1234567.890123456789", "0.%012d" % (i + 1), "12.5"][i % 4], "rate_limit" if i % 50 == 7 else "",
        i if i % 4 else "", "Read,Edit" if i % 5 == 0 else "", json.dumps({"n": [i, "é\""], "<": None}) if i % 6 else "", f"id{i}"])
END
# Names of sheets and their cells: numbers as they are spelled, texts without
# escapes, times as milliseconds and days since 1970, and the looks.
cat >workbook.py <<'END'
import re, sys, zipfile
from datetime import datetime, timedelta
from decimal import Decimal
from xml.etree import ElementTree
M = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
P = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"
C = "{http://schemas.openxmlformats.org/package/2006/content-types}"

def column(ref):
    n = 0
    for c in re.match("[A-Z]+", ref)[0]:
        n = n * 26 + ord(c) - 64
    return n - 1

class Sheet:
    pass

def text_of(s):
    return re.sub("_x([0-9A-Fa-f]{4})_", lambda m: chr(int(m[1], 16)), s)

def value(c, looks):
    kind, look = c.get("t"), looks[int(c.get("s", 0))]
    if kind == "inlineStr":
        return text_of(c.find(f"{M}is/{M}t").text or "")
    v = c.find(M + "v").text
    if kind == "b":
        return {"1": "true", "0": "false"}[v]
    if "yyyy" in look:
        t = datetime(1899, 12, 30) + timedelta(milliseconds=round(float(v) * 86400000))
        if "hh" not in look:
            return t.date().isoformat()
        return t.isoformat(timespec="milliseconds" if t.microsecond else "seconds")
    assert re.fullmatch(r"-?\d+(\.\d+)?", v), v
    return v

def read(file):
    z = zipfile.ZipFile(file)
    assert z.testzip() is None
    get = lambda name: ElementTree.fromstring(z.read(name))
    parts = {o.get("PartName") for o in get("[Content_Types].xml").iter(C + "Override")}
    assert parts <= {"/" + n for n in z.namelist()} and all(i.date_time == (1980, 1, 1, 0, 0, 0) for i in z.infolist())
    styles = get("xl/styles.xml")
    own = {f.get("numFmtId"): f.get("formatCode") for f in styles.iter(M + "numFmt")}
    xfs = styles.find(M + "cellXfs")
    looks = [own.get(x.get("numFmtId"), x.get("numFmtId")) for x in xfs]
    bold = [styles.find(M + "fonts")[int(x.get("fontId"))].find(M + "b") is not None for x in xfs]
    rels = {r.get("Id"): r.get("Target") for r in get("xl/_rels/workbook.xml.rels").iter(P)}
    book = get("xl/workbook.xml")
    ranges = {int(d.get("localSheetId")): d.text for d in book.iter(M + "definedName")}
    sheets = []
    for i, s in enumerate(book.iter(M + "sheet")):
        o = Sheet()
        o.name = s.get("name")
        target = "xl/" + rels[s.get(R + "id")]
        assert "/" + target in parts
        root = get(target)
        # in the order that the schema wants
        assert [e.tag[len(M):] for e in root] == ["sheetViews", "cols", "sheetData", "autoFilter"]
        pane = root.find(f"{M}sheetViews/{M}sheetView/{M}pane")
        assert (pane.get("ySplit"), pane.get("state")) == ("1", "frozen")
        o.filter = root.find(M + "autoFilter").get("ref")
        assert ranges[i].replace("$", "") == f"'{o.name}'!{o.filter}"
        o.rows, o.kinds = [], []
        for n, row in enumerate(root.find(M + "sheetData"), 1):
            assert row.get("r") == str(n)
            cells, kinds, before = {}, {}, -1
            for c in row:
                at = column(c.get("r"))
                assert at > before and c.get("r").endswith(str(n)) and c.find(M + "f") is None
                assert bold[int(c.get("s", 0))] == (n == 1)
                cells[at] = value(c, looks)
                kinds[at] = c.get("t") or looks[int(c.get("s", 0))]
                if c.get("t") == "inlineStr" and n > 1:
                    assert (looks[int(c.get("s", 0))] == "49") == (cells[at][:1] in tuple("=+-@\t\r\n")), cells[at]
                before = at
            o.rows.append(cells)
            o.kinds.append(kinds)
        width = column(o.filter.split(":")[1]) + 1
        assert len(o.rows[0]) == width == len(root.find(M + "cols")) and o.filter.endswith(str(len(o.rows)))
        sheets.append(o)
    names = [s.name.lower() for s in sheets]
    assert len(set(names)) == len(names) and all(0 < len(n) <= 31 and not set("[]:*?/\\'") & set(n) and n != "history" for n in names)
    return sheets
END
# Row by row the same as CSV; the kinds of the cells, by column.
cat >compare.py <<'END'
import csv, re, sys
from workbook import read
csv.field_size_limit(10**9)
def compare(book, table):
    rows = list(csv.reader(open(table, newline="", encoding="utf-8")))
    sheets = read(book)
    sheet, kinds = sheets[0], {}
    assert len(rows) == len(sheet.rows), (len(rows), len(sheet.rows))
    for r, (want, got) in enumerate(zip(rows, sheet.rows)):
        for i, w in enumerate(want):
            g = got.get(i, "")
            if r and "hh" in sheet.kinds[r].get(i, ""):
                w = re.sub(r"(Z|[+-]\d\d:\d\d)$", "", w)
            assert g == w, (r, rows[0][i], w, g)
            if r and i in got:
                kinds.setdefault(rows[0][i], set()).add(sheet.kinds[r][i])
    return sheets, kinds
if __name__ == "__main__":
    for book in sys.argv[1:]:
        sheets, kinds = compare(book, book.replace("xlsx", "csv"))
    print(sheets[0].name, len(sheets[0].rows), *(f"{k}:{'|'.join(sorted(kinds[k]))}" for k in
        "id time user input_tokens cost_usd success metadata".split() if k in kinds))
END
test_ok 'setup' '
	python3 make.py >in.csv && tokctl usage record -q --csv in.csv &&
	tokctl usage void 7 --reason x -q && whole'

expect <<\EOF
export 300 id:1 time:yyyy\-mm\-dd\ hh:mm:ss.000 user:inlineStr input_tokens:3 cost_usd:0.00########## success:b metadata:inlineStr
EOF
for z in UTC Europe/Berlin; do
	test_ok "export: every cell is that of CSV, in its kind: $z" "
		tokctl export --tz $z -o a.xlsx && tokctl export --tz $z -o a.csv &&
		python3 compare.py a.xlsx | same"
done
test_ok 'the same bytes each time, into a pipe too; nothing but -o or -f is needed' '
	tokctl export --tz Europe/Berlin -f xlsx | cat >b.xlsx && cmp a.xlsx b.xlsx &&
	tokctl export --tz Europe/Berlin -o b.XLSX && cmp a.xlsx b.XLSX &&
	tokctl export --tz Europe/Berlin -o b.xlsx.gz && gzip -dc b.xlsx.gz | cmp - a.xlsx &&
	tokctl export --tz Europe/Berlin -f xlsx --spreadsheet | cmp - a.xlsx'
test_ok 'all that export can do: columns, sums, pseudonyms, no rows, one column' '
	i=0; for o in "--columns cost_usd,time,user" "--all" "--anonymize" "--roll-up day --by user" \
		"--roll-up month" "--columns user" "--columns time --until 2000-01-01"; do
		i=$((i + 1)); tokctl export $o -o o$i.csv && tokctl export $o -o o$i.xlsx || exit 1
	done; python3 compare.py o?.xlsx'
test_ok '--split-by month: a workbook each' '
	rm -rf m && mkdir m && tokctl export --split-by month -o m/%Y-%m.xlsx &&
	tokctl export --split-by month -o m/%Y-%m.csv && test "$(ls m | tr "\n" " ")" = \
		"2022-12.csv 2022-12.xlsx 2023-03.csv 2023-03.xlsx 2023-10.csv 2023-10.xlsx " &&
	python3 compare.py m/*.xlsx'
test_ok 'reports: the rows are those of CSV, and each part has a sheet' '
	cat >all.py <<\END
import json, os, subprocess, sys
from compare import compare
n = 0
for words in ("daily", "daily --full", "weekly", "weekly --full", "monthly", "monthly --full", "session", "block", "by user",
        "by user,model", "by model -g month --matrix", "by model --latency --success --errors", "user alice",
        "system", "calendar", "advice", "trend", "anomalies", "forecast", "accuracy"):
    at = ["--since", "2022-12-01"] if words.split()[0] not in ("advice", "accuracy") else []
    def run(form):
        return subprocess.run([os.environ["TOKCTL"], "report", *words.split(), *at, "-f", form], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    book, rows = run("xlsx"), run("csv")
    assert book.returncode == rows.returncode, (words, book, rows)
    if book.returncode or not rows.stdout:
        print("#", words, book.stderr.decode(), file=sys.stderr)
        continue
    open("r.xlsx", "wb").write(book.stdout)
    open("r.csv", "wb").write(rows.stdout)
    sheets, doc = compare("r.xlsx", "r.csv")[0], json.loads(run("json").stdout)
    for s in sheets[1:]:
        part = doc[s.name]
        assert len(part if isinstance(part, list) else [part]) == len(s.rows) - 1, (words, s.name)
    n += len(sheets)
assert n > 25, n
END
	TOKCTL="$TOKCTL" python3 all.py'
test_ok 'who reads the first sheet reads what CSV has: lists' '
	for c in "usage list" "price list" "user list" "config show"; do
		tokctl $c -f csv >"c-$c.csv" && tokctl $c -f xlsx >"c-$c.xlsx" || exit 1
	done; python3 compare.py c-*.xlsx'
test_status 3 'a text that no cell can hold is said, and nothing is lost' '
	python3 -c "
import json
for n in (32766, 32767, 32768):
    print(json.dumps({\"user\": \"u\", \"model\": \"m\", \"input_tokens\": 1, \"output_tokens\": 1, \"request_id\": f\"r{n}\",
        \"metadata\": {\"k\": \"a\" * (n - 8)}}, separators=(\",\", \":\")))" >long.jsonl
	tokctl usage record -q -L long.db --jsonl long.jsonl && echo old >l.xlsx
	tokctl export -L long.db -o l.xlsx 2>err; rc=$?
	cat err; grep -q "metadata.* in row 4 has 32768 .*32767" err && test "$(cat l.xlsx*)" = old && exit $rc'
test_status 2 'a terminal is no place for it' '
	python3 -c "
import os, pty, sys
sys.exit(os.waitstatus_to_exitcode(pty.spawn([os.environ[\"TOKCTL\"], \"export\", \"-f\", \"xlsx\"], lambda fd: os.read(fd, 1024))))"'
test_status 4 'a full disk is said' 'tokctl export -f xlsx >/dev/full'
test_status 4 'and leaves the file as it was' '
	echo old >f.xlsx; (ulimit -f 4; tokctl export -o f.xlsx); rc=$?; test "$(cat f.xlsx*)" = old && exit $rc'
test_ok 'a pipe that is closed early ends it well' '
	{ i=0; while test $i -lt 4000; do echo "{\"user\":\"u$i\",\"model\":\"m\",\"input_tokens\":$i,\"output_tokens\":$((i * i))}"; i=$((i + 1)); done; } |
		tokctl usage record -q -L many.db --jsonl - &&
	{ tokctl export -L many.db -f xlsx; echo $? >rc; } | head -c 10 >out; test "$(cat rc)" = 141'
test_done
