#!/bin/sh
# tokctl usage import: each kind of log, from a small home or file of its own.
. "$(dirname "$0")/lib.sh"
. "$here/lib-ledger.sh"
needs sqlite3
unset CLAUDE_CONFIG_DIR CODEX_HOME GEMINI_CLI_HOME QWEN_HOME KIMI_SHARE_DIR
unset AMP_DATA_DIR GOOSE_PATH_ROOT LLM_USER_PATH COPILOT_HOME
unset OPENCODE_DATA_DIR
TOKCTL_NOW=1794312000 # 2026-11-10T12:00:00Z
export TOKCTL_NOW
files=$here/data/import/files

# A home with the databases that the .sql files of it make.
home() {
	cp -R "$here/data/import/$1" "$1"
	chmod -R u+w "$1"
	find "$1" -name '*.sql' >sql
	while read -r f; do
		sqlite3 "${f%.sql}" <"$f" && rm "$f" || return 1
	done <sql
	HOME=$trash/$1
}

# Date, source, model, requests, input, cache read, cache writes, output,
# reasoning.
sums() {
	tokctl report daily --by source,model --tz UTC -f csv "$@" |
		tr -d '\r' | awk -F, '
		NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
		{
			print $at["date"], $at["source"], $at["model"],
				$at["requests"], $at["input_tokens"],
				$at["cache_read_tokens"],
				$at["cache_write_tokens"], $at["output_tokens"],
				$at["reasoning_tokens"]
		}' | sort
}

# Import all of a home, twice, and then all of it anew.
golden() {
	home "$1" && L=$trash/$1.db
	tokctl usage import -q -L "$L" >/dev/null || return 1
	sums -L "$L" | same || return 1
	find "$HOME" -type f | sort >before
	tokctl usage import -f csv -L "$L" | tr -d '\r' |
		awk -F, 'NR > 1 && $2 != $3 { exit 1 }' || return 1
	tokctl usage import -q --again -L "$L" >/dev/null || return 1
	find "$HOME" -type f | sort | diff before - || return 1
	sums -L "$L" | same
}

# The two messages with a total that has no room for the cache are old ones.
expect <<\EOT
2026-11-10 gemini gemini-2.5-flash 1 107 50 0 15 5
2026-11-10 gemini gemini-2.5-pro 1 300 900 0 120 40
2026-11-11 gemini gemini-2.5-pro 2 630 500 0 30 0
EOT
test_ok 'Gemini CLI: documents, lines that repeat, rewound and carried over' '
	golden gemini'
expect <<\EOT
2026-11-10 qwen qwen3-coder-plus 2 650 400 0 105 30
EOT
test_ok 'Qwen Code: cached inside, thoughts beside, a copied session' '
	golden qwen'
expect <<\EOT
2026-11-10 kimi kimi-for-coding 2 8 12 0 10 0
2026-11-10 kimi kimi-k2-0905-preview 1 10 100 20 5 0
EOT
test_ok 'Kimi: the last status of a message; no sums of sessions' '
	golden kimi'
expect <<\EOT
2026-11-10 amp claude-haiku-4-5-20251001 2 13 11372 986 182 0
2026-11-10 amp claude-opus-4-6 1 10 200 100 20 0
EOT
test_ok 'Amp: the cache of a message counts once; a thread without ledger' '
	golden amp'
expect <<\EOT
2026-11-10 droid claude-opus-4-6 1 11 4000 300 250 50
EOT
test_ok 'Droid: a session is a record' 'golden droid'
expect <<\EOT
2026-11-10 goose claude-opus-4-6 1 1500 0 0 400 0
2026-11-10 goose gpt-5 1 10 0 0 20 15
EOT
test_ok 'Goose: a session is a record' 'golden goose'
expect <<\EOT
2026-11-10 llm claude-opus-4-6 1 3 5000 100 40 0
2026-11-10 llm gemini-2.5-pro 1 300 900 0 120 40
2026-11-10 llm gpt-5 1 176 1024 0 300 128
EOT
test_ok 'llm: what the plugin says of the cache' 'golden llm'
expect <<\EOT
2026-11-10 copilot gpt-4.1 1 60 40 0 10 0
2026-11-10 copilot gpt-5 2 500 2400 100 110 20
2026-11-11 copilot gpt-4.1 1 30 20 0 20 0
2026-11-12 copilot gpt-4.1 1 20 0 0 2 0
EOT
test_ok 'Copilot CLI: rows; sums only of sessions that have none' '
	golden copilot'
# Sums that were read before the rows of their session could be.
late() {
	tokctl usage import -q -L "$L" >/dev/null &&
		sums -L "$L" | grep " $1 " >have
	cat >want && diff want have
}
rm -rf copilot
home copilot
L=$trash/late.db
db=$HOME/.copilot/session-store.db
export db
test_ok 'Copilot CLI: before there is a database, sums are all there is' '
	mv "$db" "$trash/rows.db"
	rm -r "$HOME/.copilot/session-state/s9"
	late gpt-4.1 <<-\EOT
	2026-11-10 copilot gpt-4.1 1 60 40 0 10 0
	2026-11-11 copilot gpt-4.1 1 30 20 0 20 0
	2026-11-12 copilot gpt-4.1 1 20 0 0 2 0
	EOT'
test_ok '... rows take the place of the sums that came after the first' '
	sqlite3 "$trash/rows.db" "
		UPDATE assistant_usage_events
		SET created_at = \"2026-11-11 09:00:00\""
	mv "$trash/rows.db" "$db"
	late copilot <<-\EOT
	2026-11-10 copilot gpt-4.1 1 60 40 0 10 0
	2026-11-11 copilot gpt-5 2 500 2400 100 110 20
	EOT'
test_ok '... and of those that come later' '
	sed "s/e3/e4/; s/-12T10/-13T10/" \
		<"$HOME/.copilot/session-state/s1/events.jsonl" |
		tail -n 1 >>"$HOME/.copilot/session-state/s1/events.jsonl"
	late 2026-11-13 </dev/null
	tokctl usage import -q --again -L "$L" && tokctl ledger check -q -L "$L"
	late gpt-4.1 <<-\EOT
	2026-11-10 copilot gpt-4.1 1 60 40 0 10 0
	EOT'
test_ok '... while it cannot be read, the sums wait' '
	rm "$L" && cp "$db" "$trash/rows.db" && echo nothing >"$db"
	tokctl usage import -L "$L" 2>&1 | grep -q "the sums are read when"
	late copilot </dev/null
	mv "$trash/rows.db" "$db"
	late copilot <<-\EOT
	2026-11-10 copilot gpt-4.1 1 60 40 0 10 0
	2026-11-11 copilot gpt-5 2 500 2400 100 110 20
	EOT'
expect <<\EOT
2026-11-10 opencode claude-sonnet-4-6 1 10 5000 300 207 7
2026-11-10 opencode gpt-5 3 111 63 8 47 5
EOT
test_ok 'OpenCode: files, both tables, forks; and Kilo' 'golden opencode'
test_ok '... at the cost that it gave' '
	tokctl export -f csv -L opencode.db --model claude-sonnet-4-6 >csv
	col cost_usd <csv | grep -qx 0.0123
	col cost_origin <csv | grep -qx given'
test_ok '... and a message that was being written counts when it is done' '
	sqlite3 "$trash/opencode/.local/share/opencode/opencode.db" "
		UPDATE message SET time_updated = 1794305009000,
			data = json_set(data, \"\$.time.completed\",
				1794305009000, \"\$.tokens.output\", 50)
		WHERE id = \"msg_4\""
	HOME=$trash/opencode
	tokctl usage import --json -L opencode.db | grep -q "\"new\": *1,"
	sums -L opencode.db | grep -qx \
		"2026-11-10 opencode gpt-5 4 211 63 8 97 5"'

HOME=$trash/goose
test_ok 'sums that have grown take the place of those before' '
	sqlite3 "$HOME/.local/share/goose/sessions/sessions.db" "
		UPDATE sessions SET accumulated_input_tokens = 2500,
			accumulated_total_tokens = 2900
		WHERE id = \"20261110_1\""
	tokctl usage import --json -L goose.db | grep -q "\"updated\": *1,"
	sums -L goose.db | grep -qx \
		"2026-11-10 goose claude-opus-4-6 1 2500 0 0 400 0"
	tokctl ledger check -L goose.db >/dev/null'

HOME=$trash/llm
test_ok 'of a database in use, what was added is read, and nothing is made' '
	db=$HOME/.config/io.datasette.llm/logs.db
	sqlite3 "$db" "PRAGMA journal_mode = WAL" >/dev/null
	mkfifo go
	sqlite3 "$db" >/dev/null <go & pid=$!
	exec 3>go
	echo "INSERT INTO responses VALUES (\"01jc9\", \"gpt-5\", \"\", \"c5\", 1,
		\"2026-11-10T10:04:00\", 5, 6, NULL);" >&3
	echo ".shell touch written" >&3
	i=0
	until test -e written || test $((i += 1)) -gt 200; do sleep 0.05; done
	ls "$HOME/.config/io.datasette.llm" >before
	tokctl usage import -f csv -L llm.db 2>&1 >csv
	ls "$HOME/.config/io.datasette.llm" | diff before -; rc=$?
	exec 3>&-
	wait $pid
	test $rc -eq 0 && col calls <csv | grep -qx 1 &&
		col lines <csv | grep -qx 1 && col new <csv | grep -qx 1'
test_ok '... also when its index of the WAL is gone' '
	db=$HOME/.config/io.datasette.llm/logs.db
	mkdir cut
	sqlite3 "$db" ".dbconfig no_ckpt_on_close on" "
		INSERT INTO responses VALUES (\"01jca\", \"gpt-5\", \"\", \"c6\", 1,
		\"2026-11-10T10:05:00\", 7, 8, NULL)" >/dev/null
	cp "$db" cut/logs.db && cp "$db-wal" cut/logs.db-wal
	ls cut >before
	tokctl usage import --json -L cut.db cut/logs.db |
		grep -q "\"new\": *5," && ls cut | diff before -'
test_ok '... and when nobody uses it, no file appears beside it' '
	db=$HOME/.config/io.datasette.llm/logs.db
	sqlite3 "$db" "PRAGMA wal_checkpoint(TRUNCATE)" >/dev/null
	cp "$db" alone.db
	tokctl usage import --json -L alone.l alone.db |
		grep -q "\"new\": *5," && ! ls alone.db-* 2>/dev/null'
test_status 3 'a database of something else is refused' '
	sqlite3 other.db "CREATE TABLE t (n)"
	tokctl usage import other.db 2>err; rc=$?
	grep -q "no log or table that is known" err && exit $rc'
test_status 3 'and one that is damaged' '
	head -c 4096 "$trash/llm/.config/io.datasette.llm/logs.db" >bad.db
	dd if=/dev/zero of=bad.db bs=1 seek=100 count=3000 conv=notrunc 2>/dev/null
	tokctl usage import bad.db 2>err; rc=$?
	grep -q "bad.db.* is damaged" err && exit $rc'
test_status 3 'and one of another program than was said' '
	tokctl usage import --from goose \
		"$trash/llm/.config/io.datasette.llm/logs.db" 2>err; rc=$?
	grep -q "holds no usage of Goose" err && exit $rc'

# --- files that are named, whatever their names

HOME=$trash/none
# shellcheck disable=SC2094 # other databases, and a table out
one() {
	cp "$files/$1" x.bin
	rm -f one.db
	touch -d 2026-11-10T10:00:00Z x.bin
	tokctl usage import -f csv -L one.db x.bin >csv || return 1
	col bad_lines <csv | grep -qx 0 || return 1
	sums -L one.db | same
}
expect <<\EOT
2026-11-10 api gpt-5-2025-08-07 1 176 1024 0 300 128
EOT
test_ok 'a chat completion' 'one chat.json'
expect <<\EOT
2026-11-10 api gpt-5 1 10 0 0 3 0
EOT
test_ok 'a stream of one, with the usage in its last chunk' 'one chat.sse'
expect <<\EOT
2026-11-10 api claude-sonnet-4-5-20250929 1 472 50 100 89 0
EOT
test_ok 'a stream of Messages: what came out is said again and again' '
	one messages.sse'
expect <<\EOT
2026-11-10 api gpt-4.1-2025-04-14 1 176 1024 0 300 128
EOT
test_ok 'a stream of Responses' 'one responses.sse'
expect <<\EOT
2026-11-10 api gemini-2.5-pro 1 300 900 0 120 40
EOT
test_ok 'a stream of generateContent, as an array' 'one gemini.json'
expect <<\EOT
2026-11-10 api claude-opus-4-6 1 3 5000 1000 427 200
2026-11-10 api gpt-4.1 1 5 0 0 6 0
2026-11-10 api gpt-5-2025-08-07 1 176 1024 0 300 128
EOT
test_ok 'answers of several kinds, and results of a batch' 'one answers.jsonl'
expect <<\EOT
2026-11-10 litellm gpt-5 1 176 1024 0 300 0
EOT
test_ok 'LiteLLM: an array' 'one spend.json'
expect <<\EOT
2026-11-10 litellm gpt-5 2 160 40 0 20 0
EOT
test_ok 'LiteLLM: CSV' 'one spend.csv'
expect <<\EOT
2026-11-10 litellm gpt-4.1 1 10 0 0 20 0
EOT
test_ok 'LiteLLM: a callback' 'one callback.jsonl'
expect <<\EOT
2026-11-10 otel claude-opus-4-6 1 200 0 100 30 0
2026-11-10 otel gpt-5-2025-08-07 1 100 500 0 60 10
EOT
test_ok 'OpenTelemetry: calls, and no sums of them' 'one trace.json'
expect <<\EOT
2026-11-10 otel claude-opus-4-6 1 200 0 100 30 0
2026-11-10 otel gpt-4.1 1 12 0 0 3 0
2026-11-10 otel gpt-5-2025-08-07 1 100 500 0 60 10
EOT
test_ok 'OpenTelemetry: a line for each export' 'one trace.jsonl'

test_ok 'a call that a proxy and a client have logged counts once' '
	tokctl usage import -q -L both.db "$files/chat.json" "$files/spend.json" \
		>/dev/null
	tokctl usage stats --json -L both.db | grep -q "requests\": *1,"'
test_ok 'a folder of all of them' '
	tokctl usage import -q -L all.db "$files" >/dev/null
	tokctl usage stats --json -L all.db | grep -q "requests\": *12,"
	tokctl usage import --json -L all.db "$files" | grep -q "\"new\": *0,"'
test_ok 'what they may be called' '
	tokctl usage import -n --from gemini-cli,copilot-cli,qwen-code "$files"'
test_ok 'from standard input' '
	tokctl usage import --json -L in.db - <"$files/chat.json" |
		grep -q "\"new\": *1,"'
expect <<\EOT
tokctl usage import: 'both.jsonl' may be of litellm or of otel
EOT
test_status 3 'what may be two things is an error that says --from' '
	cat "$files/callback.jsonl" "$files/trace.jsonl" >both.jsonl
	tokctl usage import both.jsonl 2>err; rc=$?
	head -n 1 err | sed "s|$trash/||" | same && grep -q -e --from err &&
		exit $rc'
test_ok '... and --from decides' '
	tokctl usage import --from otel --json -L f.db both.jsonl |
		grep -q "\"new\": *3,"'
test_ok 'a document that is cut says so, and what is whole of it counts' '
	head -c 700 "$here/data/import/gemini/.gemini/tmp/shop/chats/"*a.json \
		>cut.json
	tokctl usage import -n cut.json >out 2>&1; cat out
	tokctl usage import -n -f csv --from api "$files/chat.json" | col bad_lines |
		grep -qx 0'
test_done
