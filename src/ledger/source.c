/* How far importers have read each file: see ledger.h. */
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "ledger/ledger_int.h"

static const char get_sql[] =
    "SELECT device, inode, size, mtime, position, carry"
    "  FROM source"
    " WHERE importer = $1 AND path = $2";
static const char all_sql[] =
    "SELECT importer, path, device, inode, size, mtime, position, carry"
    "  FROM source";
static const char some_sql[] =
    "SELECT importer, path, device, inode, size, mtime, position, carry"
    "  FROM source"
    " WHERE importer = $1"
    "   AND path >= $2"
    "   AND path < $3";
static const char put_sql[] =
    "INSERT INTO source"
    "  (importer, path, device, inode, size, mtime, position, carry)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"
    " ON CONFLICT (importer, path) DO UPDATE"
    " SET device = $3, inode = $4, size = $5, mtime = $6, position = $7,"
    "  carry = $8";

int
ledger_source_get(struct ledger *l, const char *importer, const char *path,
    struct ledger_source *s, struct tk_err *err)
{
	int more;

	if (store_prepare_once(l->store, &l->source_get, get_sql, err) < 0)
		return -1;
	stmt_bind_text(l->source_get, 1, importer);
	stmt_bind_text(l->source_get, 2, path);
	more = stmt_step(l->source_get, err);
	if (more <= 0)
		return more;
	*s = (struct ledger_source){
		.device = stmt_int(l->source_get, 0),
		.inode = stmt_int(l->source_get, 1),
		.size = stmt_int(l->source_get, 2),
		.mtime = stmt_int(l->source_get, 3),
		.offset = stmt_int(l->source_get, 4),
		.carry = stmt_is_null(l->source_get, 5)
		    ? NULL
		    : tk_xstrdup(stmt_text(l->source_get, 5)),
	};
	stmt_reset(l->source_get);
	return 1;
}

int
ledger_source_put(struct ledger *l, const char *importer, const char *path,
    const struct ledger_source *s, struct tk_err *err)
{
	if (store_prepare_once(l->store, &l->source_put, put_sql, err) < 0)
		return -1;
	stmt_bind_text(l->source_put, 1, importer);
	stmt_bind_text(l->source_put, 2, path);
	stmt_bind_int(l->source_put, 3, s->device);
	stmt_bind_int(l->source_put, 4, s->inode);
	stmt_bind_int(l->source_put, 5, s->size);
	stmt_bind_int(l->source_put, 6, s->mtime);
	stmt_bind_int(l->source_put, 7, s->offset);
	stmt_bind_text(l->source_put, 8, s->carry);
	return stmt_step(l->source_put, err);
}

/* Paths that begin with prefix are not less than it, and less than it would
 * be with a larger last byte. */
static void
bind_prefix(struct stmt *q, const char *prefix, struct tk_buf *end)
{
	tk_buf_adds(end, prefix);
	if (end->len > 0)
		end->s[end->len - 1]++;
	stmt_bind_text(q, 2, prefix);
	stmt_bind_text(q, 3, end->s);
}

int
ledger_sources(struct ledger *l, const char *importer, const char *prefix,
    ledger_source_fn *fn, void *data, struct tk_err *err)
{
	struct tk_buf end = TK_BUF_INIT;
	struct stmt *q = NULL;
	int more, stop = 0;

	more = store_prepare(l->store, &q,
	    importer != NULL ? some_sql : all_sql, err);
	if (more == 0 && importer != NULL) {
		stmt_bind_text(q, 1, importer);
		bind_prefix(q, prefix, &end);
	}
	while (more >= 0 && stop == 0 && (more = stmt_step(q, err)) > 0) {
		struct ledger_source s = {
			.device = stmt_int(q, 2),
			.inode = stmt_int(q, 3),
			.size = stmt_int(q, 4),
			.mtime = stmt_int(q, 5),
			.offset = stmt_int(q, 6),
			/* fn only looks at it */
			.carry = (char *)(uintptr_t)stmt_text(q, 7),
		};

		stop = fn(stmt_text(q, 0), stmt_text(q, 1), &s, data);
	}
	stmt_free(q);
	tk_buf_release(&end);
	return more < 0 ? -1 : 0;
}
