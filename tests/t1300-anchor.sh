#!/bin/sh
# tokctl ledger check --anchor: what a hash chain alone cannot show.
. "$(dirname "$0")/lib.sh"

book() {
	tokctl usage record -u alice -m gpt-4.1 --input "$1" --output 1
}
anchor_line() {
	tokctl ledger check --anchor anchors -f csv | grep '^anchor'
}

test_ok 'setup' '
	book 1 && book 2 && tokctl ledger backup -q early.db && book 3 &&
	tokctl usage void -q 2 --reason "sent twice"'
test_ok 'the first check makes an anchor' '
	tokctl ledger check -q --anchor anchors && test "$(wc -l <anchors)" -eq 1'
expect <<\EOF
anchor,ok,2,0,nothing was cut off or written anew
EOF
test_ok 'the next compares both chains with it' 'anchor_line | same'
test_ok 'more records fit it' 'book 4 && anchor_line | grep -q ,ok,'

test_ok 'each line is as tokctl-ledger(5) says' '
	! grep -vE "^tokctl-anchor/1 [0-9a-f]{32} [0-9]+ [0-9a-f]{64} [0-9]+ ([0-9a-f]{64}|-)$" anchors'

test_ok 'setup: an early copy is put in its place' '
	tokctl ledger restore -q early.db'
expect <<\EOF
anchor,FAILED,0,2,3 records were cut off at the end
EOF
test_ok 'what was cut off is missed' 'anchor_line | same'
test_status 1 'and the answer is no' 'tokctl ledger check --anchor anchors'
test_ok 'a check that failed makes no anchor' 'test "$(wc -l <anchors)" -eq 3'

test_ok 'setup: other records in the place of those' '
	book 7 && book 8 && book 9 && book 10'
test_ok 'what was written anew shows, though its own chain fits' '
	anchor_line | grep -q "the records were written anew" &&
	tokctl ledger check -q'

printf 'tokctl-anchor/1 x\n' >bad
test_status 3 'a file that holds no anchors is named' '
	tokctl ledger check --anchor bad'
test_status 4 'a folder is no file' 'tokctl ledger check --anchor .'
test_done
