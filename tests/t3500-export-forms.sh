#!/bin/sh
# tokctl export: columns, roll-ups, files by period, compression, pseudonyms,
# and that what leaves one ledger is what arrives in another.
. "$(dirname "$0")/lib.sh"
. "$here/lib-ledger.sh"
needs python3 sqlite3

cat >make.py <<\END
import random
random.seed(11)
pick = random.choice
print("time,user,application,model,session,project,endpoint,priority,tier,"
    "input_tokens,output_tokens,cache_read_tokens,reasoning_tokens,cost_usd,"
    "error,latency_ms,tools,metadata,machine,request_id")
for i in range(400):
    print(f"{1690000000 + i * 25000 + random.randint(0, 9999)}.{i % 1000:03},"
        + pick(["alice", '"=1+2"', '"say ""hi"", bob"', "日本語", "@sum", "-x"])
        + "," + pick(["chat", "ed", ""]) + "," + pick(["gpt-4.1", "mystery",
        "claude-sonnet-4-5"]) + f",s{i // 9}," + pick(["", "web", '"a\nb"'])
        + "," + pick(["", "/v1/chat"]) + "," + pick(["", "Low", "High"]) + ","
        + pick(["", "batch"]) + f",{pick([0, 5, 10**6])},{i},{i * 3},{i // 2},"
        + pick(["", "", "0.000000000001", "12.5"]) + "," + pick(["", "", "e"])
        + "," + pick(["", "120"]) + "," + pick(["", '"Read,Edit"']) + ","
        + pick(["", '"{""k"":""v, \\u00e9""}"']) + "," + pick(["", "m1"]) + ","
        + pick(["", f"req-{i}"]))
END
test_ok 'setup' '
	python3 make.py >in.csv && tokctl usage record -q --csv in.csv &&
	tokctl usage void 7 --reason x -q && whole'

expect <<\EOF
cost_usd,time,user
0.00875,2023-11-13T12:00:00Z,al
EOF
test_ok '--columns chooses and orders' '
	tokctl usage record -q -L c.db -u al -m gpt-4.1 --at 2023-11-13T12:00:00Z \
		--input 4375 --request-id r &&
	tokctl export -L c.db --columns cost_usd,time,user | same &&
	test "$(tokctl export -L c.db --columns user,model -f jsonl)" = \
		"{\"user\":\"al\",\"model\":\"gpt-4.1\"}"'
test_ok 'every column alone is that of the whole' '
	tokctl export -f jsonl >all.jsonl &&
	for c in $(tokctl export --until 2000-01-01 | tr , " "); do
		tokctl export -f jsonl --columns "$c" >one.jsonl &&
		python3 -c "
import json, sys
for a, b in zip(open(\"all.jsonl\"), open(\"one.jsonl\"), strict=True):
    assert json.loads(b) == {\"$c\": json.loads(a)[\"$c\"]}" || exit 1
	done'
test_status 2 'a column that is not there is an error that knows better' '
	tokctl export --columns usr 2>err; rc=$?; grep -q "user" err && exit $rc'
test_status 2 'nor may one be there twice' 'tokctl export --columns user,user'

# CSV without that column
without() {
	python3 -c '
import csv, sys
r = csv.DictReader(sys.stdin)
f = [x for x in r.fieldnames if x != sys.argv[1]]
w = csv.DictWriter(sys.stdout, f, extrasaction="ignore", lineterminator="\n")
w.writeheader()
w.writerows(r)' "$1"
}
for p in hour day week month; do
	test_ok "--roll-up $p: the figures of the reports" "
		tokctl export --roll-up $p --by user,model -f csv >a &&
		tokctl report by $(echo $p | sed s/day/date/),user,model -f csv |
			without complete >b &&
		cmp a b && test \$(wc -l <a) -gt 10"
done
for bad in '--by user' '--roll-up day --by nosuch' '--roll-up day --by user,user' \
	'--roll-up day --by date' '--roll-up day --all' '--roll-up year' \
	'--roll-up day --columns user'; do
	test_status 2 "wrong: $bad" "tokctl export $bad"
done

# Enough for a second thread; half of the names come on the way.
test_ok 'two threads write what one writes' '
	awk "BEGIN {
		print \"time,user,session,model,input_tokens,output_tokens,request_id\"
		for (i = 0; i < 24000; i++)
			print 1690000000 + i \",u\" i % 7 \",s\" int(i / 3) \",gpt-4.1,\" i % 991 \",\" i % 97 \",\" (i % 5 ? \"r\" i : \"\")
	}" >many.csv && tokctl usage record -q -L many.db --csv many.csv &&
	for f in csv jsonl json; do
		for o in "" "--columns session,user" "--until 2023-07-22T10:00:00Z" \
			"--user u3 --anonymize"; do
			tokctl export -L many.db -f $f $o >two &&
			taskset -c $(taskset -cp $$ | sed "s/.*[ ,-]//") "$TOKCTL" export \
				-L many.db -f $f $o >one && cmp one two &&
			test $(wc -l <one) -gt 3000 || exit 1
		done
	done &&
	test "$(tokctl export -L many.db --columns id,request_id | sed 1d |
		grep -c "^\([0-9]*\),\(r[0-9]*\|tokctl:[0-9a-f]*:\1\)$")" = 24000'
test_ok 'a pipe that is closed early ends it well' '
	{ tokctl export -L many.db; echo $? >rc; } | head -n 2 >two &&
	test "$(wc -l <two)" = 2 && test "$(cat rc)" = 141'

test_ok '.gz and .zst are compressed, and the same inside' '
	tokctl export -o a.csv && tokctl export -o a.csv.gz && gzip -dc a.csv.gz | cmp - a.csv &&
	test $(wc -c <a.csv.gz) -lt $(wc -c <a.csv) &&
	if command -v zstd >/dev/null; then
		tokctl export -o a.csv.zst && zstd -qdc a.csv.zst | cmp - a.csv
	fi &&
	tokctl export -o b.csv.gz && cmp a.csv.gz b.csv.gz &&
	tokctl report daily -f html -o r.html.gz && gzip -dc r.html.gz | grep -q "</html>"'
for name in json jsonl:ndjson csv:CSV md:markdown html:htm csv:csv.gz \
	jsonl:jsonl.gz; do
	as=${name%:*} suffix=${name#*:}
	test_ok "-o x.$suffix is $as, for reports and exports" "
		for of in 'report daily' 'report by model --top 2' export 'usage list'; do
			TOKCTL_OUTPUT_FORMAT=md tokctl \$of -o x.$suffix &&
			tokctl \$of -f $as -o y.$suffix && cmp x.$suffix y.$suffix &&
			tokctl \$of -f $as -o z && { cmp -s y.$suffix z ||
				gzip -dc x.$suffix | cmp - z; } || exit 1
		done"
done
test_ok '-f comes first, and what is not known asks for nothing' '
	tokctl export -f jsonl -o x.csv && tokctl export -f jsonl | cmp - x.csv &&
	for name in x.txt x .csv.d/json x.json.bak; do
		mkdir -p .csv.d && tokctl export -o $name && tokctl export | cmp - $name &&
		tokctl report daily -o $name && tokctl report daily | cmp - $name || exit 1
	done'
test_ok '-o x.svg is the picture that --plot draws' '
	tokctl report daily --plot p.svg >out && tokctl report daily -o x.svg && cmp p.svg x.svg'
test_status 2 'no picture of records' 'tokctl export -o x.svg'
test_ok 'what is no table keeps its form, whatever the file is called' '
	echo "one two" >in && tokctl count -e cl100k_base in -o n.json && test "$(cat n.json)" = "3 in"'
test_ok 'a disk that is full leaves the old compressed file' '
	echo old >f.csv.gz
	(ulimit -f 4; tokctl export -o f.csv.gz) 2>err
	test $? = 4 && test "$(cat f.csv.gz*)" = old'

for z in UTC America/New_York; do
	test_ok "--split-by month: all of it, once, each in its month: $z" "
		rm -rf m && mkdir m && tokctl export --tz $z --split-by month -o m/u-%Y-%m.csv &&
		test \$(ls m | wc -l) -ge 4 && for f in m/*; do
			month=\${f#m/u-} && month=\${month%.csv}
			tail -n +2 \$f | grep -o '^[0-9]*,[0-9-]\{7\}' | cut -d, -f2 |
				sort -u | grep -qx \$month || exit 1
		done &&
		{ tokctl export --tz $z | head -n 1
		for f in m/*; do tail -n +2 \$f; done; } >joined &&
		tokctl usage import -q -L joined-$(basename $z).db --from csv joined >out &&
		tokctl ledger check --equal joined-$(basename $z).db -q"
done
test_ok '--split-by day, compressed, filtered; nothing is written for nothing' '
	rm -rf d && mkdir d &&
	tokctl export --since 2023-08-01 --until 2023-08-10 --split-by day -f jsonl \
		-o d/%Y%m%d-100%%.jsonl.gz &&
	ls d | grep -vq "^202308[01][0-9]-100%.jsonl.gz" && exit 1
	test "$(gzip -dc d/* | wc -l)" = "$(tokctl export --since 2023-08-01 \
		--until 2023-08-10 -f jsonl | wc -l)" &&
	rm -rf e && mkdir e && tokctl export --until 2000-01-01 --split-by day -o e/%Y%m%d &&
	test -z "$(ls e)"'
for bad in '' '-o x.csv' '-o %Y.csv' '-o %Y-%m-%d.csv' '-o %Y-%m-%H.csv' \
	'-o %Y-%m%'; do
	test_status 2 "--split-by month $bad" "tokctl export --split-by month $bad"
done

test_ok '--anonymize: no name is left' '
	tokctl export --anonymize -f json -u alice -o anon.json &&
	tokctl export --anonymize -f jsonl >anon.jsonl &&
	test "$(stat -c %a .config/tokctl/anonymize.key)" = 600 && test "$(wc -c <.config/tokctl/anonymize.key)" -ge 64 &&
	! grep -qE "alice|日本|say|@sum|\"web\"|req-|v1/chat|\"m1\"|Read|\\\\u00e9|tokctl:" \
		anon.json anon.jsonl'
test_ok '--anonymize: the same pseudonym each time, another for another name' '
	tokctl export --anonymize -f jsonl | cmp - anon.jsonl && python3 - <<\END
import collections, hashlib, hmac, json, os
key = open(os.environ["HOME"] + "/.config/tokctl/anonymize.key").read().strip().encode()
keep = 0
for a, b in zip(open("all.jsonl"), open("anon.jsonl"), strict=True):
    a, b = json.loads(a), json.loads(b)
    for k in a:
        if k in ("user", "session", "project", "agent", "endpoint", "machine",
                "key", "request_id"):
            n = 32 if k == "request_id" else 16
            want = a[k] and k.split("_")[0] + "-" + hmac.new(key, k.encode()
                + b"\0" + a[k].encode(), hashlib.sha256).hexdigest()[:n]
            assert b[k] == want, (k, a[k], b[k], want)
        elif k in ("tools", "metadata"):
            assert b[k] is None
        else:
            assert a[k] == b[k], k
            keep += 1
assert keep > 1000
END'
test_ok '--anonymize: another secret, other pseudonyms; roll-ups, too' '
	tokctl export --anonymize --key-file other.key --columns user | sort -u >a &&
	tokctl export --anonymize --columns user | sort -u >b &&
	test "$(comm -12 a b)" = user && test "$(wc -l <a)" = 7 &&
	tokctl export --anonymize --roll-up month --by user -f json -u alice >c &&
	! grep -q alice c && grep -q "\"user\":\"user-[0-9a-f]\{16\}\"" c'
test_status 3 '--anonymize: a secret that others can read is none' '
	echo 0123456789012345678901234567890123456789 >open.key && chmod 644 open.key
	tokctl export --anonymize --key-file open.key'
test_status 3 '--anonymize: nor is a short one' '
	echo 0123 >short.key && chmod 600 short.key
	tokctl export --anonymize --key-file short.key'
test_status 2 '--key-file alone' 'tokctl export --key-file x'
test_ok 'an anonymous export lands once, however often' '
	for i in 1 2; do
		tokctl export --anonymize -f jsonl -o anon.jsonl
		tokctl usage import -q -L anon.db --from jsonl anon.jsonl >out || exit 1
	done
	test "$(tokctl export -L anon.db -f jsonl | wc -l)" = 399'

test_ok '--spreadsheet guards what could be a formula, and nothing else' '
	tokctl export --columns user,cost_usd | sort -u >a &&
	tokctl export --columns user,cost_usd --spreadsheet | sort -u >b &&
	grep -q "^=1+2," a && grep -q "^'"'"'=1+2," b && ! grep -q "^[=@+-]" b &&
	grep -c "^'"'"'" b | grep -qx "$(grep -c "^[=@-]" a)" &&
	test "$(tokctl export --all -f csv --columns requests --spreadsheet | tail -c +4 |
		sort -u | tr "\n" " ")" = "-1 1 requests "'
test_ok '--spreadsheet begins as what opens CSV by double click wants it, and imports' '
	for o in "" "--columns user" "--roll-up month" "--user nosuch --until 2000-01-01"; do
		tokctl export $o --spreadsheet 2>err >s.csv; tokctl export $o 2>err >p.csv
		if test -s p.csv; then
			test "$(head -c 3 s.csv | od -An -tx1 | tr -d " ")" = efbbbf || exit 1
		else
			test ! -s s.csv || exit 1
		fi
		test "$(wc -l <s.csv)" = "$(wc -l <p.csv)" || exit 1
	done
	tokctl export -f jsonl --spreadsheet | cmp - all.jsonl &&
	tokctl export --spreadsheet -o s.csv &&
	tokctl usage import -q -L sheet.db --from csv s.csv >out &&
	test "$(tokctl export -L sheet.db -f jsonl --columns request_id,total_tokens,cost_usd | cksum)" = \
		"$(tokctl export -f jsonl --columns request_id,total_tokens,cost_usd | cksum)"'

test_ok 'what spreadsheets may divide at is in quotes' '
	tab=$(printf "a\tb") && tokctl usage record -q -L odd.db -u "se;mi" --project "$tab" -m gpt-4o --tokens 1 &&
	tokctl usage record -q -L odd.db -u plain --project colon: -m gpt-4o --tokens 1 &&
	tokctl export -L odd.db --columns user,project >a && tokctl report by user,project -L odd.db -f csv >b &&
	for x in a b; do
		grep -q "^\"se;mi\",\"$tab\"" $x && grep -q "^plain,colon:" $x || exit 1
	done'

for f in csv jsonl; do
	test_ok "round trip as $f: the ledgers are equal, both ways" "
		rm -f o.db* && tokctl export -f $f -o e.$f &&
		tokctl usage import -q -L o.db e.$f >out &&
		tokctl ledger check --equal o.db && tokctl ledger check -L o.db --equal $db -q"
done
test_ok 'compressed files come back, by month, joined and from a pipe' '
	rm -rf z && mkdir z && tokctl export --split-by month -o z/%Y-%m.csv.gz &&
	tokctl usage import -q -L z1.db z/*.gz >out && tokctl ledger check --equal z1.db &&
	for f in z/*.gz; do gzip -dc "$f" | sed 1d | gzip; done >rest &&
	{ gzip -dc z/2023-07.csv.gz | head -n 1 | gzip; cat rest; } >joined.csv.gz &&
	tokctl usage import -q -L z2.db joined.csv.gz >out && tokctl ledger check --equal z2.db &&
	tokctl export -f jsonl -o z/all.jsonl.zst && tokctl usage import -q -L z3.db - <z/all.jsonl.zst >out &&
	tokctl ledger check --equal z3.db &&
	{ head -c 1 z/all.jsonl.zst; sleep 0; tail -c +2 z/all.jsonl.zst; } |
		tokctl usage import -q -L z4.db --from jsonl - >out && tokctl ledger check --equal z4.db'
test_ok 'a compressed file that was read is known, and read again when it changed' '
	tokctl usage import -L z1.db z/*.gz >out && tokctl ledger check --equal z1.db &&
	cp z/2023-07.csv.gz z/x.csv.gz && tokctl usage import -q -L z5.db z/x.csv.gz >out &&
	tokctl export -o z/x.csv.gz && tokctl usage import -q -L z5.db z/x.csv.gz >out &&
	tokctl ledger check --equal z5.db'
for cut in 'head -c 2000 z/all.jsonl.zst' 'head -c 1500 joined.csv.gz' \
	'head -c 10 joined.csv.gz' 'head -c 3 joined.csv.gz' \
	'LC_ALL=C sed s/[a-m]/x/g z/all.jsonl.zst' 'cat joined.csv.gz queue'; do
	test_ok "what is cut short or damaged is said: $cut" "
		echo x >queue; $cut >bad && ! tokctl usage import -L bad.db --from jsonl bad >out 2>err &&
		grep -q 'compressed data is' err"
done
expect <<\EOF
equal,FAILED,399,2
EOF
test_ok 'one token more is found, and named' '
	sed "0,/\"output_tokens\":9,/s//\"output_tokens\":10,/" all.jsonl >more.jsonl &&
	! cmp -s all.jsonl more.jsonl &&
	tokctl usage import -q -L more.db more.jsonl >out &&
	tokctl ledger check --equal more.db -f csv >got; test $? = 1 || exit 1
	grep -q "has no twin: 2023-" got &&
	tail -n 1 got | cut -d, -f1-4 >row && n=$(cut -d, -f4 row) &&
	test "$n" -ge 1 && sed "s/,[0-9]*$/,2/" row | same'
test_status 1 'a ledger with one record less is not equal' '
	head -n 398 all.jsonl >less.jsonl && tokctl usage import -q -L less.db less.jsonl >out
	tokctl ledger check --equal less.db'
test_status 4 'nor is one that is not there' 'tokctl ledger check --equal nosuch.db'

test_ok 'SQLite takes it without options' '
	tokctl export -o e.csv && sqlite3 s.db ".import --csv e.csv u" &&
	test "$(sqlite3 s.db "SELECT count(*), sum(output_tokens) FROM u")" = \
		"$(tokctl export | python3 -c "
import csv, sys
r = list(csv.DictReader(sys.stdin))
print(len(r), sum(int(x[\"output_tokens\"]) for x in r), sep=\"|\")")"'
if python3 -c 'import pandas' 2>/dev/null; then
	test_ok 'pandas takes it without options' '
		python3 -c "
import pandas
c, j = pandas.read_csv(\"e.csv\"), pandas.read_json(\"all.jsonl\", lines=True)
assert len(c) == len(j) == 399
assert c.output_tokens.sum() == j.output_tokens.sum()
assert c.output_tokens.dtype.kind == \"i\" and c.cost_usd.dtype.kind == \"f\"
assert pandas.to_datetime(c.time).is_monotonic_increasing in (True, False)"'
else
	test_n=$((test_n + 1))
	echo "ok $test_n - # SKIP no pandas here"
fi
test_done
