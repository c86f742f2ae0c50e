#!/bin/sh
# The README's script of four steps (count, check, run, record), and what its
# other examples print.
. "$(dirname "$0")/lib.sh"
. "$here/lib-ledger.sh"

mkdir bin && ln -s "$TOKCTL" bin/tokctl
cat >bin/call-model <<\EOF
#!/bin/sh
test "$2" != fail || exit 9
echo "Because of $1 and scattering."
EOF
chmod +x bin/call-model
PATH=$trash/bin:$PATH
awk '/^```sh$/ { inside = 1; next } /^```/ { inside = 0 } inside' \
	"$here/../README.md" >ask && chmod +x ask

test_ok 'the script is there' 'test "$(grep -c "# [1-4]\. " ask)" = 4'
test_ok 'setup, as it stands there' '
	sed -n "s/^\$ \(tokctl user add .*\)/\1/p; s/^\$ \(tokctl quota set .*\)/\1/p" \
		"$here/../README.md" >setup && test "$(wc -l <setup)" = 2 && sh -e setup'
test_ok 'it answers, and books what was used' '
	./ask "Why is the sky blue?" >out && grep -qx "Because of gpt-4.1 and scattering." out &&
	tokctl usage list -f csv | col total_tokens >n && test "$(wc -l <n)" = 1 &&
	test "$(tokctl quota show -u john.doe -f csv | col used | head -n 1)" = "$(cat n)"'
test_status 9 'a call that fails books nothing' './ask fail; rc=$?; whole 1 && exit $rc'
test_ok 'over the limit it does not run' '
	tokctl quota set -q -u john.doe --daily 510 && ./ask "Why is the sky blue?" >out; test $? = 1 &&
	test ! -s out && whole 1'

# The other examples, in their order, on the logs of "make demo".  What stands
# below one is what it prints.
mkdir demo && tar -C demo -xzf "$here/data/demo/logs.tar.gz"
HOME=$trash/demo/home
TOKCTL_NOW=2026-11-21T14:32:07+01:00
TZ=Europe/Berlin
TOKCTL_FORCE_TTY=112
NO_COLOR=1
LC_ALL=C.UTF-8
export HOME TOKCTL_NOW TZ TOKCTL_FORCE_TTY NO_COLOR LC_ALL
unset TOKCTL_LEDGER TOKCTL_TZ TOKCTL_USER
mkdir "$HOME/src"
cp ask "$HOME"
echo 'int x;' >"$HOME/src/x.c"
echo 'Once upon a time' >"$HOME/book.txt"
echo '{"model":"gpt-4o","messages":[{"role":"user","content":"Hi"}]}' \
	>"$HOME/request.json"
printf '#!/bin/sh\necho "{\"model\":\"gpt-4.1\",\"tokens\":5}"\n' >bin/my-proxy
printf '#!/bin/sh\necho "a commit"\n' >bin/git
chmod +x bin/my-proxy bin/git

# One a line; what stands below the Nth is in N.printed.
awk '
/^```console$/ { inside = 1; next }
/^```/ { inside = 0 }
!inside { next }
/^\$ / { n++; sub(/^\$ /, ""); print > "examples"; next }
{ print > n ".printed" }' "$here/../README.md"
n=0
while IFS= read -r example; do
	n=$((n + 1))
	test_ok "README: $example" '
		(cd "$HOME" && eval "$example") </dev/null >printed 2>&1 || {
			cat printed
			exit 1
		}
		test ! -s $n.printed || diff -u $n.printed printed'
done <examples
test_ok 'some of them show what they print' 'test "$(ls ./*.printed | wc -l)" -ge 4'
test_done
