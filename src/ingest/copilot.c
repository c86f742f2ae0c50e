/*
 * GitHub Copilot CLI: ~/.copilot/session-store.db, a row of
 * assistant_usage_events for each call, whose input has what was read from
 * the cache and written to it inside; and sums of versions without that
 * table, see copilot_log.h.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "ingest/copilot_log.h"
#include "ingest/hash.h"
#include "ingest/ids.h"
#include "store/store.h"

enum {
	C_ROW,
	C_SESSION,
	C_CREATED,
	C_MODEL,
	C_BILLED,
	C_SUMS,
	C_DURATION = C_SUMS + SUMS,
	C_FIRST,
	C_AGENT,
};

static const char *const columns[] = {
	[C_ROW] = "rowid",
	[C_SESSION] = "session_id",
	[C_CREATED] = "created_at",
	[C_MODEL] = "model",
	[C_BILLED] = "copilot_usage_model",
	[C_SUMS + SUM_INPUT] = "input_tokens",
	[C_SUMS + SUM_OUTPUT] = "output_tokens",
	[C_SUMS + SUM_READ] = "cache_read_tokens",
	[C_SUMS + SUM_WRITE] = "cache_write_tokens",
	[C_SUMS + SUM_REASONING] = "reasoning_tokens",
	[C_DURATION] = "duration_ms",
	[C_FIRST] = "time_to_first_token_ms",
	[C_AGENT] = "agent_id",
	NULL,
};

static int64_t
milliseconds(const struct stmt *q, int col)
{
	return stmt_is_null(q, col) || stmt_int(q, col) < 0 ? RECORD_UNKNOWN
							    : stmt_int(q, col);
}

static void
give_row(struct reader *rd, const struct stmt *q)
{
	struct usage_record r;
	int64_t n[SUMS];

	record_init(&r);
	for (int i = 0; i < SUMS; i++)
		n[i] = stmt_int(q, C_SUMS + i);
	copilot_set_counts(&r, n);
	if (record_total(&r) == 0) {
		reader_skip(rd, SKIP_OTHER);
		return;
	}
	r.time = database_time(q, C_CREATED);
	if (r.time == RECORD_UNKNOWN) {
		reader_bad(rd, "created_at: it is no time");
		return;
	}
	r.application = "copilot-cli";
	r.model = database_text(rd, q, C_BILLED);
	if (r.model == NULL)
		r.model = database_text(rd, q, C_MODEL);
	r.session = database_text(rd, q, C_SESSION);
	r.agent = database_text(rd, q, C_AGENT);
	r.latency_ms = milliseconds(q, C_DURATION);
	r.first_token_ms = milliseconds(q, C_FIRST);
	reader_fingerprint(rd, &r, "copilot",
	    reader_textf(rd, "%s %" PRId64, r.session ? r.session : "",
		stmt_int(q, C_ROW)));
	reader_give(rd, &r);
}

/* Rows of a session that may have been known by its sums. */
static int
meet_session(struct reader *rd, struct store *db, const char *session,
    struct tk_err *err)
{
	struct copilot_state *st = rd->state;

	if (session == NULL ||
	    ids_see(&st->sessions, hash_bytes(session, strlen(session)).a) > 0)
		return 0;
	return copilot_log_retract(rd, db, session, err);
}

static int
copilot_database(struct reader *rd, struct store *db, struct tk_err *err)
{
	struct copilot_state *st = rd->state;
	struct stmt *q;
	int more;

	if (database_check_mark(db, &st->mark, "assistant_usage_events",
		"session_id", err) < 0 ||
	    database_select(db, &q, "assistant_usage_events", columns,
		"WHERE rowid > $1 ORDER BY rowid", err) < 0)
		return -1;
	stmt_bind_int(q, 1, st->mark.row);
	while ((more = database_row(rd, q, err)) > 0) {
		give_row(rd, q);
		database_set_mark(&st->mark, stmt_int(q, C_ROW),
		    stmt_text(q, C_SESSION));
		more = meet_session(rd, db, stmt_text(q, C_SESSION), err);
		if (more < 0)
			break;
	}
	stmt_free(q);
	return more;
}

static bool
copilot_open(struct reader *rd, const char *carry)
{
	if (rd->db != NULL)
		return database_open_mark(rd, carry);
	copilot_log_open(rd);
	return carry == NULL; /* else the sums before are needed */
}

static void
copilot_carry(const struct reader *rd, struct tk_buf *b)
{
	const struct copilot_state *st = rd->state;

	if (rd->db != NULL)
		database_carry_mark(rd, b);
	else if (st->again)
		tk_buf_adds(b, "?");
}

static bool
copilot_stale(const char *path, const char *carry)
{
	(void)path, (void)carry;
	return true;
}

static void
copilot_close(struct reader *rd)
{
	struct copilot_state *st = rd->state;

	ids_release(&st->sessions);
	copilot_log_close(rd);
}

static void
copilot_places(struct walk *w)
{
	const char *dir = walk_env("COPILOT_HOME");

	if (dir != NULL)
		walk_place(w, "%s", dir);
	else if (walk_home() != NULL)
		walk_place(w, "%s/.copilot", walk_home());
}

static bool
copilot_wants(const char *path)
{
	const char *slash = strrchr(path, '/');

	if (slash == NULL)
		return false;
	return strcmp(slash, "/session-store.db") == 0 ||
	    (strcmp(slash, "/events.jsonl") == 0 &&
		strstr(path, "/session-state/") != NULL);
}

static const char *const copilot_marks[] = {
	"data/modelMetrics",
	"type=session.start data/producer",
	"type=session.start data/sessionId",
	NULL,
};

static const char *const copilot_tables[] = {
	"assistant_usage_events.input_tokens",
	NULL,
};

const struct importer importer_copilot = {
	.name = "copilot",
	.title = "GitHub Copilot CLI",
	.version = 1,
	.state_size = sizeof(struct copilot_state),
	.places = copilot_places,
	.wants = copilot_wants,
	.marks = copilot_marks,
	.open = copilot_open,
	.line = copilot_log_line,
	.whole = copilot_log_whole,
	.carry = copilot_carry,
	.end = copilot_log_end,
	.close = copilot_close,
	.stale = copilot_stale,
	.tables = copilot_tables,
	.database = copilot_database,
};
