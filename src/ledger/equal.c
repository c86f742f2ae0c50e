/*
 * Records are compared by digests.  Each falls into one of many heaps; the
 * sum and number of digests of a heap are the same on both sides, or the
 * heap holds a difference, and is looked at again, record by record.
 */
#include "ledger/equal.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/sha256.h"
#include "ledger/ledger.h"
#include "ledger/scan.h"

enum { HEAPS = 4096 };

struct digest {
	uint64_t half[2];
};

struct heap {
	uint64_t sum[2];
	int64_t n;
};

struct sighting {
	struct digest d;
	int64_t id, time;
	int side;
};

struct side {
	struct heap heap[HEAPS];
	int64_t records;
};

/* One walk over a ledger. */
struct walk {
	struct ledger *l;
	struct ledger_scan *scan;
	char uuid[33];
	struct tk_buf text, name;
};

static void
add_number(struct tk_buf *b, int64_t n)
{
	tk_buf_add(b, &n, sizeof(n));
}

/* Every field, each told apart from the next; nothing is not "". */
static void
add_field(struct tk_buf *b, struct usage_record *r,
    const struct record_field *f)
{
	const char *s;

	switch (f->type) {
	case RECORD_NAME:
	case RECORD_TEXT:
	case RECORD_OBJECT:
		s = *record_text(r, f);
		add_number(b, s == NULL ? -1 : (int64_t)strlen(s));
		if (s != NULL)
			tk_buf_adds(b, s);
		return;
	case RECORD_TIME:
	case RECORD_COUNT:
	case RECORD_NUMBER:
	case RECORD_COST:
	case RECORD_CHOICE:
		add_number(b, *record_int(r, f));
		return;
	}
}

static void
digest_record(struct walk *w, struct usage_record *r, struct digest *d)
{
	uint8_t digest[TK_SHA256_LEN];

	if (r->request_id == NULL) {
		ledger_name_record(w->uuid, r->id, &w->name);
		r->request_id = w->name.s;
	}
	tk_buf_reset(&w->text);
	for (const struct record_field *f = record_fields; f->key != NULL; f++)
		add_field(&w->text, r, f);
	tk_sha256(w->text.s, w->text.len, digest);
	memcpy(d, digest, sizeof(*d));
}

static int
walk_open(struct walk *w, struct ledger *l, struct tk_err *err)
{
	struct ledger_filter all;

	*w = (struct walk){ .l = l, .text = TK_BUF_INIT, .name = TK_BUF_INIT };
	ledger_filter_init(&all);
	if (ledger_uuid(l, w->uuid, err) < 0)
		return -1;
	return ledger_scan_open(&w->scan, l, &all, SCAN_STANDING, err);
}

static void
walk_close(struct walk *w)
{
	ledger_scan_close(w->scan);
	tk_buf_release(&w->text);
	tk_buf_release(&w->name);
}

static int
walk_next(struct walk *w, struct packed_record **v, struct digest *d,
    struct tk_err *err)
{
	int more = ledger_scan_next(w->scan, v, err);

	if (more <= 0)
		return more;
	if (ledger_scan_resolve(w->scan, *v, err) < 0)
		return -1;
	digest_record(w, &(*v)->r, d);
	return 1;
}

static size_t
heap_of(const struct digest *d)
{
	return (size_t)(d->half[0] % HEAPS);
}

static int
add_up(struct side *s, struct ledger *l, struct tk_err *err)
{
	struct packed_record *v;
	struct digest d;
	struct walk w;
	int more = walk_open(&w, l, err);

	while (more >= 0 && (more = walk_next(&w, &v, &d, err)) > 0) {
		struct heap *h = &s->heap[heap_of(&d)];

		h->sum[0] += d.half[0];
		h->sum[1] += d.half[1];
		h->n++;
		s->records++;
	}
	walk_close(&w);
	return more < 0 ? -1 : 0;
}

static bool
same_heap(const struct heap *a, const struct heap *b)
{
	return a->n == b->n && a->sum[0] == b->sum[0] && a->sum[1] == b->sum[1];
}

struct sightings {
	struct sighting *v;
	size_t n, cap;
};

static int
collect(struct sightings *all, struct ledger *l, int side, size_t heap,
    struct tk_err *err)
{
	struct packed_record *v;
	struct digest d;
	struct walk w;
	int more = walk_open(&w, l, err);

	while (more >= 0 && (more = walk_next(&w, &v, &d, err)) > 0) {
		if (heap_of(&d) != heap)
			continue;
		if (all->n == all->cap) {
			all->cap = all->cap == 0 ? 64 : all->cap * 2;
			all->v =
			    tk_xreallocarray(all->v, all->cap, sizeof(*all->v));
		}
		all->v[all->n++] =
		    (struct sighting){ d, v->r.id, v->r.time, side };
	}
	walk_close(&w);
	return more < 0 ? -1 : 0;
}

static int
by_digest(const void *a_, const void *b_)
{
	const struct sighting *a = a_, *b = b_;
	int c = memcmp(&a->d, &b->d, sizeof(a->d));

	return c != 0 ? c : a->side - b->side;
}

/* Say which of a heap have no twin, and which is the earliest. */
static void
find_single(struct sightings *all, struct ledger_equality *e)
{
	const struct sighting *first = NULL;

	qsort(all->v, all->n, sizeof(*all->v), by_digest);
	for (size_t i = 0; i < all->n;) {
		size_t end = i, n[2] = { 0, 0 };
		const struct sighting *s = &all->v[i];
		int more;

		for (; end < all->n &&
		     memcmp(&all->v[end].d, &s->d, sizeof(s->d)) == 0;
		     end++)
			n[all->v[end].side]++;
		i = end;
		if (n[0] == n[1])
			continue;
		more = n[1] > n[0];
		if (more)
			s = &all->v[end - 1];
		e->only[more] += (int64_t)(n[more] - n[!more]);
		if (first == NULL || s->time < first->time)
			first = s;
	}
	if (first == NULL)
		return;
	e->first_side = first->side;
	e->first_id = first->id;
	e->first_time = first->time;
}

int
ledger_compare(struct ledger *a, struct ledger *b, struct ledger_equality *e,
    struct tk_err *err)
{
	struct side *s = tk_xcalloc(2, sizeof(*s));
	struct sightings all = { 0 };
	size_t heap = 0;
	int rc = -1;

	*e = (struct ledger_equality){ 0 };
	if (add_up(&s[0], a, err) < 0 || add_up(&s[1], b, err) < 0)
		goto out;
	e->records[0] = s[0].records;
	e->records[1] = s[1].records;
	while (heap < HEAPS && same_heap(&s[0].heap[heap], &s[1].heap[heap]))
		heap++;
	if (heap < HEAPS) {
		if (collect(&all, a, 0, heap, err) < 0 ||
		    collect(&all, b, 1, heap, err) < 0)
			goto out;
		find_single(&all, e);
	}
	rc = 0;
out:
	free(all.v);
	free(s);
	return rc;
}
