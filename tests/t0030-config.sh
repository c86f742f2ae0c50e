#!/bin/sh
# tokctl config: what is set, where, and changing it without touching the rest.
. "$(dirname "$0")/lib.sh"
XDG_CONFIG_DIRS=$trash/etc
export XDG_CONFIG_DIRS
conf=.config/tokctl/tokctl.yaml

expect <<\EOF
ui.color       auto
ui.week_start  monday
EOF
test_ok 'defaults, without any file' '
	tokctl config show ui | grep -E "color|week" | same'

expect <<EOF
tokctl config set: 'ui.color' is now 'never' in $trash/$conf; was 'auto', from default
EOF
test_ok 'set says what changed' '
	tokctl config set ui.color never 2>err >out &&
	same <err && test ! -s out'
expect <<EOF
ui.color       never   $trash/$conf:2
EOF
test_ok '--origin gives file and line' '
	tokctl config show ui --origin | grep color | same'
expect <<EOF
{"key":"ui.color","value":"always","origin":"environment TOKCTL_UI_COLOR"}
EOF
test_ok 'the environment counts more' '
	TOKCTL_UI_COLOR=always tokctl config show ui.color --origin -f jsonl |
		same'
expect <<EOF
tokctl config set: 'ui.tz' is now 'Europe/Paris' in $trash/$conf; was 'UTC', from environment TOKCTL_TZ
tokctl config set: 'UTC' from environment TOKCTL_TZ counts more
EOF
test_ok 'set says when something hides the value' '
	TOKCTL_TZ=UTC tokctl config set ui.tz Europe/Paris 2>&1 | same'

expect <<\EOF
# mine
ui:   # look
    color: "always"  # so
    tz: Europe/Paris
EOF
test_ok 'set and unset keep every other byte' '
	printf "# mine\nui:   # look\n    color: \"always\"  # so\n" >$conf &&
	tokctl config set ui.tz Europe/Paris &&
	tokctl config set ui.week_start sunday &&
	tokctl config unset ui.week_start &&
	tokctl config set ui.tz UTC && tokctl config unset ui.tz &&
	printf "    tz: Europe/Paris\n" >>$conf && same <$conf'

expect <<\EOF
always
EOF
test_ok 'get prints the value alone' 'tokctl config get ui.color | same'
test_status 1 'get of a key without a value is a "no"' '
	tokctl config get user.name'
expect <<\EOF
  "key": "ui.color",
  "value": "never",
EOF
test_ok 'get in a format' '
	TOKCTL_UI_COLOR=never tokctl config get ui.color --json |
		sed -n "/\"key\"/,/\"value\"/p" | same'
test_status 1 'get of a key without a value, in a format' '
	tokctl config get user.name --json >out; rc=$?
	grep -q "\"value\": null" out && exit $rc'
test_status 2 'get of an unknown key is an error' 'tokctl config get nosuch'

expect <<\EOF
tokctl config set: unknown key 'ui.colr' (did you mean 'ui.color'?)
'tokctl config show' lists every key
EOF
test_ok 'a wrong key gets a suggestion' '
	tokctl config set ui.colr never 2>err; test $? = 2 && same <err'
expect <<\EOF
tokctl config set: 'ui.color' is one of auto, always, never, not 'red'
EOF
test_ok 'a wrong value says which are right' '
	tokctl config set ui.color red 2>err; test $? = 2 && same <err'
test_status 2 'a zone that there is not' 'tokctl config set ui.tz Nowhere'
for wrong in 'conversation.warning 7' 'conversation.warning 0' 'conversation.warning x' \
	'webhook.tries -- -1' 'ledger.spool 1.5'; do
	# shellcheck disable=SC2086
	test_status 2 "wrong: $wrong" "tokctl config set $wrong"
done
test_status 2 'no value' 'tokctl config set ui.tz'
test_status 2 'two values' 'tokctl config set ui.tz a b'

expect <<EOF
tokctl config check: $trash/$conf:3: unknown key 'ui.colour' (did you mean 'ui.color'?)
'tokctl config show' lists every key
EOF
test_ok 'check names file and line' '
	printf "\nui:\n  colour: never\n" >$conf
	tokctl config check 2>err; test $? = 2 && same <err'
test_ok 'check in a format: a row for each file' '
	printf "ui:\n  color: never\n" >$conf &&
	tokctl config check -f csv | tr -d "\r" >out &&
	printf "path,state\n%s,ok\n" "$PWD/$conf" | diff - out &&
	printf "\nui:\n  colour: never\n" >$conf'
test_status 2 'a broken file stops every command that needs it' '
	tokctl config show'
expect <<EOF
tokctl config show: $trash/work/.tokctl.yaml:1: a project may not set 'user.name'
set it for yourself: tokctl config set user.name
EOF
test_ok 'a project may set harmless keys only' '
	rm $conf && mkdir -p work/deep &&
	echo "user.name: eve" >work/.tokctl.yaml
	(cd work/deep && tokctl config show) 2>err
	test $? = 2 && same <err'
expect <<EOF
ui.tz	Asia/Tokyo	$trash/work/.tokctl.yaml:1
EOF
test_ok 'the nearest project file counts' '
	echo "ui.tz: Asia/Tokyo" >work/.tokctl.yaml &&
	(cd work/deep && tokctl config show ui.tz --origin -f csv) | tail -n 1 |
		tr -d "\r" | tr , "\t" | same'

test_status 4 'a folder that cannot be made' '
	HOME=/dev/null tokctl config set ui.color never'
test_status 4 'a file that is not there' '
	tokctl --config nosuch.yaml config show'
test_ok 'places follow the XDG variables' '
	XDG_DATA_HOME=/d tokctl config path | grep -q "^data .* /d/tokctl " &&
	XDG_DATA_HOME=d tokctl config path | grep -q "^data .*$trash/.local"'
# As a container's user: no $HOME, and nobody of that number.
if test "$(id -u)" -eq 0 && command -v setpriv >/dev/null; then
	homeless() {
		env -u HOME -u TOKCTL_LEDGER setpriv --reuid=54321 \
			--regid=54321 --clear-groups "$TOKCTL" "$@"
	}
	chmod 755 "$trash"
	echo 'Hello world' >hello
	test_ok 'without a home what needs none works' '
		test "$(homeless count hello)" = "3 hello" &&
		homeless price cost -m gpt-4.1 --input 5 >out &&
		homeless __complete -- cou >out && grep -q "^count" out'
	test_status 4 'what needs one says what to do' '
		homeless report daily 2>err; rc=$?
		grep -q "^set .HOME, or say where" err && exit $rc'
fi

test_done
