/*
 * tokctl count - how many tokens there are in files
 *
 * The options, and which of the ways of counting they ask for; count.h says
 * which file does what.
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
#include "fit/fit.h"
#include "out/out.h"

static const struct opt count_opts[] = {
	OPT_LIST('e', "encoding", struct count_args, encodings, "encoding",
	    HINT_ENCODING, "count with this encoding (o200k_base)"),
	OPT_LIST('m', "model", struct count_args, models, "model", HINT_MODEL,
	    "count as this model does, or estimate it"),
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
	OPT_FLAG('l', "lines", struct count_args, lines,
	    "count each line by itself"),
	OPT_STR(0, "jsonl", struct count_args, jsonl, "field", HINT_NONE,
	    "count that field of each line's JSON object"),
	OPT_STR(0, "csv", struct count_args, csv, "column", HINT_NONE,
	    "count that column of each row of CSV"),
	OPT_FLAG(0, "base64", struct count_args, base64,
	    "with --jsonl or --csv: the text is base64"),
	OPT_FLAG(0, "chat", struct count_args, is_chat,
	    "count requests of chat APIs, by part"),
	OPT_STR(0, "context", struct count_args, context, "file", HINT_FILE,
	    "count behind this text, and its share"),
	OPT_FLAG(0, "cost", struct count_args, cost,
	    "show what the tokens cost as input"),
	OPT_INT(0, "output-tokens", struct count_args, output_tokens, "n",
	    "with --cost: and so many of output"),
	OPT_FLAG(0, "heuristic", struct count_args, heuristic,
	    "guess from the number of characters alone"),
	OPT_FLAG(0, "calibrated", struct count_args, calibrated,
	    "correct estimates by calls in the ledger"),
	OPT_INT(0, "fit", struct count_args, fit, "n",
	    "write the most text of at most n tokens"),
	OPT_FLAG(0, "tail", struct count_args, tail,
	    "with --fit: from the end of the text"),
	OPT_INT(0, "split", struct count_args, split, "n",
	    "cut into chunks of at most n tokens"),
	OPT_INT(0, "overlap", struct count_args, overlap, "n",
	    "with --split: begin with n tokens seen before"),
	OPT_STR(0, "into", struct count_args, into, "prefix", HINT_FILE,
	    "with --split: write files of that name"),
	OPT_CHOICE(0, "at", struct count_args, at, "place", fit_ats,
	    "with --fit and --split: cut only at a"),
	OPT_FLAG(0, "ids", struct count_args, ids,
	    "show the ids of the tokens"),
	OPT_FLAG(0, "pieces", struct count_args, pieces,
	    "show the text of each token"),
	OPT_FLAG(0, "decode", struct count_args, decode,
	    "read ids and write the text they stand for"),
	OPT_FLAG(0, "allow-special", struct count_args, special,
	    "count the text of a special token as that token"),
	OPT_FLAG(0, "no-ignore", struct count_args, no_ignore,
	    "count what .gitignore leaves out, too"),
	OPT_INT('j', "threads", struct count_args, threads, "n",
	    "use so many threads (one a processor)"),
	OPT_FLAG(0, "total", struct count_args, total, "print the total alone"),
	OPT_INT(0, "max", struct count_args, max, "n",
	    "exit with status 1 if there are more tokens"),
	OPT_COMMON(struct count_args),
	OPT_END,
};

/* What numbers are when their option is not there: no one types that. */
enum { NOT_GIVEN = INT32_MIN };

static void
count_defaults(void *args)
{
	struct count_args *a = args;

	a->max = a->fit = a->split = a->overlap = a->output_tokens = NOT_GIVEN;
	a->threads = 0;
}

/* Ways of counting, of which there can be one; ids and pieces go with the
 * first three of them. */
struct way {
	const char *name;
	bool asked;
	bool lists; /* goes with --ids and --pieces */
	bool total; /* goes with --total */
	bool max;   /* goes with --max */
	bool cost;  /* goes with --cost */
	bool many;  /* goes with several encodings or models */
	int (*run)(struct count_job *j, struct tk_err *err);
};

enum { WAYS = 8 };

static void
find_ways(const struct count_args *a, struct way w[WAYS])
{
	const struct way all[WAYS] = {
		{ "--lines", a->lines, true, false, true, true, true,
		    count_lines },
		{ "--jsonl", a->jsonl != NULL, true, false, true, true, true,
		    count_lines },
		{ "--csv", a->csv != NULL, true, false, true, true, true,
		    count_lines },
		{ "--chat", a->is_chat, false, false, true, true, true,
		    count_chats },
		{ "--context", a->context != NULL, false, false, true, true,
		    true, count_contexts },
		{ "--fit", a->fit >= 0, false, false, false, false, false,
		    count_fitted },
		{ "--split", a->split >= 0, false, false, false, false, false,
		    count_chunks },
		{ "--decode", a->decode, false, false, false, false, false,
		    count_decoded },
	};

	memcpy(w, all, sizeof(all));
}

static const struct way *
find_way(const struct way w[WAYS])
{
	for (size_t i = 0; i < WAYS; i++)
		if (w[i].asked)
			return &w[i];
	return NULL;
}

static int
not_both(const char *a, const char *b, struct tk_err *err)
{
	return tk_fail(err, TK_USAGE, "%s and %s do not go together", a, b);
}

/* Options that mean something with another one alone. */
static int
check_needs(const struct count_args *a, struct tk_err *err)
{
	const struct {
		const char *name, *needs;
		bool asked, has;
	} rows[] = {
		{ "--base64", "--jsonl or --csv", a->base64,
		    a->jsonl != NULL || a->csv != NULL },
		{ "--output-tokens", "--cost", a->output_tokens >= 0, a->cost },
		{ "--cost", "-m", a->cost, a->models.n > 0 || a->is_chat },
		{ "--calibrated", "-m", a->calibrated, a->models.n > 0 },
		{ "--tail", "--fit", a->tail, a->fit >= 0 },
		{ "--overlap", "--split", a->overlap >= 0, a->split >= 0 },
		{ "--into", "--split", a->into != NULL, a->split >= 0 },
		{ "--at", "--fit or --split", a->at != FIT_AT_TOKEN,
		    a->fit >= 0 || a->split >= 0 },
	};

	for (size_t i = 0; i < TK_LEN(rows); i++)
		if (rows[i].asked && !rows[i].has)
			return tk_fail(err, TK_USAGE, "%s needs %s",
			    rows[i].name, rows[i].needs);
	return 0;
}

static int
check_numbers(const struct count_args *a, struct tk_err *err)
{
	enum { THREADS_MAX = 256 };

	if (a->threads < 0 || a->threads > THREADS_MAX)
		return tk_fail(err, TK_USAGE,
		    "--threads takes 1 to %d, or 0 for one a processor",
		    THREADS_MAX);
	if (a->split == 0)
		return tk_fail(err, TK_USAGE, "--split takes 1 or more");
	if (a->split > 0 && a->overlap >= a->split)
		return tk_fail(err, TK_USAGE,
		    "--overlap takes less than --split");
	return 0;
}

/* What a number of tokens may not be. */
static int
check_signs(const struct count_args *a, struct tk_err *err)
{
	const struct {
		const char *name;
		int64_t n;
	} numbers[] = {
		{ "--max", a->max },
		{ "--fit", a->fit },
		{ "--split", a->split },
		{ "--overlap", a->overlap },
		{ "--output-tokens", a->output_tokens },
	};

	for (size_t i = 0; i < TK_LEN(numbers); i++)
		if (numbers[i].n < 0 && numbers[i].n != NOT_GIVEN)
			return tk_fail(err, TK_USAGE, "%s takes 0 or more",
			    numbers[i].name);
	return 0;
}

static int
check_way(const struct count_args *a, const struct way *w, struct tk_err *err)
{
	const char *list = a->ids ? "--ids" : "--pieces";
	bool lists = a->ids || a->pieces;

	if (lists && a->total)
		return not_both("--total", list, err);
	if (lists && a->heuristic)
		return not_both("--heuristic", list, err);
	if (a->heuristic && a->encodings.n > 0)
		return not_both("--heuristic", "--encoding", err);
	if (a->heuristic && a->calibrated)
		return not_both("--heuristic", "--calibrated", err);
	if (a->cost && a->encodings.n > 0)
		return not_both("--cost", "--encoding", err);
	if (w == NULL)
		return 0;
	if (lists && !w->lists)
		return not_both(w->name, list, err);
	if (a->total && !w->total)
		return not_both(w->name, "--total", err);
	if (a->max >= 0 && !w->max)
		return not_both(w->name, "--max", err);
	if (a->cost && !w->cost)
		return not_both(w->name, "--cost", err);
	if (a->heuristic && !w->lists)
		return not_both(w->name, "--heuristic", err);
	if (!w->many && a->encodings.n + a->models.n > 1)
		return tk_fail(err, TK_USAGE, "%s takes one %s", w->name,
		    a->models.n > 0 ? "model" : "encoding");
	return 0;
}

static int
count_check(const struct cmd_ctx *ctx, const void *args_, int argc,
    const char **argv, struct tk_err *err)
{
	const struct count_args *a = args_;
	struct way w[WAYS];
	const struct way *first;

	(void)ctx, (void)argc, (void)argv;
	if (check_signs(a, err) < 0)
		return -1;
	find_ways(a, w);
	first = find_way(w);
	for (size_t i = 0; first != NULL && i < WAYS; i++)
		if (w[i].asked && &w[i] != first)
			return not_both(first->name, w[i].name, err);
	if (check_needs(a, err) < 0 || check_numbers(a, err) < 0)
		return -1;
	return check_way(a, first, err);
}

int
count_input_open(struct count_input *in, const char *operand,
    struct tk_err *err)
{
	*in = (struct count_input){ .file = operand, .name = operand };
	if (operand == NULL || strcmp(operand, "-") == 0) {
		in->name = "standard input";
		in->fd = STDIN_FILENO;
		return 0;
	}
	in->fd = open(operand, O_RDONLY | O_CLOEXEC);
	return in->fd < 0 ? tk_fail_errno(err, "%s", operand) : 0;
}

void
count_input_close(struct count_input *in)
{
	if (in->fd != STDIN_FILENO)
		close(in->fd);
}

FILE *
count_input_stream(const struct count_input *in, struct tk_err *err)
{
	int fd = dup(in->fd);
	FILE *f = fd >= 0 ? fdopen(fd, "r") : NULL;

	if (f == NULL) {
		tk_fail_errno(err, "%s", in->name);
		if (fd >= 0)
			close(fd);
	}
	return f;
}

int
count_input_failed(struct count_job *j, const struct tk_err *why,
    struct tk_err *err)
{
	if (why->code != TK_IO || j->inputs < 2) {
		*err = *why;
		return -1;
	}
	cmd_warn(j->ctx, "%s", why->msg);
	j->unread++;
	return 0;
}

int
count_each_input(struct count_job *j, count_input_fn *fn, void *data,
    struct tk_err *err)
{
	for (size_t i = 0; i < (j->operands > 0 ? j->operands : 1); i++) {
		struct tk_err why = TK_ERR_INIT;
		struct count_input in;
		int rc = count_input_open(&in,
		    j->operands > 0 ? j->operand[i] : NULL, &why);

		if (rc == 0) {
			rc = fn(j, &in, data, &why);
			count_input_close(&in);
		}
		if (rc < 0 && count_input_failed(j, &why, err) < 0)
			return -1;
	}
	return 0;
}

static void
choose_shape(struct count_job *j, const struct way *w)
{
	const struct count_args *a = j->args;
	int format = j->ctx->common->format;
	bool lists = a->ids || a->pieces;

	j->by_line = a->lines || a->jsonl != NULL || a->csv != NULL;
	/* People get lines as of wc(1); a comparison is a table. */
	if ((format <= 0 && j->n == 1 && !a->cost && !a->is_chat &&
		a->context == NULL) ||
	    a->decode)
		j->plain = j->ctx->to;
	j->wide = j->n > 1 && !lists && !a->total &&
	    (w == NULL || j->by_line) &&
	    (format <= 0 || format == out_format_named("md"));
}

/* Sums without what could not be read answer nothing. */
static int
status_of(const struct count_job *j)
{
	if (j->unread > 0) {
		if (j->plain == NULL)
			out_warning(j->ctx->out, "unreadable",
			    "%zu file%s or folder%s could not be read",
			    j->unread, j->unread == 1 ? "" : "s",
			    j->unread == 1 ? "" : "s");
		return tk_exit_status(TK_IO);
	}
	for (size_t i = 0; i < j->n; i++)
		if (j->args->max >= 0 && j->target[i].total > j->args->max)
			return 1;
	return 0;
}

static int
count_run(struct cmd_ctx *ctx, const void *args_, int argc, const char **argv,
    struct tk_err *err)
{
	struct count_job j = { .ctx = ctx,
		.args = args_,
		.operand = argv,
		.operands = (size_t)argc,
		.inputs = argc > 0 ? (size_t)argc : 1,
		.titles = TK_BUF_INIT };
	const struct count_args *a = args_;
	struct way ways[WAYS];
	const struct way *w;
	int rc = -1;

	rc = count_keep_tokenizers(ctx, a, argc, argv, err);
	if (rc != 0)
		return rc > 0 ? 0 : -1;
	rc = -1;
	find_ways(a, ways);
	w = find_way(ways);
	if (count_targets_open(&j, err) < 0)
		goto out;
	choose_shape(&j, w);
	if (w != NULL)
		rc = w->run(&j, err);
	else if (a->ids || a->pieces)
		rc = count_listed(&j, err);
	else
		rc = count_files(&j, err);
	if (rc == 0)
		rc = status_of(&j);
out:
	count_lists_free(&j);
	count_targets_close(&j);
	tk_buf_release(&j.titles);
	free(j.cols);
	return rc;
}

const struct cmd cmd_count = {
	.name = "count",
	.summary = "count the tokens in files, exactly",
	.operands = "[file...]",
	.format = "table",
	.examples = "tokctl count README.md\ttokens of a file\n"
		    "tokctl count -m gpt-4o --cost .\tof a folder, priced\n"
		    "git diff | tokctl count --max 8000\tdoes it fit?\n"
		    "tokctl count --fit 8000 --at line notes.txt\tcut it\n",
	.opts = count_opts,
	.args_size = sizeof(struct count_args),
	.defaults = count_defaults,
	.needs = CMD_OUT | CMD_PRICES,
	.check = count_check,
	.run = count_run,
};
