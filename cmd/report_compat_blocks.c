/* The JSON of "ccusage blocks": see report_compat.h. */
#include "report/block.h"
#include "report_compat_int.h"
#include "json/write.h"

static const int64_t minute_ms = 60000;

/* n * by / of with 12 decimals: a number where ccusage has a float. */
static void
put_ratio(struct json_write *w, const char *key, tk_int128 n, int64_t by,
    int64_t of)
{
	struct tk_buf b = TK_BUF_INIT;
	tk_int128 whole = 0, rest;

	if (!__builtin_mul_overflow(n / of, (tk_int128)by, &whole)) {
		rest = n % of * by;
		whole += rest / of;
		rest %= of;
		if (!__builtin_mul_overflow(whole, (tk_int128)TK_PICO_PER_USD,
			&whole))
			whole += block_scale(rest, TK_PICO_PER_USD, of);
	}
	tk_money_add(&b, whole);
	json_write_member_raw(w, key, b.s);
	tk_buf_release(&b);
}

static void
put_counts(struct json_write *w, const struct usage_sums *s)
{
	json_write_key(w, "tokenCounts");
	json_write_open(w, '{');
	json_write_member_int(w, "cacheCreationInputTokens",
	    sums_cache_write(s));
	json_write_member_int(w, "cacheReadInputTokens", s->v[SUM_CACHE_READ]);
	json_write_member_int(w, "inputTokens", compat_input(s));
	json_write_member_int(w, "outputTokens", s->v[SUM_OUTPUT]);
	json_write_close(w, '}');
}

static void
put_rate(struct json_write *w, const struct block *b)
{
	int64_t span = b->last - b->first;
	tk_int128 fresh = compat_input(&b->sums) + b->sums.v[SUM_OUTPUT];

	if (!b->active || span <= 0) {
		json_write_member_raw(w, "burnRate", "null");
		return;
	}
	json_write_key(w, "burnRate");
	json_write_open(w, '{');
	json_write_member_money(w, "costPerHour",
	    block_scale(b->sums.v[SUM_COST], 60 * minute_ms, span));
	put_ratio(w, "tokensPerMinute", sums_total(&b->sums), minute_ms, span);
	put_ratio(w, "tokensPerMinuteForIndicator", fresh, minute_ms, span);
	json_write_close(w, '}');
}

/*
 * Its own projection: the burn rate goes on until the end.  Whole minutes,
 * and cents.  False when it has none.
 */
static bool
project(const struct block *b, int64_t now, tk_int128 *tokens, tk_int128 *cost,
    int64_t *left)
{
	const int64_t cent = TK_PICO_PER_USD / 100;
	int64_t span = b->last - b->first;

	if (!b->active || span <= 0)
		return false;
	*left = b->end - now;
	*tokens = sums_total(&b->sums) +
	    block_scale(sums_total(&b->sums), *left, span);
	*cost =
	    b->sums.v[SUM_COST] + block_scale(b->sums.v[SUM_COST], *left, span);
	*cost = block_scale(*cost, 1, cent) * cent;
	return true;
}

static void
put_projection(struct json_write *w, const struct block *b, int64_t now)
{
	tk_int128 tokens, cost;
	int64_t left;

	if (!project(b, now, &tokens, &cost, &left)) {
		json_write_member_raw(w, "projection", "null");
		return;
	}
	json_write_key(w, "projection");
	json_write_open(w, '{');
	json_write_member_int(w, "remainingMinutes",
	    block_scale(left, 1, minute_ms));
	json_write_member_money(w, "totalCost", cost);
	json_write_member_int(w, "totalTokens", tokens);
	json_write_close(w, '}');
}

static void
put_limit(struct json_write *w, const struct block *b, int64_t now,
    tk_int128 limit)
{
	tk_int128 tokens, cost;
	int64_t left;

	if (limit <= 0 || limit > INT64_MAX / 100 ||
	    !project(b, now, &tokens, &cost, &left))
		return;
	json_write_key(w, "tokenLimitStatus");
	json_write_open(w, '{');
	json_write_member_int(w, "limit", limit);
	put_ratio(w, "percentUsed", tokens, 100, (int64_t)limit);
	json_write_member_int(w, "projectedUsage", tokens);
	json_write_member_text(w, "status",
	    tokens > limit               ? "exceeds"
		: tokens * 5 > limit * 4 ? "warning"
					 : "ok");
	json_write_close(w, '}');
}

static void
put_id(struct json_write *w, const char *prefix, int64_t start)
{
	struct tk_buf b = TK_BUF_INIT;

	tk_buf_adds(&b, prefix);
	compat_stamp(&b, start);
	json_write_member_text(w, "id", b.s);
	tk_buf_release(&b);
}

static void
put_block(struct json_write *w, const struct block *b, int64_t now,
    tk_int128 limit)
{
	json_write_open(w, '{');
	compat_time(w, "actualEndTime", b->last);
	put_rate(w, b);
	json_write_member_money(w, "costUSD", b->sums.v[SUM_COST]);
	compat_time(w, "endTime", b->end);
	json_write_member_int(w, "entries", b->sums.v[SUM_REQUESTS]);
	put_id(w, "", b->start);
	json_write_member_bool(w, "isActive", b->active);
	json_write_member_bool(w, "isGap", false);
	json_write_key(w, "models");
	json_write_open(w, '[');
	for (size_t i = 0; i < b->models; i++)
		json_write_text(w, b->model[i]);
	json_write_close(w, ']');
	put_projection(w, b, now);
	compat_time(w, "startTime", b->start);
	put_counts(w, &b->sums);
	put_limit(w, b, now, limit);
	json_write_member_int(w, "totalTokens", sums_total(&b->sums));
	json_write_close(w, '}');
}

static void
put_gap(struct json_write *w, int64_t start, int64_t end)
{
	const struct usage_sums none = { 0 };

	json_write_open(w, '{');
	json_write_member_raw(w, "actualEndTime", "null");
	json_write_member_raw(w, "burnRate", "null");
	json_write_member_int(w, "costUSD", 0);
	compat_time(w, "endTime", end);
	json_write_member_int(w, "entries", 0);
	put_id(w, "gap-", start);
	json_write_member_bool(w, "isActive", false);
	json_write_member_bool(w, "isGap", true);
	json_write_key(w, "models");
	json_write_open(w, '[');
	json_write_close(w, ']');
	json_write_member_raw(w, "projection", "null");
	compat_time(w, "startTime", start);
	put_counts(w, &none);
	json_write_member_int(w, "totalTokens", 0);
	json_write_close(w, '}');
}

int
report_compat_blocks(struct cmd_ctx *ctx, const struct block_line *line,
    size_t n, tk_int128 limit, struct tk_err *err)
{
	struct tk_buf b = TK_BUF_INIT;
	struct json_write w = { .to = &b, .indent = 2 };
	struct usage_sums total = { 0 };
	int rc;

	json_write_open(&w, '{');
	json_write_key(&w, "blocks");
	json_write_open(&w, '[');
	for (size_t i = 0; i < n; i++)
		if (line[i].block != NULL) {
			put_block(&w, line[i].block, ctx->now, limit);
			sums_add(&total, &line[i].block->sums);
		} else {
			put_gap(&w, line[i].start, line[i].end);
		}
	json_write_close(&w, ']');
	json_write_close(&w, '}');
	rc = compat_print(ctx, &b, err);
	compat_say_unpriced(ctx, &total);
	tk_buf_release(&b);
	return rc;
}
