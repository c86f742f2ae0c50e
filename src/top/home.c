/* The two boxes: what a user's dashboard and monitor show. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/time.h"
#include "top/frame_int.h"

enum {
	MINUTE_MS = 60000,
	VALUE_END = 29, /* numbers end there */
	BAR_X = 55,
	FIRST_H = 11,  /* rows of the first box */
	SECOND_H = 10, /* and of the second, with three applications */
	TEXT_X = 20,   /* of lines without a box, what is behind the label */
	LONG_W = 66,   /* columns from which such lines say all of it */
};

/* "Daily Usage:   2,450 / 10,000 tokens  (24.5%) ###|      ok" */
static void
draw_usage(struct frame *f, const char *label, const struct usage_sums *s,
    enum limit_period period)
{
	const struct top_limit *l = top_model_quota(f->m, period);
	struct tk_buf b = TK_BUF_INIT, whole = TK_BUF_INIT, part = TK_BUF_INIT;

	cells_put(f->g, f->y, 2, ROLE_HEAD, label);
	frame_tokens(f, &b, l != NULL ? l->used : sums_total(s), 11);
	cells_put_right(f->g, f->y, VALUE_END, ROLE_PLAIN, b.s);
	if (l == NULL) {
		cells_put(f->g, f->y, VALUE_END + 1, ROLE_PLAIN,
		    "tokens, no limit");
	} else {
		enum cell_role role = frame_role(l->state);

		frame_tokens(f, &whole, l->amount, 7);
		cells_putf(f->g, f->y, VALUE_END + 1, ROLE_PLAIN, "/ %s%s",
		    whole.s, cells_width(whole.s) <= 7 ? " tokens" : "");
		frame_percent(f, &part, l->used, l->amount, 1, 6);
		tk_buf_reset(&b);
		tk_buf_addf(&b, "(%s)", part.s);
		cells_put_right(f->g, f->y, BAR_X - 1, role, b.s);
		cells_fill(f->g, f->y, BAR_X, f->w - 62, role, l->used,
		    l->amount, frame_pace(f, l));
		cells_put(f->g, f->y, f->w - 5, role, frame_word(l->state));
	}
	f->y++;
	tk_buf_release(&b);
	tk_buf_release(&whole);
	tk_buf_release(&part);
}

/* A number that ends where those above and below it end, and its text. */
static void
draw_value(struct frame *f, const char *label, const char *number,
    const char *text)
{
	cells_put(f->g, f->y, 2, ROLE_HEAD, label);
	cells_put_right(f->g, f->y, VALUE_END, ROLE_PLAIN, number);
	cells_put_name(f->g, f->y, VALUE_END + 1, f->w - 2 - VALUE_END - 1,
	    ROLE_PLAIN, text);
}

static void
add_since(const struct frame *f, struct tk_buf *b, int64_t since)
{
	struct tk_buf t = TK_BUF_INIT;

	tk_time_add_minute(&t, f->s->zone, since);
	tk_buf_addf(b, "since %s",
	    since >= f->m->day.since && t.len == 16 ? t.s + 11 : t.s);
	tk_buf_release(&t);
}

static void
draw_session(struct frame *f)
{
	struct top_session s;
	struct tk_buf b = TK_BUF_INIT, text = TK_BUF_INIT;

	if (top_model_session(f->m, &s)) {
		frame_tokens(f, &b, s.tokens, 11);
		draw_value(f, "Current Session:", b.s, "tokens");
		add_since(f, &text, s.since);
		cells_put_name(f->g, f->y, BAR_X, f->w - 2 - BAR_X, ROLE_PLAIN,
		    text.s);
	} else {
		draw_value(f, "Current Session:", "-",
		    "no session since yesterday");
	}
	f->y++;
	tk_buf_release(&b);
	tk_buf_release(&text);
}

static void
draw_cost(struct frame *f)
{
	const struct now_figures *n = &f->m->figures;
	struct tk_buf b = TK_BUF_INIT;

	frame_sums_cost(f, &b, &n->today, 11);
	draw_value(f, "Cost Today:", b.s, "");
	frame_sums_cost(f, &b, &n->this_month, 12);
	cells_putf(f->g, f->y, BAR_X, ROLE_PLAIN, "month %s", b.s);
	f->y++;
	tk_buf_release(&b);
}

static void
draw_actions(struct frame *f)
{
	static const struct {
		const char *key, *what, *verb, *rest;
	} acts[] = {
		{ "o", "View detailed report", "report daily", " --full" },
		{ "a", "Set usage alerts", "alert add", " --at 80%" },
		{ "l", "Adjust quota settings", "quota set", " --daily N" },
	};
	const char *user = f->m->user;
	struct tk_buf b = TK_BUF_INIT;

	cells_put(f->g, f->y++, 2, ROLE_HEAD, "Quick actions");
	for (size_t i = 0; i < TK_LEN(acts); i++, f->y++) {
		cells_put(f->g, f->y, 4, ROLE_KEY, acts[i].key);
		cells_put(f->g, f->y, 7, ROLE_PLAIN, acts[i].what);
		tk_buf_reset(&b);
		tk_buf_addf(&b, "tokctl %s", acts[i].verb);
		if (user != NULL)
			tk_buf_addf(&b, " --user %s", user);
		else if (i > 0)
			tk_buf_adds(&b, " --everyone");
		tk_buf_adds(&b, acts[i].rest);
		cells_put_name(f->g, f->y, 34, f->w - 36, ROLE_DIM, b.s);
	}
	tk_buf_release(&b);
}

static void
draw_dashboard(struct frame *f)
{
	const struct now_figures *n = &f->m->figures;
	int end = f->y + FIRST_H;

	cells_frame(f->g, f->y++, 0, FIRST_H, f->w,
	    "Token Usage Dashboard - User",
	    cells_width(f->s->scope) < 40 ? f->s->scope : "");
	draw_usage(f, "Daily Usage:", &n->today, PERIOD_DAY);
	draw_usage(f, "Monthly Usage:", &n->this_month, PERIOD_MONTH);
	draw_session(f);
	draw_cost(f);
	f->y++;
	draw_actions(f);
	f->y = end;
}

/* How long the day's limit lasts at the rate of the last five minutes. */
static void
add_duration(const struct frame *f, struct tk_buf *b, bool brief)
{
	const struct top_limit *l = top_model_quota(f->m, PERIOD_DAY);
	const struct usage_sums *s = &f->m->figures.today;
	struct now_rate five;
	int64_t ms;

	now_rate(&f->m->figures, f->m->now, 5, &five);
	if (l == NULL)
		tk_buf_adds(b, "no daily limit");
	else if (l->used >= l->amount)
		tk_buf_adds(b,
		    brief ? "limit is reached" : "the daily limit is reached");
	else if (five.tokens_per_minute <= 0)
		tk_buf_adds(b,
		    brief ? "nothing used now" : "nothing is used now");
	else if (s->v[SUM_REQUESTS] < 3 ||
	    f->m->now - f->m->figures.day < 5 * MINUTE_MS)
		tk_buf_adds(b, "too early to say");
	else if (!top_limit_lasts(f->m, l, &ms))
		tk_buf_adds(b,
		    brief ? "more than the day"
			  : "longer than the day at this rate");
	else {
		frame_span(b, ms);
		if (!brief)
			tk_buf_adds(b, " at this rate, until the daily limit");
	}
}

static void
add_projected(const struct frame *f, struct tk_buf *b, bool brief)
{
	const struct top_limit *l = top_model_quota(f->m, PERIOD_DAY);
	struct tk_buf part = TK_BUF_INIT;
	tk_int128 tokens;

	if (!top_day_ahead(f->m, f->s->zone, &tokens)) {
		tk_buf_adds(b, "too early to say");
		return;
	}
	tk_buf_adds(b, "~");
	tk_int_add_short(b, tokens, 5, f->s->digits);
	if (!brief)
		tk_buf_adds(b, " tokens at the pace of the day so far");
	if (l != NULL) {
		frame_percent(f, &part, tokens, l->amount, 0, 5);
		tk_buf_addf(b, " (%s)", part.s);
	}
	tk_buf_release(&part);
}

static void
draw_rate(struct frame *f)
{
	enum { SPARK = 32 };
	const struct now_figures *n = &f->m->figures;
	int64_t last = f->m->now / MINUTE_MS;
	struct tk_buf b = TK_BUF_INIT;
	tk_int128 value[SPARK] = { 0 };
	struct now_rate five;

	now_rate(n, f->m->now, 5, &five);
	frame_tokens(f, &b, five.tokens_per_minute, 11);
	draw_value(f, "Rate:", b.s, "tokens/minute");
	for (int i = 0; i < SPARK; i++) {
		int64_t minute = last - SPARK + 1 + i;
		const struct now_minute *m = &n->minute[minute % NOW_MINUTES];

		if (m->minute == minute)
			value[i] = m->tokens;
	}
	cells_spark(f->g, f->y++, f->w - 34, ROLE_OK, value, SPARK);
	tk_buf_release(&b);
}

static void
draw_application(struct frame *f, const char *name, tk_int128 part,
    tk_int128 whole)
{
	struct tk_buf b = TK_BUF_INIT;

	cells_put_name(f->g, f->y, 4, 14, ROLE_PLAIN,
	    name != NULL && *name != '\0' ? name : "-");
	frame_tokens(f, &b, part, 10);
	cells_put_right(f->g, f->y, VALUE_END, ROLE_PLAIN, b.s);
	cells_put(f->g, f->y, VALUE_END + 1, ROLE_PLAIN, "tokens");
	cells_fill(f->g, f->y, 44, f->w - 56, ROLE_OK, part, whole, -1);
	frame_percent(f, &b, part, whole, 0, 5);
	cells_put_right(f->g, f->y++, f->w - 5, ROLE_PLAIN, b.s);
	tk_buf_release(&b);
}

static void
draw_applications(struct frame *f, int rows)
{
	const struct report_row **row;
	tk_int128 whole;
	size_t dim, n = top_applications(f->m, &row, &dim, &whole);

	cells_put(f->g, f->y++, 2, ROLE_HEAD, "Active applications");
	for (size_t i = 0; i < n && rows-- > 0; i++)
		draw_application(f, row[i]->name[dim],
		    sums_total(&row[i]->sums), whole);
	free(row);
}

static void
draw_text(struct frame *f, const char *label, const char *text)
{
	cells_put(f->g, f->y, 2, ROLE_HEAD, label);
	cells_put_name(f->g, f->y++, 23, f->w - 25, ROLE_PLAIN, text);
}

/* Where there is one row for them all: "chat 61%, batch 39%". */
static void
draw_applications_brief(struct frame *f)
{
	const struct report_row **row;
	tk_int128 whole;
	size_t dim, n = top_applications(f->m, &row, &dim, &whole);
	struct tk_buf text = TK_BUF_INIT, part = TK_BUF_INIT;

	for (size_t i = 0; i < n; i++) {
		const char *name = row[i]->name[dim];

		frame_percent(f, &part, sums_total(&row[i]->sums), whole, 0, 5);
		tk_buf_addf(&text, "%s%s %s", i > 0 ? ", " : "",
		    name != NULL && *name != '\0' ? name : "-", part.s);
	}
	draw_text(f, "Active applications:", n > 0 ? text.s : "none");
	free(row);
	tk_buf_release(&text);
	tk_buf_release(&part);
}

static void
draw_monitor(struct frame *f, int h)
{
	struct top_session s;
	int rows, end = f->y + h;
	struct tk_buf b = TK_BUF_INIT, text = TK_BUF_INIT;

	cells_frame(f->g, f->y++, 0, h, f->w, "Real-time Usage Monitor",
	    f->ui->paused ? "paused" : "live");
	if (top_model_session(f->m, &s)) {
		frame_tokens(f, &b, s.tokens, 11);
		tk_buf_adds(&text, "tokens ");
		add_since(f, &text, s.since);
		tk_buf_adds(&text, " (");
		frame_span(&text, f->m->now - s.since);
		tk_buf_adds(&text, ")");
		draw_value(f, "Current session:", b.s, text.s);
	} else {
		draw_value(f, "Current session:", "-",
		    "no session since yesterday");
	}
	f->y++;
	draw_rate(f);
	tk_buf_reset(&text);
	add_duration(f, &text, false);
	draw_text(f, "Estimated duration:", text.s);
	tk_buf_reset(&text);
	add_projected(f, &text, false);
	draw_text(f, "Projected today:", text.s);
	rows = end - 1 - f->y;
	if (rows > 1)
		draw_applications(f, rows - 1);
	else if (rows == 1)
		draw_applications_brief(f);
	f->y = end;
	tk_buf_release(&b);
	tk_buf_release(&text);
}

/* "64,233 tokens since 08:48 (5h 43m)", "64,233 since 08:48" */
static void
add_session(const struct frame *f, struct tk_buf *b, bool brief)
{
	struct top_session s;

	if (!top_model_session(f->m, &s)) {
		tk_buf_adds(b, brief ? "none" : "no session since yesterday");
		return;
	}
	tk_int_add_short(b, s.tokens, brief ? 7 : 11, f->s->digits);
	tk_buf_adds(b, brief ? " " : " tokens ");
	add_since(f, b, s.since);
	if (brief)
		return;
	tk_buf_adds(b, " (");
	frame_span(b, f->m->now - s.since);
	tk_buf_adds(b, ")");
}

/* "  batch    33,805    53%" */
static void
put_application(struct frame *f, const char *name, tk_int128 part,
    tk_int128 whole)
{
	struct tk_buf b = TK_BUF_INIT;

	cells_put_name(f->g, f->y, 2, TEXT_X - 3, ROLE_PLAIN,
	    name != NULL && *name != '\0' ? name : "-");
	frame_tokens(f, &b, part, 7);
	cells_put_right(f->g, f->y, TEXT_X + 7, ROLE_PLAIN, b.s);
	frame_percent(f, &b, part, whole, 0, 5);
	cells_put_right(f->g, f->y++, TEXT_X + 14, ROLE_PLAIN, b.s);
	tk_buf_release(&b);
}

void
frame_home_lines(struct frame *f, int rows)
{
	static const struct {
		const char *label;
		void (
		    *add)(const struct frame *f, struct tk_buf *b, bool brief);
	} lines[] = {
		{ "Current session:", add_session },
		{ "Estimated duration:", add_duration },
		{ "Projected today:", add_projected },
	};
	const struct report_row **row;
	int end = f->y + rows;
	struct tk_buf b = TK_BUF_INIT;
	tk_int128 whole;
	size_t dim, n = top_applications(f->m, &row, &dim, &whole);

	for (size_t i = 0; i < TK_LEN(lines) && f->y < end; i++) {
		tk_buf_reset(&b);
		lines[i].add(f, &b, f->w < LONG_W);
		cells_put(f->g, f->y, 0, ROLE_HEAD, lines[i].label);
		cells_put_name(f->g, f->y++, TEXT_X, f->w - TEXT_X, ROLE_PLAIN,
		    b.s);
	}
	if (f->y + 1 < end)
		cells_put(f->g, f->y++, 0, ROLE_HEAD, "Active applications");
	for (size_t i = 0; i < n && f->y < end; i++)
		put_application(f, row[i]->name[dim], sums_total(&row[i]->sums),
		    whole);
	free(row);
	tk_buf_release(&b);
}

void
frame_home(struct frame *f)
{
	int h;

	draw_dashboard(f);
	h = f->bottom - f->y;
	if (h < 6) {
		frame_home_lines(f, h);
		return;
	}
	/* The note below needs a row. */
	h = h > SECOND_H + 8 ? SECOND_H + 8 : h > SECOND_H ? h - 1 : h;
	draw_monitor(f, h);
	if (f->y < f->bottom)
		cells_put_name(f->g, f->y++, 0, f->w, ROLE_DIM,
		    "The projection never runs faster than the day has "
		    "sustained so far.");
}
