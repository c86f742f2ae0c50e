/* Sums by quarter of an hour, from the roll-ups: see scan.h. */
#include "ledger/ledger_int.h"
#include "ledger/scan.h"

/*
 * SQLite reads all columns of a row that a statement names, so the records
 * are asked for only where there is no roll-up, or a slot is to be split.
 */
static const char slots_sql[] = "SELECT first_id, slots"
				"  FROM segment"
				" WHERE t_max >= $1 AND t_min < $2"
				" ORDER BY first_id";
static const char data_sql[] = "SELECT data FROM segment WHERE first_id = $1";

struct walk {
	int64_t since, until;
	ledger_slot_fn *fn;
	void *data;
	struct stmt *records;
};

static int
damaged(int64_t first_id, struct tk_err *err)
{
	tk_fail(err, TK_DATA,
	    "the ledger is damaged: the records from %lld on cannot be read",
	    (long long)first_id);
	return tk_hint(err, "see 'tokctl ledger check'");
}

/* The records of a segment that are within a slot, one by one. */
static int
each_record(const struct walk *w, int64_t first_id, int64_t start, int64_t end,
    struct tk_err *err)
{
	const uint8_t *p, *stop;
	size_t len;
	int rc = 0;

	stmt_bind_int(w->records, 1, first_id);
	rc = stmt_step(w->records, err);
	if (rc <= 0)
		return rc < 0 ? -1 : damaged(first_id, err);
	p = stmt_blob(w->records, 0, &len);
	stop = p + len;
	rc = 0;
	while (rc == 0 && p < stop) {
		struct ledger_slot one = { 0 };
		struct packed_record v;

		if (!pack_read(&p, stop, &v) || v.r.time < 0 ||
		    v.r.time > RECORD_LAST_TIME) {
			rc = damaged(first_id, err);
			break;
		}
		if (v.r.time < start || v.r.time >= end ||
		    v.r.time < w->since || v.r.time >= w->until)
			continue;
		one.start = v.r.time;
		one.end = v.r.time + 1;
		sums_add_record(&one.sums, &v.r, v.name[NAME_ERROR] != 0);
		rc = w->fn(&one, w->data, err);
	}
	stmt_reset(w->records);
	return rc;
}

static int
each_slot(const struct walk *w, const struct stmt *q, struct tk_err *err)
{
	struct slots_iter it = { 0 };
	int64_t first_id = stmt_int(q, 0);
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
			rc =
			    each_record(w, first_id, slot.start, slot.end, err);
		if (rc < 0)
			return -1;
	}
	return more < 0 ? damaged(first_id, err) : 0;
}

int
ledger_each_slot(struct ledger *l, int64_t since, int64_t until,
    ledger_slot_fn *fn, void *data, struct tk_err *err)
{
	struct walk w = { since, until, fn, data, NULL };
	struct stmt *q = NULL;
	int more = 0, rc = 0;

	if (store_prepare(l->store, &q, slots_sql, err) < 0)
		return -1;
	if (store_prepare(l->store, &w.records, data_sql, err) < 0)
		rc = -1;
	stmt_bind_int(q, 1, since);
	stmt_bind_int(q, 2, until);
	while (rc == 0 && (more = stmt_step(q, err)) > 0) {
		if (stmt_is_null(q, 1))
			rc = each_record(&w, stmt_int(q, 0), INT64_MIN,
			    INT64_MAX, err);
		else
			rc = each_slot(&w, q, err);
	}
	stmt_free(q);
	stmt_free(w.records);
	return rc < 0 || more < 0 ? -1 : 0;
}
