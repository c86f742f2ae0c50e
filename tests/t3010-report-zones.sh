#!/bin/sh
# tokctl report against another computation (report_ref.py) on random
# ledgers, in zones that are known to make trouble.
. "$(dirname "$0")/lib.sh"
. "$here/lib-ledger.sh"
needs python3
python3 -c 'import zoneinfo; zoneinfo.ZoneInfo("Africa/Monrovia")' 2>/dev/null ||
	needs python3-with-zoneinfo

# Random records around the times given, one a line of CSV:
#	records SEED N DAYS "EPOCH..." [DOLLARS]
records() {
	awk -v seed="$1" -v n="$2" -v days="$3" -v list="$4" -v usd="${5:-9e6}" '
	function pick(s, a, k) { k = split(s, a, " "); return a[int(rand() * k) + 1] }
	BEGIN {
		srand(seed)
		print "time,user,application,model,session,input_tokens,cache_read_tokens,cache_write_5m_tokens,cache_write_tokens,output_tokens,reasoning_tokens,cost_usd,error,tier,priority,request_id"
		for (i = 0; i < n; i++) {
			t = pick(list) + int((rand() - 0.5) * days * 86400)
			# Often right at or before a quarter of an hour.
			if (rand() < 0.3)
				t -= t % 900
			ms = t * 1000 + (rand() < 0.3 ? -1 : rand() < 0.5 ? 0 : int(rand() * 1000))
			big = rand() < 0.02 && usd > 50 ? 9e12 : 1e5
			out = int(rand() * big)
			w5 = int(rand() * 1e3)
			printf "%.0f,%s,%s,%s,s%d,%d,%d,%d,%d,%d,%d,%s,%s,%s,%s,%s\n", ms,
			    pick("alice bob carol"), pick("chat ed"),
			    pick("gpt-4.1 openai/gpt-4o claude-sonnet-4-5 us.anthropic.claude-3-5-haiku 4th"),
			    int(rand() * 9), int(rand() * big), int(rand() * 1e6), w5,
			    w5 + int(rand() * 500), out, int(rand() * out),
			    rand() < 0.2 ? int(rand() * usd) "." int(rand() * 1e6) : "",
			    rand() < 0.1 ? "overloaded" : "",
			    pick("standard standard batch"),
			    rand() < 0.5 ? pick("low medium high") : "",
			    rand() < 0.5 ? "id" i : ""
		}
	}'
}

# Around: now; DST ends of 2023; Lord Howe's half hour; Brazil's days that
# begin at one; Samoa's day that was not; Kathmandu's :45; Monrovia's 44:30.
test_ok 'setup: 3,500 records in four ledgers, some taken back' '
	records 1 1200 20 "1700000000 1698541200 1699167600 1679792400" >a.csv &&
	records 2 800 6 "1538319600 1541300400 1550372400 1522508400 1325203200 1325289600" >b.csv &&
	records 3 600 8 "63593070 63072000 65000000 94694400 504921600" >c.csv &&
	records 4 900 0.3 "1680361200 1696087800 63593070 1541300400 1518919200 1699164000 1325239200 504901800 1698541200" >d.csv &&
	for l in a b c d; do
		tokctl usage record -q -L $l.db --batch-size 1000 --csv $l.csv || exit 1
	done
	awk "BEGIN { for (i = 7; i < 900; i += 13) print i }" |
		xargs -n 80 "$TOKCTL" usage void -q -L a.db --reason x &&
	tokctl usage void -q -L c.db --reason x 1 2 3 500 599 600 &&
	for i in 1 2 3 4 5 6 7; do
		tail -n +2 a.csv | head -n $i | tail -n 1 | {
			head -n 1 a.csv; cat; } |
			sed "s/id[0-9]*\$/one$i/" |
			tokctl usage record -q -L a.db --csv - || exit 1
	done'

# More than a cube holds (src/ledger/cube.h): sums by name and hour are made of
# the first 65,536 records, and the rest are read.  Some of the first are taken
# back by some of the rest.
test_ok 'setup: 66,000 records, over the DST ends of three zones' '
	records 5 66000 40 "1698541200 1699164000 1696087800" 50 >e.csv &&
	tokctl usage record -q -L e.db --batch-size 1000 --csv e.csv &&
	tokctl usage void -q -L e.db --reason x 1 2 3 500 599 65000 65900'

# alice was in two departments, one after the other, bob in the same all along,
# and carol in none since some day.
test_ok 'departments that change' '
	at() { TOKCTL_NOW=$1; export TOKCTL_NOW; shift; tokctl user "$@"; }
	at 2023-10-01T00:00:00Z add -q -L a.db alice --department Research
	at 2023-10-29T00:30:00.001Z set -q -L a.db alice --department Sales
	at 2023-10-01T00:00:00Z add -q -L a.db bob --department Sales
	at 2023-10-01T00:00:00Z add -q -L a.db carol --department Research
	at 2023-11-05T06:15:00Z set -q -L a.db carol --department ""
	at 2018-10-01T00:00:00Z add -q -L b.db alice --department 研究
	cat >a.db.departments <<-\END
	alice 2023-10-01T00:00:00+00:00 Research
	alice 2023-10-29T00:30:00.001+00:00 Sales
	bob 2023-10-01T00:00:00+00:00 Sales
	carol 2023-10-01T00:00:00+00:00 Research
	carol 2023-11-05T06:15:00+00:00 none
	END
	echo "alice 2018-10-01T00:00:00+00:00 研究" >b.db.departments
	at 2023-09-01T00:00:00Z add -q -L e.db alice --department Research
	at 2023-09-01T00:00:00Z add -q -L e.db bob --department Sales
	printf "%s\n" "alice 2023-09-01T00:00:00+00:00 Research" \
		"bob 2023-09-01T00:00:00+00:00 Sales" >e.db.departments'

list_jobs() {
	for tz in UTC Europe/Berlin America/New_York Asia/Kathmandu \
		Asia/Kolkata Australia/Lord_Howe America/Sao_Paulo \
		America/St_Johns Pacific/Apia Pacific/Chatham Africa/Monrovia \
		Asia/Tehran; do
		for l in a b c d; do
			echo "$l.db $tz 0 date"
		done
		echo "a.db $tz 6 week"
		echo "b.db $tz 0 month"
		echo "c.db $tz 0 week"
		echo "c.db $tz 0 hour"
		echo "d.db $tz 0 hour"
	done
	for dims in user model,tier session date,user week,application,error; do
		echo "a.db Asia/Kathmandu 0 $dims"
		echo "a.db Australia/Lord_Howe 0 $dims user=alice user=bob model=gpt-4.1"
		echo "a.db America/New_York 6 $dims application=chat since=2023-10-20T05:06:07Z until=2023-11-20T00:00:00.001Z"
	done
	for tz in UTC America/New_York Europe/Berlin Asia/Kathmandu \
		Africa/Monrovia Australia/Lord_Howe; do
		for period in 2023-11-05 2023-W44 2023-10 2023-03-26; do
			echo "a.db $tz 0 date period=$period"
			echo "a.db $tz 0 hour period=$period"
		done
	done
	for tz in UTC Europe/Berlin America/New_York Australia/Lord_Howe \
		Asia/Kathmandu Africa/Monrovia; do
		for dims in weekday,hour_of_day department department,week \
			model_family success,priority priority,hour_of_day; do
			echo "a.db $tz 0 $dims"
			echo "a.db $tz 0 $dims application=chat since=2023-10-20T05:06:07Z until=2023-11-20T00:00:00.001Z"
		done
		echo "b.db $tz 0 department,model_family"
		echo "d.db $tz 0 hour_of_day"
	done
	# What is no name in a record can be chosen, too.
	for tz in UTC America/New_York Australia/Lord_Howe; do
		echo "a.db $tz 0 user,date department=Research"
		echo "a.db $tz 0 department department=Sales department=Research priority=High"
		echo "a.db $tz 0 date department=Sales user=alice user=bob"
		echo "a.db $tz 0 model model_family=gpt error=overloaded"
		echo "a.db $tz 0 hour_of_day priority=Low priority=Medium tier=batch since=2023-10-20T05:06:07Z"
	done
	echo "e.db UTC 0 user,model department=Research tier=batch"
	echo "e.db Europe/Berlin 0 month,user department=Research"
	echo "e.db America/New_York 0 date model_family=gpt since=2023-11-03T05:06:07Z"
	echo "e.db UTC 0 application department=Sales model_family=claude"
	echo "e.db UTC 0 error,tier priority=Low priority=High tier=batch"
	echo "e.db UTC 0 month priority=High model_family=claude model_family=gpt"
	# By cubes; the ranges cut their hours.
	echo "e.db UTC 0 department"
	echo "e.db America/New_York 0 date,department since=2023-11-03T00:00:00Z until=2023-11-08T00:00:00.001Z"
	echo "e.db Asia/Kolkata 0 date,model since=2023-10-20T05:06:07Z until=2023-10-27T00:00:00.001Z"
	echo "e.db Australia/Lord_Howe 0 hour,application since=2023-09-30T05:06:07Z until=2023-10-02T08:00:00Z"
	echo "e.db America/St_Johns 6 week,user user=alice since=2023-11-01T05:06:07Z"
	echo "e.db Africa/Monrovia 0 hour_of_day,user model=gpt-4.1 since=2023-11-05T00:00:00Z"
	echo "e.db Europe/Berlin 0 session"
	echo "e.db UTC 0 user,application,model"
	echo "e.db Europe/Berlin 0 user,application,model since=2023-10-28T00:00:00Z until=2023-10-31T00:00:00Z"
	echo "e.db Asia/Kolkata 0 user,session"
	echo "e.db America/New_York 0 priority,error application=chat"
	echo "e.db UTC 0 tier,priority since=2023-11-03T00:00:00Z"
	echo "e.db Europe/Berlin 0 date application=chat since=2023-10-28T00:00:00Z until=2023-10-31T00:00:00Z"
	# Ranges that cut quarters of an hour.
	for at in 2023-11-14T22:13:20.500Z 2023-10-29T00:59:59.999Z \
		2023-11-05T06:07:08Z; do
		echo "a.db UTC 0 date until=$at"
		echo "a.db Asia/Kolkata 0 hour since=$at"
	done
}

list_jobs >queries
TOKCTL_NOW=2030-01-01T00:00:00Z python3 "$here/report_ref.py" <queries >answers
exec 3<answers
while read -r job; do
	read -r answer <&3
	test_ok "$job" "echo \"$answer\"; test \"$answer\" = ok"
done <queries
test_ok 'all are whole' '
	for l in a b c d e; do
		TOKCTL_LEDGER=$l.db tokctl ledger check >log || { cat log; exit 1; }
	done'
test_done
