/*
 * CSV (RFC 4180) with a header row: the names of the fields, or aliases, or
 * what --map says.  Fields are separated by commas, semicolons, tabs or
 * bars, whichever the header has most of.  libcsv takes the rows apart.
 */
#include <csv.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/csv.h"
#include "base/mem.h"
#include "ingest/run.h"
#include "ingest/table.h"

struct column {
	struct field field;
	bool wanted;
};

struct csv_state {
	struct table table; /* first: shared with JSON Lines */
	struct csv_parser csv;
	struct reader *rd; /* while libcsv calls back */
	struct column *columns;
	size_t ncolumns, cap, at;
	struct tk_buf header; /* its text, to go on from */
	struct tk_buf plain;  /* a line that is taken apart without libcsv */
	bool named;           /* the header was read */
	bool useless;         /* and no column of it is known */
};

enum { CSV_FLAGS = CSV_STRICT | CSV_APPEND_NULL };

static void
add_column(struct csv_state *st, const char *name, size_t n)
{
	struct column *c;

	if (st->ncolumns == st->cap) {
		st->cap = st->cap > 0 ? 2 * st->cap : 32;
		st->columns = tk_xreallocarray(st->columns, st->cap,
		    sizeof(*st->columns));
	}
	c = &st->columns[st->ncolumns++];
	c->wanted = table_column(&st->table, st->rd, name, n, &c->field);
}

static void
on_field(void *text, size_t n, void *st_)
{
	struct csv_state *st = st_;

	if (!st->named) {
		add_column(st, text, n);
	} else if (st->at < st->ncolumns && !st->useless) {
		const struct column *c = &st->columns[st->at];

		if (c->wanted)
			table_set(&st->table, st->rd, &c->field, text, n);
	}
	st->at++;
}

/* Two columns for one field: which is meant, nobody can say. */
static bool
is_ambiguous(struct csv_state *st)
{
	for (size_t i = 0; i < st->ncolumns; i++)
		for (size_t j = 0; j < i; j++) {
			const struct column *a = &st->columns[j];
			const struct column *b = &st->columns[i];

			if (!a->wanted || !b->wanted ||
			    a->field.number != b->field.number)
				continue;
			reader_bad(st->rd,
			    "columns %zu and %zu are both %s; ignore one with "
			    "--map COLUMN=",
			    j + 1, i + 1, b->field.key);
			return true;
		}
	return false;
}

static void
end_header(struct csv_state *st)
{
	st->named = true;
	st->useless = true;
	for (size_t i = 0; i < st->ncolumns; i++)
		st->useless = st->useless && !st->columns[i].wanted;
	if (st->useless)
		reader_bad(st->rd, "no column has a name that is known");
	else if (is_ambiguous(st))
		st->useless = true;
	else
		table_note_unknown(&st->table, st->rd);
}

static void
on_row(int c, void *st_)
{
	struct csv_state *st = st_;

	(void)c;
	if (!st->named) {
		end_header(st);
	} else if (st->useless) {
		reader_skip(st->rd, SKIP_OTHER);
	} else {
		if (st->at != st->ncolumns)
			table_fail(&st->table,
			    "%zu fields, but the header has %zu", st->at,
			    st->ncolumns);
		table_end_row(&st->table, st->rd);
	}
	st->at = 0;
}

/* Begin afresh, as after a line that libcsv does not take. */
static void
reset_parser(struct csv_state *st)
{
	unsigned char delimiter = csv_get_delim(&st->csv);

	csv_free(&st->csv);
	csv_init(&st->csv, CSV_FLAGS);
	csv_set_delim(&st->csv, delimiter);
	st->at = 0;
	if (!st->named) { /* then the next line is the header */
		st->ncolumns = 0;
		tk_buf_reset(&st->header);
		tk_buf_reset(&st->table.unknown);
		st->table.nunknown = 0;
	}
	table_begin_row(&st->table, st->rd);
}

static void
parse(struct csv_state *st, const char *text, size_t n)
{
	bool ok = csv_parse(&st->csv, text, n, on_field, on_row, st) == n;

	if (ok && n > 0 && text[n - 1] != '\n')
		ok = csv_fini(&st->csv, on_field, on_row, st) == 0;
	if (ok && st->csv.entry_pos <= LINE_MAX_BYTES)
		return;
	reader_bad(st->rd,
	    ok ? "a record of more than 64 MB" : "a quote in the wrong place");
	reset_parser(st);
}

static bool
csv_whole(const struct reader *rd)
{
	const struct csv_state *st = rd->state;

	return st->csv.pstate == 0 && st->at == 0;
}

/* A field without quotes ends where its last letter is. */
static void
plain_field(struct csv_state *st, char *from, char *end)
{
	while (from < end && (*from == ' ' || *from == '\t'))
		from++;
	while (from < end && (end[-1] == ' ' || end[-1] == '\t'))
		end--;
	*end = '\0';
	on_field(from, (size_t)(end - from), st);
}

/*
 * A line without a quote needs no libcsv, only its delimiters; most lines
 * are such, and this is ten times as fast.  False: it is not for here.
 */
static bool
plain_line(struct csv_state *st, const char *text, size_t n)
{
	char delimiter = (char)csv_get_delim(&st->csv);
	char *p, *end, *stop;

	if (!csv_whole(st->rd) || n == 0 || text[n - 1] != '\n' ||
	    memchr(text, '"', n) != NULL)
		return false;
	n -= n > 1 && text[n - 2] == '\r' ? 2 : 1;
	if (memchr(text, '\r', n) != NULL)
		return false;
	if (text[strspn(text, " \t\r")] == '\n')
		return delimiter != '\t';
	tk_buf_reset(&st->plain);
	tk_buf_add(&st->plain, text, n);
	p = st->plain.s;
	end = p + n;
	while ((stop = memchr(p, delimiter, (size_t)(end - p))) != NULL) {
		plain_field(st, p, stop);
		p = stop + 1;
	}
	plain_field(st, p, end);
	on_row('\n', st);
	return true;
}

static void
csv_line(struct reader *rd, const char *text, size_t n)
{
	struct csv_state *st = rd->state;

	st->rd = rd;
	if (!st->named) {
		if (st->header.len == 0)
			csv_set_delim(&st->csv,
			    (unsigned char)tk_csv_separator(text, n));
		tk_buf_add(&st->header, text, n);
		parse(st, text, n);
	} else if (!plain_line(st, text, n)) {
		parse(st, text, n);
	}
}

static bool
csv_open(struct reader *rd, const char *carry)
{
	struct csv_state *st = rd->state;
	bool replay = rd->replay;

	st->header = (struct tk_buf)TK_BUF_INIT;
	st->plain = (struct tk_buf)TK_BUF_INIT;
	st->rd = rd;
	table_init(&st->table, rd);
	csv_init(&st->csv, CSV_FLAGS);
	if (carry == NULL || carry[0] != 'i')
		return carry == NULL;
	/* all rows had ids: the header is all there is to know */
	rd->replay = true;
	csv_line(rd, carry + 1, strlen(carry + 1));
	rd->replay = replay;
	return st->named;
}

static void
csv_carry(const struct reader *rd, struct tk_buf *b)
{
	const struct csv_state *st = rd->state;
	bool ids = st->named && !st->table.nameless &&
	    memchr(st->header.s, '\0', st->header.len) == NULL;

	tk_buf_adds(b, ids ? "i" : "r");
	if (ids)
		tk_buf_add(b, st->header.s, st->header.len);
}

static void
csv_close(struct reader *rd)
{
	struct csv_state *st = rd->state;

	csv_free(&st->csv);
	free(st->columns);
	tk_buf_release(&st->header);
	tk_buf_release(&st->plain);
	table_release(&st->table);
}

static bool
csv_wants(const char *path)
{
	const char *dot = strrchr(path, '.');

	return dot != NULL &&
	    (strcasecmp(dot, ".csv") == 0 || strcasecmp(dot, ".tsv") == 0);
}

/* The first line has a name that is known, between delimiters. */
static enum probe
csv_probe(const struct ingest_options *o, const char *path, const char *head,
    size_t n)
{
	const char *end;
	char delimiter;
	size_t known = 0;

	if (n >= 3 && memcmp(head, "\xef\xbb\xbf", 3) == 0)
		head += 3, n -= 3;
	if (n > 0 && (*head == '{' || *head == '['))
		return PROBE_NO;
	if (o->nmap > 0 && csv_wants(path))
		return PROBE_SURE;
	end = memchr(head, '\n', n);
	if (end == NULL)
		end = head + n;
	delimiter = tk_csv_separator(head, (size_t)(end - head));
	for (const char *p = head; p < end;) {
		const char *stop = memchr(p, delimiter, (size_t)(end - p));
		size_t len = (size_t)((stop != NULL ? stop : end) - p);
		const char *name = trim_line(p, &len);
		struct field f;

		if (len >= 2 && name[0] == '"')
			name++, len -= 2;
		known += field_find(&f, name, len);
		p = stop != NULL ? stop + 1 : end;
	}
	return known >= 2 ? PROBE_TABLE : PROBE_NO;
}

const struct importer importer_csv = {
	.name = "csv",
	.title = "CSV with a header row",
	.version = 1,
	.state_size = sizeof(struct csv_state),
	.wants = csv_wants,
	.probe = csv_probe,
	.open = csv_open,
	.line = csv_line,
	.whole = csv_whole,
	.carry = csv_carry,
	.close = csv_close,
	.raw = true,
};
