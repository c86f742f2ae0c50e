/* What one name used, from the records and holds themselves: recount.h. */
#include "limit/recount.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "ledger/names.h"
#include "ledger/scan.h"

void
buckets_add(struct buckets *all, const struct bucket *b)
{
	if (all->n == all->room) {
		all->room = all->room ? 2 * all->room : 64;
		all->v = tk_xreallocarray(all->v, all->room, sizeof(*all->v));
	}
	all->v[all->n++] = *b;
}

/* What one name used in a range, from the records and holds themselves. */
struct one {
	struct limits *L;
	const struct limit_name *n;
	const char *session; /* NULL: any */
	int64_t since, until;
	struct tally_sums *sums;
	int sign;
	struct buckets *all; /* or NULL: by minutes, too, in any order */
};

static void
add_sums(struct one *c, int64_t time, const struct tally_sums *sums)
{
	struct bucket b = { .start = time / MINUTE_MS * MINUTE_MS };

	tally_sums_add(c->sums, sums, c->sign);
	tally_sums_add(&b.sums, sums, c->sign);
	if (c->all != NULL)
		buckets_add(c->all, &b);
}

static int
is_of(const struct one *c, const struct limit_subject *s, int64_t time,
    struct tk_err *err)
{
	const char *department = NULL, *name, *name2;

	if (time < c->since || time >= c->until ||
	    (c->session != NULL &&
		(s->session == NULL || strcmp(s->session, c->session) != 0)))
		return 0;
	if (c->n->scope == SCOPE_DEPARTMENT && s->user != NULL &&
	    limits_department(c->L, s->user, time, &department, err) < 0)
		return -1;
	return limit_subject_name(s, department, c->n->scope, &name, &name2) &&
	    strcmp(name, c->n->name) == 0 && strcmp(name2, c->n->name2) == 0;
}

static int
add_hold(const struct limit_hold *h, void *data, struct tk_err *err)
{
	struct one *c = data;
	struct tally_sums sums;
	int mine = is_of(c, &h->who, h->created, err);

	if (mine <= 0)
		return mine;
	tally_sums_of_hold(&sums, h, 1);
	add_sums(c, h->created, &sums);
	return 0;
}

int
recount(struct limits *L, const struct limit_name *n, const char *session,
    int64_t since, int64_t until, struct tally_sums *s, struct buckets *all,
    struct tk_err *err)
{
	struct one c = { L, n, session, since, until, s, 1, all };
	struct ledger_scan *scan = NULL;
	struct packed_record *v;
	struct ledger_filter f;
	int more;

	*s = (struct tally_sums){ 0 };
	ledger_filter_init(&f);
	f.since = since;
	f.until = until;
	if (ledger_scan_open(&scan, L->l, &f, SCAN_ALL, err) < 0)
		return -1;
	while ((more = ledger_scan_next(scan, &v, err)) > 0) {
		struct limit_subject who;
		struct tally_sums sums;
		int mine;

		if (limits_subject(L, v->name, &who, err) < 0 ||
		    (mine = is_of(&c, &who, v->r.time, err)) < 0) {
			more = -1;
			break;
		}
		if (mine == 0)
			continue;
		tally_sums_of_record(&sums, &v->r);
		add_sums(&c, v->r.time, &sums);
	}
	ledger_scan_close(scan);
	return more < 0 ? -1
			: holds_each_active(L, INT64_MAX, add_hold, &c, err);
}

int
limits_count_one(struct limits *L, const struct limit_name *n,
    const char *session, int64_t since, int64_t until, struct tally_sums *s,
    struct tk_err *err)
{
	return recount(L, n, session, since, until, s, NULL, err);
}

int
recount_less_expired(struct limits *L, const struct limit_part *p,
    const char *session, int64_t now, int64_t since, int64_t until,
    struct tally_sums *s, struct buckets *all, struct tk_err *err)
{
	struct one c = { L, &p->of,
		p->period == PERIOD_SESSION ? session : NULL, since, until, s,
		-1, all };

	return holds_each_active(L, now, add_hold, &c, err);
}
