/* 64-bit ARM, which always has NEON. */
#include <stdbool.h>
#include <stdint.h>

#ifdef __aarch64__
#include <arm_neon.h>

#include "count/memo.h"
#include "count/window.h"

static bool
works(void)
{
	return true;
}

/* One bit for each byte, of which all bits are equal. */
static inline uint64_t
bits_of(const uint8x16_t v[4])
{
	const uint8x16_t weight = { 1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16,
		32, 64, 128 };
	uint8x16_t a =
	    vpaddq_u8(vandq_u8(v[0], weight), vandq_u8(v[1], weight));
	uint8x16_t b =
	    vpaddq_u8(vandq_u8(v[2], weight), vandq_u8(v[3], weight));

	a = vpaddq_u8(a, b);
	a = vpaddq_u8(a, a);
	return vgetq_lane_u64(vreinterpretq_u64_u8(a), 0);
}

static inline uint64_t
bits_equal(const uint8x16_t v[4], uint8_t c)
{
	uint8x16_t x[4];

	for (int i = 0; i < 4; i++)
		x[i] = vceqq_u8(v[i], vdupq_n_u8(c));
	return bits_of(x);
}

/* The bytes from first to first + n, as unsigned numbers. */
static inline uint64_t
bits_between(const uint8x16_t v[4], uint8_t first, uint8_t n)
{
	uint8x16_t x[4];

	for (int i = 0; i < 4; i++)
		x[i] =
		    vcleq_u8(vsubq_u8(v[i], vdupq_n_u8(first)), vdupq_n_u8(n));
	return bits_of(x);
}

ALWAYS_INLINE struct window
window_read(const uint8_t *p)
{
	uint8x16_t v[4], low[4];
	struct window w;

	for (int i = 0; i < 4; i++) {
		v[i] = vld1q_u8(p + 16 * i);
		low[i] = vorrq_u8(v[i], vdupq_n_u8(0x20));
	}
	w.letter = bits_between(low, 'a', 25);
	w.upper = bits_between(v, 'A', 25);
	w.digit = bits_between(v, '0', 9);
	w.space = bits_equal(v, ' ');
	w.newline = bits_equal(v, '\n') | bits_equal(v, '\r');
	w.tab = bits_between(v, '\t', 4) & ~w.newline;
	w.quote = bits_equal(v, '\'');
	w.slash = bits_equal(v, '/');
	w.control = (bits_between(v, 0, 31) & ~(w.newline | w.tab)) |
	    bits_equal(v, 0x7f);
	w.high = bits_between(v, 0x80, 0x7f);
	w.cont = w.free = w.mark = 0;
	w.mixed = false;
	return w;
}

/* What window_high.h asks for. */
struct wide {
	uint8x16_t v[4];
};

ALWAYS_INLINE struct wide
wide_read(const uint8_t *p)
{
	return (struct wide){ { vld1q_u8(p), vld1q_u8(p + 16), vld1q_u8(p + 32),
	    vld1q_u8(p + 48) } };
}

ALWAYS_INLINE struct wide
wide_all(uint8_t c)
{
	uint8x16_t v = vdupq_n_u8(c);

	return (struct wide){ { v, v, v, v } };
}

ALWAYS_INLINE struct wide
wide_and(struct wide x, struct wide y)
{
	for (int i = 0; i < 4; i++)
		x.v[i] = vandq_u8(x.v[i], y.v[i]);
	return x;
}

ALWAYS_INLINE struct wide
wide_or(struct wide x, struct wide y)
{
	for (int i = 0; i < 4; i++)
		x.v[i] = vorrq_u8(x.v[i], y.v[i]);
	return x;
}

ALWAYS_INLINE struct wide
wide_equal(struct wide x, uint8_t c)
{
	for (int i = 0; i < 4; i++)
		x.v[i] = vceqq_u8(x.v[i], vdupq_n_u8(c));
	return x;
}

ALWAYS_INLINE struct wide
wide_not_below(struct wide x, struct wide y)
{
	for (int i = 0; i < 4; i++)
		x.v[i] = vcgeq_u8(x.v[i], y.v[i]);
	return x;
}

ALWAYS_INLINE struct wide
wide_in_16(const uint8_t *t, struct wide x)
{
	for (int i = 0; i < 4; i++)
		x.v[i] =
		    vqtbl1q_u8(vld1q_u8(t), vandq_u8(x.v[i], vdupq_n_u8(15)));
	return x;
}

ALWAYS_INLINE struct wide
wide_in_64(const uint8_t *t, struct wide x)
{
	uint8x16x4_t rows = { { vld1q_u8(t), vld1q_u8(t + 16), vld1q_u8(t + 32),
	    vld1q_u8(t + 48) } };

	for (int i = 0; i < 4; i++)
		x.v[i] = vqtbl4q_u8(rows, vandq_u8(x.v[i], vdupq_n_u8(63)));
	return x;
}

ALWAYS_INLINE uint64_t
wide_bits(struct wide x, int left)
{
	for (int i = 0; i < 4; i++)
		x.v[i] = vcgeq_u8(vshlq_u8(x.v[i], vdupq_n_s8((int8_t)left)),
		    vdupq_n_u8(0x80));
	return bits_of(x.v);
}

static inline unsigned
line_find(const uint64_t *line, uint64_t mix, uint64_t tag)
{
	const uint16x8_t weight = { 1, 2, 4, 8, 16, 32, 64, 128 };
	uint64x2_t mask = vdupq_n_u64(tag), k = vdupq_n_u64(mix & tag);
	uint32x4_t x[4];
	uint16x8_t all;

	for (int i = 0; i < 4; i++)
		x[i] = vreinterpretq_u32_u64(
		    vceqq_u64(vandq_u64(vld1q_u64(line + 2 * i), mask), k));
	all = vuzp1q_u16(vreinterpretq_u16_u32(vuzp1q_u32(x[0], x[1])),
	    vreinterpretq_u16_u32(vuzp1q_u32(x[2], x[3])));
	return vaddvq_u16(vandq_u16(all, weight));
}

/* A bit for a key of which both halves are zero after masking. */
static inline unsigned
key_is_zero(uint64x2_t x)
{
	uint64x2_t zero = vceqzq_u64(x);

	return (
	    unsigned)(vgetq_lane_u64(zero, 0) & vgetq_lane_u64(zero, 1) & 1);
}

static inline unsigned
line_find16(const struct vocab_key16 *line, uint64_t lo, uint64_t mix,
    uint64_t tag)
{
	uint64x2_t k = { lo, mix }, mask = { ~UINT64_C(0), tag };
	unsigned found = 0;

	for (int i = 0; i < 4; i++) {
		uint64x2_t x = vld1q_u64((const uint64_t *)(line + i));

		found |= key_is_zero(vandq_u64(veorq_u64(x, k), mask)) << 2 * i;
	}
	return found;
}

static inline uint64_t
line_short(const uint64_t *line, uint64_t key)
{
	unsigned found = line_find(line, key, MEMO_SHORT_KEY);
	uint64_t slot = memo_word(line + __builtin_ctz(found | 0x80));

	return slot & (0 - (uint64_t)(found != 0));
}

static inline unsigned
line_memo(const uint64_t *line, struct vocab_key16 key)
{
	return memo_find(line, key);
}

static inline uint32_t
least(const uint32_t *v, unsigned n)
{
	uint32x4_t x = vld1q_u32(v), y = vld1q_u32(v + 4);

	for (unsigned i = 8; i < n; i += 8) {
		x = vminq_u32(x, vld1q_u32(v + i));
		y = vminq_u32(y, vld1q_u32(v + i + 4));
	}
	return vminvq_u32(vminq_u32(x, y));
}

static size_t
valid(const uint8_t *p, size_t i, size_t n)
{
	(void)p;
	(void)n;
	return i;
}

#define ENGINE neon
#define ENGINE_NAME "neon"
#define ENGINE_WINDOW 1
#define ENGINE_OWN 0
#include "count/window_high.h"

#include "count/engine.h"

#else
#include "count/count_int.h"

static bool
works(void)
{
	return false;
}

const struct engine engine_neon = { .name = "neon", .works = works };
#endif
