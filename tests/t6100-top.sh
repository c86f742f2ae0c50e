#!/bin/sh
# tokctl top: frames of any size, and their JSON.
. "$(dirname "$0")/lib.sh"
. "$here/lib-ledger.sh"
TOKCTL_NOW=2026-11-21T14:32:07+01:00
TZ=Europe/Berlin
export TOKCTL_NOW TZ
data=$here/data/top

# frame NAME ARGUMENTS: what top prints is the file of that name; with
# UPDATE=1 it becomes it.
frame() {
	name=$1
	shift
	test_ok "a frame: $name" "
		LC_ALL=C.UTF-8 TERM=xterm tokctl top -1 $* >got || exit
		test -z '${UPDATE-}' || cp got '$data/$name'
		diff -u '$data/$name' got"
}

test_ok 'a ledger that is empty' 'tokctl ledger init -q -L empty.db'
frame start "-L empty.db"
frame start-40x10 "-L empty.db -w 40 -l 10"
test_ok 'a team' '
	awk -f "$data/team.awk" | tokctl usage record -q --csv -'
frame plain-80x24
frame plain-40x10 '-w 40 -l 10'
test_ok 'its limits' '
	tokctl quota set -q --everyone --daily 400000 --monthly 9000000 &&
	tokctl budget set -q --everyone --limit 22.50 &&
	tokctl budget set -q --application chat --limit 4 &&
	tokctl budget set -q --application ci --limit 4.50 &&
	for limit in ci-bot=40000 bob=100000 alice=120000 carol=50000 \
		dmitri.konstantinovich-lin=20000; do
		tokctl quota set -q -u "${limit%=*}" --daily "${limit#*=}" || exit 1
	done && tokctl quota set -q -u alice --monthly 2500000'
for size in 80x24 140x40 120x35 119x35 127x35 120x34 100x30 60x12 40x10 20x4 10x2; do
	frame "$size" "-w ${size%x*} -l ${size#*x}"
	frame "$size-ascii" "--ascii -w ${size%x*} -l ${size#*x}"
done
for view in application session live limits alerts home; do
	frame "view-$view" "--view $view"
done
frame view-alice '-u alice'
frame view-alice-ascii '-u alice --ascii'
for size in 79x24 80x20 80x16 40x10; do
	frame "alice-$size" "-u alice -w ${size%x*} -l ${size#*x}"
done
frame keys-help-60x20 "-k '?' -w 60 -l 20"
frame keys-help-40x10 "-k '?' -w 40 -l 10"
frame drilled "-k 'AR/ali
A
'"
frame drilled-140x40 "-k '
' -w 140 -l 40"
frame drilled-twice "-k '

'"
frame narrow-limits '--view limits -w 50 -l 12'
frame narrow-alerts '--view alerts -w 50 -l 12'
frame keys-help "-k '?'"
frame keys-sort '-k s'
frame keys-setup '-k Sjj'
frame keys-paused '-k p'
frame keys-filter "-k '\\ca'"
frame keys-nothing "-k '\\zz'"
frame keys-names '-k A'
frame keys-limit '-k l12'
frame keys-alert '-k a'
test_ok 'every row of every frame is as wide as was asked for, at most' '
	for size in 128x35 127x35 120x35 119x35 80x16 79x16 80x15 38x7; do
		LC_ALL=C.UTF-8 TERM=xterm tokctl top -1 -w ${size%x*} -l ${size#*x} >f &&
		test "$(wc -l <f)" -eq ${size#*x} && test "$(LC_ALL=C.UTF-8 wc -L <f)" -le ${size%x*} || exit 1
	done'
test_ok 'the same columns with other glyphs' '
	LC_ALL=C.UTF-8 TERM=xterm tokctl top -1 >wide && tokctl top -1 --ascii >narrow &&
	test "$(LC_ALL=C.UTF-8 sed "s/[^ -~]/x/g" wide | awk "{ print length }")" = \
		"$(awk "{ print length }" narrow)"'
test_ok 'the range of the table' '
	tokctl top -1 --range month --json | grep -q "\"rows\":.*\"user\":\"carol\",\"requests\":" &&
	tokctl top -1 --keys "d[" | grep -q "all users (day -1)"'
test_ok 'its weeks begin when the settings say' '
	since() {
		tokctl top --json --range week | grep -o "\"range\":{\"since\":\"[^T]*"
	}
	since | grep -q "2026-11-16" && TOKCTL_UI_WEEK_START=sunday since | grep -q "2026-11-15"'
test_ok 'views' '
	for v in user application model session project; do
		tokctl top -1 --ascii --view $v | sed -n 8p | grep -qi "^$(echo $v | cut -c 1-3)" || exit 1
	done'
test_ok 'a name chooses for the whole frame' '
	tokctl top -1 -u alice --json >got &&
	n=$(tokctl report daily --since today -u alice -f csv | col total_tokens) &&
	grep -q "\"today\":{\"requests\":[0-9]*,.*\"total_tokens\":$n,.*\"month\"" got &&
	tokctl top -1 -u alice --view user | grep -q "^tokctl top  alice" &&
	! tokctl top -1 -u alice --view user | grep -q "^bob"'
test_ok 'the figures are those of the reports' '
	tokctl top -1 --json >got &&
	for p in today month; do
		test $p = today && r=daily || r=monthly
		n=$(tokctl report $r --last 1 -f csv | col total_tokens) &&
		grep -q "\"$p\":{[^}]*\"total_tokens\":$n," got || exit 1
	done'
test_ok 'JSON has what any view shows' '
	tokctl top --json -u alice >got && python3 - got <<\EOT
import json, sys
d = json.load(open(sys.argv[1]))
assert d["schema"] == "tokctl.top/1" and d["view"] == "home"
assert d["filters"] == {"user": "alice"} and d["generated"][:19] == "2026-11-21T14:32:07"
assert d["warnings"] == []
assert d["today"]["limit_tokens"] == 120000
assert 0 < d["today"]["used_ratio"] < 1 and d["today"]["state"] == "ok"
assert len(d["minutes"]) == 60
assert sum(d["minutes"]) // 60 - 1 <= d["rate"]["tokens_per_minute_60m"]
assert sum(d["rows"][0]["last_hour_tokens"]) > 0
assert sum(m["total_tokens"] for m in d["models"]) == d["today"]["total_tokens"]
assert [x["date"] for x in d["days"]][::13] == ["2026-11-08", "2026-11-21"]
assert d["days"][-1]["cost_usd"] == d["today"]["cost_usd"]
assert [x["date"] for x in d["hours"]][::6] == ["2026-11-15", "2026-11-21"]
assert sum(d["hours"][-1]["total_tokens"]) == d["today"]["total_tokens"]
assert d["session"]["total_tokens"] == sum(
    a["total_tokens"] for a in d["applications"])
assert d["rows"][0]["user"] == "alice"
assert d["total"]["total_tokens"] == sum(r["total_tokens"] for r in d["rows"])
assert d["rows"][0]["day_limit_tokens"] == 120000
assert d["latest"][0]["time"] >= d["latest"][1]["time"]
assert {(l["kind"], l["scope"]) for l in d["limits"]} >= {
    ("quota", "user"), ("budget", "application"), ("quota", "everyone")}
assert all(a["severity"] and a["message"] for a in d["alerts"])
assert d["forecast"]["day_tokens"] >= d["today"]["total_tokens"]
EOT
'
test_ok 'and the order and the filter of its rows' '
	tokctl top --json --sort name -k "\\a" | python3 -c "
import json, sys
names = [r[\"user\"] for r in json.load(sys.stdin)[\"rows\"]]
assert names == sorted(n for n in names if \"a\" in n) and len(names) > 1, names"'
test_ok '-b -n: so many frames' '
	test "$(tokctl top -b -n 3 -d 0.25 --ascii | grep -c "^tokctl top")" -eq 3 &&
	test "$(tokctl top -b -n 2 -d 250ms --json | grep -c "^{\"schema\":\"tokctl.top/1\".*}$")" -eq 2'
test_ok 'a reader that has enough ends it' '
	timeout 20 "$TOKCTL" top -b -d 250ms | head -n 1 | grep -q "tokctl top"'
test_ok 'colours only when asked for' '
	! tokctl top -1 | grep -q "$(printf "\033")" &&
	tokctl top -1 --color always | grep -q "$(printf "\033\[0;1m")"'
test_ok 'a bare environment' '
	env -i HOME="$HOME" TOKCTL_LEDGER="$db" "$TOKCTL" top >got &&
	! LC_ALL=C grep -q "[^ -~]" got'
test_ok 'a small stack' '
	case $TOKCTL in *asan*) small=1024 ;; *) small=64 ;; esac
	(ulimit -s $small && tokctl top -1 >/dev/null && tokctl quota show -u alice >/dev/null)'
test_ok 'settings choose the view, order, colours and delay' '
	tokctl config set top.view model && tokctl config set top.sort name &&
	tokctl config set top.refresh 4s && tokctl top -1 --ascii >got &&
	sed -n 8p got | grep -q "^Modelv" && grep -q "^tokctl top .* 4.0s" got &&
	TOKCTL_TOP_VIEW=limits tokctl top -1 | grep -q "^Limit of" &&
	tokctl top -1 --view user | grep -q "^User" &&
	rm .config/tokctl/tokctl.yaml'
test_ok 'names cannot act on the terminal' '
	tokctl usage record -q -u "$(printf "e\033[2Jvil")" -m "$(printf "a\342\200\256b\001")" --tokens 9999999 &&
	tokctl usage record -q -u "$(printf "w\344\270\255\346\226\207e\314\201\342\200\213x")" -m m --tokens 9999998 &&
	tokctl usage record -q -u "$(printf "bad\377\300byte")" -m m --tokens 9999997 2>/dev/null
	tokctl top -1 >got && grep -q "^e?\[2Jvil " got && ! grep -q "$(printf "\033")" got &&
	LC_ALL=C.UTF-8 TERM=xterm tokctl top -1 --view live >got &&
	! LC_ALL=C grep -q "$(printf "\342\200\256\|\001")" got &&
	iconv -f UTF-8 -t UTF-8 got >/dev/null &&
	grep -q "$(printf "w\344\270\255\346\226\207ex")" got'
test_ok 'an empty ledger as JSON' '
	tokctl top --json -L empty.db | grep -q "\"rows\":\[\]"'
for wrong in '-b -n 0' '-n -1' '-d 0.1' '-d forever' '-d 2h' '--view nothing' '-f csv' '-w -5' 'word'; do
	test_status 2 "wrong: $wrong" "tokctl top $wrong"
done
test_status 3 'a user that nobody knows' 'tokctl top -u nobody'
test_status 4 'no ledger' 'tokctl top -L nosuch.db'
test_status 4 'a full disk' 'tokctl top -1 >/dev/full'
test_ok 'a budget is used as "budget status" says, also by what has no price' '
	tokctl budget set --everyone --limit 100 -L unpriced.db &&
	tokctl usage record -q -u a -m nobody-knows --input 100000 \
		--output 20000 -L unpriced.db &&
	tokctl budget status --json -L unpriced.db |
		grep -q "\"spent_usd\": *3," &&
	tokctl top -1 --json -L unpriced.db >got &&
	grep -q "\"used_usd\": *3," got &&
	grep -q "\"warnings\":\[{\"code\":\"unpriced\"," got'
test_done
