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

/* A name before none, and the first by the alphabet. */
static int
order_name(const char *a, const char *b)
{
	return a == NULL || b == NULL ? order_text(a, b) : order_text(b, a);
}

/*
 * A total order, so that whichever sighting comes first, the same one wins:
 * the larger usage; then the main conversation before a helper agent's copy
 * of it; then what has names, and the first of them.
 */
static int
compare(const struct usage_record *a, const struct usage_record *b)
{
	const int64_t numbers[][2] = {
		{ record_total(a), record_total(b) },
		{ a->output_tokens, b->output_tokens },
		{ a->cache_read_tokens, b->cache_read_tokens },
		{ a->cache_write_1h_tokens, b->cache_write_1h_tokens },
		{ a->cache_write_5m_tokens, b->cache_write_5m_tokens },
		{ a->input_tokens, b->input_tokens },
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
		c = order_name(pack_name_of(a, (enum name_kind)kind),
		    pack_name_of(b, (enum name_kind)kind));
	if (c == 0 && a->cost_origin == COST_GIVEN)
		c = order(a->cost, b->cost);
	return c;
}

static int64_t
prompt(const struct usage_record *r)
{
	return (int64_t)((uint64_t)record_total(r) -
	    (uint64_t)r->output_tokens - (uint64_t)r->unsplit_tokens);
}

/*
 * Some logs have the whole prompt as input on one line of a call, and what
 * of it came from the cache on another.  Of two prompts of the same size the
 * one that says more counts, whichever line has the larger output.
 */
static bool
keep_cache(struct usage_record *to, const struct usage_record *from)
{
	int64_t cached = to->cache_read_tokens + record_cache_write(to);

	if (cached != 0 || prompt(from) != prompt(to) ||
	    from->cache_read_tokens + record_cache_write(from) == 0)
		return false;
	to->input_tokens = from->input_tokens;
	to->cache_read_tokens = from->cache_read_tokens;
	to->cache_write_5m_tokens = from->cache_write_5m_tokens;
	to->cache_write_1h_tokens = from->cache_write_1h_tokens;
	to->cache_write_other_tokens = from->cache_write_other_tokens;
	return true;
}

/* The answer of an API as a program kept it. */
static bool
is_kept_answer(const struct usage_record *r)
{
	return r->application != NULL && strcmp(r->application, "api") == 0;
}

/*
 * A log goes on while the call does.  But many answers say no time, and then
 * it is that of their file; each copy of that is later than the call.
 */
static int64_t
merge_time(const struct usage_record *a, const struct usage_record *b)
{
	bool first = is_kept_answer(a) || is_kept_answer(b);

	return (a->time < b->time) == first ? a->time : b->time;
}

bool
ledger_merge(struct usage_record *known, const struct usage_record *seen)
{
	int64_t time = merge_time(known, seen);
	bool changed = time != known->time;

	if (compare(seen, known) > 0) {
		struct usage_record before = *known;

		*known = *seen;
		known->id = before.id;
		changed = true;
		keep_cache(known, &before);
	} else if (keep_cache(known, seen)) {
		changed = true;
	}
	known->time = time;
	return changed;
}
