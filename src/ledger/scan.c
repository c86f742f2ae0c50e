#include "ledger/scan.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "ledger/ledger_int.h"
#include "ledger/scan_int.h"

/* So that ids after it can be counted, however damaged the ledger is. */
#define MAX_FIRST_ID (INT64_MAX / 2)

static const char scan_sql[] =
    "SELECT first_id, n, t_min, t_max, data"
    "  FROM segment"
    " WHERE t_max >= $1 AND t_min < $2 AND first_id <= $4"
    "   AND first_id >="
    "       ifnull((SELECT max(first_id) FROM segment WHERE first_id <= $3), 0)"
    " ORDER BY first_id";
static const char one_sql[] = "SELECT first_id, n, t_min, t_max, data"
			      "  FROM segment"
			      " WHERE first_id = $1";
static const char reversed_sql[] = "SELECT id FROM reversed ORDER BY id";

static int
load_reversed(struct ledger_scan *s, struct tk_err *err)
{
	struct stmt *q = NULL;
	size_t room = 0;
	int more;

	if (store_prepare(s->l->store, &q, reversed_sql, err) < 0)
		return -1;
	while ((more = stmt_step(q, err)) > 0) {
		if (s->reversals == room) {
			room = room ? room * 2 : 64;
			s->reversed = tk_xreallocarray(s->reversed, room,
			    sizeof(*s->reversed));
		}
		s->reversed[s->reversals++] = stmt_int(q, 0);
	}
	stmt_free(q);
	return more;
}

/* A scan that goes over no segment yet. */
static int
scan_new(struct ledger_scan **scan, struct ledger *l,
    const struct ledger_filter *f, enum scan_flags flags, struct tk_err *err)
{
	struct ledger_scan *s;

	*scan = NULL;
	if (store_begin_read(l->store, err) < 0)
		return -1;
	*scan = s = tk_xcalloc(1, sizeof(*s));
	s->l = l;
	s->flags = flags;
	s->names = LEDGER_ALL_NAMES;
	s->since = f->since;
	s->until = f->until;
	s->min_id = f->min_id;
	s->max_id = f->max_id;
	s->keep = f->keep;
	s->keep_data = f->keep_data;
	if (wanted_resolve(&s->wanted, l, f, err) == 0 &&
	    (!(flags & SCAN_STANDING) || load_reversed(s, err) == 0)) {
		pack_peek_init(&s->peek, wanted_kinds(&s->wanted));
		return 0;
	}
	ledger_scan_close(s);
	*scan = NULL;
	return -1;
}

int
ledger_scan_open(struct ledger_scan **scan, struct ledger *l,
    const struct ledger_filter *f, enum scan_flags flags, struct tk_err *err)
{
	struct ledger_scan *s;

	if (scan_new(scan, l, f, flags, err) < 0)
		return -1;
	s = *scan;
	if (store_prepare(l->store, &s->q, scan_sql, err) < 0) {
		ledger_scan_close(s);
		*scan = NULL;
		return -1;
	}
	stmt_bind_int(s->q, 1, s->since);
	stmt_bind_int(s->q, 2, s->until);
	stmt_bind_int(s->q, 3, s->min_id);
	stmt_bind_int(s->q, 4, s->max_id);
	return 0;
}

void
ledger_scan_close(struct ledger_scan *s)
{
	if (s == NULL)
		return;
	wanted_release(&s->wanted);
	stmt_free(s->q);
	store_end_read(s->l->store);
	free(s->reversed);
	free(s);
}

/* Segments are mostly gone over in the order of their ids, not always. */
void
scan_seek(struct ledger_scan *s)
{
	size_t low = 0, high = s->reversals;

	while (low < high) {
		size_t mid = (low + high) / 2;

		if (s->reversed[mid] < s->id)
			low = mid + 1;
		else
			high = mid;
	}
	s->next_reversed = low;
}

bool
scan_is_reversed(struct ledger_scan *s, int64_t id)
{
	while (s->next_reversed < s->reversals &&
	    s->reversed[s->next_reversed] < id)
		s->next_reversed++;
	return s->next_reversed < s->reversals &&
	    s->reversed[s->next_reversed] == id;
}

int
scan_segment(struct ledger_scan *s, struct tk_err *err)
{
	size_t len;
	int more = stmt_step(s->q, err);

	if (more <= 0)
		return more;
	s->id = stmt_int(s->q, 0);
	if (s->id < 1 || s->id > MAX_FIRST_ID)
		return tk_fail(err, TK_DATA,
		    "the ledger is damaged: a segment begins at %lld",
		    (long long)s->id);
	if (__builtin_add_overflow(s->id - 1, stmt_int(s->q, 1), &s->last_id))
		s->last_id = s->id;
	s->inside =
	    stmt_int(s->q, 2) >= s->since && stmt_int(s->q, 3) < s->until;
	s->p = stmt_blob(s->q, 4, &len);
	s->end = s->p + len;
	scan_seek(s);
	return 1;
}

static bool
is_wanted(struct ledger_scan *s, const struct packed_record *v)
{
	if (v->r.id < s->min_id || v->r.id > s->max_id ||
	    (!s->inside && (v->r.time < s->since || v->r.time >= s->until)))
		return false;
	if (!wanted_names(&s->wanted, v->name) ||
	    (s->keep != NULL && !s->keep(v, s->keep_data)))
		return false;
	return !(s->flags & SCAN_STANDING) ||
	    (v->r.reverses == 0 && !scan_is_reversed(s, v->r.id));
}

/* The next record, if it has what the filter wants: 1; 0 if not; -1. */
static int
read_wanted(struct ledger_scan *s)
{
	const uint8_t *start = s->p;

	if (s->wanted.kinds > 0) {
		int64_t time;

		if (!pack_peek(&s->p, s->end, &s->peek))
			return -1;
		time = s->peek.time;
		if (time < 0 || time > RECORD_LAST_TIME)
			return -1;
		if ((!s->inside && (time < s->since || time >= s->until)) ||
		    !wanted_names(&s->wanted, s->peek.name)) {
			s->id++;
			return 0;
		}
		s->p = start;
	}
	if (!pack_read_next(&s->p, s->end, &s->v, &s->mask) ||
	    s->v.r.time < 0 || s->v.r.time > RECORD_LAST_TIME)
		return -1;
	s->v.r.id = s->id++;
	return is_wanted(s, &s->v);
}

int
scan_record(struct ledger_scan *s, struct tk_err *err)
{
	while (s->p < s->end) {
		int found = read_wanted(s);

		if (found > 0)
			return 1;
		if (found < 0)
			return tk_fail(err, TK_DATA,
			    "the ledger is damaged: record %lld cannot be read",
			    (long long)s->id);
	}
	return 0;
}

int
ledger_scan_next(struct ledger_scan *s, struct packed_record **v,
    struct tk_err *err)
{
	*v = &s->v;
	for (;;) {
		int more = scan_record(s, err);

		if (more != 0)
			return more;
		more = scan_segment(s, err);
		if (more <= 0)
			return more;
	}
}

void
ledger_scan_want(struct ledger_scan *s, uint32_t kinds)
{
	s->names = kinds;
}

int
ledger_scan_resolve(struct ledger_scan *s, struct packed_record *v,
    struct tk_err *err)
{
	s->mask = 0;
	return ledger_resolve(s->l, v, s->names, err);
}

/* The latest records so far: a heap with the earliest on top. */
struct latest {
	struct place {
		int64_t time, id;
	} * place;
	size_t n, max;
};

static bool
is_before(struct place a, struct place b)
{
	return a.time != b.time ? a.time < b.time : a.id < b.id;
}

static void
sink(struct latest *h, size_t i)
{
	for (;;) {
		size_t least = i, child = 2 * i + 1;
		struct place moved = h->place[i];

		for (size_t c = child; c < child + 2 && c < h->n; c++)
			if (is_before(h->place[c], h->place[least]))
				least = c;
		if (least == i)
			return;
		h->place[i] = h->place[least];
		h->place[least] = moved;
		i = least;
	}
}

static void
offer(struct latest *h, struct place p)
{
	size_t i;

	if (h->n == h->max) {
		if (is_before(h->place[0], p)) {
			h->place[0] = p;
			sink(h, 0);
		}
		return;
	}
	h->place = tk_xreallocarray(h->place, h->n + 1, sizeof(*h->place));
	for (i = h->n++; i > 0 && is_before(p, h->place[(i - 1) / 2]);
	     i = (i - 1) / 2)
		h->place[i] = h->place[(i - 1) / 2];
	h->place[i] = p;
}

/* Offer the records of the segments, latest first, until none can count. */
static int
collect(struct ledger_scan *s, const struct place *segment, size_t n,
    struct latest *h, struct tk_err *err)
{
	for (size_t i = 0; i < n; i++) {
		struct packed_record *v;
		int more;

		if (h->n == h->max && segment[i].time < h->place[0].time)
			return 0;
		stmt_bind_int(s->q, 1, segment[i].id);
		while ((more = ledger_scan_next(s, &v, err)) > 0)
			offer(h, (struct place){ v->r.time, v->r.id });
		if (more < 0)
			return -1;
	}
	return 0;
}

static int
list_segments(struct ledger_scan *s, struct place **segment, size_t *n,
    struct tk_err *err)
{
	static const char sql[] = "SELECT t_max, first_id"
				  "  FROM segment"
				  " WHERE t_max >= $1 AND t_min < $2"
				  " ORDER BY t_max DESC";
	struct stmt *q = NULL;
	size_t room = 0;
	int more;

	if (store_prepare(s->l->store, &q, sql, err) < 0)
		return -1;
	stmt_bind_int(q, 1, s->since);
	stmt_bind_int(q, 2, s->until);
	while ((more = stmt_step(q, err)) > 0) {
		if (*n == room) {
			room = room ? room * 2 : 64;
			*segment =
			    tk_xreallocarray(*segment, room, sizeof(**segment));
		}
		(*segment)[(*n)++] =
		    (struct place){ stmt_int(q, 0), stmt_int(q, 1) };
	}
	stmt_free(q);
	return more;
}

static int
newest_first(const void *a, const void *b)
{
	return is_before(*(const struct place *)a, *(const struct place *)b)
	    ? 1
	    : -1;
}

int
ledger_latest(struct ledger *l, const struct ledger_filter *f,
    enum scan_flags flags, size_t max, ledger_record_fn *fn, void *data,
    struct tk_err *err)
{
	struct latest h = { .max = max };
	struct ledger_scan *s = NULL;
	struct place *segment = NULL;
	size_t n = 0;
	int rc = -1;

	if (max == 0)
		return 0;
	if (store_begin_read(l->store, err) < 0)
		return -1;
	if (scan_new(&s, l, f, flags, err) < 0 ||
	    list_segments(s, &segment, &n, err) < 0 ||
	    store_prepare(l->store, &s->q, one_sql, err) < 0 ||
	    collect(s, segment, n, &h, err) < 0)
		goto out;
	rc = 0;
	if (h.n > 0)
		qsort(h.place, h.n, sizeof(*h.place), newest_first);
	for (size_t i = 0; rc == 0 && i < h.n; i++) {
		struct packed_record v;

		rc = segments_fetch(l->segments, h.place[i].id, &v, err);
		if (rc > 0)
			rc = ledger_resolve(l, &v, LEDGER_ALL_NAMES, err) < 0
			    ? -1
			    : fn(&v, data, err);
	}
out:
	ledger_scan_close(s);
	store_end_read(l->store);
	free(segment);
	free(h.place);
	return rc < 0 ? -1 : 0;
}
