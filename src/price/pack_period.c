/* Packing the prices of one period: rates, tiers, windows, modes, fees. */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "price/price_int.h"

const char *const price_part_names[] = {
	[PRICE_INPUT] = "input",
	[PRICE_OUTPUT] = "output",
	[PRICE_CACHE_READ] = "cache_read",
	[PRICE_CACHE_WRITE] = "cache_write",
	[PRICE_CACHE_WRITE_5M] = "cache_write_5m",
	[PRICE_CACHE_WRITE_1H] = "cache_write_1h",
	[PRICE_CACHE_WRITE_12H] = "cache_write_12h",
	[PRICE_REASONING] = "reasoning",
	[PRICE_CITATION] = "citation",
	[PRICE_AUDIO_INPUT] = "audio_input",
	[PRICE_AUDIO_OUTPUT] = "audio_output",
	[PRICE_AUDIO_CACHE_READ] = "audio_cache_read",
	[PRICE_IMAGE_INPUT] = "image_input",
	[PRICE_IMAGE_OUTPUT] = "image_output",
	[PRICE_IMAGE_CACHE_READ] = "image_cache_read",
	[PRICE_VIDEO_INPUT] = "video_input",
	[PRICE_VIDEO_OUTPUT] = "video_output",
	[PRICE_ALL] = "all",
	NULL,
};

const char *const price_fee_names[] = {
	[PRICE_FEE_WEB_SEARCH] = "web_search",
	[PRICE_FEE_FILE_SEARCH] = "file_search",
	[PRICE_FEE_REQUEST] = "request",
	[PRICE_FEE_PAGE] = "page",
	[PRICE_FEE_ANNOTATED_PAGE] = "annotated_page",
	[PRICE_FEE_AUDIO_HOUR] = "audio_hour",
	[PRICE_FEE_TEXT_MESSAGE] = "text_message",
	NULL,
};

static int
fail_decimals(struct price_packer *p, const struct price_node *n)
{
	return price_pack_fail(p, n, "'%s' has more than six decimals",
	    n->text);
}

int
price_pack_money(struct price_packer *p, const struct price_node *n, void *to)
{
	bool exact;

	if (price_pack_kind(p, n, NODE_SCALAR) < 0)
		return -1;
	if (!price_decimal(n->text, n->len, 6, to, &exact))
		return price_pack_fail(p, n,
		    "'%s' is not a price in USD for a million tokens", n->text);
	return exact ? 0 : fail_decimals(p, n);
}

int
price_pack_factor(struct price_packer *p, const struct price_node *n, void *to)
{
	bool exact;

	if (price_pack_kind(p, n, NODE_SCALAR) < 0)
		return -1;
	if (n->text[0] != 'x' ||
	    !price_decimal(n->text + 1, n->len - 1, 6, to, &exact))
		return price_pack_fail(p, n,
		    "'%s' is not a factor, as \"x0.5\"", n->text);
	return exact ? 0 : fail_decimals(p, n);
}

static int
pack_fee(struct price_packer *p, const struct price_node *n, void *to)
{
	bool exact;

	if (price_pack_kind(p, n, NODE_SCALAR) < 0)
		return -1;
	if (!price_decimal(n->text, n->len, 12, to, &exact) || !exact)
		return price_pack_fail(p, n, "'%s' is not a fee in USD",
		    n->text);
	return 0;
}

/* A price, or a factor on one. */
static int
pack_change(struct price_packer *p, const struct price_node *n, void *to)
{
	struct price_rate *r = to;

	r->multiplies = n->kind == NODE_SCALAR && n->text[0] == 'x';
	return r->multiplies ? price_pack_factor(p, n, &r->value)
			     : price_pack_money(p, n, &r->value);
}

static int
pack_fee_rate(struct price_packer *p, const struct price_node *n, void *to)
{
	return pack_fee(p, n, &((struct price_rate *)to)->value);
}

/* A map whose keys are all of these names: part by part, or fee by fee. */
static int
pack_named(struct price_packer *p, const struct price_node *n,
    const char *const *names, price_pack_fn *fn, struct price_span *to)
{
	struct price_pack_key keys[PRICE_PARTS + 2] = { { .key = NULL } };
	struct price_rate all[PRICE_PARTS + 2] = { { .part = 0 } };
	struct tk_buf rates = TK_BUF_INIT;

	for (size_t i = 0; names[i] != NULL; i++) {
		all[i].part = (uint8_t)i;
		keys[i] =
		    (struct price_pack_key){ names[i], fn, i * sizeof(all[0]) };
	}
	if (price_pack_map(p, n, keys, NULL, all) < 0)
		return -1;
	for (size_t i = 0; names[i] != NULL; i++)
		if (price_node_get(n, names[i]) != NULL)
			tk_buf_add(&rates, &all[i], sizeof(all[i]));
	*to = price_pack_array(p, &rates, sizeof(struct price_rate));
	return 0;
}

/* batch: {all: "x0.5", output: "3"} */
static int
pack_mode(struct price_packer *p, const struct price_node *n, void *to)
{
	return pack_named(p, n, price_part_names, pack_change, to);
}

/* fees: {web_search: "0.01"}: USD a unit. */
static int
pack_fees(struct price_packer *p, const struct price_node *n, void *to)
{
	return pack_named(p, n, price_fee_names, pack_fee_rate, to);
}

/* {above: 200000, input: "6", ...} */
static int
pack_tier(struct price_packer *p, const struct price_node *n, void *to)
{
	static const struct price_pack_key keys[] = {
		{ "above", price_pack_count,
		    offsetof(struct price_tier, above) },
		{ .key = NULL },
	};
	struct tk_buf rates = TK_BUF_INIT;
	struct price_tier *t = to;

	*t = (struct price_tier){ .above = -1 };
	if (price_pack_map(p, n, keys, &rates, t) < 0) {
		tk_buf_release(&rates);
		return -1;
	}
	t->rates = price_pack_array(p, &rates, sizeof(struct price_rate));
	return t->above < 0 ? price_pack_fail(p, n, "a tier needs 'above'") : 0;
}

/* "16:30" as minutes; "24:00" is the end of the day; -1: neither. */
static int32_t
minutes(const char *s)
{
	int hour = (s[0] - '0') * 10 + s[1] - '0';
	int min = (s[3] - '0') * 10 + s[4] - '0';

	for (int i = 0; i < 5; i++)
		if (i == 2 ? s[i] != ':' : s[i] < '0' || s[i] > '9')
			return -1;
	return min > 59 || hour * 60 + min > 1440 ? -1 : hour * 60 + min;
}

static int
pack_clock(struct price_packer *p, const struct price_node *n, void *to)
{
	struct price_window *w = to;

	if (price_pack_kind(p, n, NODE_SCALAR) < 0)
		return -1;
	if (n->len == 11 && n->text[5] == '-') {
		w->start = minutes(n->text);
		w->end = minutes(n->text + 6);
	}
	if (w->start < 0 || w->end < 0 || w->start == w->end)
		return price_pack_fail(p, n,
		    "'%s' is not a part of a day, as \"16:30-00:30\"", n->text);
	return 0;
}

const char price_day_names[7][4] = { "mon", "tue", "wed", "thu", "fri", "sat",
	"sun" };

static int
day_at(const char *s)
{
	for (int i = 0; i < 7; i++)
		if (strncmp(s, price_day_names[i], 3) == 0)
			return i;
	return -1;
}

/* "mon-fri", "sat,sun", "fri-mon" as bits; 0: it is nothing like that. */
static uint32_t
parse_days(const char *s)
{
	uint32_t days = 0;

	for (;;) {
		int day = day_at(s), last = day;

		if (day < 0)
			return 0;
		s += 3;
		if (*s == '-') {
			last = day_at(s + 1);
			if (last < 0)
				return 0;
			s += 4;
		}
		for (; day != last; day = (day + 1) % 7)
			days |= 1u << day;
		days |= 1u << last;
		if (*s == '\0')
			return days;
		if (*s++ != ',')
			return 0;
	}
}

static int
pack_days(struct price_packer *p, const struct price_node *n, void *to)
{
	uint32_t *days = to;

	if (price_pack_kind(p, n, NODE_SCALAR) < 0)
		return -1;
	*days = parse_days(n->text);
	return *days != 0 ? 0
			  : price_pack_fail(p, n,
				"'%s' are not days, as \"mon-fri\"", n->text);
}

/* {utc: "01:00-04:00", days: "mon-fri", input: "0.3", ...} */
static int
pack_window(struct price_packer *p, const struct price_node *n, void *to)
{
	static const struct price_pack_key keys[] = {
		{ "utc", pack_clock, 0 },
		{ "days", pack_days, offsetof(struct price_window, days) },
		{ .key = NULL },
	};
	struct tk_buf rates = TK_BUF_INIT;
	struct price_window *w = to;

	*w = (struct price_window){ .start = -1, .end = -1, .days = 127 };
	if (price_pack_map(p, n, keys, &rates, w) < 0) {
		tk_buf_release(&rates);
		return -1;
	}
	w->rates = price_pack_array(p, &rates, sizeof(struct price_rate));
	return w->start < 0 ? price_pack_fail(p, n, "a window needs 'utc'") : 0;
}

/* Each item of the list into an array of structs of that size. */
static int
pack_list(struct price_packer *p, const struct price_node *n, price_pack_fn *fn,
    size_t size, struct tk_buf *items)
{
	union {
		struct price_tier tier;
		struct price_window window;
	} item;

	if (price_pack_kind(p, n, NODE_LIST) < 0)
		return -1;
	for (size_t i = 0; i < n->n; i++) {
		if (fn(p, &n->child[i], &item) < 0) {
			tk_buf_release(items);
			return -1;
		}
		tk_buf_add(items, &item, size);
	}
	return 0;
}

static int
pack_windows(struct price_packer *p, const struct price_node *n, void *to)
{
	struct tk_buf items = TK_BUF_INIT;

	if (pack_list(p, n, pack_window, sizeof(struct price_window), &items) <
	    0)
		return -1;
	*(struct price_span *)to =
	    price_pack_array(p, &items, sizeof(struct price_window));
	return 0;
}

static int
by_above(const void *a_, const void *b_)
{
	const struct price_tier *a = a_, *b = b_;

	return (a->above > b->above) - (a->above < b->above);
}

static int
pack_tiers(struct price_packer *p, const struct price_node *n, void *to)
{
	struct tk_buf items = TK_BUF_INIT;

	if (pack_list(p, n, pack_tier, sizeof(struct price_tier), &items) < 0)
		return -1;
	if (n->n > 1)
		qsort(items.s, n->n, sizeof(struct price_tier), by_above);
	*(struct price_span *)to =
	    price_pack_array(p, &items, sizeof(struct price_tier));
	return 0;
}

static int
pack_from(struct price_packer *p, const struct price_node *n, void *to)
{
	if (price_pack_kind(p, n, NODE_SCALAR) < 0)
		return -1;
	if (!price_time_parse(n->text, n->len, to))
		return price_pack_fail(p, n,
		    "'%s' is not a date of UTC, as \"2026-11-21\" or "
		    "\"2026-11-21T16:00:00Z\"",
		    n->text);
	return 0;
}

#define FIELD(f) offsetof(struct price_period, f)

static const struct price_pack_key period_keys[] = {
	{ "from", pack_from, FIELD(from) },
	{ "basis", price_pack_text, FIELD(basis) },
	{ "ref", price_pack_text, FIELD(ref) },
	{ "windows", pack_windows, FIELD(windows) },
	{ "tiers", pack_tiers, FIELD(tiers) },
	{ "batch", pack_mode, FIELD(modes[0]) },
	{ "flex", pack_mode, FIELD(modes[1]) },
	{ "priority", pack_mode, FIELD(modes[2]) },
	{ "fast", pack_mode, FIELD(modes[3]) },
	{ "fees", pack_fees, FIELD(fees) },
	{ .key = NULL },
};

int
price_pack_period(struct price_packer *p, const struct price_node *n, void *to)
{
	struct tk_buf rates = TK_BUF_INIT;
	struct price_period *period = to;

	*period = (struct price_period){ .from = INT64_MIN };
	if (price_pack_map(p, n, period_keys, &rates, period) < 0) {
		tk_buf_release(&rates);
		return -1;
	}
	period->rates = price_pack_array(p, &rates, sizeof(struct price_rate));
	return 0;
}
