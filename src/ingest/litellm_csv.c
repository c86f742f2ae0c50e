#include "ingest/litellm_csv.h"

#include <string.h>

#include "ingest/run.h"

void
litellm_csv_init(struct litellm_csv *c)
{
	*c = (struct litellm_csv){ .row = TK_BUF_INIT,
		.names = TK_BUF_INIT,
		.object = TK_BUF_INIT };
}

void
litellm_csv_release(struct litellm_csv *c)
{
	tk_buf_release(&c->row);
	tk_buf_release(&c->names);
	tk_buf_release(&c->object);
}

bool
litellm_csv_whole(const struct litellm_csv *c)
{
	return c->row.len == 0;
}

/* One field into b, without its quotes; after it, or NULL after the last. */
static const char *
take_field(const char *p, const char *end, struct tk_buf *b)
{
	bool quoted = p < end && *p == '"';

	tk_buf_reset(b);
	for (p += quoted; p < end; p++) {
		if (quoted && *p == '"') {
			if (p + 1 < end && p[1] == '"') {
				tk_buf_add(b, p++, 1);
				continue;
			}
			quoted = false;
		} else if (!quoted && *p == ',') {
			return p + 1;
		} else if (*p != '\0') {
			tk_buf_add(b, p, 1);
		}
	}
	return NULL;
}

static void
take_heading(struct litellm_csv *c, const char *p, const char *end)
{
	struct tk_buf name = TK_BUF_INIT;

	while (p != NULL) {
		p = take_field(p, end, &name);
		tk_buf_add(&c->names, name.s, name.len + 1);
		c->columns++;
	}
	tk_buf_release(&name);
}

static void
take_row(struct litellm_csv *c, struct reader *rd, const char *p,
    const char *end, docs_fn *fn)
{
	struct tk_buf value = TK_BUF_INIT;
	const char *name = c->names.s;
	int64_t line = rd->line;
	size_t n = 0;

	tk_buf_reset(&c->object);
	while (p != NULL && n < c->columns) {
		p = take_field(p, end, &value);
		tk_buf_adds(&c->object, n++ > 0 ? "," : "{");
		carry_add_text(&c->object, name);
		tk_buf_adds(&c->object, ":");
		if (value.len > 0)
			carry_add_text(&c->object, value.s);
		else
			tk_buf_adds(&c->object, "null");
		name += strlen(name) + 1;
	}
	tk_buf_adds(&c->object, "}");
	rd->line = c->line;
	if (p != NULL || n != c->columns)
		reader_bad(rd, "%s fields than the heading has",
		    p != NULL ? "more" : "fewer");
	else
		fn(rd, c->object.s, c->object.len);
	rd->line = line;
	tk_buf_release(&value);
}

void
litellm_csv_line(struct litellm_csv *c, struct reader *rd, const char *text,
    size_t n, docs_fn *fn)
{
	size_t len;
	const char *p;

	if (c->row.len == 0)
		c->line = rd->line;
	tk_buf_add(&c->row, text, n);
	for (size_t i = 0; i < n; i++)
		c->open ^= text[i] == '"';
	if (c->open) {
		if (c->row.len <= LINE_MAX_BYTES)
			return;
		reader_bad(rd, "a row of more than 64 MB");
		tk_buf_reset(&c->row);
		c->open = false;
		return;
	}
	len = c->row.len;
	p = trim_line(c->row.s, &len);
	if (len == 0)
		reader_skip(rd, SKIP_BLANK);
	else if (c->columns == 0)
		take_heading(c, p, p + len);
	else
		take_row(c, rd, p, p + len, fn);
	tk_buf_reset(&c->row);
}

bool
litellm_csv_probe(const char *head, size_t n)
{
	static const char *const names[] = { "startTime", "prompt_tokens",
		"completion_tokens", "request_id" };
	const char *end = memchr(head, '\n', n);
	struct tk_buf name = TK_BUF_INIT;
	size_t found = 0;

	if (n >= 3 && memcmp(head, "\xef\xbb\xbf", 3) == 0)
		head += 3, n -= 3;
	if (end == NULL)
		end = head + n;
	if (n == 0 || *head == '{' || *head == '[')
		return false;
	if (end > head && end[-1] == '\r')
		end--;
	for (const char *p = head; p != NULL;) {
		p = take_field(p, end, &name);
		for (size_t i = 0; i < TK_LEN(names); i++)
			found += strcmp(name.s, names[i]) == 0;
	}
	tk_buf_release(&name);
	return found >= 3;
}
