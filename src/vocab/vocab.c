#include "vocab/vocab.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "vocab/table.h"

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "the packed vocabularies are little-endian and used as they are"
#endif

const char *const vocab_patterns[VOCAB_PATTERNS] = {
	[VOCAB_O200K] = "o200k",
	[VOCAB_CL100K] = "cl100k",
	[VOCAB_TEKKEN] = "tekken",
	[VOCAB_QWEN2] = "qwen2",
	[VOCAB_GPT2] = "gpt2",
	[VOCAB_DEEPSEEK3] = "deepseek3",
};

/* The size of one element of each section, for checking lengths. */
static const size_t unit[VOCAB_SECTIONS] = {
	[VOCAB_SHORT] = VOCAB_SHORT_WAYS * sizeof(uint64_t),
	[VOCAB_SHORT_AWAY] = 1,
	[VOCAB_MID] = VOCAB_MID_WAYS * sizeof(struct vocab_key16),
	[VOCAB_MID_AWAY] = 1,
	[VOCAB_LONG] = sizeof(uint32_t),
	[VOCAB_BYTES] = 1,
	[VOCAB_PLACE] = 1,
	[VOCAB_BYTE_RANK] = 256 * sizeof(uint32_t),
	[VOCAB_TWO] = 1024 * sizeof(struct vocab_two),
	[VOCAB_TWO_RANK] = sizeof(uint32_t),
	[VOCAB_SEAM] = sizeof(struct vocab_seams),
	[VOCAB_SIEVE] = sizeof(uint64_t),
	[VOCAB_STARTS] = sizeof(uint64_t),
	[VOCAB_ID] = sizeof(uint32_t),
	[VOCAB_ID_RANK] = sizeof(uint32_t),
	[VOCAB_SPECIAL] = sizeof(struct vocab_special_at),
	[VOCAB_SPECIAL_TEXT] = 1,
};

static uint64_t
check_bytes(const void *bytes, size_t n)
{
	const uint8_t *p = bytes;
	uint64_t h[4] = { n, 1, 2, 3 }, word[4];

	for (; n >= sizeof(word); p += sizeof(word), n -= sizeof(word)) {
		memcpy(word, p, sizeof(word));
		for (int i = 0; i < 4; i++) {
			h[i] = (h[i] ^ word[i]) * VOCAB_FACTOR;
			h[i] ^= h[i] >> 32;
		}
	}
	memset(word, 0, sizeof(word));
	memcpy(word, p, n);
	for (int i = 0; i < 4; i++) {
		h[0] = (h[0] ^ word[i]) * VOCAB_FACTOR2;
		h[0] = ((h[0] ^ h[0] >> 32) + h[i]) * VOCAB_FACTOR;
	}
	return h[0] ^ h[0] >> 32;
}

uint64_t
vocab_check(const struct vocab_head *head, size_t len)
{
	struct vocab_head h = *head;

	h.check = check_bytes(head + 1, len - sizeof(h));
	return check_bytes(&h, sizeof(h));
}

/*
 * A line holds the mixed keys whose upper 32 bits h have h * lines >> 32
 * equal to its number: a range of at most 2^32 / lines of them, rounded up.
 * So many low bits tell those in one line apart.
 */
struct vocab_slots
vocab_slots_of(uint32_t lines, unsigned bits)
{
	uint64_t range = (UINT64_C(0xffffffff) + lines) / lines;
	unsigned tag = bits - 32, below = 64 - bits;

	while (UINT64_C(1) << (tag - (bits - 32)) < range)
		tag++;
	return (struct vocab_slots){
		.lines = lines,
		.turn = bits - tag,
		.tag = ((UINT64_C(1) << tag) - 1) << below,
		.rank = tag > 32 ? (UINT64_C(1) << (64 - tag)) - 1 : UINT32_MAX,
	};
}

/* The lowest mixed key of a line. */
static uint64_t
first_mix(uint32_t lines, uint32_t line)
{
	return (((uint64_t)line << 32) + lines - 1) / lines << 32;
}

bool
vocab_unmix(const struct vocab_slots *s, unsigned bits, uint32_t line,
    uint64_t slot, uint64_t *mix)
{
	uint64_t first = first_mix(s->lines, line);
	uint64_t below = ~UINT64_C(0) << (64 - bits);

	*mix = (first + ((slot - first) & s->tag)) & below;
	return *mix >= first && vocab_scale(*mix, s->lines) == line;
}

/* The number that undoes multiplying by an odd one, modulo 2^64. */
static uint64_t
inverse(uint64_t odd)
{
	uint64_t x = odd;

	for (int i = 0; i < 6; i++)
		x *= 2 - odd * x;
	return x;
}

uint64_t
vocab_undo8(uint64_t mix)
{
	return mix * inverse(VOCAB_FACTOR) >> (64 - VOCAB_SHORT_BITS);
}

uint64_t
vocab_undo16(uint64_t mix, uint64_t lo)
{
	mix -= vocab_mix_low(lo) << (64 - VOCAB_MID_BITS);
	return mix * inverse(VOCAB_FACTOR) >> (64 - VOCAB_MID_BITS);
}

static uint64_t
count_of(const struct vocab_head *h, enum vocab_section s)
{
	return h->section[s].len / unit[s];
}

/* A power of two, so that a mix without its lower bits is a bit of it. */
static bool
sieve_fits(uint64_t words)
{
	return words > 0 && words <= 1 << 24 && (words & (words - 1)) == 0;
}

static bool
sections_fit(const struct vocab_head *h)
{
	uint64_t lines[2] = { count_of(h, VOCAB_SHORT),
		count_of(h, VOCAB_MID) };
	uint64_t away[2] = { h->section[VOCAB_SHORT_AWAY].len,
		h->section[VOCAB_MID_AWAY].len };

	for (int i = 0; i < 2; i++)
		if (lines[i] == 0 || lines[i] > INT32_MAX ||
		    away[i] != lines[i])
			return false;
	return count_of(h, VOCAB_LONG) > 0 &&
	    count_of(h, VOCAB_LONG) <= INT32_MAX && h->ranks < 1 << 24 &&
	    h->place_bits > 0 && h->place_bits <= 32 &&
	    count_of(h, VOCAB_PLACE) ==
	    ((uint64_t)h->ranks * h->place_bits + 7) / 8 + 8 &&
	    count_of(h, VOCAB_TWO_RANK) > 0 &&
	    count_of(h, VOCAB_BYTE_RANK) == 1 && count_of(h, VOCAB_TWO) == 1 &&
	    count_of(h, VOCAB_SEAM) <= 1 &&
	    sieve_fits(count_of(h, VOCAB_SIEVE)) &&
	    (count_of(h, VOCAB_STARTS) == 0 ||
		count_of(h, VOCAB_STARTS) ==
		    3 * ((count_of(h, VOCAB_SIEVE) + 1) / 2)) &&
	    (h->section[VOCAB_ID_RANK].len == 0 ||
		count_of(h, VOCAB_ID) == h->ranks) &&
	    count_of(h, VOCAB_ID_RANK) <= UINT32_MAX &&
	    count_of(h, VOCAB_SPECIAL) == h->specials;
}

static bool
head_is_sound(const struct vocab_head *h, size_t len)
{
	if (len < sizeof(*h) || memcmp(h->magic, VOCAB_MAGIC, 8) != 0 ||
	    h->size != len || h->pattern >= VOCAB_PATTERNS ||
	    h->merges > h->ranks ||
	    memchr(h->name, '\0', sizeof(h->name)) == NULL)
		return false;
	for (int i = 0; i < VOCAB_SECTIONS; i++) {
		uint64_t at = h->section[i].at, n = h->section[i].len;

		if (at % 64 != 0 || at > len || n > len - at ||
		    n % unit[i] != 0)
			return false;
	}
	return sections_fit(h);
}

static void
point_into(struct vocab *v, const void *bytes)
{
	const struct vocab_head *h = v->head = bytes;
	const void *at[VOCAB_SECTIONS];

	for (int i = 0; i < VOCAB_SECTIONS; i++)
		at[i] = (const char *)bytes + h->section[i].at;
	v->shorts = at[VOCAB_SHORT];
	v->short_away = at[VOCAB_SHORT_AWAY];
	v->mids = at[VOCAB_MID];
	v->mid_away = at[VOCAB_MID_AWAY];
	v->longs = at[VOCAB_LONG];
	v->bytes = at[VOCAB_BYTES];
	v->place = at[VOCAB_PLACE];
	v->byte_rank = at[VOCAB_BYTE_RANK];
	v->two = at[VOCAB_TWO];
	v->two_rank = at[VOCAB_TWO_RANK];
	v->sieve = at[VOCAB_SIEVE];
	v->sieve_turn = (uint32_t)__builtin_clzll(count_of(h, VOCAB_SIEVE)) - 5;
	if (count_of(h, VOCAB_STARTS) > 0) {
		uint32_t n = (uint32_t)count_of(h, VOCAB_STARTS) / 3;

		v->three = at[VOCAB_STARTS];
		v->four = (const uint64_t *)(v->three + n);
		v->three_mask = n - 1;
		v->four_turn = (uint32_t)__builtin_clz(n) + 27;
	}
	v->seams = count_of(h, VOCAB_SEAM) > 0 ? at[VOCAB_SEAM] : NULL;
	v->id = at[VOCAB_ID];
	v->id_rank = at[VOCAB_ID_RANK];
	v->special = at[VOCAB_SPECIAL];
	v->special_text = at[VOCAB_SPECIAL_TEXT];
	v->s = vocab_slots_of((uint32_t)count_of(h, VOCAB_SHORT),
	    VOCAB_SHORT_BITS);
	v->m = vocab_slots_of((uint32_t)count_of(h, VOCAB_MID), VOCAB_MID_BITS);
	v->long_slots = (uint32_t)count_of(h, VOCAB_LONG);
	v->two_ranks = (uint32_t)count_of(h, VOCAB_TWO_RANK);
	v->ids = (uint32_t)count_of(h, VOCAB_ID_RANK);
	v->merges = h->merges;
}

int
vocab_open_mem(struct vocab **vp, const void *bytes, size_t len,
    struct tk_err *err)
{
	*vp = NULL;
	if ((uintptr_t)bytes % 64 != 0 || !head_is_sound(bytes, len))
		return tk_fail(err, TK_DATA, "not a packed vocabulary");
	*vp = tk_xcalloc(1, sizeof(**vp));
	point_into(*vp, bytes);
	return 0;
}

int
vocab_open_image(struct vocab **vp, const void *bytes, size_t len,
    struct tk_err *err)
{
	struct vocab_special s;
	uint64_t end;

	if (vocab_open_mem(vp, bytes, len, err) < 0)
		return -1;
	if (vocab_check((*vp)->head, len) != (*vp)->head->check)
		goto damaged;
	end = (*vp)->head->section[VOCAB_SPECIAL_TEXT].len;
	for (size_t i = 0; i < (*vp)->head->specials; i++)
		if ((*vp)->special[i].at > end ||
		    (*vp)->special[i].len > end - (*vp)->special[i].at ||
		    vocab_special(*vp, i, &s) == 0)
			goto damaged;
	return 0;
damaged:
	vocab_free(*vp);
	*vp = NULL;
	return tk_fail(err, TK_DATA, "a damaged vocabulary");
}

void
vocab_free(struct vocab *v)
{
	free(v);
}

uint32_t
vocab_rank_long(const struct vocab *v, const void *bytes, size_t n)
{
	uint64_t mix = vocab_mix_bytes(bytes, n);
	uint32_t i = vocab_scale(mix, v->long_slots);
	uint8_t room[16];

	for (uint32_t tries = 0; tries < v->long_slots; tries++) {
		uint32_t rank = (v->longs[i] & 0xffffff) - 1;
		size_t len;
		const uint8_t *token;

		if (v->longs[i] == 0)
			break;
		if ((v->longs[i] & 0xff000000) == vocab_long_tag(mix)) {
			token = vocab_token(v, rank, room, &len);
			if (len == n && memcmp(token, bytes, n) == 0)
				return rank;
		}
		i = i + 1 == v->long_slots ? 0 : i + 1;
	}
	return VOCAB_NONE;
}

uint32_t
vocab_rank(const struct vocab *v, const void *bytes, size_t n)
{
	if (n == 0 || n > v->head->max_len)
		return VOCAB_NONE;
	if (n <= VOCAB_SHORT_MAX)
		return vocab_rank_short(v, vocab_key8(bytes, n), bytes, n);
	if (n <= VOCAB_MID_MAX)
		return vocab_rank_mid(v, vocab_key16(bytes, n), bytes, n);
	return vocab_rank_long(v, bytes, n);
}

/* What slot i of the short table holds. */
static const uint8_t *
token_short(const struct vocab *v, uint32_t i, uint8_t room[16], size_t *n)
{
	uint64_t mix, key;

	if (i / VOCAB_SHORT_WAYS >= v->s.lines ||
	    !vocab_unmix(&v->s, VOCAB_SHORT_BITS, i / VOCAB_SHORT_WAYS,
		v->shorts[i], &mix))
		return NULL;
	key = vocab_undo8(mix);
	*n = key >> 56;
	memcpy(room, &key, sizeof(key));
	return *n > 0 ? room : NULL;
}

static const uint8_t *
token_mid(const struct vocab *v, uint32_t i, uint8_t room[16], size_t *n)
{
	struct vocab_key16 key;
	uint64_t mix;

	if (i / VOCAB_MID_WAYS >= v->m.lines ||
	    !vocab_unmix(&v->m, VOCAB_MID_BITS, i / VOCAB_MID_WAYS,
		v->mids[i].hi, &mix))
		return NULL;
	key.lo = v->mids[i].lo;
	key.hi = vocab_undo16(mix, key.lo);
	*n = key.hi != 0 ? key.hi >> 56 : key.lo >> 56;
	memcpy(room, &key, sizeof(key));
	return *n > 0 && *n <= VOCAB_MID_MAX ? room : NULL;
}

const uint8_t *
vocab_token(const struct vocab *v, uint32_t rank, uint8_t room[16], size_t *n)
{
	uint64_t end = v->head->section[VOCAB_BYTES].len;
	const uint8_t *p = NULL;
	uint32_t shorts = v->s.lines * VOCAB_SHORT_WAYS;
	uint32_t mids = v->m.lines * VOCAB_MID_WAYS;
	uint64_t at;
	uint16_t len;

	*n = 0;
	if (rank >= v->head->ranks)
		return NULL;
	at = vocab_place(v, rank);
	if (at < shorts) {
		p = token_short(v, (uint32_t)at, room, n);
	} else if (at - shorts < mids) {
		p = token_mid(v, (uint32_t)(at - shorts), room, n);
	} else {
		at -= (uint64_t)shorts + mids;
		if (at + sizeof(len) > end)
			return NULL;
		memcpy(&len, v->bytes + at, sizeof(len));
		if (len > end - at - sizeof(len))
			return NULL;
		*n = len;
		p = v->bytes + at + sizeof(len);
	}
	*n = p != NULL ? *n : 0;
	return p;
}

static inline bool
is_of(const uint8_t *p, size_t n, const uint64_t bytes[4])
{
	for (size_t i = 0; i < n; i++)
		if ((bytes[p[i] / 64] >> p[i] % 64 & 1) == 0)
			return false;
	return n > 0;
}

/* Those of the short table, line by line, as that is what takes long. */
static void
each_short(const struct vocab *v, const uint64_t bytes[4], vocab_token_fn *fn,
    void *data)
{
	const uint64_t below = ~UINT64_C(0) << (64 - VOCAB_SHORT_BITS);
	uint64_t first = 0;

	for (uint32_t i = 0; i < v->s.lines * VOCAB_SHORT_WAYS; i++) {
		uint64_t slot = v->shorts[i], key;
		uint8_t p[8];

		if (i % VOCAB_SHORT_WAYS == 0)
			first = first_mix(v->s.lines, i / VOCAB_SHORT_WAYS);
		key =
		    vocab_undo8((first + ((slot - first) & v->s.tag)) & below);
		memcpy(p, &key, sizeof(p));
		if (is_of(p, p[7] < 8 ? p[7] : 0, bytes) &&
		    vocab_slot_rank(&v->s, slot) != VOCAB_NONE)
			fn(p, p[7], data);
	}
}

/* The n bytes of the token at *at in the bytes section, and *at behind it;
 * NULL: there are no more. */
static const uint8_t *
next_of_bytes(const struct vocab *v, size_t *at, size_t *n)
{
	const uint8_t *p = v->bytes + *at;
	size_t left = v->head->section[VOCAB_BYTES].len - *at;

	if (left < 2)
		return NULL;
	*n = p[0] | (size_t)p[1] << 8;
	if (*n > left - 2)
		return NULL;
	*at += 2 + *n;
	return p + 2;
}

void
vocab_each_of(const struct vocab *v, const uint64_t bytes[4],
    vocab_token_fn *fn, void *data)
{
	const uint8_t *p;
	uint8_t room[16];
	size_t n;

	each_short(v, bytes, fn, data);
	for (uint32_t i = 0; i < v->m.lines * VOCAB_MID_WAYS; i++) {
		memcpy(room, &v->mids[i].lo, sizeof(v->mids[i].lo));
		if (is_of(room, 2, bytes) &&
		    vocab_slot_rank(&v->m, v->mids[i].hi) != VOCAB_NONE &&
		    token_mid(v, i, room, &n) != NULL && is_of(room, n, bytes))
			fn(room, n, data);
	}
	for (size_t at = 0; (p = next_of_bytes(v, &at, &n)) != NULL;)
		if (is_of(p, n, bytes))
			fn(p, n, data);
}

void
vocab_each_long(const struct vocab *v, vocab_token_fn *fn, void *data)
{
	const uint8_t *p;
	size_t n;

	for (size_t at = 0; (p = next_of_bytes(v, &at, &n)) != NULL;)
		if (n > VOCAB_MID_MAX)
			fn(p, n, data);
}

uint32_t
vocab_id(const struct vocab *v, uint32_t rank)
{
	if (v->ids == 0)
		return rank + v->head->id_base;
	return rank < v->head->ranks ? v->id[rank] : VOCAB_NONE;
}

uint32_t
vocab_rank_of_id(const struct vocab *v, uint32_t id)
{
	if (v->ids == 0)
		return id >= v->head->id_base ? id - v->head->id_base
					      : VOCAB_NONE;
	return id < v->ids ? v->id_rank[id] : VOCAB_NONE;
}

int
vocab_special(const struct vocab *v, size_t n, struct vocab_special *s)
{
	if (n >= v->head->specials)
		return 0;
	s->id = v->special[n].id;
	s->text = v->special_text + v->special[n].at;
	s->len = v->special[n].len;
	return 1;
}
