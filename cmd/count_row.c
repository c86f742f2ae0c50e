/*
 * tokctl count: what was counted, as rows, or columns side by side
 */
#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "base/mem.h"
#include "count.h"
#include "price/price.h"

/* What a row has depends on what was asked; see wants(). */
enum col {
	COL_FILE,
	COL_LINE,
	COL_MODEL,
	COL_ENCODING,
	COL_TOKENS,
	COL_BYTES,
	COL_ESTIMATED,
	COL_CONTENT,
	COL_FACTOR,
	COL_LOW,
	COL_HIGH,
	COL_COST,
	COL_HOW,
	COL_IDS,
	COL_PIECES,
	COLS,
};

static const struct out_col count_cols[COLS] = {
	[COL_FILE] = { "file", "File", OUT_TEXT, 0 },
	[COL_LINE] = { "line", "Line", OUT_INT, 0 },
	[COL_MODEL] = { "model", "Model", OUT_TEXT, 0 },
	[COL_ENCODING] = { "encoding", "Encoding", OUT_TEXT, 0 },
	[COL_TOKENS] = { "tokens", "Tokens", OUT_INT, 0 },
	[COL_BYTES] = { "bytes", "Bytes", OUT_INT, OUT_MEDIUM },
	[COL_ESTIMATED] = { "estimated", "", OUT_BOOL, OUT_MACHINE },
	[COL_CONTENT] = { "content", "", OUT_TEXT, OUT_MACHINE },
	[COL_FACTOR] = { "factor", "", OUT_JSON, OUT_MACHINE },
	[COL_LOW] = { "low_tokens", "", OUT_INT, OUT_MACHINE },
	[COL_HIGH] = { "high_tokens", "", OUT_INT, OUT_MACHINE },
	[COL_COST] = { "cost_usd", "Cost", OUT_MONEY, OUT_PARTIAL },
	[COL_HOW] = { "how", "How", OUT_TEXT, OUT_PEOPLE },
	[COL_IDS] = { "ids", "Ids", OUT_JSON, 0 },
	[COL_PIECES] = { "pieces", "Pieces", OUT_JSON, 0 },
};

static bool
wants(const struct count_job *j, enum col c)
{
	const struct count_args *a = j->args;
	bool may_estimate = a->models.n > 0 || a->heuristic;

	switch (c) {
	case COL_FILE:
		return (!j->by_line || j->inputs > 1) && !a->total;
	case COL_LINE:
		return j->by_line;
	case COL_MODEL:
		return a->models.n > 0;
	case COL_ENCODING:
		return !j->by_line || j->n > 1;
	case COL_BYTES:
		return !j->by_line;
	case COL_ESTIMATED:
	case COL_CONTENT:
	case COL_FACTOR:
	case COL_LOW:
	case COL_HIGH:
		return may_estimate;
	case COL_HOW:
		return may_estimate && !j->by_line;
	case COL_COST:
		return a->cost;
	case COL_IDS:
		return a->ids;
	case COL_PIECES:
		return a->pieces;
	case COL_TOKENS:
	case COLS:
		break;
	}
	return true;
}

/* Columns for people: the file, and the tokens by each target. */
static void
wide_columns(struct count_job *j)
{
	size_t n = 0, at = 0;

	j->cols = tk_xcalloc(2 * j->n + 4, sizeof(*j->cols));
	for (size_t i = 0; i < j->n; i++) {
		const struct count_target *t = &j->target[i];

		/* The note under the table says what it means. */
		if (count_is_estimate(j, t))
			tk_buf_adds(&j->titles, "~");
		tk_buf_adds(&j->titles, count_target_name(j, t));
		tk_buf_add(&j->titles, "", 1);
	}
	if (wants(j, COL_FILE))
		j->cols[n++] = count_cols[COL_FILE];
	if (j->by_line)
		j->cols[n++] = count_cols[COL_LINE];
	for (size_t i = 0; i < j->n; i++) {
		j->cols[n] = count_cols[COL_TOKENS];
		j->cols[n++].title = j->titles.s + at;
		at += strlen(j->titles.s + at) + 1;
		if (j->args->cost)
			j->cols[n++] = count_cols[COL_COST];
	}
	j->cols[n] = (struct out_col)OUT_COL_END;
}

static void
columns(struct count_job *j)
{
	size_t n = 0;

	j->cols = tk_xcalloc(COLS + 1, sizeof(*j->cols));
	for (int c = 0; c < COLS; c++)
		if (wants(j, (enum col)c))
			j->cols[n++] = count_cols[c];
	j->cols[n] = (struct out_col)OUT_COL_END;
}

void
count_begin(struct count_job *j)
{
	static const struct out_doc doc = { .schema = "tokctl.count/1",
		.title = "Tokens" };

	if (j->plain != NULL)
		return;
	if (j->wide)
		wide_columns(j);
	else
		columns(j);
	out_document(j->ctx->out, &doc);
	out_begin(j->ctx->out, j->cols);
}

int
count_cost(struct count_job *j, const struct count_target *t, int64_t tokens,
    int64_t *cost, struct tk_err *err)
{
	struct price_usage u = { .time = j->ctx->now,
		.model = t->model,
		.input = tokens,
		.output =
		    j->args->output_tokens > 0 ? j->args->output_tokens : 0 };

	if (t->price == NULL)
		return 0;
	return price_cost_of(j->ctx->prices, t->price, &u, cost, err);
}

static int
target_cost(struct count_job *j, struct count_target *t, struct count_figure *f,
    struct tk_err *err)
{
	int64_t cost;
	int known;

	if (!j->args->cost)
		return 0;
	known = count_cost(j, t, f->tokens, &cost, err);
	if (known < 0)
		return -1;
	if (known > 0) {
		f->priced = true;
		f->cost = cost;
		t->cost += cost;
	} else {
		t->unpriced = true;
	}
	return 0;
}

static void
put_cost(struct count_job *j, tk_int128 cost, bool priced, bool partial)
{
	if (!priced) {
		out_null(j->ctx->out);
		return;
	}
	out_money(j->ctx->out, cost);
	if (partial)
		out_partial(j->ctx->out);
}

static void
put_factor(struct out *o, int64_t ppm)
{
	struct tk_buf b = TK_BUF_INIT;

	tk_money_add(&b, (tk_int128)ppm * 1000000);
	out_json_text(o, b.s);
	tk_buf_release(&b);
}

void
count_put_how(struct count_job *j, const struct count_target *t,
    const struct content *c)
{
	struct tk_buf b = TK_BUF_INIT;

	count_how(j, t, c, &b);
	out_text(j->ctx->out, b.s);
	tk_buf_release(&b);
}

static void
put_json(struct out *o, const char *json)
{
	if (json != NULL)
		out_json_text(o, json);
	else
		out_null(o);
}

/* What is only said of an estimate. */
static void
put_estimate(struct count_job *j, const struct count_target *t, enum col c,
    const struct count_text *x, const struct count_figure *f)
{
	struct out *o = j->ctx->out;
	bool is = count_is_estimate(j, t), known = is && !j->args->heuristic;

	if (c == COL_ESTIMATED)
		out_bool(o, is);
	else if (c == COL_CONTENT && is && x->content.bytes > 0)
		out_text(o, content_class_name(content_class(&x->content)));
	else if (c == COL_FACTOR && known && f->factor_ppm > 0)
		put_factor(o, f->factor_ppm);
	else if (c == COL_LOW && known)
		out_int(o, f->low);
	else if (c == COL_HIGH && known)
		out_int(o, f->high);
	else
		out_null(o);
}

void
count_put_estimate(struct count_job *j, const struct count_target *t,
    const struct content *like, const struct count_figure *f)
{
	const struct count_text x = { .content = *like };

	for (int c = COL_CONTENT; c <= COL_HIGH; c++)
		put_estimate(j, t, (enum col)c, &x, f);
}

static void
put_cell(struct count_job *j, const struct count_target *t, enum col c,
    const struct count_text *x, const struct count_figure *f)
{
	struct out *o = j->ctx->out;

	switch (c) {
	case COL_FILE:
		out_text(o, x->file);
		break;
	case COL_LINE:
		out_int(o, x->line);
		break;
	case COL_MODEL:
		out_text(o, t->model);
		break;
	case COL_ENCODING:
		out_text(o, count_target_encoding(j, t));
		break;
	case COL_TOKENS:
		out_int(o, f->tokens);
		break;
	case COL_BYTES:
		out_int(o, x->bytes);
		break;
	case COL_ESTIMATED:
	case COL_CONTENT:
	case COL_FACTOR:
	case COL_LOW:
	case COL_HIGH:
		put_estimate(j, t, c, x, f);
		break;
	case COL_COST:
		put_cost(j, f->cost, f->priced, f->partial);
		break;
	case COL_HOW:
		count_put_how(j, t, &x->content);
		break;
	case COL_IDS:
		put_json(o, x->ids != NULL ? x->ids[t->encoding].s : NULL);
		break;
	case COL_PIECES:
		put_json(o,
		    x->pieces != NULL ? x->pieces[t->encoding].s : NULL);
		break;
	case COLS:
		break;
	}
}

static void
put_row(struct count_job *j, const struct count_target *t,
    const struct count_text *x, const struct count_figure *f)
{
	for (int c = 0; c < COLS; c++)
		if (wants(j, (enum col)c))
			put_cell(j, t, (enum col)c, x, f);
	out_end_row(j->ctx->out);
}

static void
begin_wide(struct count_job *j, const struct count_text *x)
{
	if (wants(j, COL_FILE))
		out_text(j->ctx->out, x->file);
	if (j->by_line)
		out_int(j->ctx->out, x->line);
}

static void
put_wide(struct count_job *j, const struct count_figure *f)
{
	out_int(j->ctx->out, f->tokens);
	if (j->args->cost)
		put_cost(j, f->cost, f->priced, f->partial);
}

int
count_text_row(struct count_job *j, const struct count_text *x,
    struct tk_err *err)
{
	bool silent = j->args->total && !j->by_line;

	j->bytes += x->bytes;
	content_sum(&j->content, &x->content);
	if (j->wide && !silent)
		begin_wide(j, x);
	for (size_t i = 0; i < j->n; i++) {
		struct count_target *t = &j->target[i];
		struct count_figure f;

		count_figure(j, t, x->counted, &x->content, &f);
		if (target_cost(j, t, &f, err) < 0)
			return -1;
		t->total += f.tokens;
		t->low += f.low;
		t->high += f.high;
		t->texts++;
		if (silent)
			continue;
		if (j->plain != NULL)
			count_plain_row(j, t, x, &f);
		else if (j->wide)
			put_wide(j, &f);
		else
			put_row(j, t, x, &f);
	}
	if (j->wide && !silent)
		out_end_row(j->ctx->out);
	return 0;
}

static void
total_of(const struct count_target *t, struct count_figure *f)
{
	*f = (struct count_figure){ .tokens = t->total,
		.low = t->low,
		.high = t->high,
		.cost = t->cost,
		.priced = !t->unpriced || t->cost != 0,
		.partial = t->unpriced };
}

static void
put_totals(struct count_job *j)
{
	struct count_text x = { .bytes = j->bytes, .content = j->content };
	struct count_figure f;

	if (j->wide) {
		out_total(j->ctx->out);
		begin_wide(j, &x);
	}
	for (size_t i = 0; i < j->n; i++) {
		total_of(&j->target[i], &f);
		if (j->wide) {
			put_wide(j, &f);
			continue;
		}
		if (!j->args->total)
			out_total(j->ctx->out);
		put_row(j, &j->target[i], &x, &f);
	}
	if (j->wide)
		out_end_row(j->ctx->out);
}

/* How each estimate was made: on standard error when the number stands alone,
 * else under the table. */
static void
say_estimates(struct count_job *j)
{
	for (size_t i = 0; i < j->n; i++) {
		const struct count_target *t = &j->target[i];
		struct tk_buf b = TK_BUF_INIT;

		if (count_is_estimate(j, t) && j->content.bytes > 0) {
			count_how(j, t, &j->content, &b);
			if (j->wide)
				out_note(j->ctx->out, "~%s: %s",
				    count_target_name(j, t), b.s);
			else if (j->plain != NULL)
				cmd_say(j->ctx, "%s: %s",
				    count_target_name(j, t), b.s);
		}
		tk_buf_release(&b);
	}
}

void
count_end(struct count_job *j)
{
	const struct count_args *a = j->args;
	bool many = j->inputs > 1;

	if (j->by_line || ((a->ids || a->pieces) && !a->total)) {
		if (j->wide)
			say_estimates(j);
		return;
	}
	if (j->plain != NULL) {
		if (a->total || many)
			count_plain_total(j);
		if (a->total)
			say_estimates(j);
		return;
	}
	if (a->total || (many && (j->n == 1 || j->wide)))
		put_totals(j);
	if (j->wide)
		say_estimates(j);
}
