#!/bin/sh
# Many processes that make, upgrade and write one ledger at the same moment.
. "$(dirname "$0")/lib.sh"
. "$here/lib-ledger.sh"

# at_once N COMMAND: N of them, $i counting; all must say yes.
at_once() {
	rm -f failed.*
	for i in $(seq "$1"); do
		(eval "$2" >"said.$i" 2>&1 || mv "said.$i" "failed.$i") &
	done
	wait
	cat failed.* 2>/dev/null && return 1
	return 0
}

test_ok 'ten processes that find no ledger make one, and all write' '
	for round in 1 2 3 4 5 6 7 8; do
		rm -f "$db"*
		at_once 10 "record --input 1 --request-id r\$i" && whole 10 || exit 1
	done'
test_ok 'readers who come while it is made see none, or a whole one' '
	for round in 1 2 3 4 5 6 7 8; do
		rm -f "$db"*
		(record --input 1 || echo no >bad) &
		for i in 1 2 3 4 5 6; do
			(tokctl export >said.$i 2>err.$i
			rc=$?
			test $rc = 0 || test $rc = 4 || {
				test $rc = 3 && grep -q "is empty" err.$i && test ! -s said.$i
			} || { cat err.$i; echo "$rc" >bad; }) &
		done
		wait
		test ! -e bad || exit 1
	done'
test_ok 'ten processes that find an older schema' '
	rm -f "$db"* && record --input 1 && tokctl ledger migrate -q --to 1 &&
	at_once 10 "if test \$i = 5; then tokctl ledger migrate; else
		record --input 1; fi" && whole 10'
test_ok 'migrations down and up at once' '
	at_once 6 "tokctl ledger migrate --to \$((i % 3 + 1))" &&
	tokctl ledger migrate -q && whole 10'
test_ok 'readers, writers, backups and restores at once' '
	tokctl ledger backup -q point &&
	at_once 12 "case \$i in
		1|2) tokctl ledger restore -q point ;;
		3|4) tokctl ledger backup -q copy.\$i && tokctl ledger check -L copy.\$i ;;
		5|6) tokctl report daily ;;
		7|8) tokctl export -f json ;;
		9) tokctl ledger check ;;
		*) record --input 1 --session s\$i ;;
		esac" && whole'
test_ok 'sums are of one moment, while records are taken back' '
	rm -f "$db"* && awk "BEGIN { print \"time,user,model,session,input_tokens\"
		for (i = 0; i < 3000; i++) print 1700000000 + i \",a,m,s\" i % 7 \",1\" }" |
		tokctl usage record -q --batch-size 1000 --csv - >/dev/null
	(for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
		record --input 1000 && tokctl usage void -q $((3000 + 2 * i - 1)) --reason x
	done) &
	while kill -0 $! 2>/dev/null; do
		for c in "report by session" "report by user -u a" "export -u a"; do
			sum=$(tokctl $c -f csv | col input_tokens |
				awk "{ s += \$1 } END { print s }")
			test "$sum" = 3000 || test "$sum" = 4000 || {
				echo "$c: $sum"; echo bad >bad; }
		done
	done
	wait; test ! -e bad'
test_ok 'what is recorded while a backup is restored is in it or in a copy' '
	rm -f "$db"* said.* && record --input 1 --request-id base &&
	tokctl ledger backup -q base.backup &&
	for w in 1 2 3 4; do
		(for i in 1 2 3 4 5 6 7 8; do
			record --input 1 --request-id w$w-$i && echo w$w-$i >>acks
		done) &
	done
	for i in 1 2 3 4 5; do
		tokctl ledger restore -q base.backup || exit 1
	done
	wait
	for copy in "$db" "$db".before-restore-*; do
		tokctl export -L "$copy" -f csv | col request_id
	done | sort -u >there
	test "$(wc -l <acks)" = 32 && sort acks | comm -23 - there >lost
	cat lost; test ! -s lost'

# Tickets of the past: of programs that are gone, and of none.
test_ok 'whatever is in the file of the gate, nobody waits for it' '
	for byte in 000 001 177 377; do
		head -c 4096 /dev/zero | tr "\000" "\\$byte" >"$db-lock" &&
		TOKCTL_LEDGER_BUSY_TIMEOUT=2s tokctl usage record -q -u gate -m m --tokens 1 >/dev/null &&
		: >"$db-lock" && TOKCTL_LEDGER_BUSY_TIMEOUT=2s tokctl usage record -q -u gate -m m --tokens 1 >/dev/null || exit 1
	done'
test_ok 'a writer that is stopped, and a file of the gate that loses its end' '
	mkfifo in && { tokctl quota reserve --jsonl - <in >/dev/null & } && worker=$! && exec 9>in &&
	printf "{\"user\":\"gate\",\"tokens\":1}\n" >&9 && kill -STOP $worker &&
	for i in 1 2 3 4 5; do
		TOKCTL_LEDGER_BUSY_TIMEOUT=20s tokctl usage record -q -u gate -m m --tokens 1 >/dev/null & done
	: >"$db-lock" && kill -CONT $worker && printf "{\"user\":\"gate\",\"tokens\":1}\n" >&9 && exec 9>&- && wait && tokctl ledger check -q'
test_done
