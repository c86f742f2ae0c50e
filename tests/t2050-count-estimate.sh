#!/bin/sh
# tokctl count: models without a public tokenizer are estimated, and said to be.
. "$(dirname "$0")/lib.sh"
. "$here/lib-ledger.sh"

printf 'Hello world, this is a test.\n' >prose
printf 'for (i = 0; i < n; i++) { a[i] = b[i] * (c + d[i]); }\n' >code
printf '\346\227\245\346\234\254\350\252\236\343\201\256\346\226\207\347\253\240\343\201\247\343\201\231\343\200\202\n' >cjk

# A column of the one row: field NAME.
field() {
	sed -n "s/.*\"$1\":\"\{0,1\}\([^,\"}]*\).*/\1/p"
}

test_ok 'every format says estimated' '
	tokctl count -m claude-opus-4-5 prose | grep -q "(estimated: .* x " &&
	tokctl count -m claude-opus-4-5 -f json prose |
		grep -q "\"estimated\":true" &&
	tokctl count -m claude-opus-4-5 -f jsonl prose |
		grep -q "\"estimated\":true" &&
	tokctl count -m claude-opus-4-5 -f csv prose |
		grep -q ",true,prose,1\.[0-9]*," &&
	tokctl count -m claude-opus-4-5 -f md prose | grep -q "estimated: " &&
	tokctl count -m claude-opus-4-5 -m gpt-4o prose code |
		grep -q "^~claude-opus-4-5: estimated: "'
test_ok 'the number alone is said on standard error' '
	test "$(tokctl count --total -m gemini-2.5-pro prose 2>err)" -gt 5 &&
	grep -q "gemini-2.5-pro: estimated: " err &&
	tokctl count -q --total -m gemini-2.5-pro prose 2>err >out &&
	test ! -s err'
test_ok 'an exact model says so' '
	test "$(tokctl count -m gpt-4o -f jsonl prose | field estimated)" = false'
# The stand-in of a program that was built without Claude's is another.
tokctl count --list-encodings -f csv | grep -q '^claude_legacy,' &&
	has_claude=1
if test -n "${has_claude-}"; then
expect <<\EOT
10 prose (estimated: claude_legacy x 1.1 (prose), -5% to +5%)
11 prose (estimated: claude_legacy x 1.19 (prose), -13% to +14%)
11 prose (estimated: claude_legacy x 1.19 (prose), -13% to +14%)
EOT
else
expect <<\EOT
9 prose (estimated: o200k_base x 1.18 (prose), -12% to +15%)
10 prose (estimated: o200k_base x 1.27 (prose), -10% to +26%)
10 prose (estimated: o200k_base x 1.27 (prose), -10% to +26%)
EOT
fi
test_ok 'the name of a family is enough to count by' '
	for m in claude-3 llama-2 LLaMA2; do
		tokctl count -m $m prose
	done | same'
test_ok 'what a family costs is not known' '
	test "$(tokctl count --cost -m claude-3 -f jsonl prose |
		field cost_usd)" = null'
test_status 3 'a name that only begins as a family does' '
	tokctl count -m claude- prose'
test_ok 'the factor is that of the kind of text' '
	for f in prose code cjk; do
		test "$(tokctl count -m claude-opus-4-7 -f jsonl $f |
			field content)" = $f || exit 1
	done
	test "$(tokctl count -m claude-opus-4-7 -f jsonl prose | field factor)" \
		!= "$(tokctl count -m claude-opus-4-7 -f jsonl cjk | field factor)"'
test_ok 'who else sells a model sells it with its tokenizer' '
	TOKCTL_PRICES_FILE=$here/../config/examples.yaml &&
	export TOKCTL_PRICES_FILE &&
	tokctl count --cost -m gpt-4 -f jsonl prose >out &&
	test "$(field encoding <out)" = cl100k_base &&
	test "$(field estimated <out)" = false &&
	test "$(field cost_usd <out)" = 0.00008'
test_ok 'the band holds the estimate' '
	tokctl count -m claude-opus-4-7 -f jsonl code >row &&
	test "$(field low_tokens <row)" -le "$(field tokens <row)" &&
	test "$(field high_tokens <row)" -ge "$(field tokens <row)"'
test_ok 'a public tokenizer that is not built in is estimated, too' '
	test "$(tokctl count -m llama-3.1-8b-instant -f jsonl prose |
		field estimated)" = true'
test_ok 'new Claude models have more tokens than old ones' '
	test "$(tokctl count -q --total -m claude-opus-4-8 prose)" -gt \
		"$(tokctl count -q --total -m claude-opus-4-5 prose)"'
test_ok 'nothing is nothing' '
	test "$(tokctl count -q --total -m claude-opus-4-5 </dev/null)" = 0'

# 29 characters / 3.5, 56 / 1.5
expect <<\EOF
9 prose (estimated: 3.5 characters a token (prose))
36 code (estimated: 1.5 characters a token (code))
45 total (estimated)
EOF
test_ok '--heuristic is characters alone' '
	tokctl count --heuristic prose code | same'
test_ok '... also with a model, for its price' '
	tokctl count --heuristic -m gpt-4o --cost -f jsonl prose |
		grep -q "\"tokens\":9,.*\"cost_usd\":0.000045"'
# A mark in 17 characters, in 16; 3 in 50, in 49, 4 in 66.
cat >short <<\EOT
a word or two_and
a word or two_an
Mail to joe@example.com, #1 on his list & mine: a.
Mail to joe@example.com, #1 on his list & mine: a
Mail to joe@example.com, #1 of 50% on his list & what was mine, a.
EOT
expect <<\EOT
5,prose
11,code
15,prose
33,code
44,code
EOT
test_ok 'code is where more than 6 in 100 characters are marks' '
	tokctl count --heuristic --lines -f csv short | tr -d "\r" |
		sed -n "s/^[0-9]*,\([0-9]*\),true,\([a-z]*\),.*/\1,\2/p" | same'
test_status 2 '--heuristic and an encoding' '
	tokctl count --heuristic -e o200k_base prose'
test_status 3 'an unknown model' 'tokctl count -m gpt-4p prose'
test_ok '... is told the next best' '
	tokctl count -m claude-opus-45 prose 2>&1 | grep -q "did you mean"'

test_ok '--cost is the input side, and that of --output-tokens' '
	tokctl count -m gpt-4o --cost -f jsonl prose |
		grep -q "\"cost_usd\":0.00004}" &&
	tokctl count -m gpt-4o --cost --output-tokens 100 -f jsonl prose |
		grep -q "\"cost_usd\":0.00154}"'
test_status 2 '--cost needs a model' 'tokctl count --cost prose'

# Calls that took 1.2 times what was estimated, of code 1.5 times.
calls() {
	i=0
	while test $i -lt 25; do
		i=$((i + 1))
		echo "{\"user\":\"a\",\"model\":\"claude-opus-4-5\",\"input_tokens\":1100,\"cache_read_tokens\":100,\"estimated_input_tokens\":1000,\"request_id\":\"p$i\"}"
		echo "{\"user\":\"a\",\"model\":\"gpt-4o\",\"input_tokens\":300,\"estimated_input_tokens\":200,\"metadata\":{\"content\":\"code\"},\"request_id\":\"c$i\"}"
	done
	echo '{"user":"a","model":"claude-haiku-4-5","input_tokens":15,"estimated_input_tokens":10,"request_id":"x"}'
	echo '{"user":"a","model":"gpt-4","input_tokens":15,"request_id":"y"}'
}
test_ok 'setup' 'calls | tokctl usage record --jsonl - >out'
expect <<\EOF
model,content,requests,estimated_tokens,billed_tokens,low_ratio,median_ratio,high_ratio,suggested_factor
claude-haiku-4-5,,1,10,15,1.5,1.5,1.5,
claude-opus-4-5,,25,25000,30000,1.2,1.2,1.2,1.2
gpt-4o,,25,5000,7500,1.5,1.5,1.5,1.5
gpt-4o,code,25,5000,7500,1.5,1.5,1.5,1.5
EOF
test_ok 'report accuracy: billed, of what was estimated' '
	tokctl report accuracy -f csv | tr -d "\r" | same'
test_ok '... of a model' '
	tokctl report accuracy --model gpt-4o -f jsonl | wc -l | grep -qx 2'
test_ok '... with as many kinds of content as there are texts' '
	i=100
	while test $i -lt 400; do
		i=$((i + 1))
		echo "{\"user\":\"a\",\"model\":\"m\",\"input_tokens\":$i,\"estimated_input_tokens\":100,\"metadata\":{\"content\":\"$i\"},\"request_id\":\"k$i\"}"
	done | tokctl usage record -q -L kinds.db --jsonl - &&
	tokctl report accuracy -L kinds.db -f csv | tr -d "\r" |
		awk -F, "NR > 2 { n += \$3 == 1 && \$7 == \$2 / 100 }
			END { exit n != 300 || NR != 302 }"'
test_ok '--calibrated takes the median' '
	tokctl count -q --total -m claude-opus-4-5 "$here/../README.md" >plain &&
	tokctl count -q --total --calibrated -m claude-opus-4-5 \
		"$here/../README.md" >corrected &&
	awk "NR == FNR { a = \$1; next }
		{ exit !(\$1 > 1.199 * a && \$1 < 1.201 * a) }" plain corrected'
test_ok '... and says when there is too little' '
	tokctl count --calibrated -m claude-haiku-4-5 prose 2>&1 |
		grep -q "fewer than 20 calls"'
test_ok 'whatever is asked for, it says so, and how' '
	echo context >ctx
	for way in --ids --pieces "--fit 9" --total; do
		# shellcheck disable=SC2086
		tokctl count $way -m claude-opus-4-5 prose >out 2>err &&
		grep -q "claude-opus-4-5: estimated: claude_legacy x .*, .*%" err &&
		tokctl count -q $way -m claude-opus-4-5 prose >out 2>err &&
		test ! -s err || { echo "$way"; exit 1; }
	done
	for way in "" --ids "--fit 9" "--split 9" "--context ctx"; do
		# shellcheck disable=SC2086
		{ tokctl count $way -f jsonl -m claude-opus-4-5 prose >out &&
		grep -q "\"estimated\":true" out &&
		grep -q "\"encoding\":\"claude_legacy\"" out &&
		grep -q "\"factor\":1.*\"low_tokens\":[0-9].*\"high_tokens\":[0-9]" out &&
		tokctl count $way -f table -m claude-opus-4-5 prose >out 2>&1 &&
		grep -q "estimated: claude_legacy x" out; } ||
			{ echo "rows $way"; exit 1; }
	done'
test_ok 'a request does so as well' '
	echo "{\"model\":\"claude-opus-4-5\",\"max_tokens\":1,\"messages\":[{\"role\":\"user\",\"content\":\"$(cat prose)\"}]}" >chat &&
	tokctl count --chat -f jsonl chat >out &&
	grep "\"estimated\":true.*\"factor\":1.*\"low_tokens\":[0-9].*\"high_tokens\":[0-9]" out &&
	tokctl count --chat -f table chat | grep "estimated: claude_legacy x"'
test_status 2 '--calibrated needs a model' 'tokctl count --calibrated prose'
test_status 4 '--calibrated needs a ledger' '
	tokctl count -L nosuch.db --calibrated -m claude-opus-4-5 prose'
test_done
