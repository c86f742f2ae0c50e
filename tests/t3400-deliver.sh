#!/bin/sh
# report --mail, --lock, -o, --quiet-if-empty: what cron(8) needs.
. "$(dirname "$0")/lib.sh"
. "$here/lib-ledger.sh"
needs python3 flock

mkdir bin
cat >bin/sendmail <<\END
#!/bin/sh
printf "%s\n" "$@" >args
cat >mail
exit "${SENDMAIL_STATUS-0}"
END
chmod +x bin/sendmail
TOKCTL_ALERT_SENDMAIL=$trash/bin/sendmail
export TOKCTL_ALERT_SENDMAIL
cat >look.py <<\END
# What a mail program makes of the mail; its lines are of bearable length.
import email, email.policy, sys
raw = open("mail", "rb").read()
assert max(map(len, raw.split(b"\n"))) <= 78 and raw.isascii()
m = email.message_from_bytes(raw, policy=email.policy.default)
assert m.defects == [], m.defects
assert [p.get_content_type() for p in m.walk()] == [
    "multipart/alternative", "text/plain", "text/html"]
for h in ("From", "To", "Subject", "Date", "Message-ID", "MIME-Version"):
    assert len(m.get_all(h)) == 1, h
assert all(p.defects == [] for p in m.walk())
for h in sys.argv[1:]:
    sys.stdout.buffer.write((m[h] + "\n").encode())
for kind in ("plain", "html"):
    with open(kind, "wb") as f:
        f.write(m.get_body((kind,)).get_content().encode())
END

test_ok 'setup' '
	tokctl usage record -q --csv - <<\END
time,user,model,input_tokens,output_tokens
2023-11-13T09:00:00Z,alice,gpt-4.1,1000,200
2023-11-14T09:00:00Z,日本語ユーザー,gpt-4.1,2000,300
2023-11-14T10:00:00Z,<b>bob,gpt-4.1,2000,300
END'
expect <<\EOF
me@example.com
ops@example.com, root
tokctl: Usage by day, all users, 2023-11-13 to 2023-11-14 23:13, Europe/Berlin
Tue, 14 Nov 2023 23:13:20 +0100
auto-generated
EOF
test_ok 'a mail of two parts, to everybody, and nothing on stdout' '
	TOKCTL_ALERT_FROM=me@example.com tokctl report daily --tz Europe/Berlin \
		--mail ops@example.com --mail root >out &&
	test ! -s out && printf "%s\n" -i ops@example.com root | cmp - args &&
	python3 look.py From To Subject Date Auto-Submitted | same'
test_ok 'the parts are the table and the page' '
	tokctl report daily -f html -o page && tokctl report daily --mail root &&
	python3 look.py && cmp html page && grep -q "^2023-11-13 Mon .*1,200" plain'
test_ok 'a report of many parts is mailed whole' '
	for r in "monthly --full" "user alice" system calendar trend; do
		tokctl report $r -f html -o page && tokctl report $r --mail root &&
		python3 look.py && cmp html page || exit 1
	done
	tokctl report weekly --full --mail root && python3 look.py &&
	grep -q "as a heat map" html && grep -q "^Peak hours" plain && grep -q "^Efficiency" plain'
test_ok 'every report is quiet when it has nothing to say, and mails nothing' '
	rm mail && for r in "user alice" system calendar trend anomalies forecast \
		"forecast --backtest" advice accuracy "by model" "by model -g week --matrix"; do
		tokctl report $r --since 2020-01-01 --until 2020-01-02 --quiet-if-empty \
			--mail root >out 2>err && test ! -s out && test ! -s err && test ! -e mail &&
		tokctl report $r --since 2020-01-01 --until 2020-01-02 --quiet-if-empty --json >out &&
		test ! -s out || { echo "$r"; cat out err; exit 1; }
	done'
test_ok 'dates have the offset of the zone' '
	tokctl report daily --tz America/St_Johns --mail root &&
	python3 look.py Date | grep -qx "Tue, 14 Nov 2023 18:43:20 -0330"'
test_ok 'names that are not ASCII arrive, in the subject as well' '
	tokctl report daily -u 日本語ユーザー --mail root &&
	python3 look.py Subject | grep -q "^tokctl: Usage by day, 日本語ユーザー, 2023-11-14" &&
	tokctl report by user --mail root && python3 look.py &&
	grep -q 日本語ユーザー plain && grep -q 日本語ユーザー html &&
	grep -q "&lt;b&gt;bob" html'
test_ok 'no name can add a header or end a part' '
	name=$(printf "x\nBcc: evil@example.com\n\n--=_\nFrom here") &&
	tokctl usage record -q -u "$name" -m gpt-4.1 --input 1 &&
	tokctl report by user -u "$name" --mail root && python3 look.py &&
	! grep -qi "^bcc" mail && ! grep -q "^From here" mail'
test_ok 'very long subjects are folded' '
	set --
	for i in 1 2 3 4 5 6 7 8; do
		tokctl usage record -q -u "user-with-a-long-name-$i" -m m --input 1
		set -- "$@" -u "user-with-a-long-name-$i"
	done
	tokctl report daily "$@" --mail root && python3 look.py Subject | grep -q name-8 &&
	grep -q "^Subject: tokctl: Usage by day, user-with" mail &&
	awk "/^\$/ { exit } length(\$0) > 78 { print; bad = 1 } END { exit bad }" mail'
for a in '' -bs 'a b@c' 'a@b@c' 'a@b,c@d' "$(printf 'a@b\nc')" '|sh' /etc/x \
	'<a@b>' 'ä@b' '@b' 'a@'; do
	test_status 2 "no address: '$(printf %s "$a" | tr '\n' ' ')'" '
		rm -f mail; tokctl report daily --mail="$a"; rc=$?
		test ! -e mail && exit $rc'
done
test_status 4 'a sendmail that fails is an error' '
	SENDMAIL_STATUS=75 tokctl report daily --mail root 2>err; rc=$?
	grep -q "the mail was not sent: .* ended with status 75" err && exit $rc'
test_status 4 'so is one that is not there' '
	TOKCTL_ALERT_SENDMAIL=/no/such tokctl report daily --mail root 2>err; rc=$?
	grep -q "alert.sendmail" err && exit $rc'
test_ok 'one that reads nothing does no harm' '
	printf "#!/bin/sh\nexit 0\n" >bin/deaf && chmod +x bin/deaf &&
	TOKCTL_ALERT_SENDMAIL=$trash/bin/deaf tokctl report daily --mail root'
test_ok '-o and --plot are written as well' '
	tokctl report daily --mail root -f csv -o day.csv --plot day.svg &&
	tokctl report daily -f csv | cmp - day.csv && head -c 4 day.svg | grep -qx "<svg" &&
	python3 look.py && grep -q 1,200 plain'
test_status 2 'a mail has formats of its own' '
	tokctl report daily --mail root -f csv'
test_status 2 '--compat has nothing to mail' '
	tokctl report daily --compat ccusage --mail root'
test_ok 'no usage: no mail, no file, nothing said' '
	rm -f mail && for r in daily block "by user"; do
		tokctl report $r --since 2020-01-01 --until 2020-01-02 --quiet-if-empty \
			--mail root -o none.html --plot none.svg >out 2>err || exit 1
		test ! -s out && test ! -s err && test ! -e mail && test ! -e none.html &&
			test ! -e none.svg || exit 1
	done'
test_ok 'no usage, and not told to be quiet: a mail that says so' '
	tokctl report daily --since 2020-01-01 --until 2020-01-02 --mail root &&
	python3 look.py && grep -qx "no usage" plain && grep -q "no usage" html'
test_ok '--lock: while the same command runs, nothing is written; then it is' '
	tokctl report weekly --lock -o f && rm f &&
	set -- .local/state/tokctl/lock-* && test $# = 1 &&
	test "$(stat -c %a "$1")" = 600 &&
	flock "$1" sh -c "\"$TOKCTL\" report weekly --lock -o f --mail root >out 2>err &&
		\"$TOKCTL\" report weekly --lock -o f >out 2>err &&
		test ! -e f && test ! -s out && test ! -s err &&
		\"$TOKCTL\" report weekly --lock -o g && test -e g" 9>&1
	test -e f && rm f
	flock "$1" sh -c "\"$TOKCTL\" report weekly --lock -o f" && test ! -e f &&
	tokctl report weekly --lock -o f && test -s f'
test_done
