/*
 * What a call cost.
 *
 * The prices of the period that holds the time, then those of the windows
 * that do, then those of the tier, make one row of prices; a part without a
 * price takes that of the next part in its chain.  batch and the like change
 * that price.  Counts times prices are added in 128 bits, in units of a
 * pico-dollar divided by SCALE, and rounded once.
 */
#include "ledger/record.h"
#include "price/price_int.h"

__extension__ typedef unsigned __int128 wide;

/* Prices have one factor (batch) and calls another (regional), each in ppm;
 * where there is neither, no division is needed. */
#define SCALE ((wide)PRICE_PPM * PRICE_PPM)

enum { NO_PRICE = -1, DAY_MS = 86400000, MINUTE_MS = 60000 };

/* Where to look for the price of a part that has none; input and output end
 * each chain. */
static const uint8_t chains[PRICE_PARTS][4] = {
	[PRICE_INPUT] = { PRICE_INPUT },
	[PRICE_OUTPUT] = { PRICE_OUTPUT },
	[PRICE_CACHE_READ] = { PRICE_CACHE_READ, PRICE_INPUT },
	[PRICE_CACHE_WRITE] = { PRICE_CACHE_WRITE, PRICE_CACHE_WRITE_5M,
	    PRICE_INPUT },
	[PRICE_CACHE_WRITE_5M] = { PRICE_CACHE_WRITE_5M, PRICE_CACHE_WRITE,
	    PRICE_INPUT },
	[PRICE_CACHE_WRITE_1H] = { PRICE_CACHE_WRITE_1H, PRICE_CACHE_WRITE,
	    PRICE_CACHE_WRITE_5M, PRICE_INPUT },
	[PRICE_CACHE_WRITE_12H] = { PRICE_CACHE_WRITE_12H, PRICE_CACHE_WRITE,
	    PRICE_CACHE_WRITE_5M, PRICE_INPUT },
	[PRICE_REASONING] = { PRICE_REASONING, PRICE_OUTPUT },
	[PRICE_CITATION] = { PRICE_CITATION, PRICE_INPUT },
	[PRICE_AUDIO_INPUT] = { PRICE_AUDIO_INPUT, PRICE_INPUT },
	[PRICE_AUDIO_OUTPUT] = { PRICE_AUDIO_OUTPUT, PRICE_OUTPUT },
	[PRICE_AUDIO_CACHE_READ] = { PRICE_AUDIO_CACHE_READ, PRICE_CACHE_READ,
	    PRICE_INPUT },
	[PRICE_IMAGE_INPUT] = { PRICE_IMAGE_INPUT, PRICE_INPUT },
	[PRICE_IMAGE_OUTPUT] = { PRICE_IMAGE_OUTPUT, PRICE_OUTPUT },
	[PRICE_IMAGE_CACHE_READ] = { PRICE_IMAGE_CACHE_READ, PRICE_CACHE_READ,
	    PRICE_INPUT },
	[PRICE_VIDEO_INPUT] = { PRICE_VIDEO_INPUT, PRICE_INPUT },
	[PRICE_VIDEO_OUTPUT] = { PRICE_VIDEO_OUTPUT, PRICE_OUTPUT },
};

enum price_part
price_fallback(enum price_part part, int step)
{
	return (enum price_part)chains[part][step];
}

/* Prices as they are for one call. */
struct rates {
	uint32_t has; /* bits: the parts that have a price of their own */
	int64_t plain[PRICE_PARTS];    /* of those alone */
	const struct price_rate *mode; /* of the call's tier */
	uint32_t nmode;
	bool changed;   /* by the mode or the region: sums are times SCALE */
	int64_t region; /* ppm */
};

enum { COUNTS = 16 };

/* What of a usage is not 0. */
struct call {
	struct {
		int64_t n;
		int part;
	} used[COUNTS + 1]; /* one slot more, for a 0 that is not kept */
	size_t nused;
	int64_t signs; /* negative if one of them is */
	wide prompt;   /* what tiers go by */
};

static inline void
take(struct call *c, int64_t n, int part)
{
	c->used[c->nused].n = n;
	c->used[c->nused].part = part;
	c->nused += n != 0;
	c->signs |= n;
}

/* The same for what makes the request longer. */
static inline void
take_prompt(struct call *c, int64_t n, int part)
{
	take(c, n, part);
	c->prompt += (uint64_t)n;
}

/* What most calls have nothing of. */
static void
take_rare(const struct price_usage *u, struct call *c)
{
	take(c, u->audio_output, PRICE_AUDIO_OUTPUT);
	take(c, u->image_output, PRICE_IMAGE_OUTPUT);
	take(c, u->video_output, PRICE_VIDEO_OUTPUT);
	take(c, u->citation, PRICE_CITATION);
	take_prompt(c, u->cache_write_12h, PRICE_CACHE_WRITE_12H);
	take_prompt(c, u->audio_input, PRICE_AUDIO_INPUT);
	take_prompt(c, u->audio_cache_read, PRICE_AUDIO_CACHE_READ);
	take_prompt(c, u->image_input, PRICE_IMAGE_INPUT);
	take_prompt(c, u->image_cache_read, PRICE_IMAGE_CACHE_READ);
	take_prompt(c, u->video_input, PRICE_VIDEO_INPUT);
}

static inline int
read_call(const struct price_usage *u, struct call *c, struct tk_err *err)
{
	c->nused = 0;
	c->prompt = 0;
	c->signs =
	    u->reasoning | u->unsplit | u->web_searches | u->file_searches;
	take(c, u->output, PRICE_OUTPUT);
	take_prompt(c, u->input, PRICE_INPUT);
	take_prompt(c, u->cache_read, PRICE_CACHE_READ);
	take_prompt(c, u->cache_write_5m, PRICE_CACHE_WRITE_5M);
	take_prompt(c, u->cache_write_1h, PRICE_CACHE_WRITE_1H);
	take_prompt(c, u->cache_write_other, PRICE_CACHE_WRITE);
	if ((u->audio_output | u->image_output | u->video_output | u->citation |
		u->cache_write_12h | u->audio_input | u->audio_cache_read |
		u->image_input | u->image_cache_read | u->video_input) != 0)
		take_rare(u, c);
	return c->signs < 0
	    ? tk_fail(err, TK_DATA,
		  "a call of '%s' cannot have a negative count", u->model)
	    : 0;
}

static const struct price_period *
last_period(const struct price_model *m, int64_t ms)
{
	const struct price_period *p = PRICE_SPAN(price_head_of(m), m->periods);

	for (uint32_t i = m->periods.n; i > 0; i--)
		if (p[i - 1].from <= ms)
			return &p[i - 1];
	return NULL;
}

const struct price_period *
price_period_at(const struct price_book *pb, const struct price_model *m,
    int64_t ms, const struct price_head **h)
{
	const struct price_model *under = price_under(pb, m);
	const struct price_period *p = last_period(m, ms), *other = NULL;

	/* What people wrote hides what is built in; what was read from a
	 * dataset does only until something later is built in. */
	if (under != NULL && (p == NULL || m->updated))
		other = last_period(under, ms);
	if (other != NULL && (p == NULL || other->from > p->from)) {
		*h = price_head_of(under);
		return other;
	}
	*h = price_head_of(m);
	return p;
}

static inline bool
has(const struct rates *r, int part)
{
	return r->has >> part & 1;
}

static void
put_rates(struct rates *r, const struct price_head *h, struct price_span span)
{
	const struct price_rate *from = PRICE_SPAN(h, span);

	for (uint32_t i = 0; i < span.n; i++) {
		r->plain[from[i].part] = from[i].value;
		r->has |= 1u << from[i].part;
	}
}

/* A window that wraps midnight belongs to the day that it starts on. */
static bool
in_window(const struct price_window *w, int64_t ms)
{
	int64_t day = ms / DAY_MS - (ms % DAY_MS < 0);
	int64_t at = ms - day * DAY_MS;
	int64_t start = (int64_t)w->start * MINUTE_MS;
	int64_t end = (int64_t)w->end * MINUTE_MS;
	/* 1970-01-01 was a Thursday. */
	int weekday = (int)(((day + 3) % 7 + 7) % 7);
	int before = (weekday + 6) % 7;

	if (start < end)
		return at >= start && at < end && (w->days >> weekday & 1);
	return (at >= start && (w->days >> weekday & 1)) ||
	    (at < end && (w->days >> before & 1));
}

/* The tier with the highest limit that the request is above. */
static void
put_tier(struct rates *r, const struct price_head *h, struct price_span span,
    wide prompt)
{
	const struct price_tier *t = PRICE_SPAN(h, span);

	for (uint32_t i = span.n; i > 0; i--) {
		if (prompt > (uint64_t)t[i - 1].above) {
			put_rates(r, h, t[i - 1].rates);
			return;
		}
	}
}

static void
fill_rates(struct rates *r, const struct price_head *h,
    const struct price_period *p, const struct price_usage *u, wide prompt)
{
	const struct price_window *w = PRICE_SPAN(h, p->windows);
	int mode = u->tier - TIER_BATCH;

	r->has = r->nmode = 0;
	put_rates(r, h, p->rates);
	for (uint32_t i = 0; i < p->windows.n; i++)
		if (in_window(&w[i], u->time))
			put_rates(r, h, w[i].rates);
	if (p->tiers.n > 0)
		put_tier(r, h, p->tiers, prompt);
	if (mode >= 0 && mode < PRICE_MODES) {
		r->mode = PRICE_SPAN(h, p->modes[mode]);
		r->nmode = p->modes[mode].n;
	}
	r->changed = r->nmode > 0 || r->region != PRICE_PPM;
}

/* The price of the part by its chain. */
static int64_t
plain_price(const struct rates *r, int part)
{
	const uint8_t *k = chains[part];

	while (!has(r, *k) && *k > PRICE_OUTPUT)
		k++;
	return has(r, *k) ? r->plain[*k] : NO_PRICE;
}

/* What the mode says of the part itself, or else, if that may be, of all. */
static const struct price_rate *
mode_of(const struct rates *r, int part, bool all)
{
	const struct price_rate *found = NULL;

	for (uint32_t i = 0; i < r->nmode; i++) {
		if (r->mode[i].part == part)
			return &r->mode[i];
		if (all && r->mode[i].part == PRICE_ALL)
			found = &r->mode[i];
	}
	return found;
}

/* A token of the part: in pico-dollars, times SCALE if r->changed.  False
 * when it has no price. */
static bool
price_of(const struct rates *r, int part, wide *price)
{
	const struct price_rate *mode = NULL;
	const uint8_t *k = chains[part];
	int64_t plain;

	for (;; k++) {
		if (r->nmode > 0)
			mode = mode_of(r, *k, k == chains[part]);
		if (mode != NULL || has(r, *k) || *k <= PRICE_OUTPUT)
			break;
	}
	plain = mode != NULL && !mode->multiplies ? mode->value
						  : plain_price(r, *k);
	if (plain < 0)
		return false;
	*price = (uint64_t)plain;
	if (r->changed) {
		*price *= (uint64_t)r->region;
		*price *= mode != NULL && mode->multiplies
		    ? (uint64_t)mode->value
		    : PRICE_PPM;
	}
	return true;
}

enum { TOO_MUCH = -1, UNKNOWN, PRICED };

static inline int
add_cost(wide *sum, int64_t count, wide price)
{
	wide cost = (wide)(uint64_t)count * (uint64_t)price;

	if (price >> 64 != 0 &&
	    __builtin_mul_overflow((wide)(uint64_t)count, price, &cost))
		return TOO_MUCH;
	return __builtin_add_overflow(*sum, cost, sum) ? TOO_MUCH : PRICED;
}

/* What makes output is not charged by one who only sells input, as for
 * embeddings; anything else without a price makes the cost unknown. */
static int
add_tokens(const struct rates *r, int part, int64_t count, wide *sum)
{
	wide price;
	const uint8_t *k = chains[part];

	/* Nearly always it is as simple as this. */
	if (!r->changed && has(r, part))
		return add_cost(sum, count, (uint64_t)r->plain[part]);
	if (price_of(r, part, &price))
		return add_cost(sum, count, price);
	while (*k > PRICE_OUTPUT)
		k++;
	return *k == PRICE_OUTPUT && has(r, PRICE_INPUT) ? PRICED : UNKNOWN;
}

/* Reasoning is a part of the output, with its own price or without. */
static int
add_output(const struct rates *r, const struct price_usage *u, wide *sum)
{
	int64_t reasoning = u->reasoning < u->output ? u->reasoning : u->output;
	int rc;

	if (reasoning == 0 ||
	    (!has(r, PRICE_REASONING) &&
		mode_of(r, PRICE_REASONING, false) == NULL))
		return add_tokens(r, PRICE_OUTPUT, u->output, sum);
	rc = add_tokens(r, PRICE_REASONING, reasoning, sum);
	return rc != PRICED || u->output == reasoning
	    ? rc
	    : add_tokens(r, PRICE_OUTPUT, u->output - reasoning, sum);
}

static int
add_unsplit(const struct rates *r, int64_t count, wide *sum)
{
	wide in = 0, out = 0;
	bool has_in = price_of(r, PRICE_INPUT, &in);
	bool has_out = price_of(r, PRICE_OUTPUT, &out);

	if (!has_in && !has_out)
		return UNKNOWN;
	return add_cost(sum, count, in > out ? in : out);
}

/* Fees are for the whole call; batch and region do not change them. */
static int
add_fees(const struct price_head *h, const struct price_period *p,
    const struct price_usage *u, wide unit, wide *sum, bool *any)
{
	const struct price_rate *fee = PRICE_SPAN(h, p->fees);

	for (uint32_t i = 0; i < p->fees.n; i++) {
		int64_t n = fee[i].part == PRICE_FEE_WEB_SEARCH
		    ? u->web_searches
		    : fee[i].part == PRICE_FEE_FILE_SEARCH ? u->file_searches
		    : fee[i].part == PRICE_FEE_REQUEST     ? 1
							   : 0;

		*any = *any || n > 0;
		if (add_cost(sum, n, (wide)(uint64_t)fee[i].value * unit) < 0)
			return TOO_MUCH;
	}
	return PRICED;
}

static int
add_all(const struct rates *r, const struct price_head *h,
    const struct price_period *p, const struct price_usage *u,
    const struct call *c, wide *sum)
{
	bool any = p->rates.n > 0;
	int rc = PRICED;

	for (size_t i = 0; i < c->nused && rc == PRICED; i++)
		rc = c->used[i].part == PRICE_OUTPUT
		    ? add_output(r, u, sum)
		    : add_tokens(r, c->used[i].part, c->used[i].n, sum);
	if (rc == PRICED && u->unsplit > 0)
		rc = add_unsplit(r, u->unsplit, sum);
	if (rc == PRICED && p->fees.n > 0)
		rc = add_fees(h, p, u, r->changed ? SCALE : 1, sum, &any);
	/* What is billed by the hour or page, and nobody counted those. */
	return rc == PRICED && !any ? UNKNOWN : rc;
}

static wide
round_half_even(wide sum, wide scale)
{
	wide q = sum / scale, rest = sum % scale;

	return q + (rest > scale / 2 || (rest == scale / 2 && q % 2 != 0));
}

int
price_cost_of(const struct price_book *pb, const struct price_model *m,
    const struct price_usage *u, int64_t *cost, struct tk_err *err)
{
	struct rates r; /* not cleared: this is called a million times */
	const struct price_head *h;
	const struct price_period *p = price_period_at(pb, m, u->time, &h);
	struct call c;
	wide sum = 0;
	int rc;

	if (read_call(u, &c, err) < 0)
		return -1;
	if (p == NULL)
		return UNKNOWN;
	r.region = u->regional ? m->regional : PRICE_PPM;
	fill_rates(&r, h, p, u, c.prompt);
	rc = add_all(&r, h, p, u, &c, &sum);
	if (rc == PRICED && r.changed)
		sum = round_half_even(sum, SCALE);
	if (rc == TOO_MUCH || (rc == PRICED && sum > INT64_MAX))
		return tk_fail(err, TK_DATA,
		    "a call of '%s' costs more than can be counted", u->model);
	if (rc == PRICED)
		*cost = (int64_t)sum;
	return rc;
}

int
price_cost(const struct price_book *pb, const struct price_usage *u,
    int64_t *cost, struct tk_err *err)
{
	const struct price_model *m = price_resolve(pb, u->provider, u->model);

	return m != NULL ? price_cost_of(pb, m, u, cost, err) : UNKNOWN;
}

int64_t
price_rate_at(const struct price_book *pb, const struct price_model *m,
    enum price_part part, int64_t ms)
{
	struct price_usage u = { .time = ms };
	struct rates r = { .region = PRICE_PPM };
	const struct price_head *h;
	const struct price_period *p = price_period_at(pb, m, ms, &h);

	if (p == NULL)
		return NO_PRICE;
	fill_rates(&r, h, p, &u, 0);
	return plain_price(&r, (int)part);
}

const char *
price_basis_at(const struct price_book *pb, const struct price_model *m,
    int64_t ms, int64_t *from)
{
	const struct price_head *h;
	const struct price_period *p = price_period_at(pb, m, ms, &h);

	if (p == NULL)
		return "";
	if (from != NULL)
		*from = p->from;
	return price_str(h, p->basis);
}
