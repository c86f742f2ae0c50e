/* Groups on their way through a file: see rows_file.h. */
#include "report/rows_file.h"

#include <endian.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "ledger/pack.h"
#include "report/latency.h"

enum {
	NUMBERS = REPORT_MAX_DIMS + 2 + SUMS,
	LENGTHS = NUMBERS / 2,
	CARRY = 1 << 0,   /* numbers of 8 bytes follow, one for each sum */
	LATENCY = 1 << 1, /* its length, 8 bytes, and latency_write() follow */
	LONGEST = 1 + LENGTHS + (NUMBERS + SUMS + 1) * 8,
	ROOM = 1 << 14, /* of which 8 bytes are never used */
	LONGEST_LATENCY = 1 << 24,
};

_Static_assert(NUMBERS % 2 == 0, "half bytes make bytes");

int
rows_file_open(struct rows_file *r)
{
	*r = (struct rows_file){ .f = tmpfile() };
	if (r->f == NULL)
		return -1;
	r->bytes = tk_xcalloc(1, ROOM);
	return 0;
}

void
rows_file_close(struct rows_file *r)
{
	if (r->f != NULL)
		fclose(r->f);
	free(r->bytes);
	*r = (struct rows_file){ 0 };
}

static void
flush(struct rows_file *r)
{
	if (fwrite_unlocked(r->bytes, 1, r->len, r->f) != r->len)
		r->failed = true;
	r->len = 0;
}

static inline uint8_t *
put_8(uint8_t *p, uint64_t n)
{
	n = htole64(n);
	memcpy(p, &n, 8);
	return p + 8;
}

static inline uint64_t
get_8(const uint8_t *p)
{
	uint64_t n;

	memcpy(&n, p, 8);
	return le64toh(n);
}

/* The numbers of a group in their order; first is left out of last. */
static void
flatten(const struct group *g, uint64_t n[NUMBERS])
{
	for (size_t d = 0; d < REPORT_MAX_DIMS; d++)
		*n++ = pack_zigzag(g->key[d]);
	*n++ = (uint64_t)g->first;
	*n++ = (uint64_t)g->last - (uint64_t)g->first;
	for (int i = 0; i < SUMS; i++)
		*n++ = pack_zigzag(g->v[i]);
}

static void
unflatten(struct group *g, const uint64_t n[NUMBERS])
{
	for (size_t d = 0; d < REPORT_MAX_DIMS; d++)
		g->key[d] = pack_unzigzag(*n++);
	g->first = (int64_t)*n++;
	g->last = (int64_t)(*n++ + (uint64_t)g->first);
	for (int i = 0; i < SUMS; i++)
		g->v[i] = pack_unzigzag(*n++);
}

static inline unsigned
length_of(uint64_t n)
{
	return n == 0 ? 0 : 8 - (unsigned)__builtin_clzll(n) / 8;
}

static uint8_t *
put_numbers(uint8_t *p, const uint64_t n[NUMBERS])
{
	uint8_t *lengths = p;

	p += LENGTHS;
	for (size_t i = 0; i < LENGTHS; i++) {
		unsigned a = length_of(n[2 * i]), b = length_of(n[2 * i + 1]);

		lengths[i] = (uint8_t)(a | b << 4);
		put_8(p, n[2 * i]);
		put_8(p + a, n[2 * i + 1]);
		p += a + b;
	}
	return p;
}

static void
put_latency(struct rows_file *r, const struct latency *l)
{
	struct tk_buf b = TK_BUF_INIT;

	latency_write(&b, l);
	put_8(r->bytes + r->len, b.len);
	r->len += 8;
	if (r->len + b.len > ROOM)
		flush(r);
	if (b.len > ROOM)
		r->failed |= fwrite_unlocked(b.s, 1, b.len, r->f) != b.len;
	else
		memcpy(r->bytes + r->len, b.s, b.len);
	r->len += b.len > ROOM ? 0 : b.len;
	tk_buf_release(&b);
}

void
rows_file_put(struct rows_file *r, const struct group *g)
{
	uint64_t n[NUMBERS];
	uint8_t *p;

	if (r->len + LONGEST + 8 > ROOM)
		flush(r);
	p = r->bytes + r->len;
	*p++ = (uint8_t)((g->carry != NULL ? CARRY : 0) |
	    (g->latency != NULL ? LATENCY : 0));
	flatten(g, n);
	p = put_numbers(p, n);
	for (int i = 0; g->carry != NULL && i < SUMS; i++)
		p = put_8(p, (uint64_t)g->carry[i]);
	r->len = (size_t)(p - r->bytes);
	if (g->latency != NULL)
		put_latency(r, g->latency);
}

int
rows_file_turn(struct rows_file *r, struct tk_err *err)
{
	flush(r);
	if (fflush(r->f) != 0 || ferror(r->f) || r->failed ||
	    fseek(r->f, 0, SEEK_SET) != 0)
		return tk_fail_errno(err, "cannot keep the rows in a file");
	r->at = r->len = 0;
	return 0;
}

/* Have that many of the next bytes at hand, if there are. */
static bool
fill(struct rows_file *r, size_t n)
{
	if (r->len - r->at >= n)
		return true;
	memmove(r->bytes, r->bytes + r->at, r->len - r->at);
	r->len -= r->at;
	r->at = 0;
	r->len += fread_unlocked(r->bytes + r->len, 1, ROOM - 8 - r->len, r->f);
	return r->len >= n;
}

static bool
get_numbers(struct rows_file *r, uint64_t n[NUMBERS])
{
	static const uint64_t bits[] = { 0, 0xff, 0xffff, 0xffffff, 0xffffffff,
		UINT64_C(0xffffffffff), UINT64_C(0xffffffffffff),
		UINT64_C(0xffffffffffffff), UINT64_MAX };
	const uint8_t *lengths = r->bytes + r->at, *p = lengths + LENGTHS;

	for (size_t i = 0; i < NUMBERS; i++) {
		unsigned len = lengths[i / 2] >> (i % 2 * 4) & 0xf;

		if (len > 8)
			return false;
		n[i] = get_8(p) & bits[len];
		p += len;
	}
	r->at = (size_t)(p - r->bytes);
	return r->at <= r->len;
}

static bool
get_latency(struct rows_file *r, struct group *g)
{
	struct tk_buf b = TK_BUF_INIT;
	const uint8_t *p;
	uint64_t len;
	bool good;

	if (!fill(r, 8))
		return false;
	len = get_8(r->bytes + r->at);
	r->at += 8;
	while (len < LONGEST_LATENCY && b.len < len && fill(r, 1)) {
		size_t n =
		    r->len - r->at < len - b.len ? r->len - r->at : len - b.len;

		tk_buf_add(&b, r->bytes + r->at, n);
		r->at += n;
	}
	p = (const uint8_t *)b.s;
	g->latency = tk_xcalloc(1, sizeof(*g->latency));
	good = b.len == len && latency_read(&p, p + b.len, g->latency) &&
	    p == (const uint8_t *)b.s + b.len;
	tk_buf_release(&b);
	return good;
}

static bool
get_carry(struct rows_file *r, struct group *g)
{
	if (!fill(r, SUMS * 8))
		return false;
	g->carry = tk_xcalloc(SUMS, sizeof(*g->carry));
	for (int i = 0; i < SUMS; i++, r->at += 8)
		g->carry[i] = (int64_t)get_8(r->bytes + r->at);
	return true;
}

int
rows_file_get(struct rows_file *r, struct group *g, struct tk_err *err)
{
	uint64_t n[NUMBERS];
	uint8_t flags;

	*g = (struct group){ 0 };
	if (!fill(r, LONGEST) && r->at == r->len && !ferror(r->f))
		return 0;
	flags = r->bytes[r->at++];
	if (!ferror(r->f) && get_numbers(r, n) &&
	    (!(flags & CARRY) || get_carry(r, g)) &&
	    (!(flags & LATENCY) || get_latency(r, g))) {
		unflatten(g, n);
		return 1;
	}
	group_release(g);
	latency_free(g->latency);
	g->latency = NULL;
	return tk_fail(err, TK_IO, "cannot read back the rows in a file");
}
