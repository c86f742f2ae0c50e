#include "ingest/api_call.h"

#include <inttypes.h>
#include <string.h>

#include "ingest/hash.h"
#include "ingest/pick.h"

enum {
	A_TYPE,
	A_OBJECT,
	A_ID,
	A_MODEL,
	A_USAGE,
	A_CREATED,
	A_CREATED_AT,
	A_TIER,
	A_MESSAGE,  /* Anthropic's message_start; results of its batches */
	A_RESPONSE, /* OpenAI's response.completed; wrappers */
	A_BODY,
	A_RESULT,
	A_ERROR,
	A_G_USAGE,
	A_G_ID,
	A_G_MODEL,
	A_G_TIME,
	A_G_FINISH,
	A_CANDIDATES,
	A_CUSTOM,
	A_TIMESTAMP,
	A_TIME,
	A_TS,
	A_CHOICES,
	A_ROLE,
	PICKS,
};

static const char *const paths[PICKS] = {
	[A_TYPE] = "type",
	[A_OBJECT] = "object",
	[A_ID] = "id",
	[A_MODEL] = "model",
	[A_USAGE] = "usage",
	[A_CREATED] = "created",
	[A_CREATED_AT] = "created_at",
	[A_TIER] = "service_tier",
	[A_MESSAGE] = "message",
	[A_RESPONSE] = "response",
	[A_BODY] = "body",
	[A_RESULT] = "result",
	[A_ERROR] = "error",
	[A_G_USAGE] = "usageMetadata",
	[A_G_ID] = "responseId",
	[A_G_MODEL] = "modelVersion",
	[A_G_TIME] = "createTime",
	[A_G_FINISH] = "finishReason",
	[A_CANDIDATES] = "candidates",
	[A_CUSTOM] = "custom_id",
	[A_TIMESTAMP] = "timestamp",
	[A_TIME] = "time",
	[A_TS] = "ts",
	[A_CHOICES] = "choices",
	[A_ROLE] = "role",
};

/* Where an answer may be within another object, and how deep that goes. */
static const int wrappers[] = { A_RESPONSE, A_BODY, A_RESULT, A_MESSAGE };
enum { DEPTH_MOST = 4 };
static const int64_t LEAST_TIME = INT64_C(978307200000); /* 2001 */

static bool
pick_all(struct pick *v, const char *text, size_t n, struct json_scan *s)
{
	for (int i = 0; i < PICKS; i++)
		v[i].path = paths[i];
	return pick_read(v, PICKS, text, n, s);
}

static void
copy_name(struct reader *rd, char *to, const struct pick *p)
{
	const char *name = pick_name(rd, p);
	size_t n = name != NULL ? strlen(name) : 0;

	if (n >= API_NAME)
		n = API_NAME - 1;
	if (n > 0)
		memcpy(to, name, n);
	to[n] = '\0';
}

/* White space outside of strings is not of the content. */
static struct hash128
content_hash(struct reader *rd, const char *text, size_t n)
{
	struct tk_buf *b = &rd->scratch;
	bool in_string = false, escaped = false;

	tk_buf_reset(b);
	for (size_t i = 0; i < n; i++) {
		char c = text[i];

		if (!in_string && strchr(" \t\r\n", c) != NULL)
			continue;
		if (c == '"' && !escaped)
			in_string = !in_string;
		escaped = in_string && c == '\\' && !escaped;
		tk_buf_add(b, &c, 1);
	}
	return hash_bytes(b->s, b->len);
}

/* One of the answers has a reason why it ends here. */
static bool
is_finished(const struct pick *candidates)
{
	struct pick v[] = { { .path = "finishReason" } };
	struct json_scan s, inner;
	struct json_text item;

	json_scan_init(&s, candidates->t.p, candidates->t.n);
	if (candidates->kind != JSON_IS_ARRAY || json_scan_array(&s) <= 0)
		return false;
	while (json_scan_item(&s) && json_scan_raw(&s, &item)) {
		pick_read(v, 1, item.p, item.n, &inner);
		if (pick_has(&v[0]))
			return true;
	}
	return false;
}

static enum api_kind
read_gemini(struct api_call *c, struct reader *rd, const struct pick *v)
{
	if (!api_usage_read(&c->usage, &v[A_G_USAGE].t))
		return API_NOTHING;
	copy_name(rd, c->id, &v[A_G_ID]);
	copy_name(rd, c->model,
	    &v[pick_has(&v[A_G_MODEL]) ? A_G_MODEL : A_MODEL]);
	pick_time(&v[A_G_TIME], &c->time);
	c->provider = "google";
	if (c->id[0] == '\0' && !is_finished(&v[A_CANDIDATES]) &&
	    v[A_CANDIDATES].kind == JSON_IS_ARRAY)
		return API_CHUNK;
	return API_ANSWER;
}

static enum api_kind
read_answer(struct api_call *c, struct reader *rd, const struct pick *v)
{
	if (!api_usage_read(&c->usage, &v[A_USAGE].t))
		return API_NOTHING;
	if (pick_is(&v[A_TYPE], "message_delta"))
		return API_DELTA;
	copy_name(rd, c->id, &v[A_ID]);
	copy_name(rd, c->model, &v[A_MODEL]);
	if (v[A_TIER].kind == JSON_IS_TEXT)
		api_usage_tier(&c->usage, &v[A_TIER].t);
	if (!pick_time(&v[A_CREATED], &c->time))
		pick_time(&v[A_CREATED_AT], &c->time);
	return API_ANSWER;
}

/* The time that a wrapper has, where the answer says none. */
static void
read_around(struct api_call *c, const struct pick *v)
{
	static const int times[] = { A_TIMESTAMP, A_TIME, A_TS, A_CREATED_AT,
		A_CREATED };

	for (size_t i = 0; i < TK_LEN(times); i++) {
		int64_t time;

		/* a small number is how long it took */
		if (c->time == RECORD_UNKNOWN &&
		    pick_time(&v[times[i]], &time) && time > LEAST_TIME)
			c->time = time;
	}
	if (pick_has(&v[A_CUSTOM]))
		c->usage.tier = TIER_BATCH;
}

static enum api_kind
read_object(struct api_call *c, struct reader *rd, const char *text, size_t n,
    int depth, struct json_scan *s)
{
	struct pick v[PICKS];
	struct json_scan inner;
	enum api_kind kind = API_NOTHING;

	if (!pick_all(v, text, n, s))
		return API_NOTHING;
	if (pick_is(&v[A_TYPE], "message_stop"))
		return API_STOP;
	if (v[A_G_USAGE].kind == JSON_IS_OBJECT)
		kind = read_gemini(c, rd, v);
	else if (v[A_USAGE].kind == JSON_IS_OBJECT)
		kind = read_answer(c, rd, v);
	for (size_t i = 0; i < TK_LEN(wrappers) && kind == API_NOTHING; i++) {
		const struct pick *in = &v[wrappers[i]];

		if (in->kind == JSON_IS_OBJECT && depth < DEPTH_MOST)
			kind = read_object(c, rd, in->t.p, in->t.n, depth + 1,
			    &inner);
	}
	if (kind == API_ANSWER)
		read_around(c, v);
	if (kind == API_ANSWER && pick_is(&v[A_TYPE], "message_start"))
		return API_START;
	return kind;
}

enum api_kind
api_call_read(struct api_call *c, struct reader *rd, const char *text, size_t n,
    struct json_scan *s)
{
	enum api_kind kind;

	*c = (struct api_call){ .time = RECORD_UNKNOWN };
	api_usage_init(&c->usage);
	json_scan_init(s, text, n);
	if (json_scan_peek(s) != JSON_IS_OBJECT)
		return API_NOTHING;
	kind = read_object(c, rd, text, n, 0, s);
	if (kind != API_NOTHING && c->id[0] == '\0')
		c->content = content_hash(rd, text, n);
	return kind;
}

/* What a later part of a stream says goes over what an earlier one said. */
static void
overlay(struct api_usage *to, const struct api_usage *from)
{
	for (int i = 0; i < API_COUNTS; i++) {
		if (!from->has[i])
			continue;
		to->has[i] = true;
		to->n[i] = from->n[i];
	}
	to->details = to->details || from->details;
	if (from->tier != TIER_STANDARD)
		to->tier = from->tier;
	if (from->cost != RECORD_UNKNOWN)
		to->cost = from->cost;
	if (from->wrong != NULL)
		to->wrong = from->wrong;
}

bool
api_call_join(struct api_open *open, struct api_call *c, enum api_kind kind)
{
	switch (kind) {
	case API_NOTHING:
		return false;
	case API_START:
		open->kind = API_START;
		open->call = *c;
		return true;
	case API_DELTA:
		if (open->kind != API_START)
			return false; /* of which call, nobody knows */
		overlay(&open->call.usage, &c->usage);
		*c = open->call;
		return true;
	case API_STOP:
		open->kind = API_NOTHING;
		return false;
	case API_CHUNK:
		open->kind = API_CHUNK;
		open->call = *c;
		return false;
	case API_ANSWER:
		open->kind = API_NOTHING;
		return true;
	}
	return false;
}

bool
api_call_rest(struct api_open *open, struct api_call *c)
{
	*c = open->call;
	return open->kind == API_CHUNK;
}

/* An id that is not long names a call only together with its time. */
static bool
identify(struct reader *rd, const struct api_call *c, struct usage_record *r,
    struct ids *seen)
{
	struct tk_buf hash = TK_BUF_INIT;
	uint32_t before;

	if (reader_is_unique(c->id)) {
		r->request_id = reader_textf(rd, "%s", c->id);
		return false;
	}
	if (c->id[0] != '\0' && c->time != RECORD_UNKNOWN) {
		r->request_id =
		    reader_textf(rd, "api:%s:%" PRId64, c->id, c->time);
		return false;
	}
	if (c->id[0] != '\0') {
		r->request_id = reader_textf(rd, "api:%s:%s", c->id, c->model);
		return false;
	}
	hash_add(&c->content, &hash);
	before = ids_see(seen, c->content.a);
	r->request_id = before > 0
	    ? reader_textf(rd, "api:%s:%" PRIu32, hash.s, before + 1)
	    : reader_textf(rd, "api:%s", hash.s);
	tk_buf_release(&hash);
	return true;
}

static const char *
provider_of(const struct api_call *c)
{
	if (c->provider != NULL)
		return c->provider;
	return strncmp(c->model, "claude-", 7) == 0 ? "anthropic" : NULL;
}

bool
api_call_give(struct reader *rd, const struct api_call *c, struct ids *seen)
{
	struct usage_record r;
	bool nameless;

	record_init(&r);
	if (c->usage.wrong != NULL) {
		reader_bad(rd, "usage: %s is no count", c->usage.wrong);
		return false;
	}
	if (!api_usage_fill(&c->usage, &r) || record_total(&r) == 0) {
		reader_skip(rd, SKIP_OTHER);
		return false;
	}
	r.time = c->time != RECORD_UNKNOWN ? c->time : rd->mtime;
	r.application = "api";
	if (c->model[0] != '\0')
		r.model = batch_name(rd->batch, c->model, strlen(c->model));
	r.provider = provider_of(c);
	nameless = identify(rd, c, &r, seen);
	reader_give(rd, &r);
	return nameless;
}

/* An answer by its own names. */
static bool
is_answer(const struct pick *v)
{
	static const char *const kinds[] = { "message", "message_start",
		"message_delta", "response.completed", "response.created" };

	for (size_t i = 0; i < TK_LEN(kinds); i++)
		if (pick_is(&v[A_TYPE], kinds[i]) &&
		    (pick_has(&v[A_USAGE]) || pick_has(&v[A_MESSAGE]) ||
			pick_has(&v[A_RESPONSE])))
			return true;
	if (v[A_G_USAGE].kind == JSON_IS_OBJECT &&
	    (pick_has(&v[A_CANDIDATES]) || pick_has(&v[A_G_MODEL])))
		return true;
	return (v[A_OBJECT].kind == JSON_IS_TEXT || pick_has(&v[A_CHOICES])) &&
	    (pick_has(&v[A_CHOICES]) || v[A_USAGE].kind == JSON_IS_OBJECT);
}

/* Or a wrapper that has one. */
static bool
has_answer(const struct pick *v, int depth)
{
	struct pick in[PICKS];
	struct json_scan s;

	for (size_t i = 0; i < TK_LEN(wrappers); i++) {
		const struct pick *p = &v[wrappers[i]];

		if (p->kind != JSON_IS_OBJECT)
			continue;
		pick_all(in, p->t.p, p->t.n, &s);
		if (is_answer(in) ||
		    (depth < DEPTH_MOST && has_answer(in, depth + 1)))
			return true;
	}
	return false;
}

enum probe
api_call_probe(const char *head, size_t n)
{
	enum probe best = PROBE_NO;
	struct pick_probe p;
	struct pick v[PICKS];

	for (int i = 0; i < PICKS; i++)
		v[i].path = paths[i];
	pick_probe_init(&p, head, n);
	while (pick_probe_next(&p, v, PICKS)) {
		if (is_answer(v))
			return PROBE_SURE;
		if (has_answer(v, 0))
			best = PROBE_WITHIN;
	}
	return best;
}
