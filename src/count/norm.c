#include "count/norm.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

void
norm_release(struct norm *z)
{
	free(z->cp);
	free(z->class);
	free(z->sorted);
	*z = (struct norm){ 0 };
}

static void
push(struct norm *z, uint32_t cp, uint8_t class)
{
	if (z->n == z->cap) {
		z->cap = z->cap > 0 ? 2 * z->cap : 64;
		z->cp = tk_xreallocarray(z->cp, z->cap, sizeof(*z->cp));
		z->class = tk_xreallocarray(z->class, z->cap, 1);
		z->sorted =
		    tk_xreallocarray(z->sorted, z->cap, sizeof(*z->sorted));
	}
	z->cp[z->n] = cp;
	z->class[z->n++] = class;
}

static uint8_t
flags_of(uint32_t cp)
{
	return norm_flags_of[norm_block[cp >> 6]][cp & 63];
}

/* The character at p, which is valid UTF-8, and its length. */
static uint32_t
decode(const uint8_t *p, unsigned *len)
{
	uint32_t b = *p;

	if (b < 0x80) {
		*len = 1;
		return b;
	}
	if (b < 0xe0) {
		*len = 2;
		return (b & 31) << 6 | (p[1] & 63);
	}
	if (b < 0xf0) {
		*len = 3;
		return (b & 15) << 12 | (uint32_t)(p[1] & 63) << 6 |
		    (p[2] & 63);
	}
	*len = 4;
	return (b & 7) << 18 | (uint32_t)(p[1] & 63) << 12 |
	    (uint32_t)(p[2] & 63) << 6 | (p[3] & 63);
}

static void
encode(uint32_t cp, struct count_bytes *out)
{
	uint8_t *p = out->s + out->len;

	if (cp < 0x80) {
		p[0] = (uint8_t)cp;
		out->len += 1;
	} else if (cp < 0x800) {
		p[0] = (uint8_t)(0xc0 | cp >> 6);
		p[1] = (uint8_t)(0x80 | (cp & 63));
		out->len += 2;
	} else if (cp < 0x10000) {
		p[0] = (uint8_t)(0xe0 | cp >> 12);
		p[1] = (uint8_t)(0x80 | (cp >> 6 & 63));
		p[2] = (uint8_t)(0x80 | (cp & 63));
		out->len += 3;
	} else {
		p[0] = (uint8_t)(0xf0 | cp >> 18);
		p[1] = (uint8_t)(0x80 | (cp >> 12 & 63));
		p[2] = (uint8_t)(0x80 | (cp >> 6 & 63));
		p[3] = (uint8_t)(0x80 | (cp & 63));
		out->len += 4;
	}
}

static uint8_t
class_of(uint32_t cp)
{
	size_t low = 0, high = norm_class_count;

	if ((flags_of(cp) & NORM_HAS_CLASS) == 0)
		return 0;
	while (low < high) {
		size_t mid = (low + high) / 2;

		if (norm_classes[mid].to < cp)
			low = mid + 1;
		else
			high = mid;
	}
	return norm_classes[low].class;
}

static const struct norm_map *
find_map(const struct norm_map *map, size_t n, uint32_t cp)
{
	size_t low = 0, high = n;

	while (low < high) {
		size_t mid = (low + high) / 2;

		if (map[mid].code < cp)
			low = mid + 1;
		else
			high = mid;
	}
	return low < n && map[low].code == cp ? &map[low] : NULL;
}

static void
decompose(struct norm *z, enum norm_form form, uint32_t cp)
{
	const struct norm_map *m = NULL;

	if (cp - HANGUL_S < HANGUL_SS) {
		uint32_t s = cp - HANGUL_S, t = s % HANGUL_TS;

		push(z, HANGUL_L + s / (HANGUL_VS * HANGUL_TS), 0);
		push(z, HANGUL_V + s / HANGUL_TS % HANGUL_VS, 0);
		if (t > 0)
			push(z, HANGUL_T + t, 0);
		return;
	}
	if (form == NORM_KC)
		m = find_map(norm_compat, norm_compats, cp);
	if (m == NULL)
		m = find_map(norm_canon, norm_canons, cp);
	if (m == NULL) {
		push(z, cp, class_of(cp));
		return;
	}
	for (uint32_t i = 0; i < m->len; i++)
		push(z, norm_codes[m->at + i], class_of(norm_codes[m->at + i]));
}

/* Marks at from..to - 1 into the order of their classes, else as they are. */
static void
order_marks(struct norm *z, size_t from, size_t to)
{
	size_t place[256] = { 0 }, at = from;

	for (size_t i = from; i < to; i++)
		place[z->class[i]]++;
	for (int c = 0; c < 256; c++) {
		size_t n = place[c];

		place[c] = at;
		at += n;
	}
	for (size_t i = from; i < to; i++)
		z->sorted[place[z->class[i]]++] = z->cp[i];
	memcpy(z->cp + from, z->sorted + from, (to - from) * sizeof(*z->cp));
	for (size_t i = from; i < to; i++)
		z->class[i] = class_of(z->cp[i]);
}

static void
order(struct norm *z)
{
	for (size_t i = 0; i < z->n; i++) {
		size_t from = i;
		bool sorted = true;

		for (; i < z->n && z->class[i] > 0; i++)
			if (i > from && z->class[i] < z -> class[i - 1])
				sorted = false;
		if (!sorted)
			order_marks(z, from, i);
	}
}

/* The composition of two characters, or 0. */
static uint32_t
pair_of(uint32_t first, uint32_t second)
{
	size_t low = 0, high = norm_pair_count;

	if (first - HANGUL_L < HANGUL_LS && second - HANGUL_V < HANGUL_VS)
		return HANGUL_S +
		    ((first - HANGUL_L) * HANGUL_VS + (second - HANGUL_V)) *
		    HANGUL_TS;
	if (first - HANGUL_S < HANGUL_SS &&
	    (first - HANGUL_S) % HANGUL_TS == 0 &&
	    second - HANGUL_T - 1 < HANGUL_TS - 1)
		return first + second - HANGUL_T;
	while (low < high) {
		size_t mid = (low + high) / 2;
		const struct norm_pair *m = &norm_pairs[mid];

		if (m->first < first ||
		    (m->first == first && m->second < second))
			low = mid + 1;
		else
			high = mid;
	}
	return low < norm_pair_count && norm_pairs[low].first == first &&
		norm_pairs[low].second == second
	    ? norm_pairs[low].code
	    : 0;
}

/*
 * A character is composed with the last of class 0 unless one between them
 * is of class 0, or of its own class, or of a higher one.
 */
static void
compose(struct norm *z)
{
	size_t starter = SIZE_MAX, out = 0;
	uint8_t last = 0;

	for (size_t i = 0; i < z->n; i++) {
		uint32_t cp = z->cp[i], both = 0;
		uint8_t class = z->class[i];

		if (starter != SIZE_MAX &&
		    (out == starter + 1 || (last > 0 && last < class)))
			both = pair_of(z->cp[starter], cp);
		if (both != 0) {
			z->cp[starter] = both;
			continue;
		}
		if (class == 0)
			starter = out;
		last = class;
		z->cp[out++] = cp;
	}
	z->n = out;
}

/* What stands between two boundaries. */
static void
add_segment(struct norm *z, enum norm_form form, const uint8_t *p, size_t n,
    struct count_bytes *out)
{
	unsigned len;

	z->n = 0;
	for (size_t i = 0; i < n; i += len)
		decompose(z, form, decode(p + i, &len));
	order(z);
	compose(z);
	count_bytes_room(out, 4 * z->n);
	for (size_t i = 0; i < z->n; i++)
		encode(z->cp[i], out);
}

static size_t
skip_ascii(const uint8_t *p, size_t i, size_t n)
{
	for (; n - i >= 32; i += 32) {
		uint64_t w[4];

		memcpy(w, p + i, sizeof(w));
		if (((w[0] | w[1] | w[2] | w[3]) &
			UINT64_C(0x8080808080808080)) != 0)
			break;
	}
	while (i < n && p[i] < 0x80)
		i++;
	return i;
}

/* From at, where there is a boundary, to the next character that changes or
 * has none before it; *last is where the character before that begins. */
static size_t
skip_same(const uint8_t *p, size_t at, size_t n, uint8_t same, size_t *last)
{
	size_t i = at;
	unsigned len;

	*last = at;
	while (i < n) {
		if (p[i] < 0x80) {
			i = skip_ascii(p, i, n);
			*last = i - 1;
			continue;
		}
		if ((flags_of(decode(p + i, &len)) & same) == 0)
			break;
		*last = i;
		i += len;
	}
	return i;
}

static size_t
next_boundary(const uint8_t *p, size_t i, size_t n, uint8_t boundary)
{
	unsigned len;

	for (; i < n; i += len)
		if ((flags_of(decode(p + i, &len)) & boundary) != 0)
			break;
	return i;
}

size_t
norm_add(struct norm *z, enum norm_form form, const uint8_t *p, size_t n,
    bool final, struct count_bytes *out)
{
	uint8_t boundary = form == NORM_C ? NORM_C_BOUNDARY : NORM_KC_BOUNDARY;
	uint8_t same = form == NORM_C ? NORM_C_SAME : NORM_KC_SAME;
	size_t at = 0;

	while (at < n) {
		size_t last, from, to;
		unsigned len;

		from = skip_same(p, at, n, same, &last);
		if (from == n) {
			/* The last may be composed with what comes. */
			from = final ? n : last;
			count_bytes_add(out, p + at, from - at);
			return from;
		}
		if ((flags_of(decode(p + from, &len)) & boundary) == 0)
			from = last;
		count_bytes_add(out, p + at, from - at);
		(void)decode(p + from, &len);
		to = next_boundary(p, from + len, n, boundary);
		if (to == n && !final)
			return from;
		add_segment(z, form, p + from, to - from, out);
		at = to;
	}
	return n;
}
