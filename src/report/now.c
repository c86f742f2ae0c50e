#include "report/now.h"

#include <string.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/time.h"
#include "report/now_int.h"
#include "store/store.h"

enum { MINUTE_MS = 60000, FILE_MAX = 1 << 16 };

/* One run: what was known, and what has changed. */
struct reading {
	struct ledger *l;
	const struct now_query *q;
	struct now_state s;
	int64_t day, day_end, month, month_end; /* as of now */
	bool block_wrong; /* it does not follow from the file */
	bool last_gone;   /* the last call of the window was taken back */
	bool changed;
};

static void
file_name(const struct reading *r, struct tk_buf *b)
{
	tk_buf_addf(b, "%snow-%s", r->q->folder, r->s.anchor.ledger);
}

/* Two ledgers that were one have the same uuid, not the same records. */
static int
print_of(struct ledger *l, int64_t id, uint64_t *print, struct tk_err *err)
{
	struct usage_record u;
	int found = id > 0 ? ledger_get(l, id, &u, err) : 0;
	const uint64_t prime = UINT64_C(0x9e3779b97f4a7c15);

	*print = 0;
	if (found <= 0)
		return found;
	*print = ((uint64_t)u.time * prime) ^ (uint64_t)record_total(&u);
	*print = (*print * prime) ^ (uint64_t)u.cost;
	for (const char *c = u.request_id; c != NULL && *c != '\0'; c++)
		*print = (*print * prime) ^ (unsigned char)*c;
	return 0;
}

/* 1: the file is of this ledger and of its past; 0: start anew. */
static int
load(struct reading *r, const char *uuid, int64_t epoch, int64_t last_id,
    struct tk_err *err)
{
	struct tk_err ignored = TK_ERR_INIT;
	struct tk_buf path = TK_BUF_INIT, bytes = TK_BUF_INIT;
	struct now_state s;
	uint64_t print = 0;
	int rc = 0;

	memcpy(r->s.anchor.ledger, uuid, sizeof(r->s.anchor.ledger));
	if (r->q->folder == NULL)
		return 0;
	file_name(r, &path);
	if (tk_read_file(path.s, FILE_MAX, &bytes, &ignored) == 0 &&
	    now_state_read(bytes.s, bytes.len, &s) &&
	    strcmp(s.anchor.ledger, uuid) == 0 && s.anchor.epoch == epoch &&
	    s.anchor.last_id <= last_id && s.anchor.window == r->q->window) {
		rc = print_of(r->l, s.anchor.last_id, &print, err);
		if (rc == 0 && print == s.print) {
			r->s = s;
			rc = 1;
		}
	}
	tk_buf_release(&path);
	tk_buf_release(&bytes);
	return rc;
}

static void
add_minute(struct now_figures *f, const struct usage_record *u)
{
	int64_t minute = u->time / MINUTE_MS;
	struct now_minute *m = &f->minute[minute % NOW_MINUTES];

	if (minute < m->minute)
		return;
	if (minute > m->minute)
		*m = (struct now_minute){ .minute = minute };
	m->tokens += record_total(u);
	if (u->cost != RECORD_UNKNOWN)
		m->cost += u->cost;
	else
		m->unpriced += u->requests;
}

static void
take_minute(struct reading *r, const struct usage_record *u)
{
	if (u->time <= r->q->now)
		add_minute(&r->s.f, u);
	else if (u->time < r->s.next)
		r->s.next = u->time;
}

/* A record that was written since: what it does to the window. */
static void
add_to_block(struct reading *r, const struct usage_record *u, bool failed)
{
	struct block *b = &r->s.f.block;
	int64_t t = u->time;

	if (b->end == 0 || t < b->first || t > b->end ||
	    (u->requests < 0 && t == b->first)) {
		r->block_wrong = true;
		return;
	}
	sums_add_record(&b->sums, u, failed);
	if (u->requests < 0 && t == b->last)
		r->last_gone = true;
	if (t > b->last) {
		b->last = t;
		r->last_gone = false;
	}
}

static int
add_new(struct reading *r, struct tk_err *err)
{
	struct now_figures *f = &r->s.f;
	struct ledger_filter filter;
	struct ledger_scan *s;
	struct packed_record *v;
	int more;

	ledger_filter_init(&filter);
	filter.min_id = r->s.anchor.last_id + 1;
	if (ledger_scan_open(&s, r->l, &filter, SCAN_ALL, err) < 0)
		return -1;
	while ((more = ledger_scan_next(s, &v, err)) > 0) {
		bool failed = v->name[NAME_ERROR] != 0;

		if (v->r.time >= f->month && v->r.time < r->month_end)
			sums_add_record(&f->this_month, &v->r, failed);
		if (v->r.time >= f->day && v->r.time < r->day_end)
			sums_add_record(&f->today, &v->r, failed);
		add_to_block(r, &v->r, failed);
		take_minute(r, &v->r);
		r->changed = true;
	}
	ledger_scan_close(s);
	return more;
}

struct both {
	struct usage_sums *day, *month;
	int64_t day_start, day_end;
};

static int
add_slot(const struct ledger_slot *slot, void *data, struct tk_err *err)
{
	struct both *b = data;
	bool begins = slot->start >= b->day_start && slot->start < b->day_end;
	bool ends = slot->end > b->day_start && slot->end <= b->day_end;

	(void)err;
	if (begins != ends && slot->end - slot->start > 1)
		return LEDGER_SPLIT;
	sums_add(b->month, &slot->sums);
	if (begins)
		sums_add(b->day, &slot->sums);
	return 0;
}

/* Today and this month, from the roll-ups. */
static int
sum_days(struct reading *r, struct tk_err *err)
{
	struct now_figures *f = &r->s.f;
	struct both b = { &f->today, &f->this_month, r->day, 0 };

	b.day_end =
	    tk_zone_day_start(r->q->zone, tk_zone_day(r->q->zone, r->day) + 1);
	f->day = r->day;
	f->month = r->month;
	memset(&f->today, 0, sizeof(f->today));
	memset(&f->this_month, 0, sizeof(f->this_month));
	r->changed = true;
	return ledger_each_slot(r->l, r->month, r->month_end, add_slot, &b,
	    err);
}

static int
find_block(struct reading *r, struct tk_err *err)
{
	struct block_query q = { .now = r->q->now,
		.window = r->q->window,
		.from = r->q->now - r->q->window,
		.anchor = &r->s.anchor };
	struct now_figures *f = &r->s.f;
	struct blocks b;
	size_t n;

	ledger_filter_init(&q.filter);
	if (block_run(&b, r->l, &q, err) < 0)
		return -1;
	memset(&f->block, 0, sizeof(f->block));
	for (n = b.n; n > 0 && b.block[n - 1].start > r->q->now; n--)
		;
	if (n > 0)
		f->block = b.block[n - 1];
	f->block.model = NULL;
	f->block.models = 0;
	block_release(&b);
	r->changed = true;
	return 0;
}

static int
sum_minutes(struct reading *r, struct tk_err *err)
{
	struct now_figures *f = &r->s.f;
	struct ledger_filter filter;
	struct ledger_scan *s;
	struct packed_record *v;
	int more;

	memset(f->minute, 0, sizeof(f->minute));
	r->s.next = INT64_MAX;
	r->changed = true;
	ledger_filter_init(&filter);
	filter.since = (r->q->now / MINUTE_MS - NOW_MINUTES + 1) * MINUTE_MS;
	if (ledger_scan_open(&s, r->l, &filter, SCAN_ALL, err) < 0)
		return -1;
	while ((more = ledger_scan_next(s, &v, err)) > 0) {
		take_minute(r, &v->r);
	}
	ledger_scan_close(s);
	return more;
}

/* What cannot be written is worked out anew the next time. */
static void
save(struct reading *r, int64_t epoch, int64_t last_id)
{
	struct tk_err ignored = TK_ERR_INIT;
	struct tk_buf path = TK_BUF_INIT, bytes = TK_BUF_INIT;

	if (r->q->folder == NULL || !r->changed)
		return;
	r->s.anchor.epoch = epoch;
	r->s.anchor.last_id = last_id;
	r->s.anchor.window = r->q->window;
	if (print_of(r->l, last_id, &r->s.print, &ignored) == 0) {
		now_state_pack(&bytes, &r->s);
		file_name(r, &path);
		tk_write_state(path.s, bytes.s, bytes.len, &ignored);
	}
	tk_buf_release(&path);
	tk_buf_release(&bytes);
}

static int
update(struct reading *r, bool known, struct tk_err *err)
{
	r->block_wrong = !known || r->q->now >= r->s.next;
	if (known && add_new(r, err) < 0)
		return -1;
	if ((!known || r->q->now >= r->s.next) && sum_minutes(r, err) < 0)
		return -1;
	if ((!known || r->s.f.day != r->day || r->s.f.month != r->month) &&
	    sum_days(r, err) < 0)
		return -1;
	return r->block_wrong || r->last_gone ? find_block(r, err) : 0;
}

static void
set_days(struct reading *r)
{
	const struct tk_zone *z = r->q->zone;
	int32_t today = tk_zone_day(z, r->q->now);
	int32_t month = tk_day_month(today);

	r->day = tk_zone_day_start(z, today);
	r->day_end = tk_zone_day_start(z, today + 1);
	r->month = tk_zone_day_start(z, tk_month_first_day(month));
	r->month_end = tk_zone_day_start(z, tk_month_first_day(month + 1));
}

int
now_read(struct now_figures *f, struct ledger *l, const struct now_query *q,
    struct tk_err *err)
{
	struct reading r = { .l = l, .q = q };
	int64_t epoch, last_id;
	char uuid[33];
	int rc = -1, known;

	if (ledger_begin_read(l, err) < 0)
		return -1;
	set_days(&r);
	if (ledger_uuid(l, uuid, err) < 0 ||
	    store_epoch(ledger_store(l), &epoch, err) < 0 ||
	    ledger_last_id(l, &last_id, err) < 0)
		goto out;
	known = load(&r, uuid, epoch, last_id, err);
	if (known < 0 || update(&r, known > 0, err) < 0)
		goto out;
	save(&r, epoch, last_id);
	*f = r.s.f;
	f->open = f->block.end > 0 && f->block.start <= q->now &&
	    q->now < f->block.end && q->now - f->block.last < q->window;
	f->block.active = f->open;
	rc = 0;
out:
	ledger_end_read(l);
	return rc;
}

void
now_rate(const struct now_figures *f, int64_t now, int minutes,
    struct now_rate *rate)
{
	int64_t last = now / MINUTE_MS, first = last - minutes + 1;
	int64_t span = now - first * MINUTE_MS;
	tk_int128 tokens = 0, cost = 0;

	*rate = (struct now_rate){ .partial = false };
	for (int64_t m = first; m <= last; m++) {
		const struct now_minute *at =
		    &f->minute[((m % NOW_MINUTES) + NOW_MINUTES) % NOW_MINUTES];

		if (at->minute != m)
			continue;
		tokens += at->tokens;
		cost += at->cost;
		if (at->unpriced > 0)
			rate->partial = true;
	}
	if (span <= 0)
		span = 1;
	rate->tokens_per_minute = block_scale(tokens, MINUTE_MS, span);
	rate->cost_per_hour = block_scale(cost, 60 * MINUTE_MS, span);
}
