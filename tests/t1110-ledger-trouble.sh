#!/bin/sh
# What can be wrong with a ledger's file: a clear answer, nothing lost.
. "$(dirname "$0")/lib.sh"
. "$here/lib-ledger.sh"
needs sqlite3 flock

# refused STATUS WORDS COMMAND: that status, those words on stderr, nothing
# on stdout, and x.db still as it was.
refused() {
	test ! -f x.db || cp x.db x.was
	# shellcheck disable=SC2086 # a command is several words
	tokctl $3 -L x.db >out 2>err
	rc=$?
	cat err
	test "$rc" -eq "$1" && grep -q "$2" err && test ! -s out &&
		{ test ! -f x.db || cmp x.db x.was; }
}
commands='usage list
report daily
export
ledger info
ledger check
usage record -u a -m m --input 1
usage void 1 --reason x
ledger migrate
ledger backup copy
ledger init'

each() {
	echo "$commands" | while read -r c; do
		refused "$1" "$2" "$c" || { echo "$c"; exit 1; }
	done
}

test_ok 'random bytes' '
	head -c 10000 /dev/urandom >x.db && each 3 "is not a ledger" &&
	test "$(ls x.db*)" = x.db'
test_ok 'text' 'echo hello >x.db && each 3 "is not a ledger"'
test_ok 'a database of another program is left exactly as it is' '
	rm -f x.db* && sqlite3 x.db "CREATE TABLE t (a); INSERT INTO t VALUES (1)" &&
	each 3 "is not a ledger" && test "$(ls x.db*)" = x.db &&
	sqlite3 x.db "PRAGMA application_id = 5" && each 3 "is not a ledger"'
test_ok 'a newer schema' '
	newer=$(($(schema_now) + 1))
	rm -f x.db* && record -L x.db --input 1 &&
	sqlite3 x.db "PRAGMA user_version = $newer" &&
	each 3 "was made by a newer tokctl (schema $newer"'
test_ok 'cut short, at many places' '
	awk "BEGIN { print \"time,user,model,input_tokens,request_id\"
		for (i = 0; i < 300; i++) print 1700000000 + i \",u\" i \",m,1,r\" i }" |
		tokctl usage record -q -L whole.db --csv - >out &&
	sqlite3 whole.db "PRAGMA wal_checkpoint(TRUNCATE)" >out
	size=$(stat -c %s whole.db)
	for n in 1 50 99 100 1000 4095 4096 8192 $((size / 2)) $((size - 4096)); do
		rm -f x.db*
		head -c $n whole.db >x.db
		for c in "usage record -u a -m m --input 1" "ledger check" "export"; do
			tokctl $c -L x.db >out 2>err
			rc=$?
			test $rc = 3 || { echo "$n bytes: $c: $rc"; cat out err; exit 1; }
			test -s err || exit 1
		done
	done'
test_ok 'a copy without its -wal is told what is missing' '
	rm -f y.db* && record -q -L y.db --input 1 && rm -f x.db* &&
	cp y.db x.db && refused 3 "is empty" "report daily" &&
	grep -q "x.db-wal. belongs to it" err && cp y.db-wal x.db-wal &&
	tokctl report daily -L x.db >out'
test_ok 'an empty file is read as no ledger, and may become one' '
	rm -f x.db* && : >x.db && refused 3 "is empty" "report daily" &&
	refused 3 "is empty" "usage void 1 --reason x" &&
	record -L x.db --input 1 && tokctl ledger check -L x.db'
test_ok 'a folder' 'rm -rf x.db* && mkdir x.db && each 4 "cannot [a-z]* .*x.db"'
test_ok 'a pipe, a device' '
	rm -rf x.db* && ln -s /dev/null x.db && each 4 "is not a file"'
test_ok 'no such file, for who needs one' '
	rm -rf x.db*
	for c in "usage list" "report daily" export "ledger info" "ledger check" \
		"usage void 1 --reason x" "ledger migrate" "ledger backup copy"; do
		refused 4 "cannot open the ledger .*x.db.: No such file" "$c" || exit 1
		test ! -e x.db || exit 1
	done'
test_ok 'no such folder, and none can be made' '
	for c in "report daily" "usage record -u a -m m --input 1"; do
		tokctl $c -L /proc/nosuch/x.db 2>err; test $? = 4 || exit 1
	done'
test_ok 'an empty name' '
	for c in "report daily" "usage record -u a -m m --input 1"; do
		tokctl $c -L "" 2>err; rc=$?; cat err
		test $rc = 4 || test $rc = 2 || exit 1
	done'
test_status 2 'another kind of database' 'tokctl report daily -L mysql://x/y'
test_ok 'a ledger that everybody may write is refused' '
	rm -rf x.db* && record -L x.db --input 1 && chmod 666 x.db &&
	each 4 "may be written by everybody" && grep -q "^chmod o-w" err &&
	chmod 600 x.db && tokctl ledger check -L x.db'
test_ok 'odd names are names' '
	for n in ":memory:" "file:x?mode=memory" "a b" "a%20b" "-x" "sqlite:s.db"; do
		(mkdir "d$n" 2>/dev/null || mkdir dd; cd "d$n" 2>/dev/null || cd dd
		tokctl usage record -u a -m m --input 1 --ledger "$n" &&
			tokctl usage record -u a -m m --input 1 --ledger "$n" &&
			tokctl ledger info --ledger "$n" --json |
				grep -q "\"records\": 2,") || { echo "$n"; exit 1; }
	done'
test_ok 'a link to a ledger is that ledger, with one lock' '
	mkdir real && record -L real/l.db --input 1 && ln -s real/l.db link.db &&
	record -L link.db --input 2 && tokctl usage record -q -L link.db --csv three.csv 2>/dev/null
	test "$(ls link.db*)" = link.db &&
	tokctl ledger info -L real/l.db -f csv | col records | grep -qx 2 &&
	(flock 9; TOKCTL_LEDGER_BUSY_TIMEOUT=100ms record -L link.db --input 1; test $? = 4) \
		9>>real/l.db-lock'

test_ok 'setup: a ledger with three records' '
	rm -rf x.db* && for i in 1 2 3; do record -L x.db --input $i --request-id r$i || exit 1; done
	tokctl export -L x.db >three'
three() {
	tokctl export -L x.db >now && cmp three now && tokctl ledger check -L x.db
}
expect <<\EOF
tokctl usage record: the ledger is locked: another process has been writing for 200 ms
try again, or raise ledger.busy_timeout
EOF
test_ok 'locked by another tokctl: waits for as long as it was told' '
	exec 9>>x.db-lock && flock 9 &&
	TOKCTL_LEDGER_BUSY_TIMEOUT=200ms record -L x.db --input 1 2>err
	test $? = 4 && same <err && three'
test_ok 'locked by another program' '
	mkfifo say && { sqlite3 x.db <say >out & } && exec 8>say &&
	echo "BEGIN IMMEDIATE; SELECT 1;" >&8
	for i in 1 2 3 4 5 6 7 8 9; do test -s out && break; sleep 0.1; done
	TOKCTL_LEDGER_BUSY_TIMEOUT=200ms record -L x.db --input 1 2>err
	rc=$?; cat err
	test $rc = 4 && grep -q "is locked by another process" err && three &&
	tokctl report daily -L x.db >/dev/null
	rc=$?; exec 8>&-; wait; exit $rc'
test_ok 'a lock that is let go in time is no trouble' '
	(flock 9; sleep 0.3) 9>>x.db-lock & sleep 0.1
	record -L x.db --input 4 --request-id r4; rc=$?; wait
	test $rc = 0 && tokctl ledger check -L x.db && tokctl export -L x.db >three'
test_ok 'a file size limit is a full disk: nothing is lost' '
	awk "BEGIN { print \"time,user,model,input_tokens,request_id\"
		for (i = 0; i < 5000; i++) print 1700000000 + i \",u\" i \",m,1,q\" i }" >many.csv
	tokctl ledger backup -q -L x.db keep.db && cp keep.db x2.db &&
	(ulimit -f 400; tokctl usage record -q -L x2.db --csv many.csv >out 2>err)
	rc=$?; cat err; test $rc = 4 && tokctl ledger check -L x2.db &&
	n=$(tokctl ledger info -L x2.db -f csv | col records) &&
	test "$n" -ge 4 && tokctl export -L x2.db | head -n 5 | cmp - three &&
	tokctl usage record -q -L x2.db --csv many.csv >out &&
	tokctl ledger info -L x2.db -f csv | col records | grep -qx 5004 &&
	tokctl ledger check -L x2.db'

# As an ordinary user: root may write everything.
as_nobody() {
	if test "$(id -u)" -eq 0; then
		setpriv --reuid=65534 --regid=65534 --clear-groups "$@"
	else
		"$@"
	fi
}
if test "$(id -u)" -ne 0 || command -v setpriv >/dev/null; then
	chmod 755 "$trash"
	mkdir -m 755 ro && cp keep.db ro/x.db && record -q -L ro/x.db --input 9
	test "$(id -u)" -ne 0 || chown -R 65534 ro
	HOME=$trash/ro
	test_ok 'a file that may only be read: reports yes, records no' '
		chmod 400 ro/x.db* && chmod 555 ro &&
		as_nobody "$TOKCTL" report daily -L ro/x.db >out &&
		as_nobody "$TOKCTL" export -L ro/x.db | wc -l | grep -qx 6 &&
		as_nobody "$TOKCTL" ledger check -L ro/x.db >out
		as_nobody "$TOKCTL" usage record -L ro/x.db -u a -m m --input 1 2>err
		rc=$?; cat err; test $rc = 4 && grep -q "ro/x.db" err'
	test_ok 'a folder that may only be read' '
		chmod 600 ro/x.db && chmod 500 ro && rm -f ro/none &&
		as_nobody "$TOKCTL" usage record -L ro/new.db -u a -m m --input 1 2>err
		rc=$?; cat err; test $rc = 4 && test ! -e ro/new.db'
	test_ok 'a ledger alone in a folder that may only be read' '
		chmod 700 ro && rm -f ro/x.db-* && chmod 400 ro/x.db && chmod 555 ro
		as_nobody "$TOKCTL" export -L ro/x.db >out 2>err
		rc=$?; cat err; test $rc = 0 && wc -l <out | grep -qx 5'
	test_ok 'a file that may not be read' '
		chmod 700 ro && chmod 000 ro/x.db
		as_nobody "$TOKCTL" report daily -L ro/x.db 2>err
		rc=$?; cat err; chmod 600 ro/x.db
		test $rc = 4 && grep -q "Permission denied" err'
	test_ok 'and it is all still there' '
		tokctl ledger check -L ro/x.db'
	chmod -R u+rwX ro
	HOME=$trash
fi

test_ok 'a disk that is full: nothing is lost, and there is a way on' '
	mkdir small && unshare -rm sh -c "
		mount -t tmpfs -o size=600k none small || exit 77
		cp keep.db small/x.db && cd small || exit 1
		\"\$TOKCTL\" usage record -q -L x.db --csv ../many.csv >out 2>../err
		test \$? = 4 && grep -q \"disk is full\" ../err || exit 1
		\"\$TOKCTL\" ledger check -L x.db >../checked || exit 2
		\"\$TOKCTL\" export -L x.db 2>../err | head -n 5 | cmp - ../three || exit 3
		! \"\$TOKCTL\" ledger backup -L x.db copy 2>>../err && test ! -e copy &&
			test \"\$(ls copy* 2>/dev/null)\" = \"\" || exit 4
		mount -o remount,size=8m none . &&
		\"\$TOKCTL\" usage record -q -L x.db --csv ../many.csv >out &&
		\"\$TOKCTL\" ledger check -L x.db >../checked && cp x.db* ..
	" 2>log2
	rc=$?; cat log2 err
	if test $rc = 77 || grep -q "unshare" log2; then echo "no tmpfs here"; exit 0; fi
	test $rc = 0 && tokctl ledger info -L x.db -f csv | col records | grep -qx 5004'

test_ok 'no HOME: the one of the password file' '
	real=$(getent passwd "$(id -u)" | cut -d: -f6)
	test -n "$real" && test -w "$real" || exit 0
	unset HOME TOKCTL_LEDGER
	tokctl config path 2>err | grep -q "^data .* $real/" || { cat err; exit 1; }'
test_ok 'a HOME that is no folder' '
	unset TOKCTL_LEDGER
	HOME=/dev/null tokctl usage record -u a -m m --input 1 >out 2>err
	rc=$?; cat err; test $rc = 4 && test ! -s out'
test_done
