/*
 * OpenCode: ~/.local/share/opencode/opencode.db, or opencode-<channel>.db, in
 * two versions: rows of "message", and later of "session_message"; before
 * that storage/message/<session>/<message>.json, a file each.  Kilo and
 * others that grew from it have the same tables.
 *
 * A forked session has copies of its parent's messages under new ids, and
 * the files were copied into the database without theirs; what stays are
 * the times, the model, the counts and the cost, and of these the identity
 * is made.  A message gets its counts while it is written, so it is read
 * when it is complete, or when nobody can be writing it any more.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "ingest/database.h"
#include "ingest/docs.h"
#include "ingest/hash.h"
#include "ingest/opencode_fork.h"
#include "ingest/pick.h"
#include "store/store.h"

enum { LONG_AGO_MS = 24 * 60 * 60 * 1000 };

struct opencode_state {
	struct docs docs;             /* first */
	struct database_mark last[2]; /* of each of the tables */
	int64_t since[2]; /* and when their rows were changed last */
	struct ids seen;  /* fingerprints, and those with an id inside */
};

enum {
	O_ID,
	O_ROLE,
	O_MODEL,
	O_MODEL_2,
	O_MODEL_3,
	O_PROVIDER,
	O_PROVIDER_2,
	O_COST,
	O_CREATED,
	O_COMPLETED,
	O_FOLDER,
	O_AGENT,
	O_SESSION,
	O_TOKENS,
	O_INPUT,
	O_OUTPUT,
	O_REASONING,
	O_READ,
	O_WRITE,
	O_TOTAL,
	PICKS,
};

static const char *const paths[PICKS] = {
	[O_ID] = "id",
	[O_ROLE] = "role",
	[O_MODEL] = "modelID",
	[O_MODEL_2] = "model/id",
	[O_MODEL_3] = "model/modelID",
	[O_PROVIDER] = "providerID",
	[O_PROVIDER_2] = "model/providerID",
	[O_COST] = "cost",
	[O_CREATED] = "time/created",
	[O_COMPLETED] = "time/completed",
	[O_FOLDER] = "path/cwd",
	[O_AGENT] = "agent",
	[O_SESSION] = "sessionID",
	[O_TOKENS] = "tokens",
	[O_INPUT] = "tokens/input",
	[O_OUTPUT] = "tokens/output",
	[O_REASONING] = "tokens/reasoning",
	[O_READ] = "tokens/cache/read",
	[O_WRITE] = "tokens/cache/write",
	[O_TOTAL] = "tokens/total",
};

/* What stands around a message in a database. */
struct around {
	const char *session;
	const char *folder;
	int64_t created;
	bool assistant; /* the row says so */
};

static bool
read_counts(struct reader *rd, const struct pick *v, struct usage_record *r)
{
	int64_t total;
	const struct pick_to counts[] = {
		{ O_INPUT, &r->input_tokens },
		{ O_OUTPUT, &r->output_tokens },
		{ O_REASONING, &r->reasoning_tokens },
		{ O_READ, &r->cache_read_tokens },
		{ O_WRITE, &r->cache_write_other_tokens },
		{ O_TOTAL, &total },
	};

	if (!pick_counts(rd, v, counts, TK_LEN(counts)) ||
	    !reader_add_reasoning(rd, r))
		return false;
	if (record_total(r) == 0)
		r->unsplit_tokens = total;
	return true;
}

/* Which program's it is: the folder has its name. */
static const char *
application_of(const char *path)
{
	if (strstr(path, "/kilo") != NULL)
		return "kilo";
	if (strstr(path, "/mimo") != NULL)
		return "mimo-code";
	return "opencode";
}

/*
 * All that copies keep.  Rows that agree in it and have different ids inside
 * are different calls.
 */
static void
identify(struct reader *rd, const struct pick *v, struct usage_record *r,
    int64_t completed)
{
	struct opencode_state *st = rd->state;
	const char *id = pick_name(rd, &v[O_ID]);
	uint64_t all, with_id;

	reader_fingerprint(rd, r, "opencode",
	    reader_textf(rd, "%" PRId64 " %s %" PRId64, completed,
		r->provider != NULL ? r->provider : "",
		r->cost_origin == COST_GIVEN ? r->cost : 0));
	if (rd->db == NULL || id == NULL)
		return;
	all = hash_bytes(r->request_id, strlen(r->request_id)).a;
	with_id = all ^ hash_bytes(id, strlen(id)).b;
	if (ids_see(&st->seen, with_id) == 0 && ids_see(&st->seen, all) > 0)
		r->request_id = reader_textf(rd, "%s:%s", r->request_id, id);
}

/* False: it is still being written. */
static bool
is_complete(struct reader *rd, const struct pick *v, int64_t created,
    int64_t *completed)
{
	int64_t now = rd->options->now;

	*completed = 0;
	if (pick_time(&v[O_COMPLETED], completed))
		return true;
	return created < now && now - created > LONG_AGO_MS;
}

/* False: it has to be looked at again. */
static bool
give_message(struct reader *rd, const char *text, size_t n,
    const struct around *around)
{
	struct pick v[PICKS];
	struct usage_record r;
	struct json_scan s;
	int64_t completed;

	for (int i = 0; i < PICKS; i++)
		v[i].path = paths[i];
	if (!pick_read(v, PICKS, text, n, &s)) {
		docs_bad(rd, &s);
		return true;
	}
	record_init(&r);
	if ((!around->assistant && !pick_is(&v[O_ROLE], "assistant")) ||
	    v[O_TOKENS].kind != JSON_IS_OBJECT) {
		reader_skip(rd, SKIP_OTHER);
		return pick_has(&v[O_COMPLETED]) || !around->assistant;
	}
	if (!read_counts(rd, v, &r))
		return true;
	if (!pick_time(&v[O_CREATED], &r.time))
		r.time = around->created;
	if (r.time == RECORD_UNKNOWN) {
		reader_bad(rd, "time.created: it is no time");
		return true;
	}
	if (!is_complete(rd, v, r.time, &completed)) {
		reader_skip(rd, SKIP_OTHER);
		return false;
	}
	if (pick_cost(&v[O_COST], &r.cost))
		r.cost_origin = COST_GIVEN;
	if (record_total(&r) == 0 && r.cost_origin != COST_GIVEN) {
		reader_skip(rd, SKIP_OTHER);
		return true;
	}
	r.application = application_of(rd->path);
	r.model = pick_name(rd, pick_first(v, O_MODEL, O_MODEL_2, O_MODEL_3));
	r.provider =
	    pick_name(rd, pick_first(v, O_PROVIDER, O_PROVIDER_2, O_PROVIDER));
	r.session = around->session != NULL ? around->session
					    : pick_name(rd, &v[O_SESSION]);
	r.project = pick_name(rd, &v[O_FOLDER]);
	if (r.project == NULL)
		r.project = around->folder;
	r.agent = pick_name(rd, &v[O_AGENT]);
	identify(rd, v, &r, completed);
	reader_give(rd, &r);
	return true;
}

static void
on_value(struct reader *rd, const char *text, size_t n)
{
	const struct around around = { .created = RECORD_UNKNOWN };

	give_message(rd, text, n, &around);
}

/* --- the database */

enum { V1, V2 };
enum { C_ROW, C_ID, C_SESSION, C_DATA, C_CREATED, C_UPDATED, C_TYPE, C_SEQ };

static const char *const tables[] = { "message", "session_message" };

static const char *const columns[] = {
	[C_ROW] = "rowid",
	[C_ID] = "id",
	[C_SESSION] = "session_id",
	[C_DATA] = "data",
	[C_CREATED] = "time_created",
	[C_UPDATED] = "time_updated",
	[C_TYPE] = "type",
	[C_SEQ] = "seq",
	NULL,
};

/* The rows of a table that are new or were changed since. */
static int
select_rows(struct reader *rd, int version, struct stmt **q, struct tk_err *err)
{
	struct opencode_state *st = rd->state;
	struct database_mark *at = &st->last[version];
	int dated;

	*q = NULL;
	dated = database_has(rd->db, tables[version], "time_updated", err);
	if (dated < 0 ||
	    database_check_mark(rd->db, at, tables[version], "id", err) < 0)
		return -1;
	if (at->row == 0 || dated == 0) {
		*at = (struct database_mark){ 0 };
		st->since[version] = 0;
		return database_select(rd->db, q, tables[version], columns,
		    "ORDER BY rowid", err);
	}
	if (database_select(rd->db, q, tables[version], columns,
		"WHERE rowid > $1 OR time_updated >= $2 ORDER BY rowid",
		err) < 0)
		return -1;
	stmt_bind_int(*q, 1, at->row);
	stmt_bind_int(*q, 2, st->since[version]);
	return 0;
}

static bool
give_row(struct reader *rd, struct stmt *q, int version,
    struct opencode_fork *fork, struct tk_err *err, bool *done)
{
	struct around around = { .created = database_time(q, C_CREATED) };
	const char *data;
	size_t n;

	*done = true;
	if (version == V2) {
		around.assistant =
		    strcmp(stmt_text(q, C_TYPE), "assistant") == 0;
		if (!around.assistant) {
			reader_skip(rd, SKIP_OTHER);
			return true;
		}
		if (opencode_fork_look(fork, rd->db, stmt_text(q, C_SESSION),
			err) < 0)
			return false;
		if (fork->copied && stmt_int(q, C_SEQ) <= fork->boundary &&
		    !stmt_is_null(q, C_SEQ)) {
			reader_skip(rd, SKIP_REPLAYED);
			return true;
		}
		around.folder = fork->folder.len > 0
		    ? batch_name(rd->batch, fork->folder.s, fork->folder.len)
		    : NULL;
	}
	around.session = database_text(rd, q, C_SESSION);
	data = stmt_blob(q, C_DATA, &n);
	*done = give_message(rd, data, n, &around);
	return true;
}

static int
read_table(struct reader *rd, int version, struct tk_err *err)
{
	struct opencode_state *st = rd->state;
	struct opencode_fork fork = OPENCODE_FORK_INIT;
	int64_t latest = st->since[version], waiting = INT64_MAX;
	struct stmt *q;
	int more = -1;

	if (select_rows(rd, version, &q, err) < 0)
		goto out;
	while ((more = database_row(rd, q, err)) > 0) {
		int64_t updated = stmt_int(q, C_UPDATED);
		bool done;

		if (!give_row(rd, q, version, &fork, err, &done)) {
			more = -1;
			goto out;
		}
		if (stmt_int(q, C_ROW) > st->last[version].row)
			database_set_mark(&st->last[version],
			    stmt_int(q, C_ROW), stmt_text(q, C_ID));
		if (updated > latest)
			latest = updated;
		if (!done && updated < waiting)
			waiting = updated;
	}
	st->since[version] = latest < waiting ? latest : waiting;
out:
	stmt_free(q);
	opencode_fork_release(&fork);
	return more;
}

static int
opencode_database(struct reader *rd, struct store *db, struct tk_err *err)
{
	for (int i = V1; i <= V2; i++) {
		int has = database_has(db, tables[i], "data", err);

		if (has < 0 || (has > 0 && read_table(rd, i, err) < 0))
			return -1;
	}
	return 0;
}

static bool
opencode_open(struct reader *rd, const char *carry)
{
	struct opencode_state *st = rd->state;
	struct database_mark *m = st->last;
	int64_t *since = st->since;

	docs_open(rd, carry);
	if (rd->db != NULL && carry != NULL &&
	    sscanf(carry,
		"%" SCNd64 " %" SCNx64 " %" SCNd64 " %" SCNd64 " %" SCNx64
		" %" SCNd64,
		&m[V1].row, &m[V1].id, &since[V1], &m[V2].row, &m[V2].id,
		&since[V2]) != 6)
		m[V1].row = m[V2].row = 0;
	return true;
}

static void
opencode_carry(const struct reader *rd, struct tk_buf *b)
{
	const struct opencode_state *st = rd->state;
	const struct database_mark *m = st->last;

	if (rd->db == NULL)
		docs_carry(rd, b);
	else
		tk_buf_addf(b,
		    "%" PRId64 " %016" PRIx64 " %" PRId64 " %" PRId64
		    " %016" PRIx64 " %" PRId64,
		    m[V1].row, m[V1].id, st->since[V1], m[V2].row, m[V2].id,
		    st->since[V2]);
}

static void
opencode_close(struct reader *rd)
{
	ids_release(&((struct opencode_state *)rd->state)->seen);
	docs_close(rd);
}

static void
opencode_places(struct walk *w)
{
	const char *data = walk_env("XDG_DATA_HOME");
	const char *dir = walk_env("OPENCODE_DATA_DIR");
	static const char *const names[] = { "opencode", "kilo" };

	if (dir != NULL)
		walk_place(w, "%s", dir);
	for (size_t i = dir != NULL; i < TK_LEN(names); i++) {
		if (data != NULL)
			walk_place(w, "%s/%s", data, names[i]);
		else if (walk_home() != NULL)
			walk_place(w, "%s/.local/share/%s", walk_home(),
			    names[i]);
	}
}

/* "opencode.db", "opencode-dev.db"; no copies of these. */
static bool
is_database(const char *name)
{
	static const char *const starts[] = { "opencode", "kilo", "mimo" };

	for (size_t i = 0; i < TK_LEN(starts); i++) {
		size_t n = strlen(starts[i]);

		if (strncmp(name, starts[i], n) != 0)
			continue;
		n += strspn(name + n,
		    "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
		    "abcdefghijklmnopqrstuvwxyz0123456789_-");
		if (strcmp(name + n, ".db") == 0)
			return true;
	}
	return false;
}

static bool
opencode_wants(const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash != NULL ? slash + 1 : path;
	size_t n = strlen(name);

	if (is_database(name))
		return true;
	return n > 5 && strcmp(name + n - 5, ".json") == 0 &&
	    strstr(path, "/storage/") != NULL &&
	    strstr(path, "/message/") != NULL;
}

static const char *const opencode_marks[] = {
	"role=user sessionID",
	"role modelID providerID sessionID",
	NULL,
};

static const char *const opencode_tables[] = {
	"message.data",
	"session_message.data",
	NULL,
};

const struct importer importer_opencode = {
	.name = "opencode",
	.title = "OpenCode",
	.version = 1,
	.state_size = sizeof(struct opencode_state),
	.places = opencode_places,
	.wants = opencode_wants,
	.marks = opencode_marks,
	.open = opencode_open,
	.line = docs_read_line,
	.value = on_value,
	.whole = docs_is_whole,
	.carry = opencode_carry,
	.end = docs_read_end,
	.close = opencode_close,
	.tables = opencode_tables,
	.database = opencode_database,
};
