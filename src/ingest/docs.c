#include "ingest/docs.h"

#include <string.h>

#include "ingest/run.h"

void
docs_init(struct docs *d)
{
	*d = (struct docs){ .text = TK_BUF_INIT };
}

void
docs_release(struct docs *d)
{
	tk_buf_release(&d->text);
}

bool
docs_whole(const struct docs *d)
{
	return d->depth == 0 && !d->array;
}

bool
docs_open(struct reader *rd, const char *carry)
{
	struct docs *d = rd->state;

	docs_init(d);
	d->lines = carry != NULL && *carry == 'l';
	return true;
}

void
docs_carry(const struct reader *rd, struct tk_buf *b)
{
	const struct docs *d = rd->state;

	tk_buf_adds(b, d->lines ? "l" : "d");
}

bool
docs_is_whole(const struct reader *rd)
{
	return docs_whole(rd->state);
}

void
docs_close(struct reader *rd)
{
	docs_release(rd->state);
}

void
docs_bad(struct reader *rd, const struct json_scan *s)
{
	if (s->wrong != NULL)
		reader_bad(rd, "JSON: byte %zu: %s", (size_t)(s->at - s->start),
		    s->wrong);
	else
		reader_bad(rd, "this is no JSON object");
}

static bool
is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\0';
}

/* fn and its complaints are about the line that the value began on. */
static void
give(struct docs *d, struct reader *rd, docs_fn *fn, const char *text, size_t n)
{
	int64_t line = rd->line;

	rd->line = d->line;
	fn(rd, text, n);
	rd->line = line;
}

/* Forget a value that is damaged. */
static void
drop(struct docs *d, struct reader *rd, const char *why)
{
	int64_t line = rd->line;

	rd->line = d->line;
	reader_bad(rd, "JSON: %s", why);
	rd->line = line;
	tk_buf_reset(&d->text);
	d->depth = 0;
	d->in_string = d->escaped = false;
}

static void
open_bracket(struct docs *d, char c)
{
	if (d->depth < 64) {
		d->objects &= ~(UINT64_C(1) << d->depth);
		if (c == '{')
			d->objects |= UINT64_C(1) << d->depth;
	}
	d->depth++;
}

/* Go on in a value; after its last byte, or the end. */
static const char *
go_on(struct docs *d, const char *p, const char *end)
{
	for (; p < end; p++) {
		char c = *p;

		if (d->in_string) {
			if (d->escaped)
				d->escaped = false;
			else if (c == '\\')
				d->escaped = true;
			else if (c == '"')
				d->in_string = false;
			continue;
		}
		if (c == '"')
			d->in_string = true;
		else if (c == '{' || c == '[')
			open_bracket(d, c);
		else if (c == '}' || c == ']')
			d->depth--;
		if (!is_space(c))
			d->last = c;
		if (d->depth == 0)
			return p + 1;
	}
	return end;
}

/*
 * Can a line that begins with a bracket be in the middle of the value?  Then
 * a value is due: after a colon, or in an array.  But where values are lines,
 * one that is a value by itself is no part of a line that was cut.
 */
static bool
fits(const struct docs *d, const char *p, size_t n)
{
	bool object = d->depth <= 64 && d->objects >> (d->depth - 1) & 1;
	struct json_scan s;

	if (*p != '{' && *p != '[')
		return true;
	if (d->last != ':' && (object || (d->last != ',' && d->last != '[')))
		return false;
	if (!d->lines || d->bare)
		return true;
	json_scan_init(&s, p, n);
	return !json_scan_skip(&s) || !json_scan_end(&s);
}

/* Between values: over what separates them.  False: the line is no JSON. */
static bool
between(struct docs *d, struct reader *rd, const char **p, const char *end)
{
	for (; *p < end; ++*p) {
		char c = **p;

		if (is_space(c) || (c == ',' && d->array))
			continue;
		if (c == '{' || (c == '[' && d->array))
			return true;
		if (c == '[' || (c == ']' && d->array)) {
			d->array = c == '[';
			continue;
		}
		d->line = rd->line;
		drop(d, rd, "this is no object");
		return false;
	}
	return true;
}

void
docs_line(struct docs *d, struct reader *rd, const char *line, size_t n,
    docs_fn *fn)
{
	const char *p = line, *end = line + n;

	if (d->depth > 0 && d->in_string)
		drop(d, rd, "a line ends in a string");
	while (p < end && is_space(*p))
		p++;
	if (d->depth > 0 && p < end && !fits(d, p, (size_t)(end - p)))
		drop(d, rd, "the text ends too early");
	while (p < end) {
		const char *from = p;

		if (d->depth == 0) {
			if (!between(d, rd, &p, end) || p == end)
				return;
			from = p;
			d->line = rd->line;
		}
		p = go_on(d, p, end);
		if (d->text.len == 0) {
			d->lines = d->lines || (d->depth == 0 && !d->array);
			d->bare = p - from == 1;
		}
		if (d->depth > 0 || d->text.len > 0) {
			tk_buf_add(&d->text, from, (size_t)(p - from));
			tk_buf_add(&d->text, "\n", 1);
		}
		if (d->depth > 0 && d->text.len > LINE_MAX_BYTES)
			drop(d, rd, "a value of more than 64 MB");
		if (d->depth > 0)
			return;
		if (d->text.len > 0)
			give(d, rd, fn, d->text.s, d->text.len);
		else
			give(d, rd, fn, from, (size_t)(p - from));
		tk_buf_reset(&d->text);
	}
}

void
docs_end(struct docs *d, struct reader *rd, docs_fn *fn)
{
	if (d->depth > 0) {
		give(d, rd, fn, d->text.s, d->text.len);
		tk_buf_reset(&d->text);
	} else if (d->array) {
		reader_bad(rd, "JSON: the array has no end");
	}
	d->depth = 0;
	d->in_string = d->escaped = d->array = false;
}

void
docs_read_line(struct reader *rd, const char *line, size_t n)
{
	docs_line(rd->state, rd, line, n, rd->importer->value);
}

void
docs_read_end(struct reader *rd)
{
	docs_end(rd->state, rd, rd->importer->value);
}
