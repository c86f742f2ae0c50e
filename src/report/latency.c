/* Quantiles of times: see latency.h. */
#include "report/latency.h"

#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/mem.h"
#include "ledger/pack.h"

enum {
	BITS = 8,
	EXACT = 1 << BITS,
	HALF = EXACT / 2,
	NUMBERS = EXACT + (64 - BITS) * HALF,
	LISTED = 256, /* at most; more are counted */
	STEP = 64,
};

/* Times of one length share their highest bit: HALF of each. */
static uint32_t
number_of(int64_t ms)
{
	int more = 64 - __builtin_clzll((uint64_t)ms | 1) - BITS;

	return more <= 0
	    ? (uint32_t)ms
	    : (uint32_t)(EXACT + (more - 1) * HALF + (ms >> more) - HALF);
}

static int64_t
time_of(uint32_t number)
{
	uint32_t after = number - EXACT;

	return number < EXACT
	    ? number
	    : (int64_t)(after % HALF + HALF) << (after / HALF + 1);
}

/* Make the array reach that number. */
static void
reach(struct latency *l, uint32_t number)
{
	uint32_t low = number - number % STEP, high = low + STEP;
	int64_t *count;

	if (l->count != NULL) {
		low = low < l->low ? low : l->low;
		high = high > l->low + l->room ? high : l->low + l->room;
	}
	count = tk_xcalloc(high - low, sizeof(*count));
	if (l->count != NULL)
		memcpy(count + (l->low - low), l->count,
		    l->room * sizeof(*count));
	free(l->count);
	l->count = count;
	l->low = low;
	l->used = l->room = high - low;
}

static void
add_counted(struct latency *l, uint32_t number, int64_t n)
{
	if (number < l->low || number - l->low >= l->room)
		reach(l, number);
	l->count[number - l->low] += n;
}

static void
count_from_now_on(struct latency *l)
{
	uint16_t *listed = l->listed;
	uint32_t used = l->used;

	l->listed = NULL;
	l->used = l->room = 0;
	for (uint32_t i = 0; i < used; i++)
		add_counted(l, listed[i], 1);
	free(listed);
}

/* Room for so many more in the list: false if it would be too long. */
static bool
make_room(struct latency *l, int64_t n)
{
	if (l->count != NULL || n > LISTED || l->used + n > LISTED)
		return false;
	if (l->used + n > l->room) {
		while (l->room < l->used + n)
			l->room = l->room == 0 ? 4 : l->room * 2;
		l->listed =
		    tk_xreallocarray(l->listed, l->room, sizeof(*l->listed));
	}
	return true;
}

static void
add_number(struct latency *l, uint32_t number, int64_t n)
{
	l->n += n;
	if (make_room(l, n)) {
		l->sorted = false;
		while (n-- > 0)
			l->listed[l->used++] = (uint16_t)number;
		return;
	}
	if (l->count == NULL)
		count_from_now_on(l);
	add_counted(l, number, n);
}

void
latency_add(struct latency *l, int64_t ms, int64_t n)
{
	add_number(l, number_of(ms), n);
}

static void
add_list(struct latency *l, const uint16_t *listed, uint32_t n)
{
	if (!make_room(l, n)) {
		for (uint32_t i = 0; i < n; i++)
			add_number(l, listed[i], 1);
		return;
	}
	if (n > 0)
		memcpy(l->listed + l->used, listed, n * sizeof(*listed));
	l->used += n;
	l->n += n;
	l->sorted = false;
}

void
latency_merge(struct latency *l, const struct latency *more)
{
	if (more->count == NULL)
		add_list(l, more->listed, more->used);
	for (uint32_t i = 0; more->count != NULL && i < more->used; i++)
		if (more->count[i] != 0)
			add_number(l, more->low + i, more->count[i]);
}

/* A Shell sort: the list is short. */
void
latency_sort(struct latency *l)
{
	static const uint32_t gaps[] = { 57, 23, 10, 4, 1 };

	if (l->sorted || l->count != NULL)
		return;
	for (size_t g = 0; g < TK_LEN(gaps); g++)
		for (uint32_t i = gaps[g]; i < l->used; i++) {
			uint16_t number = l->listed[i];
			uint32_t at = i;

			for (;
			     at >= gaps[g] && l->listed[at - gaps[g]] > number;
			     at -= gaps[g])
				l->listed[at] = l->listed[at - gaps[g]];
			l->listed[at] = number;
		}
	l->sorted = true;
}

int64_t
latency_quantile(struct latency *l, int percent)
{
	int64_t rank = l->n / 100 * percent, seen = 0;

	rank += (l->n % 100 * percent + 99) / 100;
	if (l->count == NULL) {
		latency_sort(l);
		return rank < 1 ? -1 : time_of(l->listed[rank - 1]);
	}
	for (uint32_t i = 0; i < l->used; i++) {
		seen += l->count[i];
		if (seen >= rank)
			return time_of(l->low + i);
	}
	return -1;
}

/* The length of the list twice, plus one if it is sorted, and the list; or
 * COUNTED, and what was. */
enum { COUNTED = 2 * LISTED + 2 };

void
latency_write(struct tk_buf *b, const struct latency *l)
{
	pack_varint(b, l->count == NULL ? l->used * 2 + l->sorted : COUNTED);
	if (l->count == NULL && l->used > 0)
		tk_buf_add(b, l->listed, l->used * sizeof(*l->listed));
	for (uint32_t i = 0; l->count != NULL && i < l->used; i++)
		if (l->count[i] != 0) {
			pack_varint(b, (uint64_t)l->count[i]);
			pack_varint(b, l->low + i);
		}
	if (l->count != NULL)
		pack_varint(b, 0);
}

static bool
read_list(const uint8_t **p, const uint8_t *end, uint64_t n, struct latency *l)
{
	uint16_t listed[LISTED];

	if ((uint64_t)(end - *p) < n * sizeof(*listed))
		return false;
	memcpy(listed, *p, n * sizeof(*listed));
	*p += n * sizeof(*listed);
	for (uint64_t i = 0; i < n; i++)
		if (listed[i] >= NUMBERS)
			return false;
	add_list(l, listed, (uint32_t)n);
	return true;
}

bool
latency_read(const uint8_t **p, const uint8_t *end, struct latency *l)
{
	uint64_t n, number;

	if (!pack_read_varint(p, end, &n))
		return false;
	if (n < COUNTED) {
		bool sorted = l->n == 0 && n % 2 == 1;

		if (!read_list(p, end, n / 2, l))
			return false;
		l->sorted = sorted;
		return true;
	}
	for (;;) {
		if (!pack_read_varint(p, end, &n) || n > INT64_MAX)
			return false;
		if (n == 0)
			return true;
		if (!pack_read_varint(p, end, &number) || number >= NUMBERS)
			return false;
		add_number(l, (uint32_t)number, (int64_t)n);
	}
}

void
latency_release(struct latency *l)
{
	free(l->listed);
	free(l->count);
	*l = (struct latency){ 0 };
}

void
latency_free(struct latency *l)
{
	if (l != NULL)
		latency_release(l);
	free(l);
}
