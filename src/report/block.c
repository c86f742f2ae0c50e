#include "report/block.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "ledger/names.h"
#include "ledger/segment.h"
#include "report/block_int.h"
#include "store/store.h"

static const int64_t hour_ms = INT64_C(3600000);
static const int64_t day_ms = INT64_C(86400000);

/*
 * What is summed first: a quarter of an hour, without its first millisecond,
 * or that millisecond alone.  Windows begin and end at full quarters, and
 * take the millisecond in which they end, so a piece is in one window.
 */
struct piece {
	int64_t key; /* 2 * slot, and 1 more for what is after its start */
	int64_t first, last;
	struct usage_sums sums;
	struct model_at {
		uint32_t id;
		int64_t first;
	} * model;
	size_t models;
	bool counts; /* something in it is in the range */
};

struct pieces {
	struct piece *v;
	size_t n, room;
	uint32_t *slot; /* number of the piece + 1; a power of two of them */
	size_t slots;
	size_t latest;
};

static uint32_t *
find_slot(const struct pieces *p, int64_t key)
{
	uint64_t h = (uint64_t)key * UINT64_C(0x9e3779b97f4a7c15);

	for (size_t i = h >> 20 & (p->slots - 1);;
	     i = (i + 1) & (p->slots - 1)) {
		if (p->slot[i] == 0 || p->v[p->slot[i] - 1].key == key)
			return &p->slot[i];
	}
}

static void
grow(struct pieces *p)
{
	p->room = p->room > 0 ? p->room * 2 : 64;
	p->v = tk_xreallocarray(p->v, p->room, sizeof(*p->v));
	free(p->slot);
	p->slots = p->room * 2;
	p->slot = tk_xcalloc(p->slots, sizeof(*p->slot));
	for (size_t i = 0; i < p->n; i++)
		*find_slot(p, p->v[i].key) = (uint32_t)i + 1;
}

static struct piece *
piece_of(struct pieces *p, int64_t key)
{
	uint32_t *slot;

	if (p->latest < p->n && p->v[p->latest].key == key)
		return &p->v[p->latest];
	if (p->n == p->room)
		grow(p);
	slot = find_slot(p, key);
	if (*slot == 0) {
		p->v[p->n++] = (struct piece){ .key = key,
			.first = INT64_MAX,
			.last = INT64_MIN };
		*slot = (uint32_t)p->n;
	}
	p->latest = *slot - 1;
	return &p->v[p->latest];
}

static void
add_model(struct piece *p, uint32_t id, int64_t time)
{
	for (size_t i = 0; i < p->models; i++) {
		if (p->model[i].id != id)
			continue;
		if (time < p->model[i].first)
			p->model[i].first = time;
		return;
	}
	p->model = tk_xreallocarray(p->model, p->models + 1, sizeof(*p->model));
	p->model[p->models++] = (struct model_at){ id, time };
}

static void
add_record(struct pieces *all, const struct packed_record *v, int64_t since)
{
	int64_t time = v->r.time;
	struct piece *p =
	    piece_of(all, 2 * slot_of(time) + (time % SLOT_MS != 0));

	if (time < since)
		return;
	p->counts = true;
	if (time < p->first)
		p->first = time;
	if (time > p->last)
		p->last = time;
	sums_add_record(&p->sums, &v->r, v->name[NAME_ERROR] != 0);
	add_model(p, v->name[NAME_MODEL], time);
}

static int
by_key(const void *a_, const void *b_)
{
	const struct piece *a = a_, *b = b_;

	return a->key < b->key ? -1 : a->key > b->key;
}

static int
by_first(const void *a_, const void *b_)
{
	const struct model_at *a = a_, *b = b_;

	if (a->first != b->first)
		return a->first < b->first ? -1 : 1;
	return a->id < b->id ? -1 : a->id > b->id;
}

static void
free_pieces(struct pieces *p)
{
	for (size_t i = 0; i < p->n; i++)
		free(p->v[i].model);
	free(p->v);
	free(p->slot);
}

/* All records from scan_since on; those before the range only by their
 * time. */
static int
collect(struct pieces *p, struct ledger *l, const struct ledger_filter *wanted,
    int64_t scan_since, struct tk_err *err)
{
	struct ledger_filter f = *wanted;
	struct ledger_scan *s;
	struct packed_record *v;
	int more;

	f.since = scan_since;
	if (ledger_scan_open(&s, l, &f, SCAN_STANDING, err) < 0)
		return -1;
	while ((more = ledger_scan_next(s, &v, err)) > 0)
		add_record(p, v, wanted->since);
	ledger_scan_close(s);
	if (p->n > 1)
		qsort(p->v, p->n, sizeof(*p->v), by_key);
	return more;
}

struct lookup {
	struct names *names;
	struct tk_err *err;
};

static int
add_models(struct block *b, struct piece *p, const struct lookup *l)
{
	if (p->models > 1)
		qsort(p->model, p->models, sizeof(*p->model), by_first);
	for (size_t i = 0; i < p->models; i++) {
		const char *text;
		size_t k = 0;

		if (names_text(l->names, p->model[i].id, &text, l->err) < 0)
			return -1;
		while (k < b->models && b->model[k] != text)
			k++;
		if (text == NULL || k < b->models)
			continue;
		b->model = tk_xreallocarray(b->model, b->models + 1,
		    sizeof(*b->model));
		b->model[b->models++] = text;
	}
	return 0;
}

static struct block *
new_block(struct blocks *b, size_t *room, int64_t start, int64_t window)
{
	if (b->n == *room) {
		*room = *room > 0 ? *room * 2 : 32;
		b->block = tk_xreallocarray(b->block, *room, sizeof(*b->block));
	}
	b->block[b->n] = (struct block){ .start = start,
		.end = start + window,
		.first = INT64_MAX,
		.last = INT64_MIN };
	return &b->block[b->n++];
}

static int
join(struct blocks *b, const struct pieces *all, const struct block_query *q,
    const struct lookup *names)
{
	struct block *now = NULL;
	size_t room = 0;

	for (size_t i = 0; i < all->n; i++) {
		struct piece *p = &all->v[i];
		int64_t start = p->key / 2 * SLOT_MS;
		int64_t after = start + (p->key & 1); /* its earliest time */

		if (now == NULL || after > now->end)
			now = new_block(b, &room, start / hour_ms * hour_ms,
			    q->window);
		if (!p->counts)
			continue;
		if (p->first < now->first)
			now->first = p->first;
		if (p->last > now->last)
			now->last = p->last;
		sums_add(&now->sums, &p->sums);
		if (add_models(now, p, names) < 0)
			return -1;
	}
	return 0;
}

static void
finish_block(struct block *x, const struct block *before,
    const struct block_query *q)
{
	x->active = x->start <= q->now && q->now < x->end &&
	    q->now - x->last < q->window;
	x->gap = INT64_MIN;
	if (before != NULL && x->first - before->last > q->window)
		x->gap = before->last + q->window;
}

/* Drop what is outside the range, or earlier than asked for. */
static void
keep_wanted(struct blocks *b, const struct block_query *q)
{
	struct block before = { 0 };
	size_t kept = 0;

	for (size_t i = 0; i < b->n; i++) {
		struct block x = b->block[i];

		if (x.first > x.last) { /* all of it is before the range */
			free(x.model);
			continue;
		}
		finish_block(&x, before.end > 0 ? &before : NULL, q);
		before = x;
		if (!x.active && sums_total(&x.sums) > b->most)
			b->most = sums_total(&x.sums);
		if (x.start < q->from && !x.active)
			free(x.model);
		else
			b->block[kept++] = x;
	}
	b->n = kept;
}

/* What the next run may begin with: the last window. */
static int
set_anchor(struct ledger *l, const struct block_query *q,
    const struct blocks *b, struct tk_err *err)
{
	size_t n = b->n;

	if (q->anchor == NULL)
		return 0;
	if (ledger_uuid(l, q->anchor->ledger, err) < 0 ||
	    store_epoch(ledger_store(l), &q->anchor->epoch, err) < 0 ||
	    ledger_last_id(l, &q->anchor->last_id, err) < 0)
		return -1;
	q->anchor->window = q->window;
	/* Those of the future are not begun with: the open one is earlier. */
	while (n > 0 && b->block[n - 1].start > q->now)
		n--;
	q->anchor->first = n > 0 ? b->block[n - 1].first : 0;
	return 0;
}

int
block_check_window(int64_t window, struct tk_err *err)
{
	if (window < hour_ms || window % SLOT_MS != 0 ||
	    window > BLOCK_MAX_DAYS * day_ms) {
		tk_fail(err, TK_USAGE,
		    "a window lasts from 1 hour to %d days, in quarters of "
		    "an hour",
		    BLOCK_MAX_DAYS);
		return tk_hint(err, "as '5h', '90m' or '7d'");
	}
	return 0;
}

int
block_run(struct blocks *b, struct ledger *l, const struct block_query *q,
    struct tk_err *err)
{
	struct pieces all = { 0 };
	struct lookup names = { ledger_names(l), err };
	int64_t since;
	int rc = -1;

	*b = (struct blocks){ 0 };
	if (ledger_begin_read(l, err) < 0)
		return -1;
	grow(&all);
	if (block_scan_from(l, q, &since, err) == 0 &&
	    collect(&all, l, &q->filter, since, err) == 0 &&
	    join(b, &all, q, &names) == 0)
		rc = set_anchor(l, q, b, err);
	ledger_end_read(l);
	free_pieces(&all);
	if (rc < 0)
		block_release(b);
	else
		keep_wanted(b, q);
	return rc;
}

void
block_release(struct blocks *b)
{
	for (size_t i = 0; i < b->n; i++)
		free(b->block[i].model);
	free(b->block);
	*b = (struct blocks){ 0 };
}

const struct block *
block_active(const struct blocks *b)
{
	for (size_t i = b->n; i > 0; i--)
		if (b->block[i - 1].active)
			return &b->block[i - 1];
	return NULL;
}

struct block_line *
block_lines(const struct blocks *b, const struct block_query *q, size_t *n)
{
	struct block_line *line = tk_xcalloc(2 * b->n + 1, sizeof(*line));
	int64_t from = q->from > q->filter.since ? q->from : q->filter.since;

	*n = 0;
	for (size_t i = 0; i < b->n; i++) {
		const struct block *x = &b->block[i];

		if (x->gap != INT64_MIN && x->gap >= from)
			line[(*n)++] =
			    (struct block_line){ NULL, x->gap, x->first };
		line[(*n)++] = (struct block_line){ x, x->start, x->end };
	}
	return line;
}

tk_int128
block_scale(tk_int128 n, int64_t by, int64_t of)
{
	tk_int128 whole, rest = n % of;

	if (__builtin_mul_overflow(n / of, (tk_int128)by, &whole))
		return n < 0 ? -((tk_int128)1 << 126) : (tk_int128)1 << 126;
	rest *= by;
	rest += rest < 0 ? -(of / 2) : of / 2;
	return whole + rest / of;
}

enum { MINUTE_MS = 60000 };

bool
block_rate(const struct block *b, struct block_rate *rate)
{
	int64_t span = b->last - b->first;

	if (span <= 0)
		return false;
	rate->tokens_per_minute =
	    block_scale(sums_total(&b->sums), MINUTE_MS, span);
	rate->cost_per_hour = block_scale(b->sums.v[SUM_COST], hour_ms, span);
	return true;
}

bool
block_project(const struct block *b, int64_t now, struct block_ahead *ahead)
{
	int64_t span = (now > b->last ? now : b->last) - b->first;

	ahead->left = b->end - now;
	if (b->sums.v[SUM_REQUESTS] < 3 || span < 5 * MINUTE_MS ||
	    ahead->left < 0)
		return false;
	ahead->tokens = sums_total(&b->sums) +
	    block_scale(sums_total(&b->sums), ahead->left, span);
	ahead->cost = b->sums.v[SUM_COST] +
	    block_scale(b->sums.v[SUM_COST], ahead->left, span);
	return true;
}
