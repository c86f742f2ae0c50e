/* Rows from several files, merged: see stream.h. */
#include "report/stream.h"

#include <stdlib.h>

#include "base/mem.h"
#include "ledger/names.h"
#include "report/latency.h"
#include "report/order.h"
#include "report/rows_file.h"
#include "report/spill.h"

/* A part, and its first row that was not taken. */
struct run {
	struct rows_file file;
	struct report_row row;
	struct order_place at;
};

struct stream {
	struct report *r;
	struct report_query q;
	struct order_ranks ranks;
	struct ledger *l;
	struct run run[SPILL_PARTS];
	/* A heap of those that have rows left, the first in order on top. */
	size_t heap[SPILL_PARTS];
	size_t left;
	bool begun;
	struct report_row taken;
};

struct stream *
stream_new(struct report *r, const struct report_query *q,
    const struct order_ranks *ranks, struct ledger *l, struct tk_err *err)
{
	struct stream *s = tk_xcalloc(1, sizeof(*s));

	s->r = r;
	s->q = *q;
	s->ranks = *ranks;
	s->l = l;
	for (size_t i = 0; i < SPILL_PARTS; i++)
		if (rows_file_open(&s->run[i].file) < 0) {
			tk_fail_errno(err, "cannot keep the rows in a file");
			stream_free(s);
			return NULL;
		}
	return s;
}

void
stream_free(struct stream *s)
{
	if (s == NULL)
		return;
	for (size_t i = 0; i < SPILL_PARTS; i++) {
		rows_file_close(&s->run[i].file);
		latency_free(s->run[i].row.latency);
	}
	latency_free(s->taken.latency);
	free(s);
}

struct rows_file *
stream_file(struct stream *s, size_t part)
{
	return &s->run[part].file;
}

static int
name_row(struct stream *s, struct report_row *row, struct tk_err *err)
{
	return order_name_row(s->r, row, &s->q, ledger_names(s->l), err);
}

/* The next row of a run, with its names if they decide. */
static int
read_row(struct stream *s, struct run *run, struct tk_err *err)
{
	int more = rows_file_get(&run->file, &run->row, err);

	if (more > 0 && s->ranks.texts && name_row(s, &run->row, err) < 0)
		return -1;
	if (more > 0)
		order_find_place(&s->q, &s->ranks, &run->row, &run->at);
	return more;
}

static bool
is_before(struct stream *s, size_t a, size_t b)
{
	struct run *x = &s->run[a], *y = &s->run[b];

	return order_compare(&s->q, &s->ranks, &x->at, &x->row, &y->at,
		   &y->row) < 0;
}

/* The run on top has another row than before. */
static void
sink(struct stream *s, size_t i)
{
	for (;;) {
		size_t first = i, moved = s->heap[i];

		for (size_t c = 2 * i + 1; c < 2 * i + 3 && c < s->left; c++)
			if (is_before(s, s->heap[c], s->heap[first]))
				first = c;
		if (first == i)
			return;
		s->heap[i] = s->heap[first];
		s->heap[first] = moved;
		i = first;
	}
}

static int
begin(struct stream *s, struct tk_err *err)
{
	s->begun = true;
	for (size_t i = 0; i < SPILL_PARTS; i++) {
		int more = read_row(s, &s->run[i], err);

		if (more < 0)
			return -1;
		if (more > 0)
			s->heap[s->left++] = i;
	}
	for (size_t i = s->left / 2; i-- > 0;)
		sink(s, i);
	return 0;
}

int
stream_next(struct stream *s, const struct report_row **row, struct tk_err *err)
{
	struct run *run;
	int more;

	if (!s->begun && begin(s, err) < 0)
		return -1;
	if (s->left == 0)
		return 0;
	latency_free(s->taken.latency);
	run = &s->run[s->heap[0]];
	s->taken = run->row;
	run->row.latency = NULL;
	if (!s->ranks.texts && name_row(s, &s->taken, err) < 0)
		return -1;
	more = read_row(s, run, err);
	if (more < 0)
		return -1;
	if (more == 0)
		s->heap[0] = s->heap[--s->left];
	sink(s, 0);
	*row = &s->taken;
	return 1;
}
