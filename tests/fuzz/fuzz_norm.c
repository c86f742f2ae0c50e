/*
 * Normal forms of any text: the same as by the definition, worked out
 * slowly over the whole text; dividing the text changes nothing, and what is
 * in the form already stays as it is.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "count/norm.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct codes {
	uint32_t *v;
	size_t n, cap;
};

static void
must(bool holds)
{
	if (!holds)
		abort();
}

static void
push(struct codes *c, uint32_t cp)
{
	if (c->n == c->cap) {
		c->cap = 2 * c->cap + 16;
		c->v = tk_xreallocarray(c->v, c->cap, sizeof(*c->v));
	}
	c->v[c->n++] = cp;
}

static unsigned
class_of(uint32_t cp)
{
	for (size_t i = 0; i < norm_class_count; i++)
		if (cp >= norm_classes[i].from && cp <= norm_classes[i].to)
			return norm_classes[i].class;
	return 0;
}

static bool
expand(const struct norm_map *map, size_t n, uint32_t cp, struct codes *out)
{
	for (size_t i = 0; i < n; i++) {
		if (map[i].code != cp)
			continue;
		for (uint32_t k = 0; k < map[i].len; k++)
			push(out, norm_codes[map[i].at + k]);
		return true;
	}
	return false;
}

static void
decompose(uint32_t cp, enum norm_form form, struct codes *out)
{
	if (cp >= 0xac00 && cp <= 0xd7a3) {
		push(out, 0x1100 + (cp - 0xac00) / 588);
		push(out, 0x1161 + (cp - 0xac00) % 588 / 28);
		if ((cp - 0xac00) % 28 != 0)
			push(out, 0x11a7 + (cp - 0xac00) % 28);
		return;
	}
	if (form == NORM_KC && expand(norm_compat, norm_compats, cp, out))
		return;
	if (!expand(norm_canon, norm_canons, cp, out))
		push(out, cp);
}

/* Two neighbours at a time, until none is out of order. */
static void
order(struct codes *c)
{
	for (size_t i = 1; i < c->n; i++) {
		for (size_t k = i; k > 0; k--) {
			unsigned class = class_of(c->v[k]);
			uint32_t before = c->v[k - 1];

			if (class == 0 || class_of(before) <= class)
				break;
			c->v[k - 1] = c->v[k];
			c->v[k] = before;
		}
	}
}

static uint32_t
pair_of(uint32_t a, uint32_t b)
{
	if (a >= 0x1100 && a < 0x1113 && b >= 0x1161 && b < 0x1176)
		return 0xac00 + ((a - 0x1100) * 21 + b - 0x1161) * 28;
	if (a >= 0xac00 && a <= 0xd7a3 && (a - 0xac00) % 28 == 0 &&
	    b > 0x11a7 && b < 0x11c3)
		return a + b - 0x11a7;
	for (size_t i = 0; i < norm_pair_count; i++)
		if (norm_pairs[i].first == a && norm_pairs[i].second == b)
			return norm_pairs[i].code;
	return 0;
}

/* D117 of the standard: look back for the last starter, and whether all
 * between are of a class that is neither 0 nor as high. */
static void
compose(struct codes *c)
{
	for (size_t i = 1; i < c->n; i++) {
		unsigned class = class_of(c->v[i]);
		bool blocked = false;
		size_t at = i;
		uint32_t both;

		while (at-- > 0 && class_of(c->v[at]) != 0)
			blocked |= class_of(c->v[at]) >= class;
		if (at == SIZE_MAX || blocked || (at + 1 < i && class == 0))
			continue;
		both = pair_of(c->v[at], c->v[i]);
		if (both == 0)
			continue;
		c->v[at] = both;
		memmove(c->v + i, c->v + i + 1, (c->n - i - 1) * sizeof(*c->v));
		c->n--;
		i--;
	}
}

static void
encode(const struct codes *c, struct count_bytes *out)
{
	for (size_t i = 0; i < c->n; i++) {
		uint32_t cp = c->v[i];
		uint8_t s[4];
		size_t n = cp < 0x80 ? 1
		    : cp < 0x800     ? 2
		    : cp < 0x10000   ? 3
				     : 4;
		static const uint8_t lead[] = { 0, 0, 0xc0, 0xe0, 0xf0 };

		for (size_t k = n; k-- > 1; cp >>= 6)
			s[k] = (uint8_t)(0x80 | (cp & 63));
		s[0] = (uint8_t)(lead[n] | cp);
		count_bytes_add(out, s, n);
	}
}

static bool
same(const struct count_bytes *a, const struct count_bytes *b)
{
	return a->len == b->len &&
	    (a->len == 0 || memcmp(a->s, b->s, a->len) == 0);
}

static void
check(const struct codes *in, enum norm_form form, size_t cut)
{
	struct count_bytes text = { 0 }, want = { 0 }, got = { 0 };
	struct codes slow = { 0 };
	struct norm z = { 0 };
	size_t used;

	encode(in, &text);
	for (size_t i = 0; i < in->n; i++)
		decompose(in->v[i], form, &slow);
	order(&slow);
	compose(&slow);
	encode(&slow, &want);
	must(norm_add(&z, form, text.s, text.len, true, &got) == text.len);
	must(same(&got, &want));
	got.len = 0;
	cut = text.len > 0 ? cut % text.len : 0;
	while (cut > 0 && text.s[cut] >> 6 == 2)
		cut--;
	used = norm_add(&z, form, text.s, cut, false, &got);
	norm_add(&z, form, text.s + used, text.len - used, true, &got);
	must(same(&got, &want));
	got.len = 0;
	norm_add(&z, form, want.s, want.len, true, &got);
	must(same(&got, &want));
	norm_release(&z);
	free(text.s);
	free(want.s);
	free(got.s);
	free(slow.v);
}

/* Where the interesting characters are, so that they meet often. */
static uint32_t
character(uint8_t kind, uint8_t a, uint8_t b)
{
	uint32_t two = (uint32_t)a << 8 | b;

	switch (kind % 10) {
	case 0:
		return norm_canon[two % norm_canons].code;
	case 1:
		return norm_compat[two % norm_compats].code;
	case 2:
		return norm_pairs[two % norm_pair_count].first;
	case 3:
		return norm_pairs[two % norm_pair_count].second;
	case 4:
		return norm_classes[two % norm_class_count].from;
	case 5:
		return 0x1100 + two % 256;
	case 6:
		return 0xac00 + two % 11172;
	case 7:
		return two >= 0xd800 && two < 0xe000 ? 0xfffd : two;
	case 8:
		return 0x10000 + two % 0x100000 * 16 % 0x100000;
	default:
		return 0x300 + two % 0x70;
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct codes in = { 0 };

	if (size < 5)
		return 0;
	for (size_t i = 2; i + 3 <= size && in.n < 200; i += 3)
		push(&in, character(data[i], data[i + 1], data[i + 2]));
	check(&in, NORM_C, data[0] | (size_t)data[1] << 8);
	check(&in, NORM_KC, data[0] | (size_t)data[1] << 8);
	free(in.v);
	return 0;
}
