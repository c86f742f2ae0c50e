#!/bin/sh
# tokctl top on a terminal: keys, sizes, signals, and a ledger that changes.
. "$(dirname "$0")/lib.sh"
. "$here/lib-ledger.sh"
needs tmux ps stty
. "$here/lib-screen.sh"
TOKCTL_NOW=2026-11-21T14:32:07+01:00
TZ=Europe/Berlin
LC_ALL=C.UTF-8
export TOKCTL_NOW TZ LC_ALL

# At the size of the screen, what it must show: the same frame, but for the
# parts that only a live screen has.
top() {
	screen_start "$1" "$2" "${3-tmux-256color}" "$TOKCTL" top -d 250ms
}

test_ok 'setup' '
	record -q --tokens 1500 --application chat --session s1 &&
	tokctl usage record -q -u bob -m claude-sonnet-4-5 --tokens 900 --application editor &&
	tokctl usage record -q -u carol -m gpt-4.1 --tokens 700 --application chat &&
	tokctl quota set -q -u alice --daily 2000'
test_ok 'it draws, follows the ledger, and q gives the terminal back' '
	top 80 24 && screen_shows "^alice .*1,500.*75.0%.*ok" && screen_shows "q quit" &&
	record -q --tokens 400 --at 2026-11-21T14:31:00+01:00 &&
	screen_shows "^alice .*1,900.*95.0%.*WARN" &&
	tokctl quota set -q -u bob --daily 1000 &&
	screen_keys r && screen_shows "^bob .*90.0%.*WARN" &&
	screen_keys q && screen_ends 0 && screen_clean'
test_ok 'keys do what a batch frame shows' '
	top 80 24 && screen_shows "q quit" &&
	screen_keys 3 && screen_shows "^Model .*Tokens" &&
	screen_keys C && screen_shows "Cost▼" && screen_keys R && screen_shows "Cost▲" &&
	screen_keys 1 && screen_shows "^User" && screen_keys "\\" && screen_shows "^filter:" &&
	screen_keys b o && screen_shows "^filter: bo" && ! shows "^alice" &&
	screen_keys Enter && screen_shows "all users .bo" &&
	screen_keys Enter && screen_shows "all users > bob" && screen_shows "^claude-sonnet" &&
	screen_shows "^Today  *900 tok" &&
	screen_keys Escape && screen_shows "^alice" &&
	screen_keys p && screen_shows PAUSED && screen_keys p &&
	screen_keys 0 && screen_shows "Token Usage Dashboard" && screen_shows "Real-time Usage Monitor" &&
	screen_keys 6 && screen_shows "14:31:00  alice" &&
	screen_keys 7 && screen_shows "^alice .*day .*2,000" &&
	screen_keys 8 && screen_shows "^WARN .*alice: day quota above 95% of 2,000" &&
	screen_keys "?" && screen_shows "any key closes" && screen_keys x &&
	screen_keys s && screen_shows "Sort by" && screen_keys Escape q && screen_ends 0'
test_ok 'a key sets a limit as the command does: audited' '
	top 80 24 && screen_shows "q quit" && screen_keys 1 A && screen_shows "^User▼" &&
	screen_keys l && screen_shows "tokens a day:" && screen_keys 8 , 0 0 0 Enter &&
	screen_shows "quota of user alice: daily 8,000" && screen_shows "^alice .*23.8%" &&
	tokctl audit --json | grep "quota.set" | grep -q 8000 &&
	screen_keys l && screen_shows "tokens a day:" && screen_keys x Enter &&
	screen_shows "not a whole number\|--daily" && screen_keys q && screen_ends 0'
test_ok '--import follows the logs of agents' '
	mkdir -p .claude/projects/p && screen_start 80 24 tmux-256color "$TOKCTL" top -d 250ms --import &&
	screen_shows "q quit" && screen_keys 3 && screen_shows "^Model" &&
	printf "%s\n" "{\"type\":\"assistant\",\"timestamp\":\"2026-11-21T13:00:00.000Z\",\"sessionId\":\"s9\",\"requestId\":\"r1\",\"message\":{\"id\":\"m1\",\"model\":\"claude-haiku-4-5\",\"usage\":{\"input_tokens\":11,\"output_tokens\":22}}}" \
		>.claude/projects/p/s9.jsonl &&
	screen_shows "^claude-haiku-4-5 " && screen_keys q && screen_ends 0 &&
	until_ok sh -c "! ps -o args= -A | grep -q \"import --watch --quiet --ledger $db\$\""'
test_status 2 '--import without a screen' 'tokctl top -1 --import'
test_ok 'W keeps the setup' '
	top 80 24 && screen_shows "q quit" && screen_keys 3 Q W && screen_shows "saved in" &&
	screen_keys q && screen_ends 0 && grep -q "^view model$" .local/state/tokctl/top &&
	top 80 24 && screen_shows "^Model .*Req▼" && screen_keys q && screen_ends 0 &&
	rm .local/state/tokctl/top'
test_ok 'any size, and back' '
	top 80 24 && screen_shows "q quit" &&
	for size in "40 10" "20 4" "10 2" "140 40" "3 1" "80 24"; do
		screen_size $size && screen_shows . || exit 1
	done &&
	screen_shows "^alice .*1,900" && screen_shows "q quit" && screen_keys q && screen_ends 0'
for s in TERM:143 INT:130 HUP:129 QUIT:131 SEGV:139 ABRT:134; do
	test_ok "SIG${s%:*}: the terminal is given back, and the status says so" "
		ulimit -c 0
		top 80 24 && screen_shows 'q quit' && kill -${s%:*} \$(screen_pid) &&
		screen_ends ${s#*:} && screen_clean"
done
test_ok '^Z and fg' '
	screen_start 80 24 tmux-256color env ENV= PS1="\$ " sh -i &&
	screen_keys "$TOKCTL top -d 250ms" Enter && screen_shows "q quit" &&
	screen_keys C-z && screen_shows "Stopped" && until_ok clean &&
	screen_size 60 20 && screen_keys "fg" Enter && screen_shows "^alice .*1,900" &&
	screen_keys q && until_ok clean && screen_keys "exit" Enter && screen_ends 0'
test_ok 'a ledger that goes away and comes back' '
	tokctl ledger backup -q safe.db && top 100 24 && screen_shows "^alice .*1,900" &&
	mv ledger.db gone.db && screen_shows "LEDGER GONE" && screen_shows "^alice .*1,900" &&
	rm -f ledger.db-wal ledger.db-shm &&
	cp safe.db new.db && mv new.db ledger.db && record -q --tokens 100 &&
	screen_shows "^alice .*2,000" && ! shows LEDGER &&
	screen_keys q && screen_ends 0'
for t in xterm-256color vt100 linux screen; do
	test_ok "TERM=$t" "
		top 80 24 $t && screen_shows '^alice .*2,000' && screen_keys q && screen_ends 0 &&
		screen_clean"
done
for t in dumb no-such-term ''; do
	test_ok "TERM=$t is refused, with the way out" "
		top 80 24 '$t' && screen_shows 'tokctl top -b' && screen_ends 2 && screen_clean"
done
test_ok 'NO_COLOR: no colours' '
	screen_start 80 24 tmux-256color env NO_COLOR=1 "$TOKCTL" top && screen_shows "q quit" &&
	! tm capture-pane -e -p -t =s: | grep -q "$(printf "\033")\[[0-9;]*3[0-7]m" &&
	screen_keys q && screen_ends 0'
test_ok 'standard input that is no terminal: one frame' '
	screen_start 80 24 tmux-256color sh -c "\"\$0\" top </dev/null" "$TOKCTL" && screen_ends 0 &&
	shows "^alice .*2,000"'
test_ok 'a terminal that goes away ends it' '
	top 80 24 && screen_shows "q quit" && pid=$(screen_pid) && tm kill-session -t =s &&
	until_ok sh -c "! kill -0 $pid"'
test_done
