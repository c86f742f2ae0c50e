#!/bin/sh
# Signals: what was begun and not finished leaves nothing behind.
. "$(dirname "$0")/lib.sh"

# Begin a command that waits for input with its output file open, end it.
interrupt() {
	rm -f pipe out out.*
	mkfifo pipe
	"$TOKCTL" usage record --jsonl - -f json -o out <pipe &
	pid=$!
	exec 9>pipe
	while test -z "$(ls out.* 2>/dev/null)"; do
		kill -0 "$pid" || return 99
	done
	kill "-$1" "$pid"
	exec 9>&- # it ends all the same where that signal is ignored, as by nohup
	wait "$pid"
}

test_status 143 'SIGTERM ends it as a signal' 'interrupt TERM'
test_ok 'and no file is left' 'interrupt TERM; test -z "$(ls out*)"'
test_status 129 'SIGHUP too' 'interrupt HUP'

test_status 141 'a closed pipe ends it silently, as a signal' '
	for i in 1 2 3; do
		tokctl usage record -u a -m gpt-4.1 --input 1 --output $i
	done
	mkfifo closed
	: <closed &
	exec 8>closed
	wait $!
	tokctl export >&8'
test_ok 'the ledger is whole after all that' 'tokctl ledger check -q'
test_done
