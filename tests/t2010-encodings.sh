#!/bin/sh
# tokctl count -e: every encoding that is built in, its special tokens, and
# the normal forms of those that have one.
. "$(dirname "$0")/lib.sh"

printf "Don't count 12345 caf\303\251s: \344\270\255\346\226\207, \343\202\253\343\203\212.\n" >text

# "make VOCABS=..." leaves some out, which then are an error that says so.
tokctl count --list-encodings -f csv | tr -d '\r' | sed 's/,.*//' >listed
test_with() { # encodings, title, commands
	for left_out in $1; do
		grep -qx "$left_out" listed && continue
		test_n=$((test_n + 1))
		echo "ok $test_n - # SKIP $2: $left_out was left out"
		return
	done
	test_ok "$2" "$3"
}
for e in o200k_base o200k_harmony gptoss_hf cl100k_base p50k_base p50k_edit \
	r50k_base claude_legacy qwen3 deepseek_v3 mistral_tekken; do
	grep -qx "$e" listed || {
		test_ok "$e was left out: what is missing is named" "
			tokctl count -e $e text >out 2>err
			test \$? -eq 3 && test ! -s out &&
			grep \"'$e' was left out\" err && grep VOCABS= err"
		continue
	}
	test_ok "$e: the text comes back" '
		tokctl count -e '$e' --ids text |
			tokctl count -e '$e' --decode | cmp - text'
	test_ok "$e: from a pipe, byte by byte" '
		test "$(dd bs=1 <text 2>/dev/null | tokctl count -e '$e')" = \
			"$(tokctl count -e '$e' --total text)"'
done

test_with 'o200k_harmony claude_legacy qwen3 deepseek_v3 mistral_tekken
	r50k_base p50k_base' 'names as the price book has them' '
	for e in o200k_harmony claude-2 qwen2 deepseek-v3 mistral-tekken \
		r50k_base p50k_base; do
		tokctl count -e $e text >/dev/null || exit 1
	done'
expect <<\EOF
{"file":"text","encoding":"r50k_base","tokens":18,"bytes":42}
EOF
test_with r50k_base 'rows have the name of the encoding itself' '
	tokctl count -e GPT-2 -f jsonl text | same'

expect <<\EOF
[199999]
EOF
test_with gptoss_hf 'gptoss_hf finds special tokens without being asked' '
	printf "<|endoftext|>" | tokctl count -e gptoss_hf --ids | same'

# "e" and a combining accent, U+212B, and the ligature "fi".
printf 'cafe\314\201 \342\204\253 \357\254\201x' >forms
printf 'caf\303\251 \303\205 \357\254\201x' >nfc
printf 'caf\303\251 \303\205 fix' >nfkc
test_with qwen3 'qwen3 counts the normal form C' '
	tokctl count -e qwen3 --ids forms >a && tokctl count -e qwen3 --ids nfc | cmp - a &&
	tokctl count -e qwen3 --decode <a | cmp - nfc'
test_with claude_legacy 'claude_legacy counts the normal form KC' '
	tokctl count -e claude-2 --ids forms >a &&
	tokctl count -e claude-2 --ids nfkc | cmp - a &&
	tokctl count -e claude-2 --decode <a | cmp - nfkc'
test_with r50k_base 'the others count what is there' '
	tokctl count -e gpt2 --ids forms | tokctl count -e gpt2 --decode |
		cmp - forms'
# U+FFFD is in every normal form; a mark behind it stays.
test_with qwen3 'bytes that are not UTF-8 are replaced first' '
	printf "a\377\314\201" | tokctl count -e qwen3 --ids |
		tokctl count -e qwen3 --decode >a &&
	printf "a\357\277\275\314\201" | cmp - a'

# Of Qwen as it came: the mark would be composed with the bracket.
printf '<|im_end|>\314\270' >border
expect <<\EOF
[151645, 136, 116]
EOF
test_with qwen3 'special tokens are found before the text is normalized' '
	tokctl count -e qwen3 --allow-special --ids border | same'
# Of Claude 2 after that: these are full-width letters and brackets.
printf '\357\274\234\357\274\245\357\274\257\357\274\264\357\274\236' >wide
expect <<\EOF
[0]
EOF
test_with claude_legacy 'or after it, as the reference does' '
	tokctl count -e claude-2 --allow-special --ids wide | same'
expect <<\EOF
[200006, 1428, 200008, 3686, 200007, 200018, 200018]
EOF
printf '<|start|>user<|message|>hi<|end|><|endofprompt|><|reserved_200018|>' >chat
test_with o200k_harmony 'a conversation of o200k_harmony, and two spellings of one token' '
	tokctl count -e o200k_harmony --allow-special --ids chat | same'
test_status 3 'an id above the last' '
	echo 201088 | tokctl count -e o200k_harmony --decode'
test_ok 'the last has a text' '
	test "$(echo 201087 | tokctl count -e o200k_harmony --decode)" = \
		"<|reserved_201087|>"'

# A letter with half a million marks, each of which changes the order.
awk 'BEGIN { printf "a"; for (i = 0; i < 250000; i++) printf "\314\201\314\243" }' >marks
test_with qwen3 'an endless run of marks ends' '
	test "$(tokctl count -e qwen3 --total marks)" -gt 100000 &&
	tokctl count -e qwen3 --ids marks | tokctl count -e qwen3 --decode >a &&
	tokctl count -e qwen3 --ids a | tokctl count -e qwen3 --decode | cmp - a'
test_done
