/* Sums by quarter of an hour, from the roll-ups: see scan.h. */
#include "ledger/ledger_int.h"
#include "ledger/scan.h"

static const char slots_sql[] = "SELECT first_id, slots, data"
				"  FROM segment"
				" WHERE t_max >= $1 AND t_min < $2"
				" ORDER BY first_id";

struct walk {
	int64_t since, until;
	ledger_slot_fn *fn;
	void *data;
};

static int
damaged(int64_t first_id, struct tk_err *err)
{
	tk_fail(err, TK_DATA,
	    "the ledger is damaged: the records from %lld on cannot be read",
	    (long long)first_id);
	return tk_hint(err, "see 'tokctl ledger check'");
}

/* The records of a segment, or of one slot of it, one by one. */
static int
each_record(const struct walk *w, const struct stmt *q, int64_t start,
    int64_t end, struct tk_err *err)
{
	size_t len;
	const uint8_t *p = stmt_blob(q, 2, &len), *stop = p + len;

	while (p < stop) {
		struct ledger_slot one = { 0 };
		struct packed_record v;

		if (!pack_read(&p, stop, &v))
			return damaged(stmt_int(q, 0), err);
		if (v.r.time < start || v.r.time >= end ||
		    v.r.time < w->since || v.r.time >= w->until)
			continue;
		one.start = v.r.time;
		one.end = v.r.time + 1;
		sums_add_record(&one.sums, &v.r, v.name[NAME_ERROR] != 0);
		if (w->fn(&one, w->data, err) < 0)
			return -1;
	}
	return 0;
}

static int
each_slot(const struct walk *w, const struct stmt *q, struct tk_err *err)
{
	struct slots_iter it = { 0 };
	size_t len;
	int more;

	it.p = stmt_blob(q, 1, &len);
	it.end = it.p + len;
	while ((more = slots_next(&it)) > 0) {
		struct ledger_slot slot = { .start = it.slot * SLOT_MS,
			.end = (it.slot + 1) * SLOT_MS,
			.sums = it.sums };
		int rc = LEDGER_SPLIT;

		if (slot.end <= w->since || slot.start >= w->until)
			continue;
		if (slot.start >= w->since && slot.end <= w->until)
			rc = w->fn(&slot, w->data, err);
		if (rc == LEDGER_SPLIT)
			rc = each_record(w, q, slot.start, slot.end, err);
		if (rc < 0)
			return -1;
	}
	return more < 0 ? damaged(stmt_int(q, 0), err) : 0;
}

int
ledger_each_slot(struct ledger *l, int64_t since, int64_t until,
    ledger_slot_fn *fn, void *data, struct tk_err *err)
{
	struct walk w = { since, until, fn, data };
	struct stmt *q = NULL;
	int more, rc = 0;

	if (store_prepare(l->store, &q, slots_sql, err) < 0)
		return -1;
	stmt_bind_int(q, 1, since);
	stmt_bind_int(q, 2, until);
	while (rc == 0 && (more = stmt_step(q, err)) > 0) {
		if (stmt_is_null(q, 1))
			rc = each_record(&w, q, INT64_MIN, INT64_MAX, err);
		else
			rc = each_slot(&w, q, err);
	}
	stmt_free(q);
	return rc < 0 || more < 0 ? -1 : 0;
}
