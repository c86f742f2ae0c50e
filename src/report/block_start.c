/*
 * Where the windows that are asked for begin
 *
 * The last window follows from all before it.  Roll-ups and what was
 * remembered of an earlier run spare reading their records.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "ledger/segment.h"
#include "report/block_int.h"
#include "store/store.h"

static const int64_t hour_ms = INT64_C(3600000);
static const int64_t day_ms = INT64_C(86400000);

/*
 * Slots in which calls were made, in the order of time, from the roll-ups:
 * they say where windows begin without reading the records.
 */
struct presence {
	struct used_slot {
		int64_t start;
		tk_int128 requests;
	} * slot;
	size_t n, room;
};

static int
note_slot(const struct ledger_slot *slot, void *data, struct tk_err *err)
{
	struct presence *p = data;

	(void)err;
	if (p->n == p->room) {
		p->room = p->room > 0 ? p->room * 2 : 256;
		p->slot = tk_xreallocarray(p->slot, p->room, sizeof(*p->slot));
	}
	p->slot[p->n++] = (struct used_slot){ slot_of(slot->start) * SLOT_MS,
		slot->sums.v[SUM_REQUESTS] };
	return 0;
}

static int
by_start(const void *a_, const void *b_)
{
	const struct used_slot *a = a_, *b = b_;

	return a->start < b->start ? -1 : a->start > b->start;
}

/* Segments share slots, and what one has may be taken back in another. */
static void
join_slots(struct presence *p)
{
	size_t kept = 0;

	if (p->n > 1)
		qsort(p->slot, p->n, sizeof(*p->slot), by_start);
	for (size_t i = 0; i < p->n;) {
		struct used_slot sum = p->slot[i];

		while (++i < p->n && p->slot[i].start == sum.start)
			sum.requests += p->slot[i].requests;
		if (sum.requests > 0)
			p->slot[kept++] = sum;
	}
	p->n = kept;
}

static int
find_slots(struct presence *p, struct ledger *l, int64_t low, int64_t high,
    struct tk_err *err)
{
	p->n = 0;
	if (ledger_each_slot(l, low, high, note_slot, p, err) < 0)
		return -1;
	join_slots(p);
	return 0;
}

/*
 * The latest time at or before "from" at which a window must begin because
 * nobody made a call for longer than one lasts; 0 when there is none in the
 * slots, which are those from "low" on.
 */
static int64_t
find_reset(const struct presence *p, int64_t low, int64_t from, int64_t window)
{
	int64_t next = from; /* the earliest that may be after a gap */

	for (size_t i = p->n; i > 0; i--) {
		if (next - (p->slot[i - 1].start + SLOT_MS) > window)
			return next;
		next = p->slot[i - 1].start;
	}
	return next - low > window ? next : 0;
}

/*
 * Without a gap, windows follow from each other, and all slots since the
 * first say where they are; but for those that begin when a window ends:
 * calls in their first millisecond still belong to it.  Only when there are
 * later ones, too, the next window begins there.
 */
struct border {
	struct used_slot *slot; /* such ones, and the later calls in them */
	size_t n;
};

static int
note_later(const struct ledger_slot *slot, void *data, struct tk_err *err)
{
	struct border *b = data;
	struct used_slot key = { slot_of(slot->start) * SLOT_MS, 0 };
	struct used_slot *found =
	    bsearch(&key, b->slot, b->n, sizeof(key), by_start);

	(void)err;
	if (found == NULL)
		return 0;
	if (slot->end - slot->start > 1)
		return LEDGER_SPLIT;
	if (slot->start > key.start)
		found->requests += slot->sums.v[SUM_REQUESTS];
	return 0;
}

/* What of the slots from *since on is a border, and the last window that
 * begins at or before "from": *since becomes its earliest possible call. */
static void
follow(const struct presence *p, int64_t from, int64_t window, struct border *b,
    int64_t *since)
{
	int64_t first = *since, end = INT64_MIN;

	b->slot = tk_xcalloc(p->n + 1, sizeof(*b->slot));
	for (size_t i = 0; i < p->n; i++) {
		int64_t slot = p->slot[i].start;
		int64_t start = slot - slot % hour_ms;

		if (slot + SLOT_MS <= first || slot < end)
			continue;
		if (start > from)
			return;
		if (slot == end) {
			b->slot[b->n++].start = slot;
			*since = slot + 1;
		} else if (slot > first) {
			*since = slot;
		}
		end = start + window;
	}
}

static int
find_window(struct ledger *l, const struct presence *p, int64_t from,
    int64_t window, int64_t *since, struct tk_err *err)
{
	struct border b = { 0 };
	int64_t first = *since;
	int rc = 0;

	follow(p, from, window, &b, since);
	if (b.n > 0)
		rc = ledger_each_slot(l, b.slot[0].start, from + SLOT_MS,
		    note_later, &b, err);
	for (size_t i = 0; i < b.n; i++)
		if (b.slot[i].requests <= 0)
			*since = first; /* let the records say it */
	free(b.slot);
	return rc;
}

/* Whether nothing that was written since the anchor is from before it. */
static int
anchor_holds(struct ledger *l, const struct block_query *q, struct tk_err *err)
{
	const struct block_anchor *a = q->anchor;
	struct ledger_filter f;
	struct ledger_scan *s;
	struct packed_record *v;
	int64_t epoch, last_id;
	char uuid[33];
	int more;

	if (a == NULL || a->window != q->window || a->first <= 0)
		return 0;
	if (ledger_uuid(l, uuid, err) < 0 ||
	    store_epoch(ledger_store(l), &epoch, err) < 0 ||
	    ledger_last_id(l, &last_id, err) < 0)
		return -1;
	if (strcmp(uuid, a->ledger) != 0 || epoch != a->epoch ||
	    last_id < a->last_id)
		return 0;
	if (last_id == a->last_id)
		return 1;
	ledger_filter_init(&f);
	f.min_id = a->last_id + 1;
	f.until = a->first;
	if (ledger_scan_open(&s, l, &f, SCAN_ALL, err) < 0)
		return -1;
	more = ledger_scan_next(s, &v, err);
	ledger_scan_close(s);
	return more < 0 ? -1 : more == 0;
}

/* Look for a gap, further and further back, and for the windows from there
 * on. */
static int
search(struct ledger *l, int64_t from, int64_t low, int64_t window,
    int64_t *since, struct tk_err *err)
{
	struct presence p = { 0 };
	int64_t span = 2 * window + day_ms, reset = 0, at;
	int rc = 0;

	for (at = from; rc == 0 && reset == 0 && at > low; span *= 16) {
		at = span < from && from - span > low ? from - span : low;
		rc = find_slots(&p, l, at, from, err);
		if (rc == 0 && at > 0)
			reset = find_reset(&p, at, from, window);
	}
	*since = reset > 0 ? reset : low;
	if (rc == 0 && *since > 0)
		rc = find_window(l, &p, from, window, since, err);
	free(p.slot);
	return rc;
}

/*
 * The earliest record that matters.  With a filter by names nothing but the
 * records themselves can say it.
 */
int
block_scan_from(struct ledger *l, const struct block_query *q, int64_t *since,
    struct tk_err *err)
{
	int64_t low = INT64_MIN, from = q->from;
	int held;

	/* What began earlier than that has ended before the range. */
	if (q->filter.since > day_ms && q->filter.since - q->window > from)
		from = q->filter.since - q->window;
	*since = INT64_MIN;
	if (!ledger_filter_is_all(&q->filter) || from <= day_ms || q->most)
		return 0;
	held = anchor_holds(l, q, err);
	if (held < 0)
		return -1;
	if (held > 0)
		low = q->anchor->first;
	return search(l, from - from % SLOT_MS, low, q->window, since, err);
}
