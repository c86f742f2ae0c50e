#include "ingest/api_usage.h"

#include <string.h>

#include "base/attr.h"
#include "ingest/pick.h"

/* Of several names for a count the last one that is there counts. */
static const struct {
	const char *path;
	enum api_count count;
} counts[] = {
	{ "prompt_tokens", API_PROMPT },
	{ "completion_tokens", API_COMPLETION },
	{ "total_tokens", API_TOTAL },
	{ "input_tokens", API_INPUT },
	{ "output_tokens", API_OUTPUT },
	{ "cached_tokens", API_CACHED },           /* Moonshot */
	{ "prompt_cache_hit_tokens", API_CACHED }, /* DeepSeek */
	{ "prompt_tokens_details/cached_tokens", API_CACHED },
	{ "input_tokens_details/cached_tokens", API_CACHED },
	{ "prompt_tokens_details/cache_write_tokens", API_WRITTEN },
	{ "input_tokens_details/cache_write_tokens", API_WRITTEN },
	{ "completion_tokens_details/reasoning_tokens", API_REASONING },
	{ "output_tokens_details/reasoning_tokens", API_REASONING },
	{ "cache_read_input_tokens", API_READ },
	{ "cache_creation_input_tokens", API_WRITE },
	{ "cache_creation/ephemeral_5m_input_tokens", API_WRITE_5M },
	{ "cache_creation/ephemeral_1h_input_tokens", API_WRITE_1H },
	{ "output_tokens_details/thinking_tokens", API_THINKING },
	{ "server_tool_use/web_search_requests", API_SEARCHES },
	{ "inputTokens", API_INPUT }, /* Bedrock */
	{ "outputTokens", API_OUTPUT },
	{ "cacheReadInputTokens", API_READ },
	{ "cacheWriteInputTokens", API_WRITE },
	{ "totalTokens", API_TOTAL },
	{ "promptTokenCount", API_G_PROMPT },
	{ "candidatesTokenCount", API_G_OUTPUT },
	{ "thoughtsTokenCount", API_G_THOUGHTS },
	{ "cachedContentTokenCount", API_G_CACHED },
	{ "toolUsePromptTokenCount", API_G_TOOL },
	{ "totalTokenCount", API_G_TOTAL },
};

/* What else is wanted; after the counts. */
enum { AT_DETAILS = TK_LEN(counts), AT_TIER, AT_SPEED, AT_COST, PICKS };

static const char *const others[] = {
	"input_tokens_details",
	"service_tier",
	"speed",
	"cost",
};

void
api_usage_init(struct api_usage *u)
{
	*u = (struct api_usage){ .cost = RECORD_UNKNOWN };
}

void
api_usage_tier(struct api_usage *u, const struct json_text *tier)
{
	for (const struct tk_choice *c = record_tiers; c->name != NULL; c++)
		if (json_text_is(tier, c->name) && c->value != TIER_STANDARD)
			u->tier = c->value;
}

static void
read_count(struct api_usage *u, const struct pick *p, enum api_count count)
{
	if (!pick_has(p))
		return;
	if (!pick_count(p, &u->n[count]))
		u->wrong = p->path;
	u->has[count] = true;
}

bool
api_usage_read(struct api_usage *u, const struct json_text *object)
{
	struct pick v[PICKS] = { 0 };
	struct json_scan s;

	for (size_t i = 0; i < TK_LEN(counts); i++)
		v[i].path = counts[i].path;
	for (size_t i = 0; i < TK_LEN(others); i++)
		v[TK_LEN(counts) + i].path = others[i];
	if (!pick_read(v, PICKS, object->p, object->n, &s))
		return false;
	for (size_t i = 0; i < TK_LEN(counts); i++)
		read_count(u, &v[i], counts[i].count);
	u->details = u->details || pick_has(&v[AT_DETAILS]);
	if (v[AT_TIER].kind == JSON_IS_TEXT)
		api_usage_tier(u, &v[AT_TIER].t);
	if (pick_is(&v[AT_SPEED], "fast"))
		u->tier = TIER_FAST;
	pick_cost(&v[AT_COST], &u->cost);
	return true;
}

static int64_t
smaller(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* What was written to the cache, by lifetime; whole is what the API calls
 * it all, and lifetime where it does not say. */
static void
fill_writes(const struct api_usage *u, int64_t whole, int64_t *lifetime,
    struct usage_record *r)
{
	r->cache_write_5m_tokens = u->n[API_WRITE_5M];
	r->cache_write_1h_tokens = u->n[API_WRITE_1H];
	whole -= smaller(whole, r->cache_write_5m_tokens);
	whole -= smaller(whole, r->cache_write_1h_tokens);
	*lifetime += whole;
}

/* Input that has the cache's part inside; when the part is larger than the
 * whole, it cannot be inside. */
static void
fill_inside(const struct api_usage *u, int64_t input, int64_t cached,
    int64_t written, struct usage_record *r)
{
	bool ours = u->has[API_WRITE] && !u->has[API_WRITTEN];

	r->cache_read_tokens = cached;
	fill_writes(u, written,
	    ours ? &r->cache_write_5m_tokens : &r->cache_write_other_tokens, r);
	if (cached <= input && written <= input - cached)
		input -= cached + written;
	r->input_tokens = input;
}

/* Some count reasoning beside the output; the total tells. */
static void
fill_output(const struct api_usage *u, int64_t input, int64_t output,
    struct usage_record *r)
{
	int64_t reasoning = u->n[API_REASONING];
	int64_t all;
	bool beside = reasoning > output;

	if (u->has[API_TOTAL] && reasoning > 0 &&
	    !__builtin_add_overflow(input, output, &all) &&
	    u->n[API_TOTAL] > all && u->n[API_TOTAL] - all == reasoning)
		beside = true;
	r->reasoning_tokens = reasoning;
	if (beside && __builtin_add_overflow(output, reasoning, &output))
		output = INT64_MAX; /* which the ledger refuses */
	r->output_tokens = output;
}

static void
fill_chat(const struct api_usage *u, struct usage_record *r)
{
	int64_t cached =
	    u->n[API_CACHED] > 0 ? u->n[API_CACHED] : u->n[API_READ];
	int64_t written =
	    u->n[API_WRITTEN] > 0 ? u->n[API_WRITTEN] : u->n[API_WRITE];

	fill_inside(u, u->n[API_PROMPT], cached, written, r);
	fill_output(u, u->n[API_PROMPT], u->n[API_COMPLETION], r);
}

static void
fill_messages(const struct api_usage *u, struct usage_record *r)
{
	if (u->details) {
		fill_inside(u, u->n[API_INPUT], u->n[API_CACHED],
		    u->n[API_WRITTEN], r);
		fill_output(u, u->n[API_INPUT], u->n[API_OUTPUT], r);
		return;
	}
	r->input_tokens = u->n[API_INPUT];
	r->output_tokens = u->n[API_OUTPUT];
	r->cache_read_tokens = u->n[API_READ];
	fill_writes(u, u->n[API_WRITE], &r->cache_write_5m_tokens, r);
	r->reasoning_tokens =
	    smaller(u->n[u->has[API_THINKING] ? API_THINKING : API_REASONING],
		u->n[API_OUTPUT]);
}

static void
fill_gemini(const struct api_usage *u, struct usage_record *r)
{
	int64_t cached = smaller(u->n[API_G_CACHED], u->n[API_G_PROMPT]);

	r->cache_read_tokens = cached;
	if (__builtin_add_overflow(u->n[API_G_PROMPT] - cached,
		u->n[API_G_TOOL], &r->input_tokens))
		r->input_tokens = INT64_MAX;
	if (__builtin_add_overflow(u->n[API_G_OUTPUT], u->n[API_G_THOUGHTS],
		&r->output_tokens))
		r->output_tokens = INT64_MAX;
	r->reasoning_tokens = u->n[API_G_THOUGHTS];
}

bool
api_usage_fill(const struct api_usage *u, struct usage_record *r)
{
	r->tier = u->tier;
	r->web_searches = u->n[API_SEARCHES];
	if (u->cost != RECORD_UNKNOWN) {
		r->cost = u->cost;
		r->cost_origin = COST_GIVEN;
	}
	if (u->has[API_PROMPT] || u->has[API_COMPLETION])
		fill_chat(u, r);
	else if (u->has[API_G_PROMPT] || u->has[API_G_OUTPUT])
		fill_gemini(u, r);
	else if (u->has[API_INPUT] || u->has[API_OUTPUT])
		fill_messages(u, r);
	else if (u->has[API_TOTAL] || u->has[API_G_TOTAL])
		r->unsplit_tokens =
		    u->n[u->has[API_TOTAL] ? API_TOTAL : API_G_TOTAL];
	else
		return false;
	return true;
}
