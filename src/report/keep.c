/* Which groups become rows: see keep.h. */
#include "report/keep.h"

#include <stdlib.h>

#include "base/mem.h"
#include "report/groups.h"
#include "report/latency.h"
#include "report/order.h"

/* The largest places so far: a heap with the smallest on top. */
static void
offer(tk_int128 *heap, size_t *n, size_t max, tk_int128 place)
{
	size_t i;

	if (*n == max && place <= heap[0])
		return;
	if (*n < max) {
		for (i = (*n)++; i > 0 && place < heap[(i - 1) / 2];
		     i = (i - 1) / 2)
			heap[i] = heap[(i - 1) / 2];
		heap[i] = place;
		return;
	}
	for (i = 0;;) {
		size_t child = 2 * i + 1;

		if (child + 1 < max && heap[child + 1] < heap[child])
			child++;
		if (child >= max || place <= heap[child])
			break;
		heap[i] = heap[child];
		i = child;
	}
	heap[i] = place;
}

static bool
is_empty(const struct group *g)
{
	int64_t any = 0;

	for (int i = 0; i < SUMS; i++)
		any |= g->v[i] | (g->carry != NULL ? g->carry[i] : 0);
	return any == 0;
}

void
keep_used(struct groups *g)
{
	size_t kept = 0;

	for (size_t i = 0; i < g->n; i++)
		if (is_empty(&g->group[i])) {
			group_release(&g->group[i]);
			latency_free(g->group[i].latency);
		} else {
			g->group[kept++] = g->group[i];
		}
	g->n = kept;
}

void
keep_top(struct groups *g, const struct report_query *q)
{
	tk_int128 *heap;
	size_t n = 0, kept = 0;

	if (q->top == 0 || q->top >= g->n)
		return;
	heap = tk_xcalloc(q->top, sizeof(*heap));
	for (size_t i = 0; i < g->n; i++)
		offer(heap, &n, q->top, order_group_amount(&g->group[i], q));
	for (size_t i = 0; i < g->n; i++)
		if (order_group_amount(&g->group[i], q) < heap[0]) {
			group_release(&g->group[i]);
			latency_free(g->group[i].latency);
		} else {
			g->group[kept++] = g->group[i];
		}
	g->n = kept;
	free(heap);
}

void
keep_totals(struct report *r, const struct groups *g)
{
	for (size_t i = 0; i < g->n; i++) {
		const struct group *group = &g->group[i];

		for (int k = 0; k < SUMS; k++)
			r->total.v[k] += group_sum(group, (enum sum)k);
		r->first = group->first < r->first ? group->first : r->first;
		r->last = group->last > r->last ? group->last : r->last;
	}
}
