/*
 * Well-formed UTF-8, after table 3-7 of the Unicode Standard; what is not is
 * replaced by one U+FFFD for each maximal subpart, as its chapter 3.9 and
 * the WHATWG decoder do.
 */
#include <string.h>

#include "count/count_int.h"

/* Continuation bytes that the lead asks for, and the bounds of the first. */
struct lead {
	uint8_t more, low, high;
};

/* What a byte that is not ASCII leads: a row a kind, and which it is. */
static const struct lead leads[] = {
	{ 0, 1, 0 },
	{ 1, 0x80, 0xbf },
	{ 2, 0xa0, 0xbf },
	{ 2, 0x80, 0xbf },
	{ 2, 0x80, 0x9f },
	{ 3, 0x90, 0xbf },
	{ 3, 0x80, 0xbf },
	{ 3, 0x80, 0x8f },
};

static const uint8_t lead_kind[64] = {
	0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, /* c0 */
	1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, /* d0 */
	2, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 4, 3, 3, /* e0 */
	5, 6, 6, 6, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, /* f0 */
};

static inline struct lead
lead_of(uint8_t b)
{
	return leads[b < 0xc0 ? 0 : lead_kind[b - 0xc0]];
}

/*
 * How many of the four bytes at p, of which the first is not ASCII, are a
 * maximal subpart, and whether that is all of a character.  Random bytes
 * cannot be foreseen, so there are no branches.
 */
static inline unsigned
subpart(const uint8_t *p, bool *complete)
{
	const struct lead l = lead_of(*p);
	bool second = (p[1] >= l.low) & (p[1] <= l.high);
	bool third = second & (l.more > 1) & (p[2] >> 6 == 2);
	bool fourth = third & (l.more > 2) & (p[3] >> 6 == 2);
	unsigned n = 1u + second + third + fourth;

	*complete = (l.more > 0) & (n == l.more + 1u);
	return n;
}
/*
 * The length of the character that begins at p, where four bytes can be
 * read; 0 if it is not plainly well-formed.
 */
static size_t
plain_length(const uint8_t *p)
{
	uint32_t b = p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
	    (uint32_t)p[3] << 24;
	uint32_t lead = b & 0xff, second = b >> 8 & 0xff;

	if ((b & 0xc0c0f0) == 0x8080e0)
		return (lead == 0xe0 && second < 0xa0) ||
			(lead == 0xed && second > 0x9f)
		    ? 0
		    : 3;
	if ((b & 0xc0e0) == 0x80c0)
		return lead >= 0xc2 ? 2 : 0;
	if ((b & 0xc0c0c0f8) == 0x808080f0)
		return (lead == 0xf0 && second < 0x90) ||
			(lead == 0xf4 && second > 0x8f) || lead > 0xf4
		    ? 0
		    : 4;
	return 0;
}

/* From i to n, character by character, until one is not valid. */
static size_t
valid_from(const uint8_t *p, size_t i, size_t n)
{
	while (i < n) {
		uint64_t eight[2];
		bool complete;
		size_t k;

		if (p[i] < 0x80) {
			i++;
			for (; n - i >= 16; i += 16) {
				memcpy(eight, p + i, 16);
				if ((eight[0] | eight[1]) &
				    UINT64_C(0x8080808080808080))
					break;
			}
			continue;
		}
		k = n - i >= 4 ? plain_length(p + i) : 0;
		if (k == 0) {
			uint8_t end[4] = { 0 };

			memcpy(end, p + i, n - i < 4 ? n - i : 4);
			k = subpart(end, &complete);
			if (!complete)
				break;
		}
		i += k;
	}
	return i;
}

size_t
utf8_valid(const uint8_t *p, size_t n)
{
	size_t i = n < 64 ? 0 : valid_from(p, 0, 8), back = 1;

	if (i < 3)
		return valid_from(p, i, n);
	i = engine_best()->valid(p, i, n);
	/* A character may have begun that nobody has seen the end of. */
	while (back < 4 && p[i - back] >> 6 == 2)
		back++;
	return valid_from(p, p[i - back] >= 0xc0 ? i - back : i, n);
}

static const uint8_t replacement[4] = { 0xef, 0xbf, 0xbd, 0 };

/* The lengths of runs of ASCII are as little to be foreseen. */
static inline unsigned
ascii_of_eight(uint64_t eight)
{
	uint64_t high = eight & UINT64_C(0x8080808080808080);

	return high != 0 ? (unsigned)__builtin_ctzll(high) / 8 : 8;
}

enum { BROKEN = 256 };

/* Eight equal bytes that are not ASCII: none of the first seven continues
 * another, or is continued. */
static inline bool
is_broken_run(uint64_t eight)
{
	return (eight & 0x80) != 0 && (eight ^ eight << 8) >> 8 == 0;
}

/* One step of up to eight bytes, where twelve can be read. */
static inline size_t
repair_step(const uint8_t *p, uint8_t **out)
{
	uint64_t eight;
	bool complete;
	size_t ascii, k;

	memcpy(&eight, p, 8);
	if (is_broken_run(eight)) {
		for (int i = 0; i < 7; i++, *out += 3)
			memcpy(*out, replacement, 4);
		return 7;
	}
	memcpy(*out, &eight, 8);
	ascii = ascii_of_eight(eight);
	*out += ascii;
	if (ascii == 8)
		return 8;
	p += ascii;
	k = subpart(p, &complete);
	memcpy(*out, complete ? p : replacement, 4);
	*out += complete ? k : 3;
	return ascii + k;
}

/* The same where n bytes are left; 0: they could be continued. */
static size_t
repair_end(const uint8_t *p, size_t n, bool last, uint8_t **out)
{
	uint8_t end[4] = { 0 };
	bool complete;
	size_t k;

	if (*p < 0x80) {
		*(*out)++ = *p;
		return 1;
	}
	/* The zeros behind the end continue nothing. */
	memcpy(end, p, n < 4 ? n : 4);
	k = subpart(end, &complete);
	if (!last && !complete && k == n && k <= lead_of(*p).more)
		return 0;
	memcpy(*out, complete ? end : replacement, 4);
	*out += complete ? k : 3;
	return k;
}

/* Valid text by the stretch, and where it is broken, some bytes one by one. */
size_t
utf8_repair(const uint8_t *p, size_t n, bool last, uint8_t *to, size_t *len)
{
	uint8_t *out = to + *len;
	size_t i = 0, k = 1;

	while (i < n && k > 0) {
		size_t valid = utf8_valid(p + i, n - i), stop;

		memcpy(out, p + i, valid);
		out += valid;
		i += valid;
		stop = n - i < BROKEN ? n : i + BROKEN;
		while (i < stop && n - i >= 12)
			i += repair_step(p + i, &out);
		while (i < stop && k > 0) {
			k = repair_end(p + i, n - i, last, &out);
			i += k;
		}
	}
	*len = (size_t)(out - to);
	return i;
}
