/*
 * tokctl count - how many tokens there are in files
 *
 * Whole inputs are here; --lines and --jsonl, where every line is a text of
 * its own, are in count_lines.c.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/attr.h"
#include "base/mem.h"
#include "cmd.h"
#include "count.h"
#include "out/out.h"
#include "price/price.h"
#include "tokenizer/tokenizer.h"

static const struct opt count_opts[] = {
	OPT_LIST('e', "encoding", struct count_args, encodings, "encoding",
	    HINT_ENCODING, "count with this encoding (o200k_base)"),
	OPT_LIST('m', "model", struct count_args, models, "model", HINT_MODEL,
	    "count with the encoding of this model"),
	OPT_LIST(0, "tokenizer", struct count_args, tokenizers, "file",
	    HINT_FILE, "count with the tokenizer in this file"),
	OPT_STR(0, "pattern", struct count_args, pattern, "name", HINT_NONE,
	    "how a .tiktoken file cuts text into pieces"),
	OPT_STR(0, "add-tokenizer", struct count_args, add, "name", HINT_NONE,
	    "keep the tokenizer in a file, as encoding <name>"),
	OPT_STR(0, "remove-tokenizer", struct count_args, remove, "name",
	    HINT_NONE, "forget a tokenizer that was added"),
	OPT_FLAG(0, "list-encodings", struct count_args, list,
	    "list the encodings that -e takes"),
	OPT_FLAG(0, "ids", struct count_args, ids,
	    "show the ids of the tokens"),
	OPT_FLAG(0, "decode", struct count_args, decode,
	    "read ids and write the text they stand for"),
	OPT_FLAG('l', "lines", struct count_args, lines,
	    "count each line by itself"),
	OPT_STR(0, "jsonl", struct count_args, jsonl, "field", HINT_NONE,
	    "count that field of each line's JSON object"),
	OPT_FLAG(0, "base64", struct count_args, base64,
	    "with --jsonl: the field is base64"),
	OPT_FLAG(0, "allow-special", struct count_args, special,
	    "count the text of a special token as that token"),
	OPT_FLAG(0, "total", struct count_args, total, "print the total alone"),
	OPT_INT(0, "max", struct count_args, max, "n",
	    "exit with status 1 if there are more tokens"),
	OPT_COMMON(struct count_args),
	OPT_END,
};

/* What a row has depends on what was asked; see job_columns(). */
static const struct out_col count_cols[] = {
	{ "file", "FILE", OUT_TEXT, 0 },
	{ "line", "LINE", OUT_INT, 0 },
	{ "model", "MODEL", OUT_TEXT, 0 },
	{ "encoding", "ENCODING", OUT_TEXT, 0 },
	{ "tokens", "TOKENS", OUT_INT, 0 },
	{ "bytes", "BYTES", OUT_INT, 0 },
	{ "ids", "IDS", OUT_JSON, 0 },
};

static void
count_defaults(void *args)
{
	((struct count_args *)args)->max = -1;
}

static bool
is_built_in(const char *name)
{
	const char *have;

	for (size_t i = 0; name != NULL && (have = count_name(i)) != NULL; i++)
		if (strcmp(have, name) == 0)
			return true;
	return false;
}

static int
encoding_of_model(const struct cmd_ctx *ctx, const char *model,
    const char **name, struct tk_err *err)
{
	const struct price_model *m = price_resolve(ctx->prices, NULL, model);
	bool exact = false;

	if (m == NULL) {
		tk_fail(err, TK_NOTFOUND, "no model '%s' in the price book",
		    model);
		return tk_hint(err,
		    "name the encoding instead, as in "
		    "'-e o200k_base'");
	}
	*name = price_tokenizer(m, &exact);
	if (*name != NULL && exact)
		return 0;
	tk_fail(err, TK_NOTFOUND,
	    "the tokenizer of model '%s' is not public, so its tokens cannot "
	    "be counted exactly",
	    model);
	return tk_hint(err, "to count with another's, name it: '-e %s'",
	    is_built_in(*name) ? *name : "o200k_base");
}

static int
add_target(struct count_job *j, const char *model, const char *encoding,
    const char *file, struct tk_err *err)
{
	struct count_target *t = &j->target[j->n];

	if (model != NULL &&
	    encoding_of_model(j->ctx, model, &encoding, err) < 0)
		return -1;
	if (file != NULL) {
		if (tokenizer_open_file(&t->e, file, j->args->pattern,
			err) < 0)
			return -1;
	} else if (count_open_named(&t->e, encoding, err) < 0) {
		return model != NULL ? tk_wrap(err, "model '%s'", model) : -1;
	}
	t->model = model;
	t->s = count_stream_new(t->e, j->args->special ? COUNT_SPECIAL : 0);
	t->ids = (struct tk_buf)TK_BUF_INIT;
	j->n++;
	return 0;
}

static int
add_targets(struct count_job *j, struct tk_err *err)
{
	const struct count_args *a = j->args;

	j->target =
	    tk_xcalloc(a->encodings.n + a->tokenizers.n + a->models.n + 1,
		sizeof(*j->target));
	for (size_t i = 0; i < a->encodings.n; i++)
		if (add_target(j, NULL, a->encodings.v[i], NULL, err) < 0)
			return -1;
	for (size_t i = 0; i < a->tokenizers.n; i++)
		if (add_target(j, NULL, NULL, a->tokenizers.v[i], err) < 0)
			return -1;
	for (size_t i = 0; i < a->models.n; i++)
		if (add_target(j, a->models.v[i], NULL, NULL, err) < 0)
			return -1;
	return j->n > 0 ? 0 : add_target(j, NULL, "o200k_base", NULL, err);
}

static void
job_release(struct count_job *j)
{
	for (size_t i = 0; i < j->n; i++) {
		count_stream_free(j->target[i].s);
		count_close(j->target[i].e);
		tk_buf_release(&j->target[i].ids);
	}
	free(j->target);
}

static bool
want_column(const struct count_job *j, const char *key)
{
	const struct count_args *a = j->args;
	bool by_line = a->lines || a->jsonl != NULL;

	if (strcmp(key, "file") == 0)
		return (!by_line || j->inputs > 1) && !a->total;
	if (strcmp(key, "line") == 0)
		return by_line;
	if (strcmp(key, "model") == 0)
		return a->models.n > 0;
	if (strcmp(key, "encoding") == 0)
		return !by_line || j->n > 1;
	if (strcmp(key, "bytes") == 0)
		return !by_line;
	return strcmp(key, "ids") != 0 || a->ids;
}

static void
job_begin(struct count_job *j)
{
	static const struct out_doc doc = { .schema = "tokctl.count/1",
		.title = "Tokens" };
	size_t n = 0;

	if (j->plain != NULL)
		return;
	for (size_t i = 0; i < TK_LEN(count_cols); i++)
		if (want_column(j, count_cols[i].key))
			j->cols[n++] = count_cols[i];
	j->cols[n] = (struct out_col)OUT_COL_END;
	out_document(j->ctx->out, &doc);
	out_begin(j->ctx->out, j->cols);
}

void
count_row(struct count_job *j, const struct count_target *t,
    const struct count_result *r)
{
	struct out *o = j->ctx->out;

	for (const struct out_col *c = j->cols; c->key != NULL; c++) {
		if (strcmp(c->key, "file") == 0)
			out_text(o, r->file);
		else if (strcmp(c->key, "line") == 0)
			out_int(o, r->line);
		else if (strcmp(c->key, "model") == 0)
			out_text(o, t->model);
		else if (strcmp(c->key, "encoding") == 0)
			out_text(o, count_encoding_name(t->e));
		else if (strcmp(c->key, "tokens") == 0)
			out_int(o, r->tokens);
		else if (strcmp(c->key, "bytes") == 0)
			out_int(o, r->bytes);
		else
			out_json_text(o, t->ids.s);
	}
	out_end_row(o);
}

/* "[1, 2, 3]": to a buffer for a row, or straight to plain output. */
static void
list_ids(const uint32_t *ids, size_t n, void *data)
{
	struct count_target *t = data;

	for (size_t i = 0; i < n; i++) {
		tk_buf_addf(&t->ids, "%s%" PRIu32, t->listed ? ", " : "[",
		    ids[i]);
		t->listed = true;
	}
	if (t->plain != NULL) {
		fwrite(t->ids.s, 1, t->ids.len, t->plain);
		tk_buf_reset(&t->ids);
	}
}

void
count_start(struct count_job *j)
{
	for (size_t i = 0; i < j->n; i++) {
		struct count_target *t = &j->target[i];

		count_stream_reset(t->s);
		tk_buf_reset(&t->ids);
		t->listed = false;
		t->plain = j->plain;
		if (j->args->ids)
			count_stream_on_ids(t->s, list_ids, t);
	}
}

int
count_add(struct count_job *j, const void *bytes, size_t n, struct tk_err *err)
{
	for (size_t i = 0; i < j->n; i++)
		if (count_stream_add(j->target[i].s, bytes, n, err) < 0)
			return -1;
	return 0;
}

static void
print_plain(struct count_job *j, const struct count_target *t,
    const struct count_result *r)
{
	if (j->args->ids) {
		fputs(t->listed ? "]\n" : "[]\n", j->plain);
		return;
	}
	fprintf(j->plain, "%" PRId64, r->tokens);
	if (r->file != NULL && (r->line == 0 || j->inputs > 1))
		fprintf(j->plain, " %s", r->file);
	fputc('\n', j->plain);
}

int
count_finish(struct count_job *j, struct count_result *r, struct tk_err *err)
{
	for (size_t i = 0; i < j->n; i++) {
		struct count_target *t = &j->target[i];

		if (count_stream_end(t->s, &r->tokens, err) < 0)
			return -1;
		t->total += r->tokens;
		if (j->args->total && r->line == 0)
			continue;
		if (j->plain != NULL) {
			print_plain(j, t, r);
			continue;
		}
		tk_buf_adds(&t->ids, t->listed ? "]" : "[]");
		count_row(j, t, r);
	}
	j->bytes += r->bytes;
	return 0;
}

static int
count_whole(struct count_job *j, struct count_input *in, struct tk_err *err)
{
	struct count_result r = { .file = in->file };
	ssize_t n;

	count_start(j);
	while ((n = read(in->fd, j->chunk, sizeof(j->chunk))) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return tk_fail_errno(err, "%s", in->name);
		if (count_add(j, j->chunk, (size_t)n, err) < 0)
			return tk_wrap(err, "%s", in->name);
		r.bytes += n;
	}
	return count_finish(j, &r, err);
}

static int
count_input(struct count_job *j, const char *path, struct tk_err *err)
{
	struct count_input in = { .file = path, .name = path };
	int rc;

	if (path == NULL || strcmp(path, "-") == 0) {
		in.name = "standard input";
		in.fd = STDIN_FILENO;
	} else if ((in.fd = open(path, O_RDONLY | O_CLOEXEC)) < 0) {
		return tk_fail_errno(err, "%s", path);
	}
	if (j->args->decode)
		rc = count_decode_input(j, &in, err);
	else if (j->args->lines || j->args->jsonl != NULL)
		rc = count_lines_input(j, &in, err);
	else
		rc = count_whole(j, &in, err);
	if (in.fd != STDIN_FILENO)
		close(in.fd);
	return rc;
}

static void
print_total(struct count_job *j)
{
	struct count_result r = { .file = NULL, .bytes = j->bytes };

	if (j->args->decode || j->args->lines || j->args->jsonl != NULL ||
	    (j->args->ids && !j->args->total))
		return;
	if (j->plain != NULL) {
		r.tokens = j->target[0].total;
		if (j->args->total)
			fprintf(j->plain, "%" PRId64 "\n", r.tokens);
		else if (j->inputs > 1)
			fprintf(j->plain, "%" PRId64 " total\n", r.tokens);
		return;
	}
	if (!j->args->total && (j->inputs < 2 || j->n > 1))
		return;
	for (size_t i = 0; i < j->n; i++) {
		r.tokens = j->target[i].total;
		if (!j->args->total)
			out_total(j->ctx->out);
		count_row(j, &j->target[i], &r);
	}
}

static int
check_args(const struct count_args *a, struct tk_err *err)
{
	static const char both[] = "%s and %s do not go together";

	if (a->base64 && a->jsonl == NULL)
		return tk_fail(err, TK_USAGE, "--base64 needs --jsonl");
	if (a->lines && a->jsonl != NULL)
		return tk_fail(err, TK_USAGE, both, "--lines", "--jsonl");
	if (a->total && a->ids)
		return tk_fail(err, TK_USAGE, both, "--total", "--ids");
	if (a->total && (a->lines || a->jsonl != NULL))
		return tk_fail(err, TK_USAGE, both, "--total",
		    a->lines ? "--lines" : "--jsonl");
	if (a->decode && (a->ids || a->lines || a->jsonl != NULL || a->total))
		return tk_fail(err, TK_USAGE,
		    "--decode goes with no other way of counting");
	return 0;
}

/* A file that cannot be read is said, and the others are counted. */
static int
count_all(struct count_job *j, int argc, const char **argv, struct tk_err *err)
{
	int status = 0;

	for (int i = 0; i < (int)j->inputs; i++) {
		if (count_input(j, argc > 0 ? argv[i] : NULL, err) == 0)
			continue;
		if (err->code != TK_IO || j->inputs < 2)
			return -1;
		cmd_warn(j->ctx, "%s", err->msg);
		status = tk_exit_status(err->code);
	}
	print_total(j);
	for (size_t i = 0; i < j->n; i++)
		if (j->args->max >= 0 && j->target[i].total > j->args->max &&
		    status == 0)
			status = 1;
	return status;
}

static int
count_run(struct cmd_ctx *ctx, const void *args_, int argc, const char **argv,
    struct tk_err *err)
{
	struct count_job *j = tk_xcalloc(1, sizeof(*j));
	int rc = -1;

	j->ctx = ctx;
	j->args = args_;
	j->inputs = argc > 0 ? (size_t)argc : 1;
	if (check_args(j->args, err) < 0)
		goto out;
	rc = count_keep_tokenizers(ctx, j->args, argc, argv, err);
	if (rc != 0) {
		rc = rc > 0 ? 0 : -1;
		goto out;
	}
	rc = -1;
	if (add_targets(j, err) < 0)
		goto out;
	if (j->args->decode && j->n > 1) {
		tk_fail(err, TK_USAGE, "--decode takes one encoding");
		goto out;
	}
	/* People get lines as of wc(1); a comparison is a table. */
	if ((ctx->common->format <= 0 && j->n == 1) || j->args->decode)
		j->plain = ctx->to;
	job_begin(j);
	rc = count_all(j, argc, argv, err);
out:
	job_release(j);
	free(j);
	return rc;
}

const struct cmd cmd_count = {
	.name = "count",
	.summary = "count the tokens in files, exactly",
	.operands = "[file...]",
	.format = "table",
	.examples = "tokctl count README.md\ttokens of a file\n"
		    "tokctl count -m gpt-4o *.md --total\tof many\n"
		    "git diff | tokctl count --max 8000\tdoes it fit?\n",
	.opts = count_opts,
	.args_size = sizeof(struct count_args),
	.defaults = count_defaults,
	.needs = CMD_OUT | CMD_PRICES,
	.run = count_run,
};
