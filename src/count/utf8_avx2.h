#ifndef COUNT_UTF8_AVX2_H
#define COUNT_UTF8_AVX2_H

#include <stddef.h>
#include <stdint.h>

#include "count/window_avx2.h"

/*
 * With AVX2: whether bytes are UTF-8, 32 at a time, by three tables of half
 * bytes (Keiser and Lemire, "Validating UTF-8 in less than one instruction per
 * byte", 2020).  Included by engine_avx2.c.
 */

/*
 * What is wrong with a byte and the one before, as bits: a bit that is set in
 * the rows of all three halves of bytes is an error.  TWICE is one only when
 * no lead two or three bytes before asks for that continuation.
 */
enum {
	SHORT = 1 << 0,   /* a lead without a continuation */
	LONG = 1 << 1,    /* a continuation behind ASCII */
	OVER_3 = 1 << 2,  /* e0 80..9f */
	LARGE = 1 << 3,   /* f4 90.., f5.. */
	HALF = 1 << 4,    /* ed a0..bf: a surrogate */
	OVER_2 = 1 << 5,  /* c0, c1 */
	LARGE_8 = 1 << 6, /* f5.. 80..8f; and f0 80..8f */
	TWICE = 1 << 7,   /* a continuation behind another */
	ANY = SHORT | LONG | TWICE,
};

static inline __m256i
utf8_errors(const uint8_t *p)
{
	static const uint8_t first_high[16] = { LONG, LONG, LONG, LONG, LONG,
		LONG, LONG, LONG, TWICE, TWICE, TWICE, TWICE, SHORT | OVER_2,
		SHORT, SHORT | OVER_3 | HALF, SHORT | LARGE | LARGE_8 };
	static const uint8_t first_low[16] = { ANY | OVER_3 | OVER_2 | LARGE_8,
		ANY | OVER_2, ANY, ANY, ANY | LARGE, ANY | LARGE | LARGE_8,
		ANY | LARGE | LARGE_8, ANY | LARGE | LARGE_8,
		ANY | LARGE | LARGE_8, ANY | LARGE | LARGE_8,
		ANY | LARGE | LARGE_8, ANY | LARGE | LARGE_8,
		ANY | LARGE | LARGE_8, ANY | LARGE | LARGE_8 | HALF,
		ANY | LARGE | LARGE_8, ANY | LARGE | LARGE_8 };
	static const uint8_t second_high[16] = { SHORT, SHORT, SHORT, SHORT,
		SHORT, SHORT, SHORT, SHORT,
		LONG | OVER_2 | TWICE | OVER_3 | LARGE_8,
		LONG | OVER_2 | TWICE | OVER_3 | LARGE,
		LONG | OVER_2 | TWICE | HALF | LARGE,
		LONG | OVER_2 | TWICE | HALF | LARGE, SHORT, SHORT, SHORT,
		SHORT };
	__m256i nibble = _mm256_set1_epi8(15), x, one, two, three, wrong;

	x = _mm256_loadu_si256((const void *)p);
	one = _mm256_loadu_si256((const void *)(p - 1));
	two = _mm256_loadu_si256((const void *)(p - 2));
	three = _mm256_loadu_si256((const void *)(p - 3));
	wrong = _mm256_shuffle_epi8(rows(first_high),
	    _mm256_and_si256(_mm256_srli_epi16(one, 4), nibble));
	wrong = _mm256_and_si256(wrong,
	    _mm256_shuffle_epi8(rows(first_low),
		_mm256_and_si256(one, nibble)));
	wrong = _mm256_and_si256(wrong,
	    _mm256_shuffle_epi8(rows(second_high),
		_mm256_and_si256(_mm256_srli_epi16(x, 4), nibble)));
	/* The third and fourth byte of a character must be "twice". */
	two = _mm256_subs_epu8(two, _mm256_set1_epi8(0xe0 - 0x80));
	three = _mm256_subs_epu8(three, _mm256_set1_epi8(0xf0 - 0x80));
	two = _mm256_and_si256(_mm256_or_si256(two, three),
	    _mm256_set1_epi8((char)TWICE));
	return _mm256_xor_si256(wrong, two);
}

static size_t
valid(const uint8_t *p, size_t i, size_t n)
{
	while (n - i >= 64) {
		__m256i v[2] = { _mm256_loadu_si256((const void *)(p + i)),
			_mm256_loadu_si256((const void *)(p + i + 32)) };
		__m256i wrong;

		if (bits_of(v[0], v[1]) != 0 || p[i - 1] >= 0x80) {
			wrong = _mm256_or_si256(utf8_errors(p + i),
			    utf8_errors(p + i + 32));
			if (!_mm256_testz_si256(wrong, wrong))
				break;
		}
		i += 64;
	}
	return i;
}

#endif
