# Sourced after lib.sh by tests that need a ledger of their own.
#
#	$db            where it is; TOKCTL_LEDGER says so to every tokctl
#	record ...     "tokctl usage record -u alice -m gpt-4.1 ..."
#	sql 'SQL'      run SQL on the database behind tokctl's back
#	col KEY        one column of the CSV on stdin, without the heading
#	whole          the ledger is whole, and holds $1 records if given
#	schema_now     the number of the newest schema
#	needs TOOL...  skip the rest of the script when one is missing
unset XDG_DATA_HOME XDG_CONFIG_HOME XDG_STATE_HOME XDG_CACHE_HOME
unset TOKCTL_USER TOKCTL_TZ NO_COLOR CLICOLOR_FORCE FORCE_COLOR COLUMNS
XDG_CONFIG_DIRS=$trash/etc
LOGNAME=tester
db=$trash/ledger.db
TOKCTL_LEDGER=$db
export XDG_CONFIG_DIRS LOGNAME TOKCTL_LEDGER

record() {
	tokctl usage record -u alice -m gpt-4.1 "$@"
}

sql() {
	sqlite3 "$db" "$@"
}

# For columns without quotes or commas in them.
col() {
	tr -d '\r' | awk -F, -v key="$1" '
		NR == 1 { for (i = 1; i <= NF; i++) if ($i == key) n = i; next }
		{ print $n }'
}

whole() {
	tokctl ledger check -f csv >check.csv || {
		cat check.csv
		return 1
	}
	test $# -eq 0 && return
	test "$(tokctl ledger info -f csv | col records)" = "$1"
}

schema_now() {
	rm -f empty.db* && tokctl ledger init -q -L empty.db &&
		tokctl ledger info -L empty.db -f csv | col schema_version
}

needs() {
	for tool in "$@"; do
		command -v "$tool" >/dev/null && continue
		echo "ok 1 - # SKIP no $tool here"
		echo "1..1"
		exit 0
	done
}
