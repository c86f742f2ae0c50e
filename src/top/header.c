/* The lines that are always there: today, this month, the rate, what is to
 * come, the last hour. */
#include <string.h>

#include "top/frame_int.h"

enum { SPARK = 60, OF_W = 11, MINUTE_MS = 60000 };

/* "of 400K tok", shorter where it must be. */
static void
draw_of(struct frame *f, const struct top_limit *l)
{
	struct tk_buf b = TK_BUF_INIT, amount = TK_BUF_INIT;

	for (size_t width = l->kind == LIMIT_QUOTA ? 5 : 8; width > 3;
	     width--) {
		frame_amount(f, &amount, l->kind, l->amount, width);
		tk_buf_reset(&b);
		tk_buf_addf(&b, "of %s%s", amount.s,
		    l->kind == LIMIT_QUOTA ? " tok" : "");
		if (cells_width(b.s) <= OF_W)
			break;
	}
	if (cells_width(b.s) <= OF_W)
		cells_put_right(f->g, f->y, f->w, ROLE_PLAIN, b.s);
	tk_buf_release(&b);
	tk_buf_release(&amount);
}

static void
draw_sums(struct frame *f, const char *label, const struct usage_sums *s,
    enum limit_period period)
{
	const struct top_limit *l = top_model_main(f->m, period);
	struct tk_buf b = TK_BUF_INIT;

	cells_put(f->g, f->y, 0, ROLE_HEAD, label);
	frame_tokens(f, &b, sums_total(s), 10);
	cells_put_right(f->g, f->y, 16, ROLE_PLAIN, b.s);
	cells_put(f->g, f->y, 17, ROLE_PLAIN, "tok");
	frame_sums_cost(f, &b, s, 9);
	cells_put_right(f->g, f->y, 30, ROLE_PLAIN, b.s);
	if (l != NULL) {
		frame_bar(f, 31, f->w - 57, 1, l);
		draw_of(f, l);
	} else {
		frame_tokens(f, &b, s->v[SUM_REQUESTS], 9);
		cells_put_right(f->g, f->y, 42, ROLE_PLAIN, b.s);
		cells_put(f->g, f->y, 43, ROLE_PLAIN,
		    s->v[SUM_REQUESTS] == 1 ? "request" : "requests");
	}
	f->y++;
	tk_buf_release(&b);
}

static void
add_rate(const struct frame *f, struct tk_buf *b, int minutes, const char *by)
{
	struct tk_buf cost = TK_BUF_INIT;
	struct now_rate rate;

	now_rate(&f->m->figures, f->m->now, minutes, &rate);
	tk_int_add_short(b, rate.tokens_per_minute, 7, f->s->digits);
	frame_cost(f, &cost, rate.cost_per_hour, rate.partial, 2, 9);
	tk_buf_addf(b, " tok/min%s %s/h", by, cost.s);
	tk_buf_release(&cost);
}

static void
draw_rates(struct frame *f)
{
	struct tk_buf b = TK_BUF_INIT;
	int end, right;

	cells_put(f->g, f->y, 0, ROLE_HEAD, "Rate");
	add_rate(f, &b, 5, "");
	end = cells_put(f->g, f->y, 7, ROLE_PLAIN, b.s);
	tk_buf_reset(&b);
	tk_buf_adds(&b, "last hour ");
	add_rate(f, &b, 60, ",");
	right = f->w - cells_width(b.s);
	cells_put(f->g, f->y, right, ROLE_PLAIN, b.s);
	if (end + 14 <= right)
		cells_put(f->g, f->y, end + 2, ROLE_DIM, "last 5 min");
	f->y++;
	tk_buf_release(&b);
}

/* " (76%)", of a limit of that kind. */
static void
add_part(const struct frame *f, struct tk_buf *b, const struct top_limit *l,
    enum limit_kind kind, tk_int128 n)
{
	struct tk_buf part = TK_BUF_INIT;

	if (l == NULL || l->kind != kind)
		return;
	frame_percent(f, &part, n, l->amount, 0, 5);
	tk_buf_addf(b, " (%s)", part.s);
	tk_buf_release(&part);
}

static void
add_month(const struct frame *f, struct tk_buf *b)
{
	struct tk_buf money = TK_BUF_INIT;
	tk_int128 cost;

	if (!top_month_ahead(f->m, f->s->zone, &cost))
		return;
	frame_cost(f, &money, cost,
	    f->m->figures.this_month.v[SUM_UNPRICED] > 0, 2, 9);
	tk_buf_addf(b, "  month ~%s", money.s);
	add_part(f, b, top_model_main(f->m, PERIOD_MONTH), LIMIT_BUDGET, cost);
	tk_buf_release(&money);
}

/* "at 5m rate: limit in 0h54m" */
static void
draw_lasting(struct frame *f, int from)
{
	const struct top_limit *l = top_model_quota(f->m, PERIOD_DAY);
	struct tk_buf b = TK_BUF_INIT;
	int64_t ms;

	if (top_limit_lasts(f->m, l, &ms)) {
		tk_buf_addf(&b, "at 5m rate: limit in %dh%02dm",
		    (int)(ms / MINUTE_MS / 60), (int)(ms / MINUTE_MS % 60));
		if (f->w - cells_width(b.s) >= from + 2)
			cells_put_right(f->g, f->y, f->w, ROLE_PLAIN, b.s);
	}
	tk_buf_release(&b);
}

static void
draw_ahead(struct frame *f)
{
	struct tk_buf b = TK_BUF_INIT;
	tk_int128 tokens;

	cells_put(f->g, f->y, 0, ROLE_HEAD, "Ahead");
	if (top_day_ahead(f->m, f->s->zone, &tokens)) {
		tk_buf_adds(&b, "day ends ~");
		tk_int_add_short(&b, tokens, 5, f->s->digits);
		add_part(f, &b, top_model_quota(f->m, PERIOD_DAY), LIMIT_QUOTA,
		    tokens);
	} else {
		tk_buf_adds(&b, "day: too early to say");
	}
	add_month(f, &b);
	draw_lasting(f, cells_put(f->g, f->y, 8, ROLE_PLAIN, b.s));
	f->y++;
	tk_buf_release(&b);
}

static void
draw_hour(struct frame *f)
{
	const struct now_figures *n = &f->m->figures;
	tk_int128 value[SPARK] = { 0 }, most = 0;
	int64_t last = f->m->now / MINUTE_MS;
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
	cells_spark(f->g, f->y, 8, ROLE_OK, value, SPARK);
	if (most > 0) {
		tk_int_add_short(&b, most, 5, f->s->digits);
		tk_buf_adds(&b, "/min");
		cells_put_right(f->g, f->y, f->w, ROLE_DIM, b.s);
	}
	f->y++;
	tk_buf_release(&b);
}

void
frame_short_header(struct frame *f)
{
	draw_sums(f, "Today", &f->m->figures.today, PERIOD_DAY);
	draw_sums(f, "Month", &f->m->figures.this_month, PERIOD_MONTH);
}

void
frame_header(struct frame *f)
{
	frame_short_header(f);
	draw_rates(f);
	draw_ahead(f);
	draw_hour(f);
}

int
top_tab(int view, int x, size_t active, struct tk_buf *text)
{
	static const char *const titles[TOP_HOME] = { "User", "App", "Model",
		"Session", "Project", "Live", "Limits", "Alerts" };

	tk_buf_reset(text);
	tk_buf_addf(text, "%d %s", view + 1, titles[view]);
	if (view == TOP_ALERTS && active > 0)
		tk_buf_addf(text, "(%d)", active > 99 ? 99 : (int)active);
	return x + (int)text->len;
}

void
frame_tabs(struct frame *f)
{
	struct tk_buf b = TK_BUF_INIT;
	int x = 1;

	for (int v = 0; v < TOP_HOME; v++) {
		enum cell_role role = v == (int)f->m->view ? ROLE_SELECTED
		    : v == TOP_ALERTS && f->m->active > 0  ? ROLE_WARN
							   : ROLE_KEY;
		int end = top_tab(v, x, f->m->active, &b);

		cells_put(f->g, f->y, x, role, b.s);
		x = end + 2;
	}
	f->ui->tabs_y = f->y++;
	tk_buf_release(&b);
}
