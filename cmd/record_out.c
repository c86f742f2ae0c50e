/* How a usage record is printed: see record_out.h. */
#include "record_out.h"

#include <stddef.h>

#include "ledger/pack.h"
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
	{ "cache_write_5m_tokens", "Cache write, 5 min", OUT_INT, OUT_MACHINE },
	{ "cache_write_1h_tokens", "Cache write, 1 h", OUT_INT, OUT_MACHINE },
	{ "cache_write_other_tokens", "Cache write, other", OUT_INT,
	    OUT_MACHINE },
	{ "cache_write_tokens", "Cache write", OUT_INT, OUT_WIDE },
	{ "output_tokens", "Output", OUT_INT, OUT_MEDIUM },
	{ "reasoning_tokens", "Reasoning", OUT_INT, OUT_MACHINE },
	{ "unsplit_tokens", "Unsplit", OUT_INT, OUT_MACHINE },
	{ "total_tokens", "Tokens", OUT_INT, 0 },
	{ "estimated_input_tokens", "Estimated input", OUT_INT, OUT_MACHINE },
	{ "web_searches", "Web searches", OUT_INT, OUT_MACHINE },
	{ "cost_usd", "Cost", OUT_MONEY, 0 },
	{ "cost_origin", "Cost is", OUT_TEXT, OUT_MACHINE },
	{ "request_id", "Request id", OUT_TEXT, OUT_MACHINE },
	{ "success", "Success", OUT_BOOL, OUT_MACHINE },
	{ "error", "Error", OUT_TEXT, OUT_MACHINE },
	{ "latency_ms", "Latency, ms", OUT_INT, OUT_MACHINE },
	{ "first_token_ms", "First token, ms", OUT_INT, OUT_MACHINE },
	{ "tools", "Tools", OUT_TEXT, OUT_MACHINE },
	{ "metadata", "Metadata", OUT_JSON, OUT_MACHINE },
	{ "machine", "Machine", OUT_TEXT, OUT_MACHINE },
	{ "key", "Key", OUT_TEXT, OUT_MACHINE },
	OUT_COL_END,
};

/* How the cell of a column is made of a record. */
enum how {
	A_TEXT,
	A_JSON,
	A_COUNT,
	A_KNOWN, /* a count, if there is one */
	A_MONEY, /* if there is a price */
	A_TIME,
	A_WORD, /* for a number */
	THE_CACHE_WRITES,
	THE_TOTAL,
	THE_SUCCESS,
};

#define FIELD(how, field) \
	{ \
		how, offsetof(struct usage_record, field), NULL \
	}
#define WORD(field, words) \
	{ \
		A_WORD, offsetof(struct usage_record, field), words \
	}
#define MADE(how) \
	{ \
		how, 0, NULL \
	}

static const struct {
	enum how how;
	size_t at;
	const struct tk_choice *words;
} cells[RECORD_OUT_COLS - 1] = {
	[RECORD_OUT_ID] = FIELD(A_COUNT, id),
	[RECORD_OUT_TIME] = FIELD(A_TIME, time),
	[RECORD_OUT_USER] = FIELD(A_TEXT, user),
	[RECORD_OUT_APPLICATION] = FIELD(A_TEXT, application),
	[RECORD_OUT_MODEL] = FIELD(A_TEXT, model),
	[RECORD_OUT_PROVIDER] = FIELD(A_TEXT, provider),
	[RECORD_OUT_SESSION] = FIELD(A_TEXT, session),
	[RECORD_OUT_PROJECT] = FIELD(A_TEXT, project),
	[RECORD_OUT_AGENT] = FIELD(A_TEXT, agent),
	[RECORD_OUT_ENDPOINT] = FIELD(A_TEXT, endpoint),
	[RECORD_OUT_PRIORITY] = WORD(priority, record_priorities),
	[RECORD_OUT_SOURCE] = FIELD(A_TEXT, source),
	[RECORD_OUT_TIER] = WORD(tier, record_tiers),
	[RECORD_OUT_REQUESTS] = FIELD(A_COUNT, requests),
	[RECORD_OUT_INPUT_TOKENS] = FIELD(A_COUNT, input_tokens),
	[RECORD_OUT_CACHE_READ_TOKENS] = FIELD(A_COUNT, cache_read_tokens),
	[RECORD_OUT_CACHE_WRITE_5M_TOKENS] =
	    FIELD(A_COUNT, cache_write_5m_tokens),
	[RECORD_OUT_CACHE_WRITE_1H_TOKENS] =
	    FIELD(A_COUNT, cache_write_1h_tokens),
	[RECORD_OUT_CACHE_WRITE_OTHER_TOKENS] =
	    FIELD(A_COUNT, cache_write_other_tokens),
	[RECORD_OUT_CACHE_WRITE_TOKENS] = MADE(THE_CACHE_WRITES),
	[RECORD_OUT_OUTPUT_TOKENS] = FIELD(A_COUNT, output_tokens),
	[RECORD_OUT_REASONING_TOKENS] = FIELD(A_COUNT, reasoning_tokens),
	[RECORD_OUT_UNSPLIT_TOKENS] = FIELD(A_COUNT, unsplit_tokens),
	[RECORD_OUT_TOTAL_TOKENS] = MADE(THE_TOTAL),
	[RECORD_OUT_ESTIMATED_INPUT_TOKENS] =
	    FIELD(A_KNOWN, estimated_input_tokens),
	[RECORD_OUT_WEB_SEARCHES] = FIELD(A_COUNT, web_searches),
	[RECORD_OUT_COST_USD] = FIELD(A_MONEY, cost),
	[RECORD_OUT_COST_ORIGIN] = WORD(cost_origin, record_origins),
	[RECORD_OUT_REQUEST_ID] = FIELD(A_TEXT, request_id),
	[RECORD_OUT_SUCCESS] = MADE(THE_SUCCESS),
	[RECORD_OUT_ERROR] = FIELD(A_TEXT, error),
	[RECORD_OUT_LATENCY_MS] = FIELD(A_KNOWN, latency_ms),
	[RECORD_OUT_FIRST_TOKEN_MS] = FIELD(A_KNOWN, first_token_ms),
	[RECORD_OUT_TOOLS] = FIELD(A_TEXT, tools),
	[RECORD_OUT_METADATA] = FIELD(A_JSON, metadata),
	[RECORD_OUT_MACHINE] = FIELD(A_TEXT, machine),
	[RECORD_OUT_KEY] = FIELD(A_TEXT, key),
};

static inline const char *
text_at(const struct usage_record *r, size_t at)
{
	return *(const char *const *)(const void *)((const char *)r + at);
}

static inline int64_t
int_at(const struct usage_record *r, size_t at)
{
	return *(const int64_t *)(const void *)((const char *)r + at);
}

static void
out_word(struct out *o, const struct tk_choice *c, int64_t value)
{
	while (c->name != NULL && c->value != value)
		c++;
	out_text(o, c->name);
}

void
record_out_cell(struct out *o, const struct usage_record *r, int col)
{
	size_t at = cells[col].at;

	switch (cells[col].how) {
	case A_TEXT:
		out_text(o, text_at(r, at));
		return;
	case A_JSON:
		out_json_text(o, text_at(r, at));
		return;
	case A_COUNT:
		out_int(o, int_at(r, at));
		return;
	case A_KNOWN:
		if (int_at(r, at) == RECORD_UNKNOWN)
			out_null(o);
		else
			out_int(o, int_at(r, at));
		return;
	case A_MONEY:
		if (int_at(r, at) == RECORD_UNKNOWN)
			out_null(o);
		else
			out_money(o, int_at(r, at));
		return;
	case A_TIME:
		out_time(o, int_at(r, at));
		return;
	case A_WORD:
		out_word(o, cells[col].words, int_at(r, at));
		return;
	case THE_CACHE_WRITES:
		out_int(o, record_cache_write(r));
		return;
	case THE_TOTAL:
		out_int(o, record_total(r));
		return;
	case THE_SUCCESS:
		out_bool(o, r->error == NULL);
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

/* Names are texts of the record, but numbers when it is packed. */
static void
text_field(const char *key, size_t at, struct out_field *f)
{
	int kind = pack_name_kind(key);

	f->kind = OUT_FIELD_TEXT;
	f->at = offsetof(struct packed_record, r) + at;
	if (kind >= 0) {
		f->kind = OUT_FIELD_NAME;
		f->at = offsetof(struct packed_record, name) +
		    (size_t)kind * sizeof(uint32_t);
	} else if (at == offsetof(struct usage_record, request_id)) {
		f->from = 1;
		f->at = offsetof(struct record_made, request_id);
	}
}

static void
made_field(enum out_field_kind kind, size_t at, struct out_field *f)
{
	f->kind = kind;
	f->from = 1;
	f->at = at;
}

void
record_out_field(int col, struct out_field *f)
{
	*f = (struct out_field){ .at = cells[col].at,
		.words = cells[col].words };
	switch (cells[col].how) {
	case A_TEXT:
		text_field(record_out_cols[col].key, cells[col].at, f);
		return;
	case A_JSON:
		f->kind = OUT_FIELD_JSON;
		return;
	case A_COUNT:
	case A_KNOWN:
		f->kind = OUT_FIELD_INT;
		return;
	case A_MONEY:
		f->kind = OUT_FIELD_MONEY;
		return;
	case A_TIME:
		f->kind = OUT_FIELD_TIME;
		return;
	case A_WORD:
		f->kind = OUT_FIELD_WORD;
		return;
	case THE_CACHE_WRITES:
		made_field(OUT_FIELD_INT,
		    offsetof(struct record_made, cache_write), f);
		return;
	case THE_TOTAL:
		made_field(OUT_FIELD_INT, offsetof(struct record_made, total),
		    f);
		return;
	case THE_SUCCESS:
		made_field(OUT_FIELD_WORD,
		    offsetof(struct record_made, success), f);
		return;
	}
}

void
record_make(struct record_made *made, const struct packed_record *v)
{
	made->cache_write = record_cache_write(&v->r);
	made->total = record_total(&v->r);
	made->success = v->name[NAME_ERROR] == 0;
	made->request_id = v->r.request_id;
}

uint32_t
record_out_names(const int *col)
{
	uint32_t kinds = 0;

	for (; *col >= 0; col++) {
		int kind = pack_name_kind(record_out_cols[*col].key);

		if (kind >= 0)
			kinds |= 1u << kind;
		if (*col == RECORD_OUT_SUCCESS)
			kinds |= 1u << NAME_ERROR;
	}
	return kinds;
}
