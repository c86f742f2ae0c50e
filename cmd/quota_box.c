/*
 * The quotas of one user in a box, as people see them who ask for their own:
 * quota.h.  Programs get the table of quota_show().
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/time.h"
#include "cli/term.h"
#include "config/config.h"
#include "ledger/ledger.h"
#include "ledger/names.h"
#include "limit/people.h"
#include "limit/use.h"
#include "out/out.h"
#include "quota.h"
#include "top/top.h"
#include "tui/cells.h"

enum { WIDTH = 80, LIMITS = 4, LABEL = 2, USED_END = 28, BAR = 54, STATE = 67 };

/* What is in the box. */
struct box {
	struct cmd_ctx *ctx;
	const char *user;
	struct tk_digits digits;
	struct row {
		enum limit_period period;
		bool rolling;
		tk_int128 used, amount;
		int64_t start, resets_at;
		const char *state;
	} row[LIMITS];
	int rows;
	struct top_model m;
	bool read; /* m is to be released */
	struct cells g;
	int y;
};

static int
keep_row(const struct limit_use *u, void *data, struct tk_err *err)
{
	struct box *b = data;

	(void)err;
	if (u->kind == LIMIT_QUOTA && b->rows < LIMITS)
		b->row[b->rows++] =
		    (struct row){ u->period, u->rolling, u->used, u->amount,
			    u->start, u->resets_at, limit_use_state(u) };
	return 0;
}

/* Who has no records yet has used nothing. */
static int
read_figures(struct box *b, struct tk_err *err)
{
	struct top_query q = { .now = b->ctx->now,
		.zone = b->ctx->zone,
		.view = TOP_HOME };
	uint32_t id;
	int found = names_find(ledger_names(b->ctx->ledger), NAME_USER, b->user,
	    &id, err);

	if (found <= 0)
		return found;
	ledger_filter_init(&q.filter);
	q.filter.name[NAME_USER] = &b->user;
	q.filter.names[NAME_USER] = 1;
	if (top_model_read(&b->m, b->ctx->ledger, &q, err) < 0)
		return -1;
	b->read = true;
	return 0;
}

static const char *
label_of(const struct row *r)
{
	switch (r->period) {
	case PERIOD_DAY:
		return r->rolling ? "Last 24 hours" : "Daily usage";
	case PERIOD_MONTH:
		return r->rolling ? "Last 30 days" : "Monthly usage";
	case PERIOD_HARD:
		return "In all";
	default:
		return "Session limit";
	}
}

static enum cell_role
role_of(const struct row *r)
{
	if (strcmp(r->state, "ok") == 0)
		return ROLE_OK;
	return strcmp(r->state, "warning") == 0 ? ROLE_WARN : ROLE_OVER;
}

/* How much of the period has passed, of 1,000; -1: it has none. */
static int
pace_of(const struct box *b, const struct row *r)
{
	int64_t now = b->ctx->now;

	if (r->rolling || r->resets_at <= r->start || r->period >= PERIOD_HARD)
		return -1;
	return (int)((tk_int128)(now - r->start) * 1000 /
	    (r->resets_at - r->start));
}

static void
draw_row(struct box *b, const struct row *r)
{
	struct tk_buf t = TK_BUF_INIT;
	int x;

	cells_put(&b->g, b->y, LABEL, ROLE_HEAD, label_of(r));
	if (r->period == PERIOD_SESSION) {
		tk_int_add_short(&t, r->amount, 14, &b->digits);
		tk_buf_adds(&t, " tokens");
		cells_put(&b->g, b->y++, USED_END - 6, ROLE_PLAIN, t.s);
		tk_buf_release(&t);
		return;
	}
	tk_int_add_short(&t, r->used, 12, &b->digits);
	cells_put_right(&b->g, b->y, USED_END - 2, ROLE_PLAIN, t.s);
	tk_buf_reset(&t);
	tk_buf_adds(&t, "/ ");
	tk_int_add_short(&t, r->amount, 10, &b->digits);
	tk_buf_adds(&t, " tokens");
	x = cells_put(&b->g, b->y, USED_END - 1, ROLE_PLAIN, t.s);
	tk_buf_reset(&t);
	tk_buf_adds(&t, "(");
	tk_percent_add(&t, r->used, r->amount, 1, &b->digits);
	tk_buf_adds(&t, ")");
	if (x + 1 + (int)t.len < BAR)
		cells_put_right(&b->g, b->y, BAR - 1, ROLE_PLAIN, t.s);
	cells_bar(&b->g, b->y, BAR, 10, role_of(r), r->used, r->amount,
	    pace_of(b, r));
	cells_put(&b->g, b->y++, STATE, role_of(r), r->state);
	tk_buf_release(&t);
}

/* "13:58", with its day when that is another one. */
static void
add_moment(const struct box *b, struct tk_buf *t, int64_t ms)
{
	const struct tk_zone *z = b->ctx->zone;
	struct tk_buf minute = TK_BUF_INIT;
	const char *clock;

	tk_time_add_minute(&minute, z, ms);
	clock = strrchr(minute.s, ' ');
	if (tk_zone_day(z, ms) != tk_zone_day(z, b->ctx->now) || clock == NULL)
		tk_buf_adds(t, minute.s);
	else
		tk_buf_adds(t, clock + 1);
	tk_buf_release(&minute);
}

static void
draw_session(struct box *b)
{
	struct tk_buf t = TK_BUF_INIT;
	struct top_session s;

	cells_put(&b->g, b->y, LABEL, ROLE_HEAD, "Current session");
	if (!top_model_session(&b->m, &s)) {
		cells_put(&b->g, b->y++, USED_END - 6, ROLE_PLAIN,
		    "none today");
		return;
	}
	tk_int_add_short(&t, s.tokens, 12, &b->digits);
	cells_put_right(&b->g, b->y, USED_END - 2, ROLE_PLAIN, t.s);
	tk_buf_reset(&t);
	tk_buf_adds(&t, "tokens since ");
	add_moment(b, &t, s.since);
	cells_put(&b->g, b->y++, USED_END - 1, ROLE_PLAIN, t.s);
	tk_buf_release(&t);
}

static void
draw_cost(struct box *b)
{
	const struct usage_sums *s = &b->m.figures.today;
	struct tk_buf t = TK_BUF_INIT;

	cells_put(&b->g, b->y, LABEL, ROLE_HEAD, "Cost today");
	tk_money_add_human(&t, s->v[SUM_COST], -1, &b->digits);
	cells_put_right(&b->g, b->y, USED_END - 2, ROLE_PLAIN, t.s);
	if (s->v[SUM_UNPRICED] > 0)
		cells_put(&b->g, b->y, USED_END - 1, ROLE_WARN,
		    "and calls without a price");
	b->y++;
	tk_buf_release(&t);
}

static bool
is_reset(const struct row *r)
{
	return r->resets_at != 0 && !r->rolling;
}

static bool
has_resets(const struct box *b)
{
	for (int i = 0; i < b->rows; i++)
		if (is_reset(&b->row[i]))
			return true;
	return false;
}

/* "day in 9h 27m", "month on 2026-12-01". */
static void
add_reset(const struct box *b, struct tk_buf *t, const struct row *r)
{
	int64_t minutes = (r->resets_at - b->ctx->now) / 60000;

	if (r->period == PERIOD_DAY) {
		tk_buf_addf(t, "day in %dh %02dm", (int)(minutes / 60),
		    (int)(minutes % 60));
	} else {
		tk_buf_adds(t, "month on ");
		tk_day_add(t, tk_zone_day(b->ctx->zone, r->resets_at));
	}
}

static void
draw_resets(struct box *b)
{
	struct tk_buf t = TK_BUF_INIT;

	for (int i = 0; i < b->rows; i++) {
		const struct row *r = &b->row[i];

		if (!is_reset(r))
			continue;
		if (t.len > 0)
			tk_buf_adds(&t, "; ");
		add_reset(b, &t, r);
	}
	if (t.len > 0) {
		cells_put(&b->g, b->y, LABEL, ROLE_HEAD, "Resets");
		cells_put(&b->g, b->y++, USED_END - 6, ROLE_PLAIN, t.s);
	}
	tk_buf_release(&t);
}

static void
draw_actions(struct box *b)
{
	static const char *const act[][2] = {
		{ "tokctl report daily --user %s%s", "" },
		{ "tokctl alert add --user %s%s", " --at 80%" },
		{ "tokctl quota set --user %s%s", " --daily N" },
	};
	static const char *const what[] = { "view a detailed report",
		"set a usage alert", "adjust the limits" };

	b->y++;
	for (int i = 0; i < 3; i++) {
		struct tk_buf t = TK_BUF_INIT;
		const char *at = strstr(act[i][0], "%s");

		tk_buf_add(&t, act[i][0], (size_t)(at - act[i][0]));
		tk_buf_adds(&t, b->user);
		tk_buf_adds(&t, act[i][1]);
		cells_put_name(&b->g, b->y, 4, 42, ROLE_KEY, t.s);
		cells_put(&b->g, b->y++, 48, ROLE_DIM, what[i]);
		tk_buf_release(&t);
	}
	cells_put(&b->g, b->y++, LABEL, ROLE_DIM,
	    "The mark in each bar is how much of the period has passed.");
}

static void
draw(struct box *b, bool ascii)
{
	struct tk_buf title = TK_BUF_INIT, right = TK_BUF_INIT;
	int height = b->rows + 9 + has_resets(b);

	cells_init(&b->g, WIDTH, height, ascii);
	tk_buf_addf(&title, "Token usage: %.40s", b->user);
	tk_time_add_minute(&right, b->ctx->zone, b->ctx->now);
	tk_buf_addf(&right, " %s", tk_zone_name(b->ctx->zone));
	cells_frame(&b->g, 0, 0, height, WIDTH, title.s, right.s);
	b->y = 1;
	for (int i = 0; i < b->rows; i++)
		draw_row(b, &b->row[i]);
	draw_session(b);
	draw_cost(b);
	draw_resets(b);
	draw_actions(b);
	tk_buf_release(&title);
	tk_buf_release(&right);
}

static int
print(struct box *b, struct tk_err *err)
{
	const char *ascii;
	int color = TERM_AUTO;
	struct tk_buf t = TK_BUF_INIT;

	if (config_get_choice(b->ctx->config, "ui.color", &color, err) < 0 ||
	    config_get(b->ctx->config, "ui.ascii", &ascii, err) < 0)
		return -1;
	draw(b,
	    strcmp(ascii, "auto") == 0 ? !term_utf8()
				       : strcmp(ascii, "yes") == 0);
	cells_print(&b->g,
	    term_color(STDOUT_FILENO, (enum term_when)b->ctx->common->color,
		(enum term_when)color),
	    &t);
	fwrite(t.s, 1, t.len, b->ctx->to);
	cells_release(&b->g);
	tk_buf_release(&t);
	return 0;
}

int
quota_has_box(const struct cmd_ctx *ctx, const struct limit_name *of,
    struct tk_err *err)
{
	int width = term_width(STDOUT_FILENO);
	const char *format = NULL;

	if (of->scope != SCOPE_USER || ctx->common->format >= 0 ||
	    (width > 0 && width < WIDTH))
		return 0;
	if (config_get(ctx->config, "output.format", &format, err) < 0)
		return -1;
	return format == NULL || strcmp(format, "table") == 0;
}

int
quota_box(struct cmd_ctx *ctx, const struct limit_name *of, const char *session,
    struct tk_err *err)
{
	struct box b = { .ctx = ctx, .user = of->name };
	int rc = -1;

	if (config_digits(ctx->config, &b.digits, err) < 0 ||
	    ledger_begin_read(ctx->ledger, err) < 0)
		return -1;
	if (limit_each_use(ctx->ledger, of, session, ctx->now, keep_row, &b,
		err) == 0 &&
	    read_figures(&b, err) == 0)
		rc = print(&b, err);
	ledger_end_read(ctx->ledger);
	if (b.read)
		top_model_release(&b.m);
	return rc;
}
