#ifndef COUNT_WINDOW_AVX2_H
#define COUNT_WINDOW_AVX2_H

#include <immintrin.h>
#include <stdint.h>

#include "count/window.h"

/*
 * With AVX2: what 64 bytes are, as the bits of window.h, and lists of the bits
 * that are set.  Included by engine_avx2.c.
 */

static inline uint64_t
bits_of(__m256i lo, __m256i hi)
{
	return (uint32_t)_mm256_movemask_epi8(lo) |
	    (uint64_t)(uint32_t)_mm256_movemask_epi8(hi) << 32;
}

/* The bytes from first to first + n, as unsigned numbers. */
static inline uint64_t
bits_between(const __m256i v[2], char first, char n)
{
	__m256i from = _mm256_set1_epi8(first), most = _mm256_set1_epi8(n);
	__m256i x = _mm256_sub_epi8(v[0], from);
	__m256i y = _mm256_sub_epi8(v[1], from);

	return bits_of(_mm256_cmpeq_epi8(_mm256_min_epu8(x, most), x),
	    _mm256_cmpeq_epi8(_mm256_min_epu8(y, most), y));
}

/* The same 16 bytes in both halves. */
static inline __m256i
rows(const void *t)
{
	return _mm256_broadcastsi128_si256(_mm_loadu_si128(t));
}

/* What an ASCII byte is, as bits: a bit is set that is set for both of its
 * halves. */
enum {
	BYTE_TAB = 1 << 0, /* and white space that ends no line */
	BYTE_NEWLINE = 1 << 1,
	BYTE_SPACE = 1 << 2,
	BYTE_QUOTE = 1 << 3,
	BYTE_SLASH = 1 << 4,
	BYTE_DIGIT = 1 << 5,
	BYTE_LETTER1 = 1 << 6, /* A to O, */
	BYTE_LETTER2 = 1 << 7, /* P to Z */
};

static inline __m256i
byte_kinds(__m256i v)
{
	enum {
		FIRST = BYTE_DIGIT | BYTE_LETTER1 | BYTE_LETTER2,
		LAST = BYTE_LETTER1
	};
	static const uint8_t low[16] = { BYTE_SPACE | BYTE_DIGIT | BYTE_LETTER2,
		FIRST, FIRST, FIRST, FIRST, FIRST, FIRST, FIRST | BYTE_QUOTE,
		FIRST, FIRST | BYTE_TAB, LAST | BYTE_LETTER2 | BYTE_NEWLINE,
		LAST | BYTE_TAB, LAST | BYTE_TAB, LAST | BYTE_NEWLINE, LAST,
		LAST | BYTE_SLASH };
	static const uint8_t high[16] = { BYTE_TAB | BYTE_NEWLINE, 0,
		BYTE_SPACE | BYTE_QUOTE | BYTE_SLASH, BYTE_DIGIT, BYTE_LETTER1,
		BYTE_LETTER2, BYTE_LETTER1, BYTE_LETTER2 };
	__m256i upper =
	    _mm256_and_si256(_mm256_srli_epi16(v, 4), _mm256_set1_epi8(15));

	/* Of a byte that is not ASCII the first one gives 0. */
	return _mm256_and_si256(_mm256_shuffle_epi8(rows(low), v),
	    _mm256_shuffle_epi8(rows(high), upper));
}

/* The bytes of which so many bits from the left is one that is set. */
ALWAYS_INLINE uint64_t
bits_at(const __m256i v[2], int left)
{
	return bits_of(_mm256_slli_epi16(v[0], left),
	    _mm256_slli_epi16(v[1], left));
}

ALWAYS_INLINE struct window
window_read(const uint8_t *p)
{
	__m256i v[2] = { _mm256_loadu_si256((const void *)p),
		_mm256_loadu_si256((const void *)(p + 32)) };
	__m256i kind[2] = { byte_kinds(v[0]), byte_kinds(v[1]) };
	struct window w;

	w.letter = bits_at(kind, 0) | bits_at(kind, 1);
	w.upper = w.letter & ~bits_at(v, 2);
	w.digit = bits_at(kind, 2);
	w.slash = bits_at(kind, 3);
	w.quote = bits_at(kind, 4);
	w.space = bits_at(kind, 5);
	w.newline = bits_at(kind, 6);
	w.tab = bits_at(kind, 7);
	w.control = (bits_between(v, '\0', 31) & ~(w.newline | w.tab)) |
	    bits_between(v, '\x7f', 0);
	w.high = bits_at(v, 0);
	w.cont = w.free = w.mark = 0;
	w.mixed = false;
	return w;
}

/* What window_high.h asks for. */
struct wide {
	__m256i v[2];
};

ALWAYS_INLINE struct wide
wide_read(const uint8_t *p)
{
	return (struct wide){ { _mm256_loadu_si256((const void *)p),
	    _mm256_loadu_si256((const void *)(p + 32)) } };
}

ALWAYS_INLINE struct wide
wide_all(uint8_t c)
{
	__m256i v = _mm256_set1_epi8((char)c);

	return (struct wide){ { v, v } };
}

ALWAYS_INLINE struct wide
wide_and(struct wide x, struct wide y)
{
	return (struct wide){ { _mm256_and_si256(x.v[0], y.v[0]),
	    _mm256_and_si256(x.v[1], y.v[1]) } };
}

ALWAYS_INLINE struct wide
wide_or(struct wide x, struct wide y)
{
	return (struct wide){ { _mm256_or_si256(x.v[0], y.v[0]),
	    _mm256_or_si256(x.v[1], y.v[1]) } };
}

ALWAYS_INLINE struct wide
wide_equal(struct wide x, uint8_t c)
{
	__m256i v = _mm256_set1_epi8((char)c);

	return (struct wide){ { _mm256_cmpeq_epi8(x.v[0], v),
	    _mm256_cmpeq_epi8(x.v[1], v) } };
}

ALWAYS_INLINE struct wide
wide_not_below(struct wide x, struct wide y)
{
	return (struct wide){
		{ _mm256_cmpeq_epi8(_mm256_max_epu8(x.v[0], y.v[0]), x.v[0]),
		    _mm256_cmpeq_epi8(_mm256_max_epu8(x.v[1], y.v[1]), x.v[1]) }
	};
}

ALWAYS_INLINE struct wide
wide_in_16(const uint8_t *t, struct wide x)
{
	return (struct wide){ { _mm256_shuffle_epi8(rows(t), x.v[0]),
	    _mm256_shuffle_epi8(rows(t), x.v[1]) } };
}

static inline __m256i
half_in_64(const uint8_t *t, __m256i x)
{
	__m256i low = _mm256_xor_si256(x, _mm256_set1_epi8('\x80'));
	__m256i bit4 = _mm256_slli_epi16(x, 3), bit5 = _mm256_slli_epi16(x, 2);

	return _mm256_blendv_epi8(_mm256_blendv_epi8(_mm256_shuffle_epi8(rows(
									     t),
							 low),
				      _mm256_shuffle_epi8(rows(t + 16), low),
				      bit4),
	    _mm256_blendv_epi8(_mm256_shuffle_epi8(rows(t + 32), low),
		_mm256_shuffle_epi8(rows(t + 48), low), bit4),
	    bit5);
}

ALWAYS_INLINE struct wide
wide_in_64(const uint8_t *t, struct wide x)
{
	return (
	    struct wide){ { half_in_64(t, x.v[0]), half_in_64(t, x.v[1]) } };
}

ALWAYS_INLINE uint64_t
wide_bits(struct wide x, int left)
{
	return bits_at(x.v, left);
}

/* By eight bits: which are set, as numbers of eight bits each, the lowest bit
 * first.  BIT7 puts 7 in or not, then BIT6 puts 6 before it, and so on. */
#define BIT0(set) set, (set) << 8
#define BIT1(set) BIT0(set), BIT0((set) << 8 | 1)
#define BIT2(set) BIT1(set), BIT1((set) << 8 | 2)
#define BIT3(set) BIT2(set), BIT2((set) << 8 | 3)
#define BIT4(set) BIT3(set), BIT3((set) << 8 | 4)
#define BIT5(set) BIT4(set), BIT4((set) << 8 | 5)
#define BIT6(set) BIT5(set), BIT5((set) << 8 | 6)
#define BIT7(set) BIT6(set), BIT6((set) << 8 | 7)
static const uint64_t bits_set[256] = { BIT7(UINT64_C(0)) };
#undef BIT0
#undef BIT1
#undef BIT2
#undef BIT3
#undef BIT4
#undef BIT5
#undef BIT6
#undef BIT7

/* Write which bits are set, and up to eight numbers behind them. */
ALWAYS_INLINE void
put_bits(uint32_t *to, uint32_t base, uint64_t bits)
{
	__m256i from = _mm256_set1_epi32((int)base);

	for (int i = 0; i < 8; i++, bits >>= 8) {
		__m128i set =
		    _mm_loadl_epi64((const void *)&bits_set[bits & 0xff]);

		_mm256_storeu_si256((void *)to,
		    _mm256_add_epi32(from, _mm256_cvtepu8_epi32(set)));
		to += __builtin_popcount(bits & 0xff);
		from = _mm256_add_epi32(from, _mm256_set1_epi32(8));
	}
}

#endif
