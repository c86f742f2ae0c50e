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
	if (s->wanted == 0 && strlen(s->column) == n &&
	    memcmp(text, s->column, n) == 0)
		s->wanted = s->at;
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

static void
end_names(struct sheet *s)
{
	int64_t number;

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
	if (s->row == 0 && s->at == 0)
		csv_set_delim(&s->csv,
		    (unsigned char)tk_csv_separator(bytes, n));
	if (csv_parse(&s->csv, bytes, n, on_field, on_row, s) != n)
		return tk_fail(s->err, TK_DATA,
		    "%s: behind row %" PRId64 ": %s", s->name,
		    s->row > 0 ? s->row - 1 : 0,
		    csv_strerror(csv_error(&s->csv)));
	return s->rc;
}

static int
parse_all(struct sheet *s, int fd)
{
	static const char mark[] = "\xef\xbb\xbf";
	char chunk[1 << 14];
	bool first = true;
	ssize_t n;

	while ((n = read(fd, chunk, sizeof(chunk))) != 0) {
		size_t skip = 0;

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return tk_fail_errno(s->err, "%s", s->name);
		if (first && n >= 3 && memcmp(chunk, mark, 3) == 0)
			skip = 3;
		first = false;
		if (parse(s, chunk + skip, (size_t)n - skip) != 0)
			return s->rc != 0 ? s->rc : -1;
	}
	if (csv_fini(&s->csv, on_field, on_row, s) != 0)
		return tk_fail(s->err, TK_DATA,
		    "%s: the last field's quote does not end", s->name);
	if (s->rc == 0 && s->row == 0)
		return tk_fail(s->err, TK_DATA, "%s: no row with names",
		    s->name);
	return s->rc;
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
	int rc;

	csv_init(&s.csv, FLAGS);
	csv_set_space_func(&s.csv, never);
	tk_suggest_init(&s.suggest, column);
	rc = parse_all(&s, fd);
	csv_free(&s.csv);
	return rc;
}
