#!/bin/sh
# tokctl top on a terminal: keys, sizes, signals, and a ledger that changes.
. "$(dirname "$0")/lib.sh"
. "$here/lib-ledger.sh"
needs tmux ps stty sqlite3
. "$here/lib-screen.sh"
TOKCTL_NOW=2026-11-21T14:32:07+01:00
TZ=Europe/Berlin
LC_ALL=C.UTF-8
export TOKCTL_NOW TZ LC_ALL

top() {
	screen_start "$1" "$2" "${3-tmux-256color}" "$TOKCTL" top -d 250ms
}

# top_is COLS ROWS ARGUMENTS...: the screen is the batch frame of that size.
top_is() {
	size_w=$1 size_h=$2
	shift 2
	TERM=xterm tokctl top -1 -d 250ms -w "$size_w" -l "$size_h" "$@" |
		sed 's/ *$//' >frame && screen_is frame
}

test_ok 'setup' '
	record -q --tokens 1500 --application chat --session s1 &&
	tokctl usage record -q -u bob -m claude-sonnet-4-5 --tokens 900 --application editor &&
	tokctl usage record -q -u carol -m gpt-4.1 --tokens 700 --application chat &&
	tokctl quota set -q -u alice --daily 2000'
test_ok 'it draws, follows the ledger, and q gives the terminal back' '
	top 80 24 && screen_shows "^alice .*1,500.*75.0%.*ok" && top_is 80 24 &&
	record -q --tokens 400 --at 2026-11-21T14:31:00+01:00 &&
	screen_shows "^alice .*1,900.*95.0%.*WARN" && top_is 80 24 &&
	tokctl quota set -q -u bob --daily 1000 && screen_shows "^bob .*90.0%.*WARN" &&
	tokctl quota reserve -q -u carol --tokens 10 && top_is 80 24 &&
	screen_keys q && screen_ends 0 && screen_clean'
test_ok 'keys do what a batch frame shows' '
	top 80 24 && top_is 80 24 &&
	screen_keys 3 && top_is 80 24 --view model &&
	screen_keys C && top_is 80 24 -k 3C && screen_keys R && top_is 80 24 -k 3CR &&
	screen_keys 1 && top_is 80 24 -k 3CR1 && screen_keys "\\" b o && top_is 80 24 -k "3CR1\\bo" &&
	screen_keys Enter && top_is 80 24 -k "3CR1\\bo
" && screen_keys Enter && screen_shows "all users > bob" && top_is 80 24 -k "3CR1\\bo

" && screen_keys Escape && screen_shows "^alice" && top_is 80 24 -k 3CR1 &&
	screen_keys p && top_is 80 24 -k 3CR1p && screen_keys p &&
	for view in 0 2 4 5 6 7 8; do
		screen_keys $view && top_is 80 24 -k 3CR1$view || exit 1
	done
	screen_keys "?" && top_is 80 24 -k "3CR18?" && screen_keys x &&
	screen_keys s && top_is 80 24 -k 3CR18s && screen_keys Escape &&
	screen_keys 1 w && top_is 80 24 -k 3CR1w && screen_keys "[" && top_is 80 24 -k "3CR1w[" &&
	screen_keys d T F2 && top_is 80 24 -k "3CR1dTS" && screen_keys Down Down Right &&
	top_is 80 24 -k "3CR1dTSjj+" && screen_keys Right Escape j j / a l &&
	top_is 80 24 -k "3CR1dTjj/al" && screen_keys Escape q && screen_ends 0'
test_ok 'a wide screen has panes, also when it becomes one' '
	top 80 24 && top_is 80 24 && screen_size 140 40 && screen_shows "Last 14 days" && top_is 140 40 &&
	screen_keys 3 && top_is 140 40 -k 3 && screen_size 40 10 && top_is 40 10 -k 3 &&
	screen_keys q && screen_ends 0'

rows() {
	screen_text | sed -n 's/^\(ann\|ben\|cas\) .*/\1/p' | tr '\n' ' '
}
rows_are() {
	test "$(rows)" = "$1"
}
test_ok 'rows do not jump under the cursor, and are in order when it rests' '
	for u in ann:900 ben:500 cas:100; do
		tokctl usage record -q -L still.db -u ${u%:*} -m gpt-4.1 --tokens ${u#*:} || exit 1
	done && screen_start 80 24 tmux-256color "$TOKCTL" top -d 250ms -L still.db &&
	screen_shows "^cas" && test "$(rows)" = "ann ben cas " && screen_keys j &&
	tokctl usage record -q -L still.db -u cas -m gpt-4.1 --tokens 5000 &&
	screen_shows "^cas .*5,100" &&
	until_ok rows_are "cas ann ben " && screen_keys q && screen_ends 0'

# The quick actions: what each does, who is written down, and back.
daily() {
	tokctl quota show -u "$1" --json | grep -o "\"daily[a-z_]*\":[^,}]*" | head -1
}
test_ok 'l sets a limit as the command does: audited, shown, and u takes it back' '
	before=$(tokctl quota show -u alice --json) &&
	top 100 24 && screen_shows "q quit" && screen_keys A && screen_shows "^User▼" &&
	screen_keys l && screen_shows "tokens a day:" && screen_keys 8 , 0 0 0 Enter &&
	screen_shows "^\$ tokctl quota set --user alice --daily 8000 - u undoes it" &&
	screen_shows "^alice .*23.8%" &&
	tokctl audit list --json | grep "quota.set" | tail -1 | grep -q "tester.*8000" &&
	screen_keys u && screen_shows "^undone: \$ tokctl quota set --user alice --daily 2000" &&
	screen_shows "^alice .*95.0%" && test "$before" = "$(tokctl quota show -u alice --json)" &&
	screen_keys u && screen_shows "there is nothing to undo" &&
	screen_keys l && screen_shows "tokens a day:" && screen_keys x Enter &&
	screen_shows "not a whole number\|--daily" && screen_keys q && screen_ends 0'
test_ok 'where there was none, u takes the limit away' '
	top 100 24 && screen_shows "q quit" && screen_keys A && screen_shows "^User▼" &&
	screen_keys G && screen_keys l && screen_shows "tokens a day:" && screen_keys 5 0 0 Enter &&
	screen_shows "tokctl quota set --user carol --daily 500 - u undoes" &&
	screen_shows "^carol .*140.0%.*OVER" && screen_keys u &&
	screen_shows "^undone: \$ tokctl quota unset --user carol --daily" &&
	! shows "^carol .*OVER" && screen_keys q && screen_ends 0'
test_ok 'a adds an alert at a percentage, and u takes it away' '
	top 100 24 && screen_shows "q quit" && screen_keys A && screen_shows "^User▼" && screen_keys a &&
	screen_shows "alert when this much is used: 80%" && screen_keys C-u 6 0 % Enter &&
	screen_shows "^\$ tokctl alert add --user alice --at 60% --name top-alice-60 - u undoes it" &&
	tokctl alert rules --json | grep -q "top-alice-60.*alice" && screen_keys u &&
	screen_shows "^undone: \$ tokctl alert remove top-alice-60" &&
	! tokctl alert rules --json | grep -q top-alice-60 &&
	tokctl audit list --json | grep -q "alert_rule\|rule.add\|alert.add" &&
	screen_keys q && screen_ends 0'
test_ok 'x acknowledges an alert, and u makes it active again' '
	open=$(tokctl alert list --unseen -f csv | wc -l) && test "$open" -gt 1 &&
	top 100 24 && screen_shows "8 Alerts($((open - 1)))" && screen_keys 8 x &&
	screen_shows "^\$ tokctl alert ack [0-9]* - u undoes it" && screen_shows "^seen " &&
	test "$(tokctl alert list --unseen -f csv | wc -l)" -eq $((open - 1)) &&
	tokctl audit list --json | grep -q "alert.ack" && screen_keys u &&
	screen_shows "^undone: \$ tokctl alert ack --undo" && ! shows "^seen " &&
	test "$(tokctl alert list --unseen -f csv | wc -l)" -eq "$open" &&
	tokctl audit list --json | grep -q "alert.reopen" && tokctl audit verify -q &&
	screen_keys q && screen_ends 0'
test_ok 'who is a user asks for a quota, and leaves the alerts of others alone' '
	tokctl user add -q tester && top 100 24 && screen_shows "q quit" && screen_keys A &&
	screen_shows "^User▼" && screen_keys l && screen_shows "ask for tokens a day:" &&
	screen_keys 9 0 0 0 Enter && screen_shows "^\$ tokctl quota request --user alice --daily 9000" &&
	tokctl quota requests --json | grep -q "open.*tester.*alice.*9000" &&
	screen_shows "^alice .*95.0%" && screen_keys u && screen_shows "cannot be undone" &&
	screen_keys a Enter && screen_shows "tester is a user: an alert of others takes a manager" &&
	screen_keys 8 x && screen_shows "takes a manager or an admin" &&
	tokctl user set -q tester --role manager && screen_keys x && screen_shows "tokctl alert ack" &&
	screen_keys u q && screen_ends 0'
test_ok 'o shows the detailed report, and comes back' '
	screen_start 100 30 tmux-256color env PAGER=less LESS= "$TOKCTL" top -d 250ms -u alice &&
	screen_shows "View detailed report" && screen_keys o && screen_shows "alice" &&
	screen_shows "Usage\|usage by" && screen_keys q && screen_shows "View detailed report" &&
	screen_keys q && screen_ends 0 && screen_clean'
test_ok 'e writes the view as CSV, and replaces nothing' '
	top 100 24 && screen_shows "q quit" && screen_keys e && screen_shows "tokctl report by user --since" &&
	file=tokctl-user-2026-11-21-14.32.07.csv && until_ok test -s $file &&
	test "$(col total_tokens <$file | sort -n | tr "\n" " ")" = "700 900 1900 " &&
	screen_keys q && screen_ends 0 && rm $file'
test_ok 'y copies the name' '
	top 80 24 && screen_shows "q quit" && tm set -s set-clipboard on && screen_keys A &&
	screen_shows "^User▼" && screen_keys y && screen_shows "^copied: alice" &&
	until_ok sh -c "test \"\$(tmux -S \"$trash/tmux\" show-buffer)\" = alice" &&
	screen_keys q && screen_ends 0'
# mouse B X Y [M|m] is what terminals say of a button, counted from 1; "M" when
# it goes down; old_mouse is what older ones say.
mouse() {
	printf '\033[<%d;%d;%d%s' "$1" "$2" "$3" "${4-M}" | od -An -v -tx1 |
		xargs tmux -S "$trash/tmux" send-keys -t =s: -H
}
old_mouse() {
	printf '%x ' 27 91 77 $((32 + $1)) $((32 + $2)) $((32 + $3)) |
		xargs tmux -S "$trash/tmux" send-keys -t =s: -H
}
mouse_is() {
	test "$(tm display -p -t =s: '#{mouse_any_flag}')" = "$1"
}
is_marked() {
	esc=$(printf "\033")
	tm capture-pane -e -p -t =s: | grep -q "7m\($esc\[[0-9;]*m\)*$1"
}
test_ok 'the mouse: off until it is asked for; a row, a tab, the wheel' '
	top 80 24 && screen_shows "q quit" && mouse_is 0 && screen_keys A M && until_ok mouse_is 1 &&
	mouse 0 12 7 && screen_shows "^App" && mouse 0 12 7 m && mouse 0 3 7 && screen_shows "^User▼" &&
	old_mouse 0 3 10 && until_ok is_marked bob && old_mouse 3 3 10 &&
	mouse 65 3 10 && until_ok is_marked carol && old_mouse 64 3 10 && old_mouse 64 3 10 && until_ok is_marked alice &&
	mouse 65 3 10 && until_ok is_marked bob && screen_keys Enter && screen_shows "all users > bob" &&
	screen_keys M && until_ok mouse_is 0 && screen_keys q && screen_ends 0 && screen_clean'
test_ok 'what the mouse does besides does not hold the screen up' '
	tokctl usage record -q -L mouse.db -u ann -m gpt-4.1 --tokens 5 &&
	screen_start 80 24 tmux-256color "$TOKCTL" top -d 250ms -L mouse.db --mouse && screen_shows "^ann" &&
	for event in "0 1 12 m" "2 5 5 M" "2 5 5 m" "66 5 5 M" "35 5 5 M" "0 99999 1 M" "0 0 0 M"; do
		mouse $event && tokctl usage record -q -L mouse.db -u ann -m gpt-4.1 --tokens 5 || exit 1
	done && screen_shows "^ann .* 40 " && tm send-keys -t =s: -H 1b 5b 3c &&
	tokctl usage record -q -L mouse.db -u ann -m gpt-4.1 --tokens 5 && screen_shows "^ann .* 45 " &&
	screen_keys q && screen_ends 0'
window() {
	test "$(tm display -p -t =s: '#{pane_title}')" = "$1"
}
test_ok '--title shows the day in the title of the window, and gives it back' '
	titled() {
		screen_start 80 24 "$1" sh -c "printf \"\\033]2;mine\\a\"; exec \"\$0\" top -d 250ms ${2-}" "$TOKCTL"
	}
	titled tmux-256color && screen_shows "q quit" && window mine && screen_keys q && screen_ends 0 &&
	titled xterm-256color --title && until_ok window "3.5K tok today - tokctl top" &&
	screen_keys q && screen_ends 0 && until_ok window mine &&
	tokctl quota set -q --everyone --daily 10000 && ulimit -c 0 &&
	titled tmux-256color --title && until_ok window "35% ok - tokctl top" &&
	kill -SEGV "$(screen_pid)" && until_ok window mine && screen_ends 139 &&
	tokctl quota unset -q --everyone --daily'
test_ok 'a terminal that has no windows is not asked for titles and focus' '
	for t in vt100 linux xterm; do
		screen_start 80 24 $t sh -c "read -r go; exec \"\$0\" top -d 250ms --title" "$TOKCTL" &&
		tm pipe-pane -t =s: "cat >\"$PWD/sent.$t\"" && screen_keys Enter &&
		screen_shows "q quit" && screen_keys q && screen_ends 0 && until_ok test -s sent.$t || exit 1
	done
	odd="$(printf "\033")\(\[?1004h\|\]2;\|\[22;2t\)"
	! grep -q "$odd" sent.vt100 && ! grep -q "$odd" sent.linux && grep -q "$odd" sent.xterm'
test_ok 'a window that nobody looks at is asked less often, until it is again' '
	top 80 24 && screen_shows "0.25s" &&
	tm send-keys -t =s: -H 1b 5b 4f && screen_shows "10.0s" && screen_shows "q quit" &&
	tm send-keys -t =s: -H 1b 5b 49 && screen_shows "0.25s" && screen_keys "?" && screen_shows "any key closes" &&
	tm send-keys -t =s: -H 1b 5b 4f && screen_shows "10.0s" && screen_shows "any key closes" && screen_keys x q &&
	screen_ends 0 && screen_clean'
test_ok '--import follows the logs of agents, also in a new folder' '
	line() {
		printf "%s\n" "{\"type\":\"assistant\",\"timestamp\":\"2026-11-21T13:00:0$1.000Z\",\"sessionId\":\"s9\",\"requestId\":\"r$1\",\"message\":{\"id\":\"m$1\",\"model\":\"$2\",\"usage\":{\"input_tokens\":11,\"output_tokens\":2$1}}}"
	}
	mkdir -p .claude/projects/p && screen_start 80 24 tmux-256color "$TOKCTL" top -d 250ms --import &&
	screen_shows "q quit" && screen_keys 3 && screen_shows "^Model" &&
	line 1 claude-haiku-4-5 >.claude/projects/p/s9.jsonl && screen_shows "^claude-haiku-4-5  *1 " &&
	line 2 claude-haiku-4-5 >>.claude/projects/p/s9.jsonl && screen_shows "^claude-haiku-4-5  *2 " &&
	mkdir -p .claude/projects/new/er && line 3 claude-opus-4-1 >.claude/projects/new/s10.jsonl &&
	screen_shows "^claude-opus-4-1  *1 " && line 4 claude-opus-4-1 >>.claude/projects/new/s10.jsonl &&
	screen_shows "^claude-opus-4-1  *2 " && screen_keys q && screen_ends 0 &&
	until_ok sh -c "! ps -o args= -A | grep -q \"import --watch --quiet --ledger $db\$\""'
test_status 2 '--import without a screen' 'tokctl top -1 --import'
test_ok 'W keeps the setup in the settings, and only that' '
	mkdir -p .config/tokctl && echo "# mine" >.config/tokctl/tokctl.yaml &&
	top 80 24 && screen_shows "q quit" && screen_keys 3 Q S j + && screen_shows "Colours *mono" &&
	screen_keys W && screen_shows "saved in .*/.config/tokctl/tokctl.yaml" &&
	screen_keys Escape q && screen_ends 0 && grep -q "^# mine" .config/tokctl/tokctl.yaml &&
	test "$(tokctl config get top.theme)" = mono && test "$(tokctl config get top.sort)" = requests &&
	test "$(tokctl config get top.refresh)" = 250ms &&
	screen_start 80 24 tmux-256color "$TOKCTL" top && screen_shows "^Model .*Req▼" &&
	screen_shows "0.25s" && screen_keys q && screen_ends 0 && rm .config/tokctl/tokctl.yaml'
for theme in default mono contrast blue-orange; do
	test_ok "the theme $theme: its colours, the same text" "
		screen_start 80 24 tmux-256color '$TOKCTL' top -d 250ms --theme $theme &&
		screen_shows '^alice' && top_is 80 24 &&
		tm capture-pane -e -p -t =s: >$theme && screen_keys q && screen_ends 0"
done
test_ok 'and no two are alike; mono has none' '
	! cmp -s default mono && ! cmp -s default contrast && ! cmp -s default blue-orange &&
	! cmp -s contrast blue-orange && grep -q "$(printf "\033")\[[0-9;]*3[1-6]m" default &&
	! grep -q "$(printf "\033")\[[0-9;]*3[1-6]m" mono'
test_ok 'i draws with ASCII alone' '
	top 80 24 && screen_shows "Latest ───" && screen_keys i && screen_shows "Latest ---" &&
	top_is 80 24 --ascii && screen_keys q && screen_ends 0'
test_ok 'any size, and back; a storm of them' '
	top 80 24 && screen_shows "q quit" &&
	for size in "40 10" "20 4" "10 2" "140 40" "3 1" "80 24"; do
		screen_size $size && screen_shows . || exit 1
	done &&
	for w in 79 78 77 76 75 30 31 32 120 121 122 123 140 141 142 90 91 92 60 61 80; do
		screen_size $w $((w / 4 + 4))
	done && screen_size 80 24 && top_is 80 24 && screen_keys q && screen_ends 0'
for s in TERM:143 INT:130 HUP:129 QUIT:131 SEGV:139 ABRT:134 BUS:135; do
	test_ok "SIG${s%:*}: the terminal is given back, and the status says so" "
		ulimit -c 0
		top 80 24 && screen_shows 'q quit' && screen_keys M && kill -${s%:*} \$(screen_pid) &&
		screen_ends ${s#*:} && screen_clean"
done
test_ok '^Z and fg' '
	screen_start 80 24 tmux-256color env ENV= PS1="\$ " sh -i &&
	screen_keys "$TOKCTL top -d 250ms" Enter && screen_shows "q quit" &&
	screen_keys C-z && screen_shows "Stopped" && until_ok clean &&
	screen_size 60 20 && screen_keys "fg" Enter && screen_shows "^alice .*1,900" && top_is 60 20 &&
	screen_keys q && until_ok clean && screen_keys "exit" Enter && screen_ends 0'
# The screen runs in a shell of the pane: its process, and whether it is
# stopped.
job_pid() {
	ps -o pid= --ppid "$(screen_pid)" | tr -d ' '
}
is_stopped() {
	ps -o stat= -p "$(job_pid)" | grep -q "^T"
}
test_ok 'whatever stops it, also while it draws, is followed by fg' '
	screen_start 80 24 tmux-256color env ENV= PS1="\$ " sh -i &&
	screen_keys "$TOKCTL top -d 250ms" Enter && screen_shows "q quit" &&
	for how in TSTP TSTP STOP TSTP TSTP STOP; do
		screen_keys "?" && for w in 60 61 62 63 64 65 66 67; do screen_size $w 20; done
		kill -$how "$(job_pid)" && until_ok is_stopped &&
		if test $how = TSTP; then until_ok clean; fi && screen_size 80 24 &&
		screen_keys C-j fg C-j && screen_shows "any key closes\|q quit" && screen_keys Escape &&
		screen_shows "q quit" && top_is 80 24 || exit 1
	done && screen_keys q && until_ok clean && screen_keys exit Enter && screen_ends 0'
test_ok '^Z in the pager of the report, and back' '
	screen_start 80 24 tmux-256color env ENV= PS1="\$ " PAGER=less LESS= sh -i &&
	screen_keys "$TOKCTL top -d 250ms" Enter && screen_shows "q quit" && screen_keys o &&
	screen_shows "^:\|(END)" && screen_keys C-z && screen_shows "Stopped" &&
	screen_keys fg Enter && screen_shows "^:\|(END)" && screen_keys q && screen_shows "q quit" &&
	screen_keys q && until_ok clean && screen_keys exit Enter && screen_ends 0'
test_ok 'a ledger that goes away and comes back' '
	tokctl ledger backup -q safe.db && top 100 24 && screen_shows "^alice .*1,900" &&
	mv ledger.db gone.db && screen_shows "LEDGER GONE [0-9]*s: .*r retry" && screen_shows "^alice .*1,900" &&
	rm -f ledger.db-wal ledger.db-shm &&
	cp safe.db new.db && mv new.db ledger.db && record -q --tokens 100 &&
	screen_shows "^alice .*2,000" && ! shows LEDGER && top_is 100 24 &&
	screen_keys q && screen_ends 0'
test_ok 'one that is replaced by another' '
	TOKCTL_LEDGER=other.db && tokctl usage record -q -u zoe -m gpt-4.1 --tokens 77 &&
	TOKCTL_LEDGER=$db && top 100 24 && screen_shows "^alice .*2,000" && sqlite3 other.db "PRAGMA journal_mode=delete" >/dev/null &&
	cp ledger.db keep.db && mv other.db ledger.db && rm -f ledger.db-wal ledger.db-shm &&
	screen_shows "^zoe .* 77 " && ! shows "^alice" && ! shows LEDGER &&
	cp safe.db new.db && mv new.db ledger.db && rm -f ledger.db-wal ledger.db-shm && screen_shows "^alice .*1,900" &&
	screen_keys q && screen_ends 0'
test_ok 'one that is restored from a backup' '
	tokctl usage record -q -u yann -m gpt-4.1 --tokens 30 -L apart.db && top 100 24 &&
	screen_shows "^alice .*1,900" && tokctl ledger backup -q before.db &&
	tokctl ledger restore -q apart.db && screen_shows "^yann .* 30 " && ! shows "^alice" &&
	tokctl ledger restore -q before.db && screen_shows "^alice .*1,900" && ! shows "^yann" &&
	screen_keys q && screen_ends 0'
test_ok 'one that another holds: the data stay, with their age' '
	mkfifo say && sqlite3 ledger.db "PRAGMA journal_mode=delete" >/dev/null &&
	top 100 24 && screen_shows "^alice .*1,900" &&
	{ sqlite3 -batch ledger.db <say >held 2>&1 & } && holder=$! && exec 9>say &&
	echo "BEGIN EXCLUSIVE; SELECT 1;" >&9 && until_ok test -s held &&
	screen_shows "LEDGER BUSY [0-9]*s" && screen_shows "^alice .*1,900" && screen_keys 3 &&
	screen_shows "LEDGER BUSY [1-9][0-9]*s" && screen_keys 1 &&
	echo "COMMIT;" >&9 && exec 9>&- && wait $holder &&
	record -q --tokens 50 && screen_shows "^alice .*1,950" && ! shows LEDGER &&
	screen_keys q && screen_ends 0'
test_ok 'one that a newer tokctl has migrated, and back' '
	top 100 24 && screen_shows "^alice .*1,950" && now=$(schema_now) &&
	sql "PRAGMA user_version=$((now + 1))" && screen_shows "LEDGER UNREADABLE" &&
	screen_shows "newer" && screen_shows "^alice .*1,950" &&
	sql "PRAGMA user_version=$now" && record -q --tokens 50 && screen_shows "^alice .*2,000" &&
	! shows LEDGER && screen_keys q && screen_ends 0'
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
test_ok 'names that would act on the terminal are cells like others' '
	tokctl usage record -q -u "$(printf "e\033[2Jv\302\233il")" -m "$(printf "\344\270\255\346\226\207\342\200\256e\314\201")" --tokens 5000 &&
	top 80 24 && screen_shows "^e?\[2Jv?il" && top_is 80 24 && screen_keys 3 && top_is 80 24 -k 3 &&
	screen_keys q && screen_ends 0'
test_ok 'the first run' '
	screen_start 80 24 tmux-256color "$TOKCTL" top -d 250ms -L first.db; screen_ends 4 &&
	tokctl ledger init -q -L first.db && screen_start 80 24 tmux-256color "$TOKCTL" top -d 250ms -L first.db &&
	screen_shows "^No usage recorded yet" && screen_shows "usage import" &&
	tokctl usage record -q -u amy -m gpt-4.1 --tokens 9 -L first.db && screen_shows "^amy" &&
	screen_keys q && screen_ends 0'
test_ok 'standard input that is no terminal: one frame' '
	screen_start 80 24 tmux-256color sh -c "\"\$0\" top </dev/null" "$TOKCTL" && screen_ends 0 &&
	shows "^alice .*2,000"'
test_ok 'a terminal that goes away ends it' '
	top 80 24 && screen_shows "q quit" && pid=$(screen_pid) && tm kill-session -t =s &&
	until_ok sh -c "! kill -0 $pid"'
test_done
