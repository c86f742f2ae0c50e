#!/bin/sh
# tokctl export: what others make of it, without options: PostgreSQL's COPY into
# typed columns, DuckDB, pandas, spreadsheets.  What is not installed is passed over.
. "$(dirname "$0")/lib.sh"
. "$here/lib-ledger.sh"
needs python3
skip() {
	test_n=$((test_n + 1))
	echo "ok $test_n - # SKIP no $1 here"
}

# Names that make trouble, numbers of all kinds, fields that are not there.
test_ok 'setup' '
	cat >make.py <<\END
import csv, sys
w = csv.writer(sys.stdout)
w.writerow("time user application model session input_tokens output_tokens cost_usd error latency_ms metadata request_id".split())
names = ["alice", "bob, \"the builder\"", "日本語 ユーザー", "=1+2", "a\nb", "\\N", "NULL", "nan", "007", "1e5", "null"]
for i in range(500):
    w.writerow(["2023-11-%02dT%02d:00:00.%03dZ" % (1 + i % 14, i % 24, i), names[i % len(names)],
        names[i % 7] if i % 3 else "", "mystery", "", i * 10**14, i, "0.%012d" % (i + 1) if i % 5 else "",
        "rate_limit" if i % 50 == 7 else "", i if i % 4 else "", "{\"n\": [%d, \"\\u00e9\\\"\"]}" % i if i % 6 else "", "id%d" % i])
END
	python3 make.py >in.csv && tokctl usage record -q --csv in.csv &&
	tokctl export -o e.csv && tokctl export -f jsonl -o e.jsonl'
cat >sums.py <<'END'
# What every reader must find: rows, sums, how many are empty, the names.
import csv, decimal, hashlib
rows = list(csv.DictReader(open("e.csv", newline="", encoding="utf-8")))
print(len(rows), sum(int(r["input_tokens"]) for r in rows),
      format(sum(decimal.Decimal(r["cost_usd"]) for r in rows if r["cost_usd"]), "f"),
      sum(r["application"] == "" for r in rows),
      sum(r["success"] == "true" for r in rows),
      hashlib.md5("|".join(sorted(r["user"] for r in rows)).encode()).hexdigest())
END
python3 sums.py >want

pg="" as=""
for d in /usr/lib/postgresql/*/bin; do
	pg=$d
done
export pg as
if test -n "$pg" && test -x "$pg/initdb"; then
	mkdir pg && if test "$(id -u)" = 0; then
		as='runuser -u postgres --'
		chown postgres pg && chmod 755 . ..
	fi
	cat >load.sql <<'END'
\set ON_ERROR_STOP 1
SET client_encoding TO 'UTF8';
CREATE TABLE u (id bigint, time timestamptz, "user" text, application text, model text,
	provider text, session text, project text, agent text, endpoint text, priority text,
	source text, tier text, requests bigint, input_tokens bigint, cache_read_tokens bigint,
	cache_write_5m_tokens bigint, cache_write_1h_tokens bigint, cache_write_other_tokens bigint,
	cache_write_tokens bigint, output_tokens bigint, reasoning_tokens bigint,
	unsplit_tokens bigint, total_tokens bigint, estimated_input_tokens bigint,
	web_searches bigint, cost_usd numeric, cost_origin text, request_id text, success boolean,
	error text, latency_ms bigint, first_token_ms bigint, tools text, metadata jsonb,
	machine text, key text);
\copy u FROM 'e.csv' CSV HEADER
SELECT count(*), sum(input_tokens), sum(cost_usd), count(*) FILTER (WHERE application IS NULL),
	count(*) FILTER (WHERE success), md5(string_agg("user", '|' ORDER BY "user" COLLATE "C")) FROM u;
SELECT metadata->'n'->>1 FROM u WHERE metadata IS NOT NULL LIMIT 1;
END
	test_ok 'PostgreSQL: COPY ... CSV HEADER into columns of their types' '
		$as "$pg/initdb" -D "$trash/pg/data" -A trust -E UTF8 --locale=C -U postgres >init.log 2>&1 &&
		$as "$pg/pg_ctl" -D "$trash/pg/data" -w -o "-k $trash/pg -c listen_addresses= -c fsync=off" \
			-l "$trash/pg/log" start >start.log 2>&1 || { cat init.log start.log; exit 1; }
		psql -X -q -t -A -F " " -h "$trash/pg" -U postgres -f load.sql >got 2>err
		rc=$?
		$as "$pg/pg_ctl" -D "$trash/pg/data" -w -m immediate stop >stop.log 2>&1
		cat err
		test $rc = 0 && head -n 1 got | diff want - && tail -n 1 got | grep -qx "é\""'
else
	skip PostgreSQL
fi
if command -v duckdb >/dev/null; then
	test_ok 'DuckDB: FROM the file' '
		test "$(duckdb -csv -noheader -c "SELECT count(*), sum(output_tokens) FROM \"e.csv\"")" = "500,124750" &&
		test "$(duckdb -csv -noheader -c "SELECT count(*), sum(output_tokens) FROM \"e.jsonl\"")" = "500,124750"'
else
	skip DuckDB
fi
if python3 -c 'import pandas' 2>/dev/null; then
	test_ok 'pandas: read_csv and read_json' '
		python3 -c "
import pandas
for d in (pandas.read_csv(\"e.csv\"), pandas.read_json(\"e.jsonl\", lines=True)):
    assert len(d) == 500 and d.output_tokens.sum() == 124750 and d.success.sum() == 490
    assert pandas.to_datetime(d.time, utc=True).min().isoformat().startswith(\"2023-11-01T00:00:00\")"'
else
	skip pandas
fi
# Names in all scripts, every row, and no formula.
cat >sheet.py <<'END'
import re, sys, zipfile
x = zipfile.ZipFile(sys.argv[1]).read("content.xml").decode()
text = re.findall("<text:p>([^<]*)", x)
assert "日本語 ユーザー" in text, text[:80]
# LibreOffice has no other truths
assert set(re.findall('table:formula="([^"]*)', x)) <= {"of:=TRUE()", "of:=FALSE()"}
assert text[0] == "id" and sum(t.startswith("id") for t in text) == 501
END
# A workbook that a program wrote as CSV in UTF-8: texts to the letter, numbers
# to the digits that a spreadsheet shows, times to the millisecond.
cat >book.py <<'END'
import csv, datetime, sys
want, got = (list(csv.reader(open(f, newline="", encoding="utf-8"))) for f in ("e.csv", sys.argv[1]))
assert len(want) == len(got)
def same(column, w, g):
    if column == "time":
        return datetime.datetime.fromisoformat(w.replace("Z", "")) == datetime.datetime.fromisoformat(g.replace("/", "-"))
    if column in ("user", "application", "model", "metadata") or not w or w[0].isalpha():
        return w == g or w.upper() == g
    return w == g or abs(float(w) - float(g)) <= 1e-14 * abs(float(w))
for r, (a, b) in enumerate(zip(want, got)):
    for column, w, g in zip(want[0], a, b):
        assert same(column, w, g) if r else w == g, (r, column, w, g)
END
tokctl export --spreadsheet -o s.csv
tokctl export -o e.xlsx
if command -v ssconvert >/dev/null; then
	test_ok 'Gnumeric: CSV opened as it is' '
		ssconvert s.csv g.ods >log 2>&1 && python3 sheet.py g.ods'
	test_ok 'Gnumeric: a workbook' 'ssconvert e.xlsx g.csv >log 2>&1 && python3 book.py g.csv'
else
	skip Gnumeric
fi
if command -v soffice >/dev/null; then
	office() {
		soffice "-env:UserInstallation=file://$PWD/profile" --headless "$@"
	}
	test_ok 'LibreOffice: CSV, told that it is UTF-8' '
		office --infilter=CSV:44,34,UTF8 --convert-to ods s.csv >log 2>&1 && python3 sheet.py s.ods'
	test_ok 'LibreOffice: a workbook, without options' '
		office --convert-to ods e.xlsx >log 2>&1 && python3 sheet.py e.ods &&
		office --convert-to "csv:Text - txt - csv (StarCalc):44,34,UTF8,1,,0,false,true,false" \
			--outdir o e.xlsx >log 2>&1 && python3 book.py o/e.csv'
else
	skip LibreOffice
fi
if python3 -c 'import openpyxl, pandas' 2>/dev/null; then
	test_ok 'pandas: read_excel' '
		python3 -W error::UserWarning -c "
import pandas
d, c = pandas.read_excel(\"e.xlsx\", keep_default_na=False, na_values=[\"\"]), pandas.read_csv(\"e.csv\", keep_default_na=False, na_values=[\"\"])
assert list(d.columns) == list(c.columns) and len(d) == 500
assert d.time.dtype.kind == \"M\" and d.success.dtype.kind == \"b\"
assert (d.time.dt.tz_localize(\"UTC\") == pandas.to_datetime(c.time, utc=True)).all()
for k in set(c.columns) - {\"time\"}:
    same = (d[k] == c[k]) | (d[k].isna() & c[k].isna())
    assert same.all(), (k, d[k][~same].tolist()[:5], c[k][~same].tolist()[:5])"'
else
	skip pandas
fi
test_done
