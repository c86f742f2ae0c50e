/* The records of a segment as columns, those that a filter wants. */
#include "ledger/scan_int.h"

static int
damaged(const struct ledger_scan *s, struct tk_err *err)
{
	return tk_fail(err, TK_DATA,
	    "the ledger is damaged: record %lld cannot be read",
	    (long long)s->id);
}

/* Only records of which everything is known can be asked about by keep(). */
static int
one_by_one(struct ledger_scan *s, struct record_columns *c, struct tk_err *err)
{
	int more = 1;

	while (c->n < COLUMNS_ROWS && (more = scan_record(s, err)) > 0)
		columns_add(c, &s->v);
	return more < 0 ? -1 : c->n > 0;
}

static int
check_times(struct ledger_scan *s, const struct record_columns *c,
    struct tk_err *err)
{
	const int64_t *time = c->v[PACK_FIELD(time)];

	for (size_t i = 0; i < c->n; i++)
		if (time[i] < 0 || time[i] > RECORD_LAST_TIME) {
			s->id = c->id[i];
			return damaged(s, err);
		}
	return 0;
}

/* Those of the rows listed whose number in v is from low to below high. */
static size_t
keep_range(uint8_t *row, size_t rows, const int64_t *v, int64_t low,
    int64_t high)
{
	size_t kept = 0;

	for (size_t i = 0; i < rows; i++) {
		uint8_t r = row[i];

		row[kept] = r;
		kept += v[r] >= low && v[r] < high;
	}
	return kept;
}

static size_t
keep_names(uint8_t *row, size_t rows, const struct record_columns *c,
    const struct wanted_kind *of)
{
	const int64_t *v = c->v[pack_field_of_name(of->kind)];
	size_t kept = 0;

	for (size_t i = 0; i < rows; i++) {
		uint8_t r = row[i];
		bool any = false;

		for (size_t k = 0; k < of->n; k++)
			any |= of->id[k] == v[r];
		row[kept] = r;
		kept += any;
	}
	return kept;
}

/* Neither what takes back nor what was taken back. */
static size_t
keep_standing(uint8_t *row, size_t rows, struct ledger_scan *s,
    const struct record_columns *c)
{
	const int64_t *reverses = c->v[PACK_FIELD(reverses)];
	size_t kept = 0;

	for (size_t i = 0; i < rows; i++) {
		uint8_t r = row[i];

		row[kept] = r;
		kept += reverses[r] == 0 && !scan_is_reversed(s, c->id[r]);
	}
	return kept;
}

static void
keep_wanted(struct ledger_scan *s, struct record_columns *c)
{
	uint8_t row[COLUMNS_ROWS];
	size_t rows = c->n;

	for (size_t i = 0; i < rows; i++)
		row[i] = (uint8_t)i;
	if (c->id[0] < s->min_id || c->id[rows - 1] > s->max_id)
		rows = keep_range(row, rows, c->id, s->min_id,
		    s->max_id == INT64_MAX ? INT64_MAX : s->max_id + 1);
	if (!s->inside)
		rows = keep_range(row, rows, c->v[PACK_FIELD(time)], s->since,
		    s->until);
	for (size_t k = 0; k < s->wanted.kinds; k++)
		rows = keep_names(row, rows, c, &s->wanted.of[k]);
	if (s->flags & SCAN_STANDING)
		rows = keep_standing(row, rows, s, c);
	columns_keep(c, row, rows);
}

uint64_t
scan_fields(const struct ledger_scan *s)
{
	uint64_t fields = PACK_BIT(time) | PACK_BIT(reverses);

	for (size_t k = 0; k < s->wanted.kinds; k++)
		fields |=
		    UINT64_C(1) << pack_field_of_name(s->wanted.of[k].kind);
	return fields;
}

int
scan_columns(struct ledger_scan *s, struct record_columns *c,
    struct tk_err *err)
{
	columns_empty(c);
	if (s->keep != NULL)
		return one_by_one(s, c, err);
	while (s->p < s->end) {
		bool good = columns_read(c, &s->p, s->end, s->id);

		s->id += (int64_t)c->n;
		if (check_times(s, c, err) < 0)
			return -1;
		if (!good)
			return damaged(s, err);
		keep_wanted(s, c);
		if (c->n > 0)
			return 1;
		columns_empty(c);
	}
	return 0;
}
