#include "ledger/record.h"

#include <stddef.h>

const struct tk_choice record_priorities[] = {
	{ "Low", PRIORITY_LOW },
	{ "Medium", PRIORITY_MEDIUM },
	{ "High", PRIORITY_HIGH },
	{ NULL, 0 },
};

const struct tk_choice record_tiers[] = {
	{ "standard", TIER_STANDARD },
	{ "batch", TIER_BATCH },
	{ "flex", TIER_FLEX },
	{ "priority", TIER_PRIORITY },
	{ "fast", TIER_FAST },
	{ NULL, 0 },
};

const struct tk_choice record_origins[] = {
	{ "priced", COST_PRICED },
	{ "given", COST_GIVEN },
	{ NULL, 0 },
};

#define FIELD(name, kind) \
	{ \
		.key = #name, .type = (kind), \
		.offset = offsetof(struct usage_record, name) \
	}
#define CHOICE(name, words) \
	{ \
		.key = #name, .type = RECORD_CHOICE, .choices = (words), \
		.offset = offsetof(struct usage_record, name) \
	}

const struct record_field record_fields[] = {
	FIELD(time, RECORD_TIME),
	FIELD(user, RECORD_NAME),
	FIELD(application, RECORD_NAME),
	FIELD(model, RECORD_NAME),
	FIELD(provider, RECORD_NAME),
	FIELD(session, RECORD_NAME),
	FIELD(project, RECORD_NAME),
	FIELD(agent, RECORD_NAME),
	FIELD(endpoint, RECORD_NAME),
	FIELD(key, RECORD_NAME),
	CHOICE(priority, record_priorities),
	FIELD(source, RECORD_NAME),
	CHOICE(tier, record_tiers),
	FIELD(input_tokens, RECORD_COUNT),
	FIELD(cache_read_tokens, RECORD_COUNT),
	FIELD(cache_write_5m_tokens, RECORD_COUNT),
	FIELD(cache_write_1h_tokens, RECORD_COUNT),
	FIELD(cache_write_other_tokens, RECORD_COUNT),
	FIELD(output_tokens, RECORD_COUNT),
	FIELD(reasoning_tokens, RECORD_COUNT),
	FIELD(unsplit_tokens, RECORD_COUNT),
	FIELD(estimated_input_tokens, RECORD_NUMBER),
	FIELD(web_searches, RECORD_COUNT),
	{ .key = "cost_usd",
	    .type = RECORD_COST,
	    .offset = offsetof(struct usage_record, cost) },
	CHOICE(cost_origin, record_origins),
	FIELD(error, RECORD_NAME),
	FIELD(latency_ms, RECORD_NUMBER),
	FIELD(first_token_ms, RECORD_NUMBER),
	FIELD(tools, RECORD_TEXT),
	FIELD(request_id, RECORD_TEXT),
	FIELD(metadata, RECORD_OBJECT),
	FIELD(machine, RECORD_NAME),
	{ .key = NULL },
};

void
record_init(struct usage_record *r)
{
	*r = (struct usage_record){
		.time = RECORD_UNKNOWN,
		.estimated_input_tokens = RECORD_UNKNOWN,
		.cost = RECORD_UNKNOWN,
		.latency_ms = RECORD_UNKNOWN,
		.first_token_ms = RECORD_UNKNOWN,
		.requests = 1,
	};
}

/* A record that was accepted does not overflow; one of a damaged ledger may,
 * without harm. */
static int64_t
add(int64_t a, int64_t b)
{
	return (int64_t)((uint64_t)a + (uint64_t)b);
}

int64_t
record_cache_write(const struct usage_record *r)
{
	return add(add(r->cache_write_5m_tokens, r->cache_write_1h_tokens),
	    r->cache_write_other_tokens);
}

int64_t
record_total(const struct usage_record *r)
{
	int64_t in = add(r->input_tokens, r->cache_read_tokens);

	return add(add(in, record_cache_write(r)),
	    add(r->output_tokens, r->unsplit_tokens));
}
