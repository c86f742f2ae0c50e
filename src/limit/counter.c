/* The counters in the database: reading, writing, and what crosses. */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "limit/limit_int.h"
#include "limit/prune.h"

static const char read_sql[] =
    "SELECT sums FROM counter"
    " WHERE tally = $1 AND name = $2 AND name2 = $3 AND session = $4"
    "   AND start = $5";
static const char write_sql[] =
    "INSERT INTO counter (tally, name, name2, session, start, sums)"
    " VALUES ($1, $2, $3, $4, $5, $6)"
    " ON CONFLICT (tally, name, name2, session, start)"
    " DO UPDATE SET sums = excluded.sums";

static void
bind_key(struct limits *L, struct stmt *q, const struct tally_key *k)
{
	stmt_bind_int(q, 1, L->tally[k->tally].id);
	stmt_bind_text(q, 2, k->name);
	stmt_bind_text(q, 3, k->name2);
	stmt_bind_text(q, 4, k->session);
	stmt_bind_int(q, 5, k->start);
}

static bool
seen_before(const struct limits *L, const struct tally_key *k,
    struct tally_sums *s)
{
	for (size_t i = 0; i < L->nseen; i++) {
		const struct tally_key *known = &L->seen[i].key;

		if (known->tally == k->tally && known->start == k->start &&
		    *k->session == '\0' && strcmp(known->name, k->name) == 0 &&
		    strcmp(known->name2, k->name2) == 0) {
			*s = L->seen[i].sums;
			return true;
		}
	}
	return false;
}

/*
 * A call that is let through changes the counters that it was measured
 * against.  The texts of their keys are those of parts, which stay; a
 * session's would not.
 */
void
counter_see(struct limits *L, const struct tally_key *k,
    const struct tally_sums *s)
{
	if (L->nseen < COUNTERS_SEEN && *k->session == '\0')
		L->seen[L->nseen++] = (struct counter_seen){ *k, *s };
}

int
counter_read(struct limits *L, const struct tally_key *k, struct tally_sums *s,
    struct tk_err *err)
{
	const void *bytes;
	size_t len;
	int more;

	if (seen_before(L, k, s))
		return 1;
	*s = (struct tally_sums){ 0 };
	if (store_prepare_once(L->st, &L->read, read_sql, err) < 0)
		return -1;
	bind_key(L, L->read, k);
	more = stmt_step(L->read, err);
	if (more <= 0)
		return more;
	bytes = stmt_blob(L->read, 0, &len);
	if (!counter_unpack(bytes, len, s))
		more = tk_fail(err, TK_DATA,
		    "the ledger is damaged: a counter of '%.64s'", k->name);
	stmt_reset(L->read);
	return more;
}

static int
counter_write(struct limits *L, const struct tally_key *k,
    const struct tally_sums *s, struct tk_err *err)
{
	struct tk_buf b = TK_BUF_INIT;
	int rc;

	if (store_prepare_once(L->st, &L->write, write_sql, err) < 0)
		return -1;
	L->nseen = 0;
	counter_pack(&b, s);
	bind_key(L, L->write, k);
	stmt_bind_blob(L->write, 6, b.s, b.len);
	rc = stmt_step(L->write, err);
	tk_buf_release(&b);
	return rc;
}

/* In the order in which the database has them. */
static int
compare(const void *a_, const void *b_)
{
	const struct tally_key *a = &((const struct book_entry *)a_)->key;
	const struct tally_key *b = &((const struct book_entry *)b_)->key;
	int c = strcmp(a->name, b->name);

	if (a->tally != b->tally)
		return a->tally < b->tally ? -1 : 1;
	if (c == 0)
		c = strcmp(a->name2, b->name2);
	if (c == 0)
		c = strcmp(a->session, b->session);
	if (c == 0 && a->start != b->start)
		c = a->start < b->start ? -1 : 1;
	return c;
}

/* Which limits look at this counter, and what they crossed by it. */
static int
tell(struct limits *L, const struct book_entry *e,
    const struct tally_sums *before, const struct tally_sums *after,
    struct tk_err *err)
{
	const struct tally *t = &L->tally[e->key.tally];
	struct limit_name n = { t->scope, e->key.name, e->key.name2 };
	const struct part_list *list;

	if (limits_parts(L, &n, &list, err) < 0)
		return -1;
	for (size_t i = 0; i < list->n; i++) {
		struct limit_part *p = &list->v[i];
		tk_int128 was = part_used(L, p, before);
		tk_int128 now = part_used(L, p, after);
		struct part_state s;

		if (p->rolling ? t->period != PERIOD_MINUTES
			       : t->period != p->period ||
			    strcmp(t->zone_name, p->zone) != 0)
			continue;
		if (now <= was)
			continue;
		/* What is in the window, or carried over, takes a look. */
		if (p->rolling || p->carry) {
			if (part_state(L, p, e->latest, e->key.session, false,
				&s, err) < 0)
				return -1;
			was = s.used - (now - was);
			now = s.used;
		} else {
			s.amount = p->amount;
			s.start = e->key.start;
		}
		if (crossing_tell(L, p, s.start, e->key.session, e->latest, was,
			now, s.amount, err) < 0)
			return -1;
	}
	return 0;
}

static void
sort(struct book *b)
{
	if (b->n > 1)
		qsort(b->v, b->n, sizeof(*b->v), compare);
}

int
book_write(struct limits *L, struct book *b, struct tk_err *err)
{
	sort(b);
	for (size_t i = 0; i < b->n; i++)
		if (!tally_sums_zero(&b->v[i].sums) &&
		    counter_write(L, &b->v[i].key, &b->v[i].sums, err) < 0)
			return -1;
	return 0;
}

/*
 * All counters are written before anybody is told: a window is the sum of
 * many of them.
 */
int
book_flush(struct limits *L, struct tk_err *err)
{
	struct book *b = &L->book;
	struct tally_sums *was;
	int rc = -1;

	if (b->n == 0)
		return 0;
	was = tk_xcalloc(b->n, sizeof(*was));
	sort(b);
	for (size_t i = 0; i < b->n; i++) {
		int found = 1;

		if (!tally_sums_zero(&b->v[i].sums))
			found = counter_read(L, &b->v[i].key, &was[i], err);
		if (found < 0 ||
		    (found == 0 && prune_counters(L, &b->v[i].key, err) < 0))
			goto out;
	}
	for (size_t i = 0; i < b->n; i++) {
		struct tally_sums sum = was[i];

		if (tally_sums_zero(&b->v[i].sums))
			continue;
		tally_sums_add(&sum, &b->v[i].sums, 1);
		if (counter_write(L, &b->v[i].key, &sum, err) < 0)
			goto out;
	}
	for (size_t i = 0; i < b->n; i++) {
		struct tally_sums sum = was[i];

		tally_sums_add(&sum, &b->v[i].sums, 1);
		if ((b->v[i].sums.v[TALLY_TOKENS] > 0 ||
			b->v[i].sums.v[TALLY_COST] > 0 ||
			b->v[i].sums.v[TALLY_UNPRICED] > 0) &&
		    tell(L, &b->v[i], &was[i], &sum, err) < 0)
			goto out;
	}
	rc = prune_tallies(L, err);
out:
	free(was);
	book_reset(b);
	return rc;
}
