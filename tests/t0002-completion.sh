#!/bin/sh
# Completion: what __complete answers, and that three shells use it.
. "$(dirname "$0")/lib.sh"

completed() {
	tokctl __complete -- "$@" | cut -f1
}

expect <<\EOF
help
EOF
test_ok 'a command' 'completed he | same'

expect <<\EOF
bash
zsh
fish
EOF
test_ok 'an operand with fixed words' 'completed completion "" | same'
test_ok 'but only one of them' 'test -z "$(completed completion bash "")"'

expect <<\EOF
json
jsonl
EOF
test_ok 'a word of an option' 'completed version -f j | same'
test_ok 'after options of every command' '
	test "$(completed --format json ver)" = version'
test_ok 'as bash cuts it' 'completed version --format = j | same'

expect <<\EOF
--format=json
--format=jsonl
EOF
test_ok 'in one word' 'completed version --format=j | same'

expect <<\EOF
--no-json
EOF
test_ok 'the opposite of a flag' 'completed version --no-j | same'

expect <<\EOF
exit-codes
EOF
test_ok 'a topic' 'completed help exi | same'

mkdir zones
cat >zones/tzdata.zi <<\EOF
# version 2026a
R C - 1980 o - Mar lastSu 2s 1 S
Z Europe/Berlin 0:53:28 - LMT 1893 Ap
1 c CE%sT
Z Europe/Brussels 0:17:30 - LMT 1880
L Europe/Berlin Europe/Stockholm
EOF
expect <<\EOF
Europe/Berlin
Europe/Brussels
EOF
test_ok 'also when the settings are broken' '
	echo "ui: [" >broken.yaml &&
	completed --config broken.yaml ver >out 2>err &&
	test "$(cat out)" = version && test ! -s err'
test_ok 'a time zone' 'TZDIR=$PWD/zones completed version --tz Europe/B | same'
test_ok 'a linked one' '
	test "$(TZDIR=$PWD/zones completed version --tz=Europe/S)" = \
		--tz=Europe/Stockholm'
rm zones/tzdata.zi
printf '#code\nDE\t+5230+01322\tEurope/Berlin\tBerlin\n' >zones/zone1970.tab
test_ok 'from the older table' '
	test "$(TZDIR=$PWD/zones completed version --tz E)" = Europe/Berlin'
test_ok 'from nowhere' 'test -z "$(TZDIR=/nowhere completed version --tz E)"'

test_ok 'setup' '
	for u in alice "bob o'\''neil"; do
		tokctl usage record -L names.db --user "$u" -m gpt-4.1 \
			--application editor --input 1 --output 1 || exit 1
	done'
expect <<\EOF
alice
bob o'neil
EOF
test_ok 'a user of the ledger' '
	TOKCTL_LEDGER=names.db completed report -u "" | sort | same'
test_ok 'of the ledger that was typed' '
	test "$(completed -L names.db report daily --user=a)" = --user=alice &&
	test "$(completed report --ledger=names.db -u a)" = alice'
test_ok 'a model is offered once' '
	TOKCTL_LEDGER=names.db completed report -m gpt-4.1 >got &&
	test "$(grep -cx gpt-4.1 got)" = 1'
test_ok 'no ledger is made' '
	TOKCTL_LEDGER=none.db completed report -u "" && test ! -e none.db'
test_ok 'a setting' 'test "$(completed config get ui.col)" = ui.color'
test_ok 'a dimension, in a list' '
	test "$(completed report --by user,mont)" = user,month'

test_ok 'nothing it does not know is an error' '
	tokctl __complete >out 2>err && test ! -s err &&
	tokctl __complete -- nosuch --odd= = : -- "" 2>err && test ! -s err &&
	tokctl __complete -- help help help help "" 2>err && test ! -s err'

for shell in bash zsh fish; do
	test_ok "completion $shell is what is installed" '
		tokctl completion $shell >got &&
		case $shell in
		zsh) file=_tokctl ;;
		*) file=tokctl.$shell ;;
		esac &&
		diff -u "$here/../completions/$file" got'
done
test_status 2 'completion of no shell' 'tokctl completion'
test_status 2 'completion of an odd shell' 'tokctl completion tcsh'

# In the shells themselves.
mkdir bin
ln -s "$TOKCTL" bin/tokctl
PATH=$PWD/bin:$PATH
tokctl completion bash >c.bash
tokctl completion zsh >_tokctl
tokctl completion fish >c.fish

cat >try.bash <<\EOF
. ./c.bash
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
_tokctl
printf '%s\n' "${COMPREPLY[@]}"
EOF
cat >try.zsh <<\EOF
_describe() { print -l -- "${(@P)3}" }
_files() { print files }
try() { words=("$@") CURRENT=$#; . ./_tokctl }
try "$@"
EOF

# Type the line into an interactive shell on a terminal of its own.
cat >type.zsh <<\EOF
zmodload zsh/zpty
zpty shell "$1"
zpty -w shell "$2"
zpty -w -n shell $'tokctl vers\t\n'
zpty -r shell text $'*tokctl [0-9]*'
EOF

if command -v bash >/dev/null; then
	expect <<\EOF
json
jsonl
EOF
	test_ok 'bash' 'bash try.bash tokctl version --format = j | same'
	expect <<\EOF
bob\ o\'neil
EOF
	test_ok 'bash quotes names' '
		TOKCTL_LEDGER=names.db bash try.bash tokctl report -u b | same'
fi
if command -v zsh >/dev/null; then
	expect <<\EOF
--format=json:
--format=jsonl:
EOF
	test_ok 'zsh' 'zsh -f try.zsh tokctl version --format=j | same'
	test_ok 'zsh asks for files where nothing is offered' '
		test "$(zsh -f try.zsh tokctl version x)" = files'
	test_ok 'zsh, typed' '
		timeout 20 zsh -f type.zsh "zsh -f -i" "
			fpath=($PWD \$fpath)
			autoload -Uz compinit
			compinit -D -u"'
	test_ok 'bash, typed' '
		command -v bash >/dev/null || exit 0
		timeout 20 zsh -f type.zsh "bash --norc --noprofile -i" \
			". ./c.bash"'
fi
if command -v fish >/dev/null; then
	expect <<\EOF
--format=json
--format=jsonl
EOF
	test_ok 'fish' '
		fish -c "source c.fish; complete -C \"tokctl version --format=j\"" |
			cut -f1 | same'
	test_ok 'fish completes files where nothing is offered' '
		fish -c "source c.fish; complete -C \"tokctl version c.fi\"" |
			grep -q "^c.fish"'
fi
test_done
