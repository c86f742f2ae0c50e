/*
 * tokctl count --lines, --jsonl and --csv: texts within a file
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/base64.h"
#include "count.h"
#include "sheet/sheet.h"
#include "json/json.h"

/* The text of the field; the last one if there are several. */
static int
field_of(const char *line, size_t len, const struct count_args *a,
    struct tk_buf *text, struct tk_err *err)
{
	struct json_scan s;
	struct json_text key, value;
	bool found = false;

	json_scan_init(&s, line, len);
	if (json_scan_object(&s) > 0) {
		while (json_scan_key(&s, &key)) {
			if (!json_text_is(&key, a->jsonl))
				json_scan_skip(&s);
			else
				found = json_scan_text(&s, &value) > 0;
		}
	} else if (s.wrong == NULL) {
		return tk_fail(err, TK_DATA, "not a JSON object");
	}
	if (!json_scan_end(&s))
		return tk_fail(err, TK_DATA, "column %td: %s",
		    s.at - s.start + 1, s.wrong);
	if (!found)
		return tk_fail(err, TK_DATA, "no text in field '%s'", a->jsonl);
	tk_buf_reset(text);
	json_text_add(&value, text);
	if (a->base64 && !tk_base64_decode(text, 0))
		return tk_fail(err, TK_DATA, "field '%s' is not base64",
		    a->jsonl);
	return 0;
}

static bool
is_blank(const char *s, size_t n)
{
	while (n > 0 && strchr(" \t\r\n", s[n - 1]) != NULL && s[n - 1] != 0)
		n--;
	return n == 0;
}

static int
count_one(struct count_job *j, struct count_text *x, const char *text, size_t n,
    struct tk_err *err)
{
	x->bytes = (int64_t)n;
	count_start(j);
	if (count_add(j, text, n, err) < 0)
		return -1;
	return count_finish(j, x, err);
}

static int
count_line(struct count_job *j, struct count_text *x, const char *line,
    size_t len, struct tk_buf *text, struct tk_err *err)
{
	if (len > 0 && line[len - 1] == '\n')
		len--;
	if (j->args->jsonl == NULL)
		return count_one(j, x, line, len, err);
	if (x->line == 1 && len >= 3 && memcmp(line, "\xef\xbb\xbf", 3) == 0) {
		line += 3;
		len -= 3;
	}
	if (is_blank(line, len))
		return 0;
	if (field_of(line, len, j->args, text, err) < 0)
		return -1;
	return count_one(j, x, text->s, text->len, err);
}

static bool
is_lost(const struct count_job *j)
{
	return j->plain != NULL ? ferror(j->plain) : out_failed(j->ctx->out);
}

static int
lines_input(struct count_job *j, struct count_input *in, void *data,
    struct tk_err *err)
{
	struct count_text x = { .file = in->file };
	struct tk_buf text = TK_BUF_INIT;
	FILE *f = count_input_stream(in, err);
	char *line = NULL;
	size_t cap = 0;
	ssize_t n;
	int rc = -1;

	(void)data;
	if (f == NULL)
		return -1;
	while (!is_lost(j) && (n = getline(&line, &cap, f)) >= 0) {
		x.line++;
		if (count_line(j, &x, line, (size_t)n, &text, err) < 0) {
			tk_wrap(err, "%s:%" PRId64, in->name, x.line);
			goto out;
		}
	}
	rc = ferror(f) ? tk_fail_errno(err, "%s", in->name) : 0;
out:
	tk_buf_release(&text);
	free(line);
	fclose(f);
	return rc;
}

struct sheet_input {
	struct count_job *j;
	const struct count_input *in;
	struct tk_buf text;
};

static int
count_field(const char *field, size_t n, int64_t row, void *s_,
    struct tk_err *err)
{
	struct sheet_input *s = s_;
	struct count_text x = { .file = s->in->file, .line = row };

	if (is_lost(s->j))
		return 1;
	if (s->j->args->base64) {
		tk_buf_reset(&s->text);
		tk_buf_add(&s->text, field, n);
		if (!tk_base64_decode(&s->text, 0))
			return tk_fail(err, TK_DATA,
			    "%s: row %" PRId64 ": column '%s' is not base64",
			    s->in->name, row, s->j->args->csv);
		field = s->text.s;
		n = s->text.len;
	}
	return count_one(s->j, &x, field, n, err);
}

static int
sheet_input(struct count_job *j, struct count_input *in, void *data,
    struct tk_err *err)
{
	struct sheet_input s = { .j = j, .in = in, .text = TK_BUF_INIT };
	int rc =
	    sheet_column(in->fd, in->name, j->args->csv, count_field, &s, err);

	(void)data;
	tk_buf_release(&s.text);
	return rc < 0 ? -1 : 0;
}

/* A row a line stays as it was given when a later one fails. */
static int
keep_rows(struct count_job *j)
{
	int format = j->ctx->common->format;

	if (j->plain == NULL &&
	    (format == out_format_named("jsonl") ||
		format == out_format_named("csv")))
		out_flush(j->ctx->out);
	return -1;
}

int
count_lines(struct count_job *j, struct tk_err *err)
{
	count_begin(j);
	if (count_each_input(j,
		j->args->csv != NULL ? sheet_input : lines_input, NULL,
		err) < 0)
		return keep_rows(j);
	count_end(j);
	return 0;
}
