/*
 * What a segment holds may be any bytes in a damaged ledger: packed records,
 * sums, roll-ups.  Whatever is read as a record is written again as one that
 * reads the same.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "ledger/columns.h"
#include "ledger/pack.h"
#include "ledger/pack_fields.h"
#include "ledger/segment.h"
#include "ledger/sums.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check(int ok)
{
	if (!ok)
		abort();
}

static int
differ(const struct packed_record *a, const struct packed_record *b)
{
	for (const struct record_field *f = record_fields; f->key; f++) {
		struct usage_record *ra =
		    (struct usage_record *)(uintptr_t)&a->r;
		struct usage_record *rb =
		    (struct usage_record *)(uintptr_t)&b->r;
		const char *x, *y;

		if (f->type == RECORD_NAME)
			continue;
		if (f->type != RECORD_TEXT && f->type != RECORD_OBJECT) {
			if (*record_int(ra, f) != *record_int(rb, f))
				return 1;
			continue;
		}
		x = *record_text(ra, f);
		y = *record_text(rb, f);
		if ((x == NULL) != (y == NULL) ||
		    (x != NULL && strcmp(x, y) != 0))
			return 1;
	}
	return memcmp(a->name, b->name, sizeof(a->name)) != 0;
}

static int64_t
read_records(const uint8_t *data, size_t size)
{
	struct tk_buf b = TK_BUF_INIT;
	const uint8_t *p = data, *end = data + size, *peeked = data;
	struct packed_record v, again;
	struct pack_peek k;
	int64_t n = 0;

	pack_peek_init(&k, (1u << NAME_KINDS) - 1);
	while (p < end && pack_read(&p, end, &v)) {
		const uint8_t *q;

		check(p <= end);
		check(pack_peek(&peeked, end, &k) && peeked == p);
		check(k.time == v.r.time &&
		    memcmp(k.name, v.name, sizeof(k.name)) == 0);
		n++;
		if (v.r.cost == RECORD_UNKNOWN)
			v.r.cost_origin = COST_PRICED;
		tk_buf_reset(&b);
		pack_record(&b, &v.r, v.name);
		if (v.r.cost == RECORD_UNKNOWN)
			v.r.cost_origin = COST_UNKNOWN;
		q = (const uint8_t *)b.s;
		check(pack_read(&q, q + b.len, &again));
		check(q == (const uint8_t *)b.s + b.len);
		check(!differ(&v, &again));
	}
	tk_buf_release(&b);
	return n;
}

static void
read_sums(const uint8_t *data, size_t size)
{
	struct slots_iter it = { .p = data, .end = data + size };
	struct tk_buf b = TK_BUF_INIT;

	while (slots_next(&it) > 0) {
		struct usage_sums again;
		const uint8_t *q;

		check(it.p <= it.end);
		tk_buf_reset(&b);
		sums_pack(&b, &it.sums);
		q = (const uint8_t *)b.s;
		check(sums_read(&q, q + b.len, &again));
		check(sums_equal(&it.sums, &again));
	}
	tk_buf_release(&b);
}

static void
peek_at_records(const uint8_t *data, size_t size)
{
	const uint8_t *p = data, *end = data + size;
	struct pack_peek k;

	pack_peek_init(&k, 1u << NAME_PROJECT);
	while (p < end && pack_peek(&p, end, &k))
		check(p <= end);
}

/* Columns are what records are, and end with them. */
static void
read_columns(const uint8_t *data, size_t size)
{
	const uint8_t *p = data, *q = data, *end = data + size;
	uint64_t asked = (UINT64_C(1) << PACK_FIELDS) - 1;
	struct record_columns *c;
	struct packed_record v;

	for (int i = 0; i < PACK_FIELDS; i++)
		if (pack_fields[i].type == PACK_TEXT)
			asked &= ~(UINT64_C(1) << i);
	c = columns_new(asked & ~PACK_BIT(cost_origin));
	do {
		columns_empty(c);
		columns_read(c, &p, end, 0);
		check(p <= end);
		for (size_t i = 0; i < c->n; i++) {
			check(pack_read(&q, end, &v));
			check(c->v[PACK_FIELD(time)][i] == v.r.time &&
			    c->v[PACK_FIELD(cost)][i] == v.r.cost);
			for (int k = 0; k < NAME_KINDS; k++)
				check(c->v[pack_field_of_name(
					  (enum name_kind)k)][i] == v.name[k]);
		}
		check(p == q);
	} while (c->n == COLUMNS_ROWS);
	check(p == end || !pack_read(&q, end, &v));
	columns_free(c);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct tk_buf slots = TK_BUF_INIT;
	int64_t n = read_records(data, size);

	read_columns(data, size);
	read_sums(data, size);
	peek_at_records(data, size);
	if (slots_build(&slots, data, size, n)) {
		struct slots_iter it = { .p = (const uint8_t *)slots.s };
		int more;

		it.end = it.p + slots.len;
		while ((more = slots_next(&it)) > 0)
			continue;
		check(more == 0);
	}
	tk_buf_release(&slots);
	return 0;
}
