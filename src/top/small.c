/* Headers of screens that are narrow, and the answer alone. */
#include <string.h>

#include "base/buf.h"
#include "top/frame_int.h"

/* "Day   185K [####|--]  46.3% ok" */
static void
draw_line(struct frame *f, const char *label, const struct usage_sums *s,
    enum limit_period period)
{
	const struct top_limit *l = top_model_main(f->m, period);
	bool money = l != NULL && l->kind == LIMIT_BUDGET;
	struct tk_buf b = TK_BUF_INIT;

	cells_put(f->g, f->y, 0, ROLE_HEAD, label);
	if (money)
		frame_sums_cost(f, &b, s, 6);
	else
		frame_tokens(f, &b, sums_total(s), 4);
	cells_put_right(f->g, f->y, 10, ROLE_PLAIN, b.s);
	if (l != NULL) {
		frame_bar(f, 11, f->w - 24, 0, l);
	} else {
		frame_sums_cost(f, &b, s, 9);
		cells_put_right(f->g, f->y, 21, ROLE_PLAIN, b.s);
		frame_tokens(f, &b, s->v[SUM_REQUESTS], 5);
		tk_buf_adds(&b, " req");
		cells_put_right(f->g, f->y, 32, ROLE_PLAIN, b.s);
	}
	f->y++;
	tk_buf_release(&b);
}

static void
add_rate(const struct frame *f, struct tk_buf *b)
{
	struct tk_buf cost = TK_BUF_INIT;
	struct now_rate five, hour;

	now_rate(&f->m->figures, f->m->now, 5, &five);
	now_rate(&f->m->figures, f->m->now, 60, &hour);
	tk_int_add_short(b, five.tokens_per_minute, 5, f->s->digits);
	frame_cost(f, &cost, hour.cost_per_hour, hour.partial, 2, 8);
	tk_buf_addf(b, "/min %s/h", cost.s);
	tk_buf_release(&cost);
}

void
frame_narrow_header(struct frame *f)
{
	const struct top_limit *l = top_model_quota(f->m, PERIOD_DAY);
	struct tk_buf b = TK_BUF_INIT, part = TK_BUF_INIT;
	tk_int128 tokens;

	draw_line(f, "Day", &f->m->figures.today, PERIOD_DAY);
	draw_line(f, "Mon", &f->m->figures.this_month, PERIOD_MONTH);
	add_rate(f, &b);
	cells_put(f->g, f->y, 0, ROLE_PLAIN, b.s);
	if (top_day_ahead(f->m, f->s->zone, &tokens)) {
		if (l != NULL)
			frame_percent(f, &part, tokens, l->amount, 0, 5);
		else
			frame_tokens(f, &part, tokens, 5);
		tk_buf_reset(&b);
		tk_buf_addf(&b, "day ~%s", part.s);
		cells_put_right(f->g, f->y, f->w, ROLE_PLAIN, b.s);
	}
	f->y++;
	tk_buf_release(&b);
	tk_buf_release(&part);
}

/* A line, or a shorter one, if there is room for either. */
static void
put_fitting(struct frame *f, enum cell_role role, const char *text,
    const char *shorter)
{
	if (cells_width(text) > f->g->w)
		text = shorter;
	if (f->y < f->g->h && cells_width(text) <= f->g->w)
		cells_put(f->g, f->y++, 0, role, text);
}

/* "46% ok day": what matters most where there is least room. */
static void
draw_short_limits(struct frame *f)
{
	static const enum limit_period periods[] = { PERIOD_DAY, PERIOD_MONTH };
	struct tk_buf b = TK_BUF_INIT, part = TK_BUF_INIT;

	for (size_t i = 0; i < TK_LEN(periods); i++) {
		const struct top_limit *l = top_model_main(f->m, periods[i]);

		if (l == NULL)
			continue;
		frame_percent(f, &part, l->used, l->amount, 0, 5);
		tk_buf_reset(&b);
		tk_buf_addf(&b, "%s %s %s", part.s, frame_word(l->state),
		    limit_period_name(periods[i]));
		put_fitting(f, frame_role(l->state), b.s, part.s);
	}
	tk_buf_release(&b);
	tk_buf_release(&part);
}

void
top_title(const struct top_model *m, const struct top_style *style,
    struct tk_buf *b)
{
	const struct top_limit *l = top_model_main(m, PERIOD_DAY);
	struct frame f = { .m = m, .s = style };
	struct tk_buf part = TK_BUF_INIT;

	if (l != NULL) {
		frame_percent(&f, &part, l->used, l->amount, 0, 5);
		tk_buf_addf(b, "%s %s", part.s, frame_word(l->state));
	} else {
		frame_tokens(&f, &part, sums_total(&m->figures.today), 4);
		tk_buf_addf(b, "%s tok today", part.s);
	}
	tk_buf_adds(b, " - tokctl top");
	tk_buf_release(&part);
}

/* No room for a table: a line that does not fit is left out, never cut. */
void
frame_answer(struct frame *f)
{
	const struct now_figures *n = &f->m->figures;
	struct tk_buf b = TK_BUF_INIT, part = TK_BUF_INIT;

	draw_short_limits(f);
	frame_tokens(f, &part, sums_total(&n->today), 4);
	tk_int_add_short(&b, sums_total(&n->today), 12, f->s->digits);
	tk_buf_adds(&b, " tok");
	put_fitting(f, ROLE_PLAIN, b.s, part.s);
	tk_buf_reset(&b);
	add_rate(f, &b);
	put_fitting(f, ROLE_PLAIN, b.s, b.s);
	for (int i = 0; i < 2; i++) {
		frame_sums_cost(f, &part, i == 0 ? &n->today : &n->this_month,
		    12);
		tk_buf_reset(&b);
		tk_buf_addf(&b, "%s %s", part.s, i == 0 ? "today" : "month");
		put_fitting(f, ROLE_PLAIN, b.s, part.s);
	}
	tk_buf_release(&b);
	tk_buf_release(&part);
}
