/*
 * tokctl report calendar - a year at a glance, a shade for each day
 */
#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/mem.h"
#include "base/num.h"
#include "base/time.h"
#include "config/config.h"
#include "filter.h"
#include "limit/people.h"
#include "out/out.h"
#include "report.h"
#include "report/shade.h"
#include "report_out.h"
#include "report_part.h"
#include "report_series.h"

struct calendar_args {
	struct cmd_common common;
	struct cmd_filter filter;
	int metric; /* enum series_metric */
	const char *last;
};

static const struct opt calendar_opts[] = {
	OPT_CHOICE('M', "metric", struct calendar_args, metric, "metric",
	    series_metrics, "shade by tokens, cost or requests"),
	OPT_STR(0, "last", struct calendar_args, last, "weeks", HINT_NONE,
	    "so many weeks, this one included (53)"),
	OPT_HANDOUT(struct calendar_args),
	OPT_FILTER(struct calendar_args),
	OPT_COMMON(struct calendar_args),
	OPT_END,
};

enum { WEEKS = 53, MAX_WEEKS = 5300, DAYS = 7, LABEL = 5, TEXT_WIDTH = 80 };

/* One report while it is printed. */
struct calendar {
	struct cmd_ctx *ctx;
	const struct calendar_args *args;
	struct report_query q;
	struct report r;
	struct shade shade;
	int32_t first, last; /* days, both belong to it */
	int32_t monday;      /* of the first week; or the day weeks begin on */
	size_t weeks;
};

static tk_int128
value_of(const struct calendar *c, const struct report_row *row)
{
	switch ((enum series_metric)c->args->metric) {
	case SERIES_COST:
		return row->sums.v[SUM_COST];
	case SERIES_REQUESTS:
		return row->sums.v[SUM_REQUESTS];
	default:
		return sums_total(&row->sums);
	}
}

static int
level_of(const struct calendar *c, const struct report_row *row)
{
	return shade_of(&c->shade, value_of(c, row));
}

static void
prepare_shades(struct calendar *c)
{
	tk_int128 *value = tk_xcalloc(c->r.rows + 1, sizeof(*value));

	for (size_t i = 0; i < c->r.rows; i++)
		value[i] = value_of(c, &c->r.row[i]);
	shade_init(&c->shade, value, c->r.rows);
	free(value);
}

/* The days, as machines read them. */
static void
print_days(const struct calendar *c)
{
	static const struct out_col day_cols[] = {
		{ "date", "Date", OUT_DAY, 0 },
		{ "complete", "", OUT_BOOL, OUT_MACHINE },
		{ "level", "Level", OUT_INT, 0 },
	};
	struct out_col cols[TK_LEN(day_cols) + REPORT_SUM_COLS];
	struct out *o = c->ctx->out;

	memcpy(cols, day_cols, sizeof(day_cols));
	memcpy(cols + TK_LEN(day_cols), report_sum_cols,
	    sizeof(report_sum_cols));
	out_begin(o, cols);
	out_empty(o, "no usage");
	for (size_t i = 0; i < c->r.rows; i++) {
		const struct report_row *row = &c->r.row[i];

		out_day(o, (int32_t)row->key[0]);
		out_bool(o,
		    report_key_end(&c->q, DIM_DATE, row->key[0]) <=
			c->ctx->now);
		out_int(o, level_of(c, row));
		report_out_sums(o, &row->sums);
		out_bar(o, value_of(c, row));
		out_end_row(o);
	}
	out_total(o);
	for (size_t i = 0; i < TK_LEN(day_cols); i++)
		out_null(o);
	report_out_sums(o, &c->r.total);
	out_null(o);
	out_end_row(o);
}

static const struct report_row *
row_of(const struct calendar *c, int32_t day)
{
	size_t low = 0, high = c->r.rows;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (c->r.row[middle].key[0] < day)
			low = middle + 1;
		else
			high = middle;
	}
	return low < c->r.rows && c->r.row[low].key[0] == day ? &c->r.row[low]
							      : NULL;
}

/* "Sep" over the first week that has a first of the month, or the first day
 * of all. */
static void
add_months(const struct calendar *c, size_t from, size_t to, size_t cell,
    struct tk_buf *b)
{
	static const char names[][4] = { "Jan", "Feb", "Mar", "Apr", "May",
		"Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
	size_t start = b->len;

	for (size_t week = from; week < to; week++) {
		int32_t day = c->monday + (int32_t)week * DAYS;
		size_t at = start + (week - from) * cell;
		int year, month, mday;

		tk_day_to_civil(day + DAYS - 1, &year, &month, &mday);
		if (mday > DAYS || day + DAYS - 1 > c->last + DAYS ||
		    b->len > at)
			continue;
		while (b->len < at)
			tk_buf_adds(b, " ");
		tk_buf_adds(b, names[month - 1]);
	}
}

/* The same weekday of these weeks. */
static void
add_line(const struct calendar *c, size_t from, size_t to, int weekday,
    size_t cell, struct tk_buf *b)
{
	for (size_t week = from; week < to; week++) {
		int32_t day = c->monday + (int32_t)week * DAYS + weekday;
		const struct report_row *row = row_of(c, day);
		char shade = (char)(1 + (row != NULL ? level_of(c, row) : 0));

		if (day < c->first || day > c->last)
			shade = ' ';
		tk_buf_add(b, &shade, 1);
		if (cell > 1) {
			tk_buf_add(b, &shade, 1);
			tk_buf_adds(b, week + 1 < to ? " " : "");
		}
	}
}

static void
put_line(struct out *o, const char *label, const struct tk_buf *b)
{
	out_text(o, label);
	out_shades(o, b->s);
	out_end_row(o);
}

static void
print_weeks(const struct calendar *c, size_t from, size_t to, size_t cell)
{
	static const char names[DAYS][4] = { "Mon", "Tue", "Wed", "Thu", "Fri",
		"Sat", "Sun" };
	struct out *o = c->ctx->out;
	struct tk_buf b = TK_BUF_INIT;

	add_months(c, from, to, cell, &b);
	put_line(o, "", &b);
	for (int i = 0; i < DAYS; i++) {
		tk_buf_reset(&b);
		add_line(c, from, to, i, cell, &b);
		put_line(o, i % 2 ? "" : names[(c->ctx->week_start + i) % DAYS],
		    &b);
	}
	tk_buf_reset(&b);
	put_line(o, "", &b);
	tk_buf_release(&b);
}

/* The same for people: a column a week, in as many stripes as it takes. */
static void
print_picture(const struct calendar *c)
{
	static const struct out_part part = { .key = "calendar",
		.title = "",
		.flags = OUT_PEOPLE | OUT_TWIN };
	static const struct out_col cols[] = {
		{ "weekday", "", OUT_TEXT, 0 },
		{ "weeks", "", OUT_SHADES, 0 },
		OUT_COL_END,
	};
	int width = out_width(c->ctx->out);
	size_t room = (size_t)(width > 0 ? width : TEXT_WIDTH);
	size_t cell = 3, stripe;

	room = room > LABEL + cell ? room - LABEL : cell;
	if (c->weeks * cell > room + 1)
		cell = 1;
	stripe = cell == 3 ? c->weeks : room;
	out_part(c->ctx->out, &part, cols);
	for (size_t from = 0; from < c->weeks; from += stripe)
		print_weeks(c, from,
		    from + stripe < c->weeks ? from + stripe : c->weeks, cell);
	out_text(c->ctx->out, "");
	out_shades(c->ctx->out, "none \1\1  quartiles \2\2 \3\3 \4\4 \5\5");
	out_end_row(c->ctx->out);
}

static int
note_busiest(const struct calendar *c, struct tk_err *err)
{
	const struct report_row *most = NULL;
	struct tk_buf text = TK_BUF_INIT;
	struct tk_digits d;

	for (size_t i = 0; i < c->r.rows; i++)
		if (most == NULL ||
		    value_of(c, &c->r.row[i]) > value_of(c, most))
			most = &c->r.row[i];
	if (most == NULL)
		return 0;
	if (config_digits(c->ctx->config, &d, err) < 0)
		return -1;
	tk_day_add(&text, (int32_t)most->key[0]);
	tk_buf_adds(&text, ": ");
	if (c->args->metric == SERIES_COST) {
		tk_money_add_human(&text, value_of(c, most), -1, &d);
	} else {
		tk_int_add_grouped(&text, value_of(c, most), &d);
		tk_buf_addf(&text, " %s", series_metrics[c->args->metric].name);
	}
	out_note(c->ctx->out, "busiest %s", text.s);
	tk_buf_release(&text);
	return 0;
}

static int
parse_weeks(const char *text, int64_t *weeks, struct tk_err *err)
{
	size_t len = text == NULL ? 0 : strlen(text);

	*weeks = WEEKS;
	if (text == NULL)
		return 0;
	if (len > 1 && text[len - 1] == 'w')
		len--;
	if (tk_int_parse(text, len, weeks) && *weeks > 0 && *weeks <= MAX_WEEKS)
		return 0;
	tk_fail(err, TK_USAGE, "--last: '%s' is no number of weeks", text);
	return tk_hint(err, "as '12' or '12w'");
}

static int
set_range(struct calendar *c, struct tk_err *err)
{
	struct ledger_filter *f = &c->q.filter;
	int64_t weeks;
	int32_t today = tk_zone_day(c->ctx->zone, c->ctx->now);

	if (parse_weeks(c->args->last, &weeks, err) < 0 ||
	    cmd_filter_read(c->ctx, &c->args->filter, f, err) < 0)
		return -1;
	if (!cmd_filter_has_range(&c->args->filter))
		f->since = tk_zone_day_start(c->ctx->zone,
		    tk_day_week(today, c->ctx->week_start) -
			(int32_t)(weeks - 1) * DAYS);
	return 0;
}

/* Which days the picture has: those of the range, but none before the first
 * record when it has no start. */
static int
set_days(struct calendar *c, struct tk_err *err)
{
	const struct ledger_filter *f = &c->q.filter;
	int64_t since = f->since, until = f->until;

	if (until > c->ctx->now)
		until = c->ctx->now + 1;
	if (c->r.rows > 0 && c->r.last >= until)
		until = c->r.last + 1;
	if (since <= TK_TIME_MIN)
		since = c->r.rows > 0 ? c->r.first : until - 1;
	c->first = tk_zone_day(c->ctx->zone, since);
	c->last = tk_zone_day(c->ctx->zone, until - 1);
	c->monday = tk_day_week(c->first, c->ctx->week_start);
	if ((c->last - c->monday) / DAYS >= MAX_WEEKS) {
		tk_fail(err, TK_USAGE, "the range has more than %d weeks",
		    MAX_WEEKS);
		return tk_hint(err, "use a later --since");
	}
	c->weeks = (size_t)((c->last - c->monday) / DAYS) + 1;
	return 0;
}

static int
print_calendar(struct calendar *c, struct tk_err *err)
{
	struct tk_buf title = TK_BUF_INIT;
	struct out_doc doc = { .schema = "tokctl.report.calendar/1",
		.flags = OUT_MACHINE,
		.picture = OUT_CALENDAR,
		.week_start = c->ctx->week_start };

	if (set_days(c, err) < 0)
		return -1;
	tk_buf_addf(&title, "%s by day, ",
	    c->args->metric == SERIES_COST           ? "Cost"
		: c->args->metric == SERIES_REQUESTS ? "Requests"
						     : "Tokens");
	cmd_filter_title(&c->args->filter, &title);
	doc.title = title.s;
	report_out_range(c->ctx, &c->q.filter, c->r.first, c->r.last, &doc);
	out_document(c->ctx->out, &doc);
	tk_buf_release(&title);
	prepare_shades(c);
	print_days(c);
	if (c->r.rows > 0)
		print_picture(c);
	if (note_busiest(c, err) < 0)
		return -1;
	return report_out_unpriced(c->ctx, &c->q.filter, &c->r.total, err);
}

static int
calendar_run(struct cmd_ctx *ctx, const void *args, int argc, const char **argv,
    struct tk_err *err)
{
	struct calendar c = { .ctx = ctx, .args = args };
	int rc;

	(void)argc, (void)argv;
	c.q.zone = ctx->zone;
	c.q.now = ctx->now;
	c.q.week_start = ctx->week_start;
	c.q.departments = person_departments;
	c.q.dim[c.q.dims++] = DIM_DATE;
	if (set_range(&c, err) < 0 ||
	    report_run(&c.r, ctx->ledger, &c.q, err) < 0)
		return -1;
	rc = print_calendar(&c, err);
	report_release(&c.r);
	return rc;
}

static int
calendar_check(const struct cmd_ctx *ctx, const void *args_, int argc,
    const char **argv, struct tk_err *err)
{
	const struct calendar_args *args = args_;
	int64_t weeks;

	(void)argc, (void)argv;
	if (parse_weeks(args->last, &weeks, err) < 0)
		return -1;
	if (args->last != NULL && cmd_filter_has_range(&args->filter))
		return tk_fail(err, TK_USAGE,
		    "--last does not go with another range");
	return cmd_filter_check(ctx, &args->filter, err);
}

const struct cmd cmd_report_calendar = {
	.name = "calendar",
	.summary = "show a year at a glance, by day",
	.examples = "tokctl report calendar\tthe last 53 weeks\n"
		    "tokctl report calendar --last 12w -M cost\ttwelve\n",
	.opts = calendar_opts,
	.args_size = sizeof(struct calendar_args),
	.needs = CMD_OUT | CMD_LEDGER_READ | CMD_PAGER,
	.check = calendar_check,
	.run = calendar_run,
};
