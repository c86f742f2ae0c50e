#!/bin/sh
# tokctl top: frames of any size, and their JSON.
. "$(dirname "$0")/lib.sh"
. "$here/lib-ledger.sh"
TOKCTL_NOW=2026-11-21T14:32:07+01:00
TZ=Europe/Berlin
export TOKCTL_NOW TZ

test_ok 'setup' '
	awk "BEGIN {
		print \"time,user,application,model,session,input_tokens,output_tokens,cost_usd\"
		for (i = 0; i < 60; i++)
			printf \"2026-11-%02dT%02d:%02d:%02dZ,%s,%s,%s,s%d,%d,%d,%s\\n\",
			    i < 40 ? 21 : 1 + i % 20, i < 12 ? 13 : 6 + i % 7,
			    i < 12 ? 30 - 2 * i : i, i, substr(\"alicebob  carolcarol\", i % 4 * 5 + 1, 5),
			    i % 3 ? \"chat\" : \"editor\", i % 5 ? \"gpt-4.1\" : \"mystery\",
			    i / 7, 1000 + i * 131, 50 + i * 17, i % 5 ? \"0.0\" (100 + i) : \"\"
	}" | sed "s/bob  /bob/" | tokctl usage record -q --csv -'
for size in 80x24 140x40 60x12 40x10 20x4; do
	test_ok "a frame of $size" "
		tokctl top -1 --ascii -w ${size%x*} -l ${size#*x} >got &&
		diff -u '$here/data/top/$size' got"
done
test_ok 'limits' '
	tokctl quota set -q -u alice --daily 50000 --monthly 300000 &&
	tokctl quota set -q -u carol --daily 50000 && tokctl quota set -q --everyone --daily 400000'
for view in user model live limits alerts home; do
	test_ok "the view $view" "
		tokctl top -1 --ascii -w 80 -l 24 --view $view >got &&
		diff -u '$here/data/top/view-$view' got"
done
test_ok 'one user has the boxes' '
	tokctl top -1 --ascii -u alice >got && diff -u "$here/data/top/view-alice" got'
for keys in '?' s '\ca' 'A'; do
	case $keys in '?') name=help ;; s) name='sort' ;; A) name=names ;; *) name=filter ;; esac
	test_ok "what keys show: $name" "
		tokctl top -1 --ascii --keys '$keys' >got && diff -u '$here/data/top/keys-$name' got"
done
test_ok 'a narrow frame has the parts of limits' '
	tokctl top -1 --ascii -w 40 -l 10 >got && diff -u "$here/data/top/limits-40x10" got &&
	tokctl top -1 --ascii -w 20 -l 4 >got && diff -u "$here/data/top/limits-20x4" got'
test_ok 'the range of the table' '
	tokctl top -1 --range month --json | grep -q "\"rows\":.*\"user\":\"carol\",\"requests\":30," &&
	tokctl top -1 --keys "d[" | grep -q "all users (day -1)"'
test_ok 'the same columns with other glyphs' '
	LC_ALL=C.UTF-8 TERM=xterm tokctl top -1 >wide && tokctl top -1 --ascii >narrow &&
	test "$(LC_ALL=C.UTF-8 sed "s/[^ -~]/x/g" wide | awk "{ print length }")" = \
		"$(awk "{ print length }" narrow)"'
test_ok 'views' '
	for v in user application model session project; do
		tokctl top -1 --ascii --view $v | sed -n 8p | grep -qi "^$v" || exit 1
	done'
test_ok 'a name chooses for the whole frame' '
	tokctl top -1 -u alice --json >got &&
	n=$(tokctl report daily --since today -u alice -f csv | col total_tokens) &&
	grep -q "\"today\":{\"requests\":10,.*\"total_tokens\":$n,.*\"month\"" got &&
	tokctl top -1 -u alice | grep -q "^tokctl top  alice" &&
	! tokctl top -1 -u alice | grep -q bob'
test_ok 'the figures are those of the reports' '
	tokctl top -1 --json >got &&
	for p in today month; do
		test $p = today && r=daily || r=monthly
		n=$(tokctl report $r --last 1 -f csv | col total_tokens) &&
		grep -q "\"$p\":{[^}]*\"total_tokens\":$n," got || exit 1
	done'
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
test_ok 'names cannot act on the terminal' '
	tokctl usage record -q -u "$(printf "e\033[2Jvil")" -m m --tokens 9999999 &&
	tokctl top -1 | grep -q "^e?\[2Jvil " && ! tokctl top -1 | grep -q "$(printf "\033")"'
test_ok 'an empty ledger' '
	tokctl ledger init -q -L empty.db && tokctl top -1 -L empty.db | grep -q "no usage today" &&
	tokctl top --json -L empty.db | grep -q "\"rows\":\[\]"'
for wrong in '-n -1' '-d 0.1' '-d forever' '-d 2h' '--view nothing' '-f csv' '-w -5' 'word'; do
	test_status 2 "wrong: $wrong" "tokctl top $wrong"
done
test_status 3 'a user that nobody knows' 'tokctl top -u nobody'
test_status 4 'no ledger' 'tokctl top -L nosuch.db'
test_status 4 'a full disk' 'tokctl top -1 >/dev/full'
test_done
