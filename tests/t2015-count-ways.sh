#!/bin/sh
# tokctl count: columns of CSV, context, pieces, models side by side.
. "$(dirname "$0")/lib.sh"

printf 'Hello world, this is a test.\n' >one
printf "don't stop\n\303\251t\303\251 \344\270\255\346\226\207\n" >two
printf '\357\273\277id;text\r\n1;"hello ""x"" \nworld"\r\n2; hi \r\n' >sheet

expect <<\EOF
{"line":1,"tokens":6}
{"line":2,"tokens":2}
EOF
test_ok '--csv counts a column' 'tokctl count --csv text -f jsonl sheet | same'
test_ok '... by its number' 'tokctl count --csv 2 -f jsonl sheet | same'
test_ok '... whatever separates its fields, and most of all' '
	for by in , ";" "|" "	"; do
		printf "id%stext\n1%s\"Hello world\"\n" "$by" "$by" | tokctl count --csv text | grep -qx 2 || exit 1
	done && printf "a;b,c;text\n1;2;Hello world\n" | tokctl count --csv text | grep -qx 2'
test_ok '... not those in quotes' '
	printf "\"a, b, c\";text\n1;Hello world\n" | tokctl count --csv text | grep -qx 2'
test_ok 'a name that two columns have is an error, which says how' '
	printf "a,a\n1 2,3\n" >twice &&
	! tokctl count --csv a twice 2>err && grep -q "2 columns are called .a." err &&
	tokctl count --csv 1 twice | grep -qx 3'
test_ok '--jsonl passes over a byte order mark' '
	printf "\357\273\277{\"a\":\"Hello world\"}\n" | tokctl count --jsonl a | grep -qx 2'
test_status 3 'a column that is not there' 'tokctl count --csv txt sheet'
test_status 3 'a quote that does not end' '
	printf "a,b\n\"x,1\n" | tokctl count --csv a'
test_status 3 'a row that is too short' '
	printf "a,b\n1,2\n1\n" | tokctl count --csv b'

expect <<\EOF
file,encoding,text_tokens,context_tokens,total_tokens,context_ratio
two,o200k_base,6,8,14,0.571429
EOF
test_ok '--context: text, context, both, and its share' '
	tokctl count --context one two -f csv | tr -d "\r" | same'
test_ok 'no context is the text alone' '
	tokctl count --context /dev/null two -f jsonl |
		grep -q "\"text_tokens\":6,\"context_tokens\":0,\"total_tokens\":6,\"context_ratio\":0[,}]"'
test_status 4 'a context that is not there' 'tokctl count --context nosuch two'

printf '91418\tdon'\''t\n5666\t stop\n198\t\\n\n' >expected
test_ok '--pieces shows each token' '
	tokctl count --pieces two | head -n 3 | same'
test_ok '--decode takes them back' '
	tokctl count --pieces two | tokctl count --decode | cmp - two'
test_ok '... also when a token is no text by itself' '
	printf "\360\222\200\200\n" >odd &&
	tokctl count --pieces odd | grep -q "\\\\x" &&
	tokctl count --pieces odd | tokctl count --decode | cmp - odd &&
	tokctl count --pieces -f jsonl odd | grep -q "{\"bytes\": \["'

expect <<\EOF
Tokens

File   gpt-4o  gpt-4
one         8      8
two         6      8
--------------------
Total      14     16
EOF
test_ok 'models side by side' 'tokctl count -m gpt-4o -m gpt-4 one two | same'
test_ok '... are rows for programs' '
	tokctl count -m gpt-4o -m gpt-4 -f jsonl one two | wc -l | grep -qx 4'
test_status 2 'ways that do not go together' 'tokctl count --lines --csv a one'
test_status 2 '--base64 alone' 'tokctl count --base64 one'
test_status 2 '--output-tokens alone' 'tokctl count --output-tokens 5 one'
test_status 4 'a full disk' 'tokctl count --pieces one >/dev/full'
for n in max fit split output-tokens; do
	test_status 2 "--$n takes no number below 0, nor -1" "
		printf x | tokctl count --$n -1"
done
test_status 2 'nor does --overlap' 'printf x | tokctl count --split 4 --overlap -1'
printf '{"t":"hi"}\n{"t":5}\n' >half.jsonl
for f in jsonl csv; do
	test_ok "$f has the rows before a line that is wrong" "
		tokctl count --jsonl t -f $f half.jsonl >out 2>err
		test \$? -eq 3 && grep -q 1 out && grep 'half.jsonl:2' err"
done
test_done
