/*
 * tokctl price update - take over prices that others have published
 * tokctl price set - say what a model costs
 *
 * What is different is printed first.  Then the user's own price file is
 * written aside and renamed.
 */
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/num.h"
#include "base/time.h"
#include "cmd.h"
#include "config/config.h"
#include "out/out.h"
#include "price.h"
#include "price/price.h"
#include "price/update.h"

enum { LIST_MAX = 256 << 20, FILE_MAX = 16 << 20, MILLION = 1000000 };

struct update_args {
	struct cmd_common common;
	const char *provider, *from, *into;
	bool dry_run, known;
	const char *usd[PRICE_PARTS]; /* of set: for a million tokens */
};

static const struct opt update_opts[] = {
	OPT_FLAG('n', "dry-run", struct update_args, dry_run,
	    "show what is different, and change nothing"),
	OPT_STR('p', "provider", struct update_args, provider, "provider",
	    HINT_NONE, "only the models of this provider"),
	OPT_FLAG(0, "known", struct update_args, known,
	    "only models that the price book has"),
	OPT_STR(0, "from", struct update_args, from, "time", HINT_DATE,
	    "when the new prices begin; today, if not given"),
	OPT_STR(0, "into", struct update_args, into, "file", HINT_FILE,
	    "the price file to change, not that of the settings"),
	OPT_COMMON(struct update_args),
	OPT_END,
};

#define USD_OPT(name, part, help) \
	OPT_STR(0, name, struct update_args, usd[part], "usd", HINT_NONE, help)

static const struct opt set_opts[] = {
	USD_OPT("input", PRICE_INPUT, "dollars for a million input tokens"),
	USD_OPT("output", PRICE_OUTPUT, "for a million output tokens"),
	USD_OPT("cache-read", PRICE_CACHE_READ, "read from a cache"),
	USD_OPT("cache-write-5m", PRICE_CACHE_WRITE_5M,
	    "written to a cache for five minutes"),
	USD_OPT("cache-write-1h", PRICE_CACHE_WRITE_1H,
	    "written to a cache for an hour"),
	USD_OPT("cache-write", PRICE_CACHE_WRITE,
	    "written to a cache otherwise"),
	USD_OPT("reasoning", PRICE_REASONING,
	    "of reasoning, where it is not as other output"),
	OPT_STR('p', "provider", struct update_args, provider, "provider",
	    HINT_NONE, "who sells it"),
	OPT_STR(0, "from", struct update_args, from, "time", HINT_DATE,
	    "when the prices begin; today, if not given"),
	OPT_FLAG('n', "dry-run", struct update_args, dry_run,
	    "show what is different, and change nothing"),
	OPT_STR(0, "into", struct update_args, into, "file", HINT_FILE,
	    "the price file to change, not that of the settings"),
	OPT_COMMON(struct update_args),
	OPT_END,
};

static const struct out_col update_cols[] = {
	{ "provider", "Provider", OUT_TEXT, 0 },
	{ "model", "Model", OUT_TEXT, 0 },
	{ "new_model", "New", OUT_BOOL, OUT_MACHINE },
	{ "when", "When", OUT_TEXT, 0 },
	{ "part", "Part", OUT_TEXT, 0 },
	{ "before_usd", "Before", OUT_MONEY, 0 },
	{ "after_usd", "After", OUT_MONEY, 0 },
	{ "per", "Per", OUT_TEXT, 0 },
	{ "from", "From", OUT_TEXT, OUT_MEDIUM },
	OUT_COL_END,
};

static void
put_price(struct out *o, int64_t pico, bool fee)
{
	if (pico < 0)
		out_null(o);
	else
		out_money(o, fee ? pico : (tk_int128)pico * MILLION);
}

static int
print_diff(const struct price_diff *d, void *data)
{
	bool fee = strcmp(d->when, "fee") == 0;
	struct tk_buf from = TK_BUF_INIT;
	struct out *o = data;

	if (d->from != INT64_MIN)
		price_time_add(&from, d->from);
	out_text(o, d->provider);
	out_text(o, d->model);
	out_bool(o, d->new_model);
	out_text(o, *d->when != '\0' && !fee ? d->when : NULL);
	out_text(o, d->part);
	put_price(o, d->before, fee);
	put_price(o, d->after, fee);
	out_text(o, fee ? "call" : "million tokens");
	out_text(o, from.len > 0 ? from.s : NULL);
	out_end_row(o);
	tk_buf_release(&from);
	return 0;
}

/* The differences, on the screen before anything is changed. */
static int
print_all(struct cmd_ctx *ctx, const struct price_update *u,
    const struct price_update_counts *n, struct tk_err *err)
{
	struct out_doc doc = { .schema = "tokctl.price.update/1",
		.title = "Prices that are new" };
	struct out *o = ctx->out;
	const char *text;
	size_t i;

	out_document(o, &doc);
	out_begin(o, update_cols);
	out_empty(o, "no new prices");
	price_update_each(u, print_diff, o);
	for (i = 0; (text = price_update_warning(u, i)) != NULL; i++)
		out_warning(o, "list", "%s", text);
	if (i < n->warnings)
		out_warning(o, "list", "and %zu more warnings",
		    n->warnings - i);
	ctx->out = NULL;
	return out_close(o, err);
}

/* The time that the new prices begin: the start of that day in UTC, as
 * vendors mean it, unless a time of day is given. */
static int
starting_time(const struct cmd_ctx *ctx, const char *text, int64_t *ms,
    struct tk_err *err)
{
	static const int64_t day = INT64_C(86400000);
	struct tk_buf whole = TK_BUF_INIT;

	if (text == NULL) {
		*ms = ctx->now - ctx->now % day;
		return 0;
	}
	tk_buf_addf(&whole, "%sT00:00:00Z", text);
	if (tk_time_parse(whole.s, whole.len, NULL, ms)) {
		tk_buf_release(&whole);
		return 0;
	}
	tk_buf_release(&whole);
	if (price_moment(ctx, text, ms, err) < 0)
		return -1;
	*ms -= *ms % 1000;
	return 0;
}

/* The file that will be changed, and what is in it. */
struct target {
	struct tk_buf path, text;
	bool there;
	int folder; /* locked, so that nobody's change is lost; or -1 */
};

static const struct target no_target = { TK_BUF_INIT, TK_BUF_INIT, false, -1 };

static void
target_release(struct target *t)
{
	if (t->folder >= 0)
		close(t->folder);
	tk_buf_release(&t->path);
	tk_buf_release(&t->text);
}

static int
read_target(struct cmd_ctx *ctx, const struct update_args *args,
    struct target *t, struct tk_err *err)
{
	bool wanted;

	if (args->into != NULL)
		tk_buf_adds(&t->path, args->into);
	else if (price_file(ctx->config, &t->path, &wanted, err) < 0)
		return -1;
	if (t->path.len == 0 &&
	    config_path(PLACE_CONFIG, "prices.yaml", &t->path, err) < 0)
		return -1;
	if (!args->dry_run &&
	    (tk_make_parents(t->path.s, err) < 0 ||
		(t->folder = tk_lock_folder(t->path.s, err)) < 0))
		return -1;
	t->there = access(t->path.s, F_OK) == 0;
	return t->there ? tk_read_file(t->path.s, FILE_MAX, &t->text, err) : 0;
}

static int
write_target(const struct price_update *u, const struct target *t,
    struct tk_err *err)
{
	struct tk_buf text = TK_BUF_INIT;
	struct tk_new_file file;
	int rc;

	rc = price_update_write(u, t->there ? t->text.s : NULL, t->text.len,
	    t->path.s, &text, err);
	if (rc == 0)
		rc = tk_new_file_open(&file, t->path.s, 0644, err);
	if (rc == 0) {
		if (fwrite(text.s, 1, text.len, file.to) != text.len)
			rc = tk_fail_errno(err, "cannot write '%s'", t->path.s);
		else
			rc = tk_new_file_commit(&file, err);
		tk_new_file_discard(&file);
	}
	tk_buf_release(&text);
	return rc;
}

static int
finish(struct cmd_ctx *ctx, const struct update_args *args,
    const struct price_update *u, const struct target *t, struct tk_err *err)
{
	struct price_update_counts n;
	bool change;

	price_update_count(u, &n);
	if (print_all(ctx, u, &n, err) < 0)
		return -1;
	change = n.changed + n.added > 0 && !args->dry_run;
	if (change && write_target(u, t, err) < 0)
		return -1;
	if (n.format != NULL)
		cmd_say(ctx,
		    "%s: %zu models read, %zu changed, %zu new, %zu the same, "
		    "%zu kept, %zu of other providers",
		    n.format, n.read, n.changed, n.added, n.same, n.kept,
		    n.elsewhere);
	if (n.changed + n.added > 0)
		cmd_say(ctx, change ? "written to '%s'" : "'%s' is unchanged",
		    t->path.s);
	return 0;
}

static int
update_run(struct cmd_ctx *ctx, const void *args_, int argc, const char **argv,
    struct tk_err *err)
{
	const struct update_args *args = args_;
	struct price_update_options o = { .provider = args->provider,
		.flags = args->known ? PRICE_UPDATE_KNOWN : 0 };
	struct target t = no_target;
	struct tk_buf list = TK_BUF_INIT;
	struct price_update *u = NULL;
	struct price_book *pb = NULL;
	int rc = -1;

	if (argc != 1) {
		tk_fail(err, TK_USAGE, "which price list?");
		return tk_hint(err,
		    "download LiteLLM's model_prices_and_context_window.json, "
		    "models.dev's api.json or genai-prices' data.json");
	}
	o.file = argv[0];
	if (starting_time(ctx, args->from, &o.from, err) < 0 ||
	    read_target(ctx, args, &t, err) < 0 ||
	    tk_read_file(argv[0], LIST_MAX, &list, err) < 0)
		goto out;
	rc = t.there ? price_book_open(&pb, t.path.s, err)
		     : price_book_open(&pb, NULL, err);
	if (rc == 0)
		rc = price_update_new(&u, pb, list.s, list.len, &o, err);
	if (rc == 0)
		rc = finish(ctx, args, u, &t, err);
out:
	price_update_free(u);
	price_book_close(pb);
	tk_buf_release(&list);
	target_release(&t);
	return rc;
}

/* Dollars for a million tokens, as pico-dollars for one. */
static int
read_usd(const char *part, const char *text, int64_t *pico, struct tk_err *err)
{
	tk_int128 n;

	if (!tk_money_parse(text, strlen(text), &n) || n < 0 ||
	    n % MILLION != 0 || n / MILLION > INT64_MAX)
		return tk_fail(err, TK_USAGE,
		    "--%s: '%s' is no amount of dollars with at most 6 "
		    "decimals",
		    part, text);
	*pico = (int64_t)(n / MILLION);
	return 0;
}

static int
read_said(const struct update_args *args, int argc, const char **argv,
    struct price_said *said, struct tk_err *err)
{
	bool any = false;

	if (argc != 1) {
		tk_fail(err, TK_USAGE, "the price of which model?");
		return tk_hint(err, "'tokctl price list' has them");
	}
	*said = (struct price_said){ args->provider, argv[0], { 0 } };
	for (const struct opt *o = set_opts; o->type == OPT_T_STR; o++) {
		size_t at = o->offset - offsetof(struct update_args, usd);
		size_t i = at / sizeof(args->usd[0]);

		if (o->offset < offsetof(struct update_args, usd))
			break;
		if (args->usd[i] != NULL &&
		    read_usd(o->name, args->usd[i], &said->part[i], err) < 0)
			return -1;
		any |= args->usd[i] != NULL;
	}
	for (int i = 0; i < PRICE_PARTS; i++)
		if (args->usd[i] == NULL)
			said->part[i] = -1;
	if (any)
		return 0;
	tk_fail(err, TK_USAGE, "what does '%s' cost?", argv[0]);
	return tk_hint(err,
	    "give --input and --output, in dollars for a "
	    "million tokens");
}

static int
set_run(struct cmd_ctx *ctx, const void *args_, int argc, const char **argv,
    struct tk_err *err)
{
	const struct update_args *args = args_;
	struct price_update_options o = { .file = "" };
	struct target t = no_target;
	struct price_update *u = NULL;
	struct price_book *pb = NULL;
	struct price_said said;
	int rc = -1;

	if (read_said(args, argc, argv, &said, err) < 0 ||
	    starting_time(ctx, args->from, &o.from, err) < 0 ||
	    read_target(ctx, args, &t, err) < 0 ||
	    price_book_open(&pb, t.there ? t.path.s : NULL, err) < 0)
		goto out;
	rc = price_update_said(&u, pb, &said, &o, err);
	if (rc == 0)
		rc = finish(ctx, args, u, &t, err);
out:
	price_update_free(u);
	price_book_close(pb);
	target_release(&t);
	return rc;
}

const struct cmd cmd_price_set = {
	.name = "set",
	.summary = "say what a model costs, from a day on",
	.operands = "model",
	.examples = "tokctl price set gpt-4.1 --input 1.80 --output 7.20\t"
		    "dollars for a million tokens\n"
		    "tokctl price set my-model -p openai --input 1 --output 2 "
		    "--from 2026-01-01\ta new one\n",
	.opts = set_opts,
	.args_size = sizeof(struct update_args),
	.needs = CMD_OUT,
	.run = set_run,
};

const struct cmd cmd_price_update = {
	.name = "update",
	.summary = "take over prices from a published list",
	.operands = "file",
	.examples = "tokctl price update --dry-run api.json\t"
		    "what models.dev says\n"
		    "tokctl price update -p anthropic litellm.json\n",
	.opts = update_opts,
	.args_size = sizeof(struct update_args),
	.needs = CMD_OUT,
	.run = update_run,
};
