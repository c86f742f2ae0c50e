#!/bin/sh
# tokctl usage import: what is found, what is counted, and that it stays so
# however often, however interrupted.
. "$(dirname "$0")/lib.sh"
HOME=$here/data/import/home
TOKCTL_LEDGER=$trash/ledger.db
export HOME TOKCTL_LEDGER
unset CLAUDE_CONFIG_DIR CODEX_HOME XDG_CONFIG_HOME XDG_DATA_HOME
unset TOKCTL_USER

sums() {
	tokctl report by source,model -f csv "$@" | cut -d, -f1-11 |
		grep -v ^source | sort
}

# Columns of the summary, without those that depend on the machine.
summary() {
	tokctl usage import -f csv "$@" 2>err |
		cut -d, -f1,2,3,4,5,7,8,9,10,11,12,13
}

expect <<\EOT
source,files,unchanged_files,failed_files,lines,calls,new,known,updated,merged_lines,skipped_lines,bad_lines
claude-code,4,0,0,15,5,5,0,0,6,3,1
codex,3,0,0,21,3,3,0,0,2,16,0
EOT
test_ok 'a dry run says what would come' 'summary --dry-run | same'
test_ok '... and makes no ledger' 'test ! -e "$TOKCTL_LEDGER"'

test_ok 'the import does what the dry run said' 'summary | same'

# Source, model, requests, input, cache read, cache writes for 5 minutes, 1
# hour and both, output, reasoning, all.  msg_a is on three lines of one file and copied to another, msg_b and msg_h
# once, msg_c in the copy; the forked Codex session repeats two calls.
expect <<\EOT
claude-code,acme-9,1,900,0,0,0,0,30,0,930
claude-code,claude-haiku-4-5-20251001,1,5,2000,300,0,300,50,0,2355
claude-code,claude-opus-4-6,3,20,18000,100,1200,1300,550,0,19870
codex,gpt-5.3-codex,2,1400,1100,0,0,0,500,50,3000
codex,gpt-5.4,1,500,1500,0,0,0,400,40,2400
EOT
test_ok 'each call counts once, at its largest' 'sums | same'
test_ok 'calls have a price by their model' '
	tokctl usage stats --source claude-code --json |
		grep -q "\"cost_usd\": *0.036305,"'
test_ok 'and lines that say no user are mine' '
	tokctl export -f csv -u "$(id -un)" | wc -l | grep -qx " *9"'

expect <<\EOT
source,files,unchanged_files,failed_files,lines,calls,new,known,updated,merged_lines,skipped_lines,bad_lines
claude-code,4,4,0,0,0,0,0,0,0,0,0
codex,3,3,0,0,0,0,0,0,0,0,0
EOT
test_ok 'again: there is nothing new' 'summary | same'
expect <<\EOT
source,files,unchanged_files,failed_files,lines,calls,new,known,updated,merged_lines,skipped_lines,bad_lines
codex,3,0,0,21,3,0,3,0,2,16,0
EOT
test_ok '--again reads all, and books nothing twice' '
	summary --again --from codex | same'

test_ok 'bad lines are named' '
	tokctl usage import --dry-run --again -f md --from claude-code |
		grep -q "1111.jsonl:6: JSON: byte 50: the text ends in a str"'
test_ok '--strict takes what can be read only once' '
	printf "model,input,ts\nm,1,5\n" |
		tokctl usage import --strict -L once.db - &&
	printf "model,input,ts\nm,2,5\n" >once.csv &&
	tokctl usage import --strict -L once.db - <once.csv &&
	mkfifo once && { printf "model,input,ts\nm,3,5\n" >once & } &&
	tokctl usage import --strict -L once.db once &&
	tokctl usage stats -L once.db --json | grep -q "requests\": *3,"'
test_status 3 '... and nothing of it, if there is a bad line' '
	{ printf "model,input,ts\n"
	  i=0
	  while [ $((i += 1)) -lt 9000 ]; do echo "m,$i,5"; done
	  echo m,x,5; } | tokctl usage import --strict -L bad.db -'
test_ok '... and that is so' '
	tokctl usage stats -L bad.db --json | grep -q "requests\": *0,"'
test_status 3 '--strict imports nothing' '
	tokctl usage import --strict -L new.db'
test_ok '... nothing at all' '
	tokctl export -f csv -L new.db | wc -l | grep -qx " *1"'

test_ok 'setup: a home of our own' '
	cp -R "$HOME" home
	printf "%s\n" "{\"type\":\"assistant\",\"sessionId\":\"S9\",\"requestId\":\"req_z\",\"timestamp\":\"2026-11-13T08:00:00Z\",\"message\":{\"id\":\"msg_z\",\"model\":\"claude-opus-4-6\",\"usage\":{\"input_tokens\":11,\"output_tokens\":22}}}" >line
	HOME=$PWD/home tokctl usage import -q >/dev/null
	cat line >>home/.claude/projects/-tmp/gateway.jsonl'
HOME=$trash/home
expect <<\EOT
source,files,unchanged_files,failed_files,lines,calls,new,known,updated,merged_lines,skipped_lines,bad_lines
claude-code,4,3,0,1,1,1,0,0,0,0,0
codex,3,3,0,0,0,0,0,0,0,0,0
EOT
test_ok 'of a file that grew, what was added' 'summary | same'
test_ok 'files that are gone take nothing with them' '
	sums >before
	rm -r home/.claude home/.codex/sessions
	tokctl usage import -q >/dev/null
	sums | diff before -'
test_ok 'the environment says where to look' '
	mkdir -p other/projects/p x/sessions
	sed "s/req_z/req_y/" line >other/projects/p/s.jsonl
	CLAUDE_CONFIG_DIR=$PWD/other CODEX_HOME=$PWD/x tokctl usage import \
		--list-sources -f csv >list
	grep -c "^claude-code,Claude Code,$PWD/other/projects,1," list
	grep -c "^codex,Codex CLI,$PWD/x/sessions,0,0," list
	CLAUDE_CONFIG_DIR=$PWD/other tokctl usage import --json |
		grep -q "\"new\": *1,"'
test_ok 'places say what is new in them, and when they were read' '
	list() {
		CLAUDE_CONFIG_DIR=$PWD/other tokctl usage import \
			--list-sources -f csv "$@" | grep other/projects |
			cut -d, -f4,5,7,8
	}
	size=$(wc -c <other/projects/p/s.jsonl)
	test "$(list)" = "1,$size,0,2023-11-14T22:13:20Z" &&
	test "$(list -L none.db)" = "1,$size,$size," && test ! -e none.db &&
	printf 1234567 >>other/projects/p/s.jsonl &&
	test "$(list)" = "1,$((size + 7)),7,2023-11-14T22:13:20Z"'

# --- tables

cat >calls.csv <<\EOT
When,Who,Model,Input,Output,Note
2026-11-14T10:00:00Z,ann,gpt-5,100,20,"x, y"
2026-11-14T10:00:00Z,ann,gpt-5,100,20,z
2026-11-14T11:00:00Z,bob,gpt-5,-1,20,
2026-11-14T12:00:00Z,bob,gpt-5,5,6,
EOT
expect <<\EOT
source,files,unchanged_files,failed_files,lines,calls,new,known,updated,merged_lines,skipped_lines,bad_lines
csv,1,0,0,5,3,3,0,0,0,0,1
EOT
test_ok 'CSV, with names of its own' '
	summary --map When=time --map Who=user --map Note= calls.csv | same'
test_ok '... again is nothing new, also under another name' '
	cp calls.csv moved.csv
	for f in calls moved; do
		summary --map When=time --map Who=user --map Note= $f.csv |
			grep -q "^csv,1,.*,0,[03],0,0,0,[01]$" || exit 1
	done
	tokctl usage stats --source csv --json | grep -q "requests\": *3,"'
test_ok 'from standard input' '
	printf "time,model,tokens\n2026-11-14T13:00:00Z,gpt-5,7\n" |
		tokctl usage import - --json | grep -q "\"new\": *1,"'
test_ok 'what this program exports, it imports once' '
	tokctl export -f csv -o all.csv
	tokctl export -f jsonl -o all.jsonl
	tokctl export -f json -o all.json
	python3 -m json.tool all.json >spaced.json
	sums >before
	tokctl usage import -q all.csv all.jsonl all.json spaced.json >/dev/null
	sums | diff before - || exit 1
	for f in all.jsonl all.json spaced.json; do
		rm -f copy.db*
		tokctl usage import -L copy.db $f >/dev/null &&
			sums -L copy.db | diff before - || exit 1
	done'
test_ok 'a document that was cut off gives what is whole in it' '
	rm -f copy.db*
	head -n 10 all.json >cut.json
	tokctl usage import -L copy.db cut.json >out
	tokctl export -L copy.db -f csv | wc -l | grep -qx " *4" &&
		grep -q "the array has no end" out &&
		tokctl usage import -L copy.db all.json >/dev/null &&
		sums -L copy.db | diff before -'
test_status 3 'other documents are no records' '
	tokctl report daily --json >report.json
	tokctl usage import -L none.db report.json'

expect <<\EOT
tokctl usage import: --from: there is no source 'codx'
EOT
test_status 2 'unknown sources' '
	tokctl usage import --from codx 2>err; rc=$?
	head -n 1 err | same && grep -q codex err && exit $rc'
test_status 2 'unknown fields' 'tokctl usage import --map a=b calls.csv'
test_status 4 'missing files' 'tokctl usage import nosuch.csv'
test_status 3 'files that are nothing known' '
	echo hello >hello; tokctl usage import hello'
test_ok 'no logs at all is no failure' '
	mkdir empty; HOME=$PWD/empty tokctl usage import | grep -q "no logs"'

test_ok 'an empty file is called empty' '
	: >nothing.jsonl
	tokctl usage import nothing.jsonl 2>err
	test $? -eq 3 && grep -q "the file is empty" err'
test_ok 'without HOME it is that of the password file' '
	real=$(getent passwd "$(id -u)" | cut -d: -f6)
	test -n "$real" || exit 0
	unset HOME
	tokctl usage import --list-sources -f csv |
		grep -q "^codex,Codex CLI,$real/.codex/sessions,"'

# --- what cannot be read

printf '\037\213\010, and no more' >damaged
printf 'SQLite format 3\0and no more' >broken
test_status 3 'a damaged file that was named is an error' '
	cp damaged d.jsonl; tokctl usage import -L no.db d.jsonl'
for f in calls.jsonl calls.csv.gz old.json; do
	mkdir -p "bad-$f"
	cp damaged "bad-$f/$f"
	cp line "bad-$f/good.jsonl"
	test_status 4 "one in a folder that was named is told: $f" '
		tokctl usage import -L "bad-$f/l.db" "bad-$f" >out; rc=$?
		cat out
		grep -q "bad-$f/$f: " out || exit 1
		exit $rc'
	test_ok '... and the rest was imported' '
		tokctl usage stats -L "bad-$f/l.db" --json |
			grep -q "requests\": *1,"'
done
test_status 4 'in a usual place, too' '
	mkdir -p ud/.claude/projects/p
	cp damaged ud/.claude/projects/p/a.jsonl
	HOME=$PWD/ud tokctl usage import -L ud/l.db -f csv >out; rc=$?
	grep -q "^claude-code,1,0,1," out || exit 1
	exit $rc'
test_status 4 'also a damaged database' '
	mkdir -p udb/.local/share/goose/sessions
	cp broken udb/.local/share/goose/sessions/sessions.db
	HOME=$PWD/udb tokctl usage import -L udb/l.db -f csv >out; rc=$?
	grep -q "^goose,1,0,1," out || exit 1
	exit $rc'
test_status 4 '... in a folder that was named' '
	mkdir dbs; cp broken dbs/sessions.db
	tokctl usage import -L dbs/l.db dbs >out; rc=$?
	grep -q "dbs/sessions.db" out || exit 1
	exit $rc'

test_ok 'what is compressed in folders is read, once' '
	mkdir -p z/2026
	gzip <line >z/2026/rollout.jsonl.gz
	tokctl usage import -L z.db z -f csv >out &&
	grep -q "^claude-code,1,0,0,1," out || exit 1
	tokctl usage import -L z.db z -f csv >out &&
	grep -q "^claude-code,1,1,0,0," out || exit 1
	sed s/msg_/other_/ line | gzip >>z/2026/rollout.jsonl.gz
	tokctl usage import -L z.db z -f csv >out; cat out
	grep -q "^claude-code,1,0,0,2,[0-9]*,2,1,1," out'

test_ok 'what was written over is read, though size and time are as before' '
	mkdir -p over/.claude/projects/p
	f=over/.claude/projects/p/a.jsonl
	cp line $f
	HOME=$PWD/over
	tokctl usage import -L over.db -f csv | grep -q "^claude-code,1,0,0,1,"
	cp -p $f before
	sed s/msg_z/msg_y/ line | dd of=$f conv=notrunc 2>/dev/null
	touch -r before $f
	test "$(stat -c "%s %y" $f)" = "$(stat -c "%s %y" before)" || exit 1
	tokctl usage import -L over.db -f csv >out; cat out
	grep -q "^claude-code,1,0,0,1,[0-9]*,1,1," out || exit 1
	tokctl usage import -L over.db -f csv >out
	grep -q "^claude-code,1,1,0,0," out'

# A folder of everything that is no file.
mkdir -p odd/x.jsonl
cp line odd/x.jsonl/a.jsonl
mkfifo odd/pipe.jsonl
ln -s nowhere odd/dangling.jsonl
ln -s pipe.jsonl odd/to-pipe.jsonl
ln -s ../odd odd/up
ln -s . odd/self.jsonl
test_ok 'folders, pipes and links to nothing are no logs, however named' '
	tokctl usage import -L odd.db odd -f csv >out; rc=$?
	cat out
	grep -q "^claude-code,1,0,0," out || exit 1
	exit $rc'
ln -s loop.jsonl odd/loop.jsonl
test_status 4 'a link to itself is told' '
	tokctl usage import -L odd.db odd >out; rc=$?
	cat out
	grep -q "odd/loop.jsonl: Too many levels" out || exit 1
	exit $rc'
for f in dangling loop; do
	test_status 4 "$f link: an error if it was named" '
		tokctl usage import -L odd.db odd/$f.jsonl'
done
test_ok 'a pipe that was named is read' '
	cat line >odd/pipe.jsonl &
	tokctl usage import -L pipe.db odd/pipe.jsonl >/dev/null && wait $! &&
	tokctl usage stats -L pipe.db --json | grep -q "requests\": *1,"'
test_ok 'a folder that is deep' '
	deep=$(printf "d/%080d" 0 | sed "s/0/d\\//g")
	mkdir -p "deep/$deep"
	cp line "deep/$deep/a.jsonl"
	tokctl usage import -L deep.db deep -f csv | grep -q "^claude-code,1,"'

# As an ordinary user: root may read everything.
as_nobody() {
	if test "$(id -u)" -eq 0; then
		setpriv --reuid=65534 --regid=65534 --clear-groups "$@"
	else
		"$@"
	fi
}
if test "$(id -u)" -ne 0 || command -v setpriv >/dev/null; then
	chmod 755 "$trash"
	mkdir -p un/.claude/projects/p un/.claude/projects/q
	cp line un/.claude/projects/p/a.jsonl
	chmod 000 un/.claude/projects/q
	test "$(id -u)" -ne 0 || chown -R 65534 un
	test_status 4 'a folder that may not be read is told' '
		HOME=$PWD/un
		as_nobody "$TOKCTL" usage import -L un/l.db >out
		rc=$?; cat out
		grep -q "projects/q: Permission denied" out || exit 1
		exit $rc'
	test_ok '... and the rest was imported' '
		tokctl usage stats -L un/l.db --json |
			grep -q "requests\": *1,"'
	test_status 4 '... --explain says the same' '
		HOME=$PWD/un
		as_nobody "$TOKCTL" usage import --explain -L un/l.db >out 2>&1
		rc=$?; cat out
		grep -q "projects/q: Permission denied" out || exit 1
		exit $rc'
	test_status 4 '... and is an error if it was named' '
		HOME=$PWD/un
		as_nobody "$TOKCTL" usage import -L un/l.db \
			un/.claude/projects/q'
	chmod 700 un/.claude/projects/q
fi

# --- watching

test_ok '--watch follows, and ends by the signal' '
	mkdir -p w/.claude
	HOME=$PWD/w "$TOKCTL" usage import --watch -L w.db 2>watch.err &
	pid=$!
	i=0
	until grep -q watching watch.err || test $((i += 1)) -gt 100; do
		sleep 0.05
	done
	mkdir -p w/.claude/projects/p
	cat line >>w/.claude/projects/p/a.jsonl
	i=0
	until grep -q "1 new" watch.err || test $((i += 1)) -gt 100; do
		sleep 0.05
	done
	kill -TERM $pid
	wait $pid; rc=$?
	cat watch.err
	tokctl usage stats -L w.db --json | grep -q "requests\": *1," &&
	test $rc -eq 143'

test_ok '... also when the folder was moved away and made anew' '
	mkdir -p w2/.claude/projects/p w2/.claude/transcripts
	HOME=$PWD/w2 "$TOKCTL" usage import --watch -L w2.db 2>watch2.err &
	pid=$!
	i=0
	until grep -q watching watch2.err || test $((i += 1)) -gt 100; do
		sleep 0.05
	done
	mv w2/.claude/projects w2/.claude/old
	mkdir -p w2/.claude/projects/q
	cat line >w2/.claude/projects/q/b.jsonl
	i=0
	until grep -q "1 new" watch2.err || test $((i += 1)) -gt 100; do
		sleep 0.05
	done
	kill -TERM $pid
	wait $pid; rc=$?
	cat watch2.err
	grep -q "1 new" watch2.err && test $rc -eq 143'

# --- many, at once, and interrupted

command -v python3 >/dev/null || test_done
"$here/gen-logs" logs --calls 600
HOME=$trash/logs/home

# The truth and the ledger in the same words.
truth() {
	cut -f1-10 logs/truth.tsv
}
found() {
	tokctl report daily --by source,model --tz UTC -f csv -L "$1" |
		awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
		{
			print $at["source"] "\t" $at["model"] "\t" $at["date"] "\t" \
				$at["requests"] "\t" $at["input_tokens"] "\t" \
				$at["cache_read_tokens"] "\t" \
				$at["cache_write_5m_tokens"] "\t" \
				$at["cache_write_1h_tokens"] "\t" \
				$at["output_tokens"] "\t" $at["reasoning_tokens"]
		}' | sort
}
truth | sort >expected
test_ok 'the sums are the true ones' '
	tokctl usage import -q -L a.db >/dev/null
	found a.db | same'
test_ok 'also when two import at once' '
	tokctl usage import -q -L b.db >/dev/null &
	tokctl usage import -q -L b.db >/dev/null && wait $! &&
	found b.db | same && tokctl ledger check -L b.db >/dev/null'
test_ok 'and when the files come in another order, one by one' '
	find "$HOME" -name "*.jsonl" | sort -r | while read -r f; do
		tokctl usage import -q -L c.db "$f" >/dev/null || exit 1
	done
	found c.db | same'
test_ok 'two readers of much find what one does' '
	cp -r logs/home big
	head -c 200000 /dev/zero | tr "\0" " " >pad; echo >>pad
	find big -name "*.jsonl" | while read -r f; do
		cat "$f" pad >>more; mv more "$f"
	done
	first=$(taskset -cp $$ | sed "s/.*: //; s/[-,].*//")
	HOME=$PWD/big
	tokctl usage import -L two.db -f csv | sed "s/\",.*//" >two
	taskset -c "$first" "$TOKCTL" usage import -L one.db -f csv |
		sed "s/\",.*//" >one
	diff one two || exit 1
	for l in one two; do
		tokctl export -L $l.db -f csv | cut -d, -f2- | sort >$l.csv
	done
	test "$(wc -l <one.csv)" -gt 500 && cmp one.csv two.csv &&
	tokctl ledger check -L two.db >/dev/null'
test_ok 'and when every import is killed' '
	for ms in 002 004 006 008 010 012 014 016 018 020 025 030; do
		"$TOKCTL" usage import -q -L d.db >/dev/null 2>&1 &
		sleep 0.$ms
		kill -9 $! 2>/dev/null
		wait $! 2>/dev/null
	done
	tokctl usage import -q -L d.db >/dev/null
	found d.db | same && tokctl ledger check -L d.db >/dev/null'
test_done
