#include "ledger/ledger.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/mem.h"
#include "ledger/audit.h"
#include "ledger/hooks.h"
#include "ledger/ledger_int.h"
#include "ledger/schema.h"

enum { SETTLE_AFTER = 1000 }; /* records */

static const char uuid_sql[] = "SELECT value FROM meta WHERE key = 'uuid'";
static const char set_uuid_sql[] =
    "INSERT INTO meta (key, value) VALUES ('uuid', $1)";

static int
make_uuid(struct store *st, struct tk_err *err)
{
	struct tk_buf text = TK_BUF_INIT;
	unsigned char random[16];
	struct stmt *q = NULL;
	int rc;

	if (getrandom(random, sizeof(random), 0) != sizeof(random))
		return tk_fail_errno(err, "cannot get random bytes");
	for (size_t i = 0; i < sizeof(random); i++)
		tk_buf_addf(&text, "%02x", random[i]);
	rc = store_prepare(st, &q, set_uuid_sql, err);
	if (rc == 0) {
		stmt_bind_text(q, 1, text.s);
		rc = stmt_step(q, err);
	}
	stmt_free(q);
	tk_buf_release(&text);
	return rc;
}

/* Make the tables, or bring them up to date; another process may have. */
static int
upgrade(struct store *st, struct tk_err *err)
{
	struct store_identity id;

	if (store_begin(st, err) < 0)
		return -1;
	if (store_identify(st, &id, err) < 0)
		goto failed;
	if (id.version < SCHEMA_NOW) {
		if (schema_migrate(st, id.version, SCHEMA_NOW, err) < 0)
			goto failed;
		if (id.version == 0 && make_uuid(st, err) < 0)
			goto failed;
	}
	return store_commit(st, STORE_DURABLE, err);
failed:
	store_rollback(st);
	return -1;
}

static int
check_identity(struct store *st, const char *url, enum ledger_flags flags,
    struct tk_err *err)
{
	struct store_identity id;

	if (store_identify(st, &id, err) < 0)
		return -1;
	if (id.empty && flags & LEDGER_CREATE)
		return upgrade(st, err);
	if (id.empty) {
		tk_fail(err, TK_DATA,
		    "the ledger '%s' is empty: nothing was recorded in it",
		    url);
		return tk_hint(err, "make it one with 'tokctl ledger init'");
	}
	if (id.magic != SCHEMA_MAGIC) {
		tk_fail(err, TK_DATA, "'%s' is not a ledger of tokctl", url);
		return tk_hint(err, "name another one with --ledger");
	}
	if (id.version > SCHEMA_NOW) {
		tk_fail(err, TK_DATA,
		    "the ledger '%s' was made by a newer "
		    "tokctl (schema %" PRId64 ", this one knows %d)",
		    url, id.version, SCHEMA_NOW);
		return tk_hint(err,
		    "use that one, or bring the ledger down "
		    "with its 'ledger migrate --to %d'",
		    SCHEMA_NOW);
	}
	if (id.version == SCHEMA_NOW || flags & LEDGER_ANY_SCHEMA)
		return 0;
	if (flags & LEDGER_WRITE)
		return upgrade(st, err);
	tk_fail(err, TK_DATA, "the ledger '%s' has the older schema %" PRId64,
	    url, id.version);
	return tk_hint(err, "bring it up with 'tokctl ledger migrate'");
}

int
ledger_open(struct ledger **l, const char *url, enum ledger_flags flags,
    struct tk_err *err)
{
	enum store_flags how = STORE_READ;
	struct store *st;

	*l = NULL;
	if (flags & LEDGER_WRITE)
		how |= STORE_WRITE;
	if (flags & LEDGER_CREATE)
		how |= STORE_CREATE;
	if (flags & LEDGER_ONCE)
		how |= STORE_ONCE;
	if (store_open(&st, url, how, err) < 0)
		return -1;
	if (check_identity(st, url, flags, err) < 0) {
		store_close(st);
		return -1;
	}
	*l = tk_xcalloc(1, sizeof(**l));
	(*l)->store = st;
	(*l)->names = names_new(st);
	(*l)->segments = segments_new(st);
	(*l)->identities = identities_new(st);
	(*l)->new_names = (struct tk_buf)TK_BUF_INIT;
	(*l)->hooked = ledger_hooks.open(*l);
	return 0;
}

static void
finish(struct ledger *l)
{
	ledger_rollback(l);
	if (l->written >= SETTLE_AFTER)
		store_settle(l->store);
}

void
ledger_quit(struct ledger *l)
{
	if (l == NULL)
		return;
	finish(l);
	store_quit(l->store);
}

void
ledger_close(struct ledger *l)
{
	if (l == NULL)
		return;
	finish(l);
	ledger_hooks.close(l->hooked);
	stmt_free(l->reverse);
	stmt_free(l->reversed);
	stmt_free(l->source_get);
	stmt_free(l->source_put);
	identities_free(l->identities);
	segments_free(l->segments);
	names_free(l->names);
	store_close(l->store);
	tk_buf_release(&l->new_names);
	free(l);
}

struct store *
ledger_store(struct ledger *l)
{
	return l->store;
}

struct names *
ledger_names(struct ledger *l)
{
	return l->names;
}

void *
ledger_hook_state(struct ledger *l)
{
	return l->hooked;
}

void
ledger_set_pricer(struct ledger *l, ledger_price_fn *fn, void *data)
{
	l->price = fn;
	l->price_data = data;
}

int
ledger_uuid(struct ledger *l, char uuid[33], struct tk_err *err)
{
	struct stmt *q = NULL;
	int more;

	if (store_prepare(l->store, &q, uuid_sql, err) < 0)
		return -1;
	more = stmt_step(q, err);
	uuid[0] = '\0';
	if (more > 0 && strlen(stmt_text(q, 0)) == 32)
		memcpy(uuid, stmt_text(q, 0), 33);
	stmt_free(q);
	if (more == 0)
		return tk_fail(err, TK_DATA, "the ledger has no number");
	return more < 0 ? -1 : 0;
}

int
ledger_extent(struct ledger *l, struct ledger_extent *e, struct tk_err *err)
{
	static const char sql[] =
	    "SELECT sum(n), min(t_min), max(t_max) FROM segment";
	struct stmt *q = NULL;
	int more;

	if (store_prepare(l->store, &q, sql, err) < 0)
		return -1;
	more = stmt_step(q, err);
	if (more > 0)
		*e = (struct ledger_extent){ stmt_int(q, 0), stmt_int(q, 1),
			stmt_int(q, 2) };
	stmt_free(q);
	return more < 0 ? -1 : 0;
}

int
ledger_last_id(struct ledger *l, int64_t *id, struct tk_err *err)
{
	static const char sql[] = "SELECT first_id + n - 1"
				  "  FROM segment"
				  " ORDER BY first_id DESC"
				  " LIMIT 1";
	struct stmt *q = NULL;
	int more;

	*id = 0;
	if (store_prepare(l->store, &q, sql, err) < 0)
		return -1;
	more = stmt_step(q, err);
	if (more > 0)
		*id = stmt_int(q, 0);
	stmt_free(q);
	return more < 0 ? -1 : 0;
}

int
ledger_begin_read(struct ledger *l, struct tk_err *err)
{
	return store_begin_read(l->store, err);
}

void
ledger_end_read(struct ledger *l)
{
	store_end_read(l->store);
}

/* A restore or a migration may have put other tables in place since. */
static int
follow_epoch(struct ledger *l, struct tk_err *err)
{
	struct store_identity id;
	int64_t epoch;

	if (store_epoch(l->store, &epoch, err) < 0)
		return -1;
	if (epoch == l->epoch)
		return 0;
	if (store_identify(l->store, &id, err) < 0)
		return -1;
	if (id.magic != SCHEMA_MAGIC || id.version != SCHEMA_NOW)
		return tk_fail(err, TK_DATA,
		    "the ledger has another schema since it was opened");
	names_forget(l->names);
	l->epoch = epoch;
	return 0;
}

void
ledger_set_now(struct ledger *l, int64_t now)
{
	l->now = now;
}

int64_t
ledger_now(const struct ledger *l)
{
	return l->now;
}

int
ledger_begin(struct ledger *l, struct tk_err *err)
{
	if (store_begin(l->store, err) < 0)
		return -1;
	l->begun = true;
	identities_forget(l->identities);
	ledger_hooks.forget(l->hooked);
	segments_forget(l->segments);
	if (follow_epoch(l, err) < 0) {
		ledger_rollback(l);
		return -1;
	}
	return 0;
}

int
ledger_commit(struct ledger *l, enum ledger_sync sync, struct tk_err *err)
{
	size_t n = l->segments->pending;

	assert(l->begun);
	if (identities_flush(l->identities, err) < 0 ||
	    segments_flush(l->segments, err) < 0 ||
	    ledger_hooks.commit(l->hooked, err) < 0) {
		ledger_rollback(l);
		return -1;
	}
	if (store_commit(l->store,
		sync == LEDGER_DURABLE ? STORE_DURABLE : STORE_RELAXED,
		err) < 0) {
		ledger_rollback(l);
		return -1;
	}
	ledger_hooks.forget(l->hooked);
	l->begun = false;
	l->written += (int64_t)n;
	return 0;
}

void
ledger_rollback(struct ledger *l)
{
	if (!l->begun)
		return;
	store_rollback(l->store);
	ledger_hooks.forget(l->hooked);
	names_forget(l->names);
	segments_forget(l->segments);
	identities_forget(l->identities);
	tk_buf_reset(&l->new_names);
	l->begun = false;
}
