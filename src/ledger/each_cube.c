/* Sums by names, from the cubes: see scan.h. */
#include "ledger/cube.h"
#include "ledger/ledger_int.h"
#include "ledger/scan.h"
#include "ledger/wanted.h"

static const char sets_sql[] =
    "SELECT id, t_min, t_max, n FROM cube ORDER BY id";
static const char data_sql[] = "SELECT data FROM cube WHERE id = $1";

struct walk {
	struct ledger *l;
	struct ledger_filter filter;
	uint32_t kinds; /* asked for, and filtered by */
	struct wanted wanted;
	const struct ledger_cube_fns *fn;
	void *data;
	struct stmt *entries;
	int64_t next_id; /* of the records that were not given yet */
};

/* The best set of a group so far. */
struct choice {
	int64_t group;
	uint32_t dims;
	int64_t n; /* entries; 0: there is no set */
	int64_t t_min;
};

static int
damaged(struct tk_err *err)
{
	tk_fail(err, TK_DATA, "the ledger is damaged: sums by name");
	return tk_hint(err, "see 'tokctl ledger check'");
}

/* Give the records from next_id to the one before id. */
static int
give_records(struct walk *w, int64_t id, struct tk_err *err)
{
	struct ledger_filter f = w->filter;
	struct ledger_scan *s;
	struct packed_record *v;
	int more;

	if (f.min_id < w->next_id)
		f.min_id = w->next_id;
	if (f.max_id > id - 1)
		f.max_id = id - 1;
	if (f.min_id > f.max_id)
		return 0;
	if (ledger_scan_open(&s, w->l, &f, SCAN_STANDING, err) < 0)
		return -1;
	while ((more = ledger_scan_next(s, &v, err)) > 0)
		w->fn->record(v, w->data);
	ledger_scan_close(s);
	return more;
}

static void
give_entry(const struct walk *w, const struct cube_iter *it)
{
	struct ledger_cube t = { .first = it->entry.first,
		.last = it->entry.last,
		.sums = it->entry.sums };
	int i = 0;

	for (uint32_t left = it->dims & (CUBE_TIER - 1); left; left &= left - 1)
		t.name[__builtin_ctz(left)] = it->entry.id[i++];
	if (it->dims & CUBE_TIER)
		t.tier = it->entry.id[i];
	if (wanted_names(&w->wanted, t.name))
		w->fn->cube(&t, w->data);
}

static int
give_set(struct walk *w, const struct choice *c, struct tk_err *err)
{
	struct cube_iter it = { .dims = c->dims, .t_min = c->t_min };
	size_t len;
	int more;

	stmt_bind_int(w->entries, 1, c->group << 16 | c->dims);
	more = stmt_step(w->entries, err);
	if (more <= 0)
		return more < 0 ? -1 : damaged(err);
	it.p = stmt_blob(w->entries, 0, &len);
	it.end = it.p + len;
	while ((more = cube_read(&it)) > 0)
		give_entry(w, &it);
	stmt_reset(w->entries);
	return more < 0 ? damaged(err) : 0;
}

/* A group has been looked at whole: give its set, if there is a good one,
 * after the records before it. */
static int
end_group(struct walk *w, struct choice *c, struct tk_err *err)
{
	int64_t first = c->group * CUBE_GROUP + 1;

	if (c->n == 0)
		return 0;
	if (give_records(w, first, err) < 0 || give_set(w, c, err) < 0)
		return -1;
	w->next_id = first + CUBE_GROUP;
	c->n = 0;
	return 0;
}

static bool
is_usable(const struct walk *w, const struct choice *c, int64_t t_max)
{
	int64_t first = c->group * CUBE_GROUP + 1;

	return c->n > 0 && (c->dims & w->kinds) == w->kinds &&
	    c->t_min >= w->filter.since && t_max < w->filter.until &&
	    first >= w->filter.min_id &&
	    first + CUBE_GROUP - 1 <= w->filter.max_id;
}

static int
each_group(struct walk *w, struct stmt *q, struct tk_err *err)
{
	struct choice best = { 0 };
	int more;

	while ((more = stmt_step(q, err)) > 0) {
		struct choice c = { .group = stmt_int(q, 0) >> 16,
			.dims = stmt_int(q, 0) & 0xffff,
			.n = stmt_int(q, 3),
			.t_min = stmt_int(q, 1) };

		if (c.group < 0 || c.group > INT64_MAX / 2 / CUBE_GROUP)
			return damaged(err);
		if (c.group != best.group && end_group(w, &best, err) < 0)
			return -1;
		if (is_usable(w, &c, stmt_int(q, 2)) &&
		    (best.n == 0 || c.n < best.n))
			best = c;
	}
	return more < 0 ? -1 : end_group(w, &best, err);
}

int
ledger_each_cube(struct ledger *l, const struct ledger_filter *f,
    uint32_t kinds, const struct ledger_cube_fns *fn, void *data,
    struct tk_err *err)
{
	struct walk w = { .l = l,
		.filter = *f,
		.kinds = kinds,
		.fn = fn,
		.data = data,
		.next_id = 1 };
	struct stmt *q = NULL;
	int rc = -1;

	for (int kind = 0; kind < NAME_KINDS; kind++)
		if (f->names[kind] > 0)
			w.kinds |= 1u << kind;
	if (store_begin_read(l->store, err) < 0)
		return -1;
	if (wanted_resolve(&w.wanted, l, f, err) == 0 &&
	    store_prepare(l->store, &q, sets_sql, err) == 0 &&
	    store_prepare(l->store, &w.entries, data_sql, err) == 0 &&
	    each_group(&w, q, err) == 0)
		rc = give_records(&w, INT64_MAX, err);
	stmt_free(q);
	stmt_free(w.entries);
	wanted_release(&w.wanted);
	store_end_read(l->store);
	return rc;
}
