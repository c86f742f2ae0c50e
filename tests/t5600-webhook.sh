#!/bin/sh
# tokctl webhook: messages that arrive at least once, in order, signed.
. "$(dirname "$0")/lib.sh"
. "$here/lib-ledger.sh"
needs python3
test -x "$(dirname "$TOKCTL")/tokctl-deliver" || {
	echo "ok 1 - # SKIP no libcurl here"
	echo "1..1"
	exit 0
}

# A receiver: its port is in "port", what it got in "got" (a line of JSON for
# each request), and it answers with the status that "status" holds.
cat >server.py <<\EOF
import http.server, json
class H(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        with open("got", "a") as f:
            f.write(json.dumps({"path": self.path, "body": body.decode(),
                "headers": {k.lower(): v for k, v in self.headers.items()}}) + "\n")
        status = int(open("status").read())
        self.send_response(status)
        if 300 <= status < 400:
            self.send_header("Location", "/elsewhere")
        if status == 429:
            self.send_header("Retry-After", "3000")
        self.send_header("Content-Length", "0")
        self.end_headers()
    def log_message(self, *args):
        pass
s = http.server.ThreadingHTTPServer(("127.0.0.1", 0), H)
with open("port", "w") as f: # a pipe: who reads it waits for us
    f.write(str(s.server_port))
s.serve_forever()
EOF
cat >verify.py <<\EOF
import base64, hashlib, hmac, json, sys
key = open("secret", "rb").read().strip()
for line in open("got"):
    r = json.loads(line)
    h, body = r["headers"], r["body"].encode()
    assert hmac.new(key, body, hashlib.sha256).hexdigest() == h["x-webhook-signature"]
    k = base64.b64decode(key[6:])
    text = (h["webhook-id"] + "." + h["webhook-timestamp"] + ".").encode() + body
    want = "v1," + base64.b64encode(hmac.new(k, text, hashlib.sha256).digest()).decode()
    assert want == h["webhook-signature"]
    assert h["content-type"] == "application/json"
    data = json.loads(body)
    print(data["event"], data.get("user_id"), data.get("usage_percentage"))
EOF
echo 200 >status
: >got
mkfifo port
python3 server.py 2>server.log &
server=$!
trap 'kill $server 2>/dev/null; rm -rf "$trash"' EXIT
port=$(timeout 60 cat port)
url=http://127.0.0.1:$port/hook
export url
echo whsec_c2VjcmV0LXNlY3JldC1zZWNyZXQ= >secret
chmod 600 secret

use() {
	tokctl usage record -q -u alice -m gpt-4.1 --tokens "$@"
}
log() {
	tokctl webhook log -f csv "$@" | tr -d '\r' | cut -d, -f1-8 >log.csv
	cat log.csv
}
got() {
	wc -l <got | tr -d ' '
}

test_ok 'a webhook is added, listed, audited; no secret is in the ledger' '
	tokctl webhook add -q "$url" --name ops --secret-file secret --allow-private &&
	tokctl webhook list -f csv | grep -q ",ops,$url,\*,true,active," &&
	tokctl audit list -f csv | grep -q "webhook.add,webhook ops" &&
	! grep -q whsec "$db"*'
test_status 2 'no URL' 'tokctl webhook add nonsense'
test_status 2 'no password in a URL' 'tokctl webhook add https://a:b@example.org/'
test_status 2 'no such event' 'tokctl webhook add https://example.org/ --events usage'
test_status 2 'the name is taken' 'tokctl webhook add https://example.org/ --name ops'
test_status 3 'no such webhook' 'tokctl webhook test nosuch'

test_ok 'a test arrives, signed both ways' '
	tokctl webhook test -q ops && test "$(got)" = 1 &&
	test "$(python3 verify.py)" = "test None None"'
test_ok 'what crossed a line arrives in order, once' '
	: >got && tokctl quota set -q -u alice --daily 1000 && use 850 && use 110 && use 100 &&
	tokctl webhook deliver -q && tokctl webhook deliver -q &&
	python3 verify.py >events &&
	printf "quota_warning alice 85\nquota_critical alice 96\nquota_critical alice 106\n" | cmp - events'
test_ok 'a failure is tried again, later, and what is behind it waits' '
	: >got && echo 500 >status && tokctl quota set -q -u alice --daily 2000 && use 600 && use 300 &&
	! tokctl webhook deliver -q && test "$(got)" = 1 &&
	! tokctl webhook deliver 2>/dev/null | grep . && test "$(got)" = 1 &&
	echo 200 >status && TOKCTL_NOW=1700000010 tokctl webhook deliver -q && test "$(got)" = 3 &&
	python3 verify.py | uniq -c >out && grep -q "2 quota_warning" out &&
	sed -n 1,2p got | grep -o "\"webhook-id\": \"[^\"]*\"" | uniq | wc -l | grep -qx " *1"'
test_ok 'Retry-After is waited for' '
	: >got && echo 429 >status && tokctl quota set -q -u bob --daily 10 &&
	tokctl usage record -q -u bob -m gpt-4.1 --tokens 9 && ! tokctl webhook deliver -q &&
	echo 200 >status && TOKCTL_NOW=1700002000 tokctl webhook deliver -q && test "$(got)" = 1 &&
	TOKCTL_NOW=1700003500 tokctl webhook deliver -q && test "$(got)" = 2'
test_ok 'redirects are not followed' '
	: >got && echo 302 >status && ! tokctl webhook test ops 2>err && grep -q "redirects are not followed" err &&
	test "$(got)" = 1 && echo 200 >status && TOKCTL_NOW=1700009000 tokctl webhook deliver -q'
test_ok 'after so many tries it is dead, which is an alert, and can be replayed' '
	: >got && echo 503 >status && export TOKCTL_WEBHOOK_TRIES=2 &&
	! tokctl webhook test -q ops && ! TOKCTL_NOW=1700010000 tokctl webhook deliver -q &&
	log ops | grep -q ",dead,2" && tokctl alert list | grep -q "could not be delivered: 503" &&
	id=$(log ops | tail -n 1 | cut -d, -f1) && echo 200 >status &&
	tokctl webhook deliver -q --replay "$id" && log ops | grep -q "^$id,.*,sent," &&
	! tokctl alert list | grep -q "could not be delivered"'
test_ok '410: nothing is sent there any more' '
	: >got && echo 410 >status && ! tokctl webhook test -q ops &&
	tokctl webhook list -f csv | grep -q ",disabled," && tokctl quota set -q -u eve --daily 10 &&
	tokctl usage record -q -u eve -m gpt-4.1 --tokens 9 && tokctl webhook deliver -q && test "$(got)" = 1'
test_ok 'addresses that are not public are refused when it connects' '
	echo 200 >status && : >got && tokctl webhook remove -q ops &&
	tokctl webhook add -q "$url" --name local && ! tokctl webhook test local 2>err &&
	grep -q "not public" err && test "$(got)" = 0 && tokctl webhook remove -q local &&
	tokctl webhook add -q "http://localhost:$port/" --name local && ! tokctl webhook test -q local &&
	test "$(got)" = 0 && tokctl webhook remove -q local'
test_ok 'one that died while it sent: when its lease is over, others send' '
	tokctl webhook add -q "$url" --name ops --allow-private && : >got &&
	tokctl quota set -q -u dan --daily 10 && tokctl usage record -q -u dan -m gpt-4.1 --tokens 9 &&
	sql "UPDATE target SET holder = '"'dead'"', lease = 1700000100000 WHERE name = '"'ops'"'" &&
	tokctl webhook deliver -q && test "$(got)" = 0 &&
	TOKCTL_NOW=1700000101 tokctl webhook deliver -q && test "$(got)" = 1'
test_ok 'eight that deliver at once send each message once' '
	: >got && for i in 1 2 3 4 5 6 7 8 9; do
		tokctl quota set -q -u "u$i" --daily 10 && tokctl usage record -q -u "u$i" -m gpt-4.1 --tokens 10 || exit 1
	done
	for i in 1 2 3 4 5 6 7 8; do tokctl webhook deliver -q & done; wait
	tokctl webhook deliver -q; test "$(got)" = 9'

printf '#!/bin/sh\necho "$@" >>mail.args; cat >>mail\n' >sendmail
chmod +x sendmail
test_ok 'mail goes to sendmail(1)' '
	export TOKCTL_ALERT_SENDMAIL=$PWD/sendmail TOKCTL_ALERT_FROM=tokctl@example.org &&
	tokctl alert add -q --name m --email team@example.org --on budget &&
	tokctl budget set -q -u "z\"ö" --limit 10 && tokctl usage record -q -u "z\"ö" -m gpt-4.1 --tokens 5 --cost 11 &&
	tokctl alert run -q && grep -qx -e "-i -- team@example.org" mail.args &&
	grep -qx "To: team@example.org" mail && grep -qx "From: tokctl@example.org" mail &&
	grep -q "^Subject: CRITICAL: You have exceeded your monthly budget" mail'
test_ok 'a program that fails is tried again' '
	tokctl alert add -q --name bad -- false && ! tokctl alert test bad 2>err && grep -q "exit status 1" err &&
	tokctl alert add -q --name none -- /no/such/program && ! tokctl alert test none 2>err &&
	grep -q "was not found" err'
test_ok 'words reach a command as they are, without a shell' '
	tokctl alert add -q --name w -- sh -c "printf %s \"\$1\" >word; cat >json" x "a b;\$HOME\"" &&
	tokctl alert test -q w && test "$(cat word)" = "a b;\$HOME\"" && grep -q "\"event\":\"test\"" json'
test_ok 'usage_recorded: each record, once, for who asked for it; old logs are no news' '
	export TOKCTL_LEDGER=$PWD/rec.db && tokctl webhook add -q "$url" --name rec --allow-private --secret-file secret --events usage_recorded,quota_warning &&
	tokctl webhook add -q "$url" --name others --allow-private && : >got &&
	tokctl usage record -q -u zoe --application web -m gpt-4.1 --input 100 --output 50 --request-id q1 >/dev/null &&
	tokctl usage record -q -u zoe --application web -m gpt-4.1 --input 100 --output 50 --request-id q1 >/dev/null &&
	tokctl usage record -q -u zoe -m gpt-4.1 --input 1 --output 0 --at 2023-11-01 >/dev/null &&
	tokctl quota set -q -u zoe --daily 1000 && id=$(tokctl quota reserve -u zoe --tokens 9) &&
	tokctl quota settle -q "$id" --input 5 --output 4 >/dev/null && tokctl usage void -q 1 --reason wrong &&
	tokctl webhook deliver -q && python3 verify.py >events && cat events &&
	printf "usage_recorded zoe None\nusage_recorded zoe None\n" | cmp - events &&
	grep -q "tokens_used..:150,.*record_id..:1}" got && grep -q "application..:..web" got'
test_ok 'the ledger is whole' 'whole'
test_done
