/* Sums by names and hours, from the cubes: see scan.h. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "ledger/cube.h"
#include "ledger/ledger_int.h"
#include "ledger/scan.h"
#include "ledger/wanted.h"

static const char sets_sql[] =
    "SELECT id, t_min, t_max, n FROM cube ORDER BY id";
static const char data_sql[] = "SELECT data FROM cube WHERE id = $1";

/* What was found out about an hour of a group. */
enum hour_use { HOUR_WHOLE, HOUR_SPLIT, HOUR_OUTSIDE };

struct walk {
	struct ledger *l;
	struct ledger_filter filter;
	uint32_t kinds; /* asked for, and filtered by */
	struct wanted wanted;
	const struct ledger_cube_fns *fn;
	void *data, *other;
	struct stmt *entries;
	enum scan_flags flags;
	int64_t next_id; /* of the records that were not given yet */
	int64_t hour;    /* the latest that was looked at */
	enum hour_use use;
	int64_t *split; /* hours whose records are read, of one group */
	size_t splits, room;
};

/* The best set of a group so far. */
struct choice {
	int64_t group;
	uint32_t dims;
	int64_t n; /* entries; 0: there is no set */
	int64_t t_min, t_max;
};

static int
damaged(struct tk_err *err)
{
	tk_fail(err, TK_DATA, "the ledger is damaged: sums by name");
	return tk_hint(err, "see 'tokctl ledger check'");
}

/* Give the records of a filter. */
static int
give(struct walk *w, const struct ledger_filter *f, struct tk_err *err)
{
	if (f->min_id > f->max_id || f->since >= f->until)
		return 0;
	return ledger_scan_all(w->l, f, w->flags, w->fn->fields, w->fn->records,
	    w->data, w->other, err);
}

/* Give the records from next_id to the one before id. */
static int
give_records(struct walk *w, int64_t id, struct tk_err *err)
{
	struct ledger_filter f = w->filter;

	if (f.min_id < w->next_id)
		f.min_id = w->next_id;
	if (f.max_id > id - 1)
		f.max_id = id - 1;
	return give(w, &f, err);
}

static void
add_split(struct walk *w, int64_t hour)
{
	for (size_t i = 0; i < w->splits; i++)
		if (w->split[i] == hour)
			return;
	if (w->splits == w->room) {
		w->room = w->room ? w->room * 2 : 16;
		w->split =
		    tk_xreallocarray(w->split, w->room, sizeof(*w->split));
	}
	w->split[w->splits++] = hour;
}

/* Entries of one hour mostly follow each other. */
static enum hour_use
use_of(struct walk *w, int64_t hour)
{
	int64_t start = hour * CUBE_HOUR_MS, end = start + CUBE_HOUR_MS;

	if (hour == w->hour)
		return w->use;
	w->hour = hour;
	if (end <= w->filter.since || start >= w->filter.until)
		w->use = HOUR_OUTSIDE;
	else if (start < w->filter.since || end > w->filter.until ||
	    w->fn->splits(start, end, w->data))
		w->use = HOUR_SPLIT;
	else
		w->use = HOUR_WHOLE;
	if (w->use == HOUR_SPLIT)
		add_split(w, hour);
	return w->use;
}

/* As any of the records that it is the sum of. */
static bool
is_kept(const struct walk *w, const struct ledger_cube *t)
{
	struct packed_record v = { 0 };

	memcpy(v.name, t->name, sizeof(v.name));
	v.r.priority = t->priority;
	v.r.tier = t->tier;
	return w->filter.keep(&v, w->filter.keep_data);
}

static void
give_entry(struct walk *w, const struct cube_iter *it)
{
	struct ledger_cube t = { .first = it->entry.first,
		.last = it->entry.last,
		.sums = it->entry.sums };
	int i = 0;

	for (uint32_t left = it->dims & (CUBE_PRIORITY - 1); left; left &=
	     left - 1)
		t.name[__builtin_ctz(left)] = it->entry.id[i++];
	if (!wanted_names(&w->wanted, t.name))
		return;
	if (it->dims & CUBE_PRIORITY)
		t.priority = it->entry.id[i++];
	if ((it->dims & CUBE_HOUR) &&
	    use_of(w, it->entry.id[i++]) != HOUR_WHOLE)
		return;
	if (it->dims & CUBE_TIER)
		t.tier = it->entry.id[i];
	if (w->filter.keep != NULL && !is_kept(w, &t))
		return;
	w->fn->cube(&t, w->data);
}

static int
give_set(struct walk *w, const struct choice *c, struct tk_err *err)
{
	struct cube_iter it = { .dims = c->dims, .t_min = c->t_min };
	size_t len;
	int more;

	if (c->t_max < w->filter.since || c->t_min >= w->filter.until)
		return 0;
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

/* The hours of a group that its set could not answer for. */
static int
give_splits(struct walk *w, int64_t first_id, struct tk_err *err)
{
	struct ledger_filter f = w->filter;
	int rc = 0;

	f.min_id = first_id;
	f.max_id = first_id + CUBE_GROUP - 1;
	for (size_t i = 0; rc == 0 && i < w->splits; i++) {
		int64_t start = w->split[i] * CUBE_HOUR_MS;
		int64_t end = start + CUBE_HOUR_MS;

		f.since = start > w->filter.since ? start : w->filter.since;
		f.until = end < w->filter.until ? end : w->filter.until;
		rc = give(w, &f, err);
	}
	w->splits = 0;
	w->hour = -1;
	return rc;
}

/* A group has been looked at whole: give its set, if there is a good one,
 * after the records before it. */
static int
end_group(struct walk *w, struct choice *c, struct tk_err *err)
{
	int64_t first = c->group * CUBE_GROUP + 1;

	if (c->n == 0)
		return 0;
	if (give_records(w, first, err) < 0 || give_set(w, c, err) < 0 ||
	    give_splits(w, first, err) < 0)
		return -1;
	w->next_id = first + CUBE_GROUP;
	c->n = 0;
	return 0;
}

/* A set with the hour also knows what of a group is in the range. */
static bool
is_usable(const struct walk *w, const struct choice *c)
{
	int64_t first = c->group * CUBE_GROUP + 1;

	if (w->filter.keep != NULL && w->filter.keep_kinds == 0)
		return false;
	return c->n > 0 && (c->dims & w->kinds) == w->kinds &&
	    ((c->dims & CUBE_HOUR) ||
		(c->t_min >= w->filter.since && c->t_max < w->filter.until)) &&
	    first >= w->filter.min_id &&
	    first + CUBE_GROUP - 1 <= w->filter.max_id;
}

/* The next set: 1; 0: no more. */
static int
next_set(struct stmt *q, struct choice *c, struct tk_err *err)
{
	int more = stmt_step(q, err);

	if (more <= 0)
		return more;
	*c = (struct choice){ .group = stmt_int(q, 0) >> 16,
		.dims = stmt_int(q, 0) & 0xffff,
		.n = stmt_int(q, 3),
		.t_min = stmt_int(q, 1),
		.t_max = stmt_int(q, 2) };
	return c->group < 0 || c->group > INT64_MAX / 2 / CUBE_GROUP
	    ? damaged(err)
	    : 1;
}

/*
 * What was taken back may be in one group and what took it back in another.
 * So where one answer is from cubes, the records have both, too.
 */
static int
choose_flags(struct walk *w, struct stmt *q, struct tk_err *err)
{
	struct choice c;
	int more;

	w->flags = SCAN_STANDING;
	while (w->flags != SCAN_ALL && (more = next_set(q, &c, err)) != 0) {
		if (more < 0)
			return -1;
		if (is_usable(w, &c))
			w->flags = SCAN_ALL;
	}
	stmt_reset(q);
	return 0;
}

static int
each_group(struct walk *w, struct stmt *q, struct tk_err *err)
{
	struct choice best = { 0 }, c;
	int more;

	while ((more = next_set(q, &c, err)) > 0) {
		if (c.group != best.group && end_group(w, &best, err) < 0)
			return -1;
		if (is_usable(w, &c) && (best.n == 0 || c.n < best.n))
			best = c;
	}
	return more < 0 ? -1 : end_group(w, &best, err);
}

int
ledger_each_cube(struct ledger *l, const struct ledger_filter *f,
    uint32_t kinds, const struct ledger_cube_fns *fn, void *data, void *other,
    struct tk_err *err)
{
	struct walk w = { .l = l,
		.filter = *f,
		.kinds = kinds,
		.fn = fn,
		.data = data,
		.other = other,
		.next_id = 1,
		.hour = -1 };
	struct stmt *q = NULL;
	int rc = -1;

	for (int kind = 0; kind < NAME_KINDS; kind++)
		if (f->names[kind] > 0)
			w.kinds |= 1u << kind;
	if (f->keep != NULL)
		w.kinds |= f->keep_kinds;
	if (store_begin_read(l->store, err) < 0)
		return -1;
	if (wanted_resolve(&w.wanted, l, f, err) == 0 &&
	    store_prepare(l->store, &q, sets_sql, err) == 0 &&
	    store_prepare(l->store, &w.entries, data_sql, err) == 0 &&
	    choose_flags(&w, q, err) == 0 && each_group(&w, q, err) == 0)
		rc = give_records(&w, INT64_MAX, err);
	stmt_free(q);
	stmt_free(w.entries);
	wanted_release(&w.wanted);
	free(w.split);
	store_end_read(l->store);
	return rc;
}
