/*
 * Holds, for the limits of top: whose came or went since they were last read
 *
 * A hold changes what is left of a limit although no call was recorded, and
 * nothing says so but the holds themselves.  There are as many of them as
 * calls are being made now.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "top/model_int.h"

struct top_hold {
	int64_t id;
	uint32_t owner[SCOPES]; /* + 1; 0: it has none of that scope */
};

struct reading {
	const struct top_model *m;
	struct top_hold *v;
	size_t n, room;
};

static int
by_owner(const void *a_, const void *b_)
{
	return top_owner_compare(a_, b_);
}

static uint32_t
find_owner(const struct top_model *m, enum limit_scope scope, const char *name,
    const char *name2)
{
	struct top_owner key = { .scope = scope,
		.name = (char *)(uintptr_t)name,
		.name2 = (char *)(uintptr_t)name2 };
	const struct top_owner *o;

	if (name == NULL || name2 == NULL || m->owners == 0)
		return 0;
	o = bsearch(&key, m->owner, m->owners, sizeof(*o), by_owner);
	return o != NULL ? (uint32_t)(o - m->owner) + 1 : 0;
}

/* Departments and everyone are looked at each time as it is. */
static int
add_hold(const struct limit_hold *h, void *data, struct tk_err *err)
{
	const struct limit_subject *who = &h->who;
	struct reading *r = data;
	struct top_hold *to;

	(void)err;
	if (r->n == r->room) {
		r->room = r->room > 0 ? 2 * r->room : 64;
		r->v = tk_xreallocarray(r->v, r->room, sizeof(*r->v));
	}
	to = &r->v[r->n++];
	*to = (struct top_hold){ .id = h->id };
	to->owner[SCOPE_USER] = find_owner(r->m, SCOPE_USER, who->user, "");
	to->owner[SCOPE_APPLICATION] =
	    find_owner(r->m, SCOPE_APPLICATION, who->application, "");
	to->owner[SCOPE_MODEL] = find_owner(r->m, SCOPE_MODEL, who->model, "");
	to->owner[SCOPE_KEY] = find_owner(r->m, SCOPE_KEY, who->key, "");
	to->owner[SCOPE_USER_APPLICATION] = find_owner(r->m,
	    SCOPE_USER_APPLICATION, who->user, who->application);
	return 0;
}

static int
by_id(const void *a_, const void *b_)
{
	const struct top_hold *a = a_, *b = b_;

	return a->id < b->id ? -1 : a->id > b->id;
}

static void
touch(struct top_model *m, const struct top_hold *h)
{
	for (int i = 0; i < SCOPES; i++)
		if (h->owner[i] > 0)
			m->owner[h->owner[i] - 1].due = true;
}

/* Those that only one of the two has; both are in the order of their ids. */
static void
touch_others(struct top_model *m, const struct top_hold *a, size_t na,
    const struct top_hold *b, size_t nb)
{
	size_t i = 0, k = 0;

	while (i < na || k < nb) {
		if (k == nb || (i < na && a[i].id < b[k].id))
			touch(m, &a[i++]);
		else if (i == na || b[k].id < a[i].id)
			touch(m, &b[k++]);
		else
			i++, k++;
	}
}

int
top_holds_read(struct top_model *m, struct ledger *l, struct tk_err *err)
{
	struct reading r = { .m = m };

	if (limit_each_hold(l, m->now, add_hold, &r, err) < 0) {
		free(r.v);
		return -1;
	}
	if (r.n > 1)
		qsort(r.v, r.n, sizeof(*r.v), by_id);
	touch_others(m, m->hold, m->holds, r.v, r.n);
	free(m->hold);
	m->hold = r.v;
	m->holds = r.n;
	return 0;
}
