/*
 * llm (https://llm.datasette.io): logs.db, a row of "responses" for each
 * call.  Which tokens input_tokens has inside depends on the plugin that
 * made the call, and its token_details say: they are what the API said,
 * without the counts that have columns.
 */
#include <inttypes.h>
#include <string.h>

#include "ingest/api_usage.h"
#include "ingest/database.h"
#include "ingest/pick.h"
#include "store/store.h"

enum {
	L_ROW,
	L_ID,
	L_MODEL,
	L_CONVERSATION,
	L_DURATION,
	L_TIME,
	L_INPUT,
	L_OUTPUT,
	L_DETAILS,
	L_RESOLVED,
};

static const char *const columns[] = {
	[L_ROW] = "rowid",
	[L_ID] = "id",
	[L_MODEL] = "model",
	[L_CONVERSATION] = "conversation_id",
	[L_DURATION] = "duration_ms",
	[L_TIME] = "datetime_utc",
	[L_INPUT] = "input_tokens",
	[L_OUTPUT] = "output_tokens",
	[L_DETAILS] = "token_details",
	[L_RESOLVED] = "resolved_model",
	NULL,
};

static void
put(struct api_usage *u, enum api_count count, const struct stmt *q, int col)
{
	u->has[count] = !stmt_is_null(q, col);
	u->n[count] = stmt_int(q, col);
}

/* 1; 0: no tokens; -1: they are wrong. */
static int
read_counts(struct reader *rd, const struct stmt *q, struct usage_record *r)
{
	const char *s = stmt_text(q, L_DETAILS);
	struct json_text details = { s, strlen(s), false };
	struct api_usage u;
	bool chat;

	if (stmt_int(q, L_INPUT) < 0 || stmt_int(q, L_OUTPUT) < 0) {
		reader_bad(rd, "the count of tokens is negative");
		return -1;
	}
	api_usage_init(&u);
	api_usage_read(&u, &details);
	if (u.wrong != NULL) {
		reader_bad(rd, "token_details: %s is no count", u.wrong);
		return -1;
	}
	chat = u.has[API_CACHED] || u.has[API_REASONING];
	if (u.has[API_G_CACHED] || u.has[API_G_THOUGHTS]) {
		put(&u, API_G_PROMPT, q, L_INPUT);
		put(&u, API_G_OUTPUT, q, L_OUTPUT);
	} else {
		put(&u, chat ? API_PROMPT : API_INPUT, q, L_INPUT);
		put(&u, chat ? API_COMPLETION : API_OUTPUT, q, L_OUTPUT);
	}
	return api_usage_fill(&u, r) && record_total(r) > 0;
}

static void
give_response(struct reader *rd, const struct stmt *q)
{
	struct usage_record r;
	int got;

	record_init(&r);
	got = read_counts(rd, q, &r);
	if (got <= 0) {
		if (got == 0)
			reader_skip(rd, SKIP_OTHER);
		return;
	}
	r.time = database_time(q, L_TIME);
	if (r.time == RECORD_UNKNOWN) {
		reader_bad(rd, "datetime_utc: it is no time");
		return;
	}
	r.application = "llm";
	r.model = database_text(rd, q, L_RESOLVED);
	if (r.model == NULL)
		r.model = database_text(rd, q, L_MODEL);
	r.session = database_text(rd, q, L_CONVERSATION);
	if (!stmt_is_null(q, L_DURATION) && stmt_int(q, L_DURATION) >= 0)
		r.latency_ms = stmt_int(q, L_DURATION);
	if (*stmt_text(q, L_ID) != '\0')
		r.request_id = reader_textf(rd, "llm:%.200s:%" PRId64,
		    stmt_text(q, L_ID), r.time);
	else
		reader_fingerprint(rd, &r, "llm", NULL);
	reader_give(rd, &r);
}

static int
llm_database(struct reader *rd, struct store *db, struct tk_err *err)
{
	struct database_mark *at = rd->state;
	struct stmt *q;
	int more;

	if (database_check_mark(db, at, "responses", "id", err) < 0 ||
	    database_select(db, &q, "responses", columns,
		"WHERE rowid > $1 ORDER BY rowid", err) < 0)
		return -1;
	stmt_bind_int(q, 1, at->row);
	while ((more = database_row(rd, q, err)) > 0) {
		give_response(rd, q);
		database_set_mark(at, stmt_int(q, L_ROW), stmt_text(q, L_ID));
	}
	stmt_free(q);
	return more;
}

static void
llm_places(struct walk *w)
{
	const char *dir = walk_env("LLM_USER_PATH");
	const char *config = walk_env("XDG_CONFIG_HOME");

	if (dir != NULL)
		walk_place(w, "%s", dir);
	else if (config != NULL)
		walk_place(w, "%s/io.datasette.llm", config);
	else if (walk_home() != NULL)
		walk_place(w, "%s/.config/io.datasette.llm", walk_home());
}

static bool
llm_wants(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash != NULL && strcmp(slash, "/logs.db") == 0;
}

static const char *const llm_tables[] = {
	"responses.input_tokens",
	NULL,
};

const struct importer importer_llm = {
	.name = "llm",
	.title = "llm",
	.version = 1,
	.state_size = sizeof(struct database_mark),
	.places = llm_places,
	.wants = llm_wants,
	.open = database_open_mark,
	.carry = database_carry_mark,
	.tables = llm_tables,
	.database = llm_database,
};
