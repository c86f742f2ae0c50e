#include "sheet/sheet.h"

#include <csv.h>
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/csv.h"
#include "base/num.h"
#include "base/suggest.h"

struct sheet {
	struct csv_parser csv;
	const char *name, *column;
	sheet_fn *fn;
	void *data;
	struct tk_err *err;
	int64_t row;
	int64_t at, wanted; /* the column, from 1; 0: not known yet */
	int64_t same;       /* columns of that name */
	bool found;         /* this row has it */
	struct tk_suggest suggest;
	int rc;
};

/* Go on where a row lacks the column, stop at what is no CSV. */
enum { FLAGS = CSV_STRICT | CSV_STRICT_FINI | CSV_APPEND_NULL };

/* Blanks around a field are part of it. */
static int
never(unsigned char c)
{
	(void)c;
	return 0;
}

static void
on_name(struct sheet *s, const char *text, size_t n)
{
	if (strlen(s->column) == n && memcmp(text, s->column, n) == 0) {
		s->wanted = s->at;
		s->same++;
	}
	tk_suggest_offer(&s->suggest, text);
}

static void
on_field(void *text, size_t n, void *s_)
{
	struct sheet *s = s_;

	s->at++;
	if (s->rc != 0)
		return;
	if (s->row == 0) {
		on_name(s, text != NULL ? text : "", n);
	} else if (s->at == s->wanted) {
		s->found = true;
		s->rc =
		    s->fn(text != NULL ? text : "", n, s->row, s->data, s->err);
	}
}

static int
no_column(struct sheet *s)
{
	tk_fail(s->err, TK_DATA, "%s: no column '%s'", s->name, s->column);
	return tk_suggest_hint(&s->suggest, NULL, s->err);
}

static int
many_columns(struct sheet *s)
{
	tk_fail(s->err, TK_DATA, "%s: %" PRId64 " columns are called '%s'",
	    s->name, s->same, s->column);
	return tk_hint(s->err, "say the number of one, from 1");
}

static void
end_names(struct sheet *s)
{
	int64_t number;

	if (s->same > 1) {
		s->rc = many_columns(s);
		return;
	}
	if (s->wanted == 0 &&
	    tk_int_parse(s->column, strlen(s->column), &number) &&
	    number >= 1 && number <= s->at)
		s->wanted = number;
	if (s->wanted == 0)
		s->rc = no_column(s);
}

static void
on_row(int c, void *s_)
{
	struct sheet *s = s_;

	(void)c;
	if (s->rc == 0 && s->row == 0)
		end_names(s);
	else if (s->rc == 0 && !s->found)
		s->rc = tk_fail(s->err, TK_DATA,
		    "%s: row %" PRId64 " has no column '%s'", s->name, s->row,
		    s->column);
	s->row++;
	s->at = 0;
	s->found = false;
}

static int
parse(struct sheet *s, const char *bytes, size_t n)
{
	size_t done = csv_parse(&s->csv, bytes, n, on_field, on_row, s);

	if (s->rc == 0 && done != n)
		return tk_fail(s->err, TK_DATA,
		    "%s: behind row %" PRId64 ": %s", s->name,
		    s->row > 0 ? s->row - 1 : 0,
		    csv_strerror(csv_error(&s->csv)));
	return s->rc;
}

/* What the file begins with: perhaps a byte order mark, then the first line,
 * which says what separates fields. */
static int
parse_head(struct sheet *s, const struct tk_buf *head)
{
	static const char mark[] = "\xef\xbb\xbf";
	const char *p = head->s;
	size_t n = head->len;

	if (n >= 3 && memcmp(p, mark, 3) == 0) {
		p += 3;
		n -= 3;
	}
	csv_set_delim(&s->csv, (unsigned char)tk_csv_separator(p, n));
	return parse(s, p, n);
}

static int
parse_end(struct sheet *s)
{
	if (csv_fini(&s->csv, on_field, on_row, s) != 0)
		return tk_fail(s->err, TK_DATA,
		    "%s: the last field's quote does not end", s->name);
	if (s->rc == 0 && s->row == 0)
		return tk_fail(s->err, TK_DATA, "%s: no row with names",
		    s->name);
	return s->rc;
}

/* Pipes give a file in pieces of any size; its first line is put together. */
static int
parse_all(struct sheet *s, int fd, struct tk_buf *head)
{
	enum { HEAD_MAX = 1 << 20 };
	char chunk[1 << 14];
	bool begun = false;
	ssize_t n;
	int rc = 0;

	while (rc == 0 && (n = read(fd, chunk, sizeof(chunk))) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return tk_fail_errno(s->err, "%s", s->name);
		if (begun) {
			rc = parse(s, chunk, (size_t)n);
			continue;
		}
		tk_buf_add(head, chunk, (size_t)n);
		begun = memchr(chunk, '\n', (size_t)n) != NULL ||
		    head->len >= HEAD_MAX;
		if (begun)
			rc = parse_head(s, head);
	}
	if (rc == 0 && !begun && head->len > 0)
		rc = parse_head(s, head);
	return rc != 0 ? rc : parse_end(s);
}

int
sheet_column(int fd, const char *name, const char *column, sheet_fn *fn,
    void *data, struct tk_err *err)
{
	struct sheet s = { .name = name,
		.column = column,
		.fn = fn,
		.data = data,
		.err = err };
	struct tk_buf head = TK_BUF_INIT;
	int rc;

	csv_init(&s.csv, FLAGS);
	csv_set_space_func(&s.csv, never);
	tk_suggest_init(&s.suggest, column);
	rc = parse_all(&s, fd, &head);
	tk_buf_release(&head);
	csv_free(&s.csv);
	return rc;
}
