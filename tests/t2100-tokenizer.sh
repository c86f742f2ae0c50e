#!/bin/sh
# tokctl count: tokenizers that come as a file, and those that were added.
. "$(dirname "$0")/lib.sh"

# "ab ab": Prepend and Replace make it _ab_ab; merges make _ab of it.
cat >small.json <<\EOT
{"added_tokens": [
  {"id": 8, "content": "<s>", "special": true, "normalized": false},
  {"id": 9, "content": "\n\n", "special": false, "normalized": false}],
 "normalizer": {"type": "Sequence", "normalizers": [
  {"type": "Prepend", "prepend": "▁"},
  {"type": "Replace", "pattern": {"String": " "}, "content": "▁"}]},
 "pre_tokenizer": null,
 "decoder": {"type": "Sequence", "decoders": [
  {"type": "Replace", "pattern": {"String": "▁"}, "content": " "},
  {"type": "Fuse"},
  {"type": "Strip", "content": " ", "start": 1, "stop": 0}]},
 "model": {"type": "BPE", "unk_token": "<unk>", "fuse_unk": true,
  "vocab": {"<unk>": 0, "▁": 1, "a": 2, "b": 3, "ab": 4, "▁ab": 5, "<": 6,
   "s": 7},
  "merges": ["a b", "▁ ab"]}}
EOT

# The 256 bytes, "th", "the" and " the".
awk 'BEGIN {
	d = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	for (i = 0; i < 256; i++)
		printf "%s%s== %d\n", substr(d, int(i / 4) + 1, 1),
		    substr(d, i % 4 * 16 + 1, 1), i
	print "dGg= 256\ndGhl 257\nIHRoZQ== 258"
}' >small.tiktoken

printf 'ab ab' >text
test_ok 'a tokenizer.json counts' '
	test "$(tokctl count --tokenizer small.json text)" = "2 text"'
expect <<\EOT
[5, 1, 2]
EOT
test_ok 'and gives ids' '
	printf "ab a" | tokctl count --tokenizer small.json --ids | same'
test_ok 'which are turned back into text, without the space put in front' '
	test "$(echo "[5, 1, 2]" |
	    tokctl count --tokenizer small.json --decode)" = "ab a"'
test_ok 'unknown characters that stand together are one token' '
	test "$(printf "?!?ab" |
	    tokctl count --tokenizer small.json --ids)" = "[1, 0, 4]"'
test_ok 'the tokenizer can come from standard input' '
	test "$(tokctl count --tokenizer - text <small.json)" = "2 text"'
test_ok 'special tokens are text' '
	test "$(printf "a<s>" |
	    tokctl count --tokenizer small.json --ids)" = "[1, 2, 6, 7, 0]"'
test_ok 'unless they are allowed' '
	test "$(printf "a<s>" | tokctl count --tokenizer small.json --ids \
	    --allow-special)" = "[1, 2, 8]"'
test_ok 'added tokens that are not special are always found' '
	test "$(printf "ab\n\nab" |
	    tokctl count --tokenizer small.json --ids)" = "[5, 9, 5]"'
sed 's/"special": true,/"special": true, "rstrip": true,/
	s/"special": false,/"special": false, "lstrip": true,/' small.json \
	>strip.json
expect <<\EOT
[1, 2, 8, 1, 3]
[1, 2, 9, 8]
EOT
test_ok 'white space that one of them has taken is not there for the next' '
	{ printf "a<s> \n\nb" |
		tokctl count --tokenizer strip.json --allow-special --ids
	printf "a\n\n<s>\n\n" |
		tokctl count --tokenizer strip.json --allow-special --ids; } | same'
test_ok 'the file is the encoding in rows' '
	tokctl count --tokenizer small.json -f csv text |
	    grep "^text,small.json,2,5"'
test_ok 'it is compared with others' '
	tokctl count --tokenizer small.json -e o200k_base -f csv text |
	    grep -c "^text," | grep -x 2'

test_ok 'a .tiktoken file counts with the pattern that is named' '
	test "$(printf "the the" | tokctl count --tokenizer small.tiktoken \
	    --pattern cl100k --ids)" = "[257, 258]"'
test_status 3 'and does not guess one' '
	tokctl count --tokenizer small.tiktoken text'
test_ok 'but says what to do' '
	tokctl count --tokenizer small.tiktoken text 2>&1 |
	    grep "pattern cl100k"'
test_status 3 'an unknown pattern is an error' '
	tokctl count --tokenizer small.tiktoken --pattern x text'
test_status 2 '--pattern is for those files alone' '
	tokctl count --tokenizer small.json --pattern cl100k text'
test_status 2 '--pattern without a file is an error' '
	tokctl count --pattern cl100k text'

# Adding.
test_ok 'a tokenizer is added' 'tokctl count --add-tokenizer mine small.json'
test_ok 'it is in the data folder' '
	test -f .local/share/tokctl/tokenizers/mine.tok'
test_ok 'it is found by its name, without the file' '
	mv small.json away.json
	test "$(tokctl count -e mine text)" = "2 text"; rc=$?
	mv away.json small.json; exit $rc'
test_ok 'it is listed' '
	tokctl count --list-encodings -f csv | tr -d "\r" |
	    grep -x "mine,added"'
test_ok 'with those that are built in' '
	tokctl count --list-encodings -f csv | tr -d "\r" |
	    grep -x "o200k_base,built in"'
test_ok 'a name that is nearly right gets a hint' '
	tokctl count -e mime text 2>&1 | grep "mine"'
test_ok 'one that comes with its model is asked for' '
	tokctl count -e llama3 text 2>&1 | grep "add-tokenizer llama3"'
test_ok 'adding again replaces it' '
	tokctl count --add-tokenizer mine --pattern gpt2 small.tiktoken &&
	test "$(printf the | tokctl count -e mine)" = 1'
test_ok 'XDG_DATA_HOME is honoured' '
	XDG_DATA_HOME=$PWD/elsewhere tokctl count --add-tokenizer other \
	    small.json && test -f elsewhere/tokctl/tokenizers/other.tok'
test_status 2 'a name that is built in is not taken' '
	tokctl count --add-tokenizer cl100k_base small.json'
test_status 2 'nor another spelling of one' '
	tokctl count --add-tokenizer o200k small.json'
test_status 2 'nor one that is no name' '
	tokctl count --add-tokenizer ../x small.json'
test_status 2 'nor an empty one' 'tokctl count --add-tokenizer "" small.json'
test_status 2 'one file is added at a time' '
	tokctl count --add-tokenizer x small.json small.json'
test_status 2 'and not without a file' 'tokctl count --add-tokenizer x'
test_status 4 'a file that is not there' 'tokctl count --add-tokenizer x no'
test_status 2 'adding and removing do not go together' '
	tokctl count --add-tokenizer x --remove-tokenizer y small.json'
test_ok 'a damaged one is refused, with what to do' '
	printf tktoken1 >.local/share/tokctl/tokenizers/bad.tok
	tokctl count -e bad text 2>&1 | grep -A1 "bad.tok" |
	    grep "add-tokenizer"'
test_status 3 'with status 3' 'tokctl count -e bad text'
test_ok 'as is one that was cut short' '
	head -c 5000 .local/share/tokctl/tokenizers/mine.tok >cut &&
	mv cut .local/share/tokctl/tokenizers/cut.tok
	tokctl count -e cut text; test $? -eq 3'
test_ok 'it is removed' 'tokctl count --remove-tokenizer mine'
test_status 3 'and then it is not found' 'tokctl count -e mine text'
test_status 3 'nor removed again' 'tokctl count --remove-tokenizer mine'
test_status 4 'a full disk is noticed' '
	tokctl count --list-encodings >/dev/full'

# All bytes, as GPT-2 writes them, and "th"; cut by its pattern.
awk 'BEGIN {
	printf "{\"model\": {\"type\": \"BPE\", \"vocab\": {"
	for (i = 0; i < 256; i++) {
		itself = (i >= 33 && i <= 126) || (i >= 161 && i != 173)
		printf "\"\\u%04x\": %d, ", itself ? i : 256 + n++, i
	}
	print "\"th\": 256}, \"merges\": [\"t h\"]},"
	print "\"added_tokens\": ["
	print "{\"id\": 300, \"content\": \"<s>\", \"special\": true},"
	print "{\"id\": 301, \"content\": \"<t>\", \"special\": false}],"
	print "\"pre_tokenizer\": {\"type\": \"ByteLevel\","
	print "\"add_prefix_space\": false}}"
}' >bytes.json
test_ok 'one that merges bytes as GPT-2 does is packed for the fast engine' '
	tokctl count --add-tokenizer bytes-with-a-name-of-over-31-letters \
	    bytes.json &&
	head -c 8 .local/share/tokctl/tokenizers/bytes-*.tok | grep tkvocab'
expect <<\EOT
[256, 60, 115, 62, 301]
[256, 300, 301]
EOT
test_ok 'and finds added tokens as the other does' '
	e=bytes-with-a-name-of-over-31-letters
	{ printf "th<s><t>" | tokctl count -e $e --ids
	printf "th<s><t>" | tokctl count -e $e --ids --allow-special; } | same'
test_ok 'its ids are turned back' '
	test "$(echo "[256, 300, 301]" |
	    tokctl count --tokenizer bytes.json --decode)" = "th<s><t>"'
test_ok 'when damaged it is refused' '
	f=$(echo .local/share/tokctl/tokenizers/bytes-*.tok)
	printf x | dd of="$f" bs=1 seek=5000 conv=notrunc 2>/dev/null
	tokctl count -e bytes-with-a-name-of-over-31-letters text; test $? -eq 3'
test_ok 'when another version packed it that is said' '
	f=$(echo .local/share/tokctl/tokenizers/bytes-*.tok)
	printf 0 | dd of="$f" bs=1 seek=7 conv=notrunc 2>/dev/null
	tokctl count -e bytes-with-a-name-of-over-31-letters text 2>err
	test $? -eq 3 && grep "packed by another version" err &&
	grep "add it again" err'

# What a file asks for and is not done is an error that names it.
refuse() { # title, sed script, words of the message
	sed "$2" small.json >odd.json
	cmp -s odd.json small.json && echo "not changed: $1"
	test_ok "refused: $1" "
		tokctl count --tokenizer odd.json text >out 2>err
		test \$? -eq 3 && test ! -s out && cat err &&
		grep '$3' err && grep odd.json err"
}
refuse 'a normalizer' 's/"Prepend"/"Lowercase"/' "normalizer .Lowercase."
refuse 'one with an expression' 's/"String": " "/"Regex": " +?"/' \
	"normalizer .Replace.: the regular expression"
refuse 'a pre-tokenizer' \
	's/"pre_tokenizer": null/"pre_tokenizer": {"type": "UnicodeScripts"}/' \
	"pre-tokenizer .UnicodeScripts."
refuse 'a split by an expression' \
	's/"pre_tokenizer": null/"pre_tokenizer": {"type": "Split", "behavior": "Isolated", "pattern": {"Regex": "(?<=a)b"}}/' \
	"pre-tokenizer .Split.: the regular expression .(?<=a)b."
refuse 'a prefix for the first text alone, of which the start was changed' \
	's/"pre_tokenizer": null/"pre_tokenizer": {"type": "Metaspace", "prepend_scheme": "first"}/; s/"String": " "/"String": "ab"/' \
	"Metaspace.* .first. after normalizer .Replace."
refuse 'or removed' \
	's/"pre_tokenizer": null/"pre_tokenizer": {"type": "Sequence", "pretokenizers": [{"type": "WhitespaceSplit"}, {"type": "Metaspace", "prepend_scheme": "first"}]}/' \
	"first. after a pre-tokenizer that removes text"
refuse 'a prefix that is asked for and not' \
	's/"pre_tokenizer": null/"pre_tokenizer": {"type": "Metaspace", "prepend_scheme": "always", "add_prefix_space": false}/' \
	contradict
refuse 'two characters for spaces' \
	's/"pre_tokenizer": null/"pre_tokenizer": {"type": "Metaspace", "replacement": "ab"}/' \
	"the replacement of pre-tokenizer .Metaspace."
refuse 'two characters to split at' \
	's/"pre_tokenizer": null/"pre_tokenizer": {"type": "CharDelimiterSplit", "delimiter": "ab"}/' \
	CharDelimiterSplit
refuse 'what is no flag of a pre-tokenizer' \
	's/"pre_tokenizer": null/"pre_tokenizer": {"type": "Digits", "individual_digits": "yes"}/' \
	"Digits.: .individual_digits. is neither true nor false: .yes."
refuse 'of the model' 's/"fuse_unk": true/"fuse_unk": 1/' \
	"the model: .fuse_unk. is neither"
refuse 'of an added token' 's/"special": true/"special": [true]/' \
	"added token .<s>.: .special. is neither"
refuse 'an added token that is found in two ways' \
	's/"<s>", "special": true/"\\n\\n", "lstrip": true, "special": false/' \
	"with two sets of flags"
refuse 'an added token of which the normalizer leaves nothing' \
	's/"Prepend", "prepend": "▁"/"Replace", "pattern": {"String": "\\n"}, "content": ""/; s/"special": false, "normalized": false/"special": false, "normalized": true/' \
	"leaves nothing"
refuse 'a sequence without its list' 's/"normalizers"/"x"/' \
	"the normalizer cannot be read"
refuse 'a model' 's/"BPE"/"WordPiece"/' "model .WordPiece."
refuse 'dropout' 's/"fuse_unk"/"dropout": 0.1, "fuse_unk"/' "dropout"
refuse 'a prefix for what continues a word' \
	's/"fuse_unk"/"continuing_subword_prefix": "##", "fuse_unk"/' \
	continuing_subword_prefix
refuse 'a suffix for words' \
	's/"fuse_unk"/"end_of_word_suffix": "<\/w>", "fuse_unk"/' \
	end_of_word_suffix
refuse 'a merge of what is no token' 's/"a b"/"a c"/' "merge 1 is of what"
refuse 'an unknown token that is none' 's/"<unk>", "fuse/"<x>", "fuse/' \
	unk_token
refuse 'two tokens with one id' 's/"ab": 4/"ab": 3/' "id 3"
refuse 'an id that cannot be' 's/"ab": 4/"ab": 99999999999/' "no id"
refuse 'JSON that ends early' '$d' 'odd.json: line'

sed 's/"pre_tokenizer": null/"pre_tokenizer": {"type": "Split", "behavior": "Isolated", "pattern": {"Regex": "a+b"}}/' \
	small.json >slow.json
test_ok 'an expression that takes quadratic time is given up' '
	head -c 30000 /dev/zero | tr "\0" a >as &&
	{ timeout 60 "$TOKCTL" count --tokenizer slow.json as 2>err
	test $? -eq 3; } && grep "takes too many steps" err'
test_ok 'one that is only tried often is not' '
	for i in 1 2 3 4 5 6 7 8 9 10; do head -c 300 as; echo; done >lines &&
	tokctl count --tokenizer slow.json lines'

head -c 3000 "$here/t2100-tokenizer.sh" >script
test_status 3 'a file that is none of the three' '
	tokctl count --tokenizer script text'
: >empty
test_status 3 'an empty one' 'tokctl count --tokenizer empty text'
test_status 4 'one that is not there' 'tokctl count --tokenizer no text'
test_status 4 'a folder' 'tokctl count --tokenizer . text'
{ printf 'eA== 1\nnonsense\n'; } >odd.tiktoken
test_ok 'a line of a .tiktoken file that is none' '
	tokctl count --tokenizer odd.tiktoken --pattern gpt2 text 2>&1 |
	    grep "odd.tiktoken: line 2"'
test_done
