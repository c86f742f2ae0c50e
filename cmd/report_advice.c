/*
 * tokctl report advice - what would have cost less, and which quotas do not
 * fit; each line with the records that it rests on
 */
#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/mem.h"
#include "base/time.h"
#include "filter.h"
#include "ingest/ingest.h"
#include "ledger/names.h"
#include "limit/people.h"
#include "limit/quota.h"
#include "out/out.h"
#include "report.h"
#include "report/advice.h"
#include "report_out.h"
#include "report_part.h"

struct advice_args {
	struct cmd_common common;
	struct cmd_filter filter;
};

static const struct opt advice_opts[] = {
	OPT_HANDOUT(struct advice_args),
	OPT_FILTER(struct advice_args),
	OPT_COMMON(struct advice_args),
	OPT_END,
};

static const struct out_col advice_cols[] = {
	{ "advice", "Advice", OUT_TEXT, 0 },
	{ "subject", "Of", OUT_TEXT, 0 },
	{ "alternative", "Rather", OUT_TEXT, OUT_MEDIUM },
	{ "requests", "Requests", OUT_INT, 0 },
	{ "cost_usd", "Cost", OUT_MONEY, OUT_WIDE },
	{ "saves_usd", "Saves", OUT_MONEY, 0 },
	{ "text", "", OUT_TEXT, OUT_MACHINE },
	{ "command", "", OUT_TEXT, OUT_MACHINE },
	OUT_COL_END,
};

/* One report while it is printed. */
struct advising {
	struct cmd_ctx *ctx;
	const struct report_query *q;
	const struct cmd_filter *only;
	int line;
};

static void
add_quoted(struct tk_buf *b, const char *s)
{
	tk_buf_adds(b, "'");
	for (; *s != '\0'; s++) {
		if (*s == '\'')
			tk_buf_adds(b, "'\\''");
		else
			tk_buf_add(b, s, 1);
	}
	tk_buf_adds(b, "'");
}

/* The command that lists the records: --option 'name', and what jq is to
 * pick of them ("" for all). */
static void
add_command(const struct advising *a, const char *option, const char *name,
    const char *pick, struct tk_buf *b)
{
	const struct ledger_filter *f = &a->q->filter;
	const struct opt_list *l;
	const char *other;

	tk_buf_adds(b, "tokctl export -f jsonl");
	if (f->since > TK_TIME_MIN) {
		tk_buf_adds(b, " --since ");
		tk_time_add(b, a->ctx->zone, f->since);
	}
	if (f->until <= TK_TIME_MAX) {
		tk_buf_adds(b, " --until ");
		tk_time_add(b, a->ctx->zone, f->until);
	}
	for (int kind = 0; kind < NAME_KINDS; kind++) {
		if (strcmp(pack_names[kind].key, option) == 0)
			continue;
		for (size_t i = 0; i < f->names[kind]; i++) {
			tk_buf_addf(b, " --%s ", pack_names[kind].key);
			add_quoted(b, f->name[kind][i]);
		}
	}
	for (size_t i = 0; cmd_filter_other(a->only, i, &other, &l); i++)
		for (size_t k = 0; k < l->n; k++) {
			tk_buf_addf(b, " --%s ", other);
			add_quoted(b, l->v[k]);
		}
	if (*option != '\0') {
		tk_buf_addf(b, " --%s ", option);
		add_quoted(b, name);
	}
	if (*pick != '\0')
		tk_buf_addf(b, " | jq -c 'select(%s)'", pick);
}

/* The row, and the same as sentences for people. */
static void
put_words(struct advising *a, const char *text, const char *command)
{
	out_text(a->ctx->out, text);
	out_text(a->ctx->out, command);
	out_end_row(a->ctx->out);
	out_note(a->ctx->out, "%d. %s; see: %s", ++a->line, text, command);
}

static void
describe(const struct advice *v, struct tk_buf *text)
{
	switch (v->kind) {
	case ADVICE_MODEL:
		tk_buf_addf(text,
		    "small calls (at most %d tokens in, %d out) of %s would "
		    "have cost less with %s",
		    ADVICE_SMALL_INPUT, ADVICE_SMALL_OUTPUT, v->model,
		    v->other);
		break;
	case ADVICE_CACHE:
		tk_buf_addf(text,
		    "conversations with %s begin with the same prompt again "
		    "and read nothing from a cache",
		    v->model);
		break;
	case ADVICE_BATCH:
		tk_buf_addf(text,
		    "calls of %s with low priority could be a batch", v->model);
		break;
	case ADVICE_FAILED:
		tk_buf_addf(text,
		    "calls of %s that failed were paid for: see whether "
		    "retries can be fewer",
		    v->model);
		break;
	case ADVICE_RETRY:
		tk_buf_addf(text,
		    "calls of %s were sent again as they were within minutes, "
		    "and failed again",
		    v->model);
		break;
	case ADVICE_TRUNCATE:
		tk_buf_addf(text,
		    "conversations with %s grow over %d tokens: cut them with "
		    "'tokctl budget fit --truncate'",
		    v->model, ADVICE_CONVERSATION);
		break;
	case ADVICE_KINDS:
		break;
	}
}

static void
print_advice(struct advising *a, const struct advice *v)
{
	static const char *const picks[ADVICE_KINDS] = {
		[ADVICE_MODEL] = ".success and .total_tokens-.output_tokens"
				 "<=2000 and .output_tokens<=500",
		[ADVICE_CACHE] = ".success and .session and "
				 ".cache_read_tokens+.cache_write_tokens==0",
		[ADVICE_BATCH] = ".success and .priority==\"Low\" and "
				 ".tier==\"standard\"",
		[ADVICE_FAILED] = ".success|not",
		[ADVICE_RETRY] = ".session and (.success|not)",
		[ADVICE_TRUNCATE] = ".success and .session and "
				    ".total_tokens-.output_tokens>100000",
	};
	struct tk_buf text = TK_BUF_INIT, command = TK_BUF_INIT;
	struct out *o = a->ctx->out;

	describe(v, &text);
	add_command(a, "model", v->model, picks[v->kind], &command);
	out_text(o, advice_names[v->kind]);
	out_text(o, v->model);
	out_text(o, v->other);
	out_int(o, v->requests);
	out_money(o, v->cost);
	out_money(o, v->saves);
	put_words(a, text.s, command.s);
	tk_buf_release(&text);
	tk_buf_release(&command);
}

/* How much of a limit was used in each of its periods. */
struct fit {
	tk_int128 most;
	size_t full; /* periods in which all of it was used */
	tk_int128 requests;
};

/* The kind of name that a quota is of; -1: none that records have. */
static int
kind_of(enum limit_scope scope)
{
	switch (scope) {
	case SCOPE_USER:
		return NAME_USER;
	case SCOPE_APPLICATION:
		return NAME_APPLICATION;
	case SCOPE_MODEL:
		return NAME_MODEL;
	case SCOPE_KEY:
		return NAME_KEY;
	default:
		return -1;
	}
}

static int
measure(struct advising *a, const struct quota *quota, enum report_dim dim,
    int64_t limit, struct fit *fit, struct tk_err *err)
{
	struct report_query q = *a->q;
	struct tk_zone *zone = NULL;
	struct report r;
	enum name_kind kind = (enum name_kind)kind_of(quota->of.scope);
	uint32_t id;
	int known, rc;

	*fit = (struct fit){ 0 };
	known = names_find(ledger_names(a->ctx->ledger), kind, quota->of.name,
	    &id, err);
	if (known <= 0)
		return known;
	if (tk_zone_open(&zone, quota->zone, err) < 0)
		return -1;
	q.zone = zone;
	q.filter.name[kind] = &quota->of.name;
	q.filter.names[kind] = 1;
	q.dim[0] = dim;
	q.dims = 1;
	q.latency = false;
	rc = report_run(&r, a->ctx->ledger, &q, err);
	for (size_t i = 0; rc == 0 && i < r.rows; i++) {
		tk_int128 tokens = sums_total(&r.row[i].sums);

		fit->most = tokens > fit->most ? tokens : fit->most;
		fit->full += tokens >= limit;
	}
	if (rc == 0) {
		fit->requests = r.total.v[SUM_REQUESTS];
		report_release(&r);
	}
	tk_zone_free(zone);
	return rc;
}

static void
print_quota(struct advising *a, const struct quota *quota, const char *period,
    int64_t limit, const struct fit *fit)
{
	struct tk_buf text = TK_BUF_INIT, command = TK_BUF_INIT;
	struct out *o = a->ctx->out;
	bool small = fit->full > 0;

	tk_buf_adds(&text, "the quota of ");
	limit_name_add(&text, &quota->of);
	tk_buf_addf(&text, ", %lld tokens a %s, ", (long long)limit, period);
	if (small)
		tk_buf_addf(&text, "was used up on %zu %s%s", fit->full, period,
		    fit->full == 1 ? "" : "s");
	else if (fit->requests == 0)
		tk_buf_adds(&text, "was not used");
	else
		tk_buf_adds(&text, "is more than ten times what was used");
	if (fit->requests == 0) {
		/* No record may name it at all. */
		tk_buf_addf(&command, "tokctl quota show --%s ",
		    limit_scope_name(quota->of.scope));
		add_quoted(&command, quota->of.name);
	} else {
		add_command(a, limit_scope_name(quota->of.scope),
		    quota->of.name, "", &command);
	}
	out_text(o, small ? "quota-small" : "quota-unused");
	out_text(o, quota->of.name);
	out_null(o);
	out_int(o, fit->requests);
	out_null(o);
	out_null(o);
	put_words(a, text.s, command.s);
	tk_buf_release(&text);
	tk_buf_release(&command);
}

static int
look_at_quota(const struct quota *quota, void *data, struct tk_err *err)
{
	static const struct {
		enum quota_limit limit;
		enum report_dim dim;
		const char *period;
	} limits[] = {
		{ QUOTA_DAILY, DIM_DATE, "day" },
		{ QUOTA_MONTHLY, DIM_MONTH, "month" },
	};
	struct advising *a = data;

	if (kind_of(quota->of.scope) < 0)
		return 0;
	for (size_t i = 0; i < TK_LEN(limits); i++) {
		int64_t limit = quota->limit[limits[i].limit];
		struct fit fit;

		if (limit == QUOTA_ABSENT || limit == 0)
			continue;
		if (measure(a, quota, limits[i].dim, limit, &fit, err) < 0)
			return -1;
		if (fit.full > 0 || fit.most * 10 < limit)
			print_quota(a, quota, limits[i].period, limit, &fit);
	}
	return 0;
}

static int
price(struct usage_record *r, void *prices, struct tk_err *err)
{
	return ingest_price(prices, r, err);
}

int
report_part_advice(struct cmd_ctx *ctx, const struct report_query *base,
    const struct cmd_filter *only, bool part, struct tk_err *err)
{
	static const struct out_part advice = { .key = "advice",
		.title = "Advice" };
	struct advising a = { .ctx = ctx, .q = base, .only = only };
	struct advices v;

	if (advice_run(&v, ctx->ledger, base, price, ctx->prices, err) < 0)
		return -1;
	if (part)
		out_part(ctx->out, &advice, advice_cols);
	else
		out_begin(ctx->out, advice_cols);
	for (size_t i = 0; i < v.n; i++)
		print_advice(&a, &v.v[i]);
	if (v.n > 1)
		out_note(ctx->out, "savings overlap: do not add them up");
	advice_release(&v);
	return quota_each(ctx->ledger, look_at_quota, &a, err);
}

static int
advice_report(struct cmd_ctx *ctx, const void *args_, int argc,
    const char **argv, struct tk_err *err)
{
	const struct advice_args *args = args_;
	struct cmd_filter filter = args->filter;
	struct report_query q = { .zone = ctx->zone,
		.now = ctx->now,
		.week_start = ctx->week_start };
	struct out_doc doc = { .schema = "tokctl.report.advice/1" };
	struct tk_buf title = TK_BUF_INIT;
	int rc;

	(void)argc, (void)argv;
	if (!cmd_filter_has_range(&filter))
		filter.since = "30d";
	if (cmd_filter_read(ctx, &filter, &q.filter, err) < 0)
		return -1;
	tk_buf_adds(&title, "Advice, ");
	cmd_filter_title(&args->filter, &title);
	doc.title = title.s;
	report_out_range(ctx, &q.filter, INT64_MAX, INT64_MIN, &doc);
	out_document(ctx->out, &doc);
	tk_buf_release(&title);
	out_empty(ctx->out, "nothing to advise");
	if (ledger_begin_read(ctx->ledger, err) < 0)
		return -1;
	rc = report_part_advice(ctx, &q, &args->filter, false, err);
	ledger_end_read(ctx->ledger);
	return rc;
}

static int
advice_check(const struct cmd_ctx *ctx, const void *args_, int argc,
    const char **argv, struct tk_err *err)
{
	const struct advice_args *args = args_;

	(void)argc, (void)argv;
	return cmd_filter_check(ctx, &args->filter, err);
}

const struct cmd cmd_report_advice = {
	.name = "advice",
	.summary = "show what would have cost less",
	.examples = "tokctl report advice\tof the last 30 days\n"
		    "tokctl report advice --period last-month --json\tone\n",
	.opts = advice_opts,
	.args_size = sizeof(struct advice_args),
	.needs = CMD_OUT | CMD_LEDGER_READ | CMD_PAGER | CMD_PRICES,
	.check = advice_check,
	.run = advice_report,
};
