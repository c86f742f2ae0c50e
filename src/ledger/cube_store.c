/* Cubes in the ledger: made, compared and read back.  See cube.h. */
#include <string.h>

#include "ledger/cube.h"
#include "store/store.h"

static int
store_sets(struct cube *y, struct stmt *insert, int64_t group,
    struct tk_err *err)
{
	struct cube_set set = { .data = TK_BUF_INIT };
	int rc = 0;

	while (rc == 0 && cube_next(y, &set)) {
		stmt_bind_int(insert, 1, group << 16 | set.dims);
		stmt_bind_int(insert, 2, set.t_min);
		stmt_bind_int(insert, 3, set.t_max);
		stmt_bind_int(insert, 4, set.n);
		stmt_bind_blob(insert, 5, set.data.s, set.data.len);
		rc = stmt_step(insert, err) < 0 ? -1 : 0;
	}
	tk_buf_release(&set.data);
	return rc;
}

static int
add_segments(struct cube *y, struct stmt *q, int64_t group, struct tk_err *err)
{
	int64_t first = group * CUBE_GROUP + 1;
	int more;

	stmt_bind_int(q, 1, first);
	stmt_bind_int(q, 2, first + CUBE_GROUP);
	while ((more = stmt_step(q, err)) > 0) {
		struct packed_record v;
		size_t len;
		const uint8_t *p = stmt_blob(q, 0, &len), *end = p + len;

		while (p < end) {
			if (!pack_read(&p, end, &v) || v.r.time < 0 ||
			    v.r.time > RECORD_LAST_TIME)
				return tk_fail(err, TK_DATA,
				    "the ledger is damaged: its sums by name "
				    "cannot be made");
			cube_add(y, &v);
		}
	}
	return more;
}

/* The first group without a cube; a group has one row at least, unless its
 * numbers are too large. */
static int
first_missing(struct store *st, int64_t *group, struct tk_err *err)
{
	struct stmt *q = NULL;
	int more;

	if (store_prepare(st, &q, "SELECT max(id) FROM cube", err) < 0)
		return -1;
	more = stmt_step(q, err);
	*group =
	    more > 0 && !stmt_is_null(q, 0) ? (stmt_int(q, 0) >> 16) + 1 : 0;
	stmt_free(q);
	return more < 0 ? -1 : 0;
}

int
cube_update(struct store *st, int64_t last_id, int max, struct tk_err *err)
{
	static const char data_sql[] =
	    "SELECT data FROM segment WHERE first_id >= $1 AND first_id < $2"
	    " ORDER BY first_id";
	static const char insert_sql[] =
	    "INSERT INTO cube (id, t_min, t_max, n, data)"
	    " VALUES ($1, $2, $3, $4, $5)";
	struct stmt *data = NULL, *insert = NULL;
	struct cube *y = NULL;
	int64_t group, complete = last_id / CUBE_GROUP;
	int rc = -1;

	if (first_missing(st, &group, err) < 0)
		return -1;
	if (group >= complete)
		return 0;
	if (store_prepare(st, &data, data_sql, err) < 0 ||
	    store_prepare(st, &insert, insert_sql, err) < 0)
		goto out;
	y = cube_new();
	for (rc = 0; rc == 0 && group < complete && max > 0; group++, max--)
		if (add_segments(y, data, group, err) < 0 ||
		    store_sets(y, insert, group, err) < 0)
			rc = -1;
out:
	stmt_free(data);
	stmt_free(insert);
	cube_free(y);
	return rc;
}

static bool
is_stored(const struct stmt *q, int64_t group, const struct cube_set *set)
{
	size_t len;
	const void *data = stmt_blob(q, 4, &len);

	return stmt_int(q, 0) == (group << 16 | set->dims) &&
	    stmt_int(q, 1) == set->t_min && stmt_int(q, 2) == set->t_max &&
	    stmt_int(q, 3) == set->n && len == set->data.len &&
	    (len == 0 || memcmp(data, set->data.s, len) == 0);
}

int
cube_check(struct cube *y, struct store *st, int64_t group, struct tk_err *err)
{
	static const char sql[] = "SELECT id, t_min, t_max, n, data FROM cube"
				  " WHERE id >= $1 AND id < $2";
	struct cube_set set = { .data = TK_BUF_INIT };
	struct stmt *q = NULL;
	int64_t stored = 0, same = 0;
	int more;

	if (store_prepare(st, &q, sql, err) < 0)
		return -1;
	while (cube_next(y, &set)) {
		stmt_bind_int(q, 1, group << 16 | set.dims);
		stmt_bind_int(q, 2, (group << 16 | set.dims) + 1);
		more = stmt_step(q, err);
		if (more < 0)
			goto out;
		same += more > 0 && is_stored(q, group, &set);
		stmt_reset(q);
	}
	stmt_bind_int(q, 1, group << 16);
	stmt_bind_int(q, 2, (group + 1) << 16);
	while ((more = stmt_step(q, err)) > 0)
		stored++;
out:
	stmt_free(q);
	tk_buf_release(&set.data);
	if (more < 0)
		return -1;
	return stored == same;
}

/* Damaged numbers must not overflow a time. */
static bool
read_time(const uint8_t **p, const uint8_t *end, int64_t from, int64_t *time)
{
	uint64_t n;

	if (!pack_read_varint(p, end, &n) || n > (uint64_t)RECORD_LAST_TIME ||
	    from < 0 || from > RECORD_LAST_TIME)
		return false;
	*time = from + (int64_t)n;
	return *time <= RECORD_LAST_TIME;
}

int
cube_read(struct cube_iter *it)
{
	struct cube_entry *e = &it->entry;
	int n = __builtin_popcount(it->dims);

	if (it->p == it->end)
		return 0;
	if (n > CUBE_MAX_DIMS)
		return -1;
	for (int i = 0; i < n; i++) {
		uint64_t id;

		if (!pack_read_varint(&it->p, it->end, &id) || id > UINT32_MAX)
			return -1;
		e->id[i] = (uint32_t)id;
	}
	if (!read_time(&it->p, it->end, it->t_min, &e->first) ||
	    !read_time(&it->p, it->end, e->first, &e->last) ||
	    !sums_read(&it->p, it->end, &e->sums))
		return -1;
	return 1;
}
