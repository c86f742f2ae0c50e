#ifndef VOCAB_TABLE_H
#define VOCAB_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/*
 * The packed form of a vocabulary: one flat file, little-endian, without
 * pointers, every section at a multiple of 64.  pack.c makes it, and it is
 * used where it lies: in read-only memory, or mapped from a file.  Opening
 * one costs nothing; only the pages that are looked at are read.
 *
 * A token is a byte string with a rank; merging prefers the lower rank, and
 * may make those below head.merges.  Two neighbours merge when their bytes
 * together are a token: no table of pairs is needed.  That is what tiktoken
 * does, and pack.c says why it is the same as a list of pairs.
 *
 * Three hash tables lead from bytes to ranks, by length, each to be asked
 * when the one before had no room at a key's home, or the key is too long:
 *
 *   short, 1 to 7 bytes: lines of 8 slots of 64 bits
 *   mid, 8 to 15 bytes: lines of 4 slots of 2 * 64 bits
 *   long: ranks, compared through the bytes section
 *
 * A slot of 64 bits holds a key of 59 or 60 bits and a rank.  The key is
 * mixed first, in a way that can be undone.  The mixed key's upper bits say
 * in which line it is, so only the lower ones (the tag) must be stored; the
 * rank, plus one, has the bits that are left.  A slot that is not used holds
 * a tag that no token can have.  The common tokens, of low rank, are put in
 * first and are at home; eight bits for each line tell, by three bits of the
 * mixed key, if others had to go elsewhere.
 */
#define VOCAB_MAGIC "tkvocab4"
#define VOCAB_NONE UINT32_MAX

#define VOCAB_SHORT_MAX 7
#define VOCAB_MID_MAX 15
#define VOCAB_SHORT_WAYS 8
#define VOCAB_MID_WAYS 4

/* Bits of a mixed key; the rest of 64, below it, are zero. */
enum { VOCAB_SHORT_BITS = 59, VOCAB_MID_BITS = 60 };

enum vocab_section {
	VOCAB_SHORT,
	VOCAB_SHORT_AWAY, /* a byte a line, see vocab_away() */
	VOCAB_MID,
	VOCAB_MID_AWAY,
	VOCAB_LONG,      /* rank + 1 and 8 bits of the mix, 0 is empty */
	VOCAB_BYTES,     /* uint16_t length, bytes; ... */
	VOCAB_PLACE,     /* by rank: where its bytes are, see vocab_place() */
	VOCAB_BYTE_RANK, /* the 256 single bytes */
	VOCAB_TWO,       /* pairs of bytes that merge, struct vocab_two */
	VOCAB_TWO_RANK,  /* their ranks */
	VOCAB_SEAM,      /* struct vocab_seams, or empty */
	VOCAB_SIEVE,     /* bits, see vocab_sieve() */
	VOCAB_STARTS,    /* bits, see vocab_starts(), or empty */
	VOCAB_ID,        /* by rank: ids; empty if they are rank + id_base */
	VOCAB_ID_RANK,   /* by id: ranks or NONE; empty as well */
	VOCAB_SPECIAL,   /* struct vocab_special_at */
	VOCAB_SPECIAL_TEXT,
	VOCAB_SECTIONS,
};

struct vocab_head {
	char magic[8];
	char name[32];
	uint64_t size;    /* of the whole file */
	uint64_t check;   /* vocab_check() of all but this */
	uint32_t pattern; /* enum vocab_pattern */
	uint32_t flags;   /* enum vocab_text_flags */
	uint32_t ranks;
	uint32_t merges; /* merging makes ranks below this */
	uint32_t id_base;
	uint32_t max_len; /* bytes of the longest token */
	uint32_t specials;
	uint32_t always; /* so many of them, the first, are always found */
	uint32_t place_bits;
	uint32_t unused;
	struct {
		uint64_t at, len; /* in bytes */
	} section[VOCAB_SECTIONS];
};

struct vocab_key16 {
	uint64_t lo, hi;
};

/*
 * 64 pairs of bytes, 256 * first + second: which of them merge, and where
 * the first of their ranks is.
 */
struct vocab_two {
	uint64_t has;
	uint32_t first, unused;
};

/*
 * Where no token reaches over: a text may be cut there before anything is
 * merged, and for scripts without spaces, and for text that is none, that
 * makes pieces that come again.  A token that reaches over has the bytes on
 * both sides in it, so one of these has a bit, between two characters that
 * are not ASCII
 *
 *   pair: it begins, or ends, with one byte on that side: by the two bytes
 *   four: two bytes on each side are in it: by a hash of the four
 *
 * and between others
 *
 *   beside: by the two bytes
 *
 * It is there only when merging makes each token, for the parts of a piece
 * are then looked up as pieces are.
 */
enum { VOCAB_SEAM_BITS = 18 };

struct vocab_seams {
	uint64_t pair[64]; /* by the continuation byte; bits by the lead byte */
	uint64_t four[(1 << VOCAB_SEAM_BITS) / 64];
	uint64_t beside[65536 / 64]; /* by the first; bits by the second */
};

struct vocab_special_at {
	uint32_t id, at, len;
};

/* How a table's slots are laid out; it follows from how many lines it has. */
struct vocab_slots {
	uint32_t lines;
	uint32_t turn; /* rotating a slot left by this puts its rank lowest */
	uint64_t tag;  /* the bits of the tag */
	uint64_t rank; /* the bits of the rank, after turning */
};

/* A packed file, opened: pointers into it. */
struct vocab {
	const struct vocab_head *head;
	const uint64_t *shorts;
	const uint8_t *short_away;
	const struct vocab_key16 *mids;
	const uint8_t *mid_away;
	const uint32_t *longs;
	const uint8_t *bytes;
	const uint8_t *place;
	const uint32_t *byte_rank;
	const struct vocab_two *two;
	const uint32_t *two_rank;
	const struct vocab_seams *seams; /* NULL: not known */
	const uint64_t *sieve;
	uint32_t sieve_turn; /* 64 less the bits that number its bits */
	const struct vocab_three *three; /* NULL: not known */
	const uint64_t *four;
	uint32_t three_mask, four_turn; /* as sieve_turn */
	const uint32_t *id;
	const uint32_t *id_rank;
	const struct vocab_special_at *special;
	const uint8_t *special_text;
	struct vocab_slots s, m; /* of the short and the mid table */
	uint32_t long_slots, two_ranks, ids;
	uint32_t merges;
};

/* A 64-bit mix of which the upper half is used, scaled to 0..n-1. */
static inline uint32_t
vocab_scale(uint64_t mix, uint32_t n)
{
	return (uint32_t)((mix >> 32) * n >> 32);
}

#define VOCAB_FACTOR UINT64_C(0x9e3779b97f4a7c15)
#define VOCAB_FACTOR2 UINT64_C(0xd6e8feb86659fd93)

/* The mixed key of 1 to 7 bytes, in the upper 59 bits. */
static inline uint64_t
vocab_mix8(uint64_t key)
{
	return key * VOCAB_FACTOR << (64 - VOCAB_SHORT_BITS);
}

static inline uint64_t
vocab_mix_low(uint64_t lo)
{
	return (lo ^ lo >> 29) * VOCAB_FACTOR2;
}

/*
 * The mixed upper half, in the upper 60 bits; the lower half is stored as it
 * is, so that this can be undone.
 */
static inline uint64_t
vocab_mix16(struct vocab_key16 key)
{
	return (key.hi * VOCAB_FACTOR + vocab_mix_low(key.lo))
	    << (64 - VOCAB_MID_BITS);
}

/* The key of 1 to 7 bytes: those, and the length in the topmost byte. */
static inline uint64_t
vocab_key8(const void *bytes, size_t n)
{
	uint64_t key = 0;

	memcpy(&key, bytes, n);
	return key | (uint64_t)n << 56;
}

/*
 * The key of 8 to 15 bytes, likewise.  A short key that found no room at
 * home is lo here, and hi is 0.
 */
static inline struct vocab_key16
vocab_key16(const void *bytes, size_t n)
{
	struct vocab_key16 key = { 0, 0 };

	memcpy(&key, bytes, n);
	key.hi |= (uint64_t)n << 56;
	return key;
}

/* Of any bytes, for the long table. */
static inline uint64_t
vocab_mix_bytes(const void *bytes, size_t n)
{
	const uint8_t *p = bytes;
	uint64_t h = n, word = 0;

	if (n < 8)
		return vocab_key8(bytes, n) * VOCAB_FACTOR;
	for (size_t i = 0; i + 8 < n; i += 8) {
		memcpy(&word, p + i, 8);
		h = (h ^ word) * VOCAB_FACTOR2;
		h ^= h >> 32;
	}
	memcpy(&word, p + n - 8, 8);
	h = (h ^ word) * VOCAB_FACTOR2;
	return (h ^ h >> 32) * VOCAB_FACTOR;
}

/* Beside the rank in the long table. */
static inline uint32_t
vocab_long_tag(uint64_t mix)
{
	return (uint32_t)(mix >> 16) & 0xff000000;
}

/* The rank in a slot; NONE for one that is not used. */
static inline uint32_t
vocab_slot_rank(const struct vocab_slots *s, uint64_t slot)
{
	uint64_t turned = slot << (s->turn & 63) | slot >> (-s->turn & 63);

	return (uint32_t)(turned & s->rank) - 1;
}

/* A key may be elsewhere, as there was no room for it in its line. */
static inline uint8_t
vocab_away_bit(uint64_t mix)
{
	return (uint8_t)(1 << (mix >> 45 & 7));
}

static inline bool
vocab_away(const uint8_t *away, uint32_t line, uint64_t mix)
{
	return (away[line] >> (mix >> 45 & 7) & 1) != 0;
}

/*
 * vocab.c: the layout of a table with so many lines and bits of a mixed key,
 * and the mixed key that a tag of that line stands for; false: none does.
 */
struct vocab_slots vocab_slots_of(uint32_t lines, unsigned bits);
bool vocab_unmix(const struct vocab_slots *s, unsigned bits, uint32_t line,
    uint64_t slot, uint64_t *mix);
uint64_t vocab_undo8(uint64_t mix);
uint64_t vocab_undo16(uint64_t mix, uint64_t lo); /* the upper half */

/* What head.check must be, for len bytes; to notice damage, not malice. */
uint64_t vocab_check(const struct vocab_head *head, size_t len);

/*
 * vocab.c: behind a line that has not got the key, of which some are away.
 * Also for any number of bytes.
 */
uint32_t vocab_rank_long(const struct vocab *v, const void *bytes, size_t n);

static inline uint32_t
vocab_rank_mid(const struct vocab *v, struct vocab_key16 key, const void *bytes,
    size_t n)
{
	uint64_t mix = vocab_mix16(key);
	uint32_t line = vocab_scale(mix, v->m.lines);
	const struct vocab_key16 *slot =
	    v->mids + (size_t)line * VOCAB_MID_WAYS;

	for (int i = 0; i < VOCAB_MID_WAYS; i++)
		if (slot[i].lo == key.lo &&
		    ((slot[i].hi ^ mix) & v->m.tag) == 0)
			return vocab_slot_rank(&v->m, slot[i].hi);
	return vocab_away(v->mid_away, line, mix) ? vocab_rank_long(v, bytes, n)
						  : VOCAB_NONE;
}

static inline uint32_t
vocab_rank_short(const struct vocab *v, uint64_t key, const void *bytes,
    size_t n)
{
	uint64_t mix = vocab_mix8(key);
	uint32_t line = vocab_scale(mix, v->s.lines);
	const uint64_t *slot = v->shorts + (size_t)line * VOCAB_SHORT_WAYS;

	for (int i = 0; i < VOCAB_SHORT_WAYS; i++)
		if (((slot[i] ^ mix) & v->s.tag) == 0)
			return vocab_slot_rank(&v->s, slot[i]);
	return vocab_away(v->short_away, line, mix)
	    ? vocab_rank_mid(v, (struct vocab_key16){ key, 0 }, bytes, n)
	    : VOCAB_NONE;
}

/* The rank of two bytes that merge, or NONE; without a branch. */
static inline uint32_t
vocab_merge_two(const struct vocab *v, uint8_t first, uint8_t second)
{
	unsigned pair = (unsigned)first << 8 | second;
	const struct vocab_two *t = &v->two[pair / 64];
	bool has = (t->has >> pair % 64 & 1) != 0;
	uint64_t before = t->has & ((UINT64_C(1) << pair % 64) - 1);
	uint32_t i = t->first + (uint32_t)__builtin_popcountll(before);

	i = i < v->two_ranks ? i : 0;
	/* Not as a condition, of which a branch would be made. */
	return v->two_rank[i] | (0 - (uint32_t)!has);
}

/* Whether the lowest two bytes merge, as one bit. */
static inline unsigned
vocab_has_two(const struct vocab *v, uint32_t bytes)
{
	uint64_t has = v->two[(bytes & 0xff) << 2 | (bytes >> 14 & 3)].has;

	return has >> (bytes >> 8 & 63) & 1;
}

/*
 * Most pairs of neighbours do not merge, and one bit mostly tells: it is set
 * for the first 15 bytes of each token that merging makes of more than two.
 * lo and hi are those bytes as in a key, without the length.
 */
static inline uint64_t
vocab_sieve_mix(uint64_t lo, uint64_t hi)
{
	return lo * VOCAB_FACTOR + hi * VOCAB_FACTOR2;
}

static inline bool
vocab_sieve(const struct vocab *v, uint64_t lo, uint64_t hi)
{
	uint64_t bit = vocab_sieve_mix(lo, hi) >> v->sieve_turn;

	return (v->sieve[bit / 64] >> bit % 64 & 1) != 0;
}

/*
 * Where in a text a token may begin that merging makes of so many bytes.  Like
 * the sieve, two arrays with a bit for the first bytes of each such token, and
 * like the seams only when merging makes each token:
 *
 *   three: the tokens of three bytes, and those of more by their first three;
 *   half as many as the sieve has words.  One is for the first two bytes, near
 *   to those for like bytes.
 *   four: the first 4, 8, 12, or 16 bytes of tokens of at least so many; half
 *   as many words as the sieve.
 */
struct vocab_three {
	uint64_t whole, more; /* bits by the third byte */
};

enum { VOCAB_THREE_FACTOR = 521 };

static inline uint32_t
vocab_three_at(uint32_t bytes, uint32_t mask)
{
	return ((bytes & 0xff) * VOCAB_THREE_FACTOR + (bytes >> 8 & 0xff)) &
	    mask;
}

static inline uint64_t
vocab_four_mix(uint64_t lo, uint64_t hi)
{
	return (lo + (hi ^ hi >> 31) * VOCAB_FACTOR2) * VOCAB_FACTOR;
}

static inline bool
vocab_starts(const struct vocab *v, uint64_t lo, uint64_t hi)
{
	uint64_t bit = vocab_four_mix(lo, hi) >> v->four_turn;

	return (v->four[bit / 64] >> bit % 64 & 1) != 0;
}

/*
 * Where the bytes of a rank are, in place_bits bits: the slot of the short
 * table, or, counted on, that of the mid table or where in the bytes section;
 * if all are set, nowhere.  The section has eight bytes more than they need.
 */
static inline uint32_t
vocab_place(const struct vocab *v, uint32_t rank)
{
	uint32_t bits = v->head->place_bits;
	uint64_t bit = (uint64_t)rank * bits, word;

	memcpy(&word, v->place + bit / 8, sizeof(word));
	return (uint32_t)(word >> bit % 8 & ((UINT64_C(1) << bits) - 1));
}

/* The bit of the two bytes before p and the two from p on. */
static inline uint32_t
vocab_seam_bit(const uint8_t *p)
{
	uint32_t four;

	memcpy(&four, p - 2, sizeof(four));
	return four * 0x9e3779b1u >> (32 - VOCAB_SEAM_BITS);
}

/*
 * Whether no token reaches over the start of the character at p; it has two
 * bytes at least, and so has the one before.
 */
static inline bool
vocab_is_seam(const struct vocab_seams *s, const uint8_t *p)
{
	uint32_t bit = vocab_seam_bit(p);

	return ((s->pair[p[-1] & 63] >> (p[0] & 63) |
		    s->four[bit / 64] >> bit % 64) &
		   1) == 0;
}

/* The same for other places than between two that are not ASCII. */
static inline bool
vocab_is_bare_seam(const struct vocab_seams *s, const uint8_t *p)
{
	return (s->beside[p[-1] << 2 | p[0] >> 6] >> (p[0] & 63) & 1) == 0;
}

/* Either of them, before text[i], which begins a character; without a branch,
 * as that cannot be foreseen. */
static inline bool
vocab_is_any_seam(const struct vocab_seams *s, const uint8_t *text, size_t i)
{
	bool both = (text[i] & text[i - 1] & 0x80) != 0;

	/* Before the first byte of a text nothing can be read. */
	return ((unsigned)vocab_is_seam(s, text + (i > 1 ? i : 2)) & both) |
	    ((unsigned)vocab_is_bare_seam(s, text + i) & !both);
}

#endif
