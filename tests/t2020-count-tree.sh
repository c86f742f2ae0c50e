#!/bin/sh
# tokctl count FOLDER: the files that git would show.
. "$(dirname "$0")/lib.sh"
GIT_CONFIG_NOSYSTEM=1
export GIT_CONFIG_NOSYSTEM
unset XDG_CONFIG_HOME

# Files that say their own name, one for each line.
make_files() {
	while read -r f; do
		mkdir -p "$(dirname "$f")"
		echo "$f" >"$f"
	done
}

names() {
	tokctl count "$@" -f jsonl | sed -n 's/^{"file":"\([^"]*\)".*/\1/p'
}

mkdir repo
(cd repo && make_files <<\EOF
a.c
a.o
b/a.o
b/keep.o
b/c/deep.o
build/x.c
src/build/y.c
src/top.txt
top.txt
doc/a.md
doc/b/a.md
doc/b/c/d.md
docs/frotz/x
frotz/y
logs/1.log
logs/keep/2.log
.hidden
.config/x
space 
a b/c d
!bang
#hash
é/ü.txt
tmp/x/y/z.tmp
node_modules/m/i.js
deep/node_modules/m/i.js
deep/a/b/c/secret.txt
deep/a/secret.txt
weird[1].txt
weird1.txt
EOF
cat >.gitignore <<\EOF
# comments and blanks

*.o
!keep.o
/top.txt
build/
doc/**/d.md
**/frotz
logs/*
!logs/keep/
\#hash
\!bang
*.tmp  
node_modules
deep/**/secret.txt
weird[[]1].txt
EOF
printf '!*.o\r\nnothing\r\n' >b/c/.gitignore
printf 'c d\n' >'a b/.gitignore'
echo '*.c' >doc/.gitignore)

git_files() {
	(cd "$1" && git -c core.quotePath=off ls-files -co --exclude-standard) |
		sed "s|^|${2:-$1}/|"
}

if command -v git >/dev/null; then
	git -C repo init -q
	mkdir -p .config/git
	echo '/.config/' >repo/.git/info/exclude
	echo 'space ' >rules.user
	git config --global core.excludesFile "$HOME/rules.user"

	test_ok 'the files of a repository are those that git shows' '
		git_files repo >want && test "$(wc -l <want)" -gt 10 &&
		names repo | diff want -'
	test_ok 'a folder within it is under the rules above it' '
		git_files repo | grep ^repo/b/ >want && names repo/b | diff want -'
	test_ok '... also when it is where one stands' '
		(cd repo/b && git ls-files -co --exclude-standard | sed "s|^|./|") >want &&
		(cd repo/b && names .) | diff want -'
	test_ok 'the user'\''s rules are read where they usually are, too' '
		rm .gitconfig && echo "*.md" >.config/git/ignore &&
		git_files repo >want && ! grep -q "\.md" want &&
		names repo | diff want -'
	rm .config/git/ignore
	git -C repo -c user.name=a -c user.email=a@b add a.c b >log 2>&1
	git -C repo -c user.name=a -c user.email=a@b commit -qm x
	git -C repo worktree add -q ../tree >log 2>&1
	test_ok 'a work tree knows the rules of its repository' '
		mkdir tree/.config && echo x >tree/.config/x &&
		git_files tree >want && ! grep -q config want &&
		names tree | diff want -'
fi
rm -rf repo/.git

expect <<\EOF
repo/a b/.gitignore
repo/a.c
EOF
test_ok 'without git, .gitignore counts as well' '
	names repo | grep "^repo/a" | same'
test_ok '--no-ignore counts all of them' '
	names --no-ignore repo >all && grep -q "repo/a.o" all &&
	grep -q "repo/build/x.c" all'
mkdir -p repo/.git && echo x >repo/.git/config
test_ok 'but never what is in .git' '
	! names --no-ignore repo | grep -q "repo/\.git/"'
test_ok 'a hidden file is a file' 'names repo | grep -qx "repo/.hidden"'

mkdir bin && printf 'a\000b' >bin/binary && echo text >bin/text
printf '\377\376h\000i\000' >utf16 && printf '\376\377\000h\000i' >utf16be
test_ok 'text in UTF-16 is counted as it is, and said to be so' '
	tokctl count utf16 utf16be >out 2>err && grep -q "utf16$" out &&
	grep -q "utf16: seems to be UTF-16.*iconv" err &&
	grep -q "utf16be: seems to be UTF-16" err &&
	tokctl count <utf16 2>&1 >out | grep -q "standard input: seems"'

test_ok 'binary files are passed over' '
	test "$(names bin)" = bin/text'
test_ok '... and said with -v' '
	tokctl count -v bin 2>&1 >out | grep -q "1 binary file passed over"'
test_ok '... but not one that was named' '
	test "$(tokctl count --total bin/binary)" -gt 0'

ln -s ../bin bin/loop
ln -s /nonexistent bin/dangling
test_ok 'links in a folder are not followed' '
	test "$(names bin)" = bin/text'
test_ok 'a link that is named is' '
	ln -s bin link && test "$(names link)" = link/text'

expect <<\EOF
2 bin/text
EOF
mkdir empty
test_ok 'a file from a folder has its name' 'tokctl count bin | head -n 1 | same'
test_ok 'an empty folder has no tokens' '
	test "$(tokctl count empty)" = "0 total"'
test_status 4 'a folder that is not there' 'tokctl count nosuch/'
test_ok 'files, folders and standard input in the order of the words' '
	echo hi | tokctl count bin/text - bin | sed "s/^[0-9]* //" >out &&
	printf "bin/text\n-\nbin/text\ntotal\n" | diff - out'
if test "$(id -u)" -ne 0; then
	mkdir bin/closed && chmod 0 bin/closed
	test_status 4 'a folder that cannot be read is said' 'tokctl count bin'
	chmod 700 bin/closed
fi
test_done
