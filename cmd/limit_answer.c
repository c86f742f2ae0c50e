/* What a limit answers, as columns and as a sentence: see limit.h. */
#include <inttypes.h>
#include <string.h>

#include "base/buf.h"
#include "base/num.h"
#include "base/time.h"
#include "hold.h"
#include "limit.h"
#include "out/out.h"

const struct out_col cmd_answer_cols[] = { CMD_ANSWER_COLS, OUT_COL_END };

/* An amount in the unit of a limit, as a number. */
static void
out_amount(struct out *o, enum limit_kind kind, tk_int128 n)
{
	struct tk_buf b = TK_BUF_INIT;

	if (kind == LIMIT_QUOTA)
		tk_int128_add(&b, n);
	else
		tk_money_add(&b, n);
	out_json_text(o, b.s);
	tk_buf_release(&b);
}

static void
out_limit(struct out *o, const struct limit_answer *a)
{
	if (!a->bound) {
		for (int i = 0; i < 10; i++)
			out_null(o);
		return;
	}
	out_text(o, limit_scope_name(a->of.scope));
	out_text(o, a->of.scope == SCOPE_EVERYONE ? NULL : a->of.name);
	out_text(o, *a->of.name2 != '\0' ? a->of.name2 : NULL);
	out_text(o, limit_period_name(a->period));
	out_text(o, a->kind == LIMIT_QUOTA ? "tokens" : "usd");
	out_amount(o, a->kind, a->amount);
	out_amount(o, a->kind, a->used);
	out_amount(o, a->kind, a->held);
	out_amount(o, a->kind, a->remaining);
	out_moment(o, a->resets_at);
}

void
cmd_out_whose(struct out *o, const struct limit_name *of)
{
	struct tk_buf b = TK_BUF_INIT;

	limit_name_add_short(&b, of);
	out_text(o, b.s);
	tk_buf_release(&b);
}

void
cmd_out_gauge(struct out *o, tk_int128 used, tk_int128 amount, int64_t passed,
    int64_t length)
{
	enum { CELLS = 8 };
	char bar[CELLS + 3] = "[";
	int full = used > 0 ? CELLS : 0, mark = -1;

	if (used < amount)
		full = (int)((used * 2 * CELLS + amount) / (2 * amount));
	if (used < amount && full == CELLS)
		full--; /* not before all is used */
	if (length > 0)
		mark = (int)((tk_int128)passed * CELLS / length);
	for (int i = 0; i < CELLS; i++) {
		int height = i < full ? OUT_HEIGHT_MAX : 0;

		bar[1 + i] = (char)(i == mark ? '|' : OUT_HEIGHT + height);
	}
	bar[1 + CELLS] = ']';
	out_shades(o, bar);
}

void
cmd_answer_cells(struct out *o, const struct limit_ask *ask,
    const struct limit_answer *a)
{
	struct tk_buf id = TK_BUF_INIT;

	out_bool(o, a->allowed);
	if (a->reservation > 0)
		tk_buf_addf(&id, "r%" PRId64, a->reservation);
	out_text(o, id.len > 0 ? id.s : NULL);
	tk_buf_release(&id);
	out_text(o, ask->who.user);
	out_int(o, ask->tokens > 0 ? ask->tokens : 0);
	out_limit(o, a);
	if (a->priced)
		out_money(o, a->cost);
	else
		out_null(o);
	out_moment(o, a->expires_at);
	out_text(o, *a->reason != '\0' ? a->reason : NULL);
}

static const char *
when(const struct limit_answer *a)
{
	static const char *const words[] = {
		[PERIOD_DAY] = " today",
		[PERIOD_WEEK] = " this week",
		[PERIOD_MONTH] = " this month",
		[PERIOD_QUARTER] = " this quarter",
		[PERIOD_YEAR] = " this year",
		[PERIOD_HARD] = " for ever",
		[PERIOD_SESSION] = " in this session",
	};

	if (a->rolling)
		return a->period == PERIOD_DAY ? " for 24 hours"
					       : " for 30 days";
	return words[a->period];
}

static void
add_amount(struct tk_buf *b, enum limit_kind kind, tk_int128 n)
{
	if (kind == LIMIT_QUOTA)
		tk_int_add_grouped(b, n, &tk_digits_default);
	else
		tk_money_add_human(b, n, -1, &tk_digits_default);
}

/* Nothing more was asked for: what there is is used up. */
static void
add_used_up(struct tk_buf *b, const struct limit_answer *a)
{
	tk_buf_adds(b, "over: ");
	limit_name_add_short(b, &a->of);
	tk_buf_adds(b, " has used ");
	add_amount(b, a->kind, a->used);
	tk_buf_adds(b, " of ");
	add_amount(b, a->kind, a->amount);
	tk_buf_addf(b, "%s%s", a->kind == LIMIT_QUOTA ? " tokens" : "",
	    when(a));
	if (a->amount > 0) {
		tk_buf_adds(b, " (");
		tk_percent_add(b, a->used, a->amount, 1, &tk_digits_default);
		tk_buf_adds(b, ")");
	}
	if (a->held > 0) {
		tk_buf_adds(b, "; ");
		add_amount(b, a->kind, a->held);
		tk_buf_adds(b, " reserved");
	}
}

static void
add_reset(struct tk_buf *b, const struct cmd_ctx *ctx,
    const struct limit_answer *a)
{
	if (a->resets_at == 0)
		return;
	tk_buf_adds(b, a->rolling ? "; more from " : "; resets ");
	tk_time_add_minute(b, ctx->zone, a->resets_at);
}

void
cmd_answer_sentence(const struct cmd_ctx *ctx, const struct limit_ask *ask,
    const struct limit_answer *a, struct tk_buf *b)
{
	if (!a->bound) {
		tk_buf_addf(b, "ok: no limit applies to %s", ask->who.user);
		return;
	}
	if (a->allowed) {
		tk_buf_adds(b, "ok: ");
		limit_name_add_short(b, &a->of);
		tk_buf_adds(b, " has ");
		add_amount(b, a->kind, a->remaining);
		tk_buf_adds(b, " of ");
		add_amount(b, a->kind, a->amount);
		tk_buf_adds(b, a->kind == LIMIT_QUOTA ? " tokens" : "");
		tk_buf_addf(b, " left%s", when(a));
		return;
	}
	if (ask->tokens < 0 && !ask->given) {
		add_used_up(b, a);
		add_reset(b, ctx, a);
		return;
	}
	tk_buf_addf(b, "%s (", a->reason);
	limit_name_add(b, &a->of);
	tk_buf_adds(b, ", ");
	add_amount(b, a->kind, a->amount);
	tk_buf_addf(b, "%s%s", a->kind == LIMIT_QUOTA ? " tokens" : "",
	    when(a));
	add_reset(b, ctx, a);
	tk_buf_adds(b, ")");
}

static void
print_document(struct out *o, const char *schema, const struct limit_ask *ask,
    const struct limit_answer *a)
{
	out_document(o,
	    &(struct out_doc){ .schema = schema, .shape = OUT_ONE });
	out_begin(o, cmd_answer_cols);
	cmd_answer_cells(o, ask, a);
	out_end_row(o);
}

int
cmd_answer_print(struct cmd_ctx *ctx, const char *schema,
    const struct limit_ask *ask, const struct limit_answer *a, bool hold)
{
	struct tk_buf text = TK_BUF_INIT;

	if (ctx->common->format > 0) {
		print_document(ctx->out, schema, ask, a);
		return !a->allowed;
	}
	if (a->reservation != 0)
		tk_buf_addf(&text, "r%" PRId64, a->reservation);
	else
		cmd_answer_sentence(ctx, ask, a, &text);
	if (hold && a->reservation == 0)
		cmd_say(ctx, "%s", text.s);
	else if (hold || !ctx->common->quiet)
		hold_say(ctx, text.s);
	tk_buf_release(&text);
	return !a->allowed;
}
