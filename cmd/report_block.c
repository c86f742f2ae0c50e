/*
 * tokctl report block - usage in windows of five hours
 *
 * Providers' limits are of such windows; which they are is report/block.h's.
 */
#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/mem.h"
#include "base/num.h"
#include "base/time.h"
#include "cmd.h"
#include "config/config.h"
#include "filter.h"
#include "out/out.h"
#include "report.h"
#include "report/block.h"
#include "report_block_by.h"
#include "report_block_rows.h"
#include "report_compat.h"
#include "report_out.h"

struct block_args {
	struct cmd_common common;
	struct cmd_filter filter;
	struct opt_list by;
	bool active, recent;
	const char *limit;
	const char *window;
	int compat;
	bool reverse;
	int64_t top, last;
};

static const struct opt block_opts[] = {
	OPT_LIST(0, "by", struct block_args, by, "dimension", HINT_DIMENSION,
	    "what is in each window, by user, model, ..."),
	OPT_FLAG('a', "active", struct block_args, active,
	    "only the window that is open now"),
	OPT_FLAG(0, "recent", struct block_args, recent,
	    "only windows of the last three days"),
	OPT_STR(0, "token-limit", struct block_args, limit, "n", HINT_NONE,
	    "compare with so many tokens, or with 'max'"),
	OPT_STR(0, "window", struct block_args, window, "time", HINT_NONE,
	    "how long a window lasts (5h)"),
	OPT_CHOICE(0, "compat", struct block_args, compat, "program",
	    report_compats, "print the JSON of this program"),
	OPT_FLAG('r', "reverse", struct block_args, reverse,
	    "the other way round"),
	OPT_INT(0, "top", struct block_args, top, "n",
	    "only the n first rows; windows with --by"),
	OPT_INT(0, "last", struct block_args, last, "n",
	    "only the n latest rows; windows with --by"),
	OPT_HANDOUT(struct block_args),
	OPT_FILTER(struct block_args),
	OPT_COMMON(struct block_args),
	OPT_END,
};

enum { RECENT_DAYS = 3, DAY_MS = 86400000 };
static const char default_window[] = "5h";

/* The line in place i. */
static const struct block_line *
line_at(const struct block_printing *p, size_t lines, size_t i)
{
	return &p->line[p->args->reverse ? lines - 1 - i : i];
}

static void
add_span(struct tk_buf *b, int64_t ms)
{
	tk_buf_addf(b, "%dh%02dm", (int)(ms / 3600000), (int)(ms / 60000 % 60));
}

/* For people: how the window that is open goes on. */
static int
note_active(const struct block_printing *p, struct tk_err *err)
{
	const struct block *b = block_active(&p->b);
	struct tk_buf text = TK_BUF_INIT;
	struct tk_digits d;
	struct block_rate rate;
	struct block_ahead ahead;
	const char *more;

	if (b == NULL)
		return 0;
	if (config_digits(p->ctx->config, &d, err) < 0)
		return -1;
	more = b->sums.v[SUM_UNPRICED] > 0 ? "+" : "";
	tk_buf_adds(&text, "open for another ");
	add_span(&text, b->end - p->ctx->now);
	if (block_rate(b, &rate)) {
		tk_buf_adds(&text, "; ");
		tk_int_add_grouped(&text, rate.tokens_per_minute, &d);
		tk_buf_adds(&text, " tokens/min, ");
		tk_money_add_human(&text, rate.cost_per_hour, -1, &d);
		tk_buf_addf(&text, "%s/h", more);
	}
	if (block_project(b, p->ctx->now, &ahead)) {
		tk_buf_adds(&text, "; at the pace so far ~");
		tk_int_add_grouped(&text, ahead.tokens, &d);
		tk_buf_adds(&text, " tokens, ~");
		tk_money_add_human(&text, ahead.cost, -1, &d);
		tk_buf_adds(&text, more);
	} else {
		tk_buf_adds(&text, "; too early to say how it ends");
	}
	out_note(p->ctx->out, "%s", text.s);
	tk_buf_release(&text);
	return 0;
}

/* by: the dimensions of --by, or none. */
static void
set_document(const struct block_printing *p, const struct report_query *by)
{
	struct out_doc doc = { .schema = "tokctl.report.block/1" };
	struct tk_buf title = TK_BUF_INIT;
	int64_t first = INT64_MAX, last = INT64_MIN;

	for (size_t i = 0; i < p->b.n; i++) {
		if (p->b.block[i].first < first)
			first = p->b.block[i].first;
		if (p->b.block[i].last > last)
			last = p->b.block[i].last;
	}
	tk_buf_addf(&title, "Usage in windows of %s%s",
	    p->args->window != NULL ? p->args->window : default_window,
	    by->dims > 0 ? " by" : "");
	report_out_dims(by, &title);
	tk_buf_adds(&title, ", ");
	cmd_filter_title(&p->args->filter, &title);
	doc.title = title.s;
	report_out_range(p->ctx, &p->q.filter, first, last, &doc);
	out_document(p->ctx->out, &doc);
	tk_buf_release(&title);
}

/* Which models have no price is known of all windows, not of some. */
static int
warn_unpriced(const struct block_printing *p, const struct usage_sums *total,
    struct tk_err *err)
{
	tk_int128 unpriced = 0;

	for (size_t i = 0; i < p->b.n; i++)
		unpriced += p->b.block[i].sums.v[SUM_UNPRICED];
	return report_out_unpriced(p->ctx,
	    total->v[SUM_UNPRICED] == unpriced ? &p->q.filter : NULL, total,
	    err);
}

static int
print_report(struct block_printing *p, size_t lines, struct tk_err *err)
{
	static const struct report_query nothing;
	struct out_col cols[BLOCK_COLS];
	struct usage_sums total = { 0 };

	set_document(p, &nothing);
	block_rows_cols(p, cols);
	out_begin(p->ctx->out, cols);
	out_empty(p->ctx->out,
	    p->args->active ? "no window is open" : "no usage");
	for (size_t i = 0; i < p->shown; i++) {
		const struct block_line *line = line_at(p, lines, i);

		if (line->block == NULL) {
			block_rows_gap(p, line);
			continue;
		}
		block_rows_print(p, line->block);
		sums_add(&total, &line->block->sums);
	}
	block_rows_total(p, &total);
	if (note_active(p, err) < 0)
		return -1;
	return warn_unpriced(p, &total, err);
}

/* --active is one window, without the gap before it; --by has no gaps. */
static bool
is_wanted(const struct block_args *args, const struct block *b)
{
	if (b == NULL)
		return !args->active && args->by.n == 0;
	return !args->active || b->active;
}

static size_t
choose_lines(struct block_printing *p)
{
	size_t n, kept = 0;

	p->line = block_lines(&p->b, &p->q, &n);
	for (size_t i = 0; i < n; i++)
		if (is_wanted(p->args, p->line[i].block))
			p->line[kept++] = p->line[i];
	if ((uint64_t)p->args->last < kept) {
		n = (size_t)p->args->last;
		memmove(p->line, p->line + kept - n, n * sizeof(*p->line));
		kept = n;
	}
	p->shown = (uint64_t)p->args->top < kept ? (size_t)p->args->top : kept;
	return kept;
}

static int
print_compat(struct block_printing *p, size_t lines, struct tk_err *err)
{
	struct block_line *line = tk_xcalloc(lines + 1, sizeof(*line));
	size_t n = 0;
	int rc;

	for (size_t i = 0; i < p->shown; i++)
		line[n++] = *line_at(p, lines, i);
	rc = report_compat_blocks(p->ctx, line, n, p->limit, err);
	free(line);
	return rc;
}

static int
print_by(struct block_printing *p, size_t lines, struct tk_err *err)
{
	const struct block **window = tk_xcalloc(lines + 1, sizeof(*window));
	struct usage_sums total = { 0 };
	struct report_query q;
	size_t n = 0;
	int rc;

	for (size_t i = 0; i < p->shown; i++) {
		window[n] = line_at(p, lines, i)->block;
		sums_add(&total, &window[n++]->sums);
	}
	rc = block_by_read(&q, p->ctx, &p->args->by, err);
	if (rc == 0) {
		q.filter = p->q.filter;
		set_document(p, &q);
		rc = block_by_print(p->ctx, &q, window, n, &total, err);
	}
	if (rc == 0)
		rc = warn_unpriced(p, &total, err);
	free(window);
	return rc;
}

static int
parse_limit(const char *text, int64_t *limit, struct tk_err *err)
{
	*limit = 0;
	if (text == NULL || strcmp(text, "max") == 0)
		return 0;
	if (tk_int_parse(text, strlen(text), limit) && *limit > 0)
		return 0;
	tk_fail(err, TK_USAGE, "--token-limit: '%s' is no number of tokens",
	    text);
	return tk_hint(err,
	    "as '500000', or 'max' for the largest window so far");
}

static int
parse_window(const char *text, int64_t *window, struct tk_err *err)
{
	if (tk_duration_parse(text != NULL ? text : default_window, window,
		err) < 0 ||
	    block_check_window(*window, err) < 0)
		return tk_wrap(err, "--window");
	return 0;
}

static int
block_check(const struct cmd_ctx *ctx, const void *args_, int argc,
    const char **argv, struct tk_err *err)
{
	const struct block_args *args = args_;
	struct report_query q;
	int64_t n;

	(void)argc, (void)argv;
	if (args->top < 1 || args->last < 1)
		return tk_fail(err, TK_USAGE, "--%s takes a positive number",
		    args->top < 1 ? "top" : "last");
	if (args->compat == COMPAT_CCUSAGE_CODEX)
		return tk_fail(err, TK_USAGE,
		    "--compat: 'ccusage codex' has no blocks");
	if (args->by.n > 0 && (args->limit != NULL || args->compat > 0))
		return tk_fail(err, TK_USAGE, "--%s does not go with --by",
		    args->limit != NULL ? "token-limit" : "compat");
	if (block_by_read(&q, ctx, &args->by, err) < 0 ||
	    parse_limit(args->limit, &n, err) < 0 ||
	    parse_window(args->window, &n, err) < 0 ||
	    report_compat_check(ctx, args->compat, err) < 0)
		return -1;
	return cmd_filter_check(ctx, &args->filter, err);
}

static int
make_query(struct block_printing *p, int64_t *limit, struct tk_err *err)
{
	const struct block_args *args = p->args;

	if (parse_limit(args->limit, limit, err) < 0 ||
	    parse_window(args->window, &p->q.window, err) < 0 ||
	    cmd_filter_read(p->ctx, &args->filter, &p->q.filter, err) < 0)
		return -1;
	p->q.now = p->ctx->now;
	p->q.most = args->limit != NULL && *limit == 0;
	p->q.from = INT64_MIN;
	if (args->active)
		p->q.from = p->ctx->now - p->q.window;
	else if (args->recent)
		p->q.from = p->ctx->now - RECENT_DAYS * (int64_t)DAY_MS;
	return 0;
}

static int
print_what(struct block_printing *p, size_t lines, struct tk_err *err)
{
	if (p->args->compat != COMPAT_NONE)
		return print_compat(p, lines, err);
	if (p->args->by.n > 0)
		return print_by(p, lines, err);
	return print_report(p, lines, err);
}

static int
block_report(struct cmd_ctx *ctx, const void *args, int argc, const char **argv,
    struct tk_err *err)
{
	struct block_printing p = { .ctx = ctx, .args = args };
	int64_t limit;
	size_t lines;
	int rc;

	(void)argc, (void)argv;
	if (make_query(&p, &limit, err) < 0 ||
	    ledger_begin_read(ctx->ledger, err) < 0)
		return -1;
	rc = block_run(&p.b, ctx->ledger, &p.q, err);
	if (rc == 0) {
		p.limit = limit > 0 ? limit : p.q.most ? p.b.most : 0;
		lines = choose_lines(&p);
		rc = print_what(&p, lines, err);
	}
	free(p.line);
	block_release(&p.b);
	ledger_end_read(ctx->ledger);
	return rc;
}

static void
block_defaults(void *args)
{
	struct block_args *a = args;

	a->top = a->last = INT64_MAX;
}

const struct cmd cmd_report_block = {
	.name = "block",
	.also = "blocks", /* as ccusage calls it */
	.summary = "show usage in windows of five hours",
	.examples =
	    "tokctl report block --active\tthe window that is open\n"
	    "tokctl report block --by model --recent\twhat was in each\n"
	    "tokctl report block --recent --token-limit max\tthree days\n",
	.opts = block_opts,
	.args_size = sizeof(struct block_args),
	.defaults = block_defaults,
	.needs = CMD_OUT | CMD_LEDGER_READ | CMD_PAGER,
	.check = block_check,
	.run = block_report,
};
