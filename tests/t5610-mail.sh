#!/bin/sh
# Alerts by mail: through sendmail(1), and to a server that is spoken to.
. "$(dirname "$0")/lib.sh"
. "$here/lib-ledger.sh"

needs python3
test -x "$(dirname "$TOKCTL")/tokctl-deliver" || {
	echo "ok 1 - # SKIP no libcurl here"
	echo "1..1"
	exit 0
}

# start NAME [CERTIFICATE KEY]: a server of that name; its port is in $port.
servers=
trap 'kill $servers 2>/dev/null; rm -rf "$trash"' EXIT
start() {
	name=$1
	shift
	mkfifo "$name.port"
	python3 "$here/data/mail/server.py" "$name.port" "$name.mail" "$@" 2>"$name.err" &
	servers="$servers $!"
	port=$(timeout 60 cat "$name.port")
}

# What a mail says, as a program that reads mail understands it.
cat >look.py <<'END'
import email, email.policy, sys
raw = open(sys.argv[1], 'rb').read()
for mail in raw.split(b'\nEND\n')[:-1]:
    head, _, rest = mail.partition(b'\n') if mail.startswith(b'MAIL ') else (b'-', b'', mail)
    m = email.message_from_bytes(rest, policy=email.policy.default)
    assert not m.defects, m.defects
    assert max(map(len, rest.split(b'\n'))) < 998
    assert all(c < 128 for c in rest)
    for h in ('From', 'To', 'Subject', 'Date', 'Message-ID', 'MIME-Version'):
        assert len(m.get_all(h)) == 1, h
    print(head.decode())
    print(m['From'], '|', m['To'], '|', m['Subject'])
    print(m['Date'], '|', 'Bcc' in m)
    print(m.get_content().split('\n')[0])
END
mail() { python3 look.py "$1"; }
TOKCTL_ALERT_FROM=tokctl@example.org
export TOKCTL_ALERT_FROM
use() { tokctl usage record -q -u "$1" -m gpt-4.1 --input "$2" --output 0 >/dev/null; }

start plain
plain=smtp://127.0.0.1:$port
TOKCTL_ALERT_SMTP=$plain
export TOKCTL_ALERT_SMTP
tokctl user add -q alice --email alice@example.org --notify email
tokctl quota set -q -u alice --daily 100

expect <<\EOT
MAIL tokctl@example.org RCPT alice@example.org TLS 0 USER -
tokctl@example.org | alice@example.org | You've used 80% of your daily token quota
Tue, 14 Nov 2023 22:13:20 +0000 | False
You've used 80% of your daily token quota
EOT
test_ok 'who chose mail is told by it' '
	use alice 85 && tokctl alert run -q && mail plain.mail | same'
test_ok 'once' 'tokctl alert run -q && tokctl webhook deliver -q &&
	test "$(grep -c "^END" plain.mail)" = 1'

# What a rule says may be anything.
# shellcheck disable=SC2034 # in a test
bad=$(printf 'Grüße, 100%%\nBcc: evil@example.org\r\n\r\n.\r\n\033[31m %s' "$(printf '長い%.0s' 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30)")
test_ok 'no text becomes a header, the end, or a line that is too long' '
	: >plain.mail && tokctl alert add -q --user alice --at 90% --message "$bad" --email bob@example.org &&
	use alice 7 && tokctl alert run -q && mail plain.mail >out && cat out &&
	grep -q "| bob@example.org | Grüße, 100%" out && ! grep -q "| True" out'
test_status 2 'an address with a line feed is none' '
	tokctl user set alice --email "$(printf "a@b\nBcc: c@d")"'
test_ok 'a receiver that the server does not know' '
	tokctl alert add -q --user alice --at 99% --email nobody@example.org && use alice 8 &&
	{ tokctl alert run -q; test $? = 4; } &&
	tokctl webhook log -f csv | grep "nobody@" | grep -q 550'
test_ok 'the same id when it is tried again' '
	tokctl user set -q alice --notify in_app &&
	TOKCTL_NOW=2023-11-14T22:20:00Z tokctl alert run -q; ! grep -q nobody plain.mail'

test_ok 'sendmail(1) gets the same' '
	printf "#!/bin/sh\nshift 2; echo \"\$@\" >args; { cat; echo; echo END; } >prog.mail\n" >prog && chmod +x prog &&
	unset TOKCTL_ALERT_SMTP && export TOKCTL_ALERT_SENDMAIL=$PWD/prog &&
	tokctl quota set -q -u carol --daily 10 && tokctl user set -q carol --email carol@example.org --notify email &&
	use carol 10 && tokctl alert run -q; mail prog.mail >out && cat out &&
	grep -q "| carol@example.org | CRITICAL: You have used up your daily quota" out && grep -qx "carol@example.org" args'

test_ok 'from whom it is when nothing says so, each time' '
	printf "#!/bin/sh\ngrep ^From: >>from.mail\n" >prog &&
	tokctl quota set -q -u dan --daily 10 && tokctl quota set -q -u eve --daily 10 &&
	for u in dan eve; do tokctl user set -q $u --email $u@example.org --notify email && use $u 9 || exit 1; done &&
	env -u LOGNAME -u USER -u TOKCTL_ALERT_FROM -u TOKCTL_ALERT_SMTP TOKCTL_ALERT_SENDMAIL="$PWD/prog" "$TOKCTL" alert run -q; cat from.mail &&
	test "$(wc -l <from.mail)" = 2 && test "$(sort -u from.mail | wc -l)" = 1'

if command -v openssl >/dev/null; then
	openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem \
		-days 30000 -subj /CN=localhost -addext subjectAltName=DNS:localhost 2>/dev/null
	start tls cert.pem key.pem
	printf secret >pw && chmod 600 pw
	TOKCTL_ALERT_SMTP_USER=me TOKCTL_ALERT_SMTP_PASSWORD=$PWD/pw
	export TOKCTL_ALERT_SMTP_USER TOKCTL_ALERT_SMTP_PASSWORD
	tokctl alert add -q --name dave --email dave@example.org --on price_unknown
	test_ok 'a password is not sent in the clear' '
		: >plain.mail && { tokctl alert test -q dave 2>err; test $? = 4; } && cat err && test ! -s plain.mail'
	test_ok 'nor to a server whose certificate nobody vouches for' '
		export TOKCTL_ALERT_SMTP=smtp://localhost:$port &&
		{ tokctl alert test -q dave 2>err; test $? = 4; } && cat err && grep -q certificate err && test ! -e tls.mail'
	test_ok 'with one that is known it is sent, after STARTTLS' '
		export TOKCTL_ALERT_SMTP=smtp://localhost:$port SSL_CERT_FILE=$PWD/cert.pem &&
		tokctl alert test -q dave; mail tls.mail >out && cat out &&
		grep -q "^MAIL tokctl@example.org RCPT dave@example.org TLS 1 USER me" out'
fi
test_ok 'the ledger is whole' 'tokctl ledger check -q && tokctl audit verify -q'
test_done
