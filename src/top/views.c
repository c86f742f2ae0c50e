/* Views that are no table of names: limits, alerts. */
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "top/frame_int.h"

static void
draw_limit(struct frame *f, const void *item, const void *data)
{
	const struct top_limit *l = item;
	struct cells *g = f->g;
	struct tk_buf b = TK_BUF_INIT, amount = TK_BUF_INIT;
	bool wide = f->w >= FRAME_WIDE;
	int name = wide ? 18 : f->w - 24;

	(void)data;
	cells_put_name(g, f->y, 0, name, ROLE_PLAIN, l->name);
	cells_put(g, f->y, name + 1, ROLE_DIM, limit_period_name(l->period));
	if (!wide) {
		frame_percent(f, &b, l->used, l->amount, 0, 6);
		cells_put_right(g, f->y, f->w - 5, frame_role(l->state), b.s);
		cells_put(g, f->y, f->w - 4, frame_role(l->state),
		    frame_word(l->state));
	} else {
		frame_amount(f, &b, l->kind, l->used, 9);
		frame_amount(f, &amount, l->kind, l->amount, 9);
		cells_put_right(g, f->y, 36, ROLE_PLAIN, b.s);
		cells_put_right(g, f->y, 46, ROLE_PLAIN, amount.s);
		frame_bar(f, 48, 14, 1, l);
		tk_buf_reset(&b);
		if (l->resets_at > f->m->now && f->w >= FRAME_ALL) {
			tk_buf_adds(&b, "in ");
			frame_span(&b, l->resets_at - f->m->now);
			cells_put_right(g, f->y, f->w, ROLE_DIM, b.s);
		}
	}
	f->y++;
	tk_buf_release(&b);
	tk_buf_release(&amount);
}

void
frame_limits(struct frame *f, int rows)
{
	struct cells *g = f->g;
	const void **item;
	size_t n = top_list(f->ui, f->m, &item);

	cells_put(g, f->y, 0, ROLE_HEAD, "Limit of");
	if (f->w >= FRAME_WIDE) {
		cells_put(g, f->y, 19, ROLE_HEAD, "Period");
		cells_put_right(g, f->y, 36, ROLE_HEAD, "Used");
		cells_put_right(g, f->y, 46, ROLE_HEAD, "Limit");
		if (f->w >= FRAME_ALL)
			cells_put_right(g, f->y, f->w, ROLE_HEAD, "Renewed");
	}
	f->y++;
	if (n == 0)
		cells_put_name(g, f->y, 0, f->w, ROLE_DIM,
		    f->m->limits > 0
			? "nothing matches - Esc clears"
			: "no limit is set: tokctl quota set, tokctl budget "
			  "set");
	frame_items(f, item, n, rows - 1, draw_limit, NULL);
	free(item);
}

static const char *
alert_word(const struct top_alert *a, enum cell_role *role)
{
	*role = a->severity == SEVERITY_CRITICAL ? ROLE_OVER
	    : a->severity == SEVERITY_WARNING    ? ROLE_WARN
						 : ROLE_PLAIN;
	if (a->state == ALERT_ACKNOWLEDGED) {
		*role = ROLE_DIM;
		return "seen";
	}
	if (a->percent >= 100)
		return "OVER";
	return a->severity == SEVERITY_CRITICAL ? "CRIT"
	    : a->severity == SEVERITY_WARNING   ? "WARN"
						: "info";
}

/* "ci-bot day limit reached: 60.0K", or its sentence. */
static void
add_brief(const struct frame *f, const struct top_alert *a, struct tk_buf *b)
{
	const char *what = a->of == LIMIT_QUOTA ? "limit" : "budget";
	struct tk_buf amount = TK_BUF_INIT;

	if (!a->has_limit) {
		tk_buf_adds(b, a->message);
		return;
	}
	frame_amount(f, &amount, a->of, a->amount, 5);
	tk_buf_addf(b, "%s %s %s ", *a->name != '\0' ? a->name : "everyone",
	    a->period, what);
	if (a->percent >= 100)
		tk_buf_addf(b, "reached: %s", amount.s);
	else
		tk_buf_addf(b, "above %d%%", (int)a->percent);
	tk_buf_release(&amount);
}

void
frame_alert(struct frame *f, int x, int w, const struct top_alert *a)
{
	enum cell_role role;
	const char *word = alert_word(a, &role);
	struct tk_buf b = TK_BUF_INIT;
	bool today = a->time >= f->m->day.since, wide = w >= FRAME_WIDE;
	int at;

	tk_time_add_minute(&b, f->s->zone, a->time);
	cells_put(f->g, f->y, x, role, word);
	/* "2026-11-21 14:27"; "14:27" of today, "11-20" of another day */
	if (b.len != 16)
		at = x + 5;
	else if (wide)
		at = cells_put(f->g, f->y, x + 5, ROLE_DIM, b.s) + 1;
	else if (today)
		at = cells_put(f->g, f->y, x + 5, ROLE_DIM, b.s + 11) + 1;
	else
		at = cells_putf(f->g, f->y, x + 5, ROLE_DIM, "%.5s", b.s + 5) +
		    1;
	tk_buf_reset(&b);
	if (!wide) {
		add_brief(f, a, &b);
	} else {
		if (*a->name != '\0' && a->is_user)
			tk_buf_addf(&b, "%s: ", a->name);
		tk_buf_adds(&b, a->message);
	}
	cells_put_name(f->g, f->y, at, x + w - at,
	    a->state == ALERT_ACTIVE ? ROLE_PLAIN : ROLE_DIM, b.s);
	tk_buf_release(&b);
}

static void
draw_alert(struct frame *f, const void *item, const void *data)
{
	(void)data;
	frame_alert(f, 0, f->w, item);
	f->y++;
}

void
frame_alerts(struct frame *f, int rows)
{
	struct cells *g = f->g;
	const void **item;
	size_t n = top_list(f->ui, f->m, &item);

	cells_put(g, f->y, 0, ROLE_HEAD, "Alerts");
	if (f->w >= FRAME_WIDE)
		cells_put_right(g, f->y, f->w, ROLE_DIM, "x acknowledges");
	f->y++;
	if (n == 0)
		cells_put_name(g, f->y, 0, f->w, ROLE_DIM,
		    f->m->alerts > 0 ? "nothing matches - Esc clears"
				     : "nothing has crossed a line");
	frame_items(f, item, n, rows - 1, draw_alert, NULL);
	free(item);
}
