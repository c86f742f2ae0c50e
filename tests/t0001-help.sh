#!/bin/sh
# Every command and verb has help, a man page and completion, and they agree.
. "$(dirname "$0")/lib.sh"

tokctl help --as=names >names

# The long options that help lists, one a line.
options_of() {
	sed -n 's/^  \(-.,\|   \) \(--[a-z0-9-]*\).*/\2/p'
}

# shellcheck disable=SC2086 # "usage import" is two words
while read -r name; do
	cmd=${name%% *}

	test_ok "$name: --help begins with a usage line, in 80 columns" '
		tokctl $name --help >out1 2>err &&
		test ! -s err &&
		head -n 1 out1 | grep -q "^usage: tokctl $name" &&
		! grep -q ".\{81\}" out1'

	test_ok "$name: help $name says the same, or lists the verbs" '
		tokctl help $name >out2 &&
		if grep -q "^$name " names; then
			head -n 1 out2 | grep -q "<verb>"
		else
			diff -u out1 out2
		fi'
	options_of <out2 | sort -u >listed

	test_ok "$name: every long option is completed" '
		tokctl __complete -- $name -- | cut -f1 | sort >completed &&
		comm -23 listed completed >missing &&
		cat missing && test ! -s missing'

	test_ok "$name: every long option is in the man page" '
		grep -oE "Fl Fl [a-z0-9-]+( |$)" "$here/../man/tokctl-$cmd.1" |
			sed "s/Fl Fl /--/; s/ //" | sort -u >written &&
		comm -23 listed written >missing &&
		cat missing && test ! -s missing'

	test_status 2 "$name: an unknown option is a usage error" '
		tokctl $name --no-such-option'
done <names

cut -d" " -f1 names | sort -u >commands
while read -r cmd; do
	test_ok "$cmd: the man page says what the table says" '
		cp "$here/../man/tokctl-$cmd.1" . &&
		TOKCTL=$TOKCTL "$here/splice-man" "tokctl-$cmd.1" &&
		diff -u "$here/../man/tokctl-$cmd.1" "tokctl-$cmd.1"'
done <commands

test_ok 'every man page belongs to a command' '
	for page in "$here"/../man/tokctl-*.1; do
		cmd=$(basename "$page" .1) &&
		grep -qx "${cmd#tokctl-}" names || exit 1
	done'

test_ok 'the list fits 80 columns and names every command' '
	tokctl help >out && ! grep -q ".\{81\}" out &&
	for c in $(grep -v " " names); do
		grep -q "^  $c " out || exit 1
	done'

for topic in exit-codes dates environment formats; do
	test_ok "help $topic" '
		tokctl help $topic >out && test -s out &&
		! grep -q ".\{81\}" out'
done

test_ok 'version: one line, with -v what is built in, in any format' '
	tokctl version >out && grep -qx "tokctl [0-9.]*" out &&
	test "$(wc -l <out)" = 1 &&
	tokctl --version | cmp - out &&
	tokctl version -v | grep -q "^encodings: .*cl100k_base" &&
	tokctl version --json | grep -q "\"engine\": \"SQLite 3\." &&
	tokctl version -f csv -o v.csv && grep -q "^version," v.csv'

while IFS='|' read -r words why what; do
	printf '%s\n%s\n' "$why" "$what" >expected
	test_ok "$words: what is wrong, and what to do" '
		! tokctl $words 2>err && same <err'
done <<\EOT
nonsense|tokctl: 'nonsense' is not a command|'tokctl help' lists them
usage nonsense|tokctl usage: 'nonsense' is not a verb of this command|'tokctl help usage' lists them
quota remove|tokctl quota: 'remove' is not a verb of this command|did you mean 'unset'?
alert delete|tokctl alert: 'delete' is not a verb of this command|did you mean 'remove'?
webhook create|tokctl webhook: 'create' is not a verb of this command|did you mean 'add'?
help nonsense|tokctl help: 'nonsense' is not a command or topic|'tokctl help' lists them
repotr|tokctl: 'repotr' is not a command|did you mean 'report'?
--since today report|tokctl: unknown option '--since' before the command|options of a command come after its name
version --nonsense|tokctl version: unknown option '--nonsense'|see 'tokctl version --help'
config set conversation.max -5|tokctl config set: unknown option '-5'|write '--' before a negative number
EOT
test_status 2 'no command is a usage error' 'tokctl'
test_status 2 'help of nothing known' 'tokctl help nosuchthing'
test_status 4 'help to a full disk' 'tokctl help >/dev/full'
test_done
