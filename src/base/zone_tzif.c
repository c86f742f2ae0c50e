/* Reading TZif, the format of compiled time zones (RFC 9636). */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/zone_int.h"

enum { HEADER = 44, TYPE = 6 };

/* The counts of one header, in the order of the file. */
struct counts {
	uint32_t isut, isstd, leap, time, type, chars;
};

/* One data block: where its parts are, and how wide a time is. */
struct block {
	struct counts n;
	size_t width;
	const unsigned char *times, *indices, *types;
};

static uint32_t
be32(const unsigned char *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
	    (uint32_t)p[2] << 8 | p[3];
}

static int64_t
read_time(const struct block *b, size_t i)
{
	const unsigned char *p = b->times + i * b->width;

	if (b->width == 4)
		return (int32_t)be32(p);
	return (int64_t)((uint64_t)be32(p) << 32 | be32(p + 4));
}

static int32_t
read_offset(const struct block *b, size_t type)
{
	return (int32_t)be32(b->types + type * TYPE);
}

/*
 * Take the header and the block behind it from *p, with times of that width;
 * *p is then behind the block.
 */
static int
take_block(const unsigned char **p, const unsigned char *end, size_t width,
    struct block *b, struct tk_err *err)
{
	const unsigned char *h = *p;
	struct counts *n = &b->n;
	uint64_t size;

	if (end - h < HEADER || memcmp(h, "TZif", 4) != 0)
		return tk_fail(err, TK_DATA, "not a time zone file");
	*n = (struct counts){ be32(h + 20), be32(h + 24), be32(h + 28),
		be32(h + 32), be32(h + 36), be32(h + 40) };
	size = (uint64_t)n->time * (width + 1) + (uint64_t)n->type * TYPE +
	    n->chars + (uint64_t)n->leap * (width + 4) + n->isstd + n->isut;
	if (size > (uint64_t)(end - h - HEADER))
		return tk_fail(err, TK_DATA, "the time zone file is cut short");
	b->width = width;
	b->times = h + HEADER;
	b->indices = b->times + n->time * width;
	b->types = b->indices + n->time;
	*p = h + HEADER + size;
	return 0;
}

static int
check_block(const struct block *b, struct tk_err *err)
{
	if (b->n.type == 0)
		return tk_fail(err, TK_DATA, "the time zone file has no types");
	if (b->n.leap > 0)
		return tk_fail(err, TK_DATA,
		    "the time zone file counts leap seconds, which no clock "
		    "here does");
	for (size_t i = 0; i < b->n.type; i++)
		if (read_offset(b, i) < TK_OFFSET_MIN ||
		    read_offset(b, i) > TK_OFFSET_MAX)
			return tk_fail(err, TK_DATA,
			    "the time zone file has an impossible offset");
	for (size_t i = 0; i < b->n.time; i++)
		if (b->indices[i] >= b->n.type ||
		    (i > 0 && read_time(b, i) <= read_time(b, i - 1)))
			return tk_fail(err, TK_DATA,
			    "the transitions of the time zone file are not in "
			    "order");
	return 0;
}

/* "\nCET-1CEST,M3.5.0,M10.5.0/3\n", or nothing between the newlines. */
static int
parse_footer(const unsigned char *p, const unsigned char *end,
    struct tk_zone_rule *rule, struct tk_err *err)
{
	const char *s = (const char *)p + 1, *stop;

	*rule = (struct tk_zone_rule){ .set = false };
	if (p == end)
		return 0;
	stop = memchr(s, '\n', (size_t)(end - p - 1));
	if (*p != '\n' || stop == NULL)
		return tk_fail(err, TK_DATA, "the time zone file is cut short");
	if (stop > s && !tk_zone_rule_parse(s, (size_t)(stop - s), rule))
		return tk_fail(err, TK_DATA,
		    "the time zone file ends with a rule that makes no sense");
	return 0;
}

/* Changes of the name alone are left out. */
static void
copy_transitions(const struct block *b, struct tk_zone_table *t)
{
	size_t n = 0;

	t->at = tk_xcalloc((size_t)b->n.time + 1, sizeof(*t->at));
	t->offset = tk_xcalloc((size_t)b->n.time + 1, sizeof(*t->offset));
	t->offset[0] = read_offset(b, 0);
	for (size_t i = 0; i < b->n.time; i++) {
		int32_t offset = read_offset(b, b->indices[i]);

		if (offset == t->offset[n] && i + 1 < b->n.time)
			continue;
		t->at[n] = read_time(b, i);
		t->offset[++n] = offset;
	}
	t->n = n;
}

int
tk_zone_tzif_parse(const void *bytes, size_t len, struct tk_zone_table *t,
    struct tk_err *err)
{
	const unsigned char *p = bytes, *end = p + len;
	struct tk_zone_rule rule = { .set = false };
	struct block b;

	if (take_block(&p, end, 4, &b, err) < 0)
		return -1;
	/* From version 2 on, the first block is for old readers only. */
	if (((const unsigned char *)bytes)[4] != '\0') {
		if (take_block(&p, end, 8, &b, err) < 0 ||
		    parse_footer(p, end, &rule, err) < 0)
			return -1;
	}
	if (check_block(&b, err) < 0)
		return -1;
	copy_transitions(&b, t);
	t->rule = rule;
	return 0;
}

void
tk_zone_table_release(struct tk_zone_table *t)
{
	free(t->at);
	free(t->offset);
	*t = (struct tk_zone_table){ .n = 0 };
}

/* How many transitions are at or before sec. */
static size_t
passed(const struct tk_zone_table *t, int64_t sec)
{
	size_t low = 0, high = t->n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (t->at[mid] <= sec)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

struct tk_zone_span
tk_zone_table_at(const struct tk_zone_table *t, int64_t sec)
{
	struct tk_zone_span span = { INT64_MIN, INT64_MAX, 0 };
	size_t i = passed(t, sec);

	if (i == t->n && t->rule.set) {
		span = tk_zone_rule_at(&t->rule, sec);
		if (i > 0 && span.from < t->at[i - 1])
			span.from = t->at[i - 1];
		return span;
	}
	if (i > 0)
		span.from = t->at[i - 1];
	if (i < t->n)
		span.to = t->at[i];
	if (t->offset != NULL)
		span.offset = t->offset[i];
	return span;
}
