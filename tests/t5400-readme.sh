#!/bin/sh
# The README's script of four steps: count, check, run, record.
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
test_done
