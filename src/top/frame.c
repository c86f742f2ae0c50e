/*
 * Frames: the header never goes, the table shrinks, the answer alone stays
 *
 * From 80 columns and 16 rows on there is all of it; from 38 by 7 a narrow
 * table; below that, lines with the figures alone.
 */
#include <string.h>

#include "base/buf.h"
#include "base/time.h"
#include "top/frame_int.h"

enum { NARROW = 38, LOW = 7, HIGH = 16, SPARK = 60, BAR = 24, QUIT = 8 };

const char *const frame_titles[TOP_VIEWS] = { "User", "Application", "Model",
	"Session", "Project", "Live", "Limits", "Alerts", "Home" };

void
frame_tokens(const struct frame *f, struct tk_buf *b, tk_int128 n, size_t width)
{
	tk_buf_reset(b);
	tk_int_add_short(b, n, width, f->s->digits);
}

/* Money in at most so many columns: what is too long loses its cents, then
 * figures, never its size. */
void
frame_cost(const struct frame *f, struct tk_buf *b, tk_int128 cost,
    tk_int128 unpriced, tk_int128 requests, size_t width)
{
	const char *more = unpriced > 0 ? "+" : "";

	tk_buf_reset(b);
	if (unpriced > 0 && unpriced >= requests && cost == 0) {
		tk_buf_adds(b, "n/a");
		return;
	}
	tk_money_add_human(b, cost, -1, f->s->digits);
	tk_buf_adds(b, more);
	if (b->len <= width)
		return;
	tk_buf_reset(b);
	tk_buf_adds(b, cost < 0 ? "-$" : "$");
	tk_int_add_short(b, (cost < 0 ? -cost : cost) / TK_PICO_PER_USD,
	    width > 3 + b->len ? width - 1 - b->len : 3, f->s->digits);
	tk_buf_adds(b, more);
}

void
frame_sums_cost(const struct frame *f, struct tk_buf *b,
    const struct usage_sums *s, size_t width)
{
	frame_cost(f, b, s->v[SUM_COST], s->v[SUM_UNPRICED], s->v[SUM_REQUESTS],
	    width);
}

static void
add_clock(const struct frame *f, struct tk_buf *b)
{
	static const char *const names[] = { "Mon", "Tue", "Wed", "Thu", "Fri",
		"Sat", "Sun" };
	int32_t day = tk_zone_day(f->s->zone, f->now);
	struct tk_buf time = TK_BUF_INIT;

	tk_time_add_second(&time, f->s->zone, f->now);
	if (f->g->w >= FRAME_WIDE) {
		tk_buf_addf(b, "%s ", names[tk_day_weekday(day)]);
		tk_day_add(b, day);
		tk_buf_addf(b, " %s", time.s);
	} else {
		tk_buf_add(b, time.s, time.len > 5 ? 5 : time.len);
	}
	tk_buf_release(&time);
}

/* Delay and state, ending before column end; where they begin. */
static int
draw_state(struct frame *f, int end)
{
	const struct top_ui *ui = f->ui;
	struct tk_buf b = TK_BUF_INIT;

	if (f->g->w >= FRAME_WIDE && ui->live) {
		tk_int_add_grouped(&b, ui->delay / 1000, f->s->digits);
		if (ui->delay % 1000 != 0)
			tk_buf_addf(&b, ".%.2d", (int)(ui->delay % 1000 / 10));
		tk_buf_adds(&b, "s");
		cells_put_right(f->g, f->y, end, ROLE_DIM, b.s);
		end -= cells_width(b.s) + 2;
	}
	tk_buf_reset(&b);
	if (ui->paused)
		tk_buf_adds(&b, "PAUSED");
	if (ui->state.len > 0)
		tk_buf_addf(&b, "%s%s", ui->paused ? " " : "", ui->state.s);
	if (b.len > 0 && end > 24) {
		int w = cells_width(b.s), most = end - 24;

		w = w > most ? most : w;
		cells_put_name(f->g, f->y, end - w, w, ROLE_OVER, b.s);
		end -= w + 2;
	}
	tk_buf_release(&b);
	return end;
}

static void
draw_title(struct frame *f)
{
	struct tk_buf clock = TK_BUF_INIT, path = TK_BUF_INIT;
	struct cells *g = f->g;
	int end;

	add_clock(f, &clock);
	cells_put_right(g, f->y, g->w, ROLE_PLAIN, clock.s);
	cells_put(g, f->y, 0, ROLE_TITLE, "tokctl top");
	end = draw_state(f, g->w - cells_width(clock.s) - 2);
	top_ui_path(f->ui, f->s->scope, &path);
	if (end > 12)
		cells_put_name(g, f->y, 12, end - 12, ROLE_PLAIN, path.s);
	f->y++;
	tk_buf_release(&clock);
	tk_buf_release(&path);
}

enum cell_role
frame_role(const char *state)
{
	return strcmp(state, "ok") == 0      ? ROLE_OK
	    : strcmp(state, "exceeded") == 0 ? ROLE_OVER
					     : ROLE_WARN;
}

const char *
frame_word(const char *state)
{
	return strcmp(state, "ok") == 0      ? "ok"
	    : strcmp(state, "exceeded") == 0 ? "OVER"
					     : "WARN";
}

int
frame_pace(const struct frame *f, const struct top_limit *l)
{
	if (l->start <= 0 || l->resets_at <= l->start || f->m->now < l->start)
		return -1;
	if (f->m->now >= l->resets_at)
		return 1000;
	return (int)((f->m->now - l->start) * 1000 / (l->resets_at - l->start));
}

void
frame_amount(const struct frame *f, struct tk_buf *b, enum limit_kind kind,
    tk_int128 n, size_t width)
{
	if (kind == LIMIT_QUOTA)
		frame_tokens(f, b, n, width);
	else
		frame_cost(f, b, n, 0, 1, width);
}

/* From column x on: a bar, the part in percent and the word for it. */
void
frame_bar(struct frame *f, int x, int w, const struct top_limit *l)
{
	enum cell_role role = frame_role(l->state);
	struct tk_buf b = TK_BUF_INIT;

	cells_bar(f->g, f->y, x, w, role, l->used, l->amount, frame_pace(f, l));
	tk_percent_add(&b, l->used, l->amount, 1, f->s->digits);
	if (b.len > 6) { /* far beyond: its size is what matters */
		tk_buf_reset(&b);
		tk_buf_adds(&b, ">999%");
	}
	cells_put_right(f->g, f->y, x + w + 9, role, b.s);
	cells_put(f->g, f->y, x + w + 10, role, frame_word(l->state));
	tk_buf_release(&b);
}

static void
draw_limit(struct frame *f, const struct top_limit *l)
{
	struct tk_buf b = TK_BUF_INIT, amount = TK_BUF_INIT;

	if (f->g->w < FRAME_WIDE) {
		frame_bar(f, 25, f->g->w - 25 - 14, l);
	} else {
		frame_bar(f, 35, BAR - 9, l);
		frame_amount(f, &amount, l->kind, l->amount, 7);
		tk_buf_addf(&b, "of %s%s", amount.s,
		    l->kind == LIMIT_QUOTA ? " tok" : "");
		cells_put_right(f->g, f->y, f->g->w, ROLE_PLAIN, b.s);
	}
	tk_buf_release(&b);
	tk_buf_release(&amount);
}

static void
draw_sums(struct frame *f, const char *label, const struct usage_sums *s,
    enum limit_period period)
{
	const struct top_limit *l = top_model_main(f->m, period);
	struct tk_buf b = TK_BUF_INIT;
	bool wide = f->g->w >= FRAME_WIDE;

	cells_put(f->g, f->y, 0, ROLE_HEAD, label);
	frame_tokens(f, &b, sums_total(s), wide ? 12 : 7);
	cells_put_right(f->g, f->y, wide ? 18 : 13, ROLE_PLAIN, b.s);
	if (wide)
		cells_put(f->g, f->y, 19, ROLE_PLAIN, "tok");
	frame_sums_cost(f, &b, s, 10);
	cells_put_right(f->g, f->y, wide ? 34 : 24, ROLE_PLAIN, b.s);
	if (l != NULL && f->g->w >= 48) {
		draw_limit(f, l);
	} else if (wide) {
		frame_tokens(f, &b, s->v[SUM_REQUESTS], 9);
		cells_put_right(f->g, f->y, 46, ROLE_PLAIN, b.s);
		cells_put(f->g, f->y, 47, ROLE_PLAIN, "requests");
	}
	f->y++;
	tk_buf_release(&b);
}

static void
add_rate(const struct frame *f, struct tk_buf *b, int minutes)
{
	struct now_rate rate;

	now_rate(&f->m->figures, f->m->now, minutes, &rate);
	tk_int_add_short(b, rate.tokens_per_minute, 7, f->s->digits);
	tk_buf_adds(b, " tok/min ");
	tk_money_add_human(b, rate.cost_per_hour, -1, f->s->digits);
	tk_buf_adds(b, rate.partial ? "+/h" : "/h");
}

static void
draw_rates(struct frame *f)
{
	struct tk_buf b = TK_BUF_INIT;

	cells_put(f->g, f->y, 0, ROLE_HEAD, "Rate");
	add_rate(f, &b, 5);
	cells_put(f->g, f->y, 7, ROLE_PLAIN, b.s);
	tk_buf_reset(&b);
	tk_buf_adds(&b, "last hour ");
	add_rate(f, &b, 60);
	cells_put_right(f->g, f->y++, f->g->w, ROLE_PLAIN, b.s);
	tk_buf_release(&b);
}

static void
draw_ahead(struct frame *f)
{
	struct tk_buf b = TK_BUF_INIT;
	tk_int128 tokens, cost;

	cells_put(f->g, f->y, 0, ROLE_HEAD, "Ahead");
	if (top_day_ahead(f->m, f->s->zone, &tokens)) {
		tk_buf_adds(&b, "day ends ~");
		tk_int_add_short(&b, tokens, 6, f->s->digits);
	} else {
		tk_buf_adds(&b, "day: too early to say");
	}
	if (top_month_ahead(f->m, f->s->zone, &cost)) {
		tk_buf_adds(&b, "   month ~");
		tk_money_add_human(&b, cost, -1, f->s->digits);
		if (f->m->figures.this_month.v[SUM_UNPRICED] > 0)
			tk_buf_adds(&b, "+");
	}
	cells_put(f->g, f->y++, 7, ROLE_PLAIN, b.s);
	tk_buf_release(&b);
}

static void
draw_hour(struct frame *f)
{
	const struct now_figures *n = &f->m->figures;
	tk_int128 value[SPARK] = { 0 }, most = 0;
	int64_t last = f->m->now / 60000;
	struct tk_buf b = TK_BUF_INIT;

	cells_put(f->g, f->y, 0, ROLE_HEAD, "60 min");
	for (int i = 0; i < SPARK; i++) {
		int64_t minute = last - SPARK + 1 + i;
		const struct now_minute *m =
		    &n->minute[(minute % NOW_MINUTES + NOW_MINUTES) %
			NOW_MINUTES];

		if (m->minute == minute)
			value[i] = m->tokens;
		if (value[i] > most)
			most = value[i];
	}
	cells_spark(f->g, f->y, 7, ROLE_OK, value, SPARK);
	if (most > 0) {
		tk_int_add_short(&b, most, 6, f->s->digits);
		tk_buf_adds(&b, "/min");
		cells_put_right(f->g, f->y, f->g->w, ROLE_DIM, b.s);
	}
	f->y++;
	tk_buf_release(&b);
}

static void
draw_tabs(struct frame *f)
{
	static const char *const short_titles[TOP_VIEWS] = { "User", "App",
		"Model", "Session", "Project", "Live", "Limits", "Alerts" };
	int x = 1;

	for (int v = 0; v < TOP_HOME; v++) {
		enum cell_role role =
		    v == (int)f->m->view ? ROLE_SELECTED : ROLE_KEY;

		x = cells_putf(f->g, f->y, x, role, "%d %s", v + 1,
		    short_titles[v]);
		if (v == TOP_ALERTS && f->m->crossed > 0)
			x = cells_putf(f->g, f->y, x, ROLE_WARN, "(%zu)",
			    f->m->crossed > 99 ? (size_t)99 : f->m->crossed);
		x += 2;
	}
	f->y++;
}

/* Keys that work here, as many as there is room for; or news. */
static void
draw_foot(struct frame *f)
{
	const struct top_ui *ui = f->ui;
	int y = f->g->h - 1, x = 0;

	if (ui->mode == MODE_FILTER || ui->mode == MODE_FIND ||
	    ui->mode == MODE_LIMIT) {
		const char *what = ui->mode == MODE_FILTER ? "filter: "
		    : ui->mode == MODE_FIND                ? "find: "
							   : "tokens a day: ";

		x = cells_width(what);
		cells_put(f->g, y, 0, ROLE_KEY, what);
		cells_put_name(f->g, y, x, f->g->w - x - 1, ROLE_PLAIN,
		    ui->input.s);
		x += cells_width(ui->input.s);
		cells_paint(f->g, y, x < f->g->w ? x : f->g->w - 1, 1,
		    ROLE_SELECTED);
		return;
	}
	if (ui->message.len > 0) {
		cells_put_name(f->g, y, 0, f->g->w, ROLE_WARN, ui->message.s);
		return;
	}
	for (const struct top_key *k = top_keys; k->group != NULL; k++) {
		int w;

		if (k->foot == NULL)
			continue;
		w = cells_width(k->foot);
		/* The way out is there as long as anything is. */
		if (x + w + (k->act == ACT_QUIT ? 0 : QUIT) > f->g->w)
			continue;
		cells_put(f->g, y, x, ROLE_KEY, k->foot);
		x += w + 2;
	}
}

/* "46% ok day": what matters most where there is least room. */
static void
draw_short_limits(struct frame *f)
{
	static const enum limit_period periods[] = { PERIOD_DAY, PERIOD_MONTH };
	struct tk_buf b = TK_BUF_INIT;

	for (size_t i = 0; i < TK_LEN(periods); i++) {
		const struct top_limit *l = top_model_main(f->m, periods[i]);

		if (l == NULL || f->y >= f->g->h)
			continue;
		tk_buf_reset(&b);
		tk_percent_add(&b, l->used, l->amount, 0, f->s->digits);
		tk_buf_addf(&b, " %s %s", frame_word(l->state),
		    limit_period_name(periods[i]));
		if (cells_width(b.s) <= f->g->w)
			cells_put(f->g, f->y++, 0, frame_role(l->state), b.s);
	}
	tk_buf_release(&b);
}

/* No room for a table: a line that does not fit is left out, never cut. */
static void
draw_answer(struct frame *f)
{
	const struct now_figures *n = &f->m->figures;
	struct tk_buf b = TK_BUF_INIT, part = TK_BUF_INIT;

	draw_short_limits(f);
	for (int i = 0; i < 4; i++) {
		tk_buf_reset(&b);
		if (i == 0) {
			tk_int_add_short(&b, sums_total(&n->today), 7,
			    f->s->digits);
			tk_buf_adds(&b, " today");
		} else if (i < 3) {
			frame_sums_cost(f, &part,
			    i == 1 ? &n->today : &n->this_month, 12);
			tk_buf_addf(&b, "%s %s", part.s,
			    i == 1 ? "today" : "month");
		} else {
			add_rate(f, &b, 5);
		}
		if (f->y < f->g->h && cells_width(b.s) <= f->g->w)
			cells_put(f->g, f->y++, 0, ROLE_PLAIN, b.s);
	}
	tk_buf_release(&b);
	tk_buf_release(&part);
}

/* What is below the header. */
static void
draw_view(struct frame *f, int rows, int latest)
{
	switch (f->m->view) {
	case TOP_LIVE:
		frame_live(f, rows + latest);
		return;
	case TOP_LIMITS:
		frame_limits(f, rows + latest);
		return;
	case TOP_ALERTS:
		frame_alerts(f, rows + latest);
		return;
	case TOP_USER:
	case TOP_APPLICATION:
	case TOP_MODEL:
	case TOP_SESSION:
	case TOP_PROJECT:
	case TOP_HOME:
	case TOP_VIEWS:
		break;
	}
	frame_table(f, rows);
	if (latest > 0)
		frame_latest(f, latest);
}

static void
draw_all(struct frame *f)
{
	struct cells *g = f->g;
	bool all = g->w >= FRAME_WIDE && g->h >= HIGH;
	int latest = all ? (g->h >= 30 ? 11 : 4) : 0;
	int foot = f->ui->live || f->ui->mode != MODE_TABLE;

	draw_title(f);
	if (f->m->view == TOP_HOME && g->w >= FRAME_WIDE && g->h >= 22) {
		frame_home(f);
	} else {
		draw_sums(f, "Today", &f->m->figures.today, PERIOD_DAY);
		draw_sums(f, "Month", &f->m->figures.this_month, PERIOD_MONTH);
		if (all) {
			draw_rates(f);
			draw_ahead(f);
			draw_hour(f);
			draw_tabs(f);
		}
		f->bottom = g->h - foot;
		draw_view(f, f->bottom - f->y - 1 - latest, latest);
	}
	if (foot)
		draw_foot(f);
	frame_overlay(f);
}

void
top_draw(struct cells *g, const struct top_model *m,
    const struct top_style *style, struct top_ui *ui)
{
	struct frame f = { g, m, style, ui,
		style->now != 0 ? style->now : m->now, 0, g->h };

	cells_clear(g);
	if (g->w < NARROW || g->h < LOW)
		draw_answer(&f);
	else
		draw_all(&f);
}
