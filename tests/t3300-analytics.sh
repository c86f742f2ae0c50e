#!/bin/sh
# report trend, anomalies, forecast: what is known of a series is said of it.
. "$(dirname "$0")/lib.sh"
. "$here/lib-ledger.sh"
TOKCTL_NOW=1705197600 # 2024-01-14T02:00Z, a Sunday
export TOKCTL_NOW

# 60 days: more each day, less at weekends, ten times as much on one.
days() {
	awk -v days="$1" -v odd="$2" 'BEGIN {
		print "time,user,model,input_tokens"
		for (d = 0; d < days; d++) {
			t = 1705104000 - (days - 1 - d) * 86400 # the last is 01-13
			tokens = 1000 + 10 * d - (d % 7 > 4 ? 600 : 0)
			if (d == odd)
				tokens *= 10
			print t + 3600 ",alice,gpt-4.1," tokens
		}
	}' | tokctl usage record -q --csv - >out
}
value() {
	tokctl report "$@" -f csv >out.csv && col "$key" <out.csv
}

days 60 45
test_ok 'a rise is a trend, and an odd day does not bend it' '
	key=direction value trend | head -n 1 | grep -qx increasing &&
	key=slope value trend | awk "NR == 1 { exit !(\$1 > 8 && \$1 < 12) }"'
test_ok 'no more calls each day is steady' '
	key=direction value trend | tail -n 1 | grep -qx steady'
printf "%s,u,gpt-4.1,%d\n" 2023-11-25 1000 2023-12-01 1 2023-12-02 1 \
	2023-12-03 3000 2023-12-04 6000 2023-12-05 8000 |
	sed '1i time,user,model,input_tokens' >course.csv
expect <<\EOT
The last 11 days
tokens    ▁·····▁▁▃▆█
cost      ▁·····▁▁▃▆█
requests  █·····█████
The last 11 days
tokens    .     ..-*%
cost      .     ..-*%
requests  %     %%%%%
The last 8 days
EOT
test_ok 'how it went, each day by its part of the most' '
	tokctl usage record -q -L course.db --csv course.csv &&
	course="tokctl report trend -L course.db --until 2023-12-05" &&
	for locale in C.UTF-8 C; do
		LC_ALL=$locale $course | grep -A 3 "^The last" || exit
	done >out && TOKCTL_FORCE_TTY=18 TERM=dumb $course --no-pager |
		grep "^The last" >>out && same <out'
test_ok 'the day on which ten times as much was used' '
	key=date value anomalies -M tokens | head -n 1 | grep -qx 2023-12-30 &&
	key=total_tokens value anomalies -M tokens | head -n 1 | grep -qx 14500'
test_ok 'of a day beyond all measure, that day is shown, not the way back' '
	{ echo time,user,model,input_tokens
	for d in $(seq -w 1 30); do
		n=1000; test $d = 19 && n=1000000000000
		echo "2023-11-${d}T12:00:00Z,u,gpt-4.1,$n"
	done; } >wild.csv && tokctl usage record -q -L wild.db --csv wild.csv &&
	tokctl report anomalies -M tokens -L wild.db --until 2023-11-30 -f csv | cut -d, -f1-3 >out &&
	grep -qx "2023-11-19,1000000000000,1000" out || { cat out; exit 1; }'
test_ok 'nothing else stands out' '
	key=date value anomalies -M tokens | wc -l | grep -qx 1'
test_ok 'a forecast has so many days, the next one first' '
	key=date value forecast -n 5 -M tokens >dates && wc -l <dates | grep -qx 5 &&
	head -n 1 dates | grep -qx 2024-01-14'
test_ok 'a picture of it is one of what was asked for' '
	for m in tokens cost requests; do
		tokctl report forecast -M $m --plot p.svg >out &&
		test "$(grep -o "<svg" p.svg | wc -l)" = 2 || { echo "$m"; exit 1; }
	done'
test_ok 'low, forecast and high are in order' '
	tokctl report forecast -M tokens -f csv | awk -F, "NR > 1 && !(\$3 <= \$2 && \$2 <= \$4) { exit 1 }"'
test_ok 'what is left of the season is in it: weekends are lower' '
	tokctl report forecast -n 14 -M requests -f csv | awk -F, "NR > 1 && \$2 != 1 { exit 1 }"'
test_ok 'a back-test says how good it is' '
	key=origins value forecast --backtest -M tokens | grep -qx 3 &&
	tokctl report forecast --backtest -M tokens -f csv | awk -F, \
		"NR == 2 { exit !(\$6 > 0 && \$6 < \$7 && \$4 < \$5) }"'
test_ok 'the day that is not over does not count' '
	tokctl report trend --json | grep -q "\"until\": \"2024-01-14T00:00:00Z\""'
test_ok 'days without usage do' '
	key=periods value trend --since 2023-12-01 --user alice | head -n 1 |
		grep -qx 44'
test_ok 'filters that leave little: it says so' '
	tokctl report forecast --since 2024-01-10 --json |
		grep -q "4 whole days of usage; a forecast needs 14" &&
	tokctl report trend --since 2024-01-10 >out && grep -q "too little usage" out &&
	tokctl report anomalies --since 2024-01-10 >out &&
		grep -q "too little usage" out'
test_ok 'an empty ledger' '
	tokctl ledger init -q -L e.db && for v in trend forecast anomalies; do
		tokctl report $v -L e.db >out && grep -q "too little" out || exit 1
	done'
test_ok 'days of a zone with half an hour of summer time, and hours in it' '
	key=periods value trend --tz Australia/Lord_Howe | head -n 1 | grep -qx 60 &&
	tokctl report forecast -g hour -n 3 --tz Australia/Lord_Howe >out'
test_status 2 'a level of 10' 'tokctl report forecast --level 10'
test_status 2 'a horizon of fewer than 0 periods' 'tokctl report forecast -n -1'
test_status 2 'a horizon of no periods' 'tokctl report forecast -n 0'
test_status 2 'three metrics make no picture' 'tokctl report trend --plot t.svg'
test_status 2 'no such metric' 'tokctl report anomalies -M beauty'
test_done
