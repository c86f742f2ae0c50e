/*
 * tokctl price cost - what a call costs
 *
 * One call by options, or a stream of them as JSON Lines, which is answered
 * line by line.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/num.h"
#include "cmd.h"
#include "ledger/record.h"
#include "out/out.h"
#include "price.h"
#include "price/price.h"

struct cost_args {
	struct cmd_common common;
	const char *model, *provider, *at, *jsonl;
	struct opt_list prices;
	struct price_usage use; /* its counts */
	bool regional;
	int tier;
};

#define COUNT_OPT(name, field, help) \
	OPT_INT(0, name, struct cost_args, use.field, "n", help)

static const struct opt cost_opts[] = {
	OPT_STR('m', "model", struct cost_args, model, "model", HINT_MODEL,
	    "which model"),
	OPT_STR('p', "provider", struct cost_args, provider, "provider",
	    HINT_NONE, "who is asked, where several sell it"),
	OPT_STR(0, "at", struct cost_args, at, "time", HINT_DATE,
	    "when it was; now, if not given"),
	COUNT_OPT("input", input, "input tokens, not from a cache"),
	COUNT_OPT("output", output, "output tokens, with reasoning"),
	COUNT_OPT("cache-read", cache_read, "tokens read from a cache"),
	COUNT_OPT("cache-write-5m", cache_write_5m,
	    "tokens written to a cache for five minutes"),
	COUNT_OPT("cache-write-1h", cache_write_1h,
	    "tokens written to a cache for an hour"),
	COUNT_OPT("cache-write-12h", cache_write_12h,
	    "tokens written to a cache for twelve hours"),
	COUNT_OPT("cache-write", cache_write_other,
	    "tokens written to a cache otherwise"),
	COUNT_OPT("reasoning", reasoning, "reasoning tokens of the output"),
	COUNT_OPT("tokens", unsplit, "only a total, without a split"),
	COUNT_OPT("audio-input", audio_input, "input tokens of sound"),
	COUNT_OPT("audio-output", audio_output, "output tokens of sound"),
	COUNT_OPT("image-input", image_input, "input tokens of images"),
	COUNT_OPT("image-output", image_output, "output tokens of images"),
	COUNT_OPT("video-input", video_input, "input tokens of video"),
	COUNT_OPT("web-searches", web_searches, "searches billed with it"),
	COUNT_OPT("file-searches", file_searches,
	    "searches in files billed with it"),
	OPT_CHOICE(0, "tier", struct cost_args, tier, "tier", record_tiers,
	    "how it was billed"),
	OPT_FLAG(0, "regional", struct cost_args, regional,
	    "it was served within one region"),
	OPT_STR(0, "jsonl", struct cost_args, jsonl, "file", HINT_FILE,
	    "calls from JSON Lines; - is standard input"),
	OPT_LIST(0, "prices", struct cost_args, prices, "file", HINT_FILE,
	    "from this price book alone"),
	OPT_COMMON(struct cost_args),
	OPT_END,
};

/* A price book and the name that a record's "book" calls it by. */
struct named_book {
	char *name;
	struct price_book *pb;
};

struct costing {
	struct cmd_ctx *ctx;
	const char *file; /* for messages */
	struct named_book *books;
	size_t nbooks, given; /* those given with --prices are the first */
	const struct price_book *plain; /* for records that name none */
	struct price_call call;         /* at hand */
	struct tk_buf id;
};

/* "dir/examples.yaml" is called "examples". */
static char *
book_name(const char *path)
{
	const char *slash = strrchr(path, '/');
	char *name = tk_xstrdup(slash != NULL ? slash + 1 : path);
	char *dot = strrchr(name, '.');

	if (dot != NULL && dot > name)
		*dot = '\0';
	return name;
}

/* The book becomes c's, and so does its name. */
static void
add_book(struct costing *c, char *name, struct price_book *pb)
{
	c->books = tk_xreallocarray(c->books, c->nbooks + 1, sizeof(*c->books));
	c->books[c->nbooks++] = (struct named_book){ name, pb };
}

static int
open_books(struct costing *c, const struct opt_list *files, struct tk_err *err)
{
	for (size_t i = 0; i < files->n; i++) {
		struct price_book *pb;

		if (price_book_load(&pb, files->v[i], err) < 0)
			return -1;
		add_book(c, book_name(files->v[i]), pb);
	}
	c->given = c->nbooks;
	return 0;
}

static void
close_books(struct costing *c)
{
	for (size_t i = 0; i < c->nbooks; i++) {
		price_book_close(c->books[i].pb);
		free(c->books[i].name);
	}
	free(c->books);
}

/* One of --prices, or one that is built in. */
static int
find_book(struct costing *c, const char *name, const struct price_book **pb,
    struct tk_err *err)
{
	struct price_book *opened;

	for (size_t i = 0; i < c->nbooks; i++) {
		if (strcmp(c->books[i].name, name) == 0) {
			*pb = c->books[i].pb;
			return 0;
		}
	}
	if (price_book_builtin(&opened, name, err) < 0)
		return tk_hint(err, "give it with --prices %s.yaml", name);
	add_book(c, tk_xstrdup(name), opened);
	*pb = opened;
	return 0;
}

static const struct out_col stream_cols[] = {
	{ "id", "Id", OUT_JSON, 0 },
	{ "cost_usd", "Cost", OUT_MONEY, 0 },
	{ "cost_pico", "PICO-DOLLARS", OUT_TEXT, 0 },
	OUT_COL_END,
};

static void
put_cost(struct out *o, bool known, int64_t pico)
{
	char text[32];

	if (!known) {
		out_null(o);
		out_text(o, NULL);
		return;
	}
	snprintf(text, sizeof(text), "%" PRId64, pico);
	out_money(o, pico);
	out_text(o, text);
}

static int
cost_line(struct costing *c, const char *line, size_t len, struct tk_err *err)
{
	const struct price_book *pb = c->plain;
	struct price_call *call = &c->call;
	int64_t pico;
	int rc;

	if (price_call_read(call, line, len, c->ctx, err) < 0)
		return -1;
	if (call->book != 0 &&
	    find_book(c, call->texts.s + call->book, &pb, err) < 0)
		return -1;
	rc = price_cost(pb, &call->use, &pico, err);
	if (rc < 0)
		return -1;
	tk_buf_reset(&c->id);
	tk_buf_add(&c->id, call->id.p, call->id.n);
	out_json_text(c->ctx->out, call->id.p != NULL ? c->id.s : NULL);
	put_cost(c->ctx->out, rc > 0, pico);
	out_end_row(c->ctx->out);
	return 0;
}

static bool
is_blank(const char *line, size_t len)
{
	return strspn(line, " \t\r\n") == len;
}

static int
cost_lines(struct costing *c, FILE *in, struct tk_err *err)
{
	int64_t number = 0;
	char *line = NULL;
	size_t cap = 0;
	ssize_t len;
	int rc = 0;

	while (rc == 0 && (len = getline(&line, &cap, in)) >= 0) {
		number++;
		if (is_blank(line, (size_t)len))
			continue;
		rc = cost_line(c, line, (size_t)len, err);
		if (rc < 0)
			tk_wrap(err, "%s:%" PRId64, c->file, number);
	}
	if (rc == 0 && ferror(in))
		rc = tk_fail_errno(err, "cannot read '%s'", c->file);
	free(line);
	return rc;
}

/* Does any record name its book?  Those that do not are then meant to be
 * priced as ever, and not by --prices. */
static bool
any_names_book(struct costing *c, const struct tk_buf *all)
{
	const char *p = all->s, *end = all->s + all->len;

	while (p < end) {
		const char *nl = memchr(p, '\n', (size_t)(end - p));
		size_t len = (size_t)((nl != NULL ? nl : end) - p);
		struct tk_err ignored = TK_ERR_INIT;

		if (price_call_read(&c->call, p, len, c->ctx, &ignored) == 0 &&
		    c->call.book != 0)
			return true;
		p += len + 1;
	}
	return false;
}

static void
read_all(FILE *in, struct tk_buf *all)
{
	char part[16384];
	size_t n;

	while ((n = fread(part, 1, sizeof(part), in)) > 0)
		tk_buf_add(all, part, n);
}

/* With --prices the whole input is looked at first. */
static int
cost_with_books(struct costing *c, FILE *in, struct tk_err *err)
{
	struct tk_buf all = TK_BUF_INIT;
	int rc = 0;
	FILE *again;

	read_all(in, &all);
	if (ferror(in)) {
		rc = tk_fail_errno(err, "cannot read '%s'", c->file);
	} else if (all.len > 0) {
		if (!any_names_book(c, &all))
			c->plain = c->books[0].pb;
		again = fmemopen(all.s, all.len, "r");
		rc = again != NULL ? cost_lines(c, again, err)
				   : tk_fail_errno(err, "cannot read again");
		if (again != NULL)
			fclose(again);
	}
	tk_buf_release(&all);
	return rc;
}

static int
cost_stream(struct costing *c, const struct cost_args *args, struct tk_err *err)
{
	static const struct out_doc doc = { .schema = "tokctl.price.costs/1" };
	bool std = strcmp(args->jsonl, "-") == 0;
	FILE *in = std ? stdin : fopen(args->jsonl, "r");
	int rc;

	c->file = std ? "standard input" : args->jsonl;
	if (in == NULL)
		return tk_fail_errno(err, "cannot open '%s'", args->jsonl);
	if (args->common.format < 0)
		out_set_format(c->ctx->out, out_format_named("jsonl"));
	out_document(c->ctx->out, &doc);
	out_begin(c->ctx->out, stream_cols);
	rc =
	    c->given > 0 ? cost_with_books(c, in, err) : cost_lines(c, in, err);
	if (!std)
		fclose(in);
	return rc;
}

static const struct out_col cost_cols[] = {
	{ "model", "Model", OUT_TEXT, 0 },
	{ "provider", "Provider", OUT_TEXT, 0 },
	{ "time", "Time", OUT_TIME, 0 },
	{ "basis", "Basis", OUT_TEXT, 0 },
	{ "cost_usd", "Cost", OUT_MONEY, 0 },
	{ "cost_pico", "Pico-dollars", OUT_TEXT, OUT_MACHINE },
	OUT_COL_END,
};

static int
cost_one(struct costing *c, const struct cost_args *args, struct tk_err *err)
{
	const struct price_book *pb = c->given > 0 ? c->books[0].pb : c->plain;
	struct price_usage u = args->use;
	struct out *o = c->ctx->out;
	const struct price_model *m;
	const char *basis;
	int64_t pico;
	int rc;

	if (args->model == NULL) {
		tk_fail(err, TK_USAGE, "which model?");
		return tk_hint(err, "give --model, or calls with --jsonl");
	}
	u.model = args->model;
	u.provider = args->provider;
	u.tier = args->tier;
	u.regional = args->regional;
	if (price_moment(c->ctx, args->at, &u.time, err) < 0 ||
	    price_model_named(pb, u.provider, u.model, &m, err) < 0)
		return -1;
	rc = price_cost_of(pb, m, &u, &pico, err);
	if (rc < 0)
		return -1;
	out_document(o,
	    &(struct out_doc){ .schema = "tokctl.price.cost/1",
		.shape = OUT_ONE });
	out_begin(o, cost_cols);
	out_text(o, price_model_id(m));
	out_text(o, price_provider(m));
	out_time(o, u.time);
	basis = price_basis_at(pb, m, u.time, NULL);
	out_text(o, *basis != '\0' ? basis : NULL);
	put_cost(o, rc > 0, pico);
	out_end_row(o);
	if (rc == 0)
		out_warning(o, "unpriced",
		    "the price book has no price for that of '%s'",
		    price_model_id(m));
	return 0;
}

/* Whether a part of the tokens is said; of what is searched for there are
 * none. */
static bool
says_parts(const struct price_usage *u)
{
	return (u->input | u->output | u->cache_read | u->cache_write_5m |
		   u->cache_write_1h | u->cache_write_12h |
		   u->cache_write_other | u->reasoning | u->audio_input |
		   u->audio_output | u->image_input | u->image_output |
		   u->video_input) != 0;
}

/* What a stream says itself cannot be said by flags too. */
static int
check_args(const struct cost_args *a, struct tk_err *err)
{
	const struct price_usage *u = &a->use;
	bool parts = says_parts(u);
	const struct {
		bool given;
		const char *flag;
	} alone[] = {
		{ a->model != NULL, "model" },
		{ a->provider != NULL, "provider" },
		{ a->at != NULL, "at" },
		{ parts || u->unsplit != 0, "input, --output or --tokens" },
		{ u->web_searches != 0, "web-searches" },
		{ u->file_searches != 0, "file-searches" },
		{ a->regional, "regional" },
	};

	if (a->jsonl == NULL && parts && u->unsplit != 0) {
		tk_fail(err, TK_USAGE, "--tokens does not go with its parts");
		return tk_hint(err, "give --input and --output, or --tokens");
	}
	for (size_t i = 0; a->jsonl != NULL && i < TK_LEN(alone); i++)
		if (alone[i].given)
			return tk_fail(err, TK_USAGE,
			    "--%s does not go with --jsonl", alone[i].flag);
	return 0;
}

static int
cost_run(struct cmd_ctx *ctx, const void *args_, int argc, const char **argv,
    struct tk_err *err)
{
	const struct cost_args *args = args_;
	struct costing c = { .ctx = ctx,
		.plain = ctx->prices,
		.call.texts = TK_BUF_INIT,
		.id = TK_BUF_INIT };
	int rc;

	(void)argc, (void)argv;
	if (check_args(args, err) < 0)
		return -1;
	rc = open_books(&c, &args->prices, err);
	if (rc == 0)
		rc = args->jsonl != NULL ? cost_stream(&c, args, err)
					 : cost_one(&c, args, err);
	tk_buf_release(&c.call.texts);
	tk_buf_release(&c.id);
	close_books(&c);
	return rc;
}

const struct cmd cmd_price_cost = {
	.name = "cost",
	.summary = "say what a call costs, or each of a stream",
	.examples =
	    "tokctl price cost -m gpt-5 --input 1200 --output 300\n"
	    "tokctl price cost --jsonl - <calls.jsonl\tone answer a line\n",
	.opts = cost_opts,
	.args_size = sizeof(struct cost_args),
	.needs = CMD_OUT | CMD_PRICES,
	.run = cost_run,
};
