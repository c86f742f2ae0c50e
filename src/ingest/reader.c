/* What importers say about the lines of a file, and texts for records. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "ingest/hash.h"
#include "ingest/run.h"
#include "price/price.h"

/* The ledger takes no longer names. */
enum { NAME_MOST = 1024 };

int
ingest_price(const struct price_book *prices, struct usage_record *r,
    struct tk_err *err)
{
	struct price_usage u = {
		.time = r->time,
		.provider = r->provider,
		.model = r->model,
		.input = r->input_tokens,
		.output = r->output_tokens,
		.cache_read = r->cache_read_tokens,
		.cache_write_5m = r->cache_write_5m_tokens,
		.cache_write_1h = r->cache_write_1h_tokens,
		.cache_write_other = r->cache_write_other_tokens,
		.reasoning = r->reasoning_tokens,
		.unsplit = r->unsplit_tokens,
		.web_searches = r->web_searches,
		.tier = (int)r->tier,
	};
	int priced = 0;

	if (prices != NULL && r->provider == NULL) {
		r->provider = price_provider_of(prices, r->model);
		r->provider_derived = true;
	}
	if (r->cost_origin == COST_GIVEN)
		return 0;
	if (prices != NULL && r->model != NULL)
		priced = price_cost(prices, &u, &r->cost, err);
	if (priced < 0)
		return -1;
	r->cost_origin = priced > 0 ? COST_PRICED : COST_UNKNOWN;
	if (priced == 0)
		r->cost = RECORD_UNKNOWN;
	return 0;
}

static void
stream_give(struct reader *rd, struct usage_record *r)
{
	struct stream *s = rd->stream;

	if (s->fn(r, rd->line, NULL, s->data, s->err) < 0)
		s->failed = true;
}

static void
tell(struct reader *rd, const struct usage_record *r, const char *bad,
    enum ingest_skip why)
{
	struct ingest_sight s = {
		.importer = rd->importer,
		.path = rd->path,
		.line = rd->line,
		.record = r,
		.bad = bad,
		.skip = why,
	};

	if (rd->options->sight != NULL)
		rd->options->sight(&s, rd->options->sight_data);
}

void
reader_give(struct reader *rd, const struct usage_record *seen)
{
	struct usage_record r = *seen;
	struct tk_err err;

	if (rd->replay)
		return;
	if (r.user == NULL)
		r.user = rd->options->user;
	if (rd->stream != NULL) {
		stream_give(rd, &r);
		return;
	}
	if (r.source == NULL)
		r.source = rd->importer->name;
	/* a table is about calls of anywhere, a log about those made here */
	if (r.machine == NULL && rd->importer->places != NULL)
		r.machine = rd->options->machine;
	if (ledger_accepts(&r, &err) < 0) {
		reader_bad(rd, "%s", err.msg);
		return;
	}
	run_tally(rd->run, rd->importer)->sightings++;
	tell(rd, &r, NULL, SKIP_OTHER);
	batch_add(&rd->run->next.batch, &r, rd->importer);
}

void
reader_skip(struct reader *rd, enum ingest_skip why)
{
	if (rd->replay || rd->run == NULL)
		return;
	run_tally(rd->run, rd->importer)->skipped[why]++;
	tell(rd, NULL, NULL, why);
}

void
reader_retract(struct reader *rd, const char *request_id)
{
	if (rd->run != NULL && rd->run->sink->retract != NULL)
		run_retract(rd->run, request_id);
}

static char *located(const struct reader *rd, const char *fmt, va_list ap)
    TK_PRINTF(2, 0);

static char *
located(const struct reader *rd, const char *fmt, va_list ap)
{
	struct tk_buf b = TK_BUF_INIT;
	char reason[256];

	vsnprintf(reason, sizeof(reason), fmt, ap);
	tk_buf_addf(&b, "%s:%" PRId64 ": %s", rd->path, rd->line, reason);
	return tk_buf_detach(&b);
}

void
reader_note(struct reader *rd, const char *fmt, ...)
{
	va_list ap;

	if (rd->replay || rd->run == NULL)
		return;
	va_start(ap, fmt);
	run_note(rd->run, rd->importer, located(rd, fmt, ap));
	va_end(ap);
}

bool
reader_add_reasoning(struct reader *rd, struct usage_record *r)
{
	if (!__builtin_add_overflow(r->output_tokens, r->reasoning_tokens,
		&r->output_tokens))
		return true;
	reader_bad(rd, "the counts are too large");
	return false;
}

void
reader_bad(struct reader *rd, const char *fmt, ...)
{
	struct tk_err bad = TK_ERR_INIT;
	char *text;
	va_list ap;

	if (rd->replay || rd->cut)
		return;
	va_start(ap, fmt);
	if (rd->stream != NULL) {
		struct stream *s = rd->stream;

		bad.code = TK_DATA;
		vsnprintf(bad.msg, sizeof(bad.msg), fmt, ap);
		if (s->fn(NULL, rd->line, &bad, s->data, s->err) < 0)
			s->failed = true;
		va_end(ap);
		return;
	}
	text = located(rd, fmt, ap);
	va_end(ap);
	run_tally(rd->run, rd->importer)->bad++;
	/* behind "path:line: " */
	tell(rd, NULL, strstr(text + strlen(rd->path), ": ") + 2, SKIP_OTHER);
	if (rd->options->flags & INGEST_STRICT) {
		tk_fail(rd->run->err, TK_DATA, "%s", text);
		rd->run->failed = true;
	}
	run_note(rd->run, rd->importer, text);
}

/*
 * Where a cut text meets the next object, the scanner stops a little before
 * or after: the quote of the first key may have closed a string, or a cut
 * escape begins before it.
 */
bool
reader_rest(const struct json_scan *s, const char **text, size_t *n)
{
	const char *p = s->at - s->start > 2 ? s->at - 2 : s->start + 1;

	for (int left = 8; left > 0 && s->end - p > 1; p++) {
		if (p[0] == '{' && p[1] == '"') {
			*text = p;
			*n = (size_t)(s->end - p);
			return true;
		}
		left -= *p != '\0'; /* which crashes leave */
	}
	return false;
}

/* Decode into rd->scratch; NULs, which end a record's text, are replaced. */
static void
decode(struct reader *rd, const struct json_text *t)
{
	struct tk_buf *b = &rd->scratch;
	const char *nul;
	struct tk_buf clean = TK_BUF_INIT;
	size_t at = 0;

	tk_buf_reset(b);
	json_text_add(t, b);
	if (memchr(b->s, '\0', b->len) == NULL)
		return;
	while ((nul = memchr(b->s + at, '\0', b->len - at)) != NULL) {
		tk_buf_addf(&clean, "%s\xef\xbf\xbd", b->s + at);
		at = (size_t)(nul - b->s) + 1;
	}
	tk_buf_adds(&clean, b->s + at);
	tk_buf_release(b);
	*b = clean;
}

/* Where to cut a name that is too long: between characters. */
static size_t
name_length(const struct tk_buf *b)
{
	size_t n = b->len;

	if (n <= NAME_MOST)
		return n;
	n = NAME_MOST;
	while (n > 0 && ((unsigned char)b->s[n] & 0xc0) == 0x80)
		n--;
	return n;
}

const char *
reader_name(struct reader *rd, const struct json_text *t)
{
	if (t->n == 0)
		return NULL;
	decode(rd, t);
	return batch_name(rd->batch, rd->scratch.s, name_length(&rd->scratch));
}

const char *
reader_textf(struct reader *rd, const char *fmt, ...)
{
	struct tk_buf b = TK_BUF_INIT;
	const char *text;
	va_list ap;

	va_start(ap, fmt);
	tk_buf_addv(&b, fmt, ap);
	va_end(ap);
	text = batch_text(rd->batch, b.s, b.len);
	tk_buf_release(&b);
	return text;
}

void
reader_fingerprint(struct reader *rd, struct usage_record *r,
    const char *prefix, const char *more)
{
	struct tk_buf b = TK_BUF_INIT;
	struct hash128 h;

	tk_buf_addf(&b, "%" PRId64 " %s", r->time,
	    r->model != NULL ? r->model : "");
	for (const struct record_field *f = record_fields; f->key != NULL; f++)
		if (f->type == RECORD_COUNT)
			tk_buf_addf(&b, " %" PRId64, *record_int(r, f));
	if (more != NULL)
		tk_buf_addf(&b, " %s", more);
	h = hash_bytes(b.s, b.len);
	tk_buf_reset(&b);
	tk_buf_addf(&b, "%s:", prefix);
	hash_add(&h, &b);
	r->request_id = batch_text(rd->batch, b.s, b.len);
	tk_buf_release(&b);
}

bool
reader_is_unique(const char *id)
{
	enum { ENOUGH = 20 };

	return id != NULL && strlen(id) >= ENOUGH;
}

const char *
reader_path_name(struct reader *rd, int up)
{
	const char *end = rd->path + strlen(rd->path);
	const char *from, *dot;
	size_t n;

	for (;;) {
		for (from = end; from > rd->path && from[-1] != '/';)
			from--;
		if (up-- == 0)
			break;
		if (from == rd->path)
			return NULL;
		end = from - 1;
	}
	n = (size_t)(end - from);
	dot = memchr(from, '.', n);
	if (dot != NULL && dot > from)
		n = (size_t)(dot - from);
	return n > 0 && n < NAME_MOST ? batch_name(rd->batch, from, n) : NULL;
}

void
carry_add_text(struct tk_buf *b, const char *text)
{
	tk_buf_adds(b, "\"");
	for (const char *p = text; *p != '\0'; p++) {
		unsigned char c = (unsigned char)*p;

		if (c == '"' || c == '\\')
			tk_buf_addf(b, "\\%c", c);
		else if (c < 0x20)
			tk_buf_addf(b, "\\u%04x", c);
		else
			tk_buf_add(b, p, 1);
	}
	tk_buf_adds(b, "\"");
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\0';
}

const char *
trim_line(const char *line, size_t *n)
{
	while (*n > 0 && is_blank(line[*n - 1]))
		--*n;
	while (*n > 0 && is_blank(*line)) {
		line++;
		--*n;
	}
	return line;
}
