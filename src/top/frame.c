/*
 * Frames: the header never goes, the table shrinks, the answer alone stays
 *
 * From 120 by 35 on there are panes on the right; from 80 columns and 16
 * rows on there is all of the header; from 38 by 7 a narrow table; below that,
 * lines with the figures alone.
 */
#include <string.h>

#include "base/buf.h"
#include "base/time.h"
#include "top/frame_int.h"

enum {
	LOW = 7,
	HIGH = 16,
	QUIT = 8,   /* columns that the way out takes on the foot line */
	PANES = 48, /* what panes take from the right, at most */
	QUIET_MS = 60 * 60000,
};

const char *const frame_titles[TOP_VIEWS] = { "User", "App", "Model", "Session",
	"Project", "Live", "Limits", "Alerts", "Home" };

static void
add_clock(const struct frame *f, struct tk_buf *b)
{
	static const char *const names[] = { "Mon", "Tue", "Wed", "Thu", "Fri",
		"Sat", "Sun" };
	int32_t day = tk_zone_day(f->s->zone, f->now);
	int32_t offset = tk_zone_offset(f->s->zone, f->now) / 60;
	struct tk_buf time = TK_BUF_INIT;

	/* At rest it changes once a minute: a terminal that shows the same
	 * can sleep. */
	tk_time_add_second(&time, f->s->zone, f->now);
	if (f->ui->idle && time.len == 8)
		time.s[time.len = 5] = '\0';
	if (f->g->w >= FRAME_WIDE) {
		tk_buf_addf(b, "%s ", names[tk_day_weekday(day)]);
		tk_day_add(b, day);
		tk_buf_addf(b, " %s", time.s);
		if (f->panes)
			tk_buf_addf(b, " %c%02d:%02d", offset < 0 ? '-' : '+',
			    (offset < 0 ? -offset : offset) / 60,
			    (offset < 0 ? -offset : offset) % 60);
	} else {
		tk_buf_add(b, time.s, time.len > 5 ? 5 : time.len);
	}
	tk_buf_release(&time);
}

/* "2.0s", "0.25s" */
static void
add_delay(const struct frame *f, struct tk_buf *b)
{
	int ms = (int)top_ui_delay(f->ui);

	if (f->panes)
		tk_buf_adds(b, "refresh ");
	tk_buf_addf(b, "%d.%d", ms / 1000, ms % 1000 / 100);
	if (ms % 100 != 0)
		tk_buf_addf(b, "%d", ms % 100 / 10);
	tk_buf_adds(b, "s");
}

bool
top_nothing_new(const struct top_model *m, int64_t now)
{
	return m->calls > 0 && now - m->call[0].time > QUIET_MS;
}

/* "PAUSED", "LEDGER BUSY 6s", "NOTHING NEW since 11:04" */
static void
add_state(const struct frame *f, struct tk_buf *b)
{
	const struct top_ui *ui = f->ui;
	int64_t last = f->m->calls > 0 ? f->m->call[0].time : 0;
	struct tk_buf time = TK_BUF_INIT;

	if (ui->paused)
		tk_buf_adds(b, "PAUSED");
	if (ui->state.len > 0) {
		tk_buf_addf(b, "%s%s", ui->paused ? " " : "", ui->state.s);
	} else if (!ui->paused && top_nothing_new(f->m, f->now) &&
	    f->g->w >= FRAME_WIDE) {
		tk_time_add_minute(&time, f->s->zone, last);
		tk_buf_addf(b, "NOTHING NEW since %s",
		    last >= f->m->day.since && time.len == 16 ? time.s + 11
							      : time.s);
	}
	tk_buf_release(&time);
}

/* How old the latest call is, on a screen with room for it. */
static int
draw_newest(struct frame *f, int end)
{
	int64_t age = f->m->calls > 0 ? f->now - f->m->call[0].time : -1;
	struct tk_buf b = TK_BUF_INIT;

	if (!f->panes || age < 0)
		return end;
	tk_buf_adds(&b, "newest ");
	if (age < 60000)
		tk_buf_addf(&b, "%ds", (int)(age / 1000));
	else
		frame_span(&b, age);
	tk_buf_adds(&b, " ago");
	cells_put_right(f->g, f->y, end, ROLE_DIM, b.s);
	end -= cells_width(b.s) + 3;
	tk_buf_release(&b);
	return end;
}

/* Delay and state, ending before column end; where they begin. */
static int
draw_state(struct frame *f, int end)
{
	struct tk_buf b = TK_BUF_INIT;
	int w;

	if (f->g->w >= FRAME_WIDE) {
		end = draw_newest(f, end);
		add_delay(f, &b);
		cells_put_right(f->g, f->y, end, ROLE_DIM, b.s);
		end -= cells_width(b.s) + 3;
	}
	tk_buf_reset(&b);
	add_state(f, &b);
	w = cells_width(b.s);
	/* The path gives way, but not all of it. */
	if (w > end - 24)
		w = end - 24;
	if (b.len > 0 && w > 0) {
		cells_put_name(f->g, f->y, end - w, w, ROLE_STATE, b.s);
		end -= w + 2;
	}
	tk_buf_release(&b);
	return end;
}

static void
draw_title(struct frame *f)
{
	struct tk_buf b = TK_BUF_INIT, path = TK_BUF_INIT;
	struct cells *g = f->g;
	int end, x;

	add_clock(f, &b);
	cells_put_right(g, f->y, g->w, ROLE_PLAIN, b.s);
	end = draw_state(f, g->w - cells_width(b.s) - (f->panes ? 3 : 2));
	/* A narrow screen says of whom only when it is not of all. */
	if (g->w >= FRAME_WIDE || f->m->filtered || f->ui->filter.len > 0 ||
	    f->m->active == 0)
		top_ui_path(f->ui, f->s->scope, &path);
	tk_buf_reset(&b);
	if (g->w >= FRAME_WIDE)
		tk_buf_adds(&b, "tokctl top  ");
	else if (f->m->active > 0)
		tk_buf_addf(&b, "tokctl %d alert%s  ",
		    f->m->active > 99 ? 99 : (int)f->m->active,
		    f->m->active == 1 ? "" : "s");
	else
		tk_buf_adds(&b, "tokctl top  ");
	x = cells_put(g, f->y, 0, ROLE_TITLE, b.s);
	if (f->panes && f->ui->range == RANGE_DAY && f->ui->shift == 0)
		tk_buf_adds(&path, g->ascii ? ", today" : " \u00b7 today");
	if (end > x)
		cells_put_name(g, f->y, x, end - x, ROLE_PLAIN, path.s);
	f->y++;
	tk_buf_release(&b);
	tk_buf_release(&path);
}

/* What is typed, with where the next character comes. */
static void
draw_input(struct frame *f, int y)
{
	const struct top_ui *ui = f->ui;
	const char *what = ui->mode == MODE_FILTER ? "filter: "
	    : ui->mode == MODE_FIND                ? "find: "
	    : ui->mode == MODE_ALERT ? "alert when this much is used: "
	    : ui->asks               ? "ask for tokens a day: "
				     : "tokens a day: ";
	int x = cells_width(what), w = f->g->w;

	cells_put_name(f->g, y, 0, w - 1, ROLE_KEY, what);
	cells_put_name(f->g, y, x, w - x - 1, ROLE_PLAIN, ui->input.s);
	x += cells_width(ui->input.s);
	cells_paint(f->g, y, x < w ? x : w - 1, 1, ROLE_SELECTED);
}

static bool
is_typing(const struct top_ui *ui)
{
	return ui->mode == MODE_FILTER || ui->mode == MODE_FIND ||
	    ui->mode == MODE_LIMIT || ui->mode == MODE_ALERT;
}

static enum top_foot
foot_of(const struct frame *f)
{
	if (f->m->empty)
		return FOOT_EMPTY;
	switch (f->m->view) {
	case TOP_HOME:
		return FOOT_HOME;
	case TOP_LIMITS:
		return FOOT_LIMITS;
	case TOP_ALERTS:
		return FOOT_ALERTS;
	case TOP_LIVE:
		return FOOT_LIVE;
	case TOP_USER:
	case TOP_APPLICATION:
	case TOP_MODEL:
	case TOP_SESSION:
	case TOP_PROJECT:
	case TOP_VIEWS:
		break;
	}
	return f->ui->depth > 0  ? FOOT_DRILLED
	    : f->panes           ? FOOT_WIDE
	    : f->ui->tabs_y >= 0 ? FOOT_TABLE
				 : FOOT_NARROW;
}

/* Keys that work here, as many as there is room for; or news. */
static void
draw_foot(struct frame *f)
{
	const struct top_ui *ui = f->ui;
	int y = f->g->h - 1, x = 0;

	if (is_typing(ui)) {
		draw_input(f, y);
		return;
	}
	if (ui->message.len > 0) {
		cells_put_name(f->g, y, 0, f->g->w, ROLE_WARN, ui->message.s);
		return;
	}
	for (const struct top_foot_key *k = top_feet[foot_of(f)];
	     k->text != NULL; k++) {
		int w = cells_width(k->text);

		if (x + w + (k->act == ACT_QUIT ? 0 : QUIT) > f->g->w)
			continue;
		cells_put(f->g, y, x, ROLE_KEY, k->text);
		x += w + 2;
	}
}

static void
draw_tables(struct frame *f, int rows)
{
	if (f->m->table[TABLE_SECOND].on && rows >= 8)
		frame_drilled(f, rows);
	else
		frame_table(f, rows - 1);
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
	case TOP_HOME:
		frame_home_lines(f, rows);
		break;
	case TOP_USER:
	case TOP_APPLICATION:
	case TOP_MODEL:
	case TOP_SESSION:
	case TOP_PROJECT:
	case TOP_VIEWS:
		draw_tables(f, rows);
		break;
	}
	if (latest > 0)
		frame_latest(f, latest);
}

/* How many rows the latest calls get, with their heading, of those below the
 * names of the views. */
static int
rows_of_latest(const struct frame *f, int rows)
{
	const struct top_table *t = &f->m->table[TABLE_VIEW];
	int table = (int)(t->report.rows > 100 ? 100 : t->report.rows) + 2;

	if (f->m->table[TABLE_SECOND].on)
		return f->panes ? rows / 3 : 2;
	if (!f->panes)
		return rows >= 22 ? 11 : 4;
	table = table < 8 ? 8 : table > rows / 2 ? rows / 2 : table;
	return rows - table;
}

static void
draw_below(struct frame *f, bool all)
{
	int rows, latest = 0;

	if (all) {
		f->y += f->panes;
		frame_tabs(f);
	}
	rows = f->bottom - f->y;
	if (all)
		latest = rows_of_latest(f, rows);
	draw_view(f, rows - latest, latest);
}

static void
draw_all(struct frame *f)
{
	struct cells *g = f->g;
	bool all = g->w >= FRAME_WIDE && g->h >= HIGH;

	f->ui->tabs_y = -1;
	f->ui->table_y = g->h;
	f->w = !f->panes                ? g->w
	    : g->w - PANES > FRAME_WIDE ? g->w - PANES
					: FRAME_WIDE;
	f->bottom = g->h - 1;
	draw_title(f);
	if (f->m->empty) {
		frame_start(f);
	} else if (f->m->view == TOP_HOME && g->w >= FRAME_WIDE && g->h >= 18) {
		frame_home(f);
	} else {
		if (f->panes)
			frame_panes(f);
		if (all)
			frame_header(f);
		else if (g->w >= FRAME_WIDE)
			frame_short_header(f);
		else
			frame_narrow_header(f);
		draw_below(f, all);
	}
	draw_foot(f);
	frame_overlay(f);
}

static bool
has_title(const struct cells *g)
{
	return g->w >= FRAME_NARROW && g->h >= LOW;
}

static struct frame
frame_of(struct cells *g, const struct top_model *m,
    const struct top_style *style, struct top_ui *ui)
{
	return (struct frame){ .g = g,
		.m = m,
		.s = style,
		.ui = ui,
		.now = style->now != 0 ? style->now : m->now,
		.w = g->w,
		.bottom = g->h,
		.panes = top_has_panes(g->w, g->h) && m->view != TOP_HOME &&
		    !m->empty };
}

void
top_draw(struct cells *g, const struct top_model *m,
    const struct top_style *style, struct top_ui *ui)
{
	struct frame f = frame_of(g, m, style, ui);

	cells_clear(g);
	if (has_title(g))
		draw_all(&f);
	else
		frame_answer(&f);
}

void
top_draw_title(struct cells *g, const struct top_model *m,
    const struct top_style *style, struct top_ui *ui)
{
	struct frame f = frame_of(g, m, style, ui);

	/* What is laid over the frame may lie on it. */
	if (!has_title(g) || ui->mode == MODE_HELP || ui->mode == MODE_SORT ||
	    ui->mode == MODE_SETUP)
		return;
	cells_clear_row(g, 0);
	draw_title(&f);
}
