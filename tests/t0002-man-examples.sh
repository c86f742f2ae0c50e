#!/bin/sh
# Every example of the manual pages and of --help runs as it is printed.
#
# An example is a line ".Dl tokctl ...".  Those of a page run in their order,
# in a home of their own that holds what sample() makes: nothing from outside
# is needed, so an example that would need it is no example.
. "$(dirname "$0")/lib.sh"
XDG_CONFIG_DIRS=$trash/etc
LOGNAME=me
TOKCTL_NOW=2026-11-21T14:32:07+01:00
export XDG_CONFIG_DIRS LOGNAME TOKCTL_NOW
man=$here/../man

# The examples call it by its name, and some of them in subshells.
mkdir bin template work
ln -s "$TOKCTL" bin/tokctl
PATH=$trash/bin:$PATH
unset -f tokctl

# 60 calls of two users, one a day until today, then files to count and to import.
sample_calls() {
	awk 'BEGIN {
		for (i = 1; i <= 60; i++)
			printf "{\"time\":%d,\"user\":\"%s\"," \
			    "\"application\":\"chat\",\"model\":\"%s\"," \
			    "\"project\":\"%s\",\"session\":\"s%d\"," \
			    "\"input_tokens\":%d,\"output_tokens\":%d," \
			    "\"request_id\":\"call-%d\"}\n",
			    1790080000 + i * 86400, i % 3 ? "alice" : "bob",
			    i % 2 ? "gpt-4.1" : "claude-sonnet-4-5",
			    i % 5 ? "web" : "app", i / 6, i * 31, i * 7,
			    1000 + i
	}'
}

sample_log() {
	printf '%s' '{"type":"assistant","sessionId":"s1","requestId":"req_1",' \
		'"timestamp":"2026-11-20T10:00:00Z","cwd":"/src/web",' \
		'"message":{"id":"msg_1","model":"claude-sonnet-4-5",' \
		'"usage":{"input_tokens":10,"output_tokens":20}}}'
	echo
}

sample() (
	HOME=$trash/template
	cd "$HOME" || exit 1
	mkdir -p .claude/projects/web .config/fish/completions .zfunc
	sample_log >.claude/projects/web/s1.jsonl
	sample_calls | tokctl usage record --jsonl - >/dev/null || exit 1
	printf 'A text to count.\n' >README.md
	printf 'First line.\nSecond line.\n' >notes.txt
	printf '{"prompt":"Hello"}\n{"prompt":"Hello world"}\n' >prompts.jsonl
	printf '{"model":"gpt-4.1","input_tokens":5,"output_tokens":1}\n' \
		>calls.jsonl
	printf 'who,model,time,input,output\ncarol,gpt-4.1,2026-11-01,5,6\n' \
		>calls.csv
	printf '{"model":"gpt-4o","messages":[{"role":"user","content":"Hi"}]}\n' \
		>talk.json
	printf '[13225, 2375]\n' >ids.txt
	cp "$here/data/price/modelsdev.json" api.json
	cp "$here/data/price/litellm.json" .
)

# Begin with a fresh copy of the sample.
fresh() {
	rm -rf "$trash/work" &&
		cp -R "$trash/template" "$trash/work"
}

# run NAME <EXAMPLES: one test for each line.
run() {
	while IFS= read -r example; do
		test_ok "$1: $example" '
			HOME=$trash/work && cd "$HOME" && eval "$example"'
	done
}

man_examples() {
	sed -n -e 's/\\(dq/"/g' -e "s/\\\\(aq/'/g" -e 's/\\&//g' \
		-e 's/\\-/-/g' -e 's/\\e/\\/g' \
		-e 's/^\.Dl \(tokctl .*\)/\1/p' "$1"
}

# The examples stand two columns in, before their comments.  What goes on
# until a signal comes cannot be run here.
help_examples() {
	tokctl help "$@" | sed -n 's/^  \(tokctl .*\)/\1/p' |
		sed 's/   *.*//' | grep -v -e --watch
}

test_ok 'the sample' 'sample'
for page in "$man"/*.[1-9]; do
	fresh
	man_examples "$page" >examples
	run "${page##*/}" <examples
done

tokctl help --as=names >names
while read -r command verb; do
	fresh
	help_examples "$command" ${verb:+"$verb"} >examples
	run "$command${verb:+ $verb} --help" <examples
done <names

# What the pages must not forget.
grep -v ' ' names >commands
while read -r command; do
	test_ok "$command has a page, and tokctl(1) names it" '
		test -f "$man/tokctl-$command.1" &&
		grep -q "^\.It Cm $command\$" "$man/tokctl.1" &&
		grep -q "^\.Xr tokctl-$command 1 \.\$" "$man/tokctl.1"'
done <commands
tokctl version --help | sed -n 's/^ .* --\([a-z-]*\) .*/\1/p' |
	sort -u >common
while read -r name; do
	test_ok "tokctl(1) has --$name" '
		grep -q "^\.It.* Fl Fl $name\( \|\$\)" "$man/tokctl.1"'
done <common
# tokctl-price(1) comes with its command.
test_ok 'every page that is referred to is there' '
	bad=0
	for x in $(sed -n "s/^\.Xr \(tokctl[^ ]*\) \([1-9]\).*/\1.\2/p" \
		"$man"/*.[1-9] | sort -u); do
		test -f "$man/$x" && continue
		test "$x" = tokctl-price.1 && ! grep -qx price commands ||
			{ echo "$x"; bad=1; }
	done
	test "$bad" -eq 0'
test_done
