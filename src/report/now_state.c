/*
 * The file of report/now.h
 *
 *	"tokctl now 1\n", the uuid of the ledger (32 digits), numbers as
 *	zigzag varints and sums as sums_pack() has them, in the order of
 *	now_state_pack(), and the SHA-256 of all that
 */
#include <string.h>

#include "base/buf.h"
#include "base/sha256.h"
#include "ledger/pack.h"
#include "report/now_int.h"

static const char magic[] = "tokctl now 1\n";
enum { MAGIC = sizeof(magic) - 1, UUID = 32, NUMBERS = 12 };

/* Where the numbers are, so that writing and reading agree. */
static void
numbers(struct now_state *s, int64_t *at[NUMBERS])
{
	struct block *b = &s->f.block;
	int64_t *all[NUMBERS] = { &s->anchor.epoch, &s->anchor.last_id,
		&s->anchor.window, &s->anchor.first, &s->f.day, &s->f.month,
		&b->start, &b->end, &b->first, &b->last, &s->next, NULL };

	memcpy(at, all, sizeof(all));
}

static void
put(struct tk_buf *b, int64_t n)
{
	pack_varint(b, pack_zigzag(n));
}

static bool
get(const uint8_t **p, const uint8_t *end, int64_t *n)
{
	uint64_t raw;

	if (!pack_read_varint(p, end, &raw))
		return false;
	*n = pack_unzigzag(raw);
	return true;
}

void
now_state_pack(struct tk_buf *b, const struct now_state *state)
{
	struct now_state s = *state;
	uint8_t digest[TK_SHA256_LEN];
	int64_t *at[NUMBERS];

	tk_buf_adds(b, magic);
	tk_buf_add(b, s.anchor.ledger, UUID);
	pack_varint(b, s.print);
	numbers(&s, at);
	for (int i = 0; at[i] != NULL; i++)
		put(b, *at[i]);
	sums_pack(b, &s.f.today);
	sums_pack(b, &s.f.this_month);
	sums_pack(b, &s.f.block.sums);
	for (int i = 0; i < NOW_MINUTES; i++) {
		const struct now_minute *m = &s.f.minute[i];
		struct usage_sums sums = { 0 };

		sums.v[SUM_INPUT] = m->tokens;
		sums.v[SUM_COST] = m->cost;
		sums.v[SUM_UNPRICED] = m->unpriced;
		put(b, m->minute);
		sums_pack(b, &sums);
	}
	tk_sha256(b->s, b->len, digest);
	tk_buf_add(b, digest, sizeof(digest));
}

static bool
read_minutes(const uint8_t **p, const uint8_t *end, struct now_figures *f)
{
	for (int i = 0; i < NOW_MINUTES; i++) {
		struct now_minute *m = &f->minute[i];
		struct usage_sums sums;

		if (!get(p, end, &m->minute) || !sums_read(p, end, &sums))
			return false;
		m->tokens = sums.v[SUM_INPUT];
		m->cost = sums.v[SUM_COST];
		m->unpriced = sums.v[SUM_UNPRICED];
	}
	return true;
}

bool
now_state_read(const void *bytes, size_t len, struct now_state *s)
{
	const uint8_t *p = bytes, *end;
	uint8_t digest[TK_SHA256_LEN];
	int64_t *at[NUMBERS];

	memset(s, 0, sizeof(*s));
	if (len < MAGIC + UUID + sizeof(digest) || memcmp(p, magic, MAGIC) != 0)
		return false;
	end = p + len - sizeof(digest);
	tk_sha256(bytes, len - sizeof(digest), digest);
	if (memcmp(end, digest, sizeof(digest)) != 0)
		return false;
	memcpy(s->anchor.ledger, p + MAGIC, UUID);
	p += MAGIC + UUID;
	if (!pack_read_varint(&p, end, &s->print))
		return false;
	numbers(s, at);
	for (int i = 0; at[i] != NULL; i++)
		if (!get(&p, end, at[i]))
			return false;
	return sums_read(&p, end, &s->f.today) &&
	    sums_read(&p, end, &s->f.this_month) &&
	    sums_read(&p, end, &s->f.block.sums) &&
	    read_minutes(&p, end, &s->f) && p == end;
}
