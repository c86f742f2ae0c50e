/*
 * tokctl count --context: a text behind another, as it is sent: the context,
 * an empty line, the text
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "count.h"
#include "price/price.h"

/* The tokens of one part, with what it is like. */
struct part {
	int64_t *counted; /* by job.e */
	struct content content;
	struct count_stream **s;
};

struct contexts {
	struct part context, text, both;
	int64_t bytes; /* of the context */
};

/* A column is only there when it was asked for. */
enum col {
	COL_FILE,
	COL_MODEL,
	COL_ENCODING,
	COL_TEXT,
	COL_CONTEXT,
	COL_TOTAL,
	COL_RATIO,
	COL_ESTIMATED,
	COL_COST,
	COL_HOW,
	COL_ESTIMATE, /* the first of four */
	COLS = COL_ESTIMATE + 4,
};

static const struct out_col context_cols[COLS] = {
	{ "file", "File", OUT_TEXT, 0 },
	{ "model", "Model", OUT_TEXT, 0 },
	{ "encoding", "Encoding", OUT_TEXT, OUT_MEDIUM },
	{ "text_tokens", "Text", OUT_INT, 0 },
	{ "context_tokens", "Context", OUT_INT, 0 },
	{ "total_tokens", "Total", OUT_INT, 0 },
	{ "context_ratio", "Ratio", OUT_RATIO, 0 },
	{ "estimated", "", OUT_BOOL, OUT_MACHINE },
	{ "cost_usd", "Cost", OUT_MONEY, 0 },
	{ "how", "How", OUT_TEXT, OUT_PEOPLE },
	COUNT_ESTIMATE_COLS,
};

static bool
wants(const struct count_job *j, enum col c)
{
	if (c == COL_MODEL || c == COL_ESTIMATED || c >= COL_HOW)
		return j->args->models.n > 0;
	return c != COL_COST || j->args->cost;
}

static void
part_init(const struct count_job *j, struct part *p)
{
	*p = (struct part){ 0 };
	p->counted = tk_xcalloc(j->encodings, sizeof(*p->counted));
	p->s = tk_xcalloc(j->encodings, sizeof(*p->s));
	for (size_t i = 0; i < j->encodings; i++)
		p->s[i] = count_stream_new(j->e[i],
		    j->args->special ? COUNT_SPECIAL : 0);
}

static void
part_release(const struct count_job *j, struct part *p)
{
	for (size_t i = 0; p->s != NULL && i < j->encodings; i++)
		count_stream_free(p->s[i]);
	free(p->s);
	free(p->counted);
}

static int
part_add(const struct count_job *j, struct part *p, const char *bytes, size_t n,
    struct tk_err *err)
{
	content_add(&p->content, bytes, n);
	for (size_t i = 0; i < j->encodings; i++)
		if (count_stream_add(p->s[i], bytes, n, err) < 0)
			return -1;
	return 0;
}

static int
part_end(const struct count_job *j, struct part *p, struct tk_err *err)
{
	for (size_t i = 0; i < j->encodings; i++)
		if (count_stream_end(p->s[i], &p->counted[i], err) < 0)
			return -1;
	return 0;
}

/* Feed a file to two parts. */
static int
read_into(const struct count_job *j, const struct count_input *in,
    struct part *a, struct part *b, int64_t *bytes, struct tk_err *err)
{
	char chunk[1 << 14];
	ssize_t n;

	while ((n = read(in->fd, chunk, sizeof(chunk))) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return tk_fail_errno(err, "%s", in->name);
		if (part_add(j, a, chunk, (size_t)n, err) < 0 ||
		    part_add(j, b, chunk, (size_t)n, err) < 0)
			return tk_wrap(err, "%s", in->name);
		*bytes += n;
	}
	return 0;
}

static int
read_context(const struct count_job *j, struct contexts *c, struct tk_err *err)
{
	struct count_input in;
	int rc = count_input_open(&in, j->args->context, err);

	if (rc < 0)
		return -1;
	c->bytes = 0;
	rc = read_into(j, &in, &c->context, &c->both, &c->bytes, err);
	count_input_close(&in);
	if (rc == 0 && c->bytes > 0)
		rc = part_add(j, &c->both, "\n\n", 2, err);
	return rc == 0 ? part_end(j, &c->context, err) : -1;
}

static int
put_cost(struct count_job *j, const struct count_target *t, int64_t tokens,
    struct tk_err *err)
{
	int64_t cost;
	int known = count_cost(j, t, tokens, &cost, err);

	if (known < 0)
		return -1;
	if (known > 0)
		out_money(j->ctx->out, cost);
	else
		out_null(j->ctx->out);
	return 0;
}

/* All three are estimated as text of the kind that the whole is. */
static int
put_row(struct count_job *j, struct count_target *t, const char *file,
    const struct contexts *c, struct tk_err *err)
{
	struct count_figure text, context, both;
	const struct content *like = &c->both.content;
	struct out *o = j->ctx->out;

	count_figure(j, t, c->text.counted, like, &text);
	count_figure(j, t, c->context.counted, like, &context);
	count_figure(j, t, c->both.counted, like, &both);
	t->total += both.tokens;
	out_text(o, file);
	if (wants(j, COL_MODEL))
		out_text(o, t->model);
	out_text(o, count_target_encoding(j, t));
	out_int(o, text.tokens);
	out_int(o, context.tokens);
	out_int(o, both.tokens);
	/* As the rule is: no context, no share, even of nothing. */
	if (both.tokens > 0)
		out_ratio(o, context.tokens, both.tokens);
	else
		out_ratio(o, 0, 1);
	if (wants(j, COL_ESTIMATED))
		out_bool(o, count_is_estimate(j, t));
	if (wants(j, COL_COST) && put_cost(j, t, both.tokens, err) < 0)
		return -1;
	if (wants(j, COL_HOW)) {
		count_put_how(j, t, like);
		count_put_estimate(j, t, like, &both);
	}
	out_end_row(o);
	return 0;
}

static int
context_input(struct count_job *j, struct count_input *in, void *data,
    struct tk_err *err)
{
	struct contexts c;
	int64_t bytes = 0;
	int rc = -1;

	(void)data;
	part_init(j, &c.context);
	part_init(j, &c.text);
	part_init(j, &c.both);
	if (read_context(j, &c, err) < 0 ||
	    read_into(j, in, &c.text, &c.both, &bytes, err) < 0 ||
	    part_end(j, &c.text, err) < 0 || part_end(j, &c.both, err) < 0)
		goto out;
	for (size_t i = 0; i < j->n; i++)
		if (put_row(j, &j->target[i], in->file, &c, err) < 0)
			goto out;
	rc = 0;
out:
	part_release(j, &c.context);
	part_release(j, &c.text);
	part_release(j, &c.both);
	return rc;
}

int
count_contexts(struct count_job *j, struct tk_err *err)
{
	static const struct out_doc doc = { .schema = "tokctl.count.context/1",
		.title = "Tokens with context" };
	size_t n = 0;

	/* Read for each text again, so it cannot be standard input. */
	if (strcmp(j->args->context, "-") == 0)
		return tk_fail(err, TK_USAGE,
		    "--context takes the name of a file");
	j->cols = tk_xcalloc(COLS + 1, sizeof(*j->cols));
	for (int c = 0; c < COLS; c++)
		if (wants(j, (enum col)c))
			j->cols[n++] = context_cols[c];
	j->cols[n] = (struct out_col)OUT_COL_END;
	out_document(j->ctx->out, &doc);
	out_begin(j->ctx->out, j->cols);
	return count_each_input(j, context_input, NULL, err);
}
