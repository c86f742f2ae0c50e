/*
 * tokctl count: one text after the other, with the ids of its tokens and the
 * text of each (--ids, --pieces), and from ids back to text (--decode)
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "count.h"

/* What stands behind one stream while a text is counted. */
struct lister {
	struct count_job *j;
	const struct count_encoding *e;
	struct tk_buf piece; /* the bytes of one token */
	bool any;
	struct tk_err err;
};

struct count_lists {
	struct lister *lister;
	struct tk_buf *ids, *pieces; /* "[1, 2", by job.e */
	int64_t *counted;
	struct content content;
};

static struct count_lists *
lists_new(struct count_job *j)
{
	struct count_lists *l = tk_xcalloc(1, sizeof(*l));

	l->lister = tk_xcalloc(j->encodings, sizeof(*l->lister));
	l->ids = tk_xcalloc(j->encodings, sizeof(*l->ids));
	l->pieces = tk_xcalloc(j->encodings, sizeof(*l->pieces));
	l->counted = tk_xcalloc(j->encodings, sizeof(*l->counted));
	for (size_t i = 0; i < j->encodings; i++) {
		l->lister[i] = (struct lister){ .j = j,
			.e = j->e[i],
			.piece = TK_BUF_INIT };
		l->ids[i] = l->pieces[i] = (struct tk_buf)TK_BUF_INIT;
	}
	return l;
}

void
count_lists_free(struct count_job *j)
{
	struct count_lists *l = j->lists;

	if (l == NULL)
		return;
	for (size_t i = 0; i < j->encodings; i++) {
		tk_buf_release(&l->lister[i].piece);
		tk_buf_release(&l->ids[i]);
		tk_buf_release(&l->pieces[i]);
	}
	free(l->lister);
	free(l->ids);
	free(l->pieces);
	free(l->counted);
	free(l);
}

/*
 * The bytes of a token so that they can be read: what is no text by itself
 * as "\xe4", a backslash as "\\".
 */
static void
add_readable(struct tk_buf *b, const char *s, size_t n)
{
	while (n > 0) {
		int32_t cp;
		size_t k = tk_utf8_step(s, n, &cp);

		if (cp == '\n')
			tk_buf_adds(b, "\\n");
		else if (cp == '\t')
			tk_buf_adds(b, "\\t");
		else if (cp == '\r')
			tk_buf_adds(b, "\\r");
		else if (cp == '\\')
			tk_buf_adds(b, "\\\\");
		else if (cp < 0 || tk_utf8_columns(cp) < 0)
			for (size_t i = 0; i < k; i++)
				tk_buf_addf(b, "\\x%02x", (unsigned char)s[i]);
		else
			tk_buf_add(b, s, k);
		s += k;
		n -= k;
	}
}

/* As JSON: a text, or its bytes when it is none by itself. */
static void
add_json_piece(struct tk_buf *b, const char *s, size_t n)
{
	bool text = tk_utf8_valid(s, n);

	tk_buf_adds(b, text ? "\"" : "{\"bytes\": [");
	for (size_t i = 0; i < n; i++) {
		unsigned c = (unsigned char)s[i];

		if (!text)
			tk_buf_addf(b, "%s%u", i > 0 ? ", " : "", c);
		else if (c == '"' || c == '\\')
			tk_buf_addf(b, "\\%c", (int)c);
		else if (c < 0x20 || c == 0x7f)
			tk_buf_addf(b, "\\u%04x", c);
		else
			tk_buf_add(b, s + i, 1);
	}
	tk_buf_adds(b, text ? "\"" : "]}");
}

static void
list_one(struct lister *l, uint32_t id)
{
	struct count_job *j = l->j;
	struct count_lists *all = j->lists;
	size_t at = (size_t)(l - all->lister);
	const char *sep = l->any ? ", " : "[";

	l->any = true;
	tk_buf_reset(&l->piece);
	if (j->args->pieces)
		count_decode(l->e, &id, 1, &l->piece, &l->err);
	if (j->plain != NULL && j->args->pieces) {
		tk_buf_reset(&all->pieces[at]);
		add_readable(&all->pieces[at], l->piece.s, l->piece.len);
		fprintf(j->plain, "%" PRIu32 "\t%s\n", id, all->pieces[at].s);
	} else if (j->plain != NULL) {
		fprintf(j->plain, "%s%" PRIu32, sep, id);
	} else {
		tk_buf_addf(&all->ids[at], "%s%" PRIu32, sep, id);
		tk_buf_adds(&all->pieces[at], sep);
		add_json_piece(&all->pieces[at], l->piece.s, l->piece.len);
	}
}

static void
list_ids(const uint32_t *ids, size_t n, void *l)
{
	for (size_t i = 0; i < n; i++)
		list_one(l, ids[i]);
}

void
count_start(struct count_job *j)
{
	bool listed = j->args->ids || j->args->pieces;

	if (j->s == NULL)
		count_streams(j);
	if (j->lists == NULL)
		j->lists = lists_new(j);
	j->lists->content = (struct content){ 0 };
	for (size_t i = 0; i < j->encodings; i++) {
		struct lister *l = &j->lists->lister[i];

		count_stream_reset(j->s[i]);
		l->any = false;
		tk_buf_reset(&j->lists->ids[i]);
		tk_buf_reset(&j->lists->pieces[i]);
		if (listed)
			count_stream_on_ids(j->s[i], list_ids, l);
	}
}

int
count_add(struct count_job *j, const void *bytes, size_t n, struct tk_err *err)
{
	if (count_has_estimate(j))
		content_add(&j->lists->content, bytes, n);
	for (size_t i = 0; i < j->encodings; i++)
		if (count_stream_add(j->s[i], bytes, n, err) < 0)
			return -1;
	return 0;
}

int
count_finish(struct count_job *j, struct count_text *x, struct tk_err *err)
{
	struct count_lists *l = j->lists;
	bool listed = j->args->ids || j->args->pieces;

	for (size_t i = 0; i < j->encodings; i++) {
		if (count_stream_end(j->s[i], &l->counted[i], err) < 0)
			return -1;
		if (j->plain != NULL)
			continue;
		tk_buf_adds(&l->ids[i], l->lister[i].any ? "]" : "[]");
		tk_buf_adds(&l->pieces[i], l->lister[i].any ? "]" : "[]");
	}
	x->counted = l->counted;
	x->content = l->content;
	x->ids = l->ids;
	x->pieces = l->pieces;
	if (j->plain == NULL || !listed)
		return count_text_row(j, x, err);
	if (!j->args->pieces)
		fputs(l->lister[0].any ? "]\n" : "[]\n", j->plain);
	count_say_estimate(j, &l->content);
	j->target[0].total += l->counted[0];
	return 0;
}

static int
list_input(struct count_job *j, struct count_input *in, void *data,
    struct tk_err *err)
{
	struct count_text x = { .file = in->file };
	char chunk[1 << 14];
	ssize_t n;

	(void)data;
	count_start(j);
	while ((n = read(in->fd, chunk, sizeof(chunk))) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return tk_fail_errno(err, "%s", in->name);
		if (count_add(j, chunk, (size_t)n, err) < 0)
			return tk_wrap(err, "%s", in->name);
		x.bytes += n;
	}
	return count_finish(j, &x, err);
}

int
count_listed(struct count_job *j, struct tk_err *err)
{
	count_begin(j);
	if (count_each_input(j, list_input, NULL, err) < 0)
		return -1;
	count_end(j);
	return 0;
}

static bool
is_between(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == ',' ||
	    c == '[' || c == ']';
}

/* A number at *s, up to end or what may stand between ids. */
static int
read_id(const char **s, const char *end, uint32_t *id, struct tk_err *err)
{
	const char *p = *s;
	uint64_t n = 0;

	while (p < end && *p >= '0' && *p <= '9' && n <= UINT32_MAX)
		n = n * 10 + (uint64_t)(*p++ - '0');
	if (p == *s || n > UINT32_MAX || (p < end && !is_between(*p)))
		return tk_fail(err, TK_DATA, "'%.*s' is no token id",
		    (int)strcspn(*s, " \t\r\n,[]"), *s);
	*s = p;
	*id = (uint32_t)n;
	return 0;
}

/*
 * Ids as --ids writes them: numbers between blanks, commas and brackets; or
 * a line of --pieces, of which the number before the tab is what counts.
 * Those of a line are decoded together, as what one stands for may depend on
 * its being the first.
 */
static int
decode_ids(struct count_job *j, const char *line, const char *end,
    struct tk_buf *text, struct tk_err *err)
{
	struct tk_buf ids = TK_BUF_INIT;
	const char *s = line;
	uint32_t id;
	int rc = 0;

	while (s < end && rc == 0) {
		bool first = s == line;

		if (is_between(*s)) {
			s++;
			continue;
		}
		rc = read_id(&s, end, &id, err);
		if (rc == 0 && first && s < end && *s == '\t') {
			rc = count_decode(j->e[0], &id, 1, text, err);
			goto out;
		}
		if (rc == 0)
			tk_buf_add(&ids, &id, sizeof(id));
	}
	if (rc == 0)
		rc = count_decode_text(j->e[0],
		    (const uint32_t *)(const void *)ids.s, ids.len / sizeof(id),
		    text, err);
out:
	tk_buf_release(&ids);
	return rc;
}

static int
decode_input(struct count_job *j, struct count_input *in, void *data,
    struct tk_err *err)
{
	struct tk_buf text = TK_BUF_INIT;
	FILE *f = count_input_stream(in, err);
	char *line = NULL;
	size_t cap = 0;
	int64_t number = 0;
	ssize_t n;
	int rc = -1;

	(void)data;
	if (f == NULL)
		return -1;
	while ((n = getline(&line, &cap, f)) >= 0) {
		number++;
		tk_buf_reset(&text);
		if (decode_ids(j, line, line + n, &text, err) < 0) {
			tk_wrap(err, "%s:%" PRId64, in->name, number);
			goto out;
		}
		fwrite(text.s, 1, text.len, j->plain);
	}
	rc = ferror(f) ? tk_fail_errno(err, "%s", in->name) : 0;
out:
	tk_buf_release(&text);
	free(line);
	fclose(f);
	return rc;
}

int
count_decoded(struct count_job *j, struct tk_err *err)
{
	return count_each_input(j, decode_input, NULL, err);
}
