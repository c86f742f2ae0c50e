#include "ingest/copilot_log.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "ingest/lines.h"
#include "ingest/pick.h"
#include "store/store.h"

static const char *const sum_names[SUMS] = {
	[SUM_INPUT] = "usage/inputTokens",
	[SUM_OUTPUT] = "usage/outputTokens",
	[SUM_READ] = "usage/cacheReadTokens",
	[SUM_WRITE] = "usage/cacheWriteTokens",
	[SUM_REASONING] = "usage/reasoningTokens",
};

void
copilot_set_counts(struct usage_record *r, const int64_t *n)
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

static struct copilot_sum *
sum_of(struct copilot_state *st, const char *model)
{
	for (size_t i = 0; i < st->nsums; i++)
		if (strcmp(st->sums[i].model, model) == 0)
			return &st->sums[i];
	if (st->nsums == COPILOT_MODELS_MOST)
		return NULL;
	st->sums[st->nsums].model = tk_xstrdup(model);
	return &st->sums[st->nsums++];
}

/* What was added to the sums; sums that fell have begun anew. */
static void
subtract(struct copilot_sum *sum, int64_t *n)
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

static const char *
name_sum(struct reader *rd, const char *session, const char *event,
    const char *model)
{
	return reader_textf(rd, "copilot:%s:%s:%s",
	    session != NULL ? session : "", event, model);
}

static void
give_model(struct reader *rd, const struct json_text *name,
    const struct json_text *about, const struct usage_record *around,
    const char *event)
{
	const struct copilot_state *st = rd->state;
	struct pick v[SUMS];
	int64_t n[SUMS];
	struct usage_record r = *around;
	struct copilot_sum *sum;
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
	copilot_set_counts(&r, n);
	if (record_total(&r) == 0 || r.time >= st->rows_from) {
		reader_skip(rd, SKIP_REPEATED);
		return;
	}
	r.request_id = name_sum(rd, r.session, event, r.model);
	reader_give(rd, &r);
}

/* A shutdown of a session, and the sums in it. */
struct shutdown {
	int64_t time;
	const char *event;
	struct json_text sums;
};

enum { NO_JSON = -1, OTHER, SHUTDOWN, NO_TIME };

static int
read_shutdown(struct reader *rd, const char *text, size_t n, struct shutdown *d,
    struct json_scan *s)
{
	struct pick v[] = { { .path = "type" }, { .path = "id" },
		{ .path = "timestamp" }, { .path = "data/modelMetrics" } };

	if (!pick_read(v, TK_LEN(v), text, n, s))
		return NO_JSON;
	if (!pick_is(&v[0], "session.shutdown") || v[3].kind != JSON_IS_OBJECT)
		return OTHER;
	if (!pick_time(&v[2], &d->time))
		return NO_TIME;
	d->event = pick_name(rd, &v[1]);
	if (d->event == NULL)
		d->event = reader_textf(rd, "%" PRId64, d->time);
	d->sums = v[3].t;
	return SHUTDOWN;
}

static void
on_value(struct reader *rd, const char *text, size_t n)
{
	struct json_text name, about;
	struct usage_record r;
	struct json_scan s;
	struct shutdown d;

	switch (read_shutdown(rd, text, n, &d, &s)) {
	case NO_JSON:
		docs_bad(rd, &s);
		return;
	case OTHER:
		reader_skip(rd, SKIP_OTHER);
		return;
	case NO_TIME:
		reader_bad(rd, "timestamp: it is no time");
		return;
	}
	record_init(&r);
	r.time = d.time;
	r.application = "copilot-cli";
	r.session = reader_path_name(rd, 1);
	json_scan_init(&s, d.sums.p, d.sums.n);
	if (json_scan_object(&s) > 0)
		while (json_scan_key(&s, &name) && json_scan_raw(&s, &about))
			give_model(rd, &name, &about, &r, d.event);
}

/* Either may be RECORD_UNKNOWN. */
static int64_t
earlier(int64_t a, int64_t b)
{
	return a == RECORD_UNKNOWN || (b != RECORD_UNKNOWN && b < a) ? b : a;
}

/* Since when the database has calls of the session. */
static int
find_rows(struct store *db, const char *session, int64_t *from,
    struct tk_err *err)
{
	static const char sql[] = "SELECT created_at"
				  "  FROM assistant_usage_events"
				  " WHERE session_id = $1";
	int got = database_has(db, "assistant_usage_events", "session_id", err);
	struct stmt *q = NULL;

	*from = RECORD_UNKNOWN;
	if (got <= 0)
		return got; /* a version that keeps no rows */
	if (store_prepare(db, &q, sql, err) < 0)
		return -1;
	stmt_bind_text(q, 1, session);
	while ((got = stmt_step(q, err)) > 0)
		*from = earlier(*from, database_time(q, 0));
	stmt_free(q);
	return got;
}

/* The database that is beside the folder of the log's session, if any. */
static int
ask_database(struct reader *rd, int64_t *from, struct tk_err *err)
{
	const char *states = strstr(rd->path, "/session-state/");
	const char *session = reader_path_name(rd, 1);
	struct tk_buf path = TK_BUF_INIT;
	struct store *db = NULL;
	int rc = 0;

	*from = RECORD_UNKNOWN;
	if (states == NULL || session == NULL)
		return 0;
	tk_buf_addf(&path, "%.*s/session-store.db", (int)(states - rd->path),
	    rd->path);
	if (access(path.s, F_OK) == 0) {
		rc = store_open_foreign(&db, path.s, err);
		if (rc == 0)
			rc = find_rows(db, session, from, err);
		store_close(db);
	}
	tk_buf_release(&path);
	return rc;
}

void
copilot_log_open(struct reader *rd)
{
	struct copilot_state *st = rd->state;
	struct tk_err err = TK_ERR_INIT;
	int64_t from;

	docs_init(&st->docs);
	if (ask_database(rd, &from, &err) < 0) {
		reader_note(rd, "%s; the sums are read when it can be",
		    err.msg);
		st->again = true;
		from = INT64_MIN;
	}
	st->rows_from = from != RECORD_UNKNOWN ? from : INT64_MAX;
}

void
copilot_log_line(struct reader *rd, const char *text, size_t n)
{
	struct copilot_state *st = rd->state;

	docs_line(&st->docs, rd, text, n, on_value);
}

void
copilot_log_end(struct reader *rd)
{
	struct copilot_state *st = rd->state;

	docs_end(&st->docs, rd, on_value);
}

bool
copilot_log_whole(const struct reader *rd)
{
	const struct copilot_state *st = rd->state;

	return docs_whole(&st->docs);
}

void
copilot_log_close(struct reader *rd)
{
	struct copilot_state *st = rd->state;

	for (size_t i = 0; i < st->nsums; i++)
		free(st->sums[i].model);
	docs_release(&st->docs);
}

static void
retract_line(struct reader *rd, const char *session, int64_t from,
    const char *text, size_t n)
{
	struct json_text name;
	struct json_scan s;
	struct shutdown d;
	const char *model;

	if (read_shutdown(rd, text, n, &d, &s) != SHUTDOWN || d.time < from)
		return;
	json_scan_init(&s, d.sums.p, d.sums.n);
	if (json_scan_object(&s) <= 0)
		return;
	for (; json_scan_key(&s, &name); json_scan_skip(&s)) {
		model = reader_name(rd, &name);
		if (model != NULL)
			reader_retract(rd,
			    name_sum(rd, session, d.event, model));
	}
}

/* The log of a session, beside the database; -1 if there is none. */
static int
open_log(const struct reader *rd, const char *session)
{
	const char *slash = strrchr(rd->path, '/');
	struct tk_buf path = TK_BUF_INIT;
	int fd;

	if (slash == NULL || strchr(session, '/') != NULL)
		return -1;
	tk_buf_addf(&path, "%.*s/session-state/%s/events.jsonl",
	    (int)(slash - rd->path), rd->path, session);
	fd = open(path.s, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	tk_buf_release(&path);
	return fd;
}

int
copilot_log_retract(struct reader *rd, struct store *db, const char *session,
    struct tk_err *err)
{
	struct lines lines;
	const char *text;
	int64_t from;
	size_t n;
	int fd = open_log(rd, session), got;

	if (fd < 0)
		return 0;
	lines_init(&lines, fd, 0, LINE_MAX_BYTES);
	got = find_rows(db, session, &from, err);
	if (got == 0 && from != RECORD_UNKNOWN)
		while ((got = lines_next(&lines, &text, &n, err)) > 0)
			if (got != LINES_LONG) {
				text = trim_line(text, &n);
				retract_line(rd, session, from, text, n);
			}
	lines_release(&lines);
	close(fd);
	return got;
}
