#include "store/store.h"

#include <string.h>

#include "store/store_int.h"

int store_busy_ms = 5000;

static const struct store_ops *const backends[] = {
	&store_sqlite,
};

/* Which backend, and what comes after its scheme; NULL: none. */
static const struct store_ops *
find_backend(const char *url, const char **rest, struct tk_err *err)
{
	size_t n = strcspn(url, ":");

	for (size_t i = 0; i < TK_LEN(backends); i++) {
		const struct store_ops *ops = backends[i];

		*rest = url + n + 1;
		if (url[n] == ':' && strncmp(ops->scheme, url, n) == 0 &&
		    ops->scheme[n] == '\0')
			return ops;
	}
	*rest = url;
	if (strncmp(url + n, "://", 3) != 0)
		return &store_sqlite;
	tk_fail(err, TK_USAGE, "ledger '%s': no such kind of database", url);
	tk_hint(err, "give a file, as ~/usage.db");
	return NULL;
}

int
store_open(struct store **st, const char *url, enum store_flags flags,
    struct tk_err *err)
{
	const char *rest;
	const struct store_ops *ops = find_backend(url, &rest, err);

	*st = NULL;
	return ops == NULL ? -1 : ops->open(st, rest, flags, err);
}

int
store_open_foreign(struct store **st, const char *path, struct tk_err *err)
{
	*st = NULL;
	return store_sqlite.open_foreign(st, path, err);
}

bool
store_is_steady(struct store *st)
{
	return st->ops->is_steady(st);
}

bool
store_is_unlocked(struct store *st)
{
	return st->ops->is_unlocked(st);
}

int
store_set_aside(const char *url, const char *suffix, struct tk_buf *kept,
    struct tk_err *err)
{
	const char *rest;
	const struct store_ops *ops = find_backend(url, &rest, err);

	return ops == NULL ? -1 : ops->set_aside(rest, suffix, kept, err);
}

const char *
store_path(const char *url)
{
	size_t n = strlen(store_sqlite.scheme);

	return strncmp(url, store_sqlite.scheme, n) == 0 && url[n] == ':'
	    ? url + n + 1
	    : url;
}

void
store_close(struct store *st)
{
	if (st != NULL)
		st->ops->close(st);
}

void
store_quit(struct store *st)
{
	st->ops->quit(st);
}

int
store_exec(struct store *st, const char *sql, struct tk_err *err)
{
	return st->ops->exec(st, sql, err);
}

int
store_begin(struct store *st, struct tk_err *err)
{
	return st->ops->begin(st, err);
}

int
store_commit(struct store *st, enum store_sync sync, struct tk_err *err)
{
	return st->ops->commit(st, sync, err);
}

void
store_rollback(struct store *st)
{
	st->ops->rollback(st);
}

void
store_settle(struct store *st)
{
	st->ops->settle(st);
}

int
store_hold(struct store *st, struct tk_err *err)
{
	return st->ops->hold(st, err);
}

void
store_release(struct store *st)
{
	st->ops->release(st);
}

int
store_begin_read(struct store *st, struct tk_err *err)
{
	return st->ops->begin_read(st, err);
}

void
store_end_read(struct store *st)
{
	st->ops->end_read(st);
}

int
store_epoch(struct store *st, int64_t *epoch, struct tk_err *err)
{
	return st->ops->epoch(st, epoch, err);
}

int
store_version(struct store *st, int64_t *version, struct tk_err *err)
{
	return st->ops->version(st, version, err);
}

void
store_set_stop(struct store *st, store_stop_fn *fn, void *data)
{
	st->ops->set_stop(st, fn, data);
}

int64_t
store_changes(struct store *st)
{
	return st->ops->changes(st);
}

int
store_identify(struct store *st, struct store_identity *id, struct tk_err *err)
{
	return st->ops->identify(st, id, err);
}

int
store_set_identity(struct store *st, const struct store_identity *id,
    struct tk_err *err)
{
	return st->ops->set_identity(st, id, err);
}

int
store_info(struct store *st, struct store_info *info, struct tk_err *err)
{
	return st->ops->info(st, info, err);
}

int
store_check(struct store *st, store_fault_fn *fn, void *data,
    struct tk_err *err)
{
	return st->ops->check(st, fn, data, err);
}

int
store_backup(struct store *st, const char *path, struct tk_err *err)
{
	return st->ops->backup(st, path, err);
}

int
store_restore(struct store *st, const char *path, const char *keep,
    struct tk_err *err)
{
	return st->ops->restore(st, path, keep, err);
}

int
store_prepare(struct store *st, struct stmt **q, const char *sql,
    struct tk_err *err)
{
	*q = NULL;
	return st->ops->prepare(st, q, sql, err);
}

int
store_prepare_once(struct store *st, struct stmt **q, const char *sql,
    struct tk_err *err)
{
	return *q != NULL ? 0 : store_prepare(st, q, sql, err);
}

void
stmt_bind_int(struct stmt *q, int param, int64_t value)
{
	q->ops->bind_int(q, param, value);
}

void
stmt_bind_text(struct stmt *q, int param, const char *value)
{
	q->ops->bind_text(q, param, value);
}

void
stmt_bind_blob(struct stmt *q, int param, const void *bytes, size_t len)
{
	q->ops->bind_blob(q, param, bytes, len);
}

void
stmt_bind_null(struct stmt *q, int param)
{
	q->ops->bind_text(q, param, NULL);
}

int
stmt_step(struct stmt *q, struct tk_err *err)
{
	return q->ops->step(q, err);
}

void
stmt_reset(struct stmt *q)
{
	q->ops->reset(q);
}

int64_t
stmt_int(const struct stmt *q, int col)
{
	return q->ops->column_int(q, col);
}

const char *
stmt_text(const struct stmt *q, int col)
{
	return q->ops->column_text(q, col);
}

const void *
stmt_blob(const struct stmt *q, int col, size_t *len)
{
	return q->ops->column_blob(q, col, len);
}

bool
stmt_is_null(const struct stmt *q, int col)
{
	return q->ops->column_null(q, col);
}

const char *
stmt_text_or_null(const struct stmt *q, int col)
{
	return stmt_is_null(q, col) ? NULL : stmt_text(q, col);
}

void
stmt_free(struct stmt *q)
{
	if (q != NULL)
		q->ops->free_stmt(q);
}
