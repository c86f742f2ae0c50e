/* How a usage record is printed: see record_out.h. */
#include "record_out.h"

#include <stddef.h>

#include "ledger/record.h"

/* The columns of "usage list" are those that people see. */
const struct out_col record_out_cols[RECORD_OUT_COLS] = {
	{ "id", "Id", OUT_INT, OUT_PLAIN | OUT_WIDE },
	{ "time", "Time", OUT_TIME, OUT_SECONDS },
	{ "user", "User", OUT_TEXT, OUT_MEDIUM },
	{ "application", "Application", OUT_TEXT, OUT_WIDE },
	{ "model", "Model", OUT_TEXT, 0 },
	{ "provider", "Provider", OUT_TEXT, OUT_MACHINE },
	{ "session", "Session", OUT_TEXT, OUT_MACHINE },
	{ "project", "Project", OUT_TEXT, OUT_MACHINE },
	{ "agent", "Agent", OUT_TEXT, OUT_MACHINE },
	{ "endpoint", "Endpoint", OUT_TEXT, OUT_MACHINE },
	{ "priority", "Priority", OUT_TEXT, OUT_MACHINE },
	{ "source", "Source", OUT_TEXT, OUT_MACHINE },
	{ "tier", "Tier", OUT_TEXT, OUT_MACHINE },
	{ "requests", "Requests", OUT_INT, OUT_MACHINE },
	{ "input_tokens", "Input", OUT_INT, OUT_MEDIUM },
	{ "cache_read_tokens", "Cache read", OUT_INT, OUT_WIDE },
	{ "cache_write_5m_tokens", "", OUT_INT, OUT_MACHINE },
	{ "cache_write_1h_tokens", "", OUT_INT, OUT_MACHINE },
	{ "cache_write_other_tokens", "", OUT_INT, OUT_MACHINE },
	{ "cache_write_tokens", "Cache write", OUT_INT, OUT_WIDE },
	{ "output_tokens", "Output", OUT_INT, OUT_MEDIUM },
	{ "reasoning_tokens", "Reasoning", OUT_INT, OUT_MACHINE },
	{ "unsplit_tokens", "Unsplit", OUT_INT, OUT_MACHINE },
	{ "total_tokens", "Tokens", OUT_INT, 0 },
	{ "estimated_input_tokens", "Estimated", OUT_INT, OUT_MACHINE },
	{ "web_searches", "Searches", OUT_INT, OUT_MACHINE },
	{ "cost_usd", "Cost", OUT_MONEY, 0 },
	{ "cost_origin", "Cost is", OUT_TEXT, OUT_MACHINE },
	{ "request_id", "Request id", OUT_TEXT, OUT_MACHINE },
	{ "success", "Success", OUT_BOOL, OUT_MACHINE },
	{ "error", "Error", OUT_TEXT, OUT_MACHINE },
	{ "latency_ms", "Latency", OUT_INT, OUT_MACHINE },
	{ "first_token_ms", "First token", OUT_INT, OUT_MACHINE },
	{ "tools", "Tools", OUT_TEXT, OUT_MACHINE },
	{ "metadata", "Metadata", OUT_JSON, OUT_MACHINE },
	{ "machine", "Machine", OUT_TEXT, OUT_MACHINE },
	{ "key", "Key", OUT_TEXT, OUT_MACHINE },
	OUT_COL_END,
};

static void
out_known(struct out *o, int64_t n)
{
	if (n == RECORD_UNKNOWN)
		out_null(o);
	else
		out_int(o, n);
}

static void
out_word(struct out *o, const struct tk_choice *c, int64_t value)
{
	while (c->name != NULL && c->value != value)
		c++;
	out_text(o, c->name);
}

static void
out_cost(struct out *o, int64_t pico)
{
	if (pico == RECORD_UNKNOWN)
		out_null(o);
	else
		out_money(o, pico);
}

void
record_out_cell(struct out *o, const struct usage_record *r, int col)
{
	switch ((enum record_out_col)col) {
	case RECORD_OUT_ID:
		out_int(o, r->id);
		return;
	case RECORD_OUT_TIME:
		out_time(o, r->time);
		return;
	case RECORD_OUT_USER:
		out_text(o, r->user);
		return;
	case RECORD_OUT_APPLICATION:
		out_text(o, r->application);
		return;
	case RECORD_OUT_MODEL:
		out_text(o, r->model);
		return;
	case RECORD_OUT_PROVIDER:
		out_text(o, r->provider);
		return;
	case RECORD_OUT_SESSION:
		out_text(o, r->session);
		return;
	case RECORD_OUT_PROJECT:
		out_text(o, r->project);
		return;
	case RECORD_OUT_AGENT:
		out_text(o, r->agent);
		return;
	case RECORD_OUT_ENDPOINT:
		out_text(o, r->endpoint);
		return;
	case RECORD_OUT_PRIORITY:
		out_word(o, record_priorities, r->priority);
		return;
	case RECORD_OUT_SOURCE:
		out_text(o, r->source);
		return;
	case RECORD_OUT_TIER:
		out_word(o, record_tiers, r->tier);
		return;
	case RECORD_OUT_REQUESTS:
		out_int(o, r->requests);
		return;
	case RECORD_OUT_INPUT_TOKENS:
		out_int(o, r->input_tokens);
		return;
	case RECORD_OUT_CACHE_READ_TOKENS:
		out_int(o, r->cache_read_tokens);
		return;
	case RECORD_OUT_CACHE_WRITE_5M_TOKENS:
		out_int(o, r->cache_write_5m_tokens);
		return;
	case RECORD_OUT_CACHE_WRITE_1H_TOKENS:
		out_int(o, r->cache_write_1h_tokens);
		return;
	case RECORD_OUT_CACHE_WRITE_OTHER_TOKENS:
		out_int(o, r->cache_write_other_tokens);
		return;
	case RECORD_OUT_CACHE_WRITE_TOKENS:
		out_int(o, record_cache_write(r));
		return;
	case RECORD_OUT_OUTPUT_TOKENS:
		out_int(o, r->output_tokens);
		return;
	case RECORD_OUT_REASONING_TOKENS:
		out_int(o, r->reasoning_tokens);
		return;
	case RECORD_OUT_UNSPLIT_TOKENS:
		out_int(o, r->unsplit_tokens);
		return;
	case RECORD_OUT_TOTAL_TOKENS:
		out_int(o, record_total(r));
		return;
	case RECORD_OUT_ESTIMATED_INPUT_TOKENS:
		out_known(o, r->estimated_input_tokens);
		return;
	case RECORD_OUT_WEB_SEARCHES:
		out_int(o, r->web_searches);
		return;
	case RECORD_OUT_COST_USD:
		out_cost(o, r->cost);
		return;
	case RECORD_OUT_COST_ORIGIN:
		out_word(o, record_origins, r->cost_origin);
		return;
	case RECORD_OUT_REQUEST_ID:
		out_text(o, r->request_id);
		return;
	case RECORD_OUT_SUCCESS:
		out_bool(o, r->error == NULL);
		return;
	case RECORD_OUT_ERROR:
		out_text(o, r->error);
		return;
	case RECORD_OUT_LATENCY_MS:
		out_known(o, r->latency_ms);
		return;
	case RECORD_OUT_FIRST_TOKEN_MS:
		out_known(o, r->first_token_ms);
		return;
	case RECORD_OUT_TOOLS:
		out_text(o, r->tools);
		return;
	case RECORD_OUT_METADATA:
		out_json_text(o, r->metadata);
		return;
	case RECORD_OUT_MACHINE:
		out_text(o, r->machine);
		return;
	case RECORD_OUT_KEY:
		out_text(o, r->key);
		return;
	}
}

void
record_out_row(struct out *o, const struct usage_record *r)
{
	for (int i = 0; i < RECORD_OUT_COLS - 1; i++)
		record_out_cell(o, r, i);
	out_end_row(o);
}
