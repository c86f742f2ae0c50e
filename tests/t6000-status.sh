#!/bin/sh
# tokctl status: one line that is fast, and sane whatever is wrong.
. "$(dirname "$0")/lib.sh"
. "$here/lib-ledger.sh"
TOKCTL_NOW=2026-11-21T14:32:00Z
state=$HOME/.local/state/tokctl/limits.json
short='[{model} | ][{session_cost} session | ]5h {limit_5h} official | 7d {limit_7d} official'
export TOKCTL_NOW state short

claude() {
	printf '%s' '{"session_id":"s1","cwd":"/src/web","model":{"id":"claude-opus-4-6",' \
		'"display_name":"Opus 4.6"},"cost":{"total_cost_usd":0.52},' \
		'"context_window":{"used_percentage":23},"rate_limits":{"five_hour":' \
		'{"used_percentage":42.5,"resets_at":1795285800},"seven_day":' \
		'{"used_percentage":96,"resets_at":"2026-11-25T00:00:00Z"}}}'
}

expect <<\EOF
today no ledger yet
EOF
test_ok 'without a ledger' '
	tokctl status | same && test ! -e "$db"'
test_ok 'without a ledger, for programs' '
	tokctl status --json >out &&
	grep -q "\"ledger\": \"no ledger yet\"" out &&
	grep -q "\"today_tokens\": null" out && grep -q "\"limits\": \[\]" out'
test_ok 'setup' '
	tokctl usage record -q --csv - <<\END
time,user,model,input_tokens,output_tokens,cost_usd
2026-10-31T10:00:00Z,me,m,5,0,1
2026-11-02T10:00:00Z,me,m,1000,0,2
2026-11-21T09:00:00Z,me,m,185000,0,0.25
2026-11-21T12:10:00Z,me,m,100,0,0.125
2026-11-21T13:10:00Z,me,m,100,0,0.0625
2026-11-21T14:30:30Z,me,m,400,0,0.0625
END'
expect <<\EOF
today 186K tok $0.5000 | block $0.4375, 0m left
today 186K tok $0.5000 | block $0.0625, 4h28m left | 100/min
EOF
test_ok 'the line: today, the open window, the rate' '
	{ TOKCTL_NOW=2026-11-21T13:59:59Z tokctl status && tokctl status; } | same'
test_ok 'a day is one of the zone' '
	test "$(tokctl status --tz Pacific/Kiritimati --template "{today_requests}")" = 3'

expect <<\EOF
Opus 4.6 | $0.5200 session | 5h 42.5% official | 7d 96% official
EOF
test_ok 'what Claude Code says' '
	claude | tokctl status --template "$short" | same'
expect <<\EOF
- 42.5% 3h58m 18:30 96% 3d9h 2026-11-25 00:00
EOF
test_ok 'its limits are kept, with the time' '
	tokctl status --template "{model} {limit_5h} {limit_5h_left} {limit_5h_reset} {limit_7d} {limit_7d_left} {limit_7d_reset}" |
		same &&
	test "$(stat -c %a "$state")" = 600'
expect <<\EOF
5h 42.5% (30m ago) official
EOF
test_ok 'an old word says how old it is' '
	TOKCTL_NOW=2026-11-21T15:02:00Z tokctl status --template "5h {limit_5h} official" | same'
expect <<\EOF
7d 96% (4h28m ago)
EOF
test_ok 'a window that is over says nothing' '
	TOKCTL_NOW=2026-11-21T19:00:00Z tokctl status \
		--template "[5h {limit_5h} ]7d {limit_7d}" | same &&
	TOKCTL_NOW=2026-11-21T19:00:00Z tokctl status --json | grep -q "\"name\":\"five_hour\".*\"over\":true.*\"origin\":\"official\""'
test_ok 'an older word does not replace a newer one' '
	claude | sed "s/42.5/11/" | TOKCTL_NOW=2026-11-21T14:00:00Z tokctl status >out &&
	tokctl status --template "{limit_5h}" | grep -qx "42.5%"'
test_ok 'a damaged file of limits is no limits, and is replaced' '
	printf "{\"schema\":" >"$state" &&
	test "$(tokctl status --template "x[{limit_5h}]")" = x &&
	tokctl status -v --template "{limit_5h}" 2>&1 | grep -q "no limits as tokctl" &&
	claude | tokctl status --template "{limit_5h}" | grep -qx "42.5%" &&
	tokctl status --template "{limit_5h}" | grep -qx "42.5%"'
test_ok 'colours only when asked for, words always' '
	claude | tokctl status --template "{limit_7d}" --color always >out &&
	printf "\033[1;31m96%%\033[0m\n" | cmp - out &&
	claude | NO_COLOR=1 CLICOLOR_FORCE=1 tokctl status --template "{limit_7d}" | grep -qx "96%"'

while read -r junk; do
	tokctl status </dev/null >usual
	test_ok "junk: $junk" '
		printf "%s" "$junk" | tokctl status >out 2>err && test ! -s err &&
		cmp out usual'
done <<\EOF

hello
[1,2]
{"model":
null
{"model":{"display_name":7}}
{"cost":{"total_cost_usd":"much"}}
{"rate_limits":{"five_hour":{"used_percentage":1795285800}}}
EOF
test_ok 'megabytes of junk' '
	awk "BEGIN { while (i++ < 300000) print \"{{{{{{{{\" }" |
		tokctl status >out && test -s out'
expect <<\EOF
A?[31m?B
EOF
test_ok 'names cannot act on the terminal' '
	printf "{\"model\":{\"display_name\":\"A\\\\u001b[31m\\\\u202eB\"}}" |
		tokctl status --template "{model}" | same'
test_ok 'ASCII alone' '
	printf "{\"model\":{\"display_name\":\"\303\244\"}}" |
		LC_ALL=C.UTF-8 tokctl status --ascii --template "{model}" | grep -qx "??"'
test_ok 'a writer that never writes is not waited for' '
	mkfifo never && { sleep 60 >never & } && writer=$! &&
	timeout 10 "$TOKCTL" status <never >out && kill $writer && grep -q today out'
test_ok '--stdin no reads nothing' '
	claude | tokctl status --stdin no --template "x[{model}]" | grep -qx x'

test_ok 'groups, braces and brackets' '
	test "$(tokctl status --template "{{a}} [[b]] [c {model}][d {today_requests}] {model}")" = \
		"{a} [b] d 4 -"'
while IFS='	' read -r template says; do
	test_status 2 "wrong template: $template" '
		tokctl status --template "$template"'
	test_ok "says: $says" '
		tokctl status --template "$template" 2>&1 | grep -qF "$says"'
done <<\EOF
{today_tokns}	did you mean 'today_tokens'?
{xyzzy}	'{xyzzy}' is no value
{today	a brace without its other one
today}	a brace without its other one
[a [b]]	'[' inside '['
a]	']' without '['
[a	'[' without ']'
EOF
test_status 2 '--template with a format' 'tokctl status --template x --json'
test_ok 'every value has a meaning, and is in the manual page' '
	tokctl status --list -f csv | tail -n +2 | tr -d "\r" | while IFS=, read -r v m; do
		test -n "$m" || exit 1
		case $v in limit_*_*) v=${v%_*} ;; esac
		grep -q "^\.It Cm .*\b$v\b" "$here/../man/tokctl-status.1" || {
			echo "$v is not in the page"; exit 1; }
	done'
test_ok 'every value can be asked for' '
	tokctl status --list -f csv | tail -n +2 | tr -d "\r" | while IFS=, read -r v m; do
		claude | tokctl status --template "{$v}" >out && test -s out || exit 1
	done'

cached() {
	ls "$HOME"/.cache/tokctl/now-* >/dev/null
}
test_ok 'what was worked out is remembered, and follows the ledger' '
	cached &&
	record -q --input 7 --at 2026-11-21T14:31:00Z &&
	tokctl status --template "{today_requests} {block_tokens}" | grep -qx "5 407" &&
	tokctl usage void 7 --reason test >out &&
	tokctl status --template "{today_requests} {block_tokens}" | grep -qx "4 400"'
test_ok 'a damaged memory is no memory' '
	for f in "$HOME"/.cache/tokctl/now-*; do printf x | dd of="$f" bs=1 seek=99 conv=notrunc 2>/dev/null; done
	tokctl status --template "{today_requests} {block_tokens}" | grep -qx "4 400"'
test_ok 'the figures are those of the reports' '
	tokctl status -f json >out &&
	n=$(tokctl report daily --since today -f csv | col total_tokens) &&
	grep -q "\"today_tokens\": $n," out &&
	n=$(tokctl report block --active -f csv | col projected_tokens) &&
	grep -q "\"block_projected_tokens\": ${n:-null}," out'
test_ok 'folders that cannot be written' '
	rm -rf "$HOME/.cache" "$HOME/.local" && mkdir "$HOME/.local" &&
	: >"$HOME/.cache" && : >"$HOME/.local/state" &&
	claude | tokctl status >out 2>err && grep -q "5h 42.5% official" out &&
	test ! -s err; rc=$?
	rm -rf "$HOME/.cache" "$HOME/.local"; exit $rc'
test_ok 'a foreign or damaged ledger' '
	tokctl status -L /etc/passwd | grep -q "ledger not usable" &&
	head -c 3000 "$db" >cut.db && tokctl status -L cut.db | grep -q "^today ledger"'
test_ok 'a closed pipe and a full disk' '
	claude | tokctl status | : &&
	tokctl status >/dev/full; test $? -eq 4'
needs sqlite3
test_ok 'a ledger that is locked' '
	{ echo "BEGIN EXCLUSIVE; SELECT 1;"; sleep 3; } | sqlite3 "$db" >locked & 
	until test -s locked; do :; done
	tokctl status >out && grep -q "^today" out; rc=$?
	wait; exit $rc'
test_ok 'a cost that leaves something out has a mark, that of the window, too' '
	tokctl usage record -q -L part.db -u me -m gpt-4.1 --input 5 --at 2026-11-21T14:30:00Z &&
	tokctl usage record -q -L part.db -u me -m mystery --tokens 5 --at 2026-11-21T14:31:00Z &&
	tokctl status -L part.db -f table </dev/null >out &&
	grep -q "^Cost today .*+$" out && grep -q "^Its cost .*+$" out'
test_done
