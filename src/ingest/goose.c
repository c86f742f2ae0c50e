/*
 * Goose: ~/.local/share/goose/sessions/sessions.db.  Its table of sessions
 * has the sums so far, and no call is logged by itself; so a session is one
 * record, which a later and larger sum replaces.
 *
 * Ids are "<day>_<number>", the same on all machines, so the moment when the
 * session was made is part of the identity.
 */
#include <inttypes.h>
#include <string.h>

#include "ingest/database.h"
#include "ingest/pick.h"
#include "store/store.h"

enum {
	G_ID,
	G_CREATED,
	G_CONFIG,
	G_PROVIDER,
	G_FOLDER,
	G_INPUT,
	G_OUTPUT,
	G_TOTAL,
	G_LAST_INPUT,
	G_LAST_OUTPUT,
	G_LAST_TOTAL,
	G_COST,
	G_KIND,
};

static const char *const columns[] = {
	[G_ID] = "id",
	[G_CREATED] = "created_at",
	[G_CONFIG] = "model_config_json",
	[G_PROVIDER] = "provider_name",
	[G_FOLDER] = "working_dir",
	[G_INPUT] = "accumulated_input_tokens",
	[G_OUTPUT] = "accumulated_output_tokens",
	[G_TOTAL] = "accumulated_total_tokens",
	/* of the last call alone, in sessions older than the sums */
	[G_LAST_INPUT] = "input_tokens",
	[G_LAST_OUTPUT] = "output_tokens",
	[G_LAST_TOTAL] = "total_tokens",
	[G_COST] = "accumulated_cost",
	[G_KIND] = "session_type",
	NULL,
};

/* What is in the total beyond input and output is thinking. */
static void
read_counts(const struct stmt *q, struct usage_record *r)
{
	bool sums = !stmt_is_null(q, G_INPUT) || !stmt_is_null(q, G_OUTPUT) ||
	    !stmt_is_null(q, G_TOTAL);
	int at = sums ? G_INPUT : G_LAST_INPUT;
	int64_t total = stmt_int(q, at + 2), rest;

	r->input_tokens = stmt_int(q, at);
	r->output_tokens = stmt_int(q, at + 1);
	if (r->input_tokens == 0 && r->output_tokens == 0) {
		r->unsplit_tokens = total;
	} else if (!__builtin_sub_overflow(total, r->input_tokens, &rest) &&
	    !__builtin_sub_overflow(rest, r->output_tokens, &rest) &&
	    rest > 0) {
		r->output_tokens += rest;
		r->reasoning_tokens = rest;
	}
}

/* "anthropic", "aws_bedrock", ...: as the price book knows them. */
static const char *
provider_of(struct reader *rd, const struct stmt *q)
{
	const char *name = database_text(rd, q, G_PROVIDER);

	if (name != NULL && strcmp(name, "aws_bedrock") == 0)
		return "bedrock";
	if (name != NULL && strcmp(name, "gcp_vertex_ai") == 0)
		return "vertex";
	if (name != NULL && strcmp(name, "azure_openai") == 0)
		return "azure";
	return name;
}

static void
give_session(struct reader *rd, const struct stmt *q)
{
	struct pick v[] = { { .path = "model_name" } };
	const char *config = stmt_text(q, G_CONFIG);
	const char *cost = stmt_text(q, G_COST);
	struct pick price = { .kind = JSON_IS_NUMBER,
		.t = { cost, strlen(cost), false } };
	struct usage_record r;
	struct json_scan s;

	record_init(&r);
	read_counts(q, &r);
	if (record_total(&r) == 0 || *stmt_text(q, G_ID) == '\0') {
		reader_skip(rd, SKIP_OTHER);
		return;
	}
	r.time = database_time(q, G_CREATED);
	if (r.time == RECORD_UNKNOWN) {
		reader_bad(rd, "created_at: it is no time");
		return;
	}
	pick_read(v, 1, config, strlen(config), &s);
	r.application = "goose";
	r.model = pick_name(rd, &v[0]);
	r.provider = provider_of(rd, q);
	r.session = database_text(rd, q, G_ID);
	r.project = database_text(rd, q, G_FOLDER);
	if (strcmp(stmt_text(q, G_KIND), "sub_agent") == 0)
		r.agent = "subagent";
	if (pick_cost(&price, &r.cost))
		r.cost_origin = COST_GIVEN;
	r.request_id = reader_textf(rd, "goose:%s:%" PRId64, r.session, r.time);
	reader_give(rd, &r);
}

/* Sums grow in place, so all sessions are looked at. */
static int
goose_database(struct reader *rd, struct store *db, struct tk_err *err)
{
	struct stmt *q;
	int more;

	if (database_select(db, &q, "sessions", columns, "ORDER BY rowid",
		err) < 0)
		return -1;
	while ((more = database_row(rd, q, err)) > 0)
		give_session(rd, q);
	stmt_free(q);
	return more;
}

static void
goose_places(struct walk *w)
{
	const char *root = walk_env("GOOSE_PATH_ROOT");
	const char *data = walk_env("XDG_DATA_HOME");

	if (root != NULL)
		walk_place(w, "%s/data/sessions", root);
	else if (data != NULL)
		walk_place(w, "%s/goose/sessions", data);
	else if (walk_home() != NULL)
		walk_place(w, "%s/.local/share/goose/sessions", walk_home());
}

static bool
goose_wants(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash != NULL && strcmp(slash, "/sessions.db") == 0;
}

static const char *const goose_tables[] = {
	"sessions.accumulated_input_tokens",
	"sessions.accumulated_total_tokens",
	NULL,
};

const struct importer importer_goose = {
	.name = "goose",
	.title = "Goose",
	.version = 1,
	.places = goose_places,
	.wants = goose_wants,
	.tables = goose_tables,
	.database = goose_database,
};
