/* One line of the calls that "price cost --jsonl" reads. */
#include <stddef.h>
#include <string.h>

#include "base/time.h"
#include "ledger/record.h"
#include "price.h"
#include "json/json.h"

/* The counts of a record, by either of their names. */
static const struct {
	const char *key, *other;
	size_t offset;
} counts[] = {
#define COUNT(key, other, f) \
	{ \
		key, other, offsetof(struct price_usage, f) \
	}
	COUNT("input", "input_tokens", input),
	COUNT("output", "output_tokens", output),
	COUNT("cache_read", "cache_read_tokens", cache_read),
	COUNT("cache_write_5m", "cache_write_5m_tokens", cache_write_5m),
	COUNT("cache_write_1h", "cache_write_1h_tokens", cache_write_1h),
	COUNT("cache_write_12h", "cache_write_12h_tokens", cache_write_12h),
	COUNT("cache_write", "cache_write_other_tokens", cache_write_other),
	COUNT("reasoning", "reasoning_tokens", reasoning),
	COUNT("tokens", "unsplit_tokens", unsplit),
	COUNT("web_search", "web_searches", web_searches),
	COUNT("file_search", "file_searches", file_searches),
	COUNT("audio_input", "audio_input_tokens", audio_input),
	COUNT("audio_output", "audio_output_tokens", audio_output),
	COUNT("audio_cache_read", "audio_cache_read_tokens", audio_cache_read),
	COUNT("image_input", "image_input_tokens", image_input),
	COUNT("image_output", "image_output_tokens", image_output),
	COUNT("image_cache_read", "image_cache_read_tokens", image_cache_read),
	COUNT("video_input", "video_input_tokens", video_input),
	COUNT("video_output", "video_output_tokens", video_output),
	COUNT("citation", "citation_tokens", citation),
#undef COUNT
};

static int
bad_field(const struct json_text *key, const char *what, struct tk_err *err)
{
	return tk_fail(err, TK_DATA, "'%.*s' is not %s",
	    (int)(key->n < 60 ? key->n : 60), key->p, what);
}

static int
take_text(struct json_scan *s, const struct json_text *key, struct tk_buf *to,
    size_t *at, struct tk_err *err)
{
	struct json_text t;
	int rc = json_scan_text(s, &t);

	if (rc < 0)
		return bad_field(key, "a text", err);
	if (rc == 0)
		return 0;
	tk_buf_add(to, "", 1);
	*at = to->len;
	json_text_add(&t, to);
	if (strlen(to->s + *at) != to->len - *at)
		return bad_field(key, "a text without NUL", err);
	return 0;
}

static int
take_time(struct json_scan *s, const struct json_text *key,
    const struct tk_zone *zone, int64_t *ms, struct tk_err *err)
{
	struct json_text t;
	int rc = json_scan_text(s, &t);

	if (rc == 0)
		return 0;
	if (rc < 0 || !tk_time_parse(t.p, t.n, zone, ms))
		return bad_field(key, "a time, as \"2026-11-21T14:32:00Z\"",
		    err);
	return 0;
}

static int
take_tier(struct json_scan *s, const struct json_text *key, int *tier,
    struct tk_err *err)
{
	struct json_text t;
	int rc = json_scan_text(s, &t);

	if (rc == 0)
		return 0;
	for (const struct tk_choice *c = record_tiers;
	     rc > 0 && c->name != NULL; c++) {
		if (json_text_is(&t, c->name)) {
			*tier = c->value;
			return 0;
		}
	}
	return bad_field(key, "standard, batch, flex, priority or fast", err);
}

/* "batch": true is "tier": "batch". */
static int
take_flag(struct json_scan *s, const struct json_text *key, int value,
    int *tier, struct tk_err *err)
{
	bool yes = false;

	if (json_scan_bool(s, &yes) < 0)
		return bad_field(key, "true or false", err);
	if (yes)
		*tier = value;
	return 0;
}

static int
take_count(struct json_scan *s, const struct json_text *key, int64_t *n,
    struct tk_err *err)
{
	return json_scan_int(s, n) < 0
	    ? bad_field(key, "a whole number that fits", err)
	    : 0;
}

static int
take_field(struct price_call *c, struct json_scan *s,
    const struct json_text *key, const struct tk_zone *zone, struct tk_err *err)
{
	struct price_usage *u = &c->use;

	for (size_t i = 0; i < TK_LEN(counts); i++)
		if (json_text_is(key, counts[i].key) ||
		    json_text_is(key, counts[i].other))
			return take_count(s, key,
			    (int64_t *)(void *)((char *)u + counts[i].offset),
			    err);
	for (const struct tk_choice *k = record_tiers; k->name != NULL; k++)
		if (json_text_is(key, k->name))
			return take_flag(s, key, k->value, &u->tier, err);
	if (json_text_is(key, "id"))
		return json_scan_raw(s, &c->id) ? 0 : -1;
	if (json_text_is(key, "model"))
		return take_text(s, key, &c->texts, &c->model, err);
	if (json_text_is(key, "provider"))
		return take_text(s, key, &c->texts, &c->provider, err);
	if (json_text_is(key, "book"))
		return take_text(s, key, &c->texts, &c->book, err);
	if (json_text_is(key, "tier"))
		return take_tier(s, key, &u->tier, err);
	if (json_text_is(key, "regional")) {
		int yes = u->regional;

		if (take_flag(s, key, 1, &yes, err) < 0)
			return -1;
		u->regional = yes;
		return 0;
	}
	if (json_text_is(key, "timestamp") || json_text_is(key, "time"))
		return take_time(s, key, zone, &u->time, err);
	json_scan_skip(s);
	return 0;
}

int
price_call_read(struct price_call *c, const char *line, size_t len,
    const struct cmd_ctx *ctx, struct tk_err *err)
{
	struct json_text key;
	struct json_scan s;

	c->use = (struct price_usage){ .time = ctx->now };
	c->id = (struct json_text){ .p = NULL };
	c->model = c->provider = c->book = 0;
	tk_buf_reset(&c->texts);
	json_scan_init(&s, line, len);
	if (json_scan_object(&s) <= 0)
		return tk_fail(err, TK_DATA, "this is no JSON object");
	while (json_scan_key(&s, &key))
		if (take_field(c, &s, &key, ctx->zone, err) < 0 &&
		    s.wrong == NULL)
			return -1;
	if (!json_scan_end(&s))
		return tk_fail(err, TK_DATA, "this is not JSON: %s",
		    s.wrong != NULL ? s.wrong : "more follows the object");
	if (c->model == 0)
		return tk_fail(err, TK_DATA, "it names no 'model'");
	c->use.model = c->texts.s + c->model;
	if (c->provider != 0)
		c->use.provider = c->texts.s + c->provider;
	return 0;
}
