#include "ingest/hash.h"

#include <string.h>

#include "base/buf.h"

struct sip {
	uint64_t v0, v1, v2, v3;
};

static inline uint64_t
rotate(uint64_t x, int by)
{
	return x << by | x >> (64 - by);
}

static inline void
round1(struct sip *s)
{
	s->v0 += s->v1;
	s->v1 = rotate(s->v1, 13) ^ s->v0;
	s->v0 = rotate(s->v0, 32);
	s->v2 += s->v3;
	s->v3 = rotate(s->v3, 16) ^ s->v2;
	s->v0 += s->v3;
	s->v3 = rotate(s->v3, 21) ^ s->v0;
	s->v2 += s->v1;
	s->v1 = rotate(s->v1, 17) ^ s->v2;
	s->v2 = rotate(s->v2, 32);
}

static inline void
take(struct sip *s, uint64_t word)
{
	s->v3 ^= word;
	round1(s);
	round1(s);
	s->v0 ^= word;
}

static uint64_t
finish(struct sip *s)
{
	for (int i = 0; i < 4; i++)
		round1(s);
	return s->v0 ^ s->v1 ^ s->v2 ^ s->v3;
}

/* Little-endian, whatever the machine is. */
static inline uint64_t
load(const unsigned char *p, size_t n)
{
	uint64_t word = 0;

	for (size_t i = 0; i < n; i++)
		word |= (uint64_t)p[i] << (8 * i);
	return word;
}

/* The key is the bytes 00, 01 ... 0f, as in the published vectors. */
struct hash128
hash_bytes(const void *bytes, size_t n)
{
	const uint64_t k0 = UINT64_C(0x0706050403020100);
	const uint64_t k1 = UINT64_C(0x0f0e0d0c0b0a0908);
	struct sip s = {
		k0 ^ UINT64_C(0x736f6d6570736575),
		k1 ^ UINT64_C(0x646f72616e646f6d) ^ 0xee,
		k0 ^ UINT64_C(0x6c7967656e657261),
		k1 ^ UINT64_C(0x7465646279746573),
	};
	const unsigned char *p = bytes;
	struct hash128 h;
	size_t left = n;

	for (; left >= 8; left -= 8, p += 8)
		take(&s, load(p, 8));
	take(&s, (uint64_t)(n & 0xff) << 56 | load(p, left));
	s.v2 ^= 0xee;
	h.a = finish(&s);
	s.v1 ^= 0xdd;
	h.b = finish(&s);
	return h;
}

void
hash_add(const struct hash128 *h, struct tk_buf *b)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "abcdefghijklmnopqrstuvwxyz0123456789_-";
	char text[16];

	for (int i = 0; i < 16; i++) {
		uint64_t word = i < 10 ? h->a : h->b;

		text[i] = digits[word >> (6 * (i % 10)) & 63];
	}
	tk_buf_add(b, text, sizeof(text));
}
