/* x86-64 with AVX2, BMI1 and BMI2. */
#include <stdbool.h>
#include <stdint.h>

#ifdef __AVX2__
#include <immintrin.h>

#include "base/x86.h"
#include "count/memo.h"
#include "count/utf8_avx2.h"
#include "count/window_avx2.h"

static bool
works(void)
{
#ifdef TK_X86_HAS
	return TK_X86_HAS(AVX2) && TK_X86_HAS(BMI1) && TK_X86_HAS(BMI2) &&
	    TK_X86_HAS(POPCNT);
#else
	__builtin_cpu_init();
	return __builtin_cpu_supports("avx2") &&
	    __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2") &&
	    __builtin_cpu_supports("popcnt");
#endif
}

static inline unsigned
line_find(const uint64_t *line, uint64_t mix, uint64_t tag)
{
	__m256i mask = _mm256_set1_epi64x((long long)tag);
	__m256i k = _mm256_and_si256(_mm256_set1_epi64x((long long)mix), mask);
	__m256i a = _mm256_load_si256((const void *)line);
	__m256i b = _mm256_load_si256((const void *)(line + 4));

	a = _mm256_cmpeq_epi64(_mm256_and_si256(a, mask), k);
	b = _mm256_cmpeq_epi64(_mm256_and_si256(b, mask), k);
	return (unsigned)_mm256_movemask_pd(_mm256_castsi256_pd(a)) |
	    (unsigned)_mm256_movemask_pd(_mm256_castsi256_pd(b)) << 4;
}

static inline __m256i
both_halves(struct vocab_key16 key)
{
	return _mm256_setr_epi64x((long long)key.lo, (long long)key.hi,
	    (long long)key.lo, (long long)key.hi);
}

/* Bits 0, 2, 4, 6: the keys of which both halves are zero. */
static inline unsigned
keys_zero(__m256i a, __m256i b)
{
	__m256i zero = _mm256_setzero_si256();
	unsigned halves = (unsigned)_mm256_movemask_pd(_mm256_castsi256_pd(
			      _mm256_cmpeq_epi64(a, zero))) |
	    (unsigned)_mm256_movemask_pd(
		_mm256_castsi256_pd(_mm256_cmpeq_epi64(b, zero)))
		<< 4;

	return halves & halves >> 1 & 0x55;
}

static inline unsigned
line_find16(const struct vocab_key16 *line, uint64_t lo, uint64_t mix,
    uint64_t tag)
{
	__m256i k = both_halves((struct vocab_key16){ lo, mix });
	__m256i mask = both_halves((struct vocab_key16){ ~UINT64_C(0), tag });
	__m256i a = _mm256_load_si256((const void *)line);
	__m256i b = _mm256_load_si256((const void *)(line + 2));

	a = _mm256_and_si256(_mm256_xor_si256(a, k), mask);
	b = _mm256_and_si256(_mm256_xor_si256(b, k), mask);
	return keys_zero(a, b);
}

/* The words at four places. */
ALWAYS_INLINE __m256i
words_at(const uint8_t *s, const uint32_t *at)
{
	__m128i lo = _mm_loadl_epi64((const void *)(s + at[0]));
	__m128i hi = _mm_loadl_epi64((const void *)(s + at[2]));

	lo = _mm_castpd_si128(
	    _mm_loadh_pd(_mm_castsi128_pd(lo), (const void *)(s + at[1])));
	hi = _mm_castpd_si128(
	    _mm_loadh_pd(_mm_castsi128_pd(hi), (const void *)(s + at[3])));
	return _mm256_inserti128_si256(_mm256_castsi128_si256(lo), hi, 1);
}

/*
 * By four bits: which are set, in the order of the bits, each as two numbers:
 * of the halves of its word, or of the bytes of its number.
 */
static const uint8_t four_set[16][8] = { { 0 }, { 0, 1 }, { 2, 3 },
	{ 0, 1, 2, 3 }, { 4, 5 }, { 0, 1, 4, 5 }, { 2, 3, 4, 5 },
	{ 0, 1, 2, 3, 4, 5 }, { 6, 7 }, { 0, 1, 6, 7 }, { 2, 3, 6, 7 },
	{ 0, 1, 2, 3, 6, 7 }, { 4, 5, 6, 7 }, { 0, 1, 4, 5, 6, 7 },
	{ 2, 3, 4, 5, 6, 7 }, { 0, 1, 2, 3, 4, 5, 6, 7 } };

/* List those of four that have a bit; behind them something is written, too.
 */
ALWAYS_INLINE void
list_keys(uint64_t *to, __m256i keys, unsigned bits)
{
	__m128i set = _mm_loadl_epi64((const void *)four_set[bits]);

	_mm256_storeu_si256((void *)to,
	    _mm256_permutevar8x32_epi32(keys, _mm256_cvtepu8_epi32(set)));
}

ALWAYS_INLINE void
list_pieces(struct round *r, __m128i pieces, unsigned bits)
{
	__m128i set = _mm_loadl_epi64((const void *)four_set[bits]);

	_mm_storel_epi64((void *)(r->piece + r->n),
	    _mm_shuffle_epi8(pieces, set));
	r->n += (uint32_t)__builtin_popcount(bits);
}

/* sum_hot_one() of rounds.h for the first n pieces, of which there are a
 * multiple of four. */
ALWAYS_INLINE int64_t
hot_fours(const uint64_t *hot, const uint8_t *s, const struct batch *b,
    uint32_t n, uint64_t *key, struct round *shorts, struct round *longer)
{
	const __m256i zero = _mm256_setzero_si256();
	__m128i pieces = _mm_setr_epi16(0, 1, 2, 3, 0, 0, 0, 0);
	__m256i tokens = zero;
	__m128i sum;

	for (uint32_t i = 0; i < n; i += 4) {
		const uint32_t *at = b->at + i;
		__m256i len = _mm256_cvtepu32_epi64(
		    _mm_sub_epi32(_mm_loadu_si128((const void *)(at + 1)),
			_mm_loadu_si128((const void *)at)));
		__m256i k = words_at(s, at), slot, is_short, is_hot;
		unsigned of_short, of_hot;

		k = _mm256_andnot_si256(_mm256_sllv_epi64(_mm256_set1_epi64x(
							      -1),
					    _mm256_slli_epi64(len, 3)),
		    k);
		k = _mm256_or_si256(k, _mm256_slli_epi64(len, 56));
		slot = _mm256_xor_si256(k, _mm256_srli_epi64(k, 32));
		slot =
		    _mm256_mul_epu32(slot, _mm256_set1_epi64x(MEMO_HOT_FACTOR));
		slot = _mm256_and_si256(_mm256_srli_epi64(slot,
					    32 - MEMO_HOT_BITS),
		    _mm256_set1_epi64x((1 << MEMO_HOT_BITS) - 1));
		slot = _mm256_i64gather_epi64((const void *)hot, slot, 8);
		is_short =
		    _mm256_cmpgt_epi64(_mm256_set1_epi64x(VOCAB_SHORT_MAX + 1),
			len);
		is_hot = _mm256_slli_epi64(_mm256_xor_si256(slot, k),
		    64 - MEMO_SHORT_BITS);
		is_hot = _mm256_and_si256(is_short,
		    _mm256_cmpeq_epi64(is_hot, zero));
		tokens = _mm256_add_epi64(tokens,
		    _mm256_and_si256(is_hot,
			_mm256_srli_epi64(slot, MEMO_SHORT_BITS)));
		of_short =
		    (unsigned)_mm256_movemask_pd(_mm256_castsi256_pd(is_short));
		of_hot =
		    (unsigned)_mm256_movemask_pd(_mm256_castsi256_pd(is_hot));
		list_keys(key + shorts->n, k, of_short & ~of_hot);
		list_pieces(shorts, pieces, of_short & ~of_hot);
		list_pieces(longer, pieces, of_short ^ 15);
		pieces = _mm_add_epi16(pieces, _mm_set1_epi16(4));
	}
	sum = _mm_add_epi64(_mm256_castsi256_si128(tokens),
	    _mm256_extracti128_si256(tokens, 1));
	return _mm_cvtsi128_si64(sum) + _mm_extract_epi64(sum, 1);
}

static inline uint64_t
line_short(const uint64_t *line, uint64_t key)
{
	unsigned found = line_find(line, key, MEMO_SHORT_KEY);
	uint64_t slot = memo_word(line + __builtin_ctz(found | 0x80));

	return slot & (0 - (uint64_t)(found != 0));
}

/* A slot may be changing: each half is read at once, and that is enough. */
static inline unsigned
line_memo(const uint64_t *line, struct vocab_key16 key)
{
	__m256i k = both_halves((struct vocab_key16){ ~key.lo, key.hi });
	__m256i mask = both_halves(
	    (struct vocab_key16){ ~UINT64_C(0), ~UINT64_C(0) >> 4 });
	__m256i a = _mm256_load_si256((const void *)line);
	__m256i b = _mm256_load_si256((const void *)(line + 4));
	unsigned found;
	uint64_t hi;

	a = _mm256_and_si256(_mm256_xor_si256(a, k), mask);
	b = _mm256_and_si256(_mm256_xor_si256(b, k), mask);
	found = keys_zero(a, b);
	hi = memo_word(line + __builtin_ctz(found | 64) + 1);
	return found != 0 ? (unsigned)(hi >> MEMO_MID_BITS) : 0;
}

static inline __m256i
least_of(__m256i a, __m256i b, const uint32_t *v)
{
	a = _mm256_min_epu32(a, _mm256_loadu_si256((const void *)v));
	b = _mm256_min_epu32(b, _mm256_loadu_si256((const void *)(v + 8)));
	return _mm256_min_epu32(a, b);
}

static inline uint32_t
least(const uint32_t *v, unsigned n)
{
	__m256i x = _mm256_loadu_si256((const void *)v);
	__m256i y = _mm256_loadu_si256((const void *)(v + 8));
	__m128i z;

	x = least_of(x, y, v + 16);
	if (n > 32) {
		y = least_of(x, y, v + 32);
		x = least_of(x, y, v + 48);
	}
	if (n > 64) {
		y = least_of(x, y, v + 64);
		x = least_of(x, y, v + 80);
		y = least_of(x, y, v + 96);
		x = least_of(x, y, v + 112);
	}
	x = _mm256_min_epu32(x, y);
	z = _mm_min_epu32(_mm256_castsi256_si128(x),
	    _mm256_extracti128_si256(x, 1));
	z = _mm_min_epu32(z, _mm_shuffle_epi32(z, 0x4e));
	z = _mm_min_epu32(z, _mm_shuffle_epi32(z, 0xb1));
	return (uint32_t)_mm_cvtsi128_si32(z);
}

/* A branch on what cannot be foreseen is made of the plain form. */
static inline uint64_t
choose(uint64_t x, uint64_t zero, uint64_t other)
{
	__asm__("test\t%1, %1\n\tcmovz\t%2, %0"
		: "+r"(other)
		: "r"(x), "r"(zero)
		: "cc");
	return other;
}

/* Eight pairs of neighbours from p on, the first of each times "first", the
 * second times "second". */
static inline __m256i
pairs_of(const uint8_t *p, int16_t first, int16_t second)
{
	const __m256i lanes =
	    _mm256_setr_epi8(0, -1, 1, -1, 1, -1, 2, -1, 2, -1, 3, -1, 3, -1, 4,
		-1, 4, -1, 5, -1, 5, -1, 6, -1, 6, -1, 7, -1, 7, -1, 8, -1);
	__m256i x =
	    _mm256_broadcastsi128_si256(_mm_loadu_si128((const void *)p));

	return _mm256_madd_epi16(_mm256_shuffle_epi8(x, lanes),
	    _mm256_set1_epi32(first | (int)second << 16));
}

ALWAYS_INLINE void
pairs_read(const int32_t *pair, const uint8_t *p, unsigned last, int32_t *to)
{
	const __m256i bit = _mm256_setr_epi32(1, 2, 4, 8, 16, 32, 64, 128);
	__m256i is_last = _mm256_and_si256(_mm256_set1_epi32((int)last), bit);
	__m256i rank =
	    _mm256_i32gather_epi32(pair, pairs_of(p, 1, PAIR_ROW), 4);

	rank = _mm256_or_si256(rank, _mm256_cmpeq_epi32(is_last, bit));
	_mm256_storeu_si256((void *)to,
	    _mm256_and_si256(rank, _mm256_set1_epi32(PAIR_NONE)));
}

ALWAYS_INLINE struct starts
starts_read(const struct vocab *v, const uint8_t *p)
{
	const int *half = (const int *)v->three; /* of each word of it */
	__m256i third =
	    _mm256_cvtepu8_epi32(_mm_loadl_epi64((const void *)(p + 2)));
	__m256i at = pairs_of(p, VOCAB_THREE_FACTOR, 1), up, is3, more;

	at = _mm256_and_si256(at, _mm256_set1_epi32((int)v->three_mask));
	at = _mm256_or_si256(_mm256_slli_epi32(at, 2),
	    _mm256_and_si256(_mm256_srli_epi32(third, 5),
		_mm256_set1_epi32(1)));
	/* So much to the left the bit is the topmost. */
	up = _mm256_andnot_si256(third, _mm256_set1_epi32(31));
	is3 = _mm256_sllv_epi32(_mm256_i32gather_epi32(half, at, 4), up);
	more = _mm256_sllv_epi32(_mm256_i32gather_epi32(half + 2, at, 4), up);
	return (struct starts){
		.three = (unsigned)_mm256_movemask_ps(_mm256_castsi256_ps(is3)),
		.more = (unsigned)_mm256_movemask_ps(_mm256_castsi256_ps(more)),
	};
}

#define ENGINE avx2
#define ENGINE_NAME "avx2"
#define ENGINE_WINDOW 1
#define ENGINE_OWN 1
#include "count/window_high.h"

#include "count/engine.h"

#else
#include "count/count_int.h"

static bool
works(void)
{
	return false;
}

const struct engine engine_avx2 = { .name = "avx2", .works = works };
#endif
