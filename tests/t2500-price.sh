#!/bin/sh
# tokctl price: looking up, costing calls, taking over published prices.
. "$(dirname "$0")/lib.sh"
XDG_CONFIG_DIRS=$trash/etc
TOKCTL_NOW=2026-11-21T12:00:00Z
export XDG_CONFIG_DIRS TOKCTL_NOW
mine=.config/tokctl/prices.yaml
data=$here/data/price
examples=$here/../config/examples.yaml
export mine examples

# id and pico-dollars of each line, as expected and as answered.
wanted() {
	sed 's/^{"id": \("[^"]*"\).*"expected_pusd": \([^,]*\),.*/\1 \2/' "$1"
}
answered() {
	sed 's/^{"id":\("[^"]*"\).*"cost_pico":\(.*\)}/\1 \2/'
}

wanted "$data/golden.jsonl" >expected
test_ok 'every golden case comes out to the pico-dollar' '
	tokctl price cost --jsonl "$data/golden.jsonl" | answered | same'
test_ok 'also when a book that some cases name is given' '
	tokctl price cost --jsonl - --prices "$examples" \
		<"$data/golden.jsonl" | answered | same'

cat >calls.jsonl <<\EOF
{"id":"a","model":"gpt-5","input":1200,"output":300}
{"id":7,"model":"nothing","input":1}

{"model":"gpt-4","book":"examples","input":1}
{"id":{"x":[1]},"model":"gpt-5","time":"2026-01-01T00:00:00Z","input_tokens":16,"output":0.0,"tier":"batch","reasoning":null,"more":{}}
EOF
expect <<\EOF
{"id":"a","cost_usd":0.0045,"cost_pico":"4500000000"}
{"id":7,"cost_usd":null,"cost_pico":null}
{"id":null,"cost_usd":0.00001,"cost_pico":"10000000"}
{"id":{"x":[1]},"cost_usd":0.00001,"cost_pico":"10000000"}
EOF
test_ok 'a stream is answered line by line, as JSON Lines' '
	tokctl price cost --jsonl calls.jsonl | same'

expect <<\EOF
{"id":"x","cost_usd":0.00001,"cost_pico":"10000000"}
EOF
test_ok 'if no line names a book, --prices is the book of all' '
	echo "{\"id\":\"x\",\"model\":\"gpt-4\",\"input\":1}" |
		tokctl price cost --jsonl - --prices "$examples" | same'

while IFS='|' read -r line why; do
	echo "tokctl price cost: standard input:2: $why" >expected
	printf '{"model":"gpt-5"}\n%s\n' "$line" >bad.jsonl
	test_status 3 "refused: $line" 'tokctl price cost --jsonl - <bad.jsonl'
	test_ok 'and it says why' '
		tokctl price cost --jsonl - <bad.jsonl 2>&1 >/dev/null |
			sed 1q | same'
done <<\EOF
[]|this is no JSON object
{"id":1|this is not JSON: the text ends too early
{"input":1}|it names no 'model'
{"model":"gpt-5","input":-1}|a call of 'gpt-5' cannot have a negative count
{"model":"gpt-5","input":1e30}|'input' is not a whole number that fits
{"model":"gpt-5","input":9223372036854775807}|a call of 'gpt-5' costs more than can be counted
{"model":"gpt-5","time":"yesterday"}|'time' is not a time, as "2026-11-21T14:32:00Z"
{"model":"gpt-5","tier":"x"}|'tier' is not standard, batch, flex, priority or fast
{"model":"gpt-5","batch":1}|'batch' is not true or false
{"model":"gpt-5","book":"x"}|no price book named 'x'
{"model":5}|'model' is not a text
EOF

expect <<\EOF
Model     gpt-4o
Provider  openai
Time      2024-06-01 00:00
Basis     recalled
Cost      $0.0200
EOF
test_ok 'one call, at the price of its time' '
	tokctl price cost -m gpt-4o --input 1000 --output 1000 --at 2024-06-01 |
		same'
test_ok 'cost as a number and, exactly, as a text' '
	tokctl price cost -m gpt-5-nano --cache-read 1 --tier batch --json |
		grep -A1 "\"cost_usd\": 0.0000000025," |
		grep "\"cost_pico\": \"2500\","'
test_status 3 'a model that is not known is an error here' '
	tokctl price cost -m gtp-5 --input 1 2>err'
expect <<\EOF
tokctl price cost: the price book knows no model 'gtp-5'
did you mean 'gpt-5'?
EOF
test_ok 'with a suggestion' 'same <err'
test_status 2 'which model?' 'tokctl price cost --input 1'
expect <<\EOF
tokctl price cost: --tokens does not go with its parts
give --input and --output, or --tokens
EOF
test_status 2 'a total is not added to its parts' '
	tokctl price cost -m gpt-5 --tokens 5 --audio-input 1 2>err'
test_ok 'and it says so' 'same <err'
test_ok 'searches go with a total' '
	tokctl price cost -m gpt-5 --tokens 5 --web-searches 1'
for said in "--model gpt-5" "--provider openai" "--at today" "--output 1" \
	"--tokens 1" "--web-searches 1" "--file-searches 1" --regional; do
	test_status 2 "a stream says itself: $said" "
		tokctl price cost --jsonl calls.jsonl $said"
done
test_ok 'what has no price is unknown, not 0' '
	tokctl price cost -m whisper-1 --input 5 --json |
		grep "\"cost_usd\": null,"'

expect <<\EOF
{"provider":"openai","model":"gpt-4o","input_usd_per_mtok":5,"cache_read_usd_per_mtok":5,"cache_write_usd_per_mtok":5,"output_usd_per_mtok":15,"from":null,"basis":"recalled","context_tokens":128000,"tokenizer":"o200k_base"}
EOF
test_ok 'list --at: as it was then' '
	tokctl price list gpt-4o --at 2024-06-01 -p openai -f jsonl |
		grep "\"gpt-4o\"" | same'
test_ok 'nothing fits' '
	test "$(tokctl price list nosuchmodel)" != "" &&
	test -z "$(tokctl price list nosuchmodel -f jsonl)"'
test_ok 'list: prices are never rounded' '
	tokctl price list gpt-5-nano >out && tokctl price list -p openai >>out &&
	test "$(grep -c "gpt-5-nano  *\$0.05  *\$0.005  *\$0.05  *\$0.40 " out)" = 2'

expect <<\EOF
-  vendor  -                    input       0.15
-  vendor  -                    cache_read  0.003
-  vendor  -                    output      0.6
-  vendor  01:00-04:00 mon-fri  input       0.3
-  vendor  01:00-04:00 mon-fri  cache_read  0.006
-  vendor  01:00-04:00 mon-fri  output      1.2
-  vendor  06:00-10:00 mon-fri  input       0.3
-  vendor  06:00-10:00 mon-fri  cache_read  0.006
-  vendor  06:00-10:00 mon-fri  output      1.2
EOF
test_ok 'show prints every price and when it applies' '
	tokctl price show deepseek-flash | grep "^-" |
		sed "s/  *$//; s/^-      *vendor/-  vendor/" | same'
test_ok 'and where it is from' '
	tokctl price show deepseek-flash | grep "^from: the built-in book"'
test_status 3 'show what is not there' 'tokctl price show nosuchmodel'

cat >prices.yaml <<\EOF
schema: tokctl-prices/1
models:
  - {id: gpt-4o, provider: openai, prices: [{from: 2026-01-01, input: '1'}]}
  - {id: mine, provider: us, match: ['mine-*'], prices: [{input: '7'}]}
EOF
expect <<\EOF
2.5
1
7
EOF
test_ok 'the setting prices.file lays prices over those built in' '
	export TOKCTL_PRICES_FILE="$trash/prices.yaml"
	for at in 2025-12-31 2026-01-01; do
		tokctl price cost -m gpt-4o --input 1000000 --at $at --json
	done >out
	tokctl price cost -m mine-2 --input 1000000 --json >>out
	sed -n "s/^  \"cost_usd\": \(.*\),/\1/p" out | same'
echo 'schema: tokctl-prices/1
models: [{id: a, provider: b, prices: [{inptu: 1}]}]' >prices.yaml
expect <<EOF
tokctl price list: $trash/prices.yaml:2: there is no key 'inptu' here
did you mean 'input'?
EOF
test_ok 'what is wrong in it is said with file and line' '
	TOKCTL_PRICES_FILE="$trash/prices.yaml" tokctl price list 2>&1 | same'
test_status 4 'a file of the settings that is not there' '
	TOKCTL_PRICES_FILE=/nonexistent tokctl price list'

test_ok 'update --dry-run changes nothing' '
	tokctl price update --dry-run "$data/litellm.json" >out &&
	grep "gpt-4o .*\$2.50 *\$2.00" out && test ! -e "$mine"'
test_ok 'a list and a book can come from standard input' '
	tokctl price update -n - <"$data/litellm.json" | cmp - out &&
	tokctl price cost -m gpt-4 --input 1 --prices - --json <"$examples" |
		grep "\"cost_pico\": \"10000000\""'
test_status 4 'standard input that is closed is no list' '
	tokctl price update -n - <&- 2>err; rc=$?
	grep -q "cannot read .standard input." err && exit $rc'
test_ok 'update writes your prices, after it has shown them' '
	tokctl price update "$data/litellm.json" >out2 2>err &&
	cmp out out2 && grep "2 changed, 2 new" err && test -e "$mine"'
expect <<\EOF
2.5
2
EOF
test_ok 'old usage keeps the price in force then' '
	for at in 2026-11-20 2026-11-21; do
		tokctl price cost -m gpt-4o --input 1000000 --at $at --json
	done | sed -n "s/^  \"cost_usd\": \(.*\),/\1/p" | same'
test_ok 'the same list again changes nothing' '
	cp "$mine" before && tokctl price update "$data/litellm.json" 2>err &&
	grep "0 changed, 0 new" err && cmp before "$mine"'
test_ok 'rounding is warned of, also in JSON' '
	tokctl price update -n "$data/litellm.json" --json |
		grep "2.9999900000000002e-06 is rounded"'
test_ok '--into names another file' '
	tokctl price update "$data/modelsdev.json" --into other.yaml &&
	grep "gpt-8" other.yaml && ! grep "gpt-8" "$mine"'
test_status 3 'what is no price list' '
	tokctl price update "$data/golden.jsonl"'
test_status 3 'a provider that is not known' '
	tokctl price update -p nobody "$data/litellm.json"'
test_status 4 'a list that is not there' 'tokctl price update nosuch.json'
test_status 2 'which list?' 'tokctl price update'
usd() {
	tokctl price cost "$@" --json | sed -n "s/^  \"cost_usd\": \(.*\),/\1/p"
}
test_ok 'set changes what is said, from that day on' '
	tokctl price set gpt-4.1 --input 1.80 --output 7.2 >out 2>err &&
	grep "gpt-4.1 .*\$2.00 *\$1.80 " out && grep "written to" err &&
	test "$(usd -m gpt-4.1 --input 1000000)" = 1.8 &&
	test "$(usd -m gpt-4.1 --cache-read 1000000)" = 0.5 &&
	test "$(usd -m gpt-4.1 --input 1000000 --at 2026-11-20)" = 2'
test_ok 'and again changes nothing' '
	cp "$mine" before && tokctl price set gpt-4.1 --input 1.8 >out &&
	grep "no new prices" out && cmp before "$mine"'
test_ok 'a later update leaves it alone' '
	cat >list.json <<-\EOT &&
	{"openai":{"id":"openai","models":{"gpt-4.1":{"id":"gpt-4.1",
		"cost":{"input":3,"output":9}}}}}
	EOT
	tokctl price update list.json 2>err | grep "what you set stays" &&
	cmp before "$mine"'
test_ok 'set --dry-run changes nothing' '
	tokctl price set gpt-4.1 --input 9 -n >out && cmp before "$mine"'
test_status 3 'a model that nobody sells' '
	tokctl price set my-model --input 1 --output 2 2>err; rc=$?
	grep "^say who sells it" err && exit $rc'
test_ok 'a new model, of a provider' '
	tokctl price set my-model -p openai --input 1 --output 2 2>err &&
	test "$(usd -m my-model --input 1000000 --at 2020-01-01)" = 1'
test_ok 'a name that only fits a model is a new one; free is free' '
	tokctl price set claude-opus-4-6-thinking --input 0 --output 0 2>err &&
	test "$(usd -m claude-opus-4-6-thinking --input 5 --output 5)" = 0 &&
	test "$(usd -m gpt-4.1 --input 1000000)" = 1.8'
test_status 2 'what is written by hand is changed by hand' '
	printf "schema: tokctl-prices/1\nmodels:\n  - id: \"h\"\n    provider: openai\n    prices: [{input: \"1\"}]\n" >hand.yaml
	tokctl price set h -p openai --input 2 --into hand.yaml 2>err; rc=$?
	grep "what you wrote stays" err && exit $rc'
test_ok 'prices that are set at the same time are all kept' '
	for i in 1 2 3 4 5 6 7 8; do
		tokctl price set together-$i -p openai --input $i --output 1 \
			--into both/prices.yaml 2>/dev/null &
	done
	wait
	test "$(grep -c "id: .together-" both/prices.yaml)" = 8'
for wrong in -1 0.0000001 abc 1e99 99999999999999999999 "''"; do
	test_status 2 "no price: $wrong" "tokctl price set gpt-4o --input=$wrong"
done
test_status 2 'no price at all' 'tokctl price set gpt-4o'
test_status 2 'no model' 'tokctl price set --input 1'
test_status 3 'no such provider' 'tokctl price set x -p nobody --input 1'
test_status 2 'no name of a model' "tokctl price set 'a b' -p openai --input 1"
if test "$(id -u)" -ne 0; then
	mkdir closed && chmod 500 closed
	test_status 4 'a folder that cannot be written' '
		tokctl price update "$data/genai.json" --into closed/x.yaml'
fi
test_done
