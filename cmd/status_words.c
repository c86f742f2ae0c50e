/* The values that a line of "tokctl status" can have. */
#include <string.h>

#include "base/buf.h"
#include "base/time.h"
#include "base/utf8.h"
#include "status.h"

enum { LONG_AGO_MS = 10 * 60 * 1000, WARN = 800000, OVER = 950000 };

/* "2h28m", "12m", "3d4h". */
static void
add_span(struct tk_buf *b, int64_t ms)
{
	int64_t minutes = ms > 0 ? ms / 60000 : 0;

	if (minutes >= 24 * 60)
		tk_buf_addf(b, "%dd%dh", (int)(minutes / 1440),
		    (int)(minutes / 60 % 24));
	else if (minutes >= 60)
		tk_buf_addf(b, "%dh%02dm", (int)(minutes / 60),
		    (int)(minutes % 60));
	else
		tk_buf_addf(b, "%dm", (int)minutes);
}

bool
status_is_priced(const struct usage_sums *s)
{
	return s->v[SUM_UNPRICED] < s->v[SUM_REQUESTS] || s->v[SUM_COST] != 0 ||
	    s->v[SUM_UNPRICED] == 0;
}

static bool
add_tokens(struct tk_buf *b, const struct status *s, tk_int128 n)
{
	tk_int_add_short(b, n, 6, &s->digits);
	return true;
}

static bool
add_money(struct tk_buf *b, const struct status *s, tk_int128 pico)
{
	tk_money_add_human(b, pico, -1, &s->digits);
	return true;
}

static bool
add_cost(struct tk_buf *b, const struct status *s,
    const struct usage_sums *sums)
{
	if (!status_is_priced(sums)) {
		tk_buf_adds(b, "n/a");
		return true;
	}
	add_money(b, s, sums->v[SUM_COST]);
	if (sums->v[SUM_UNPRICED] > 0)
		tk_buf_adds(b, "+");
	return true;
}

/* What others say, on a line of ours. */
static bool
add_name(struct tk_buf *b, const struct status *s, const char *name)
{
	size_t start = b->len;

	if (name[0] == '\0')
		return false;
	tk_utf8_add_short(b, name, strlen(name), 40);
	for (size_t i = start; s->ascii && i < b->len; i++)
		if ((unsigned char)b->s[i] >= 0x80)
			b->s[i] = '?';
	return true;
}

/* A part of a limit, in the colour of how much it is. */
static void
add_percent(struct tk_buf *b, const struct status *s, int64_t used)
{
	const char *color = used >= OVER ? "\033[1;31m"
	    : used >= WARN               ? "\033[1;33m"
					 : NULL;

	if (s->color && color != NULL)
		tk_buf_adds(b, color);
	tk_percent_add(b, used, 1000000, used % 10000 == 0 ? 0 : 1, &s->digits);
	if (s->color && color != NULL)
		tk_buf_adds(b, "\033[0m");
}

static void
add_clock(struct tk_buf *b, const struct status *s, int64_t ms)
{
	struct tk_buf text = TK_BUF_INIT;

	/* "2026-11-21 14:32" */
	tk_time_add_minute(&text, s->zone, ms);
	tk_buf_adds(b,
	    tk_zone_day(s->zone, ms) == tk_zone_day(s->zone, s->now)
		? text.s + strlen(text.s) - 5
		: text.s);
	tk_buf_release(&text);
}

#define WORD(name) static bool word_##name(struct tk_buf *b, const void *data)
#define STATUS const struct status *s = data
#define LEDGER \
	STATUS; \
	if (s->trouble != NULL) \
	return false
#define BLOCK \
	LEDGER; \
	if (!s->figures.open) \
	return false

WORD(model)
{
	STATUS;
	return add_name(b, s, s->claude.model);
}

WORD(model_id)
{
	STATUS;
	return add_name(b, s, s->claude.model_id);
}

WORD(session)
{
	STATUS;
	return add_name(b, s, s->claude.session);
}

WORD(version)
{
	STATUS;
	return add_name(b, s, s->claude.version);
}

WORD(project)
{
	STATUS;
	const char *slash = strrchr(s->claude.project, '/');

	return add_name(b, s,
	    slash != NULL && slash[1] != '\0' ? slash + 1 : s->claude.project);
}

WORD(session_cost)
{
	STATUS;
	return s->claude.has_cost && add_money(b, s, s->claude.cost);
}

WORD(context)
{
	STATUS;
	if (s->claude.context_used < 0)
		return false;
	add_percent(b, s, s->claude.context_used);
	return true;
}

WORD(context_tokens)
{
	STATUS;
	return s->claude.context_tokens >= 0 &&
	    add_tokens(b, s, s->claude.context_tokens);
}

WORD(today)
{
	STATUS;
	if (s->trouble != NULL) {
		tk_buf_adds(b, s->trouble);
		return true;
	}
	add_tokens(b, s, sums_total(&s->figures.today));
	tk_buf_adds(b, " tok ");
	return add_cost(b, s, &s->figures.today);
}

WORD(today_tokens)
{
	LEDGER;
	return add_tokens(b, s, sums_total(&s->figures.today));
}

WORD(today_cost)
{
	LEDGER;
	return add_cost(b, s, &s->figures.today);
}

WORD(today_requests)
{
	LEDGER;
	return add_tokens(b, s, s->figures.today.v[SUM_REQUESTS]);
}

WORD(month_tokens)
{
	LEDGER;
	return add_tokens(b, s, sums_total(&s->figures.this_month));
}

WORD(month_cost)
{
	LEDGER;
	return add_cost(b, s, &s->figures.this_month);
}

WORD(month_requests)
{
	LEDGER;
	return add_tokens(b, s, s->figures.this_month.v[SUM_REQUESTS]);
}

enum { RATE_MINUTES = 5, HOUR_MINUTES = 60 };

WORD(rate)
{
	LEDGER;
	struct now_rate rate;

	now_rate(&s->figures, s->now, RATE_MINUTES, &rate);
	return rate.tokens_per_minute > 0 &&
	    add_tokens(b, s, rate.tokens_per_minute);
}

WORD(hour_cost)
{
	LEDGER;
	struct now_rate rate;

	now_rate(&s->figures, s->now, HOUR_MINUTES, &rate);
	if (rate.tokens_per_minute == 0)
		return false;
	add_money(b, s, rate.cost_per_hour);
	if (rate.partial)
		tk_buf_adds(b, "+");
	return true;
}

WORD(block_tokens)
{
	BLOCK;
	return add_tokens(b, s, sums_total(&s->figures.block.sums));
}

WORD(block_cost)
{
	BLOCK;
	return add_cost(b, s, &s->figures.block.sums);
}

WORD(block_left)
{
	BLOCK;
	add_span(b, s->figures.block.end - s->now);
	return true;
}

WORD(block_start)
{
	BLOCK;
	add_clock(b, s, s->figures.block.start);
	return true;
}

WORD(block_end)
{
	BLOCK;
	add_clock(b, s, s->figures.block.end);
	return true;
}

WORD(block_rate)
{
	BLOCK;
	struct block_rate rate;

	return block_rate(&s->figures.block, &rate) &&
	    add_tokens(b, s, rate.tokens_per_minute);
}

WORD(block_hour_cost)
{
	BLOCK;
	struct block_rate rate;

	return block_rate(&s->figures.block, &rate) &&
	    add_money(b, s, rate.cost_per_hour);
}

WORD(block_projected_tokens)
{
	BLOCK;
	struct block_ahead ahead;

	if (!block_project(&s->figures.block, s->now, &ahead))
		return false;
	tk_buf_adds(b, "~");
	return add_tokens(b, s, ahead.tokens);
}

WORD(block_projected_cost)
{
	BLOCK;
	struct block_ahead ahead;

	if (!block_project(&s->figures.block, s->now, &ahead))
		return false;
	tk_buf_adds(b, "~");
	return add_money(b, s, ahead.cost);
}

/* A limit whose window is over says nothing any more. */
static const struct provider_limit *
limit_of(const struct status *s, const char *name)
{
	const struct provider_limit *l = provider_limits_find(&s->limits, name);

	return l != NULL && !provider_limit_is_over(l, s->now) ? l : NULL;
}

static bool
add_limit(struct tk_buf *b, const struct status *s, const char *name)
{
	const struct provider_limit *l = limit_of(s, name);

	if (l == NULL)
		return false;
	add_percent(b, s, l->used);
	if (s->now - l->seen_at >= LONG_AGO_MS) {
		tk_buf_adds(b, " (");
		add_span(b, s->now - l->seen_at);
		tk_buf_adds(b, " ago)");
	}
	return true;
}

static bool
add_limit_left(struct tk_buf *b, const struct status *s, const char *name)
{
	const struct provider_limit *l = limit_of(s, name);

	if (l == NULL || l->resets_at == 0)
		return false;
	add_span(b, l->resets_at - s->now);
	return true;
}

static bool
add_limit_reset(struct tk_buf *b, const struct status *s, const char *name)
{
	const struct provider_limit *l = limit_of(s, name);

	if (l == NULL || l->resets_at == 0)
		return false;
	add_clock(b, s, l->resets_at);
	return true;
}

#define LIMIT_WORDS(word, name) \
	WORD(word) \
	{ \
		STATUS; \
		return add_limit(b, s, (name)); \
	} \
	WORD(word##_left) \
	{ \
		STATUS; \
		return add_limit_left(b, s, (name)); \
	} \
	WORD(word##_reset) \
	{ \
		STATUS; \
		return add_limit_reset(b, s, (name)); \
	}

LIMIT_WORDS(limit_5h, "five_hour")
LIMIT_WORDS(limit_7d, "seven_day")
LIMIT_WORDS(limit_opus, "seven_day_opus")
LIMIT_WORDS(limit_sonnet, "seven_day_sonnet")

#define ROW(name, needs, help) \
	{ \
#name, (help), (needs), word_##name \
	}
#define LIMIT_ROWS(word, what) \
	ROW(word, STATUS_LIMITS, what " limit that is used (official)"), \
	    ROW(word##_left, STATUS_LIMITS, "time until it begins anew"), \
	    ROW(word##_reset, STATUS_LIMITS, "when that is")

const struct template_word status_words[] = {
	ROW(today, STATUS_LEDGER, "tokens and cost of today; or what is wrong"),
	ROW(today_tokens, STATUS_LEDGER, "tokens of today"),
	ROW(today_cost, STATUS_LEDGER, "cost of today"),
	ROW(today_requests, STATUS_LEDGER, "calls of today"),
	ROW(month_tokens, STATUS_LEDGER, "tokens of this month"),
	ROW(month_cost, STATUS_LEDGER, "cost of this month"),
	ROW(month_requests, STATUS_LEDGER, "calls of this month"),
	ROW(rate, STATUS_LEDGER, "tokens a minute, over five minutes"),
	ROW(hour_cost, STATUS_LEDGER, "cost of the last hour"),
	ROW(block_tokens, STATUS_LEDGER, "tokens of the open window"),
	ROW(block_cost, STATUS_LEDGER, "its cost"),
	ROW(block_start, STATUS_LEDGER, "when it began"),
	ROW(block_end, STATUS_LEDGER, "when it ends"),
	ROW(block_left, STATUS_LEDGER, "how long it goes on"),
	ROW(block_rate, STATUS_LEDGER, "its tokens a minute"),
	ROW(block_hour_cost, STATUS_LEDGER, "its cost an hour"),
	ROW(block_projected_tokens, STATUS_LEDGER,
	    "its tokens at the end (estimated)"),
	ROW(block_projected_cost, STATUS_LEDGER,
	    "its cost at the end (estimated)"),
	ROW(model, 0, "the model's name, from Claude Code"),
	ROW(model_id, 0, "its id"),
	ROW(session, 0, "the session's id"),
	ROW(session_cost, 0, "its cost, as Claude Code says"),
	ROW(project, 0, "the folder's name"),
	ROW(version, 0, "the version of Claude Code"),
	ROW(context, 0, "how full the context is"),
	ROW(context_tokens, 0, "tokens in the context"),
	LIMIT_ROWS(limit_5h, "part of the 5-hour"),
	LIMIT_ROWS(limit_7d, "part of the weekly"),
	LIMIT_ROWS(limit_opus, "part of the weekly Opus"),
	LIMIT_ROWS(limit_sonnet, "part of the weekly Sonnet"),
	{ .name = NULL },
};
