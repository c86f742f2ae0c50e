/*
 * tokctl count --fit: the most text of at most so many tokens
 */
#include "count_window.h"

static const struct out_col fit_cols[] = {
	{ "file", "File", OUT_TEXT, 0 },
	{ "tokens", "Tokens", OUT_INT, 0 },
	{ "estimated", "", OUT_BOOL, OUT_MACHINE },
	{ "how", "How", OUT_TEXT, OUT_PEOPLE },
	{ "offset", "Offset", OUT_INT, OUT_PLAIN },
	{ "bytes", "Bytes", OUT_INT, 0 },
	{ "whole", "Whole", OUT_BOOL, 0 },
	{ "text", "Text", OUT_TEXT, 0 },
	{ "base64", "", OUT_TEXT, OUT_MACHINE },
	{ "encoding", "", OUT_TEXT, OUT_MACHINE },
	COUNT_ESTIMATE_COLS,
	OUT_COL_END,
};

static int
fit_input(struct count_job *j, struct count_input *in, void *data,
    struct tk_err *err)
{
	const struct count_target *t = &j->target[0];
	struct out *o = j->ctx->out;
	struct content like = { 0 };
	struct count_window w;
	struct count_part c;
	int rc = -1;

	(void)data;
	count_window_init(&w, j, in);
	if (count_cut_part(&w, j->args->fit, (enum fit_at)j->args->at,
		j->args->tail, &c, err) < 0)
		goto out;
	content_add(&like, w.text.s + c.at, c.len);
	if (j->plain != NULL) {
		fwrite(w.text.s + c.at, 1, c.len, j->plain);
		count_say_estimate(j, &like);
	} else {
		out_text(o, in->file);
		out_int(o, c.figure.tokens);
		out_bool(o, count_is_estimate(j, t));
		count_put_how(j, t, &like);
		out_int(o, w.before + (int64_t)c.at);
		out_int(o, (int64_t)c.len);
		out_bool(o, w.ended && w.before == 0 && c.len == w.text.len);
		count_put_bytes(o, w.text.s + c.at, c.len);
		out_text(o, count_target_encoding(j, t));
		count_put_estimate(j, t, &like, &c.figure);
		out_end_row(o);
	}
	rc = 0;
out:
	count_window_release(&w);
	return rc;
}

int
count_fitted(struct count_job *j, struct tk_err *err)
{
	static const struct out_doc doc = { .schema = "tokctl.count.fit/1",
		.title = "Text that fits" };

	if (j->operands > 1)
		return tk_fail(err, TK_USAGE, "--fit takes one file");
	if (j->plain == NULL) {
		out_document(j->ctx->out, &doc);
		out_begin(j->ctx->out, fit_cols);
	}
	return count_each_input(j, fit_input, NULL, err);
}
