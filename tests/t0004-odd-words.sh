#!/bin/sh
# An odd operand and an odd value for every verb and every option there is:
# an answer, or an error that is told; never a crash, and nothing that draws
# on the terminal.  A new command is here by itself.
. "$(dirname "$0")/lib.sh"
cp -R "$here/data/import/home/." "$HOME"
tokctl usage import >/dev/null
tokctl help --as=names >names

odd=$(printf 'a\nb\033[31m\377')

# try WORD...: run it with the odd word at the end.
try() {
	tokctl "$@" "$odd" </dev/null >out 2>err
	rc=$?
	cat err >>told
	case $rc in
	[01]) return 0 ;;
	[234]) test -s err && return 0 ;;
	esac
	echo "$* ODD: status $rc"
	cat err
	return 1
}

# The options of a verb that take a value.
values_of() {
	tokctl "$@" --help | sed "/^  -f, --format/,\$d" |
		sed -n 's/^  \(-.,\|   \) \(--[a-z0-9-]*\) <.*/\2/p'
}

# shellcheck disable=SC2086 # "usage import" is two words
while read -r name; do
	test_ok "$name" '
		bad=0
		: >told
		try $name || bad=1
		for opt in $(values_of $name); do
			try $name "$opt" || bad=1
		done
		! grep "[[:cntrl:]]" told | cat -v | grep . && test $bad = 0'
done <names
test_ok 'what every verb takes' '
	for opt in -f -L --config --tz --color; do
		try report daily "$opt" || exit
	done'
test_ok 'the longest words are words' '
	long=$(printf %09000d 7)
	while read -r name; do
		tokctl $name "$long" >out 2>err
		test $? -le 4 || { echo "$name"; exit 1; }
	done <names'
test_ok 'and the ledger is whole' 'tokctl ledger check'
test_done
