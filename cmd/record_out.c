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
out_tokens(struct out *o, const struct usage_record *r)
{
	out_int(o, r->input_tokens);
	out_int(o, r->cache_read_tokens);
	out_int(o, r->cache_write_5m_tokens);
	out_int(o, r->cache_write_1h_tokens);
	out_int(o, r->cache_write_other_tokens);
	out_int(o, record_cache_write(r));
	out_int(o, r->output_tokens);
	out_int(o, r->reasoning_tokens);
	out_int(o, r->unsplit_tokens);
	out_int(o, record_total(r));
	out_known(o, r->estimated_input_tokens);
	out_int(o, r->web_searches);
}

void
record_out_row(struct out *o, const struct usage_record *r)
{
	out_int(o, r->id);
	out_time(o, r->time);
	out_text(o, r->user);
	out_text(o, r->application);
	out_text(o, r->model);
	out_text(o, r->provider);
	out_text(o, r->session);
	out_text(o, r->project);
	out_text(o, r->agent);
	out_text(o, r->endpoint);
	out_word(o, record_priorities, r->priority);
	out_text(o, r->source);
	out_word(o, record_tiers, r->tier);
	out_int(o, r->requests);
	out_tokens(o, r);
	if (r->cost == RECORD_UNKNOWN)
		out_null(o);
	else
		out_money(o, r->cost);
	out_word(o, record_origins, r->cost_origin);
	out_text(o, r->request_id);
	out_bool(o, r->error == NULL);
	out_text(o, r->error);
	out_known(o, r->latency_ms);
	out_known(o, r->first_token_ms);
	out_text(o, r->tools);
	out_json_text(o, r->metadata);
	out_text(o, r->machine);
	out_text(o, r->key);
	out_end_row(o);
}
