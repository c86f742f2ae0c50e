/*
 * How machines write values: numbers, money, ratios and times, without a
 * printf, since an export writes tens of millions of them.
 */
#include <string.h>
#include <strings.h>

#include "base/attr.h"
#include "base/time.h"
#include "out/out_digits.h"
#include "out/out_int.h"

enum { MS_PER_DAY = 86400000 };

static const char pairs[] = "00010203040506070809"
			    "10111213141516171819"
			    "20212223242526272829"
			    "30313233343536373839"
			    "40414243444546474849"
			    "50515253545556575859"
			    "60616263646566676869"
			    "70717273747576777879"
			    "80818283848586878889"
			    "90919293949596979899";

static char *
put_pair(char *p, unsigned n)
{
	memcpy(p, pairs + 2 * n, 2);
	return p + 2;
}

/* The last "width" digits of n, which has no more. */
static void
put_width(char *p, uint64_t n, int width)
{
	while (width >= 2) {
		width -= 2;
		put_pair(p + width, (unsigned)(n % 100));
		n /= 100;
	}
	if (width > 0)
		*p = (char)('0' + n);
}

/* n < 10^width, with leading zeros but no trailing ones; n is not 0. */
static char *
put_fraction(char *p, uint64_t n, int width)
{
	put_width(p, n, width);
	for (p += width; p[-1] == '0';)
		p--;
	return p;
}

static char *
put_slow(struct out_speller *o, char *p,
    void (*add)(struct tk_buf *b, tk_int128 n), tk_int128 n)
{
	tk_buf_reset(&o->scratch);
	add(&o->scratch, n);
	memcpy(p, o->scratch.s, o->scratch.len);
	return p + o->scratch.len;
}

static char *
put_int(struct out_speller *o, char *p, tk_int128 n)
{
	if (n != (int64_t)n)
		return put_slow(o, p, tk_int128_add, n);
	if (n < 0)
		*p++ = '-';
	return out_put_digits(p, n < 0 ? -(uint64_t)n : (uint64_t)n);
}

static char *
put_money(struct out_speller *o, char *p, tk_int128 pico)
{
	uint64_t n, rest;

	if (pico != (int64_t)pico)
		return put_slow(o, p, tk_money_add, pico);
	if (pico < 0)
		*p++ = '-';
	n = pico < 0 ? -(uint64_t)pico : (uint64_t)pico;
	rest = n % TK_PICO_PER_USD;
	p = out_put_digits(p, n / TK_PICO_PER_USD);
	if (rest > 0) {
		*p++ = '.';
		p = out_put_twelve(p, rest);
	}
	return p;
}

/* part / whole with at most six decimals, half away from zero. */
static char *
put_ratio(struct out_speller *o, char *p, tk_int128 part, tk_int128 whole)
{
	const tk_int128 most = (tk_int128)1 << 100;
	tk_int128 millionths;

	while (
	    part >= most || part <= -most || whole >= most || whole <= -most) {
		part /= 2;
		whole /= 2;
	}
	if ((part < 0) != (whole < 0) && part != 0)
		*p++ = '-';
	part = part < 0 ? -part : part;
	whole = whole < 0 ? -whole : whole;
	if (whole == 0)
		whole = 1;
	millionths = (part * 1000000 + whole / 2) / whole;
	p = put_int(o, p, millionths / 1000000);
	if (millionths % 1000000 != 0) {
		*p++ = '.';
		p = put_fraction(p, (uint64_t)(millionths % 1000000), 6);
	}
	return p;
}

static char *
put_percent(struct out_speller *o, char *p, tk_int128 part, tk_int128 whole)
{
	const tk_int128 most = (tk_int128)1 << 100;

	while (part >= most || part <= -most) {
		part /= 2;
		whole /= 2;
	}
	return put_ratio(o, p, part * 100, whole);
}

/* Fill in the cache for the day of ms; false for a day of another length. */
static bool
cache_day(struct out_speller *o, int64_t ms)
{
	struct out_day_cache *c = &o->day;
	const struct tk_zone *z = o->zone;
	int32_t day = tk_zone_day(z, ms);
	int64_t from = tk_zone_day_start(z, day);
	int32_t offset = tk_zone_offset(z, from);
	const char *clock;

	c->from = c->to = 0;
	if (tk_zone_day_start(z, day + 1) - from != MS_PER_DAY ||
	    tk_zone_offset(z, from + MS_PER_DAY / 2) != offset ||
	    tk_zone_offset(z, from + MS_PER_DAY - 1) != offset)
		return false;
	tk_buf_reset(&o->scratch);
	tk_time_add(&o->scratch, z, from);
	clock = strchr(o->scratch.s, 'T');
	if (clock == NULL || strlen(clock) < strlen("T00:00:00") ||
	    strncmp(clock, "T00:00:00", 9) != 0)
		return false;
	clock++;
	c->date_len = (size_t)(clock - o->scratch.s);
	c->offset_len = strlen(clock + 8);
	if (c->date_len > sizeof(c->date) || c->offset_len > sizeof(c->offset))
		return false;
	memcpy(c->date, o->scratch.s, c->date_len);
	memcpy(c->offset, clock + 8, c->offset_len);
	c->from = from;
	c->to = from + MS_PER_DAY;
	return true;
}

static char *
put_time(struct out_speller *o, char *p, int64_t ms)
{
	struct out_day_cache *c = &o->day;
	unsigned t, fraction;

	if ((ms < c->from || ms >= c->to) && !cache_day(o, ms)) {
		tk_buf_reset(&o->scratch);
		tk_time_add(&o->scratch, o->zone, ms);
		memcpy(p, o->scratch.s, o->scratch.len);
		return p + o->scratch.len;
	}
	memcpy(p, c->date, c->date_len);
	p += c->date_len;
	t = (unsigned)(ms - c->from);
	fraction = t % 1000;
	t /= 1000;
	p = put_pair(p, t / 3600);
	*p++ = ':';
	p = put_pair(p, t / 60 % 60);
	*p++ = ':';
	p = put_pair(p, t % 60);
	if (fraction > 0) {
		*p++ = '.';
		*p++ = (char)('0' + fraction / 100);
		p = put_pair(p, fraction % 100);
	}
	memcpy(p, c->offset, c->offset_len);
	return p + c->offset_len;
}

static void
add_day(struct tk_buf *b, tk_int128 day)
{
	tk_day_add(b, (int32_t)day);
}

char *
out_spell(struct out_speller *o, char *p, enum out_type type,
    const struct out_val *v)
{
	switch (type) {
	case OUT_INT:
	case OUT_BYTES:
	case OUT_BAR:
		return put_int(o, p, v->n);
	case OUT_MONEY:
		return put_money(o, p, v->n);
	case OUT_TIME:
		return put_time(o, p, (int64_t)v->n);
	case OUT_DAY:
		return put_slow(o, p, add_day, v->n);
	case OUT_RATIO:
		return v->percent ? put_percent(o, p, v->n, v->of)
				  : put_ratio(o, p, v->n, v->of);
	case OUT_BOOL:
		memcpy(p, v->n ? "true" : "false", 5);
		return p + (v->n ? 4 : 5);
	case OUT_TEXT:
	case OUT_JSON:
	case OUT_SHADES:
		break;
	}
	return p;
}

/* In each byte of a word: the high bit is set if the byte is 0.  A borrow
 * can only come from a byte that is 0, so the word as a whole is exact. */
static uint64_t
zero_bytes(uint64_t x)
{
	const uint64_t ones = UINT64_C(0x0101010101010101);

	return (x - ones) & ~x & ones << 7;
}

/* The high bit of each byte that is not plain; see zero_bytes(). */
static inline uint64_t
odd_bytes(uint64_t x, const char other[2])
{
	const uint64_t ones = UINT64_C(0x0101010101010101);

	return ((x | ((x - 0x20 * ones) & ~x)) & ones << 7) |
	    zero_bytes(x ^ '"' * ones) |
	    zero_bytes(x ^ (unsigned char)other[0] * ones) |
	    zero_bytes(x ^ (unsigned char)other[1] * ones);
}

bool
out_copy_plain(char *to, const char *s, size_t len, const char other[2])
{
	uint64_t x, odd = 0;
	size_t i = 0;

	if (len < 8) {
		memset(to, 'x', 8); /* so that the word is whole */
		for (; i < len; i++)
			to[i] = s[i];
		memcpy(&x, to, 8);
		return odd_bytes(x, other) == 0;
	}
	for (; i + 8 <= len; i += 8) {
		memcpy(&x, s + i, 8);
		memcpy(to + i, &x, 8);
		odd |= odd_bytes(x, other);
	}
	memcpy(&x, s + len - 8, 8);
	memcpy(to + len - 8, &x, 8);
	return (odd | odd_bytes(x, other)) == 0;
}

size_t
out_plain(const char *s, size_t len)
{
	size_t i = 0;

	for (; i < len; i++) {
		unsigned char c = (unsigned char)s[i];

		if (c < 0x20 || c >= 0x80 || c == '"' || c == '\\')
			break;
	}
	return i;
}

enum out_state
out_state_of(const char *word)
{
	static const struct {
		const char *word;
		enum out_state state;
	} words[] = {
		{ "ok", OUT_STATE_OK },
		{ "fine", OUT_STATE_OK },
		{ "active", OUT_STATE_OK },
		{ "sent", OUT_STATE_OK },
		{ "warning", OUT_STATE_WARN },
		{ "near", OUT_STATE_WARN },
		{ "waiting", OUT_STATE_WARN },
		{ "disabled", OUT_STATE_WARN },
		{ "critical", OUT_STATE_OVER },
		{ "exceeded", OUT_STATE_OVER },
		{ "over", OUT_STATE_OVER },
		{ "dead", OUT_STATE_OVER },
		{ "failed", OUT_STATE_OVER },
	};

	for (size_t i = 0; i < TK_LEN(words); i++)
		if (strcasecmp(words[i].word, word) == 0)
			return words[i].state;
	return OUT_STATE_NONE;
}
