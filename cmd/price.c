/*
 * tokctl price - the price book
 *
 * list and show are here; cost is in price_cost.c, update in
 * price_update.c.
 */
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/suggest.h"
#include "base/time.h"
#include "cmd.h"
#include "config/config.h"
#include "out/out.h"
#include "price.h"
#include "price/price.h"

/* Prices are kept for one token and shown for a million. */
enum { MILLION = 1000000, PPM = 1000000 };

int
price_file(struct config *config, struct tk_buf *path, bool *wanted,
    struct tk_err *err)
{
	struct tk_err ignored = TK_ERR_INIT;
	const char *set = NULL;

	*wanted = true;
	if (config_get(config, "prices.file", &set, err) < 0)
		return -1;
	if (set != NULL) {
		tk_buf_adds(path, set);
		return 0;
	}
	/* Without a home there is no such file. */
	*wanted =
	    config_path(PLACE_CONFIG, "prices.yaml", path, &ignored) == 0 &&
	    access(path->s, F_OK) == 0;
	return 0;
}

static int
offer(const struct price_model *m, void *data)
{
	tk_suggest_offer(data, price_model_id(m));
	return 0;
}

int
price_model_named(const struct price_book *pb, const char *provider,
    const char *name, const struct price_model **m, struct tk_err *err)
{
	struct tk_suggest near;

	*m = price_resolve(pb, provider, name);
	if (*m != NULL)
		return 0;
	tk_suggest_init(&near, name);
	price_each(pb, offer, &near);
	tk_fail(err, TK_NOTFOUND, "the price book knows no model '%s'%s%s%s",
	    name, provider ? " of '" : "", provider ? provider : "",
	    provider ? "'" : "");
	return tk_suggest_hint(&near, "see 'tokctl price list'", err);
}

int
price_moment(const struct cmd_ctx *ctx, const char *text, int64_t *ms,
    struct tk_err *err)
{
	struct tk_clock clock = cmd_clock(ctx);
	struct tk_range range;

	*ms = ctx->now;
	if (text == NULL || tk_time_parse(text, strlen(text), ctx->zone, ms))
		return 0;
	if (tk_when_parse(text, &clock, &range, err) < 0)
		return tk_wrap(err, "--at");
	*ms = range.since;
	return 0;
}

struct price_args {
	struct cmd_common common;
	const char *provider, *at, *prices;
};

#define OPT_BOOK(S) \
	OPT_STR('p', "provider", S, provider, "provider", HINT_NONE, \
	    "who is asked, where several sell it"), \
	    OPT_STR(0, "at", S, at, "time", HINT_DATE, \
		"as it was then; now, if not given"), \
	    OPT_STR(0, "prices", S, prices, "file", HINT_FILE, \
		"from this price book alone")

static const struct opt price_opts[] = {
	OPT_BOOK(struct price_args),
	OPT_COMMON(struct price_args),
	OPT_END,
};

/* The book to look into: ctx's own, or the one of --prices, which the caller
 * closes. */
static int
open_book(const struct cmd_ctx *ctx, const struct price_args *args,
    struct price_book **opened, const struct price_book **pb,
    struct tk_err *err)
{
	*opened = NULL;
	*pb = ctx->prices;
	if (args->prices == NULL)
		return 0;
	if (price_book_load(opened, args->prices, err) < 0)
		return -1;
	*pb = *opened;
	return 0;
}

static const struct out_col list_cols[] = {
	{ "provider", "Provider", OUT_TEXT, 0 },
	{ "model", "Model", OUT_TEXT, 0 },
	{ "input_usd_per_mtok", "Input", OUT_MONEY, OUT_EXACT },
	{ "cache_read_usd_per_mtok", "Cache read", OUT_MONEY,
	    OUT_EXACT | OUT_MEDIUM },
	{ "cache_write_usd_per_mtok", "Cache write", OUT_MONEY,
	    OUT_EXACT | OUT_WIDE },
	{ "output_usd_per_mtok", "Output", OUT_MONEY, OUT_EXACT },
	{ "from", "Since", OUT_TEXT, OUT_WIDE },
	{ "basis", "Basis", OUT_TEXT, OUT_WIDE },
	{ "context_tokens", "Context", OUT_INT, OUT_WIDE },
	{ "tokenizer", "Tokenizer", OUT_TEXT, OUT_MACHINE },
	OUT_COL_END,
};

struct listing {
	struct out *out;
	const struct price_book *pb;
	const char *provider, *part;
	int64_t at;
};

static void
put_rate(const struct listing *l, const struct price_model *m,
    enum price_part part)
{
	int64_t rate = price_rate_at(l->pb, m, part, l->at);

	if (rate < 0)
		out_null(l->out);
	else
		out_money(l->out, (tk_int128)rate * MILLION);
}

static void
put_from(struct out *o, int64_t from)
{
	struct tk_buf b = TK_BUF_INIT;

	if (from == INT64_MIN) {
		out_null(o);
		return;
	}
	price_time_add(&b, from);
	out_text(o, b.s);
	tk_buf_release(&b);
}

static void
put_text(struct out *o, const char *s)
{
	out_text(o, s != NULL && *s != '\0' ? s : NULL);
}

static int
list_model(const struct price_model *m, void *data)
{
	const struct listing *l = data;
	int64_t from = INT64_MIN;
	const char *basis;
	bool exact;

	if ((l->provider != NULL &&
		strcasecmp(l->provider, price_provider(m)) != 0) ||
	    (l->part != NULL && strcasestr(price_model_id(m), l->part) == NULL))
		return 0;
	basis = price_basis_at(l->pb, m, l->at, &from);
	out_text(l->out, price_provider(m));
	out_text(l->out, price_model_id(m));
	put_rate(l, m, PRICE_INPUT);
	put_rate(l, m, PRICE_CACHE_READ);
	put_rate(l, m, PRICE_CACHE_WRITE_5M);
	put_rate(l, m, PRICE_OUTPUT);
	put_from(l->out, from);
	put_text(l->out, basis);
	if (price_context(m) > 0)
		out_int(l->out, price_context(m));
	else
		out_null(l->out);
	out_text(l->out, price_tokenizer(m, &exact));
	out_end_row(l->out);
	return 0;
}

static int
list_run(struct cmd_ctx *ctx, const void *args_, int argc, const char **argv,
    struct tk_err *err)
{
	const struct price_args *args = args_;
	struct out_doc doc = { .schema = "tokctl.price.list/1",
		.title = "USD for a million tokens" };
	struct listing l = { .out = ctx->out,
		.provider = args->provider,
		.part = argc > 0 ? argv[0] : NULL };
	struct price_book *opened = NULL;

	if (argc > 1)
		return tk_fail(err, TK_USAGE, "'%s' is one word too many",
		    argv[1]);
	if (price_moment(ctx, args->at, &l.at, err) < 0 ||
	    open_book(ctx, args, &opened, &l.pb, err) < 0)
		return -1;
	doc.since = doc.until = l.at;
	out_document(ctx->out, &doc);
	if (l.part != NULL)
		out_filter(ctx->out, "model", l.part);
	if (l.provider != NULL)
		out_filter(ctx->out, "provider", l.provider);
	out_begin(ctx->out, list_cols);
	out_empty(ctx->out, "no such model");
	price_each(l.pb, list_model, &l);
	if (*price_as_of(l.pb) != '\0')
		out_note(ctx->out, "prices as of %s", price_as_of(l.pb));
	price_book_close(opened);
	return 0;
}

static const struct cmd cmd_price_list = {
	.name = "list",
	.summary = "list the models and what they cost",
	.operands = "[part-of-a-name]",
	.examples = "tokctl price list opus\twhat every Opus costs\n"
		    "tokctl price list -p openai --at 2024-06-01\t"
		    "as it was then\n",
	.opts = price_opts,
	.args_size = sizeof(struct price_args),
	.needs = CMD_OUT | CMD_PRICES | CMD_PAGER,
	.run = list_run,
};

static const struct out_col show_cols[] = {
	{ "provider", "Provider", OUT_TEXT, OUT_MACHINE },
	{ "model", "Model", OUT_TEXT, OUT_MACHINE },
	{ "from", "Since", OUT_TEXT, 0 },
	{ "basis", "Basis", OUT_TEXT, 0 },
	{ "when", "When", OUT_TEXT, 0 },
	{ "part", "Part", OUT_TEXT, 0 },
	{ "price", "USD/Mtok", OUT_TEXT, OUT_PEOPLE },
	{ "usd_per_mtok", "", OUT_MONEY, OUT_MACHINE },
	{ "usd_per_unit", "", OUT_MONEY, OUT_MACHINE },
	{ "factor", "", OUT_JSON, OUT_MACHINE },
	{ "ref", "", OUT_TEXT, OUT_MACHINE },
	{ "context_tokens", "", OUT_INT, OUT_MACHINE },
	{ "max_output_tokens", "", OUT_INT, OUT_MACHINE },
	{ "tokenizer", "", OUT_TEXT, OUT_MACHINE },
	{ "tokenizer_exact", "", OUT_BOOL, OUT_MACHINE },
	{ "source", "", OUT_TEXT, OUT_MACHINE },
	OUT_COL_END,
};

struct showing {
	struct out *out;
	struct price_facts facts;
	const char *ref; /* of the row before */
};

/* Once as people read it, then as machines do. */
static void
put_value(struct out *o, const struct price_row *r)
{
	tk_int128 pico = r->fee ? r->value : (tk_int128)r->value * MILLION;
	struct tk_buf b = TK_BUF_INIT;

	if (r->multiplies)
		tk_buf_adds(&b, "x");
	/* A factor in ppm is a count of millionths, as dollars are here. */
	tk_money_add(&b,
	    r->multiplies ? (tk_int128)r->value * (TK_PICO_PER_USD / PPM)
			  : pico);
	if (r->fee)
		tk_buf_adds(&b, " each");
	out_text(o, b.s);
	if (r->multiplies || r->fee)
		out_null(o);
	else
		out_money(o, pico);
	if (r->fee)
		out_money(o, pico);
	else
		out_null(o);
	out_json_text(o, r->multiplies ? b.s + 1 : NULL);
	tk_buf_release(&b);
}

static void
put_count(struct out *o, int64_t n)
{
	if (n > 0)
		out_int(o, n);
	else
		out_null(o);
}

static int
show_row(const struct price_row *r, void *data)
{
	struct showing *s = data;
	struct out *o = s->out;

	out_text(o, s->facts.provider);
	out_text(o, s->facts.id);
	put_from(o, r->from);
	put_text(o, r->basis);
	put_text(o, r->when);
	out_text(o, r->name);
	put_value(o, r);
	put_text(o, r->ref);
	put_count(o, s->facts.context);
	put_count(o, s->facts.max_output);
	put_text(o, s->facts.tokenizer);
	if (*s->facts.tokenizer != '\0')
		out_bool(o, s->facts.tokenizer_exact);
	else
		out_null(o);
	put_text(o, s->facts.source);
	out_end_row(o);
	if (*r->ref != '\0' && r->ref != s->ref)
		out_note(o, "reference: %s", r->ref);
	s->ref = r->ref;
	return 0;
}

static void
note_names(struct out *o, const char *what, const struct price_model *m,
    size_t n, const char *(*name)(const struct price_model *, size_t))
{
	struct tk_buf b = TK_BUF_INIT;

	for (size_t i = 0; i < n; i++)
		tk_buf_addf(&b, "%s%s", i > 0 ? ", " : "", name(m, i));
	if (n > 0)
		out_note(o, "%s: %s", what, b.s);
	tk_buf_release(&b);
}

static void
note_facts(struct out *o, const struct price_model *m,
    const struct price_facts *f)
{
	if (f->context > 0)
		out_note(o, "context: %" PRId64 " tokens", f->context);
	if (f->max_output > 0)
		out_note(o, "output: at most %" PRId64 " tokens",
		    f->max_output);
	if (*f->tokenizer != '\0')
		out_note(o, "tokenizer: %s%s", f->tokenizer,
		    f->tokenizer_exact ? "" : ", which is not public");
	if (f->regional != PPM)
		out_note(o, "within one region: %" PRId64 "%% of that",
		    f->regional / (PPM / 100));
	if (*f->released != '\0')
		out_note(o, "released: %s", f->released);
	if (*f->status != '\0')
		out_note(o, "status: %s%s%s", f->status,
		    *f->retires != '\0' ? ", retires " : "", f->retires);
	note_names(o, "also", m, f->aliases, price_alias);
	note_names(o, "and what fits", m, f->matches, price_match);
	if (*f->note != '\0')
		out_note(o, "note: %s", f->note);
	out_note(o, "from: %s%s%s",
	    f->built_in ? "the built-in book" : "your own prices",
	    *f->source != '\0' ? ", " : "", f->source);
}

static int
show_run(struct cmd_ctx *ctx, const void *args_, int argc, const char **argv,
    struct tk_err *err)
{
	const struct price_args *args = args_;
	struct showing s = { .out = ctx->out };
	struct out_doc doc = { .schema = "tokctl.price.show/1" };
	struct price_book *opened = NULL;
	const struct price_book *pb;
	const struct price_model *m;
	struct tk_buf title = TK_BUF_INIT;
	int rc = -1;

	if (argc != 1) {
		tk_fail(err, TK_USAGE, "which model?");
		return tk_hint(err, "'tokctl price list' has them");
	}
	if (open_book(ctx, args, &opened, &pb, err) < 0)
		return -1;
	if (price_model_named(pb, args->provider, argv[0], &m, err) < 0)
		goto out;
	price_facts(pb, m, &s.facts);
	tk_buf_addf(&title, "%s of %s", s.facts.id, s.facts.provider);
	if (*s.facts.name != '\0')
		tk_buf_addf(&title, ": %s", s.facts.name);
	doc.title = title.s;
	out_document(ctx->out, &doc);
	out_begin(ctx->out, show_cols);
	price_rows(pb, m, show_row, &s);
	note_facts(ctx->out, m, &s.facts);
	rc = 0;
out:
	tk_buf_release(&title);
	price_book_close(opened);
	return rc;
}

static const struct opt show_opts[] = {
	OPT_STR('p', "provider", struct price_args, provider, "provider",
	    HINT_NONE, "who is asked, where several sell it"),
	OPT_STR(0, "prices", struct price_args, prices, "file", HINT_FILE,
	    "from this price book alone"),
	OPT_COMMON(struct price_args),
	OPT_END,
};

static const struct cmd cmd_price_show = {
	.name = "show",
	.summary = "show every price of a model, and since when",
	.operands = "model",
	.examples = "tokctl price show gpt-4o\n"
		    "tokctl price show claude-opus-4-6 -p bedrock\n",
	.opts = show_opts,
	.args_size = sizeof(struct price_args),
	.needs = CMD_OUT | CMD_PRICES | CMD_PAGER,
	.run = show_run,
};

static const struct cmd *const price_verbs[] = { &cmd_price_list,
	&cmd_price_show, &cmd_price_set, &cmd_price_cost, &cmd_price_update,
	&cmd_price_reprice, NULL };

const struct cmd cmd_price = {
	.name = "price",
	.summary = "look up prices, cost calls, take over new prices",
	.verbs = price_verbs,
};
