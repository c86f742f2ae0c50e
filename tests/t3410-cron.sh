#!/bin/sh
# config/: the crontab, the timer and the rotation do what they say.
. "$(dirname "$0")/lib.sh"
. "$here/lib-ledger.sh"
config=$here/../config
unset TOKCTL_LEDGER

mkdir bin
ln -s "$TOKCTL" bin/tokctl
printf '#!/bin/sh\ncat >%s\n' "$trash/mail" >bin/sendmail
chmod +x bin/sendmail
# 2023-11-14 is a Tuesday; yesterday, last week and last month have usage.
test_ok 'setup' '
	tokctl usage record -q --csv - <<\END
time,user,model,input_tokens,output_tokens
2023-10-10T09:00:00Z,alice,gpt-4.1,1,1
2023-11-08T09:00:00Z,alice,gpt-4.1,1000,200
2023-11-13T09:00:00Z,alice,gpt-4.1,1000,200
END'

# Lines as cron(8) reads them: five fields, then the command, "\%" is "%".
grep -E '^[0-9*]' "$config/tokctl.crontab" >entries
test_ok 'a schedule is five fields that cron knows' '
	test "$(wc -l <entries)" -ge 5 && awk "{
		for (i = 1; i <= 5; i++)
			if (\$i !~ /^(\*(\/[0-9]+)?|[0-9]+)\$/) { print; exit 1 }
	}" entries && ! awk "{ sub(/^([^ ]+ ){4}[^\t]+\t/, \"\"); print }" entries |
		grep "[^\\\\]%"'
cut -f2- entries | sed 's/\\%/%/g' >commands
# What cron(8) gives to a command, and no more.
run_job() {
	env -i HOME="$trash" LOGNAME=tester SHELL=/bin/sh \
		PATH="$trash/bin:/usr/bin:/bin" TOKCTL_NOW="$TOKCTL_NOW" \
		TOKCTL_ALERT_SENDMAIL="$trash/bin/sendmail" /bin/sh -c "$1"
}
n=0
while read -r job; do
	n=$((n + 1))
	test_ok "job $n runs, and says nothing: $(echo "$job" | cut -c1-40)" '
		run_job "$job" >out 2>err && test ! -s out && test ! -s err'
done <commands
test_ok 'the mail, the page, the picture and the archive are there' '
	grep -q "^To: tester" mail && grep -q "^Subject: .*2023-11-13\|^Subject: =?UTF-8" mail &&
	grep -q "</html>" usage-*.html && grep -q "</svg>" usage.svg &&
	gzip -dc usage-2023-10.csv.gz | grep -c alice | grep -qx 1 &&
	test "$(ls usage-*.csv.gz)" = usage-2023-10.csv.gz'
test_ok 'without usage there is no mail' '
	rm mail && TOKCTL_NOW=1600000000 && while read -r job; do
		run_job "$job" >out 2>err && test ! -s out && test ! -s err || exit 1
	done <commands
	test ! -e mail'
test_ok 'the words of the service run as well' '
	sed -n "s/^ExecStart[A-Za-z]*=\/usr\/local\/bin\///p" "$config/tokctl-report.service" >words &&
	test "$(wc -l <words)" = 2 && while read -r job; do
		run_job "$job" >out 2>err && test ! -s err || exit 1
	done <words
	grep -q "^To: root" mail'
if command -v systemd-analyze >/dev/null &&
	systemd-analyze calendar daily >/dev/null 2>&1; then
	test_ok 'systemd finds no fault in the units' '
		mkdir units && for u in service timer; do
			sed "s,=/usr/local/bin/tokctl,=$trash/bin/tokctl,; /^Documentation/d" \
				"$config/tokctl-report.$u" >units/tokctl-report.$u
		done &&
		systemd-analyze calendar "$(sed -n s/^OnCalendar=//p units/tokctl-report.timer)" >out &&
		systemd-analyze verify units/tokctl-report.service \
			units/tokctl-report.timer 2>err &&
		! grep tokctl-report err'
else
	test_n=$((test_n + 1))
	echo "ok $test_n - # SKIP no systemd-analyze here"
fi
rotate=$(PATH=$PATH:/usr/sbin command -v logrotate)
if test -n "$rotate"; then
	test_ok 'logrotate reads its example' '
		mkdir logs && echo x >logs/a.log && sed "s,/var/log/tokctl,$trash/logs,; s/root adm/$(id -un) $(id -gn)/" \
			"$config/tokctl.logrotate" >rotation && chmod 600 rotation &&
		"$rotate" -f -s "$trash/rotate.state" rotation && test -s logs/a.log.1 &&
		test -e logs/a.log'
else
	test_n=$((test_n + 1))
	echo "ok $test_n - # SKIP no logrotate here"
fi
test_done
