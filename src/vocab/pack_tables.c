/*
 * The three hash tables from bytes to ranks: see table.h.  Each takes what is
 * for it, and what the one before had no room for.
 */
#include <string.h>

#include "base/mem.h"
#include "vocab/pack_int.h"

/* How full the tables are, in percent. */
enum { SHORT_LOAD = 84, MID_LOAD = 83, LONG_LOAD = 75 };

enum slot_kind { AT_SHORT, AT_MID, AT_BYTES, AT_NOWHERE };

/* Lines for n keys, and enough of them for the bits of a rank. */
static struct vocab_slots
slots_for(const struct vocab_packer *k, size_t n, size_t ways, int load,
    unsigned bits)
{
	size_t lines = n * 100 / (size_t)load / ways + 1;
	struct vocab_slots s;

	for (;; lines += lines / 16 + 1) {
		s = vocab_slots_of((uint32_t)lines, bits);
		if (s.rank > k->head.ranks)
			return s;
	}
}

/* A tag in a line that no key has; key 0 and { 0, 1 << 56 } stay free, too. */
static uint64_t
void_short(const struct vocab_slots *s, uint32_t line)
{
	for (uint64_t tag = 32;; tag += 32) {
		uint64_t mix, key;
		unsigned n;

		if (!vocab_unmix(s, VOCAB_SHORT_BITS, line, tag, &mix))
			return tag;
		key = vocab_undo8(mix);
		n = (unsigned)(key >> 56);
		if (key != 0 &&
		    (n == 0 || (n < 7 && key << 8 >> 8 >> 8 * n != 0)))
			return tag;
	}
}

static uint64_t
void_mid(const struct vocab_slots *s, uint32_t line)
{
	for (uint64_t tag = 16;; tag += 16) {
		uint64_t mix, hi;
		unsigned n;

		if (!vocab_unmix(s, VOCAB_MID_BITS, line, tag, &mix))
			return tag;
		hi = vocab_undo16(mix, 0);
		n = (unsigned)(hi >> 56);
		if (hi != 0 && hi != UINT64_C(1) << 56 &&
		    (n < 8 || (n < 15 && hi << 8 >> 8 >> 8 * (n - 8) != 0)))
			return tag;
	}
}

static uint64_t
with_rank(const struct vocab_slots *s, uint64_t mix, uint32_t rank)
{
	uint64_t turned = rank + UINT64_C(1);

	return (mix & s->tag) | turned >> (s->turn & 63) |
	    turned << (-s->turn & 63);
}

static void
send_away(struct vocab_packer *k, struct vocab_key16 key, uint32_t rank)
{
	k->away[k->n_away] = key;
	k->away_rank[k->n_away++] = rank;
}

static void
put_slot(struct vocab_packer *k, uint32_t rank, enum slot_kind kind,
    uint32_t at)
{
	k->slot[rank] = (uint32_t)kind << 30 | at;
}

/* When the tables have their sizes: see vocab_place(). */
static void
put_places(struct vocab_packer *k)
{
	const uint32_t first[] = { 0, k->v.s.lines * VOCAB_SHORT_WAYS,
		k->v.s.lines * VOCAB_SHORT_WAYS +
		    k->v.m.lines * VOCAB_MID_WAYS };
	uint64_t end = first[AT_BYTES] + k->bytes_len, word;
	uint32_t bits = 1;

	while (end >> bits != 0)
		bits++;
	k->head.place_bits = bits;
	k->place_len = ((size_t)k->head.ranks * bits + 7) / 8 + 8;
	k->v.place = k->place = tk_xcalloc(k->place_len, 1);
	for (uint32_t r = 0; r < k->head.ranks; r++) {
		uint32_t kind = k->slot[r] >> 30;
		uint64_t at = kind < AT_NOWHERE
		    ? first[kind] + (k->slot[r] << 2 >> 2)
		    : (UINT64_C(1) << bits) - 1;
		uint64_t bit = (uint64_t)r * bits;

		memcpy(&word, k->place + bit / 8, sizeof(word));
		word |= at << bit % 8;
		memcpy(k->place + bit / 8, &word, sizeof(word));
	}
}

static void
put_short(struct vocab_packer *k, uint64_t key, uint32_t rank)
{
	uint64_t mix = vocab_mix8(key);
	uint32_t line = vocab_scale(mix, k->v.s.lines);
	uint64_t *slot = k->shorts + (size_t)line * VOCAB_SHORT_WAYS;

	for (uint32_t i = 0; i < VOCAB_SHORT_WAYS; i++) {
		if (vocab_slot_rank(&k->v.s, slot[i]) != VOCAB_NONE)
			continue;
		slot[i] = with_rank(&k->v.s, mix, rank);
		put_slot(k, rank, AT_SHORT, line * VOCAB_SHORT_WAYS + i);
		return;
	}
	k->short_away[line] |= vocab_away_bit(mix);
	send_away(k, (struct vocab_key16){ key, 0 }, rank);
}

static void
put_long(struct vocab_packer *k, uint32_t rank, bool hidden)
{
	const struct vocab_source_token *t = k->tokens[rank];
	uint64_t mix = vocab_mix_bytes(t->bytes, t->len);
	uint32_t i = vocab_scale(mix, k->v.long_slots);
	uint16_t len = (uint16_t)t->len;

	put_slot(k, rank, AT_BYTES, (uint32_t)k->bytes_len);
	memcpy(k->bytes + k->bytes_len, &len, sizeof(len));
	memcpy(k->bytes + k->bytes_len + 2, t->bytes, len);
	k->bytes_len += 2u + len;
	if (hidden)
		return;
	while (k->longs[i] != 0)
		i = i + 1 == k->v.long_slots ? 0 : i + 1;
	k->longs[i] = (rank + 1) | vocab_long_tag(mix);
}

static void
put_mid(struct vocab_packer *k, struct vocab_key16 key, uint32_t rank)
{
	uint64_t mix = vocab_mix16(key);
	uint32_t line = vocab_scale(mix, k->v.m.lines);
	struct vocab_key16 *slot = k->mids + (size_t)line * VOCAB_MID_WAYS;

	for (uint32_t i = 0; i < VOCAB_MID_WAYS; i++) {
		if (vocab_slot_rank(&k->v.m, slot[i].hi) != VOCAB_NONE)
			continue;
		slot[i].lo = key.lo;
		slot[i].hi = with_rank(&k->v.m, mix, rank);
		put_slot(k, rank, AT_MID, line * VOCAB_MID_WAYS + i);
		return;
	}
	k->mid_away[line] |= vocab_away_bit(mix);
	send_away(k, key, rank);
}

static bool
is_hidden(const struct vocab_source_token *t)
{
	return (t->flags & VOCAB_TOKEN_DECODE) != 0;
}

static void
make_shorts(struct vocab_packer *k, size_t n)
{
	k->v.s =
	    slots_for(k, n, VOCAB_SHORT_WAYS, SHORT_LOAD, VOCAB_SHORT_BITS);
	k->v.shorts = k->shorts =
	    tk_xcalloc(k->v.s.lines, VOCAB_SHORT_WAYS * sizeof(*k->shorts));
	k->v.short_away = k->short_away = tk_xcalloc(k->v.s.lines, 1);
	for (uint32_t i = 0; i < k->v.s.lines * VOCAB_SHORT_WAYS; i++)
		k->shorts[i] = i % VOCAB_SHORT_WAYS == 0
		    ? void_short(&k->v.s, i / VOCAB_SHORT_WAYS)
		    : k->shorts[i - 1];
}

static void
make_mids(struct vocab_packer *k, size_t n)
{
	k->v.m = slots_for(k, n, VOCAB_MID_WAYS, MID_LOAD, VOCAB_MID_BITS);
	k->v.mids = k->mids =
	    tk_xcalloc(k->v.m.lines, VOCAB_MID_WAYS * sizeof(*k->mids));
	k->v.mid_away = k->mid_away = tk_xcalloc(k->v.m.lines, 1);
	for (uint32_t i = 0; i < k->v.m.lines * VOCAB_MID_WAYS; i++)
		k->mids[i].hi = i % VOCAB_MID_WAYS == 0
		    ? void_mid(&k->v.m, i / VOCAB_MID_WAYS)
		    : k->mids[i - 1].hi;
}

static void
make_longs(struct vocab_packer *k, size_t n)
{
	k->v.long_slots = (uint32_t)(n * 100 / LONG_LOAD + 1);
	k->v.longs = k->longs = tk_xcalloc(k->v.long_slots, sizeof(*k->longs));
	k->v.bytes = k->bytes = tk_xcalloc(k->bytes_cap + 1, 1);
}

void
vocab_pack_tables(struct vocab_packer *k)
{
	const struct vocab_source_token **t = k->tokens;
	size_t n[3] = { 0 }, n_away;

	for (uint32_t r = 0; r < k->head.ranks; r++) {
		if (t[r] == NULL)
			continue;
		n[t[r]->len <= VOCAB_SHORT_MAX       ? 0
			: t[r]->len <= VOCAB_MID_MAX ? 1
						     : 2] += !is_hidden(t[r]);
		k->bytes_cap += 2 + t[r]->len;
	}
	make_shorts(k, n[0]);
	for (uint32_t r = 0; r < k->head.ranks; r++)
		if (t[r] != NULL && t[r]->len <= VOCAB_SHORT_MAX &&
		    !is_hidden(t[r]))
			put_short(k, vocab_key8(t[r]->bytes, t[r]->len), r);
	make_mids(k, n[1] + k->n_away);
	n_away = k->n_away;
	k->n_away = 0;
	for (size_t i = 0; i < n_away; i++)
		put_mid(k, k->away[i], k->away_rank[i]);
	for (uint32_t r = 0; r < k->head.ranks; r++)
		if (t[r] != NULL && t[r]->len > VOCAB_SHORT_MAX &&
		    t[r]->len <= VOCAB_MID_MAX && !is_hidden(t[r]))
			put_mid(k, vocab_key16(t[r]->bytes, t[r]->len), r);
	make_longs(k, n[2] + k->n_away);
	for (size_t i = 0; i < k->n_away; i++)
		put_long(k, k->away_rank[i], false);
	for (uint32_t r = 0; r < k->head.ranks; r++)
		if (t[r] != NULL &&
		    (t[r]->len > VOCAB_MID_MAX || is_hidden(t[r])))
			put_long(k, r, is_hidden(t[r]));
	put_places(k);
}

int
vocab_pack_check(struct vocab_packer *k, struct tk_err *err)
{
	for (uint32_t r = 0; r < k->head.ranks; r++) {
		const struct vocab_source_token *t = k->tokens[r];

		if (t != NULL && !is_hidden(t) &&
		    vocab_rank(&k->v, t->bytes, t->len) != r)
			return tk_fail(err, TK_DATA,
			    "token %u has the bytes of another", t->id);
	}
	for (unsigned i = 0; i < 256; i++) {
		uint8_t byte = (uint8_t)i;

		k->byte_rank[i] = vocab_rank(&k->v, &byte, 1);
		if (k->byte_rank[i] == VOCAB_NONE)
			return tk_fail(err, TK_DATA, "byte 0x%02x is no token",
			    i);
	}
	return 0;
}
