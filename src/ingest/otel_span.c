#include "ingest/otel_span.h"

#include <string.h>

#include "ingest/api_usage.h"
#include "ingest/hash.h"
#include "ingest/pick.h"

enum {
	AT_INPUT,
	AT_OUTPUT,
	AT_READ,
	AT_WRITE,
	AT_REASONING,
	AT_TOTAL,
	COUNTS,
	AT_MODEL = COUNTS,
	AT_ASKED,
	AT_PROVIDER,
	AT_RESPONSE,
	AT_SESSION,
	AT_USER,
	AT_AGENT,
	AT_OPERATION,
	AT_ERROR,
	AT_SERVICE,
	ATTRIBUTES,
};

/* Names of the conventions, old ones and those of instrumentations that came
 * before them. */
static const struct {
	const char *name;
	int at;
} names[] = {
	{ "gen_ai.usage.input_tokens", AT_INPUT },
	{ "gen_ai.usage.prompt_tokens", AT_INPUT },
	{ "llm.usage.prompt_tokens", AT_INPUT },
	{ "gen_ai.usage.output_tokens", AT_OUTPUT },
	{ "gen_ai.usage.completion_tokens", AT_OUTPUT },
	{ "llm.usage.completion_tokens", AT_OUTPUT },
	{ "gen_ai.usage.cache_read.input_tokens", AT_READ },
	{ "gen_ai.usage.cache_read_input_tokens", AT_READ },
	{ "gen_ai.usage.cache_creation.input_tokens", AT_WRITE },
	{ "gen_ai.usage.cache_creation_input_tokens", AT_WRITE },
	{ "gen_ai.usage.cache_write.input_tokens", AT_WRITE },
	{ "gen_ai.usage.reasoning.output_tokens", AT_REASONING },
	{ "gen_ai.usage.reasoning_tokens", AT_REASONING },
	{ "gen_ai.usage.total_tokens", AT_TOTAL },
	{ "llm.usage.total_tokens", AT_TOTAL },
	{ "gen_ai.response.model", AT_MODEL },
	{ "gen_ai.request.model", AT_ASKED },
	{ "gen_ai.provider.name", AT_PROVIDER },
	{ "gen_ai.system", AT_PROVIDER },
	{ "gen_ai.response.id", AT_RESPONSE },
	{ "gen_ai.conversation.id", AT_SESSION },
	{ "session.id", AT_SESSION },
	{ "enduser.id", AT_USER },
	{ "user.id", AT_USER },
	{ "gen_ai.agent.name", AT_AGENT },
	{ "gen_ai.operation.name", AT_OPERATION },
	{ "error.type", AT_ERROR },
	{ "service.name", AT_SERVICE },
};

/* Providers as the conventions call them, and as the price book does. */
static const struct {
	const char *name, *id;
} providers[] = {
	{ "aws.bedrock", "bedrock" },
	{ "azure.ai.inference", "azure" },
	{ "azure.ai.openai", "azure" },
	{ "az.ai.openai", "azure" },
	{ "az.ai.inference", "azure" },
	{ "gcp.gemini", "google" },
	{ "gcp.gen_ai", "google" },
	{ "gemini", "google" },
	{ "gcp.vertex_ai", "vertex" },
	{ "vertex_ai", "vertex" },
	{ "mistral_ai", "mistral" },
	{ "moonshot_ai", "moonshot" },
	{ "x_ai", "xai" },
};

struct attributes {
	struct pick v[ATTRIBUTES];
};

/* The first of several names for a thing that is there counts. */
static void
set_attribute(struct attributes *a, const struct json_text *key,
    const struct pick *value)
{
	for (size_t i = 0; i < TK_LEN(names); i++) {
		struct pick *p = &a->v[names[i].at];

		if (!json_text_is(key, names[i].name))
			continue;
		if (!pick_has(p))
			*p = *value;
		p->path = names[i].name;
		return;
	}
}

/* {"key":"...","value":{"intValue":"12"}} */
static void
read_pair(struct attributes *a, const struct json_text *item)
{
	struct pick v[] = { { .path = "key" }, { .path = "value/stringValue" },
		{ .path = "value/intValue" }, { .path = "value/doubleValue" },
		{ .path = "value/string_value" }, { .path = "value/int_value" },
		{ .path = "value/double_value" } };
	struct json_scan s;

	pick_read(v, TK_LEN(v), item->p, item->n, &s);
	for (size_t i = 1; i < TK_LEN(v); i++)
		if (v[0].kind == JSON_IS_TEXT && pick_has(&v[i]))
			set_attribute(a, &v[0].t, &v[i]);
}

static void
read_attributes(struct attributes *a, const struct json_text *text)
{
	struct json_scan s;
	struct json_text key;
	struct pick value = { 0 };

	*a = (struct attributes){ 0 };
	json_scan_init(&s, text->p, text->n);
	if (json_scan_peek(&s) == JSON_IS_ARRAY && json_scan_array(&s) > 0) {
		while (json_scan_item(&s) && json_scan_raw(&s, &key))
			read_pair(a, &key);
	} else if (json_scan_object(&s) > 0) {
		while (json_scan_key(&s, &key)) {
			value.kind = json_scan_peek(&s);
			if (value.kind == JSON_IS_TEXT)
				json_scan_text(&s, &value.t);
			else
				json_scan_raw(&s, &value.t);
			set_attribute(a, &key, &value);
		}
	}
}

void
otel_around_read(struct otel_around *around, struct reader *rd,
    const struct json_text *text)
{
	struct attributes a;

	read_attributes(&a, text);
	around->application = pick_name(rd, &a.v[AT_SERVICE]);
}

static uint64_t
span_key(const struct pick *trace, const struct pick *span)
{
	struct hash128 h[2];
	bool zero = true;

	if (span->kind != JSON_IS_TEXT || span->t.n == 0)
		return 0;
	for (size_t i = 0; i < span->t.n; i++)
		zero = zero && span->t.p[i] == '0';
	if (zero)
		return 0;
	h[0] = hash_bytes(trace->t.p != NULL ? trace->t.p : "", trace->t.n);
	h[1] = hash_bytes(span->t.p, span->t.n);
	return hash_bytes(h, sizeof(h)).a;
}

/* The models are asked; others are about agents, tools and workflows. */
static bool
is_call(const struct pick *operation)
{
	static const char *const calls[] = { "chat", "text_completion",
		"generate_content", "embeddings", "completion" };

	for (size_t i = 0; i < TK_LEN(calls); i++)
		if (pick_is(operation, calls[i]))
			return true;
	return false;
}

static bool
read_counts(struct otel_span *span, const struct attributes *a)
{
	struct usage_record *r = &span->record;
	int64_t n[COUNTS], inside;

	for (int i = 0; i < COUNTS; i++) {
		if (!pick_count(&a->v[i], &n[i]))
			span->wrong = "gen_ai.usage: this is no count";
		span->has_usage = span->has_usage || pick_has(&a->v[i]);
	}
	if (!span->has_usage || span->wrong != NULL)
		return false;
	span->usage = hash_bytes(n, sizeof(n)).a;
	r->input_tokens = n[AT_INPUT];
	r->output_tokens = n[AT_OUTPUT];
	r->cache_read_tokens = n[AT_READ];
	r->cache_write_other_tokens = n[AT_WRITE];
	if (!__builtin_add_overflow(n[AT_READ], n[AT_WRITE], &inside) &&
	    inside <= n[AT_INPUT])
		r->input_tokens -= inside;
	r->reasoning_tokens =
	    n[AT_REASONING] < n[AT_OUTPUT] ? n[AT_REASONING] : n[AT_OUTPUT];
	if (n[AT_INPUT] == 0 && n[AT_OUTPUT] == 0)
		r->unsplit_tokens = n[AT_TOTAL];
	return true;
}

static const char *
provider_of(struct reader *rd, const struct pick *p)
{
	for (size_t i = 0; i < TK_LEN(providers); i++)
		if (pick_is(p, providers[i].name))
			return providers[i].id;
	return pick_name(rd, p);
}

/* A time of OTLP, in nanoseconds; or [seconds, nanoseconds], as JavaScript
 * writes it. */
static bool
read_time(const struct pick *p, int64_t *ms)
{
	struct json_scan s;
	int64_t part[2] = { 0 }, n = 0;

	if (p->kind != JSON_IS_ARRAY)
		return pick_time(p, ms);
	json_scan_init(&s, p->t.p, p->t.n);
	if (json_scan_array(&s) <= 0)
		return false;
	while (json_scan_item(&s))
		if (n >= 2 || json_scan_int(&s, &part[n++]) <= 0)
			return false;
	if (n != 2 || part[0] < 0 || part[0] > RECORD_LAST_TIME / 1000)
		return false;
	*ms = part[0] * 1000 + part[1] / 1000000;
	return true;
}

enum { S_TRACE, S_ID, S_PARENT, S_START, S_END, S_ATTRIBUTES, FIELDS };

/* As OTLP has them in either spelling of JSON, and as the SDKs for JavaScript
 * and Python print a span. */
static const struct {
	const char *path;
	int at;
} paths[] = {
	{ "traceId", S_TRACE },
	{ "trace_id", S_TRACE },
	{ "spanContext/traceId", S_TRACE },
	{ "context/trace_id", S_TRACE },
	{ "spanId", S_ID },
	{ "span_id", S_ID },
	{ "spanContext/spanId", S_ID },
	{ "context/span_id", S_ID },
	{ "parentSpanId", S_PARENT },
	{ "parent_span_id", S_PARENT },
	{ "parentSpanContext/spanId", S_PARENT },
	{ "parent_id", S_PARENT },
	{ "startTimeUnixNano", S_START },
	{ "start_time_unix_nano", S_START },
	{ "startTime", S_START },
	{ "start_time", S_START },
	{ "endTimeUnixNano", S_END },
	{ "end_time_unix_nano", S_END },
	{ "endTime", S_END },
	{ "end_time", S_END },
	{ "attributes", S_ATTRIBUTES },
};

/* Of several names for a thing the first that is there counts. */
static void
read_fields(struct pick *fields, const struct json_text *text)
{
	struct pick v[TK_LEN(paths)];
	struct json_scan s;

	for (size_t i = 0; i < TK_LEN(paths); i++)
		v[i].path = paths[i].path;
	pick_read(v, TK_LEN(paths), text->p, text->n, &s);
	for (int i = 0; i < FIELDS; i++)
		fields[i] = (struct pick){ 0 };
	for (size_t i = 0; i < TK_LEN(paths); i++)
		if (!pick_has(&fields[paths[i].at]))
			fields[paths[i].at] = v[i];
}

static void
identify(struct reader *rd, const struct attributes *a, const struct pick *v,
    struct usage_record *r)
{
	const struct pick *trace = &v[S_TRACE], *id = &v[S_ID];
	const char *response = pick_name(rd, &a->v[AT_RESPONSE]);

	if (reader_is_unique(response))
		r->request_id = response;
	else if (id->kind == JSON_IS_TEXT && id->t.n > 0)
		r->request_id = reader_textf(rd, "otel:%.*s:%.*s",
		    trace->t.n > 64 ? 64 : (int)trace->t.n,
		    trace->t.p != NULL ? trace->t.p : "",
		    id->t.n > 64 ? 64 : (int)id->t.n, id->t.p);
	else
		reader_fingerprint(rd, r, "otel", response);
}

static void
describe(struct otel_span *span, struct reader *rd, const struct attributes *a,
    const struct pick *v, const struct otel_around *around)
{
	struct usage_record *r = &span->record;
	int64_t end;

	if (!read_time(&v[S_START], &r->time)) {
		span->wrong = "startTimeUnixNano: it is no time";
		return;
	}
	if (read_time(&v[S_END], &end) && end >= r->time)
		r->latency_ms = end - r->time;
	r->application =
	    around->application != NULL ? around->application : "otel";
	r->model = pick_name(rd,
	    &a->v[pick_has(&a->v[AT_MODEL]) ? AT_MODEL : AT_ASKED]);
	r->provider = provider_of(rd, &a->v[AT_PROVIDER]);
	r->session = pick_name(rd, &a->v[AT_SESSION]);
	r->user = pick_name(rd, &a->v[AT_USER]);
	r->agent = pick_name(rd, &a->v[AT_AGENT]);
	r->endpoint = pick_name(rd, &a->v[AT_OPERATION]);
	r->error = pick_name(rd, &a->v[AT_ERROR]);
	identify(rd, a, v, r);
}

void
otel_span_read(struct otel_span *span, struct reader *rd,
    const struct json_text *text, const struct otel_around *around)
{
	struct attributes a;
	struct pick v[FIELDS];

	*span = (struct otel_span){ .has_usage = false };
	record_init(&span->record);
	read_fields(v, text);
	span->id = span_key(&v[S_TRACE], &v[S_ID]);
	span->parent = span_key(&v[S_TRACE], &v[S_PARENT]);
	read_attributes(&a, &v[S_ATTRIBUTES].t);
	span->call = is_call(&a.v[AT_OPERATION]);
	if (read_counts(span, &a))
		describe(span, rd, &a, v, around);
}
