#!/bin/sh
# Limits against a model of them, and many processes at once; longer runs:
# "make limits".
. "$(dirname "$0")/lib.sh"
. "$here/lib-ledger.sh"
needs python3

test_ok 'random operations agree with the model' '"$here/limits/model.py" 80'
test_ok 'eight at once, killed at random: no limit is overrun, nothing is lost' '
	"$here/limits/storm.py" 2 kill'
test_ok 'and with clocks that jump' '"$here/limits/storm.py" 2 kill clock'
test_done
