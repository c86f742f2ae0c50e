/*
 * tokctl count --split: a text cut into parts of at most so many tokens
 */
#include <inttypes.h>
#include <string.h>

#include "base/file.h"
#include "count_window.h"

struct split {
	struct count_window w;
	const char *into;
	int64_t chunk;
	size_t overlap; /* bytes of it that were in the last chunk */
};

static const struct out_col split_cols[] = {
	{ "file", "File", OUT_TEXT, 0 },
	{ "chunk", "Chunk", OUT_INT, OUT_PLAIN },
	{ "tokens", "Tokens", OUT_INT, 0 },
	{ "estimated", "", OUT_BOOL, OUT_MACHINE },
	{ "how", "How", OUT_TEXT, OUT_PEOPLE },
	{ "offset", "Offset", OUT_INT, OUT_PLAIN },
	{ "bytes", "Bytes", OUT_INT, 0 },
	{ "overlap_bytes", "", OUT_INT, OUT_MACHINE },
	{ "text", "Text", OUT_TEXT, 0 },
	{ "base64", "", OUT_TEXT, OUT_MACHINE },
	{ "encoding", "", OUT_TEXT, OUT_MACHINE },
	COUNT_ESTIMATE_COLS,
	OUT_COL_END,
};

static const struct out_col into_cols[] = {
	{ "file", "File", OUT_TEXT, 0 },
	{ "chunk", "Chunk", OUT_INT, OUT_PLAIN },
	{ "tokens", "Tokens", OUT_INT, 0 },
	{ "estimated", "", OUT_BOOL, OUT_MACHINE },
	{ "how", "How", OUT_TEXT, OUT_PEOPLE },
	{ "offset", "Offset", OUT_INT, OUT_PLAIN },
	{ "bytes", "Bytes", OUT_INT, 0 },
	{ "overlap_bytes", "", OUT_INT, OUT_MACHINE },
	{ "written", "Written", OUT_TEXT, 0 },
	{ "encoding", "", OUT_TEXT, OUT_MACHINE },
	COUNT_ESTIMATE_COLS,
	OUT_COL_END,
};

/*
 * The next chunk, longer than the overlap: at the place that was asked for,
 * else at a word, else at a token, else without an overlap.
 */
static int
cut_chunk(struct split *s, struct count_part *c, struct tk_err *err)
{
	const struct count_args *a = s->w.j->args;

	for (;;) {
		for (int at = a->at; at >= FIT_AT_TOKEN; at--) {
			if (count_cut_part(&s->w, a->split, (enum fit_at)at,
				false, c, err) < 0)
				return -1;
			if (c->len > s->overlap)
				return 0;
		}
		if (s->overlap == 0)
			break;
		count_window_drop(&s->w, s->overlap);
		s->overlap = 0;
	}
	return tk_fail(err, TK_DATA,
	    "%s: the character at byte %" PRId64
	    " alone has more tokens than --split %" PRId64 " allows",
	    s->w.in->name, s->w.before, a->split);
}

static int
write_chunk(struct split *s, const struct count_part *c, struct tk_buf *path,
    struct tk_err *err)
{
	struct tk_new_file f;

	tk_buf_addf(path, "%s%04" PRId64, s->into, s->chunk);
	if (tk_new_file_open(&f, path->s, 0666, err) < 0)
		return -1;
	fwrite(s->w.text.s, 1, c->len, f.to);
	return tk_new_file_commit(&f, err);
}

static int
put_chunk(struct split *s, const struct count_part *c, struct tk_err *err)
{
	struct count_job *j = s->w.j;
	const struct count_target *t = &j->target[0];
	struct out *o = j->ctx->out;
	struct tk_buf path = TK_BUF_INIT;
	struct content like = { 0 };
	int rc = 0;

	s->chunk++;
	content_add(&like, s->w.text.s, c->len);
	if (s->into != NULL)
		rc = write_chunk(s, c, &path, err);
	if (rc == 0) {
		out_text(o, s->w.in->file);
		out_int(o, s->chunk);
		out_int(o, c->figure.tokens);
		out_bool(o, count_is_estimate(j, t));
		count_put_how(j, t, &like);
		out_int(o, s->w.before);
		out_int(o, (int64_t)c->len);
		out_int(o, (int64_t)s->overlap);
		if (s->into != NULL)
			out_text(o, path.s);
		else
			count_put_bytes(o, s->w.text.s, c->len);
		out_text(o, count_target_encoding(j, t));
		count_put_estimate(j, t, &like, &c->figure);
		out_end_row(o);
	}
	tk_buf_release(&path);
	return rc;
}

/* Go on behind the chunk, or where the overlap of the next one begins. */
static int
move_on(struct split *s, const struct count_part *c, struct tk_err *err)
{
	const struct count_args *a = s->w.j->args;
	size_t start = c->len;

	if (a->overlap > 0) {
		struct content like = { 0 };
		int64_t max;

		content_add(&like, s->w.text.s, c->len);
		max = count_limit(&s->w.j->target[0], a->overlap, &like);
		if (fit_suffix(s->w.f, s->w.text.s, c->len, max,
			(enum fit_at)a->at, &start, err) < 0)
			return -1;
	}
	/* The next chunk begins farther on than this one did. */
	if (start == 0)
		start = c->len;
	s->overlap = c->len - start;
	count_window_drop(&s->w, start);
	return 0;
}

static int
split_input(struct count_job *j, struct count_input *in, void *data,
    struct tk_err *err)
{
	struct split s = { .into = j->args->into };
	struct count_part c;
	int rc = -1;

	(void)data;
	count_window_init(&s.w, j, in);
	for (;;) {
		if (count_window_fill(&s.w, s.overlap + 1, err) < 0)
			goto out;
		if (s.w.text.len == s.overlap || out_failed(j->ctx->out))
			break;
		if (cut_chunk(&s, &c, err) < 0 || put_chunk(&s, &c, err) < 0 ||
		    move_on(&s, &c, err) < 0)
			goto out;
	}
	rc = 0;
out:
	count_window_release(&s.w);
	return rc;
}

int
count_chunks(struct count_job *j, struct tk_err *err)
{
	static const struct out_doc doc = { .schema = "tokctl.count.split/1",
		.title = "Chunks" };
	struct out *o = j->ctx->out;

	if (j->operands > 1)
		return tk_fail(err, TK_USAGE, "--split takes one file");
	/* What is to be read again by programs is a line each. */
	if (j->ctx->common->format < 0 && j->args->into == NULL)
		out_set_format(o, out_format_named("jsonl"));
	out_document(o, &doc);
	out_begin(o, j->args->into != NULL ? into_cols : split_cols);
	return count_each_input(j, split_input, NULL, err);
}
