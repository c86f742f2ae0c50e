#!/bin/sh
# tokctl count --fit and --split: text of at most so many tokens.
. "$(dirname "$0")/lib.sh"

printf 'Hello world, this is a test.\n' >one
i=0
while test $i -lt 60; do
	i=$((i + 1))
	echo "Line $i of a text that is long enough to be cut, 中文 and émigré."
done >long

expect <<\EOF
Hello world, this
EOF
test_ok '--fit writes the first tokens as they are' '
	tokctl count --fit 4 one >out && printf "Hello world, this" | cmp - out'
test_ok 'what fits is whole' 'tokctl count --fit 100 one | cmp - one'
test_ok '--fit 0 is nothing' 'test -z "$(tokctl count --fit 0 one)"'
test_ok '--tail keeps the end' '
	test "$(tokctl count --fit 3 --tail one)" = " test.
" || test "$(tokctl count --fit 3 --tail one)" = " a test."'
test_ok '--at word does not split one' '
	printf "alpha antidisestablishmentarianism" >words &&
	test "$(tokctl count --fit 4 --at word words)" = "alpha "'
test_ok '--at line keeps whole lines' '
	tokctl count --fit 200 --at line long >out &&
	head -n "$(wc -l <out)" long | cmp - out && test "$(wc -l <out)" -gt 3'
test_ok '... also from the end' '
	tokctl count --fit 200 --tail --at line long >out &&
	tail -n "$(wc -l <out)" long | cmp - out && test "$(wc -l <out)" -gt 3'
test_ok 'what was cut has at most so many, and one more would not fit' '
	for n in 1 2 3 17 100 333; do
		tokctl count --fit $n long >out
		test "$(tokctl count --total out)" -le $n || exit 1
		tokctl count --ids long | tr -d "[" | cut -d, -f-$n |
			tokctl count --decode >want
		cmp out want || exit 1
	done'
test_ok 'no character is split' '
	printf "\360\222\200\200\360\222\200\201" >cuneiform
	for n in 1 2 3 4 5 6 7; do
		tokctl count --fit $n cuneiform | iconv -f utf-8 -t utf-8 || exit 1
		tokctl count --fit $n --tail cuneiform |
			iconv -f utf-8 -t utf-8 || exit 1
	done'
test_ok 'only as much is read as is needed' '
	yes "a line" | head -n 1000000 | tokctl count --fit 5 | wc -l |
		grep -qx 1'
expect <<\EOF
{"file":"one","tokens":2,"estimated":false,"offset":0,"bytes":11,"whole":false,"text":"Hello world","base64":null,"encoding":"o200k_base","content":null,"factor":null,"low_tokens":null,"high_tokens":null}
EOF
test_ok 'as a row' 'tokctl count --fit 2 one -f jsonl | same'
test_ok 'an estimate fits, too' '
	tokctl count --fit 50 -m claude-opus-4-5 long >out 2>err &&
	grep -q estimated err &&
	test "$(tokctl count -q --total -m claude-opus-4-5 out 2>err)" -le 50 &&
	test "$(tokctl count -q --total -m claude-opus-4-5 out 2>err)" -ge 45'

expect <<\EOF
{"file":"one","chunk":1,"tokens":3,"estimated":false,"offset":0,"bytes":12,"overlap_bytes":0,"text":"Hello world,","base64":null,"encoding":"o200k_base","content":null,"factor":null,"low_tokens":null,"high_tokens":null}
{"file":"one","chunk":2,"tokens":3,"estimated":false,"offset":12,"bytes":10,"overlap_bytes":0,"text":" this is a","base64":null,"encoding":"o200k_base","content":null,"factor":null,"low_tokens":null,"high_tokens":null}
{"file":"one","chunk":3,"tokens":2,"estimated":false,"offset":22,"bytes":7,"overlap_bytes":0,"text":" test.\n","base64":null,"encoding":"o200k_base","content":null,"factor":null,"low_tokens":null,"high_tokens":null}
EOF
test_ok '--split prints chunks as JSON Lines' 'tokctl count --split 3 one | same'

# Chunks of a file, joined, are the file; each is counted alone.
check_chunks() {
	rm -f part.*
	tokctl count --split "$1" --into part. long >out || return 1
	cat part.* | cmp - long || return 1
	for p in part.*; do
		test "$(tokctl count --total "$p")" -le "$1" || return 1
	done
	test "$(tokctl count --split "$1" --into part. -f jsonl long | wc -l)" -eq \
		"$(find . -name "part.*" | wc -l)"
}
test_ok 'files of chunks joined are the text; each fits' '
	check_chunks 7 && check_chunks 100 && check_chunks 5000'
test_ok '--at line cuts between lines' '
	rm -f part.*; tokctl count --split 100 --at line --into part. long >out &&
	cat part.* | cmp - long &&
	for p in part.*; do test "$(tail -c 1 "$p")" = "" || exit 1; done'
test_ok '--overlap begins with what was there' '
	rm -f part.*; tokctl count --split 50 --overlap 10 --into part. \
		-f csv long >out &&
	for p in part.*; do
		test "$(tokctl count --total "$p")" -le 50 || exit 1
	done
	tr -d "\r" <out | awk -F, "NR == 1 { next }
		NR > 2 && \$5 + \$7 != end { exit 1 }
		{ end = \$5 + \$6; n++ }
		NR > 2 && \$7 == 0 { exit 1 }
		END { exit !(n > 20 && end == '"$(wc -c <long)"') }"'
test_ok 'bytes that are no text are given in base64' '
	printf "a\377b\000" | tokctl count --split 100 |
		grep -q "\"text\":null,\"base64\":\"Yf9iAA==\""'
test_status 3 'a character that does not fit' '
	printf "\360\222\200\200" | tokctl count --split 1'
test_ok 'nothing has no chunks' '
	test "$(tokctl count --split 5 </dev/null)" = ""'

test_status 2 '--overlap takes less' 'tokctl count --split 5 --overlap 5 one'
test_status 2 '--split 0' 'tokctl count --split 0 one'
# 36 MB, of which the end is looked at; in a pipe all goes by.
awk 'BEGIN { for (i = 0; i < 600000; i++)
	printf "%d is a line of some words, and then of %d more\n", i, i * 7 }' \
	>large
tail -n 1 large >end
test_ok '--tail of a large file is its end' '
	tokctl count --fit 30 --tail --at line large | cmp - end'
test_ok 'and says where it is' '
	tokctl count --fit 30 --tail --at line -f jsonl large |
	    grep "\"offset\":$(($(wc -c <large) - $(wc -c <end))),"'
test_ok 'the same from a pipe' '
	cat large | tokctl count --fit 30 --tail --at line | cmp - end'
test_ok 'and from where the input stands' '
	{ head -c 1000000 >/dev/null
	tokctl count --fit 30 --tail --at line; } <large | cmp - end'
test_ok 'whose memory does not grow with the text' '
	cat large large large large >larger
	cat larger | (ulimit -v 120000
	tokctl count --fit 30 --tail --at line) >out 2>err || {
		grep -q Sanitizer err; exit; }
	cmp out end'
rm -f large larger
test_ok 'nor with a text that has no place to cut it, in a file of 2 GB' '
	truncate -s 2G sparse && (ulimit -v 200000
	tokctl count --fit 10 --tail -f csv sparse) >out 2>err || {
		grep -q Sanitizer err; exit; }
	grep "^sparse,10,false,2147483628,20,false,,AAAA" out'
test_ok 'nor in a pipe' '
	head -c 8000000 /dev/zero | tr "\0" a | (ulimit -v 100000
	tokctl count --fit 10 --tail) >out 2>err || {
		grep -q Sanitizer err; exit; }
	tr -d a <out | cmp - /dev/null && test "$(wc -c <out)" -eq 80'
rm -f sparse
test_status 2 '--tail needs --fit' 'tokctl count --tail one'
test_status 2 '--at takes words' 'tokctl count --fit 5 --at page one'
test_status 2 '--fit and --split' 'tokctl count --fit 5 --split 5 one'
test_status 2 '--fit takes one model' '
	tokctl count --fit 5 -m gpt-4o -m gpt-4 one'
test_status 4 'a full disk' 'tokctl count --fit 5 one >/dev/full'
test_done
