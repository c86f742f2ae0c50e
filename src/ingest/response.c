/* Usage in the answers of APIs: response.h. */
#include "ingest/response.h"

#include <stdbool.h>
#include <string.h>

#include "ingest/api_usage.h"
#include "json/json.h"

static int64_t
add(int64_t a, int64_t b)
{
	int64_t sum;

	return __builtin_add_overflow(a, b, &sum) ? INT64_MAX : sum;
}

/* What one object of usage says; false: nothing, or what is no count. */
static bool
read_usage(const struct json_text *object, struct response_usage *u)
{
	struct usage_record r;
	struct api_usage said;

	api_usage_init(&said);
	record_init(&r);
	if (!api_usage_read(&said, object) || said.wrong != NULL ||
	    !api_usage_fill(&said, &r) || r.unsplit_tokens > 0)
		return false;
	u->input = r.input_tokens;
	u->output = r.output_tokens;
	u->cache_read = r.cache_read_tokens;
	u->cache_write_5m = r.cache_write_5m_tokens;
	u->cache_write_1h = r.cache_write_1h_tokens;
	u->cache_write = r.cache_write_other_tokens;
	u->reasoning =
	    r.reasoning_tokens < u->output ? r.reasoning_tokens : u->output;
	return true;
}

static void
largest(int64_t *a, int64_t b)
{
	if (b > *a)
		*a = b;
}

static void
merge(struct response_usage *all, const struct response_usage *u, bool sum)
{
	int64_t *to[] = { &all->input, &all->output, &all->cache_read,
		&all->cache_write_5m, &all->cache_write_1h, &all->cache_write,
		&all->reasoning };
	const int64_t from[] = { u->input, u->output, u->cache_read,
		u->cache_write_5m, u->cache_write_1h, u->cache_write,
		u->reasoning };

	for (size_t i = 0; i < sizeof(to) / sizeof(to[0]); i++) {
		if (sum)
			*to[i] = add(*to[i], from[i]);
		else
			largest(to[i], from[i]);
	}
}

enum { NESTING = 4 }; /* {"message": {"usage": ...}}, {"response": ...} */

static bool
walk(struct json_scan *s, struct response_usage *u, int depth)
{
	struct json_text key, text;
	bool found = false;

	if (json_scan_object(s) <= 0)
		return false;
	while (json_scan_key(s, &key)) {
		enum json_kind kind = json_scan_peek(s);

		if (kind == JSON_IS_OBJECT &&
		    (json_text_is(&key, "usage") ||
			json_text_is(&key, "usageMetadata"))) {
			struct response_usage one = { 0 };

			if (!json_scan_raw(s, &text))
				return false;
			if (read_usage(&text, &one)) {
				merge(u, &one, false);
				found = true;
			}
		} else if (kind == JSON_IS_TEXT &&
		    (json_text_is(&key, "model") ||
			json_text_is(&key, "modelVersion"))) {
			tk_buf_reset(&u->model);
			if (json_scan_text(s, &text) > 0)
				json_text_add(&text, &u->model);
		} else if (kind == JSON_IS_OBJECT && depth < NESTING) {
			found |= walk(s, u, depth + 1);
		} else {
			json_scan_skip(s);
		}
	}
	return found;
}

/* One document; false if it is none, or says nothing. */
static bool
read_document(const char *text, size_t len, struct response_usage *u)
{
	struct json_scan s;
	bool found;

	json_scan_init(&s, text, len);
	found = walk(&s, u, 0);
	return json_scan_end(&s) && found;
}

/* A name with a NUL in it is no name. */
static void
take_model(struct response_usage *u, struct response_usage *one)
{
	if (one->model.len > 0 && strlen(one->model.s) == one->model.len) {
		tk_buf_reset(&u->model);
		tk_buf_adds(&u->model, one->model.s);
	}
	tk_buf_release(&one->model);
}

static bool
read_one(const char *text, size_t len, bool sum, struct response_usage *u)
{
	struct response_usage one = { .model = TK_BUF_INIT };
	bool found = read_document(text, len, &one);

	if (found)
		merge(u, &one, sum);
	take_model(u, &one);
	return found;
}

static bool
read_lines(const char *text, size_t len, struct response_usage *u)
{
	static const char data[] = "data:";
	const char *end = text + len;
	bool found = false;

	while (text < end) {
		const char *stop = memchr(text, '\n', (size_t)(end - text));
		size_t n = (size_t)((stop ? stop : end) - text);
		bool streamed = n > sizeof(data) - 1 &&
		    memcmp(text, data, sizeof(data) - 1) == 0;
		size_t skip = streamed ? sizeof(data) - 1 : 0;

		found |= read_one(text + skip, n - skip, !streamed, u);
		text += n + (stop != NULL);
	}
	return found;
}

int
response_usage_read(const char *text, size_t len, struct response_usage *u)
{
	*u = (struct response_usage){ .model = TK_BUF_INIT };
	return read_one(text, len, false, u) || read_lines(text, len, u);
}

void
response_usage_release(struct response_usage *u)
{
	tk_buf_release(&u->model);
}
