/* How several sightings of one call become one record: see ledger.h. */
#include <string.h>

#include "ledger/ledger.h"
#include "ledger/pack.h"

static int
order(int64_t a, int64_t b)
{
	return a < b ? -1 : a > b;
}

/* NULL is before every text. */
static int
order_text(const char *a, const char *b)
{
	if (a == NULL || b == NULL)
		return (a != NULL) - (b != NULL);
	return strcmp(a, b);
}

/*
 * A total order, so that whichever sighting comes first, the same one wins:
 * the larger usage; then the main conversation before a helper agent's copy
 * of it; then the first name by name.
 */
static int
compare(const struct usage_record *a, const struct usage_record *b)
{
	const int64_t numbers[][2] = {
		{ record_total(a), record_total(b) },
		{ a->output_tokens, b->output_tokens },
		{ a->input_tokens, b->input_tokens },
		{ a->cache_write_1h_tokens, b->cache_write_1h_tokens },
		{ a->cache_write_5m_tokens, b->cache_write_5m_tokens },
		{ a->cache_read_tokens, b->cache_read_tokens },
		{ a->reasoning_tokens, b->reasoning_tokens },
		{ a->web_searches, b->web_searches },
		{ a->tier, b->tier },
		{ a->cost_origin == COST_GIVEN, b->cost_origin == COST_GIVEN },
	};
	int c;

	for (size_t i = 0; i < TK_LEN(numbers); i++)
		if ((c = order(numbers[i][0], numbers[i][1])) != 0)
			return c;
	c = order_text(b->agent, a->agent);
	for (int kind = 0; c == 0 && kind < NAME_KINDS; kind++)
		c = order_text(pack_name_of(b, (enum name_kind)kind),
		    pack_name_of(a, (enum name_kind)kind));
	if (c == 0 && a->cost_origin == COST_GIVEN)
		c = order(a->cost, b->cost);
	return c;
}

bool
ledger_merge(struct usage_record *known, const struct usage_record *seen)
{
	int64_t latest = known->time > seen->time ? known->time : seen->time;
	bool changed = latest != known->time;

	if (compare(seen, known) > 0) {
		int64_t id = known->id;

		*known = *seen;
		known->id = id;
		changed = true;
	}
	known->time = latest;
	return changed;
}
