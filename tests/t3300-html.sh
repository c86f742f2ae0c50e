#!/bin/sh
# --format html and --plot: pages and pictures that need nothing else.
. "$(dirname "$0")/lib.sh"
. "$here/lib-ledger.sh"
needs python3

cat >look.py <<'END'
# The tags of a page, in balance; what it would fetch or run; its texts.
import sys
from html.parser import HTMLParser
void = {"meta", "br", "hr", "img", "link"}
class Look(HTMLParser):
    def __init__(self):
        super().__init__()
        self.open, self.texts, self.tags, self.cells = [], [], [], []
    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        self.tags.append((tag, attrs))
        assert tag not in ("script", "img", "link", "iframe", "object",
            "base", "form", "image", "use", "foreignobject"), tag
        for k, v in attrs.items():
            assert not k.startswith("on"), k
            assert k not in ("src", "href", "srcset", "action"), k
            assert "url(" not in (v or ""), v
        if tag not in void:
            self.open.append(tag)
    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        self.open.pop()
    def handle_endtag(self, tag):
        assert self.open.pop() == tag, tag
    def handle_data(self, data):
        assert self.open[-1:] != ["style"] or (
            "url(" not in data and "@import" not in data)
        if self.open and self.open[-1] in ("td", "th", "b"):
            self.cells.append(data)
        self.texts.append(data)
page = open(sys.argv[1], encoding="utf-8").read()
look = Look()
look.feed(page)
look.close()
assert look.open == [], look.open
for tag, attrs in look.tags:
    if tag == "th":
        assert attrs.get("scope") in ("col", "row"), attrs
    if tag == "svg":
        assert attrs["role"] == "img" and attrs["aria-label"], attrs
assert page.startswith("<!DOCTYPE html>\n<html lang=\"en\">")
assert [t for t, a in look.tags if t == "title"], "no title"
assert "prefers-color-scheme:dark" in page and "@media print" in page
print("\n".join(look.cells))
END

test_ok 'setup' '
	printf "time,user,model,input_tokens,output_tokens\n" >u.csv
	for d in 01 02 03 05 08 13 14; do
		for m in gpt-4.1 claude-haiku-4-5; do
			echo "2023-11-${d}T09:00:00Z,alice,$m,1000${d#0},200" >>u.csv
		done
	done
	echo "2023-11-14T10:00:00Z,<script>alert(1)</script>,m&m,7,1" >>u.csv
	printf "%s\n" "2023-11-14T10:00:00Z,\"\"\"onload=\"\"x\"\"'"'"'\",=1+2,7,1" >>u.csv
	printf "2023-11-14T10:00:00Z,\033[31mred,\377bad,7,1\n" >>u.csv
	tokctl usage record -q --csv u.csv'
for r in daily weekly monthly session block 'by user,model' 'by hour' \
	'daily --by model,user' 'daily --full --errors' 'weekly --full' \
	'monthly --full' 'monthly --by model --matrix' 'user alice' system \
	calendar trend anomalies forecast advice accuracy; do
	test_ok "report $r: one page, whole, with nothing to run or fetch" "
		tokctl report $r -f html -o r.html && python3 look.py r.html >cells"
done
test_ok 'all parts of a report are there, each with its heading' '
	tokctl report monthly --full -f html >r.html && python3 look.py r.html >cells &&
	tr "<" "\n" <r.html | sed -n "s/^h2>//p" >headings &&
	for h in Table "By hour of the day" "By application" "By model" "By user" \
		"By department" "Peak hours, by tokens" Efficiency Advice; do
		grep -qx "$h" headings || { echo "no $h"; cat headings; exit 1; }
	done
	tokctl report user alice -f html >r.html && python3 look.py r.html >cells &&
	tr "<" "\n" <r.html | sed -n "s/^h2>//p" >headings &&
	for h in Summary "By application" "By model" Trends; do
		grep -qx "$h" headings || { echo "no $h"; cat headings; exit 1; }
	done'
test_ok 'peak hours are a heat map, and said in words for mail' '
	tokctl report weekly --full -f html >r.html &&
	grep -q "aria-label=\"Tokens by weekday and hour, as a heat map\"" r.html &&
	test "$(grep -o "<title>[A-Z][a-z][a-z] [0-9][0-9]:00: [0-9,]* Tokens</title>" r.html | wc -l)" = 168 &&
	grep -q "<title>Wed 09:00: 40,818 Tokens</title>" r.html &&
	grep -q "<p class=\"dim\">Most: Tue 09:00 (" r.html &&
	! grep -q "$(printf "\302\267\|\342\226\210")" r.html'
test_ok 'the calendar is drawn, by --plot too, and begins its weeks as set' '
	tokctl report calendar -M cost -f html >r.html && grep -q "Cost by day, as a calendar" r.html &&
	test "$(grep -o "<title>[A-Z][a-z][a-z] 2023-11-[0-9]*: " r.html | wc -l)" = 14 &&
	tokctl report calendar --plot p.svg >out && grep -q "Tokens by day, as a calendar" p.svg &&
	tokctl report calendar --last 300 --plot p.svg >out && python3 -c "
import xml.etree.ElementTree as x; x.parse(\"p.svg\")" &&
	TOKCTL_UI_WEEK_START=sunday tokctl report calendar --plot q.svg >out &&
	grep -o "<text[^>]*>[A-Z][a-z][a-z]<" q.svg | head -n 2 | tail -n 1 | grep -q ">Sun<"'
test_ok 'other tables are pages, too' '
	tokctl ledger info -f html >a.html && python3 look.py a.html | grep -qx 17 &&
	tokctl usage list -f html >b.html && python3 look.py b.html >out &&
	tokctl quota show -f html >c.html && python3 look.py c.html >out'
test_ok 'the figures are those of the table' '
	tokctl report daily -f html >r.html && python3 look.py r.html >cells &&
	grep -qx 2023-11-13\ Mon cells && grep -qx "2023-11-14 Tue\*" cells &&
	tokctl report daily -f csv | col total_tokens | while read -r n; do
		grep -qx "$(echo "$n" | sed ":a; s/\([0-9]\)\([0-9]\{3\}\)\($\|,\)/\1,\2\3/; ta")" cells ||
			{ echo "no $n"; exit 1; }
	done'
test_ok 'names are texts, whatever they hold' '
	tokctl report by user,model -f html >r.html && python3 look.py r.html >cells &&
	grep -qx "<script>alert(1)</script>" cells && grep -qx "m&m" cells &&
	grep -qx "\"onload=\"x\"'"'"'" cells && grep -qx "?\[31mred" cells &&
	! grep -q "$(printf "\033")" r.html && ! grep -q "<script" r.html'
test_ok 'days without usage keep their place in the picture' '
	tokctl report daily --plot p.svg >out &&
	tokctl report daily -f csv | diff - /dev/null | grep -c "^< 2023" | grep -qx 7 &&
	python3 - <<\END
import xml.etree.ElementTree as x
s = "{http://www.w3.org/2000/svg}"
root = x.parse("p.svg").getroot()
charts = root.findall(s + "svg")
assert len(charts) == 2
for c in charts:
    assert c.get("role") == "img" and c.find(s + "title").text
    xs = [float(r.get("x")) for r in c.iter(s + "rect")]
    assert len(xs) == 7, xs
    day = (xs[1] - xs[0])
    for i, d in enumerate([0, 1, 2, 4, 7, 12, 13]):
        assert abs(xs[i] - xs[0] - d * day) < 1, (i, xs)
    hs = [float(r.get("height")) for r in c.iter(s + "rect")]
    assert max(hs) <= 176 and min(hs) > 0
END'
test_ok 'a long amount has room beside its bar; what is no part has no legend' '
	printf "%s\n" time,user,model,input_tokens 2023-03-25T22:10:00Z,a,m,9007199254740993 \
		2023-03-25T22:11:00Z,b,m,5 >long.csv &&
	tokctl usage record -q -L long.db --csv long.csv &&
	tokctl report by hour_of_day,session,model -L long.db --plot p.svg | head -n 1 |
		grep -q "^Usage by hour of day, session and model, all users" &&
	python3 - <<\END
import xml.etree.ElementTree as x
s = "{http://www.w3.org/2000/svg}"
texts = list(x.parse("p.svg").getroot().findall(s + "svg")[-1].iter(s + "text"))
amount = [t for t in texts if t.text == "9,007,199,254,740,998"]
assert len(amount) == 1 and float(amount[0].get("x")) + 7 * 21 <= 720
assert "-" not in [t.text for t in texts]
END'
test_ok 'nor are amounts of an axis cut, or names of bars' '
	printf "%s\n" user,model,cost_usd,input_tokens 0,m,9000000,1 0,m,9000000,1 0,m,9000000,1 $(printf W%.0s $(seq 40)),m,0.000001,1 \
		$(printf i%.0s $(seq 40)),m,1,1 日本語日本語日本語日本語日本語,m,1,1 >wide.csv &&
	tokctl usage record -q -L wide.db --csv wide.csv &&
	tokctl report daily -L wide.db --plot days.svg >out && tokctl report by user -L wide.db --plot users.svg >out &&
	tokctl report daily -L wide.db -u "$(printf W%.0s $(seq 40))" --plot small.svg >out && python3 - <<\END
import xml.etree.ElementTree as x
s, n = "{http://www.w3.org/2000/svg}", 0
for name in "days", "small", "users":
    for t in x.parse(name + ".svg").getroot().iter(s + "text"):
        if t.get("text-anchor") == "end":
            n += "," in t.text
            # what a wide font takes
            assert sum({"W": 11.9, "i": 3.3, ",": 3.8, ".": 3.8}.get(c, 12 if c > "\u2000" else 7.6) for c in t.text) <= float(t.get("x")), t.text
assert n >= 2, n
END'
test_ok 'hours, weeks and months without usage keep theirs' '
	printf "%s\n" time,user,model,input_tokens 2023-03-25T22:10:00Z,a,m,1 \
		2023-03-26T03:30:00Z,a,m,1 2023-03-26T04:00:00Z,a,m,1 \
		2023-05-30T04:00:00Z,a,m,1 2023-08-01T04:00:00Z,a,m,1 >gaps.csv &&
	tokctl usage record -q -L gaps.db --csv gaps.csv && for r in weekly monthly; do
		tokctl report $r -L gaps.db --tz Europe/Berlin --plot $r.svg >out || exit 1
	done && tokctl report by hour -L gaps.db --tz Europe/Berlin --until 2023-03-27 \
		--plot hourly.svg >out && python3 - <<\END
import xml.etree.ElementTree as x
s = "{http://www.w3.org/2000/svg}"
for name, at in (("hourly", [0, 5, 6]), ("weekly", [0, 10, 19]),
                 ("monthly", [0, 2, 5])):
    chart = x.parse(name + ".svg").getroot().findall(s + "svg")[-1]
    boxes = [r for r in chart.iter(s + "rect")]
    xs = [float(r.get("x")) for r in boxes]
    step = 652 / (at[-1] + 1)
    assert [round((p - xs[0]) / step) for p in xs] == at, (name, xs)
END'
test_ok 'parts of a bar have the colours of the legend, the same in both' '
	tokctl report daily --by model --plot p.svg >out && python3 - <<\END
import xml.etree.ElementTree as x
s = "{http://www.w3.org/2000/svg}"
seen = {}
for c in x.parse("p.svg").getroot().findall(s + "svg"):
    for r in c.iter(s + "rect"):
        t = r.find(s + "title")
        if t is None:
            continue
        name = t.text.split(": ", 1)[1].split(" ")[0]
        assert seen.setdefault(name, r.get("fill")) == r.get("fill"), name
assert len(set(seen.values())) == len(seen) == 5, seen
END'
test_ok 'a report of many parts is drawn as that of one' '
	tokctl report daily --full --plot p.svg >out && tokctl report daily --plot q.svg >out &&
	cmp p.svg q.svg && grep -q "<rect" p.svg'
test_ok '--plot is beside what is printed, and hostile names are texts in it' '
	tokctl report by user --plot p.svg -f csv >a && tokctl report by user -f csv >b &&
	cmp a b && python3 -c "
import xml.etree.ElementTree as x
t = [e.text for e in x.parse(\"p.svg\").iter() if e.text]
assert \"<script>alert(1)</script>\" in \" \".join(t).replace(\"~\", \"<script>alert(1)</script>\")"'
test_ok '--plot - prints the picture alone' '
	tokctl report by model --plot - >p.svg && head -c 4 p.svg | grep -qx "<svg" &&
	! grep -q "Requests *Input" p.svg'
test_ok 'a picture is there whole or not at all' '
	echo old >p.svg && ! tokctl report daily -u nosuch --plot p.svg 2>err &&
	test "$(cat p.svg*)" = old &&
	tokctl report daily --since 2023-01-01 --until 2023-01-02 --quiet-if-empty --plot p.svg -o q &&
	test "$(cat p.svg*)" = old && test ! -e q'
test_ok 'nothing to draw is said' '
	tokctl report daily --until 2023-01-02 --plot p.svg >out && grep -q "no usage" p.svg &&
	tokctl report daily --until 2023-01-02 -f html >r.html && python3 look.py r.html >out &&
	grep -q "no usage" r.html'
test_status 2 '--compat has no table to draw' '
	tokctl report daily --compat ccusage --plot p.svg'
test_status 4 'a page on a full disk' 'tokctl report daily -f html >/dev/full'
test_status 4 'a picture in a folder that is not there' '
	tokctl report daily --plot no/such.svg'
test_ok 'numbers that are too large for 64 bits are drawn' '
	for i in 1 2 3; do
		tokctl usage record -q -L big.db -u a -m x --at 2023-11-0$i \
			--input 9000000000000000000 --request-id $i || exit 1
	done
	tokctl report monthly -L big.db --plot p.svg -f html >r.html &&
	python3 look.py r.html | grep -qx 27,000,000,000,000,000,000'

expect <<\EOF
2023-11: claude-haiku-4-1 100
2023-11: claude-haiku-4-2 100
2023-11: claude-haiku-4-3 100
2023-11: claude-haiku-4-4 100
2023-11: claude-haiku-4-5 251,546
2023-11: gpt-4.1 251,446
2023-11: other 224
2023-12 (not over): claude-haiku-4-5 1,200
Tokens by month and model, all users
EOF
test_ok 'a matrix is drawn over its periods, in the colours of its rows' '
	cp u.csv m.csv && for i in 1 2 3 4 5 6 7; do
		echo "2023-11-02T10:00:00Z,bob,claude-haiku-4-$i,100,0"
	done >>m.csv &&
	echo "2023-12-02T10:00:00Z,bob,claude-haiku-4-5,1000,200" >>m.csv &&
	tokctl usage record -q -L m.db --csv m.csv &&
	TOKCTL_NOW=1701600000 tokctl report monthly -L m.db --by model \
		--matrix -M tokens --plot m.svg -f html -o m.html &&
	python3 look.py m.html >/dev/null &&
	sed "s/<title>/\n&/g" m.svg | sed -n "s/^<title>\([^<]*\)<.*/\1/p" |
		sort >got; same <got'
browser=$(command -v chromium || command -v chromium-browser)
if test -n "$browser"; then
	for scheme in 1 0; do
		test_ok "a browser shows it and complains of nothing: $scheme" '
			tokctl report daily --by model -f html -o r.html &&
			timeout 120 "$browser" --headless=new --no-sandbox \
				--disable-gpu --user-data-dir="$trash/profile" \
				--blink-settings=preferredColorScheme='$scheme' \
				--enable-logging=stderr --window-size=900,1200 \
				--screenshot="$trash/shot.png" \
				"file://$trash/r.html" 2>err
			! grep CONSOLE err && test "$(wc -c <shot.png)" -gt 20000'
	done
else
	test_n=$((test_n + 1))
	echo "ok $test_n - # SKIP no chromium here"
fi
test_done
