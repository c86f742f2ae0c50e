/* Where calls go: the ledger, or nowhere. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "ingest/hash.h"
#include "ingest/ids.h"
#include "ingest/ingest.h"

static int
to_ledger_begin(void *to, struct tk_err *err)
{
	return ledger_begin(to, err);
}

static int
to_ledger_expect(void *to, const char *const *request_id, size_t n,
    struct tk_err *err)
{
	return ledger_expect(to, request_id, n, err);
}

static int
to_ledger_put(void *to, struct usage_record *r, enum ledger_result *result,
    struct tk_err *err)
{
	int own = ledger_is_own(to, r, &r->id, err);

	if (own < 0)
		return -1;
	if (own > 0) {
		*result = LEDGER_KNOWN;
		return 0;
	}
	return ledger_put(to, r, LEDGER_MERGE, result, err);
}

static int
from_ledger_retract(void *to, const char *request_id,
    const struct ledger_actor *who, struct tk_err *err)
{
	static const char detail[] = "{\"reason\":\"a copy of another call\"}";
	int64_t id, by;
	int found = ledger_find(to, request_id, &id, err);

	if (found > 0)
		found = ledger_reversed_by(to, id, &by, err) < 0 ? -1 : by == 0;
	if (found <= 0)
		return found;
	return ledger_void(to, id, detail, who, err);
}

static int
to_ledger_commit(void *to, enum ledger_sync sync, struct tk_err *err)
{
	return ledger_commit(to, sync, err);
}

static void
to_ledger_rollback(void *to)
{
	ledger_rollback(to);
}

static int
from_ledger(void *to, const char *importer, const char *path,
    struct ledger_source *s, struct tk_err *err)
{
	return ledger_source_get(to, importer, path, s, err);
}

static int
to_ledger_source(void *to, const char *importer, const char *path,
    const struct ledger_source *s, struct tk_err *err)
{
	return ledger_source_put(to, importer, path, s, err);
}

static int
all_of_ledger(void *to, const char *importer, const char *prefix,
    ledger_source_fn *fn, void *data, struct tk_err *err)
{
	return ledger_sources(to, importer, prefix, fn, data, err);
}

const struct ingest_sink ingest_ledger = {
	.begin = to_ledger_begin,
	.expect = to_ledger_expect,
	.put = to_ledger_put,
	.retract = from_ledger_retract,
	.commit = to_ledger_commit,
	.rollback = to_ledger_rollback,
	.source_get = from_ledger,
	.source_put = to_ledger_source,
	.sources = all_of_ledger,
};

static int
nowhere_begin(void *to, struct tk_err *err)
{
	(void)to, (void)err;
	return 0;
}

/* What the ledger would answer. */
static int
foresee(struct ledger *l, const struct usage_record *r,
    enum ledger_result *result, struct tk_err *err)
{
	struct usage_record known;
	int64_t id, voided;
	int found = ledger_is_own(l, r, &id, err);

	if (found != 0) {
		*result = LEDGER_KNOWN;
		return found < 0 ? -1 : 0;
	}
	found = ledger_find(l, r->request_id, &id, err);
	if (found > 0)
		found = ledger_get(l, id, &known, err);
	if (found <= 0)
		return found;
	if (ledger_reversed_by(l, id, &voided, err) < 0)
		return -1;
	*result = voided == 0 && ledger_merge(&known, r) ? LEDGER_UPDATED
							 : LEDGER_KNOWN;
	return 0;
}

static int
nowhere_put(void *to, struct usage_record *r, enum ledger_result *result,
    struct tk_err *err)
{
	struct ingest_dry *d = to;
	const char *id = r->request_id;

	*result = LEDGER_NEW;
	if (id == NULL)
		return 0;
	if (d->seen == NULL)
		d->seen = tk_xcalloc(1, sizeof(*d->seen));
	if (ids_see(d->seen, hash_bytes(id, strlen(id)).a) > 0) {
		*result = LEDGER_KNOWN;
		return 0;
	}
	return d->ledger != NULL ? foresee(d->ledger, r, result, err) : 0;
}

static int
nowhere_commit(void *to, enum ledger_sync sync, struct tk_err *err)
{
	(void)to, (void)sync, (void)err;
	return 0;
}

static void
nowhere_rollback(void *to)
{
	(void)to;
}

static int
nowhere_source_get(void *to, const char *importer, const char *path,
    struct ledger_source *s, struct tk_err *err)
{
	struct ingest_dry *d = to;

	if (d->ledger == NULL)
		return 0;
	return ledger_source_get(d->ledger, importer, path, s, err);
}

static int
nowhere_sources(void *to, const char *importer, const char *prefix,
    ledger_source_fn *fn, void *data, struct tk_err *err)
{
	struct ingest_dry *d = to;

	if (d->ledger == NULL)
		return 0;
	return ledger_sources(d->ledger, importer, prefix, fn, data, err);
}

static int
nowhere_source_put(void *to, const char *importer, const char *path,
    const struct ledger_source *s, struct tk_err *err)
{
	(void)to, (void)importer, (void)path, (void)s, (void)err;
	return 0;
}

const struct ingest_sink ingest_nowhere = {
	.begin = nowhere_begin,
	.put = nowhere_put,
	.commit = nowhere_commit,
	.rollback = nowhere_rollback,
	.source_get = nowhere_source_get,
	.source_put = nowhere_source_put,
	.sources = nowhere_sources,
};

void
ingest_dry_release(struct ingest_dry *d)
{
	if (d->seen != NULL)
		ids_release(d->seen);
	free(d->seen);
	d->seen = NULL;
}
