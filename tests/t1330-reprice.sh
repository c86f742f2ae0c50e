#!/bin/sh
# tokctl price reprice: an unknown cost becomes known, without a change of
# any record.
. "$(dirname "$0")/lib.sh"

test_ok 'setup: two calls without a price, one with, one given' '
	for i in 1 2; do
		tokctl usage record -u a -m no-such-model --input 1000 --output $i --request-id $i
	done &&
	tokctl usage record -u a -m gpt-4.1 --input 1000 --output 1 &&
	tokctl usage record -u a -m no-such-model --input 9 --output 9 --cost 0.5'
test_ok 'nothing to do without a price' '
	tokctl price reprice -f csv >out && tail -n 1 out | grep -q "^2,0,2,0,"'
cat >prices.yaml <<\EOF
schema: tokctl-prices/1
models:
  - id: "no-such-model"
    provider: example
    prices:
      - {input: "2", output: "10"}
EOF
TOKCTL_PRICES_FILE=$trash/prices.yaml
export TOKCTL_PRICES_FILE
expect <<\EOF
looked_at,repriced,unpriced_requests,cost_usd,dry_run
2,2,0,0.00403,true
EOF
test_ok '--dry-run says what would be done' '
	tokctl price reprice --dry-run -f csv | same &&
	tokctl usage stats -f csv --json | grep -q "\"unpriced_requests\": 2"'
test_ok 'it is done, once' '
	tokctl price reprice -f csv | tail -n 1 | grep -q "^2,2,0,0.00403,false" &&
	tokctl price reprice -f csv | tail -n 1 | grep -q "^0,0,0,0,false"'
expect <<\EOF
cost_usd,cost_origin,requests
0.002008,priced,1
0.5,given,1
0.00201,priced,1
0.00202,priced,1
EOF
test_ok 'each call counts once, with its cost, at its time' '
	tokctl export -f csv >out && python3 -c "
import csv
for r in csv.reader(open(\"out\")):
    if r[0] == \"id\":
        at = [r.index(k) for k in (\"cost_usd\", \"cost_origin\", \"requests\")]
    print(\",\".join(r[i] for i in at))" | same'
test_ok 'a request that is sent again is still known' '
	tokctl usage record -u a -m no-such-model --input 1000 --output 1 --request-id 1 --json |
		grep -q "\"known\": 1"'
test_ok 'the audit chain has it, and all fits' '
	sqlite3 .local/share/tokctl/ledger.db "SELECT action, object, detail FROM audit" >out &&
	grep -qx "price.reprice|2 records|{\"cost_usd\":\"0.00403\"}" out &&
	tokctl ledger check -q'
test_done
