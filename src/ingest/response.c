/* Usage in the answers of APIs: response.h. */
#include "ingest/response.h"

#include <stdbool.h>
#include <string.h>

#include "json/json.h"

/* The numbers as the API says them. */
struct said {
	int64_t prompt, completion; /* OpenAI chat; Gemini's prompt */
	int64_t input, output;      /* OpenAI responses, Anthropic */
	int64_t cached, reasoning;  /* part of what is above */
	int64_t cache_read, cache_create, create_5m, create_1h; /* Anthropic */
	int64_t candidates, thoughts, tool_prompt;              /* Gemini */
	bool details; /* input has what was cached */
	bool found;
};

struct name {
	const char *key;
	size_t offset;
};

#define NAME(key, field) \
	{ \
		key, offsetof(struct said, field) \
	}

static const struct name names[] = {
	NAME("prompt_tokens", prompt),
	NAME("completion_tokens", completion),
	NAME("input_tokens", input),
	NAME("output_tokens", output),
	NAME("cached_tokens", cached),
	NAME("reasoning_tokens", reasoning),
	NAME("cache_read_input_tokens", cache_read),
	NAME("cache_creation_input_tokens", cache_create),
	NAME("ephemeral_5m_input_tokens", create_5m),
	NAME("ephemeral_1h_input_tokens", create_1h),
	NAME("promptTokenCount", prompt),
	NAME("cachedContentTokenCount", cached),
	NAME("candidatesTokenCount", candidates),
	NAME("thoughtsTokenCount", thoughts),
	NAME("toolUsePromptTokenCount", tool_prompt),
};

static int64_t
add(int64_t a, int64_t b)
{
	int64_t sum;

	return __builtin_add_overflow(a, b, &sum) ? INT64_MAX : sum;
}

static int64_t
less(int64_t a, int64_t b)
{
	return a > b ? a - b : 0;
}

static void
read_count(struct json_scan *s, const struct json_text *key, struct said *said)
{
	int64_t n;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (!json_text_is(key, names[i].key))
			continue;
		if (json_scan_int(s, &n) > 0 && n >= 0) {
			*(int64_t *)(void *)((char *)said + names[i].offset) =
			    n;
			said->found = true;
		}
		return;
	}
	json_scan_skip(s);
}

enum { DEEPEST = 3 };

/* The object of usage itself, and the objects of details in it. */
static void
read_usage(struct json_scan *s, struct said *said, int depth)
{
	struct json_text key;

	if (json_scan_object(s) <= 0)
		return;
	while (json_scan_key(s, &key)) {
		if (json_scan_peek(s) != JSON_IS_OBJECT || depth == DEEPEST) {
			read_count(s, &key, said);
			continue;
		}
		if (json_text_is(&key, "input_tokens_details"))
			said->details = true;
		read_usage(s, said, depth + 1);
	}
}

static void
make_usage(const struct said *said, struct response_usage *u)
{
	bool within = said->details || said->prompt > 0;
	int64_t cached = within ? said->cached : 0;
	int64_t in = add(add(said->prompt, said->input), said->tool_prompt);

	u->input = less(in, cached);
	u->cache_read = add(said->cache_read, cached < in ? cached : in);
	u->cache_write_5m = said->create_5m;
	u->cache_write_1h = said->create_1h;
	u->cache_write =
	    less(said->cache_create, add(said->create_5m, said->create_1h));
	u->output = add(add(said->completion, said->output),
	    add(said->candidates, said->thoughts));
	u->reasoning = add(said->reasoning, said->thoughts);
	if (u->reasoning > u->output)
		u->reasoning = u->output;
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
			struct said said = { 0 };

			read_usage(s, &said, 0);
			make_usage(&said, &one);
			merge(u, &one, false);
			found |= said.found;
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
