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

static struct lead
lead_of(uint8_t b)
{
	if (b < 0xc2 || b > 0xf4)
		return (struct lead){ 0, 1, 0 };
	if (b < 0xe0)
		return (struct lead){ 1, 0x80, 0xbf };
	if (b < 0xf0)
		return (struct lead){ 2, b == 0xe0 ? 0xa0 : 0x80,
			b == 0xed ? 0x9f : 0xbf };
	return (
	    struct lead){ 3, b == 0xf0 ? 0x90 : 0x80, b == 0xf4 ? 0x8f : 0xbf };
}

/* How many of the bytes at p belong to the character that begins there. */
static size_t
well_formed(const uint8_t *p, size_t n, bool *complete)
{
	struct lead l = lead_of(*p);
	size_t i = 1;

	if (i < n && p[i] >= l.low && p[i] <= l.high)
		for (i = 2; i <= l.more && i < n && p[i] >> 6 == 2;)
			i++;
	*complete = l.more > 0 && i == l.more + 1u;
	return i;
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

size_t
utf8_valid(const uint8_t *p, size_t n)
{
	size_t i = 0;

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
			k = well_formed(p + i, n - i, &complete);
			if (!complete)
				break;
		}
		i += k;
	}
	return i;
}

size_t
utf8_subpart(const uint8_t *p, size_t n)
{
	struct lead l = lead_of(*p);
	bool complete;
	size_t k = well_formed(p, n, &complete);

	return k == n && k <= l.more ? 0 : k;
}
