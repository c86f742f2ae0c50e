/* Quantiles of times: see latency.h. */
#include "report/latency.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "ledger/pack.h"

enum {
	BITS = 8,
	EXACT = 1 << BITS,
	HALF = EXACT / 2,
	NUMBERS = EXACT + (64 - BITS) * HALF,
	LISTED = 48, /* at most; more are counted */
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

int64_t
latency_round(int64_t ms)
{
	return time_of(number_of(ms));
}

/* The first bin that is not before that number. */
static uint32_t
find(const struct latency *l, uint32_t number)
{
	uint32_t low = 0, high = l->used;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (l->bin[middle].number < number)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
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
	struct latency_bin *bin = l->bin;
	uint32_t used = l->used;

	l->bin = NULL;
	l->used = l->room = 0;
	reach(l, bin[0].number);
	for (uint32_t i = 0; i < used; i++)
		add_counted(l, bin[i].number, bin[i].n);
	free(bin);
}

static void
insert(struct latency *l, uint32_t at, uint32_t number, uint32_t n)
{
	if (l->used == l->room) {
		l->room += l->room < 8 ? 4 : 8;
		l->bin = tk_xreallocarray(l->bin, l->room, sizeof(*l->bin));
	}
	memmove(l->bin + at + 1, l->bin + at, (l->used - at) * sizeof(*l->bin));
	l->used++;
	l->bin[at] = (struct latency_bin){ number, n };
}

static void
add_number(struct latency *l, uint32_t number, int64_t n)
{
	uint32_t at;

	l->n += n;
	if (l->count == NULL && (l->used >= LISTED || n > UINT32_MAX)) {
		if (l->used == 0)
			reach(l, number);
		else
			count_from_now_on(l);
	}
	if (l->count != NULL) {
		add_counted(l, number, n);
		return;
	}
	at = find(l, number);
	if (at < l->used && l->bin[at].number == number &&
	    n <= UINT32_MAX - l->bin[at].n)
		l->bin[at].n += (uint32_t)n;
	else
		insert(l, at, number, (uint32_t)n);
}

void
latency_add(struct latency *l, int64_t ms, int64_t n)
{
	add_number(l, number_of(ms), n);
}

void
latency_merge(struct latency *l, const struct latency *more)
{
	for (uint32_t i = 0; i < more->used; i++)
		if (more->count == NULL)
			add_number(l, more->bin[i].number, more->bin[i].n);
		else if (more->count[i] != 0)
			add_number(l, more->low + i, more->count[i]);
}

int64_t
latency_quantile(const struct latency *l, int percent)
{
	int64_t rank = l->n / 100 * percent, seen = 0;

	rank += (l->n % 100 * percent + 99) / 100;
	for (uint32_t i = 0; i < l->used; i++) {
		seen += l->count != NULL ? l->count[i] : l->bin[i].n;
		if (seen >= rank)
			return time_of(
			    l->count != NULL ? l->low + i : l->bin[i].number);
	}
	return -1;
}

void
latency_write(struct tk_buf *b, const struct latency *l)
{
	for (uint32_t i = 0; i < l->used; i++) {
		int64_t n = l->count != NULL ? l->count[i] : l->bin[i].n;

		if (n == 0)
			continue;
		pack_varint(b, (uint64_t)n);
		pack_varint(b,
		    l->count != NULL ? l->low + i : l->bin[i].number);
	}
	pack_varint(b, 0);
}

bool
latency_read(const uint8_t **p, const uint8_t *end, struct latency *l)
{
	uint64_t n, number;

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
	free(l->bin);
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
