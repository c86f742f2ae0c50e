/* Rows by names, many at once: see report_rows.h. */
#include "report_rows.h"

#include <stddef.h>
#include <stdlib.h>

#include "base/mem.h"
#include "ledger/names.h"
#include "out/out_rows.h"
#include "report_out.h"

/* Fewer rows are not worth it; so many go out at once, and so many wait until
 * their names are at hand. */
enum {
	FEW = 1000,
	AT_ONCE = 1000,
	WAITING = 16,
	NUMBERS = REPORT_SUM_COLS - 2,
};

/* A row as out_rows_add() takes it. */
struct flat {
	uint32_t name[REPORT_MAX_DIMS];
	int64_t first, last;
	int64_t number[NUMBERS];
};

struct report_rows {
	struct out *out;
	struct names *ledger;
	size_t dims;
	struct out_names *names;
	struct out_rows *rows;
	struct flat flat[WAITING];
	size_t came, went; /* so many in all */
};

static bool
is_worth_it(const struct printing *p)
{
	for (size_t d = 0; d < p->q.dims; d++)
		if (p->q.dim[d] >= DIM_NAMES)
			return false;
	return p->r.rows >= FEW && p->extra == 0 && !p->period &&
	    out_takes_rows(p->ctx->out);
}

static struct out_field
field_at(enum out_field_kind kind, size_t at)
{
	return (struct out_field){ .kind = kind, .at = at };
}

/* In the order of the columns. */
static void
make_fields(const struct printing *p, struct out_field *f)
{
	for (size_t d = 0; d < p->q.dims; d++)
		*f++ = field_at(OUT_FIELD_NAME,
		    offsetof(struct flat, name) + d * sizeof(uint32_t));
	if (p->session) {
		*f++ = field_at(OUT_FIELD_TIME, offsetof(struct flat, first));
		*f++ = field_at(OUT_FIELD_TIME, offsetof(struct flat, last));
	}
	for (size_t i = 0; i < NUMBERS; i++)
		*f++ = field_at(report_sum_cols[i].type == OUT_MONEY
			? OUT_FIELD_MONEY
			: OUT_FIELD_INT,
		    offsetof(struct flat, number) + i * sizeof(int64_t));
	*f = field_at(OUT_FIELD_NULL, 0); /* the bar */
}

int
report_rows_open(struct report_rows **rows, struct printing *p,
    struct tk_err *err)
{
	struct out_field fields[REPORT_MAX_DIMS + 2 + NUMBERS + 1];
	struct report_rows *x;
	uint32_t most;

	*rows = NULL;
	if (!is_worth_it(p))
		return 0;
	if (names_most(ledger_names(p->ctx->ledger), &most, err) < 0)
		return -1;
	p->r.bare = true;
	*rows = x = tk_xcalloc(1, sizeof(*x));
	x->out = p->ctx->out;
	x->ledger = ledger_names(p->ctx->ledger);
	x->dims = p->q.dims;
	x->names = out_names_new(x->out, most);
	make_fields(p, fields);
	x->rows = out_rows_new(x->out, x->names, fields);
	return 0;
}

void
report_rows_close(struct report_rows *x)
{
	if (x == NULL)
		return;
	out_rows_free(x->rows);
	out_names_free(x->names);
	free(x);
}

static void
expect_names(const struct report_rows *x, const struct flat *f, bool soon)
{
	for (size_t d = 0; d < x->dims; d++)
		out_names_expect(x->names, f->name[d], soon);
}

/* The one that waits longest. */
static int
let_go(struct report_rows *x, struct tk_err *err)
{
	const struct flat *f = &x->flat[x->went++ % WAITING];
	const void *from[OUT_STRUCTS] = { f, NULL };
	const char *text;
	uint32_t id;

	while ((id = out_rows_add(x->rows, from)) != 0) {
		if (names_text(x->ledger, id, &text, err) < 0)
			return -1;
		out_names_add(x->names, id, text);
	}
	if (out_rows_count(x->rows) == AT_ONCE)
		out_put_rows(x->out, x->rows);
	return 0;
}

int
report_rows_flush(struct report_rows *x, struct tk_err *err)
{
	while (x->went != x->came)
		if (let_go(x, err) < 0)
			return -1;
	out_put_rows(x->out, x->rows);
	return 0;
}

int
report_rows_add(struct report_rows *x, const struct report_row *row,
    struct tk_err *err)
{
	struct flat *f = &x->flat[x->came % WAITING];

	if (x->came - x->went == WAITING && let_go(x, err) < 0)
		return -1;
	if (!report_sum_numbers(&row->sums, f->number))
		return 0;
	f->first = row->first;
	f->last = row->last;
	for (size_t d = 0; d < x->dims; d++)
		f->name[d] = (uint32_t)row->key[d];
	expect_names(x, f, false);
	if (x->came - x->went > WAITING / 2)
		expect_names(x, &x->flat[(x->came - WAITING / 2) % WAITING],
		    true);
	x->came++;
	return 1;
}
