#!/bin/sh
# tokctl ledger: info, init, check, backup, restore, migrate.
. "$(dirname "$0")/lib.sh"
. "$here/lib-ledger.sh"
needs sqlite3

some_records() {
	awk -v n="$1" -v from="${2-1}" 'BEGIN {
		print "time,user,model,session,input_tokens,output_tokens,request_id"
		for (i = from; i < from + n; i++)
			printf "%d,u%d,gpt-4.1,s%d,%d,%d,%s\n", 1699000000 + 60 * i,
			    i % 3, i % 11, i, 2 * i, i % 2 ? "r" i : ""
	}'
}

test_status 4 'info does not make a ledger' '
	tokctl ledger info; rc=$?; test ! -e "$db" && exit $rc'
expect <<EOF
tokctl ledger init: the ledger is '$db'
EOF
test_ok 'init makes one and says where' 'tokctl ledger init 2>err && same <err'
test_ok 'init of one that is there changes nothing' '
	uuid=$(tokctl ledger info -f csv | col uuid) &&
	record --input 1 && tokctl ledger init -q &&
	test "$(tokctl ledger info -f csv | col uuid)" = "$uuid" && whole 1'
test_ok 'info' '
	tokctl ledger info --json >out &&
	grep -q "^  \"schema\": \"tokctl.ledger.info/1\",\$" out &&
	grep -q "^  \"ledger\": \"$db\",\$" out &&
	grep -q "^  \"backend\": \"sqlite\",\$" out &&
	grep -q "^  \"records\": 1,\$" out &&
	grep -q "^  \"first_activity\": \"2023-11-14T22:13:20Z\",\$" out'
test_ok 'an empty file that everybody may read becomes a private ledger' '
	for mode in 644 664 660 600; do
		install -m $mode /dev/null e$mode.db &&
		tokctl ledger init -q -L e$mode.db || exit
	done
	test "$(stat -c %a e644.db* e664.db* e600.db* | sort -u)" = 600 &&
		test "$(stat -c %a e660.db* | sort -u)" = 660'
test_ok 'two ledgers have two numbers' '
	tokctl ledger init -q -L other.db &&
	test "$(tokctl ledger info -f csv | col uuid)" != \
		"$(tokctl ledger info -L other.db -f csv | col uuid)"'
expect <<\EOF
check,state,looked_at,faults,detail
database,ok,1,0,the database is sound
records,ok,3000,0,every record can be read
roll-ups,ok,3,0,the sums are those of the records
chain,ok,3,0,the hash chain fits
identities,ok,1500,0,every request id is known once
reversals,ok,0,0,what was taken back was there
audit,ok,0,0,the audit chain fits
counters,ok,0,0,limits count what records say
EOF
test_ok 'check says what it looked at' '
	some_records 3000 | tokctl usage record -q -L check.db --batch-size 3000 --csv - >out &&
	tokctl ledger check -L check.db -f csv | tr -d "\r" | same'

# What a ledger can suffer: each is found, and the status is 1.
damaged() {
	cp hurt.db "$db" && rm -f "$db"-* && sql "$2" >sql.out || return 99
	tokctl ledger check -f csv >out 2>err
	rc=$?
	cat out err
	test $rc = 1 && tr -d '\r' <out | grep -q "^$1,FAILED,"
}
test_ok 'setup: a ledger with everything in it' '
	rm -f "$db" "$db"-* && some_records 2500 |
		tokctl usage record -q --batch-size 700 --csv - >out &&
	tokctl usage void 3 700 -q --reason x && tokctl usage void 9 -q --reason y &&
	some_records 10 3000 | sed "s/,u[0-9],/,bob,/" |
		tokctl usage record -q --batch-size 1 --csv - >out &&
	tokctl ledger backup hurt.db -q && tokctl ledger check -L hurt.db'
while IFS='|' read -r check what sql; do
	test_ok "check finds $what" "damaged $check '$sql'"
done <<\EOF
records|a segment that is gone|DELETE FROM segment WHERE first_id = (SELECT first_id FROM segment ORDER BY first_id LIMIT 1 OFFSET 1)
records|the first segment gone|DELETE FROM segment WHERE first_id = 1
records|a wrong number of records|UPDATE segment SET n = n + 1 WHERE first_id = 1
records|an id that cannot be|UPDATE segment SET first_id = 9223372036854775807 WHERE first_id = 1
records|more records than there can be|UPDATE segment SET n = 9223372036854775807 WHERE first_id = 1
records|a wrong time range|UPDATE segment SET t_max = t_max - 60000 WHERE first_id = 1
records|bytes that are no records|UPDATE segment SET data = zeroblob(100) WHERE first_id = 1
records|a segment cut short|UPDATE segment SET data = substr(data, 1, length(data) - 3) WHERE first_id = 1
records|an empty segment|UPDATE segment SET data = zeroblob(0) WHERE first_id = 1
chain|a record that was changed|UPDATE segment SET data = replace(data, CAST("r5" AS BLOB), CAST("r7" AS BLOB)) WHERE first_id = 1
chain|a head that was changed|UPDATE segment SET head = zeroblob(32) WHERE first_id = 1
chain|a head that is too short|UPDATE segment SET head = zeroblob(1) WHERE first_id = 1
chain|a name that was changed|UPDATE name SET name = "mallory" WHERE name = "u1"
chain|two names that were swapped|UPDATE name SET name = CASE name WHEN "u1" THEN "tmp" ELSE name END; UPDATE name SET name = "u1" WHERE name = "u2"; UPDATE name SET name = "u2" WHERE name = "tmp"
chain|a name that is gone|DELETE FROM name WHERE name = "s4"
chain|a name too many|INSERT INTO name (kind, name, since) VALUES (0, "eve", 5)
chain|a name from the future|INSERT INTO name (kind, name, since) VALUES (0, "eve", 99999)
chain|a name of another kind|UPDATE name SET kind = 99 WHERE name = "u1"
roll-ups|sums that were changed|UPDATE segment SET slots = CAST(substr(slots, 1, length(slots) - 1) AS BLOB) WHERE first_id = 1
roll-ups|sums of another segment|UPDATE segment SET slots = (SELECT slots FROM segment WHERE first_id = 1) WHERE first_id = (SELECT first_id FROM segment ORDER BY first_id LIMIT 1 OFFSET 1)
roll-ups|sums that are gone|UPDATE segment SET slots = NULL WHERE first_id = 1
identities|a request id that is not known|DELETE FROM identity WHERE id = 5
identities|a request id of another record|UPDATE identity SET id = 6 WHERE id = 5
identities|a request id of an earlier record|UPDATE identity SET id = 1 WHERE id = 5
identities|a request id that no record has|INSERT INTO identity VALUES (12345, 6, 7)
identities|half of a request id|UPDATE identity SET more = more + 1 WHERE id = 5
reversals|a record that is marked and was not taken back|INSERT INTO reversed VALUES (50, 2501)
reversals|a record that was taken back and is not marked|DELETE FROM reversed WHERE id = 3
reversals|a mark with the wrong record|UPDATE reversed SET by_id = 2502 WHERE id = 3
audit|an entry that was changed|UPDATE audit SET detail = "{}" WHERE seq = 1
audit|an actor that was changed|UPDATE audit SET actor = "eve" WHERE seq = 1
audit|an entry that is gone|DELETE FROM audit WHERE seq = 2
audit|an entry too many|INSERT INTO audit VALUES (9, 0, "eve", "a", "b", "{}", zeroblob(32))
EOF
test_ok 'check finds pages that were overwritten' '
	cp hurt.db "$db" && rm -f "$db"-* &&
	dd if=/dev/zero of="$db" bs=4096 seek=7 count=2 conv=notrunc 2>/dev/null
	tokctl ledger check >out 2>&1; rc=$?; cat out; test $rc = 1 || test $rc = 3'

rm -f "$db" "$db"-*
test_ok 'backup: a copy that is whole, for its owner alone' '
	some_records 100 | tokctl usage record -q --csv - >out &&
	tokctl ledger backup copy 2>err && grep -q "copied to .copy" err &&
	test "$(stat -c %a copy)" = 600 && test "$(ls copy*)" = copy &&
	tokctl export -L copy >a && tokctl export >b && cmp a b'
test_status 4 'backup does not overwrite' '
	echo keep >keep; tokctl ledger backup keep; rc=$?
	test "$(cat keep)" = keep && exit $rc'
test_status 4 'backup into a folder that is not there' 'tokctl ledger backup no/such'
test_status 2 'backup: no file' 'tokctl ledger backup'
test_ok 'backup while others write: every copy is whole, a point in time' '
	for w in 1 2 3; do
		(for i in 1 2 3 4 5 6 7 8; do
			some_records 20 $((w * 1000 + i * 20)) |
				tokctl usage record -q --batch-size 3 --csv - >/dev/null
		done) &
	done
	for i in 1 2 3 4 5; do
		tokctl ledger backup -q b$i || exit 1
	done
	wait
	for i in 1 2 3 4 5; do
		tokctl ledger check -L b$i >out || { cat out; exit 1; }
	done
	whole 580'

test_ok 'restore: back to what it was, and back again' '
	tokctl export --all >later && tokctl ledger restore copy 2>err &&
	grep -q "restored 100 records" err && tokctl export >c && cmp a c &&
	whole 100 && undo=$(ls "$db".before-restore-*) &&
	TOKCTL_NOW=1700000001 tokctl ledger restore -q "$undo" &&
	tokctl export --all >d && cmp later d && whole 580'
test_ok 'a damaged backup is refused, and nothing changes' '
	tokctl export --all >before
	cp copy bad && sqlite3 bad "UPDATE segment SET head = zeroblob(32)" &&
	{ tokctl ledger restore bad 2>err; test $? = 3; } &&
	grep -q "is damaged and was not restored: chain" err &&
	head -c 5000 copy >cut && { tokctl ledger restore cut; test $? = 3; } &&
	{ tokctl ledger restore no-such; test $? = 4; } &&
	{ tokctl ledger restore "$here/lib.sh"; test $? = 3; } &&
	tokctl export --all >after && cmp before after && whole 580'
test_status 2 'restore: no file' 'tokctl ledger restore'
test_ok 'restore where there is no ledger yet' '
	tokctl ledger restore -q -L fresh.db copy && tokctl export -L fresh.db >c &&
	cmp a c && test "$(ls fresh.db*before* 2>/dev/null)" = ""'
for hurt in 'random bytes' 'a file cut short' 'pages overwritten' \
	'a newer schema'; do
	test_ok "restore over $hurt: that is kept aside" '
		rm -f x.db*; cp copy x.db && case $hurt in
		random*) head -c 9000 /dev/urandom >x.db ;;
		*short) head -c 20000 copy >x.db ;;
		pages*) dd if=/dev/urandom of=x.db bs=4096 seek=2 count=3 \
			conv=notrunc 2>/dev/null ;;
		*newer*) sqlite3 x.db "PRAGMA user_version = 99" ;;
		esac
		cp x.db was && tokctl ledger restore -L x.db copy 2>err || {
			cat err; exit 1; }
		tokctl export -L x.db >c && cmp a c && tokctl ledger check -L x.db &&
		kept=$(ls x.db.before-restore-* | head -n 1) && cmp was "$kept"'
done
test_ok 'who writes on after a restore writes the right names' '
	rm -f y.db* && mkfifo stream &&
	{ tokctl usage record -L y.db --jsonl stream >out 2>&1 & } &&
	exec 3>stream &&
	echo "{\"user\":\"late\",\"model\":\"m1\",\"input_tokens\":1}" >&3 &&
	for i in 1 2 3 4 5 6 7 8 9; do
		test "$(tokctl ledger info -L y.db -f csv 2>/dev/null | col records)" = 1 && break
		sleep 0.1
	done
	tokctl ledger restore -q -L y.db copy &&
	echo "{\"user\":\"late\",\"model\":\"m1\",\"input_tokens\":2}" >&3
	exec 3>&-; wait
	tokctl export -L y.db -f jsonl | tail -n 1 |
		grep "\"user\":\"late\".*\"model\":\"m1\".*\"input_tokens\":2" &&
	tokctl ledger check -L y.db'

now=$(schema_now)
test_ok 'migrate: down and up again, records kept' '
	tokctl export --all >before &&
	tokctl ledger migrate --to 1 2>err && cat err &&
	grep -q "from schema $now to 1" err && ls "$db".schema-$now-* &&
	{ tokctl report daily; test $? = 3; } &&
	{ tokctl ledger migrate --to 1 2>err; grep -q already err; } &&
	tokctl ledger migrate && tokctl export --all >after && cmp before after &&
	whole 580'
test_ok 'who writes brings an older schema up' '
	cp "$db".schema-$now-* m.db && tokctl ledger migrate -q -L m.db --to 2 &&
	record -L m.db --input 1 && tokctl ledger check -L m.db'
for bad in '--to 0' "--to $((now + 1))" '--to x' '--to -1' 'extra'; do
	test_status 2 "migrate $bad" "tokctl ledger migrate $bad"
done
test_ok 'wrong sums by name are found' '
	awk "BEGIN { print \"time,user,model,input_tokens\"
		for (i = 0; i < 66000; i++) print 1700000000 + i \",u\" i % 9 \",m,1\" }" |
		tokctl usage record -q -L t.db --csv - && tokctl ledger check -q -L t.db &&
	tokctl report by user -L t.db --since 2023 -f csv >with &&
	cp t.db less.db && sqlite3 t.db "UPDATE cube SET t_max = t_max + 1 WHERE id = 1" &&
	{ tokctl ledger check -L t.db >out; test $? = 1; } &&
	grep "^roll-ups.*FAILED.*sums by name" out &&
	sqlite3 less.db "DELETE FROM cube" && tokctl ledger check -q -L less.db &&
	tokctl report by user -L less.db --since 2023 -f csv >without &&
	cmp with without'
test_status 4 'migrate does not make a ledger' 'tokctl ledger migrate -L none.db'
test_ok 'a backup is written over nothing, and that is said' '
	tokctl ledger backup -q twice.db && { tokctl ledger backup twice.db 2>err; test $? = 4; } &&
	grep -q "twice.db.: File exists" err && grep -q "give another name" err'
test_done
