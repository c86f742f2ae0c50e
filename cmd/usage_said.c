/* What the options of "usage record" and "quota settle" say of a call. */
#include <inttypes.h>
#include <string.h>

#include "base/num.h"
#include "base/time.h"
#include "cmd.h"
#include "ledger/record.h"
#include "usage.h"
#include "json/json.h"

void
usage_tokens_init(struct usage_tokens *t)
{
	t->input = t->output = t->cache_read = t->cache_write_5m =
	    t->cache_write_1h = t->cache_write = t->reasoning = t->tokens =
		RECORD_UNKNOWN;
}

static bool
says_parts(const struct usage_tokens *t)
{
	const int64_t said[] = { t->input, t->output, t->cache_read,
		t->cache_write_5m, t->cache_write_1h, t->cache_write };

	for (size_t i = 0; i < TK_LEN(said); i++)
		if (said[i] != RECORD_UNKNOWN)
			return true;
	return false;
}

bool
usage_says_tokens(const struct usage_tokens *t)
{
	return t->tokens != RECORD_UNKNOWN || says_parts(t);
}

static int64_t
or_zero(int64_t n)
{
	return n == RECORD_UNKNOWN ? 0 : n;
}

int
usage_read_tokens(const struct usage_tokens *t, struct usage_record *r,
    struct tk_err *err)
{
	r->input_tokens = or_zero(t->input);
	r->output_tokens = or_zero(t->output);
	r->cache_read_tokens = or_zero(t->cache_read);
	r->cache_write_5m_tokens = or_zero(t->cache_write_5m);
	r->cache_write_1h_tokens = or_zero(t->cache_write_1h);
	r->cache_write_other_tokens = or_zero(t->cache_write);
	r->reasoning_tokens = or_zero(t->reasoning);
	r->unsplit_tokens = or_zero(t->tokens);
	if (!usage_says_tokens(t)) {
		tk_fail(err, TK_USAGE, "how many tokens were used?");
		return tk_hint(err, "give --input and --output, or --tokens");
	}
	if (t->tokens != RECORD_UNKNOWN && says_parts(t)) {
		tk_fail(err, TK_USAGE, "--tokens does not go with its parts");
		return tk_hint(err, "give --input and --output, or --tokens");
	}
	if (r->reasoning_tokens > 0 && r->unsplit_tokens == 0 &&
	    r->reasoning_tokens > r->output_tokens)
		return tk_fail(err, TK_DATA,
		    "--reasoning: %" PRId64 " are more than the output",
		    r->reasoning_tokens);
	return 0;
}

int
usage_check_texts(const struct usage_record *r, struct tk_err *err)
{
	if (r->request_id != NULL && *r->request_id == '\0')
		return tk_fail(err, TK_USAGE, "--request-id: it is empty");
	if (r->metadata != NULL &&
	    json_valid_object(r->metadata, strlen(r->metadata), err) < 0)
		return tk_wrap(err, "--metadata");
	return 0;
}

int
usage_read_cost(const char *text, struct usage_record *r, struct tk_err *err)
{
	tk_int128 pico;

	if (text == NULL)
		return 0;
	if (!tk_money_parse(text, strlen(text), &pico))
		return tk_fail(err, TK_DATA,
		    "--cost: '%s' is no amount of dollars with at most 12 "
		    "decimals",
		    text);
	if (pico < 0)
		return tk_fail(err, TK_DATA, "--cost: '%s' is negative", text);
	if (pico > INT64_MAX)
		return tk_fail(err, TK_DATA,
		    "--cost: '%s' is more than 9,223,372 dollars", text);
	r->cost = (int64_t)pico;
	r->cost_origin = COST_GIVEN;
	return 0;
}

int
usage_read_time(const struct cmd_ctx *ctx, const char *text,
    struct usage_record *r, struct tk_err *err)
{
	struct tk_clock clock = cmd_clock(ctx);
	struct tk_range range;

	if (text == NULL ||
	    tk_time_parse(text, strlen(text), ctx->zone, &r->time))
		return 0;
	if (tk_when_parse(text, &clock, &range, err) < 0)
		return -1;
	r->time = range.since;
	return 0;
}
