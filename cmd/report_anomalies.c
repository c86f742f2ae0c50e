/*
 * tokctl report anomalies - what stood out, judged by what was before it
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/mem.h"
#include "out/out.h"
#include "report.h"
#include "report_out.h"
#include "report_series.h"
#include "stats/anomaly.h"
#include "stats/robust.h"

static const struct opt anomaly_opts[] = {
	OPT_METRIC,
	OPT_PLOT(struct series_args),
	OPT_SERIES,
	OPT_END,
};

/* Episodes are looked for in what is left after the usual level of that hour
 * of the week or day of the week, once three weeks are known. */
enum { WEEKS_KNOWN = 3, REST_HOURS = 24, REST_OTHERS = 3 };

struct looking {
	const struct series *s;
	enum series_metric metric;
	size_t season;
	double *y, *usual, *score;
};

/* The median of the same place in all seasons before; without enough of
 * them, of all values before. */
static double
usual_before(const struct looking *k, size_t i)
{
	double *v = tk_xcalloc(i + 1, sizeof(*v)), median = 0;
	size_t n = 0;

	if (k->season > 1 && i >= k->season * WEEKS_KNOWN)
		for (size_t j = i % k->season; j < i; j += k->season)
			v[n++] = k->y[j];
	else
		for (; n < i; n++)
			v[n] = k->y[n];
	if (n > 0)
		median = stats_median(v, n);
	free(v);
	return median;
}

static void
look(struct looking *k)
{
	size_t n = k->s->n;
	double *off = tk_xcalloc(n + 1, sizeof(*off));

	for (size_t i = 0; i < n; i++) {
		k->usual[i] = usual_before(k, i);
		off[i] = k->y[i] - k->usual[i];
	}
	anomaly_scores(off, n, k->s->step == DIM_HOUR ? ANOMALY_LATEST : 1,
	    k->score);
	free(off);
}

static void
anomaly_cols(const struct looking *k, struct out_col cols[8])
{
	static const char *const key[SERIES_METRICS][2] = {
		{ "total_tokens", "usual_tokens" },
		{ "cost_usd", "usual_cost_usd" },
		{ "requests", "usual_requests" },
	};
	static const char *const title[SERIES_METRICS] = { "Tokens", "Cost",
		"Requests" };
	enum out_type type = series_out_type(k->metric);
	bool hour = k->s->step == DIM_HOUR;

	cols[0] = (struct out_col){ hour ? "hour" : "date",
		hour ? "Hour" : "From", hour ? OUT_TIME : OUT_DAY, 0 };
	cols[1] =
	    (struct out_col){ key[k->metric][0], title[k->metric], type, 0 };
	cols[2] = (struct out_col){ key[k->metric][1], "Usual", type, 0 };
	cols[3] = (struct out_col){ "periods", "Lasted", OUT_INT, OUT_WIDE };
	cols[4] = (struct out_col){ "score", "Score", OUT_JSON, 0 };
	cols[5] = (struct out_col){ "reason", "Reason", OUT_TEXT, 0 };
	cols[6] = (struct out_col)OUT_COL_END;
}

static void
add_reason(struct tk_buf *b, const struct looking *k, size_t i)
{
	double y = k->y[i], usual = k->usual[i];
	const char *what = series_metrics[k->metric].name;

	if (usual <= 0)
		tk_buf_addf(b, "%s where there is usually none", what);
	else if (y <= 0)
		tk_buf_addf(b, "no %s at all", what);
	else if (y >= usual)
		tk_buf_addf(b, "%.1f times the usual %s", y / usual, what);
	else
		tk_buf_addf(b, "%.0f %% of the usual %s", y / usual * 100,
		    what);
}

/* The way back from a peak may surprise more than the peak, but is no news. */
static size_t
farthest_off(const struct looking *k, const struct anomaly_episode *e)
{
	size_t at = e->from;

	for (size_t i = e->from; i < e->end; i++)
		if (fabs(k->y[i] - k->usual[i]) > fabs(k->y[at] - k->usual[at]))
			at = i;
	return at;
}

static void
print_episode(struct out *o, const struct looking *k,
    const struct tk_zone *zone, const struct anomaly_episode *e)
{
	struct tk_buf b = TK_BUF_INIT;
	size_t at = farthest_off(k, e);

	series_out_period(o, k->s->step, zone, k->s->start[at]);
	series_out(o, k->metric, k->y[at]);
	series_out(o, k->metric, k->usual[at]);
	out_int(o, (tk_int128)(e->end - e->from));
	tk_buf_addf(&b, "%.1f", k->score[e->peak]);
	out_json_text(o, b.s);
	tk_buf_reset(&b);
	add_reason(&b, k, at);
	out_text(o, b.s);
	out_end_row(o);
	tk_buf_release(&b);
}

static void
looking_init(struct looking *k, const struct series *s,
    enum series_metric metric)
{
	size_t season[2];

	series_seasons(s->step, season);
	*k = (struct looking){ .s = s,
		.metric = metric,
		.season = season[1] > 0 && s->step == DIM_HOUR ? season[1]
							       : season[0],
		.y = series_numbers(s, metric),
		.usual = tk_xcalloc(s->n + 1, sizeof(*k->usual)),
		.score = tk_xcalloc(s->n + 1, sizeof(*k->score)) };
}

static void
looking_release(struct looking *k)
{
	free(k->y);
	free(k->usual);
	free(k->score);
}

bool
series_last_is_odd(const struct series *s, enum series_metric metric,
    struct tk_buf *why)
{
	struct looking k;
	double y, usual;
	bool odd;

	if (s->n <= ANOMALY_LEARN)
		return false;
	looking_init(&k, s, metric);
	look(&k);
	y = k.y[s->n - 1];
	usual = k.usual[s->n - 1];
	/* The way back from a peak is no news. */
	odd = k.score[s->n - 1] >= ANOMALY_THRESHOLD &&
	    (y > usual * 1.25 || y < usual * 0.75);
	if (odd)
		add_reason(why, &k, s->n - 1);
	looking_release(&k);
	return odd;
}

static void
run(struct cmd_ctx *ctx, struct looking *k)
{
	struct out *o = ctx->out;
	struct anomaly_episode e;
	struct out_col cols[8];
	size_t at = 0, n = k->s->n;
	size_t rest = k->s->step == DIM_HOUR ? REST_HOURS : REST_OTHERS;

	anomaly_cols(k, cols);
	out_begin(o, cols);
	if (n <= ANOMALY_LEARN) {
		out_empty(o, "too little usage to say what is usual");
		out_warning(o, "too_little_data",
		    "%zu whole %ss of usage; more than %d are needed", n,
		    series_step_name(k->s->step), ANOMALY_LEARN);
		return;
	}
	look(k);
	out_empty(o, "nothing stood out");
	while (anomaly_next(k->score, n, ANOMALY_THRESHOLD, rest, &at, &e))
		print_episode(o, k, ctx->zone, &e);
}

static int
anomalies_run(struct cmd_ctx *ctx, const void *args_, int argc,
    const char **argv, struct tk_err *err)
{
	const struct series_args *args = args_;
	struct series_query q;
	struct looking k;
	struct series s;
	int rc;

	(void)argc, (void)argv;
	if (series_read(ctx, args, "tokctl.report.anomalies/1",
		"What stood out", &q, &s, err) < 0)
		return -1;
	looking_init(&k, &s, (enum series_metric)args->metric);
	run(ctx, &k);
	rc = report_out_unpriced(ctx, &q.filter, &s.total, err);
	looking_release(&k);
	series_release(&s);
	return rc;
}

const struct cmd cmd_report_anomalies = {
	.name = "anomalies",
	.summary = "show what stood out, and why",
	.examples = "tokctl report anomalies --since 90d\tby day\n"
		    "tokctl report anomalies -g hour -M tokens\tby hour\n",
	.opts = anomaly_opts,
	.args_size = sizeof(struct series_args),
	.defaults = series_defaults,
	.needs = CMD_OUT | CMD_LEDGER_READ | CMD_PAGER,
	.check = series_check,
	.run = anomalies_run,
};
