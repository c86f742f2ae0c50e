#include "base/sha256.h"

#include <string.h>

#include "base/x86.h"

#if defined(__x86_64__) && (defined(__GNUC__) || defined(__clang__))
#define HAVE_X86_SHA 1
#include <cpuid.h>
#include <immintrin.h>
#endif

/* The first 32 bits of the fractions of the cube roots of the primes. */
static const uint32_t round_k[64] = { 0x428a2f98, 0x71374491, 0xb5c0fbcf,
	0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98,
	0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7,
	0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f,
	0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8,
	0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85,
	0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e,
	0x92722c85, 0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819,
	0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116, 0x1e376c08, 0x2748774c,
	0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3, 0x748f82ee,
	0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7,
	0xc67178f2 };

typedef void blocks_fn(uint32_t h[8], const uint8_t *p, size_t n);

static inline uint32_t
rotr(uint32_t x, int n)
{
	return x >> n | x << (32 - n);
}

static inline uint32_t
load_be32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
	    (uint32_t)p[2] << 8 | p[3];
}

static void
expand(uint32_t w[64], const uint8_t *p)
{
	for (int i = 0; i < 16; i++)
		w[i] = load_be32(p + 4 * i);
	for (int i = 16; i < 64; i++) {
		uint32_t a = w[i - 15], b = w[i - 2];

		w[i] = w[i - 16] + w[i - 7] +
		    (rotr(a, 7) ^ rotr(a, 18) ^ a >> 3) +
		    (rotr(b, 17) ^ rotr(b, 19) ^ b >> 10);
	}
}

static void
blocks_plain(uint32_t h[8], const uint8_t *p, size_t n)
{
	uint32_t w[64], v[8];

	for (; n > 0; n--, p += 64) {
		expand(w, p);
		memcpy(v, h, sizeof(v));
		for (int i = 0; i < 64; i++) {
			uint32_t a = v[0], e = v[4];
			uint32_t t1 = v[7] +
			    (rotr(e, 6) ^ rotr(e, 11) ^ rotr(e, 25)) +
			    ((e & v[5]) ^ (~e & v[6])) + round_k[i] + w[i];
			uint32_t t2 = (rotr(a, 2) ^ rotr(a, 13) ^ rotr(a, 22)) +
			    ((a & v[1]) ^ (a & v[2]) ^ (v[1] & v[2]));

			memmove(v + 1, v, 7 * sizeof(v[0]));
			v[4] += t1;
			v[0] = t1 + t2;
		}
		for (int i = 0; i < 8; i++)
			h[i] += v[i];
	}
}

#ifdef HAVE_X86_SHA
/* Four more words of the message schedule from the sixteen before them. */
__attribute__((target("sha,sse4.1"))) static inline __m128i
schedule(__m128i w0, __m128i w1, __m128i w2, __m128i w3)
{
	__m128i t = _mm_sha256msg1_epu32(w0, w1);

	t = _mm_add_epi32(t, _mm_alignr_epi8(w3, w2, 4));
	return _mm_sha256msg2_epu32(t, w3);
}

/* The instructions want the state as (a,b,e,f) and (c,d,g,h). */
__attribute__((target("sha,sse4.1"))) static void
blocks_x86(uint32_t h[8], const uint8_t *p, size_t n)
{
	const __m128i swap =
	    _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);
	__m128i t = _mm_shuffle_epi32(_mm_loadu_si128((void *)h), 0xb1);
	__m128i cdgh =
	    _mm_shuffle_epi32(_mm_loadu_si128((void *)(h + 4)), 0x1b);
	__m128i abef = _mm_alignr_epi8(t, cdgh, 8);

	cdgh = _mm_blend_epi16(cdgh, t, 0xf0);
	for (; n > 0; n--, p += 64) {
		__m128i abef0 = abef, cdgh0 = cdgh, w[4];

		for (int i = 0; i < 4; i++)
			w[i] = _mm_shuffle_epi8(_mm_loadu_si128(
						    (const void *)(p + 16 * i)),
			    swap);
		for (int i = 0; i < 16; i++) {
			__m128i k = _mm_add_epi32(w[i & 3],
			    _mm_loadu_si128((const void *)(round_k + 4 * i)));

			cdgh = _mm_sha256rnds2_epu32(cdgh, abef, k);
			k = _mm_shuffle_epi32(k, 0x0e);
			abef = _mm_sha256rnds2_epu32(abef, cdgh, k);
			if (i < 12)
				w[i & 3] = schedule(w[i & 3], w[(i + 1) & 3],
				    w[(i + 2) & 3], w[(i + 3) & 3]);
		}
		abef = _mm_add_epi32(abef, abef0);
		cdgh = _mm_add_epi32(cdgh, cdgh0);
	}
	t = _mm_shuffle_epi32(abef, 0x1b);
	cdgh = _mm_shuffle_epi32(cdgh, 0xb1);
	_mm_storeu_si128((void *)h, _mm_blend_epi16(t, cdgh, 0xf0));
	_mm_storeu_si128((void *)(h + 4), _mm_alignr_epi8(cdgh, t, 8));
}

static int
has_x86_sha(void)
{
#ifdef TK_X86_HAS
	return TK_X86_HAS(SHA) && TK_X86_HAS(SSE4_1);
#else
	unsigned a, b, c, d;

	if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & bit_SSE4_1))
		return 0;
	return __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b & bit_SHA);
#endif
}
#endif

static blocks_fn *best_blocks;

static blocks_fn *
blocks(void)
{
	blocks_fn *fn = __atomic_load_n(&best_blocks, __ATOMIC_RELAXED);

	if (fn != NULL)
		return fn;
	fn = blocks_plain;
#ifdef HAVE_X86_SHA
	if (has_x86_sha())
		fn = blocks_x86;
#endif
	__atomic_store_n(&best_blocks, fn, __ATOMIC_RELAXED);
	return fn;
}

void
tk_sha256_plain_only(void)
{
	__atomic_store_n(&best_blocks, blocks_plain, __ATOMIC_RELAXED);
}

void
tk_sha256_init(struct tk_sha256 *s)
{
	/* The same of the square roots of the first eight primes. */
	static const uint32_t start[8] = { 0x6a09e667, 0xbb67ae85, 0x3c6ef372,
		0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19 };

	memcpy(s->h, start, sizeof(start));
	s->len = 0;
}

void
tk_sha256_update(struct tk_sha256 *s, const void *bytes, size_t n)
{
	const uint8_t *p = bytes;
	size_t used = s->len % 64;

	s->len += n;
	if (used > 0) {
		size_t take = n < 64 - used ? n : 64 - used;

		if (take > 0)
			memcpy(s->block + used, p, take);
		p += take;
		n -= take;
		if (used + take < 64)
			return;
		blocks()(s->h, s->block, 1);
	}
	blocks()(s->h, p, n / 64);
	if (n % 64 > 0)
		memcpy(s->block, p + n / 64 * 64, n % 64);
}

void
tk_sha256_final(struct tk_sha256 *s, uint8_t digest[TK_SHA256_LEN])
{
	static const uint8_t pad[64] = { 0x80 };
	uint64_t bits = s->len * 8;
	uint8_t len[8];

	for (int i = 0; i < 8; i++)
		len[i] = (uint8_t)(bits >> (56 - 8 * i));
	tk_sha256_update(s, pad, 1 + (119 - s->len % 64) % 64);
	tk_sha256_update(s, len, sizeof(len));
	for (int i = 0; i < 32; i++)
		digest[i] = (uint8_t)(s->h[i / 4] >> (24 - 8 * (i % 4)));
}

void
tk_sha256(const void *bytes, size_t n, uint8_t digest[TK_SHA256_LEN])
{
	struct tk_sha256 s;

	tk_sha256_init(&s);
	tk_sha256_update(&s, bytes, n);
	tk_sha256_final(&s, digest);
}

void
tk_sha256_hex(const uint8_t digest[TK_SHA256_LEN], char hex[65])
{
	static const char digits[] = "0123456789abcdef";

	for (int i = 0; i < TK_SHA256_LEN; i++) {
		hex[2 * i] = digits[digest[i] >> 4];
		hex[2 * i + 1] = digits[digest[i] & 15];
	}
	hex[64] = '\0';
}

void
tk_hmac_sha256(const void *key, size_t key_len, const void *bytes, size_t n,
    uint8_t digest[TK_SHA256_LEN])
{
	uint8_t pad[64] = { 0 };
	struct tk_sha256 s;

	if (key_len > sizeof(pad))
		tk_sha256(key, key_len, pad);
	else if (key_len > 0)
		memcpy(pad, key, key_len);
	for (size_t i = 0; i < sizeof(pad); i++)
		pad[i] ^= 0x36;
	tk_sha256_init(&s);
	tk_sha256_update(&s, pad, sizeof(pad));
	tk_sha256_update(&s, bytes, n);
	tk_sha256_final(&s, digest);
	for (size_t i = 0; i < sizeof(pad); i++)
		pad[i] ^= 0x36 ^ 0x5c;
	tk_sha256_init(&s);
	tk_sha256_update(&s, pad, sizeof(pad));
	tk_sha256_update(&s, digest, TK_SHA256_LEN);
	tk_sha256_final(&s, digest);
}
