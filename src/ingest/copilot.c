/*
 * GitHub Copilot CLI: ~/.copilot/session-store.db, a row of
 * assistant_usage_events for each call, whose input has what was read from
 * the cache and written to it inside.
 *
 * Versions without that table left session-state/<session>/events.jsonl,
 * whose session.shutdown has sums by model: over all of the times that the
 * session was resumed, until a compaction begins them anew.  What was added
 * since the one before is a record.  A session that is in the database is
 * read there alone.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "ingest/database.h"
#include "ingest/docs.h"
#include "ingest/pick.h"
#include "store/store.h"

enum { MODELS_MOST = 64 };
enum { SUM_INPUT, SUM_OUTPUT, SUM_READ, SUM_WRITE, SUM_REASONING, SUMS };

/* What a model has used up to a shutdown. */
struct model_sum {
	char *model;
	int64_t n[SUMS];
};

struct copilot_state {
	struct database_mark mark; /* of the database; or, of a log: */
	struct docs docs;
	bool covered; /* its session is in the database */
	struct model_sum sums[MODELS_MOST];
	size_t nsums;
};

static const char *const sum_names[SUMS] = {
	[SUM_INPUT] = "usage/inputTokens",
	[SUM_OUTPUT] = "usage/outputTokens",
	[SUM_READ] = "usage/cacheReadTokens",
	[SUM_WRITE] = "usage/cacheWriteTokens",
	[SUM_REASONING] = "usage/reasoningTokens",
};

static void
set_counts(struct usage_record *r, const int64_t *n)
{
	int64_t inside;

	r->input_tokens = n[SUM_INPUT];
	r->output_tokens = n[SUM_OUTPUT];
	r->cache_read_tokens = n[SUM_READ];
	r->cache_write_other_tokens = n[SUM_WRITE];
	r->reasoning_tokens =
	    n[SUM_REASONING] < n[SUM_OUTPUT] ? n[SUM_REASONING] : n[SUM_OUTPUT];
	if (!__builtin_add_overflow(n[SUM_READ], n[SUM_WRITE], &inside) &&
	    inside <= n[SUM_INPUT])
		r->input_tokens -= inside;
}

/* --- logs */

static struct model_sum *
sum_of(struct copilot_state *st, const char *model)
{
	for (size_t i = 0; i < st->nsums; i++)
		if (strcmp(st->sums[i].model, model) == 0)
			return &st->sums[i];
	if (st->nsums == MODELS_MOST)
		return NULL;
	st->sums[st->nsums].model = tk_xstrdup(model);
	return &st->sums[st->nsums++];
}

/* What was added to the sums; sums that fell have begun anew. */
static void
subtract(struct model_sum *sum, int64_t *n)
{
	int64_t now[SUMS];
	bool fell = false;

	memcpy(now, n, sizeof(now));
	for (int i = 0; i < SUMS; i++)
		fell = fell || now[i] < sum->n[i];
	for (int i = 0; i < SUMS && !fell; i++)
		n[i] -= sum->n[i];
	memcpy(sum->n, now, sizeof(now));
}

static void
give_model(struct reader *rd, const struct json_text *name,
    const struct json_text *about, const struct usage_record *around,
    const char *event)
{
	struct pick v[SUMS];
	int64_t n[SUMS];
	struct usage_record r = *around;
	struct model_sum *sum;
	struct json_scan s;

	for (int i = 0; i < SUMS; i++)
		v[i].path = sum_names[i];
	if (!pick_read(v, SUMS, about->p, about->n, &s))
		return;
	for (int i = 0; i < SUMS; i++) {
		if (pick_count(&v[i], &n[i]))
			continue;
		reader_bad(rd, "%s is no count", v[i].path);
		return;
	}
	r.model = reader_name(rd, name);
	sum = r.model != NULL ? sum_of(rd->state, r.model) : NULL;
	if (sum == NULL)
		return;
	subtract(sum, n);
	set_counts(&r, n);
	if (record_total(&r) == 0) {
		reader_skip(rd, SKIP_REPEATED);
		return;
	}
	r.request_id = reader_textf(rd, "copilot:%s:%s:%s",
	    r.session != NULL ? r.session : "", event, r.model);
	reader_give(rd, &r);
}

static void
on_value(struct reader *rd, const char *text, size_t n)
{
	struct copilot_state *st = rd->state;
	struct pick v[] = { { .path = "type" }, { .path = "id" },
		{ .path = "timestamp" }, { .path = "data/modelMetrics" } };
	struct usage_record r;
	struct json_text name, about;
	struct json_scan s;
	const char *event;

	if (!pick_read(v, TK_LEN(v), text, n, &s)) {
		docs_bad(rd, &s);
		return;
	}
	if (!pick_is(&v[0], "session.shutdown") ||
	    v[3].kind != JSON_IS_OBJECT || st->covered) {
		reader_skip(rd, st->covered ? SKIP_REPEATED : SKIP_OTHER);
		return;
	}
	record_init(&r);
	if (!pick_time(&v[2], &r.time)) {
		reader_bad(rd, "timestamp: it is no time");
		return;
	}
	r.application = "copilot-cli";
	r.session = reader_path_name(rd, 1);
	event = pick_name(rd, &v[1]);
	if (event == NULL)
		event = reader_textf(rd, "%" PRId64, r.time);
	json_scan_init(&s, v[3].t.p, v[3].t.n);
	if (json_scan_object(&s) > 0)
		while (json_scan_key(&s, &name) && json_scan_raw(&s, &about))
			give_model(rd, &name, &about, &r, event);
}

static void
copilot_line(struct reader *rd, const char *text, size_t n)
{
	struct copilot_state *st = rd->state;

	docs_line(&st->docs, rd, text, n, on_value);
}

static void
copilot_end(struct reader *rd)
{
	struct copilot_state *st = rd->state;

	docs_end(&st->docs, rd, on_value);
}

static bool
copilot_whole(const struct reader *rd)
{
	const struct copilot_state *st = rd->state;

	return docs_whole(&st->docs);
}

/* Has the database beside it calls of this session? */
static bool
is_in_database(struct reader *rd)
{
	static const char sql[] = "SELECT 1"
				  "  FROM assistant_usage_events"
				  " WHERE session_id = $1"
				  " LIMIT 1";
	const char *states = strstr(rd->path, "/session-state/");
	const char *session = reader_path_name(rd, 1);
	struct tk_buf path = TK_BUF_INIT;
	struct tk_err err = TK_ERR_INIT;
	struct store *db = NULL;
	struct stmt *q = NULL;
	bool found = false;

	if (states == NULL || session == NULL)
		return false;
	tk_buf_addf(&path, "%.*s/session-store.db", (int)(states - rd->path),
	    rd->path);
	if (access(path.s, R_OK) == 0 &&
	    store_open_foreign(&db, path.s, &err) == 0 &&
	    store_prepare(db, &q, sql, &err) == 0) {
		stmt_bind_text(q, 1, session);
		found = stmt_step(q, &err) > 0;
	}
	stmt_free(q);
	store_close(db);
	tk_buf_release(&path);
	return found;
}

/* --- the database */

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
	set_counts(&r, n);
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
	}
	stmt_free(q);
	return more;
}

/* --- both */

static bool
copilot_open(struct reader *rd, const char *carry)
{
	struct copilot_state *st = rd->state;

	docs_init(&st->docs);
	if (rd->db != NULL)
		return database_open_mark(rd, carry);
	st->covered = is_in_database(rd);
	return carry == NULL; /* else the sums before are needed */
}

static void
copilot_carry(const struct reader *rd, struct tk_buf *b)
{
	if (rd->db != NULL)
		database_carry_mark(rd, b);
}

static void
copilot_close(struct reader *rd)
{
	struct copilot_state *st = rd->state;

	for (size_t i = 0; i < st->nsums; i++)
		free(st->sums[i].model);
	docs_release(&st->docs);
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

static enum probe
copilot_probe(const struct ingest_options *o, const char *path,
    const char *head, size_t n)
{
	struct pick v[] = { { .path = "type" }, { .path = "data/producer" },
		{ .path = "data/modelMetrics" }, { .path = "parentId" },
		{ .path = "data/sessionId" } };
	struct pick_probe p;

	(void)o, (void)path;
	pick_probe_init(&p, head, n);
	while (pick_probe_next(&p, v, TK_LEN(v)))
		if (pick_has(&v[2]) ||
		    (pick_is(&v[0], "session.start") &&
			(pick_has(&v[1]) || pick_has(&v[4]))))
			return PROBE_SURE;
	return PROBE_NO;
}

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
	.probe = copilot_probe,
	.open = copilot_open,
	.line = copilot_line,
	.whole = copilot_whole,
	.carry = copilot_carry,
	.end = copilot_end,
	.close = copilot_close,
	.tables = copilot_tables,
	.database = copilot_database,
};
