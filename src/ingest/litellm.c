/*
 * LiteLLM: rows of its table SpendLogs, exported as JSON, JSON Lines or CSV,
 * and the standard_logging_object of its callbacks.
 *
 * prompt_tokens has what was read from a cache inside; how much is only in
 * metadata.usage_object.  cache_hit is LiteLLM's own cache: such an answer
 * cost nothing.  Its spend is a cost that was given, unless it is 0 because
 * LiteLLM does not know the model.
 */
#include <string.h>
#include <strings.h>

#include "base/attr.h"
#include "ingest/api_usage.h"
#include "ingest/docs.h"
#include "ingest/litellm_csv.h"
#include "ingest/pick.h"
#include "ingest/run.h"

struct litellm_state {
	struct docs docs; /* first */
	struct litellm_csv csv;
	bool begun, table; /* the first line was seen; it was CSV's */
};

enum {
	L_REQUEST,
	L_ID,
	L_START,
	L_END,
	L_FIRST,
	L_MODEL,
	L_GROUP,
	L_PROVIDER,
	L_USER,
	L_END_USER,
	L_SPEND,
	L_COST,
	L_PROMPT,
	L_COMPLETION,
	L_TOTAL,
	L_METADATA,
	L_HIT,
	L_SESSION,
	L_TRACE,
	L_STATUS,
	L_ERROR,
	L_ERROR_CLASS,
	L_WRAPPED,
	L_CALL,
	L_KWARGS,
	PICKS,
};

static const char *const paths[PICKS] = {
	[L_REQUEST] = "request_id",
	[L_ID] = "id",
	[L_START] = "startTime",
	[L_END] = "endTime",
	[L_FIRST] = "completionStartTime",
	[L_MODEL] = "model",
	[L_GROUP] = "model_group",
	[L_PROVIDER] = "custom_llm_provider",
	[L_USER] = "user",
	[L_END_USER] = "end_user",
	[L_SPEND] = "spend",
	[L_COST] = "response_cost",
	[L_PROMPT] = "prompt_tokens",
	[L_COMPLETION] = "completion_tokens",
	[L_TOTAL] = "total_tokens",
	[L_METADATA] = "metadata",
	[L_HIT] = "cache_hit",
	[L_SESSION] = "session_id",
	[L_TRACE] = "trace_id",
	[L_STATUS] = "status",
	[L_ERROR] = "error_information/error_code",
	[L_ERROR_CLASS] = "error_information/error_class",
	[L_WRAPPED] = "standard_logging_object",
	[L_CALL] = "call_type",
	[L_KWARGS] = "kwargs/standard_logging_object",
};

/* A value that may be an object, or an object in a text, as CSV has it. */
static bool
as_object(struct reader *rd, const struct pick *p, struct json_text *object)
{
	if (p->kind == JSON_IS_OBJECT) {
		*object = p->t;
		return true;
	}
	if (p->kind != JSON_IS_TEXT)
		return false;
	tk_buf_reset(&rd->scratch);
	json_text_add(&p->t, &rd->scratch);
	*object = (struct json_text){ batch_text(rd->batch, rd->scratch.s,
					  rd->scratch.len),
		rd->scratch.len, false };
	return object->n > 0 && *object->p == '{';
}

/* The cache's part is in metadata; the counts are those of the row. */
static bool
read_usage(struct reader *rd, const struct pick *v, struct usage_record *r)
{
	struct pick in[] = { { .path = "usage_object" },
		{ .path = "additional_usage_values" } };
	static const struct {
		int at;
		enum api_count count;
	} counts[] = {
		{ L_PROMPT, API_PROMPT },
		{ L_COMPLETION, API_COMPLETION },
		{ L_TOTAL, API_TOTAL },
	};
	struct json_text metadata;
	struct api_usage u;
	struct json_scan s;

	api_usage_init(&u);
	if (as_object(rd, &v[L_METADATA], &metadata)) {
		pick_read(in, TK_LEN(in), metadata.p, metadata.n, &s);
		for (size_t i = TK_LEN(in); i-- > 0;)
			if (in[i].kind == JSON_IS_OBJECT)
				api_usage_read(&u, &in[i].t);
	}
	u.cost = RECORD_UNKNOWN; /* the row's own */
	for (size_t i = 0; i < TK_LEN(counts); i++) {
		const struct pick *p = &v[counts[i].at];
		enum api_count c = counts[i].count;

		if (!pick_has(p) || p->t.n == 0)
			continue;
		if (!pick_count(p, &u.n[c]))
			u.wrong = p->path;
		u.has[c] = true;
	}
	if (u.wrong != NULL) {
		reader_bad(rd, "%s is no count", u.wrong);
		return false;
	}
	if (u.n[API_PROMPT] == 0 && u.n[API_COMPLETION] == 0)
		u.has[API_PROMPT] = u.has[API_COMPLETION] = false;
	api_usage_fill(&u, r);
	return true;
}

static void
read_cost(const struct pick *v, struct usage_record *r)
{
	const struct pick *hit = &v[L_HIT];
	bool own = hit->kind == JSON_IS_TRUE ||
	    (hit->kind == JSON_IS_TEXT && hit->t.n == 4 &&
		strncasecmp(hit->t.p, "true", 4) == 0);

	if (pick_cost(pick_has(&v[L_SPEND]) ? &v[L_SPEND] : &v[L_COST],
		&r->cost)) {
		r->cost_origin = COST_GIVEN;
	} else if (own) {
		r->cost = 0;
		r->cost_origin = COST_GIVEN;
	}
}

static const char *
either(struct reader *rd, const struct pick *v, int a, int b)
{
	const char *name = pick_name(rd, &v[a]);

	return name != NULL ? name : pick_name(rd, &v[b]);
}

/* NULL: none.  It stands in the object of a callback, or in metadata, where
 * older versions have the status, too. */
static const char *
error_of(struct reader *rd, const struct pick *v)
{
	struct pick in[] = { { .path = "error_information/error_code" },
		{ .path = "error_information/error_class" },
		{ .path = "status" } };
	const char *error = either(rd, v, L_ERROR, L_ERROR_CLASS);
	struct json_text metadata;
	struct json_scan s;

	if (as_object(rd, &v[L_METADATA], &metadata))
		pick_read(in, TK_LEN(in), metadata.p, metadata.n, &s);
	if (!pick_is(&v[L_STATUS], "failure") && !pick_is(&in[2], "failure"))
		return NULL;
	if (error == NULL)
		error = either(rd, in, 0, 1);
	return error != NULL ? error : "failure";
}

static int64_t
since(const struct pick *p, int64_t start)
{
	int64_t ms;

	return pick_time(p, &ms) && ms >= start ? ms - start : RECORD_UNKNOWN;
}

static void
give_row(struct reader *rd, const struct pick *v)
{
	struct usage_record r;
	const char *id = either(rd, v, L_REQUEST, L_ID);

	record_init(&r);
	if (!read_usage(rd, v, &r))
		return;
	r.error = error_of(rd, v);
	if (record_total(&r) == 0 && r.error == NULL) {
		reader_skip(rd, SKIP_OTHER);
		return;
	}
	if (!pick_time(&v[L_START], &r.time)) {
		reader_bad(rd, "startTime: it is no time");
		return;
	}
	read_cost(v, &r);
	r.application = "litellm";
	r.model = either(rd, v, L_MODEL, L_GROUP);
	r.provider = pick_name(rd, &v[L_PROVIDER]);
	r.user = either(rd, v, L_USER, L_END_USER);
	r.session = either(rd, v, L_SESSION, L_TRACE);
	r.endpoint = pick_name(rd, &v[L_CALL]);
	r.latency_ms = since(&v[L_END], r.time);
	r.first_token_ms = since(&v[L_FIRST], r.time);
	if (reader_is_unique(id))
		r.request_id = id;
	else if (id != NULL)
		r.request_id = reader_textf(rd, "litellm:%s", id);
	else
		reader_fingerprint(rd, &r, "litellm", r.user);
	reader_give(rd, &r);
}

static bool
is_row(const struct pick *v)
{
	return pick_has(&v[L_START]) &&
	    (pick_has(&v[L_PROMPT]) || pick_has(&v[L_TOTAL])) &&
	    (pick_has(&v[L_REQUEST]) || pick_has(&v[L_SPEND]) ||
		pick_has(&v[L_COST]) || pick_has(&v[L_CALL]));
}

static void
on_value(struct reader *rd, const char *text, size_t n)
{
	struct pick v[PICKS];
	struct json_scan s;
	const struct pick *in;

	for (int i = 0; i < PICKS; i++)
		v[i].path = paths[i];
	if (!pick_read(v, PICKS, text, n, &s)) {
		docs_bad(rd, &s);
		return;
	}
	in = &v[pick_has(&v[L_WRAPPED]) ? L_WRAPPED : L_KWARGS];
	if (in->kind == JSON_IS_OBJECT &&
	    !pick_read(v, PICKS, in->t.p, in->t.n, &s)) {
		docs_bad(rd, &s);
		return;
	}
	if (is_row(v))
		give_row(rd, v);
	else
		reader_skip(rd, SKIP_OTHER);
}

static void
litellm_line(struct reader *rd, const char *text, size_t n)
{
	struct litellm_state *st = rd->state;
	size_t len = n;
	const char *p = trim_line(text, &len);

	if (!st->begun && len > 0) {
		st->begun = true;
		st->table = *p != '{' && *p != '[';
	}
	if (st->table)
		litellm_csv_line(&st->csv, rd, text, n, on_value);
	else if (len == 0)
		reader_skip(rd, SKIP_BLANK);
	else
		docs_line(&st->docs, rd, p, len, on_value);
}

static void
litellm_end(struct reader *rd)
{
	struct litellm_state *st = rd->state;

	if (!st->table)
		docs_end(&st->docs, rd, on_value);
}

static bool
litellm_whole(const struct reader *rd)
{
	const struct litellm_state *st = rd->state;

	return st->table ? litellm_csv_whole(&st->csv) : docs_whole(&st->docs);
}

static bool
litellm_open(struct reader *rd, const char *carry)
{
	struct litellm_state *st = rd->state;

	docs_open(rd, carry);
	litellm_csv_init(&st->csv);
	return carry == NULL || *carry != 't'; /* else for its heading */
}

static void
litellm_carry(const struct reader *rd, struct tk_buf *b)
{
	const struct litellm_state *st = rd->state;

	if (st->table)
		tk_buf_adds(b, "t");
	else
		docs_carry(rd, b);
}

static void
litellm_close(struct reader *rd)
{
	struct litellm_state *st = rd->state;

	litellm_csv_release(&st->csv);
	docs_close(rd);
}

static bool
litellm_wants(const char *path)
{
	static const char *const tails[] = { ".json", ".jsonl", ".ndjson",
		".csv" };
	const char *dot = strrchr(path, '.');

	for (size_t i = 0; dot != NULL && i < TK_LEN(tails); i++)
		if (strcmp(dot, tails[i]) == 0)
			return true;
	return false;
}

static enum probe
litellm_probe(const struct ingest_options *o, const char *path,
    const char *head, size_t n)
{
	struct pick v[PICKS];
	struct pick_probe p;

	(void)o, (void)path;
	if (litellm_csv_probe(head, n))
		return PROBE_SURE;
	for (int i = 0; i < PICKS; i++)
		v[i].path = paths[i];
	pick_probe_init(&p, head, n);
	while (pick_probe_next(&p, v, PICKS))
		if (is_row(v) || pick_has(&v[L_WRAPPED]) ||
		    pick_has(&v[L_KWARGS]))
			return PROBE_SURE;
	return PROBE_NO;
}

const struct importer importer_litellm = {
	.name = "litellm",
	.title = "LiteLLM spend logs",
	.version = 1,
	.state_size = sizeof(struct litellm_state),
	.wants = litellm_wants,
	.probe = litellm_probe,
	.open = litellm_open,
	.line = litellm_line,
	.whole = litellm_whole,
	.carry = litellm_carry,
	.end = litellm_end,
	.close = litellm_close,
	.raw = true,
};
