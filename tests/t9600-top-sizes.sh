#!/bin/sh
# tokctl top: each size from 1x1 to 250x80, in blocks and in ASCII, of every
# view, drilled and not, with whatever is laid over it: nothing is drawn twice,
# no number cut.  tests/unit/test_top.c does the edges of layouts for "make
# check"; this takes minutes.
. "$(dirname "$0")/lib.sh"
unit=$(dirname "$TOKCTL")/tests/unit/test_top

test -x "$unit" || {
	echo '1..0 # SKIP make build/tests/unit/test_top first'
	exit
}
test_ok 'every size is sound' '
	"$unit" all >out 2>&1 || { grep -a "^not ok\|^#" out | head -20; exit 1; }'
test_done
