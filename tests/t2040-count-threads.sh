#!/bin/sh
# tokctl count -j: threads change nothing but the time.
. "$(dirname "$0")/lib.sh"

# Two megabytes of words, some of them odd.
awk 'BEGIN {
	srand(7)
	split("the quick_brown fox7 don'\''t I'\''LL \303\251t\303\251 " \
	    "\344\270\255\346\226\207 {}();// == 12345 \360\237\230\200 " \
	    "e\314\201 <|endoftext|> \377 . , /x", w, " ")
	split("    ,\n,  ,\t,\n\n,\r\n,\303\240,\342\200\251", s, ",")
	for (i = 0; i < 340000; i++)
		printf "%s%s", w[int(rand() * 18) + 1],
		    rand() < 0.8 ? " " : s[int(rand() * 8) + 1]
}' >big
mkdir tree
split -n 40 big tree/part.
cat big big >tree/zbig

equal() {
	tokctl count -j1 "$@" >one || return 1
	for j in 2 3 7; do
		tokctl count -j$j "$@" >many && diff one many || return 1
	done
}
test_ok 'one large file' 'test "$(wc -c <big)" -gt 1500000 && equal big'
for e in $("$TOKCTL" __complete -- tokctl count -e '' 2>/dev/null |
	cut -f 1); do
	test_ok "... with $e" 'equal -e "$e" big'
	test_ok "... and special tokens, with $e" '
		equal -e "$e" --allow-special big'
done
test_ok 'a folder, in order' 'equal tree'
test_ok 'several encodings' 'equal -e o200k_base -e cl100k_base tree'
test_ok 'an estimate: what a text is like is summed' '
	equal -m claude-opus-4-5 -f jsonl big tree'
test_ok 'standard input' '
	tokctl count -j1 <big >one && cat big | tokctl count -j2 >many &&
	diff one many'
test_ok 'text without a place to cut it' '
	tr -d " \n" <big >solid && equal solid'
test_ok 'nothing, and almost nothing' '
	: >empty && printf a >a && equal empty a'
test_ok 'the first file that cannot be read is the first that is said' '
	tokctl count -j4 tree nosuch1 big nosuch2 2>err >out; rc=$?
	test $rc = 4 && printf "%s\n" \
		"tokctl count: nosuch1: No such file or directory" \
		"tokctl count: nosuch2: No such file or directory" | diff - err'
test_status 2 '-j takes a number of threads' 'tokctl count -j 1000 big'
test_status 2 '... not below 0' 'tokctl count -j -1 big'
test_ok 'a large binary file in a folder is passed over' '
	mkdir bin && { printf "a\000"; cat big; } >bin/x && echo a >bin/y &&
	tokctl count -j2 -v bin 2>err | grep -qx "2 total" &&
	grep -q "1 binary file" err'
test_ok 'a large file in UTF-16 is said to be so, once' '
	{ printf "\377\376"; cat big; } >utf16 &&
	tokctl count -j2 utf16 2>err >out &&
	test "$(grep -c "utf16: seems to be UTF-16" err)" = 1'
test_done
