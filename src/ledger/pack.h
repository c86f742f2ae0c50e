#ifndef LEDGER_PACK_H
#define LEDGER_PACK_H

#include <endian.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "ledger/record.h"

struct tk_buf;

/*
 * How one record is written down: the bytes that are stored and hashed.
 *
 *	mask	varint: one bit for each field that is there, in the order of
 *		pack_fields[]; a field with its usual value is left out
 *	fields	in that order: numbers as zigzag varints, names as varints
 *		of their id in the name table, texts as a varint of their
 *		length, their bytes and a NUL
 *
 * A varint has seven bits a byte, the lowest first, the top bit on all but
 * the last byte.  The id of a record is not in it: it follows from its place.
 * The order of the fields never changes; new ones are added at the end.
 */
enum name_kind {
	NAME_USER,
	NAME_APPLICATION,
	NAME_MODEL,
	NAME_PROVIDER,
	NAME_SESSION,
	NAME_PROJECT,
	NAME_AGENT,
	NAME_ENDPOINT,
	NAME_SOURCE,
	NAME_ERROR,
	NAME_MACHINE,
	NAME_KEY,
	NAME_KINDS,
};

/* The names of the kinds ("user", ...) and where a record has them. */
extern const struct pack_name {
	const char *key;
	size_t offset;
} pack_names[NAME_KINDS];

/* -1 when it is no kind. */
int pack_name_kind(const char *key);

static inline const char *
pack_name_of(const struct usage_record *r, enum name_kind kind)
{
	return *(
	    const char *const *)((const char *)r + pack_names[kind].offset);
}

/*
 * A record as it is read back: names by id (0: none; the texts of r are
 * NULL), other texts pointing into what it was read from.
 */
struct packed_record {
	struct usage_record r;
	uint32_t name[NAME_KINDS];
};

/* Varints; read returns false at the end or when a number is too long. */
void pack_varint(struct tk_buf *b, uint64_t n);
bool pack_read_varint_slowly(const uint8_t **p, const uint8_t *end,
    uint64_t *n);

/*
 * Reports read some ten varints a record: those of up to eight bytes without
 * a loop, by finding the first byte whose top bit is clear and closing the
 * gaps of one bit between the others, two, four and eight bytes at a time.
 */
static inline bool
pack_read_varint(const uint8_t **p, const uint8_t *end, uint64_t *n)
{
	const uint64_t tops = UINT64_C(0x8080808080808080);
	uint64_t x, last;

	if (*p < end && **p < 0x80) {
		*n = *(*p)++;
		return true;
	}
	if (end - *p < 8)
		return pack_read_varint_slowly(p, end, n);
	memcpy(&x, *p, 8);
	x = le64toh(x);
	last = ~x & tops;
	if (last == 0)
		return pack_read_varint_slowly(p, end, n);
	*p += (__builtin_ctzll(last) + 1) / 8;
	x &= last ^ (last - 1); /* up to and with the top bit that is clear */
	x &= ~tops;
	x = (x & UINT64_C(0x007f007f007f007f)) |
	    (x & UINT64_C(0x7f007f007f007f00)) >> 1;
	x = (x & UINT64_C(0x00003fff00003fff)) |
	    (x & UINT64_C(0x3fff00003fff0000)) >> 2;
	*n = (x & UINT64_C(0x000000000fffffff)) |
	    (x & UINT64_C(0x0fffffff00000000)) >> 4;
	return true;
}

static inline uint64_t
pack_zigzag(int64_t n)
{
	return (uint64_t)n << 1 ^ (uint64_t)(n >> 63);
}

static inline int64_t
pack_unzigzag(uint64_t n)
{
	return (int64_t)(n >> 1) ^ -(int64_t)(n & 1);
}

/* Append the record with these name ids. */
void pack_record(struct tk_buf *b, const struct usage_record *r,
    const uint32_t name[NAME_KINDS]);

/* Read one and move *p behind it; false if the bytes are no record. */
bool pack_read(const uint8_t **p, const uint8_t *end, struct packed_record *v);

/*
 * The same for one of many: *mask is that of the record which v was read to
 * before, 0 if v is nothing yet or was written to.  Neighbours mostly have the
 * same fields, so that what is not there need not be set again.
 */
bool pack_read_next(const uint8_t **p, const uint8_t *end,
    struct packed_record *v, uint64_t *mask);

/* The number of a field, from 0 up, by its place in struct usage_record or, of
 * a name, by its kind; which must be one. */
enum { PACK_FIELDS = 34 };
int pack_field_of(size_t offset);
int pack_field_of_name(enum name_kind kind);

/* The same by the name of the member; the bit of its number. */
#define PACK_FIELD(member) pack_field_of(offsetof(struct usage_record, member))
#define PACK_BIT(member) (UINT64_C(1) << PACK_FIELD(member))

/*
 * Read the time and some kinds of names of one record, pass over its other
 * fields, and move *p behind it: a quarter of the work of pack_read() for those
 * who want few of many records.  What is passed over is not checked.
 */
struct pack_peek {
	int64_t time;
	uint32_t name[NAME_KINDS]; /* of the kinds asked for; 0: none */
	/* The rest is private. */
	uint64_t fields, mask;
	struct {
		uint8_t skip, field; /* so many fields are before that one */
	} step[64];
	unsigned steps, last_skip;
};

/* kinds has one bit for each enum name_kind. */
void pack_peek_init(struct pack_peek *k, uint32_t kinds);
bool pack_peek(const uint8_t **p, const uint8_t *end, struct pack_peek *k);

#endif
