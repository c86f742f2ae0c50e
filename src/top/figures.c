/* Numbers, parts and bars, as frames have them. */
#include <string.h>

#include "top/frame_int.h"

enum { MINUTE_MS = 60000 };

#define CENT (TK_PICO_PER_USD / 100)

void
frame_tokens(const struct frame *f, struct tk_buf *b, tk_int128 n, size_t width)
{
	tk_buf_reset(b);
	tk_int_add_short(b, n, width, f->s->digits);
}

void
frame_number(struct frame *f, int end, tk_int128 n, size_t width)
{
	struct tk_buf b = TK_BUF_INIT;

	if (end > 0) {
		frame_tokens(f, &b, n, width);
		cells_put_right(f->g, f->y, end, ROLE_PLAIN, b.s);
	}
	tk_buf_release(&b);
}

/* Money in at most so many columns: what is too long loses decimals, then
 * figures, never its size; what is not nothing is never "$0.00". */
void
frame_cost(const struct frame *f, struct tk_buf *b, tk_int128 cost,
    tk_int128 unpriced, tk_int128 requests, size_t width)
{
	const char *more = unpriced > 0 ? "+" : "";
	tk_int128 size = cost < 0 ? -cost : cost;

	tk_buf_reset(b);
	if (unpriced > 0 && unpriced >= requests && cost == 0) {
		tk_buf_adds(b, "n/a");
		return;
	}
	for (int decimals = -1; decimals != 1;
	     decimals = decimals < 0 ? 4 : decimals - 1) {
		tk_buf_reset(b);
		tk_money_add_human(b, cost, decimals, f->s->digits);
		tk_buf_adds(b, more);
		if (b->len <= width && (decimals < 0 || size >= CENT))
			return;
	}
	tk_buf_reset(b);
	if (size < CENT) {
		tk_buf_addf(b, "%s<$0.01", cost < 0 ? "-" : "");
		return;
	}
	tk_buf_adds(b, cost < 0 ? "-$" : "$");
	tk_int_add_short(b, size / TK_PICO_PER_USD,
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

void
frame_amount(const struct frame *f, struct tk_buf *b, enum limit_kind kind,
    tk_int128 n, size_t width)
{
	if (kind == LIMIT_QUOTA)
		frame_tokens(f, b, n, width);
	else
		frame_cost(f, b, n, 0, 1, width);
}

void
frame_percent(const struct frame *f, struct tk_buf *b, tk_int128 part,
    tk_int128 whole, int decimals, size_t width)
{
	tk_buf_reset(b);
	tk_percent_add(b, part, whole, decimals, f->s->digits);
	if (b->len <= width)
		return;
	tk_buf_reset(b); /* far beyond: its size is what matters */
	tk_buf_adds(b, ">999%");
}

void
frame_span(struct tk_buf *b, int64_t ms)
{
	int64_t minutes = ms < 0 ? 0 : ms / MINUTE_MS;

	if (minutes >= 30 * 1440)
		tk_buf_adds(b, ">30 days");
	else if (minutes >= 48 * 60)
		tk_buf_addf(b, "%d days", (int)(minutes / 1440));
	else if (minutes >= 60)
		tk_buf_addf(b, "%dh %02dm", (int)(minutes / 60),
		    (int)(minutes % 60));
	else
		tk_buf_addf(b, "%d min", (int)minutes);
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

/* From column x on: a bar, the part in percent and the word for it. */
void
frame_bar(struct frame *f, int x, int w, int gap, const struct top_limit *l)
{
	enum cell_role role = frame_role(l->state);
	struct tk_buf b = TK_BUF_INIT;

	cells_bar(f->g, f->y, x, w, role, l->used, l->amount, frame_pace(f, l));
	frame_percent(f, &b, l->used, l->amount, 1, 6);
	cells_put_right(f->g, f->y, x + w + 8 + gap, role, b.s);
	cells_put(f->g, f->y, x + w + 9 + gap, role, frame_word(l->state));
	tk_buf_release(&b);
}
