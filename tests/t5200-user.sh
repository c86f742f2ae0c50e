#!/bin/sh
# tokctl user, and tokctl audit: who is who, and who changed what.
. "$(dirname "$0")/lib.sh"
. "$here/lib-ledger.sh"

test_ok 'add with everything' '
	tokctl user add alice --email a@example.com --full-name "Alice A." \
		--department Engineering --role manager 2>err && grep -q "user alice was added" err'
expect <<\EOF
user,full_name,email,department,role,state,added_at,removed_at,notify
alice,Alice A.,a@example.com,Engineering,manager,active,2023-11-14T22:13:20Z,,
EOF
test_ok 'list' 'tokctl user list -f csv | tr -d "\r" | same'
test_ok 'what can be no address is refused' '
	for a in nope @b.c a@ a@b@c "a b@c" a@.b a@b..c a@b. a@-b "a@b,d@e" -x@y; do
		! tokctl user add zoe --email="$a" 2>err && grep -q "is no mail address" err || exit 1
	done
	for a in a@b o.n+y_z@mail-1.example.org; do tokctl user set -q alice --email "$a" || exit 1; done
	tokctl user set -q alice --email a@example.com && ! tokctl user show zoe 2>/dev/null'
test_status 3 'twice is refused' 'tokctl user add alice'
test_ok 'who only has records is seen' '
	tokctl usage record -u bob -m x --input 1 && tokctl user list -f csv | grep -q "^bob,,,,user,seen,,"'
test_ok 'set changes what is given, and takes away what is empty' '
	tokctl user set -q alice --email "" --role admin &&
	tokctl user show alice --json >out && grep -q "\"email\": null" out &&
	grep -q "\"role\": \"admin\"" out && grep -q "\"department\": \"Engineering\"" out'
test_ok 'who was only seen can be set, too' '
	tokctl user set -q bob --department Ops && tokctl user list --department Ops -f csv | grep -q ^bob'
test_ok 'remove keeps records; reserving is over' '
	tokctl quota set -q -u bob --daily 100 && tokctl user remove bob &&
	! tokctl user list -f csv | grep -q ^bob && tokctl user list --all -f csv | grep -q "^bob.*removed" &&
	tokctl usage list -f csv | col user | grep -qx bob &&
	{ tokctl quota reserve -u bob --tokens 1; test $? = 3; } &&
	tokctl usage record -u bob -m x --input 5 &&
	tokctl quota show -u bob -f csv | col used | grep -qx 6'
test_status 3 'removed twice' 'tokctl user remove bob'
test_ok 'added again' 'tokctl user add -q bob && tokctl quota check -u bob --tokens 94'
test_ok 'who has a limit can still be added, once' '
	tokctl quota set -q -u gus --daily 10 && tokctl user show gus -f csv | grep -q "^gus,,,,user,active,,," &&
	tokctl user add gus --department Ops 2>err && grep -q "user gus was added" err &&
	tokctl quota check -q -u gus --tokens 9 && { tokctl user add gus; test $? = 3; } &&
	tokctl user show gus -f csv | grep -q "gus,,,Ops,user,active,2023-11-14T22:13:20Z"'
test_status 3 'set nobody' 'tokctl user set nobody --role admin'
test_status 3 'show nobody' 'tokctl user show nobody'
test_ok 'what is missing is said, and where it is' '
	for c in "user show" "usage show" "usage show 99" "usage void" "usage void 99 --reason x" "quota settle r99" "quota release r99" \
		"quota request" "quota approve 99" "price show" "price set" "ledger restore" "ledger restore nosuch"; do
		tokctl $c 2>err && exit 1
		test "$(wc -l <err)" = 2 || { cat err; exit 1; }
	done
	! grep "ledger init" err'
test_status 2 'no name' 'tokctl user add'
test_status 2 'a role that is none' 'tokctl user add carol --role king'
test_status 2 'nothing to set' 'tokctl user set alice'

# user.unknown
TOKCTL_USER_UNKNOWN=refuse
export TOKCTL_USER_UNKNOWN
test_status 3 'refuse: a record of a stranger' 'tokctl usage record -u eve -m x --input 1'
test_ok 'refuse: in a stream and in an import, only those' '
	printf "user,model,input_tokens,time\nalice,x,1,2023-11-14\neve,x,2,2023-11-14\n" >calls.csv
	tokctl usage record --csv calls.csv >out 2>err; test $? = 3 && grep -q "user .eve. was not added" err &&
	tokctl usage import -q calls.csv >out 2>err; test $? = 0 && cat out err
	tokctl usage list -f csv | col user | sort | uniq -c | tr -s " " >users; cat users
	! grep -q eve users'
test_status 3 'refuse: nothing is reserved for one' 'tokctl quota reserve -u eve --tokens 1'
test_status 3 'refuse: no quota either' 'tokctl quota set -u eve --daily 1'
TOKCTL_USER_UNKNOWN=book
test_ok 'book: to the user unknown' '
	tokctl usage record -u eve -m x --input 77 --request-id e1 &&
	tokctl usage record -u eve -m x --input 77 --request-id e1 &&
	test "$(tokctl usage list -f csv | grep ",77," | cut -d, -f3)" = unknown'
unset TOKCTL_USER_UNKNOWN

test_ok 'audit: every change, by whom' '
	tokctl audit list -f csv | col action >actions && sort actions | uniq -c | tr -s " " >out && cat out &&
	grep -q " 4 user.add" out && grep -q " 5 user.set" out && grep -q " 1 user.remove" out &&
	grep -q " 2 quota.set" out && tokctl audit list --last 1 -f csv | col actor | grep -qx tester'
test_ok 'audit: only some' '
	test "$(tokctl audit list --action user.set -f csv | col object | sort -u | tr "\n" " ")" = "user alice user bob "'
test_ok 'audit: only of a time' '
	test "$(tokctl usage list --since start | head -n 1)" = "$(tokctl usage list | head -n 1)" &&
	test "$(tokctl audit list -p yesterday -f csv | wc -l)" = 1 &&
	test "$(tokctl audit list -s today -f csv | wc -l)" = "$(tokctl audit list -f csv | wc -l)" &&
	test "$(tokctl audit list --since today --action user.remove --last 5 -f csv | wc -l)" = 2 &&
	tokctl audit list -s today --json | grep -q "\"range\": {\"since\": \"2023-11-14T00:00:00Z\", \"until\": null}" && ! tokctl audit list -s tusday 2>err && grep -q tusday err'
test_ok 'verify: yes' 'tokctl audit verify --json | grep -q "\"valid\": true" && whole'
test_ok 'verify: an edit shows' '
	sql "UPDATE audit SET detail = replace(detail, 100, 900) WHERE action = \"quota.set\"" 2>/dev/null ||
		sql "UPDATE audit SET detail = replace(detail, 100, 900) WHERE action = '\''quota.set'\''"
	tokctl audit verify --json >out; test $? = 1 && grep -q "\"valid\": false" out'
test_status 3 'a department that no limit can have' '
	tokctl user add longer --department "$(printf %01025d 0)"'
for wrong in 0 -1 x; do
	test_status 2 "audit list --last $wrong" "tokctl audit list --last=$wrong"
done
test_done
