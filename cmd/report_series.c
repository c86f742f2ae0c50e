/* What trend, forecast and anomalies share: see report_series.h. */
#include "report_series.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/time.h"
#include "out/out.h"
#include "report_out.h"

enum { LEVEL = 95, LEAST_LEVEL = 50, MOST_LEVEL = 99, MOST_HORIZON = 1000 };

void
series_defaults(void *args_)
{
	struct series_args *args = args_;

	args->step = DIM_DATE;
	args->metric = SERIES_COST;
	args->level = LEVEL;
	args->horizon = SERIES_ITS_HORIZON;
}

int
series_check(const struct cmd_ctx *ctx, const void *args_, int argc,
    const char **argv, struct tk_err *err)
{
	const struct series_args *args = args_;

	(void)argc, (void)argv;
	if (args->level < LEAST_LEVEL || args->level > MOST_LEVEL)
		return tk_fail(err, TK_USAGE, "--level takes %d to %d percent",
		    LEAST_LEVEL, MOST_LEVEL);
	if (args->horizon != SERIES_ITS_HORIZON &&
	    (args->horizon < 1 || args->horizon > MOST_HORIZON))
		return tk_fail(err, TK_USAGE, "--horizon takes 1 to %d",
		    MOST_HORIZON);
	return cmd_filter_check(ctx, &args->filter, err);
}

int
series_read(struct cmd_ctx *ctx, const struct series_args *args,
    const char *schema, const char *title, struct series_query *q,
    struct series *s, struct tk_err *err)
{
	struct tk_buf text = TK_BUF_INIT;
	struct out_doc doc = { .schema = schema };

	*q = (struct series_query){ .zone = ctx->zone,
		.now = ctx->now,
		.week_start = ctx->week_start,
		.step = (enum report_dim)args->step };
	if (cmd_filter_read(ctx, &args->filter, &q->filter, err) < 0 ||
	    series_run(s, ctx->ledger, q, err) < 0)
		return -1;
	tk_buf_addf(&text, "%s, ", title);
	cmd_filter_title(&args->filter, &text);
	doc.title = text.s;
	if (s->n > 0) {
		doc.since = s->start[0];
		doc.until = s->start[s->n];
	} else {
		report_out_range(ctx, &q->filter, INT64_MAX, INT64_MIN, &doc);
	}
	out_document(ctx->out, &doc);
	tk_buf_release(&text);
	return 0;
}

const char *
series_step_name(enum report_dim step)
{
	for (const struct tk_choice *c = series_steps; c->name != NULL; c++)
		if (c->value == (int)step)
			return c->name;
	return "";
}

enum out_type
series_out_type(enum series_metric metric)
{
	return metric == SERIES_COST ? OUT_MONEY : OUT_INT;
}

static bool
is_known(double value)
{
	return isfinite(value) && fabs(value) <= 1e36;
}

/* Digits that an estimate does not have are not shown. */
static tk_int128
rounded(enum series_metric metric, double value)
{
	return metric == SERIES_COST ? (tk_int128)round(value / 1e6) * 1000000
				     : (tk_int128)round(value);
}

void
series_out(struct out *o, enum series_metric metric, double value)
{
	if (!is_known(value))
		out_null(o);
	else if (metric == SERIES_COST)
		out_money(o, rounded(metric, value));
	else
		out_int(o, rounded(metric, value));
}

void
series_out_bar(struct out *o, enum series_metric metric, double value)
{
	out_bar(o, is_known(value) ? rounded(metric, value) : 0);
}

void
series_out_period(struct out *o, enum report_dim step,
    const struct tk_zone *zone, int64_t start)
{
	if (step == DIM_HOUR)
		out_time(o, start);
	else
		out_day(o, tk_zone_day(zone, start));
}

void
series_out_ratio(struct out *o, double ratio)
{
	if (!isfinite(ratio) || fabs(ratio) > 1e12)
		out_null(o);
	else
		out_ratio(o, (tk_int128)round(ratio * 1e6), 1000000);
}

void
series_out_decimal(struct out *o, double v)
{
	char text[64];
	size_t n;

	if (!isfinite(v) || fabs(v) > 1e36) {
		out_null(o);
		return;
	}
	n = (size_t)snprintf(text, sizeof(text), "%.*f", fabs(v) < 100 ? 3 : 0,
	    v);
	while (strchr(text, '.') != NULL && text[n - 1] == '0')
		text[--n] = '\0';
	if (text[n - 1] == '.')
		text[--n] = '\0';
	out_json_text(o, strcmp(text, "-0") == 0 ? "0" : text);
}
