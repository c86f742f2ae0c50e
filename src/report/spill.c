/* Groups in files: see spill.h. */
#include "report/spill.h"

#include <stdlib.h>

#include "base/mem.h"
#include "report/latency.h"
#include "report/rows_file.h"

size_t spill_most = 1 << 17;

struct spill {
	struct rows_file part[SPILL_PARTS];
};

void
spill_free(struct spill *s)
{
	if (s == NULL)
		return;
	for (size_t i = 0; i < SPILL_PARTS; i++)
		rows_file_close(&s->part[i]);
	free(s);
}

static struct spill *
spill_new(void)
{
	struct spill *s = tk_xcalloc(1, sizeof(*s));

	for (size_t i = 0; i < SPILL_PARTS; i++)
		if (rows_file_open(&s->part[i]) < 0) {
			spill_free(s);
			return NULL;
		}
	return s;
}

static void
put_all(struct spill *s, struct groups *g)
{
	for (size_t i = 0; i < g->n; i++) {
		struct report_row row;
		/* These bits say nothing of the slot in a table. */
		size_t part = group_row(&g->group[i], &row) >> 59;

		_Static_assert(SPILL_PARTS == 1 << (64 - 59), "parts");
		rows_file_put(&s->part[part], &row);
	}
	groups_empty(g);
}

void
spill_groups(struct groups *g)
{
	if (g->spill == NULL && !g->stays) {
		g->spill = spill_new();
		g->stays = g->spill == NULL;
	}
	if (g->spill != NULL)
		put_all(g->spill, g);
}

void
spill_both(struct groups *g, struct groups *more)
{
	if (g->spill == NULL) {
		g->spill = more->spill;
		more->spill = NULL;
	}
	put_all(g->spill, g);
	put_all(g->spill, more);
	g->joined = more->spill;
	more->spill = NULL;
}

static int
read_part(struct groups *g, struct spill *s, size_t part, struct tk_err *err)
{
	struct rows_file *f = &s->part[part];
	struct report_row row;
	int more;

	if (rows_file_turn(f, err) < 0)
		return -1;
	while ((more = rows_file_get(f, &row, err)) > 0) {
		groups_add(g, row.key, row.first, row.last, &row.sums);
		groups_add_latency(g, row.latency);
	}
	rows_file_close(f);
	return more;
}

int
spill_part(struct groups *g, size_t part, struct tk_err *err)
{
	groups_empty(g);
	if (g->spill != NULL && read_part(g, g->spill, part, err) < 0)
		return -1;
	return g->joined == NULL ? 0 : read_part(g, g->joined, part, err);
}
