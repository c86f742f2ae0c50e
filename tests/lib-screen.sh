# Sourced after lib.sh by tests that need a terminal: tmux is one.
#
#	screen_start COLS ROWS TERM COMMAND...	its status will be in "rc"
#	screen_shows PATTERN	wait until a line of the screen matches
#	screen_is FILE		wait until the screen is that file
#	screen_keys KEY...	as send-keys of tmux has them
#	screen_size COLS ROWS
#	screen_pid		of the command
#	screen_ends N		wait until it has ended with N
#	screen_clean		the terminal has its modes back
unset TMUX COLUMNS LINES
tm() {
	tmux -S "$trash/tmux" -f /dev/null "$@"
}
trap 'tm kill-server 2>/dev/null; rm -rf "$trash"' EXIT

# Until the command succeeds, at most some ten seconds; the pause is between looks.
until_ok() {
	tries=0
	until "$@" 2>/dev/null; do
		tries=$((tries + 1))
		test $tries -lt 160 || return 1
		sleep 0.05
	done
}

screen_start() {
	cols=$1 rows=$2 term=$3
	shift 3
	rm -f rc pid modes
	tm has-session -t keep 2>/dev/null ||
		tm new-session -d -s keep 'exec sleep 1000'
	tm kill-session -t =s 2>/dev/null
	{
		printf 'TERM=%s; export TERM\n' "$term"
		printf '(trap - INT QUIT TSTP; exec'
		printf " '%s'" "$@"
		printf ')\necho $? >status; stty -a >modes 2>&1; mv status rc\n'
		printf 'exec cat\n'
	} >run.sh
	tm new-session -d -s s -x "$cols" -y "$rows" "cd '$PWD' && sh run.sh"
}

screen_text() {
	tm capture-pane -p -t =s: | sed 's/ *$//'
}

shows() {
	screen_text | grep -q -- "$1"
}

screen_shows() {
	until_ok shows "$1" || {
		screen_text
		return 1
	}
}

is() {
	screen_text >shown && cmp -s "$1" shown
}

screen_is() {
	until_ok is "$1" || diff -u "$1" shown
}

screen_keys() {
	tm send-keys -t =s: "$@"
}

screen_size() {
	tm resize-window -t =s: -x "$1" -y "$2"
}

screen_pid() {
	pane=$(tm display -p -t =s: '#{pane_pid}')
	ps -o pid= --ppid "$pane" | tr -d ' '
}

screen_ends() {
	until_ok test -e rc
	test "$(cat rc)" = "$1" || {
		echo "status $(cat rc), expected $1"
		screen_text
		return 1
	}
}

clean() {
	test "$(tm display -p -t =s: '#{alternate_on} #{cursor_flag} #{mouse_any_flag}')" = '0 1 0'
}

screen_clean() {
	until_ok clean && grep -q ' icanon' modes && grep -q ' echo ' modes
}
