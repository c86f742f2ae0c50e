/*
 * Answers of APIs, as programs keep them: OpenAI's chat and Responses,
 * Anthropic's Messages, Gemini's generateContent; a document, several, a line
 * each, an array; bare or within the line of a log or of a batch's results;
 * and streams as they came (text/event-stream).
 *
 * The answer's own id is the identity, so each chunk of a stream is a
 * sighting of the call, and the largest counts.  Anthropic's stream names
 * the call once, at its start, and Gemini's answers may have no id at all:
 * what comes until the end belongs to one call.
 */
#include "ingest/api_call.h"

#include <string.h>

#include "ingest/docs.h"
#include "ingest/hash.h"
#include "ingest/run.h"

struct api_state {
	struct docs docs;     /* first */
	struct tk_buf event;  /* the data of an event, while it comes */
	bool events;          /* in a stream: an empty line ends an event */
	struct api_open open; /* the call of a stream that has begun */
	struct ids seen;      /* calls without an id */
	bool nameless;        /* there was one */
};

static void
on_value(struct reader *rd, const char *text, size_t n)
{
	struct api_state *st = rd->state;
	struct json_scan s;
	struct api_call call;
	enum api_kind kind = api_call_read(&call, rd, text, n, &s);

	if (s.wrong != NULL) {
		docs_bad(rd, &s);
		return;
	}
	if (kind == API_NOTHING) {
		reader_skip(rd, SKIP_OTHER);
		return;
	}
	if (!api_call_join(&st->open, &call, kind))
		return;
	st->nameless |= api_call_give(rd, &call, &st->seen);
}

static void
end_event(struct api_state *st, struct reader *rd)
{
	const char *p = st->event.s;
	size_t n = st->event.len;

	p = trim_line(p, &n);
	if (n > 0 && *p == '{')
		on_value(rd, p, n);
	else if (n > 0)
		reader_skip(rd, SKIP_OTHER); /* [DONE], a ping */
	tk_buf_reset(&st->event);
}

/* "data: ..."; other fields say nothing of usage. */
static bool
is_field(const char *p, size_t n, const char *name, size_t len)
{
	return n > len && memcmp(p, name, len) == 0 && p[len] == ':';
}

static bool
stream_line(struct api_state *st, struct reader *rd, const char *p, size_t n)
{
	static const char *const other[] = { "event", "id", "retry", "" };

	if (is_field(p, n, "data", 4)) {
		if (st->event.len > 0)
			tk_buf_add(&st->event, "\n", 1);
		tk_buf_add(&st->event, p + 5, n - 5);
		st->events = true;
		if (st->event.len <= LINE_MAX_BYTES)
			return true;
		reader_bad(rd, "an event of more than 64 MB");
		tk_buf_reset(&st->event);
		return true;
	}
	for (size_t i = 0; i < TK_LEN(other); i++)
		if (is_field(p, n, other[i], strlen(other[i]))) {
			/* one that follows without the empty line */
			if (st->event.len > 0 && i == 0)
				end_event(st, rd);
			reader_skip(rd, SKIP_OTHER);
			return true;
		}
	return false;
}

static void
api_line(struct reader *rd, const char *text, size_t n)
{
	struct api_state *st = rd->state;
	const char *p = trim_line(text, &n);

	if (n == 0) {
		end_event(st, rd);
		reader_skip(rd, SKIP_BLANK);
		return;
	}
	if (docs_whole(&st->docs) && stream_line(st, rd, p, n))
		return;
	if (st->event.len > 0)
		end_event(st, rd);
	if (docs_whole(&st->docs) && *p != '{' && *p != '[') {
		reader_skip(rd, SKIP_OTHER); /* headers, as of "curl -i" */
		return;
	}
	docs_line(&st->docs, rd, p, n, on_value);
}

static void
api_end(struct reader *rd)
{
	struct api_state *st = rd->state;
	struct api_call call;

	end_event(st, rd);
	docs_end(&st->docs, rd, on_value);
	if (api_call_rest(&st->open, &call))
		st->nameless |= api_call_give(rd, &call, &st->seen);
	st->open.kind = API_NOTHING;
}

static bool
api_whole(const struct reader *rd)
{
	const struct api_state *st = rd->state;

	return docs_whole(&st->docs) && st->event.len == 0 &&
	    st->open.kind == API_NOTHING;
}

static bool
api_open(struct reader *rd, const char *carry)
{
	struct api_state *st = rd->state;

	docs_open(rd, carry);
	st->event = (struct tk_buf)TK_BUF_INIT;
	return carry == NULL || *carry != 'r';
}

/* What has no id is counted among its equals: that needs all of the file. */
static void
api_carry(const struct reader *rd, struct tk_buf *b)
{
	const struct api_state *st = rd->state;

	if (st->nameless)
		tk_buf_adds(b, "r");
	else
		docs_carry(rd, b);
}

static void
api_close(struct reader *rd)
{
	struct api_state *st = rd->state;

	tk_buf_release(&st->event);
	ids_release(&st->seen);
	docs_close(rd);
}

static bool
api_wants(const char *path)
{
	static const char *const tails[] = { ".json", ".jsonl", ".ndjson",
		".sse" };
	const char *dot = strrchr(path, '.');

	for (size_t i = 0; dot != NULL && i < TK_LEN(tails); i++)
		if (strcmp(dot, tails[i]) == 0)
			return true;
	return false;
}

/* A stream begins with fields, and its data with an object. */
static bool
is_stream(const char *head, size_t n)
{
	const char *end = head + n;
	bool field = false;

	while (head < end) {
		const char *nl = memchr(head, '\n', (size_t)(end - head));
		size_t len = (size_t)((nl != NULL ? nl : end) - head);
		const char *p = trim_line(head, &len);

		if (is_field(p, len, "data", 4)) {
			p += 5;
			len -= 5;
			p = trim_line(p, &len);
			return len > 0 && (*p == '{' || *p == '[');
		}
		field = is_field(p, len, "event", 5) ||
		    is_field(p, len, "id", 2) || is_field(p, len, "retry", 5) ||
		    (len > 0 && *p == ':');
		if (len > 0 && !field)
			return false;
		head = nl != NULL ? nl + 1 : end;
	}
	return field;
}

static enum probe
api_probe(const struct ingest_options *o, const char *path, const char *head,
    size_t n)
{
	(void)o, (void)path;
	if (is_stream(head, n))
		return PROBE_SURE;
	return api_call_probe(head, n);
}

const struct importer importer_api = {
	.name = "api",
	.title = "API responses",
	.version = 1,
	.state_size = sizeof(struct api_state),
	.wants = api_wants,
	.probe = api_probe,
	.open = api_open,
	.line = api_line,
	.whole = api_whole,
	.carry = api_carry,
	.end = api_end,
	.close = api_close,
	.raw = true,
};
