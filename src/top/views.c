/* Limits, alerts, and the two boxes of one user. */
#include <string.h>

#include "base/time.h"
#include "report/block.h"
#include "top/frame_int.h"

enum { MINUTE_MS = 60000, HOUR_MS = 60 * MINUTE_MS };

/* "9h 27m", "34 min". */
static void
add_span(struct tk_buf *b, int64_t ms)
{
	int64_t minutes = ms < 0 ? 0 : ms / MINUTE_MS;

	if (minutes >= 48 * 60)
		tk_buf_addf(b, "%d days", (int)(minutes / 1440));
	else if (minutes >= 60)
		tk_buf_addf(b, "%dh %02dm", (int)(minutes / 60),
		    (int)(minutes % 60));
	else
		tk_buf_addf(b, "%d min", (int)minutes);
}

static void
draw_limit_row(struct frame *f, const struct top_limit *l)
{
	struct cells *g = f->g;
	struct tk_buf b = TK_BUF_INIT, amount = TK_BUF_INIT;
	bool wide = g->w >= FRAME_WIDE;
	int name = wide ? 18 : g->w - 24;

	cells_put_name(g, f->y, 0, name, ROLE_PLAIN, l->name);
	cells_put(g, f->y, name + 1, ROLE_DIM, limit_period_name(l->period));
	if (!wide) {
		tk_percent_add(&b, l->used, l->amount, 0, f->s->digits);
		if (b.len > 6) {
			tk_buf_reset(&b);
			tk_buf_adds(&b, ">999%");
		}
		cells_put_right(g, f->y, g->w - 5, frame_role(l->state), b.s);
		cells_put(g, f->y, g->w - 4, frame_role(l->state),
		    frame_word(l->state));
		f->y++;
		tk_buf_release(&b);
		return;
	}
	frame_amount(f, &b, l->kind, l->used, 9);
	frame_amount(f, &amount, l->kind, l->amount, 9);
	cells_put_right(g, f->y, 36, ROLE_PLAIN, b.s);
	cells_put_right(g, f->y, 46, ROLE_PLAIN, amount.s);
	frame_bar(f, 48, 14, l);
	tk_buf_reset(&b);
	if (l->resets_at > f->m->now && g->w >= 100) {
		tk_buf_adds(&b, "resets in ");
		add_span(&b, l->resets_at - f->m->now);
		cells_put_right(g, f->y, g->w, ROLE_DIM, b.s);
	}
	f->y++;
	tk_buf_release(&b);
	tk_buf_release(&amount);
}

void
frame_limits(struct frame *f, int rows)
{
	struct cells *g = f->g;

	cells_put(g, f->y, 0, ROLE_HEAD, "Limit of");
	if (g->w >= FRAME_WIDE) {
		cells_put(g, f->y, 19, ROLE_HEAD, "Period");
		cells_put_right(g, f->y, 36, ROLE_HEAD, "Used");
		cells_put_right(g, f->y, 46, ROLE_HEAD, "Limit");
	}
	f->y++;
	if (f->m->limits == 0)
		cells_put_name(g, f->y, 0, g->w, ROLE_DIM,
		    "no limit is set: tokctl quota set, tokctl budget set");
	for (size_t i = 0; i < f->m->limits && rows-- > 0; i++)
		draw_limit_row(f, &f->m->limit[i]);
}

static void
draw_event(struct frame *f, const struct top_event *e)
{
	bool over = e->threshold >= CROSSING_FULL;
	enum cell_role role = over ? ROLE_OVER : ROLE_WARN;
	struct tk_buf b = TK_BUF_INIT, amount = TK_BUF_INIT;
	size_t skip;

	tk_time_add_minute(&b, f->s->zone, e->time);
	skip = f->g->w >= FRAME_WIDE || b.len < 11 ? 0 : b.len - 5;
	cells_put(f->g, f->y, 0, role, over ? "OVER" : "WARN");
	cells_put(f->g, f->y, 5, ROLE_DIM, b.s + skip);
	skip = 6 + b.len - skip;
	tk_buf_reset(&b);
	frame_amount(f, &amount, e->kind, e->amount, 9);
	tk_buf_addf(&b, "%s: %s %s ", e->name, limit_period_name(e->period),
	    e->kind == LIMIT_QUOTA ? "quota" : "budget");
	if (over) {
		tk_buf_adds(&b, "reached: ");
	} else {
		tk_buf_adds(&b, "above ");
		tk_percent_add(&b, e->threshold, CROSSING_FULL, 0,
		    f->s->digits);
		tk_buf_adds(&b, " of ");
	}
	tk_buf_adds(&b, amount.s);
	cells_put_name(f->g, f->y, (int)skip, f->g->w - (int)skip, ROLE_PLAIN,
	    b.s);
	f->y++;
	tk_buf_release(&b);
	tk_buf_release(&amount);
}

void
frame_alerts(struct frame *f, int rows)
{
	if (f->m->events == 0)
		cells_put_name(f->g, f->y, 0, f->g->w, ROLE_DIM,
		    "no threshold was crossed");
	for (size_t i = 0; i < f->m->events && rows-- >= 0; i++)
		draw_event(f, &f->m->event[i]);
}

/* "Daily Usage:   2,450 / 10,000 tokens  (24.5%) [###|  ] ok" */
static void
draw_usage(struct frame *f, const char *label, const struct usage_sums *s,
    enum limit_period period)
{
	const struct top_limit *l = NULL;
	struct tk_buf b = TK_BUF_INIT, whole = TK_BUF_INIT;
	int y = f->y++;

	for (size_t i = 0; i < f->m->limits; i++)
		if (f->m->limit[i].kind == LIMIT_QUOTA &&
		    f->m->limit[i].period == period && !f->m->narrowed &&
		    (f->m->user != NULL
			    ? f->m->limit[i].scope == SCOPE_USER &&
				strcmp(f->m->limit[i].name, f->m->user) == 0
			    : f->m->limit[i].scope == SCOPE_EVERYONE))
			l = &f->m->limit[i];
	cells_put(f->g, y, 2, ROLE_HEAD, label);
	frame_tokens(f, &b, l != NULL ? l->used : sums_total(s), 12);
	cells_put_right(f->g, y, 30, ROLE_PLAIN, b.s);
	if (l == NULL) {
		cells_put(f->g, y, 31, ROLE_PLAIN, "tokens (no limit)");
	} else {
		frame_tokens(f, &whole, l->amount, 10);
		tk_buf_reset(&b);
		tk_buf_addf(&b, "/ %s tokens", whole.s);
		cells_put(f->g, y, 31, ROLE_PLAIN, b.s);
		f->y = y;
		frame_bar(f, 51, f->g->w - 2 - 51 - 15, l);
		f->y = y + 1;
	}
	tk_buf_release(&b);
	tk_buf_release(&whole);
}

static void
draw_line(struct frame *f, const char *label, const char *value)
{
	cells_put(f->g, f->y, 2, ROLE_HEAD, label);
	cells_put_name(f->g, f->y++, 24, f->g->w - 26, ROLE_PLAIN, value);
}

static void
draw_dashboard(struct frame *f)
{
	const struct now_figures *n = &f->m->figures;
	const struct top_session *s = &f->m->session;
	const char *user = f->m->user != NULL ? f->m->user : "USER";
	struct tk_buf b = TK_BUF_INIT, month = TK_BUF_INIT;

	cells_frame(f->g, f->y++, 0, 11, f->g->w,
	    "Token Usage Dashboard - User",
	    cells_width(f->s->scope) < 40 ? f->s->scope : "");
	draw_usage(f, "Daily Usage:", &n->today, PERIOD_DAY);
	draw_usage(f, "Monthly Usage:", &n->this_month, PERIOD_MONTH);
	if (s->any) {
		frame_tokens(f, &b, s->tokens, 12);
		tk_buf_adds(&b, " tokens since ");
		tk_time_add_minute(&b, f->s->zone, s->since);
	} else {
		tk_buf_adds(&b, "none in the last day");
	}
	draw_line(f, "Current Session:", b.s);
	frame_sums_cost(f, &b, &n->today, 12);
	frame_sums_cost(f, &month, &n->this_month, 12);
	tk_buf_addf(&b, "   month %s", month.s);
	draw_line(f, "Cost Today:", b.s);
	f->y++;
	cells_put(f->g, f->y++, 2, ROLE_HEAD, "Quick actions");
	for (int i = 0; i < 3; i++) {
		static const struct {
			const char *key, *what, *verb, *rest;
		} acts[] = {
			{ "o", "View detailed report", "report daily", "" },
			{ "a", "Set usage alerts", "alert add", " --at 80%" },
			{ "l", "Adjust quota settings", "quota set",
			    " --daily N" },
		};

		cells_put(f->g, f->y, 4, ROLE_KEY, acts[i].key);
		cells_put(f->g, f->y, 7, ROLE_PLAIN, acts[i].what);
		tk_buf_reset(&b);
		tk_buf_addf(&b, "tokctl %s --user %s%s", acts[i].verb, user,
		    acts[i].rest);
		cells_put_name(f->g, f->y++, 34, f->g->w - 36, ROLE_DIM, b.s);
	}
	f->y++;
	tk_buf_release(&b);
	tk_buf_release(&month);
}

/* How long the day's limit lasts at the rate of the last five minutes. */
static void
add_duration(const struct frame *f, struct tk_buf *b)
{
	const struct top_limit *l = f->m->user != NULL
	    ? top_model_limit(f->m, f->m->user)
	    : top_model_main(f->m, PERIOD_DAY);
	struct now_rate five;
	tk_int128 left;

	now_rate(&f->m->figures, f->m->now, 5, &five);
	if (l == NULL || l->kind != LIMIT_QUOTA || f->m->narrowed) {
		tk_buf_adds(b, "no daily limit");
		return;
	}
	left = l->amount - l->used;
	if (left <= 0) {
		tk_buf_adds(b, "the daily limit is reached");
	} else if (five.tokens_per_minute <= 0) {
		tk_buf_adds(b, "nothing is used now");
	} else if (left / five.tokens_per_minute > 60 * 24 * 30) {
		tk_buf_adds(b, "more than 30 days at this rate");
	} else {
		add_span(b,
		    (int64_t)(left / five.tokens_per_minute) * MINUTE_MS);
		tk_buf_adds(b, " at this rate, until the daily limit");
	}
}

static void
draw_applications(struct frame *f, int rows)
{
	const struct report *r = &f->m->application;
	tk_int128 total = sums_total(&r->total);
	struct tk_buf b = TK_BUF_INIT;

	cells_put(f->g, f->y++, 2, ROLE_HEAD, "Active applications");
	for (size_t i = 0; i < r->rows && rows-- > 0; i++) {
		const struct report_row *row = &r->row[i];
		const char *name = row->name[0] != NULL && *row->name[0] != '\0'
		    ? row->name[0]
		    : "-";

		cells_put_name(f->g, f->y, 4, 16, ROLE_PLAIN, name);
		frame_tokens(f, &b, sums_total(&row->sums), 12);
		cells_put_right(f->g, f->y, 33, ROLE_PLAIN, b.s);
		cells_put(f->g, f->y, 34, ROLE_PLAIN, "tokens");
		cells_bar(f->g, f->y, 43, f->g->w - 43 - 11, ROLE_OK,
		    sums_total(&row->sums), total, -1);
		tk_buf_reset(&b);
		tk_percent_add(&b, sums_total(&row->sums), total, 0,
		    f->s->digits);
		cells_put_right(f->g, f->y++, f->g->w - 3, ROLE_PLAIN, b.s);
	}
	tk_buf_release(&b);
}

static void
draw_monitor(struct frame *f)
{
	const struct top_session *s = &f->m->session;
	int h = f->g->h - f->y - 1, end;
	struct tk_buf b = TK_BUF_INIT;
	struct now_rate five;
	tk_int128 tokens;

	if (h < 7)
		return;
	h = h > 14 ? 14 : h;
	end = f->y + h;
	cells_frame(f->g, f->y++, 0, h, f->g->w, "Real-time Usage Monitor",
	    f->ui->paused ? "paused" : "live");
	if (s->any) {
		frame_tokens(f, &b, s->tokens, 12);
		tk_buf_adds(&b, " tokens, started ");
		add_span(&b, f->m->now - s->since);
		tk_buf_adds(&b, " ago");
	} else {
		tk_buf_adds(&b, "none in the last day");
	}
	draw_line(f, "Current session:", b.s);
	now_rate(&f->m->figures, f->m->now, 5, &five);
	frame_tokens(f, &b, five.tokens_per_minute, 12);
	tk_buf_adds(&b, " tokens/minute");
	draw_line(f, "Rate:", b.s);
	tk_buf_reset(&b);
	add_duration(f, &b);
	draw_line(f, "Estimated duration:", b.s);
	tk_buf_reset(&b);
	if (top_day_ahead(f->m, f->s->zone, &tokens)) {
		tk_buf_adds(&b, "~");
		tk_int_add_short(&b, tokens, 12, f->s->digits);
		tk_buf_adds(&b, " tokens");
	} else {
		tk_buf_adds(&b, "too early to say");
	}
	draw_line(f, "Projected today:", b.s);
	if (h > 7)
		draw_applications(f, end - f->y - 2);
	f->y = end;
	tk_buf_release(&b);
}

void
frame_home(struct frame *f)
{
	draw_dashboard(f);
	draw_monitor(f);
}
