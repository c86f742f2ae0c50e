/* Records as columns: see columns.h. */
#include "ledger/columns.h"

#include <stdlib.h>
#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "base/mem.h"
#include "base/x86.h"
#include "ledger/pack_fields.h"

enum {
	PLANS = 64,  /* a power of two */
	RUNS = 4,    /* there are three texts */
	ENDS = 64,   /* bytes that are looked at at once */
	LONGEST = 8, /* of the numbers that are read at once */
};

/*
 * How to read records with this mask: runs of numbers, each but the last of
 * which ends in the length of a text, and which of all are wanted.
 */
struct columns_plan {
	uint64_t mask; /* 0: no plan yet */
	uint8_t run[RUNS];
	uint8_t runs, names, ints, all;
	struct op {
		uint8_t at;    /* so many numbers and texts are before it */
		uint8_t field; /* where it goes */
	} name[NAME_KINDS], number[PACK_FIELDS];
};

static void
make_plan(struct columns_plan *plan, uint64_t mask, uint64_t asked)
{
	*plan = (struct columns_plan){ .mask = mask, .runs = 1 };
	for (uint64_t left = mask; left != 0; left &= left - 1) {
		uint8_t at = plan->all++;
		int field = __builtin_ctzll(left);

		plan->run[plan->runs - 1]++;
		if (pack_fields[field].type == PACK_TEXT)
			plan->runs++;
		else if (!(asked >> field & 1))
			continue;
		else if (pack_fields[field].type == PACK_NAME)
			plan->name[plan->names++] =
			    (struct op){ at, (uint8_t)field };
		else
			plan->number[plan->ints++] =
			    (struct op){ at, (uint8_t)field };
	}
}

static const struct columns_plan *
plan_of(struct record_columns *c, uint64_t mask)
{
	struct columns_plan *plan =
	    &c->plan[mask * UINT64_C(0x9e3779b97f4a7c15) >> 58];

	_Static_assert(PLANS == 1 << (64 - 58), "the bits of a hash");
	if (plan->mask != mask)
		make_plan(plan, mask, c->asked);
	return plan;
}

/* The processors of AMD that have the instruction and not VAES are slow at it;
 * only AMD's have SSE4A. */
static bool
is_fast(void)
{
#ifdef TK_X86_HAS
	return TK_X86_HAS(BMI1) && TK_X86_HAS(BMI2) &&
	    (!TK_X86_HAS(SSE4A) || TK_X86_HAS(VAES));
#else
	return false;
#endif
}

struct record_columns *
columns_new(uint64_t asked)
{
	struct record_columns *c = tk_xcalloc(1, sizeof(*c));

	c->asked = c->written = asked;
	c->plan = tk_xcalloc(PLANS, sizeof(*c->plan));
	c->fast = is_fast();
	columns_empty(c);
	return c;
}

void
columns_free(struct record_columns *c)
{
	if (c == NULL)
		return;
	free(c->plan);
	free(c);
}

void
columns_empty(struct record_columns *c)
{
	for (uint64_t left = c->written; left != 0; left &= left - 1) {
		int field = __builtin_ctzll(left);

		for (size_t i = 0; i < COLUMNS_ROWS; i++)
			c->v[field][i] = pack_fields[field].usually;
	}
	c->n = 0;
	c->seen = c->written = 0;
}

/* One bit for each of ENDS bytes: its top bit is clear. */
static inline uint64_t
ends_of(const uint8_t *p)
{
	uint64_t tops = 0;

#ifdef __SSE2__
#pragma GCC unroll 4
	for (int i = 0; i < ENDS; i += 16)
		tops |= (uint64_t)(unsigned)_mm_movemask_epi8(_mm_loadu_si128(
			    (const __m128i *)(const void *)(p + i)))
		    << i;
#else
	for (int i = 0; i < ENDS; i += 8) {
		uint64_t x;

		memcpy(&x, p + i, 8);
		x = le64toh(x) >> 7 & UINT64_C(0x0101010101010101);
		tops |= (x * UINT64_C(0x0102040810204080) >> 56) << i;
	}
#endif
	return ~tops;
}

/* The text whose length is the number at p: where it ends, or NULL. */
static const uint8_t *
behind_text(const uint8_t *p, const uint8_t *end)
{
	uint64_t len;

	if (!pack_read_varint(&p, end, &len) || len >= (size_t)(end - p) ||
	    p[len] != '\0')
		return NULL;
	return p + len + 1;
}

/* Some number of the first bytes, 1 or more, is longer than LONGEST. */
static inline bool
has_long(uint64_t ends, size_t bytes)
{
	uint64_t tops = ~(ends | -(UINT64_C(2) << (bytes - 1)));

	tops &= tops >> 1;
	tops &= tops >> 2;
	return (tops & tops >> 4) != 0;
}

/* Where each number and text of a record ends; at[0] is where they begin. */
static inline __attribute__((always_inline)) bool
find_ends(const struct columns_plan *plan, const uint8_t *end,
    const uint8_t **at)
{
	for (unsigned r = 0; r < plan->runs; r++) {
		const uint8_t *p = *at, *first = p + 1;
		uint64_t ends, all;

		if (plan->run[r] == 0)
			break; /* the last field is a text */
		if (end - p < ENDS + LONGEST)
			return false;
		ends = all = ends_of(p);
		for (unsigned i = plan->run[r]; i > 0; i--) {
			if (ends == 0)
				return false;
			*++at = first + (size_t)__builtin_ctzll(ends);
			ends &= ends - 1;
		}
		if (has_long(all, (size_t)(*at - p)))
			return false;
		if (r + 1u < plan->runs &&
		    (*at = behind_text(at[-1], end)) == NULL)
			return false;
	}
	return true;
}

/*
 * The number from p to end, which are LONGEST bytes or fewer: seven bits of
 * each byte, see pack_read_varint().  Fast: this processor has an instruction
 * for it.
 */
static inline __attribute__((always_inline)) uint64_t
number_at(const uint8_t *p, const uint8_t *end, bool fast)
{
	uint64_t x,
	    bits = UINT64_C(0x7f7f7f7f7f7f7f7f) >>
	    (8 * (uint64_t)(p + LONGEST - end));

	memcpy(&x, p, 8);
#ifdef __x86_64__
	if (fast) {
		__asm__("pextq %2, %1, %0" : "=r"(x) : "r"(x), "r"(bits));
		return x;
	}
#endif
	(void)fast;
	x = le64toh(x) & bits;
	x = (x & UINT64_C(0x007f007f007f007f)) |
	    (x & UINT64_C(0x7f007f007f007f00)) >> 1;
	x = (x & UINT64_C(0x00003fff00003fff)) |
	    (x & UINT64_C(0x3fff00003fff0000)) >> 2;
	return (x & UINT64_C(0x000000000fffffff)) |
	    (x & UINT64_C(0x0fffffff00000000)) >> 4;
}

/* The next row, if it is easy. */
static inline __attribute__((always_inline)) bool
read_easy(struct record_columns *c, const uint8_t **p, const uint8_t *end,
    bool fast)
{
	const uint8_t *at[PACK_FIELDS + 1];
	const struct columns_plan *plan;
	uint64_t mask, names = 0;
	size_t n = c->n;

	at[0] = *p;
	if (!pack_read_varint(&at[0], end, &mask) || mask >> PACK_FIELDS != 0 ||
	    mask == 0)
		return false;
	plan = plan_of(c, mask);
	if (!find_ends(plan, end, at))
		return false;
	for (unsigned i = 0; i < plan->names; i++) {
		const struct op *op = &plan->name[i];
		uint64_t u = number_at(at[op->at], at[op->at + 1], fast);

		names |= u - 1; /* must be of 1 to 2^32 - 1 */
		c->v[op->field][n] = (int64_t)u;
	}
	for (unsigned i = 0; i < plan->ints; i++) {
		const struct op *op = &plan->number[i];

		c->v[op->field][n] =
		    pack_unzigzag(number_at(at[op->at], at[op->at + 1], fast));
	}
	c->written |= mask;
	*p = at[plan->all];
	return names >> 32 == 0;
}

static void
set_row(struct record_columns *c, const struct packed_record *v)
{
	for (uint64_t left = c->asked; left != 0; left &= left - 1) {
		int field = __builtin_ctzll(left);
		const struct pack_field *f = &pack_fields[field];

		c->v[field][c->n] = f->type == PACK_NAME
		    ? v->name[f->at]
		    : *(const int64_t *)(const void *)((const char *)&v->r +
			  f->at);
		if (c->v[field][c->n] != f->usually)
			c->written |= UINT64_C(1) << field;
	}
}

void
columns_add(struct record_columns *c, const struct packed_record *v)
{
	set_row(c, v);
	c->written &= c->asked;
	c->seen = c->written;
	c->id[c->n++] = v->r.id;
}

static inline __attribute__((always_inline)) bool
read_rows(struct record_columns *c, const uint8_t **p, const uint8_t *end,
    int64_t first_id, bool fast)
{
	struct packed_record v;
	bool good = true;

	while (c->n < COLUMNS_ROWS && *p < end) {
		const uint8_t *start = *p;

		if (!read_easy(c, p, end, fast)) {
			*p = start;
			good = pack_read(p, end, &v);
			if (!good) {
				*p = start;
				break;
			}
			set_row(c, &v);
		}
		c->id[c->n++] = first_id++;
	}
	c->written &= c->asked;
	c->seen = c->written;
	return good;
}

#ifdef __x86_64__
__attribute__((target("bmi,bmi2"))) static bool
read_fast(struct record_columns *c, const uint8_t **p, const uint8_t *end,
    int64_t first_id)
{
	return read_rows(c, p, end, first_id, true);
}
#endif

bool
columns_read(struct record_columns *c, const uint8_t **p, const uint8_t *end,
    int64_t first_id)
{
#ifdef __x86_64__
	if (c->fast)
		return read_fast(c, p, end, first_id);
#endif
	return read_rows(c, p, end, first_id, false);
}

void
columns_keep(struct record_columns *c, const uint8_t *row, size_t rows)
{
	if (rows == c->n)
		return;
	for (uint64_t left = c->seen; left != 0; left &= left - 1) {
		int64_t *v = c->v[__builtin_ctzll(left)];

		for (size_t i = 0; i < rows; i++)
			v[i] = v[row[i]];
	}
	for (size_t i = 0; i < rows; i++)
		c->id[i] = c->id[row[i]];
	c->n = rows;
}
