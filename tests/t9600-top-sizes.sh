#!/bin/sh
# tokctl top: each size from 1x1 to 250x80, in blocks and in ASCII, of every
# view, drilled and not, with whatever is laid over it: nothing is drawn twice,
# no number cut.  tests/unit/test_top.c does the edges of layouts for "make
# check"; this takes minutes.  And following the ledger for longer than there.
. "$(dirname "$0")/lib.sh"
units=$(dirname "$TOKCTL")/tests/unit

for unit in test_top test_top_model; do
	test -x "$units/$unit" || {
		echo "1..0 # SKIP make build/tests/unit/$unit first"
		exit
	}
done
test_ok 'every size is sound' '
	"$units/test_top" all >out 2>&1 || { grep -a "^not ok\|^#" out | head -20; exit 1; }'
test_ok 'following is reading, and takes no memory' '
	"$units/test_top_model" all >out 2>&1 || { grep -a "^not ok\|^#" out | head -20; exit 1; }'
test_done
