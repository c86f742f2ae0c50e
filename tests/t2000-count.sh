#!/bin/sh
# tokctl count: tokens of files, lines and fields, exactly.
. "$(dirname "$0")/lib.sh"

printf 'Hello world, this is a test.\n' >one
printf "don't stop\n\303\251t\303\251 \344\270\255\346\226\207\n" >two

expect <<\EOF
8 one
6 two
14 total
EOF
test_ok 'lines as of wc(1), with a total for several files' '
	tokctl count one two | same'

expect <<\EOF
8
EOF
test_ok 'standard input has no name' 'tokctl count <one | same'
test_ok '"-" is standard input too' '
	test "$(tokctl count - <one)" = "8 -"'
test_ok '--total is the number alone' '
	test "$(tokctl count --total one two)" = 14'
test_ok 'an empty input has no tokens' '
	test "$(tokctl count </dev/null)" = 0'

expect <<\EOF
{"file":"one","encoding":"cl100k_base","tokens":8,"bytes":29,"ids":[9906, 1917, 11, 420, 374, 264, 1296, 627]}
EOF
test_ok 'rows for programs' '
	tokctl count -e cl100k_base --ids -f jsonl one | same'

expect <<\EOF
file,encoding,tokens,bytes
one,o200k_base,8,29
two,o200k_base,6,24
EOF
test_ok 'csv' 'tokctl count -f csv one two | tr -d "\r" | same'

expect <<\EOF
[13225, 2375, 11, 495, 382, 261, 1746, 558]
EOF
test_ok '--ids lists them' 'tokctl count --ids one | same'
test_ok '--decode gives the text back' '
	tokctl count --ids one | tokctl count --decode | cmp - one &&
	tokctl count -e cl100k_base --ids two |
		tokctl count -e cl100k_base --decode | cmp - two'
test_status 3 'an id that does not exist' 'echo 999999999 | tokctl count --decode'
test_status 3 'something that is no id' 'echo 1 x | tokctl count --decode'

expect <<\EOF
2
2
EOF
test_ok '--lines counts each by itself' 'tokctl count --lines two | same'

expect <<\EOF
{"line":1,"tokens":1,"ids":[24912]}
{"line":3,"tokens":0,"ids":[]}
EOF
test_ok '--jsonl counts a field; blank lines are none' '
	printf "%s\n" "{\"id\":7,\"t\":\"hello\"}" "" "{\"t\":\"\"}" |
		tokctl count --jsonl t --ids -f jsonl | same'
test_ok '--base64: the field holds bytes' '
	test "$(echo "{\"t\":\"aGVsbG8=\"}" |
		tokctl count --jsonl t --base64)" = 1'
expect <<\EOF
tokctl count: standard input:2: no text in field 't'
EOF
test_ok 'a line without the field is named' '
	printf "{\"t\":\"a\"}\n{\"t\":1}\n" |
		tokctl count --jsonl t >out 2>err; test $? = 3 && same <err'
test_status 3 'a line that is no JSON' 'echo "{" | tokctl count --jsonl t'
test_status 3 'a field that is no base64' '
	echo "{\"t\":\"a*\"}" | tokctl count --jsonl t --base64'

test_status 0 '--max: there are no more' 'tokctl count --max 8 one'
test_status 1 '--max: there are more' 'tokctl count --max 7 one'

printf '<|endoftext|>' >special
test_ok 'special tokens are text, unless they are allowed' '
	test "$(tokctl count --total special)" = 7 &&
	test "$(tokctl count --total --allow-special special)" = 1'

test_status 4 'a missing file' 'tokctl count nosuch'
expect <<\EOF
tokctl count: nosuch: No such file or directory
8 one
6 two
14 total
EOF
test_ok 'a missing file does not stop the others' '
	tokctl count one nosuch two >out 2>err; rc=$?
	cat err out | same && test $rc = 4'
test_status 4 'a full disk' 'tokctl count one >/dev/full'

test_status 3 'an unknown encoding' 'tokctl count -e o200k_bsae one'
test_ok 'did you mean' '
	tokctl count -e o200k_bsae one 2>&1 | grep -q "o200k_base"'
test_ok 'a model whose tokenizer is not public is never guessed in silence' '
	tokctl count -m claude-opus-4-5 one | grep -q "(estimated: "'
test_ok '... and JSON says that something is missing' '
	tokctl count -f json one nosuch two 2>err >out
	grep -q "\"code\":\"unreadable\",\"message\":\"1 file or folder could" out ||
		{ tail -n 5 out; false; }'
test_status 3 'an unknown model' 'tokctl count -m nosuch one'
test_ok 'a model by its name' '
	test "$(tokctl count -m gpt-4o one)" = "8 one"'
test_status 2 'what does not go together' 'tokctl count --decode --ids one'
test_ok 'several encodings are a table' '
	tokctl count -e o200k_base -e cl100k_base one | grep -c _base |
		grep -qx 2'

expect <<\EOT
tokctl usage record: unknown option '--time'
did you mean '--at'?
tokctl report daily: unknown option '--from'
did you mean '--since'?
tokctl usage record: unknown option '--prompt-tokens'
did you mean '--input'?
tokctl count: unknown option '--time'
see 'tokctl count --help'
EOT
test_ok 'what other programs call an option is known, where it is one' '
	{ tokctl usage record --time 9; tokctl report daily --from 1d
	tokctl usage record --prompt-tokens 5; tokctl count --time 1; } 2>&1 | same'
printf 'a b\n' >"$(printf 'new\nline \033[31m\303\251\233')"
expect <<\EOT
3 new?line ?[31mXXX
EOT
test_ok 'a line is for one file, whatever its name is' '
	tokctl count new* | LC_ALL=C tr "\303\251\233" XXX | same'
test_done
