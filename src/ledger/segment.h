#ifndef LEDGER_SEGMENT_H
#define LEDGER_SEGMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "ledger/pack.h"
#include "ledger/sums.h"

struct store;

/*
 * Where records are kept: rows of the table "segment", each with the packed
 * bytes of records whose ids follow each other.
 *
 *	first_id, n	ids first_id to first_id + n - 1
 *	t_min, t_max	their earliest and latest time, so that a report
 *			passes over segments outside its range
 *	head		the hash chain after the last of them: head(i) is
 *			SHA-256 of head(i - 1), the names that record i
 *			brought into the ledger, and its packed bytes; in a
 *			sealed segment, which has lost detail of records
 *			(retain.h), SHA-256 of that head and of data follows
 *	slots		the roll-up, of SMALL_GROUP records or more: sums by
 *			quarter of an hour (every zone's days begin and end on
 *			one), in time order: varints of the distance from the
 *			slot before, sums_pack()ed sums
 *	data		the packed records
 *
 * A row of its own for every record, with indexes, was measured at 160 to
 * 320 bytes a record and 62,000 records a second; this is a quarter of that
 * and several times as fast, to write and to read.
 *
 * A commit adds a segment, or several when it has many records.  When the
 * ids pass a multiple of SMALL_GROUP or of GROUP, the segments since the one
 * before become one, so that a million single records are a thousand rows.
 * Joining is copying: records do not depend on their neighbours.  What is
 * sealed is not joined.
 */
enum {
	SEGMENT_GROUP = 1024,
	SEGMENT_SMALL_GROUP = 32,
	SEGMENT_MAX_BYTES = 1 << 20,
	SLOT_MS = 15 * 60 * 1000,
	HEAD_SIZE = 32,
	SEALED_SIZE = 64,
};

/* Times are from 1970 to 9999, so this is plain division. */
static inline int64_t
slot_of(int64_t ms)
{
	return ms / SLOT_MS;
}

/* Records that are not written yet: they will be one row. */
struct segment_piece {
	int64_t first_id;
	int64_t n;
	int64_t t_min, t_max;
	uint8_t head[HEAD_SIZE];
	size_t start, len; /* in segments.data */
};

struct segments {
	struct store *store;
	bool at_end;     /* these were read, in this transaction: */
	int64_t last_id; /* 0: none */
	uint8_t head[HEAD_SIZE];
	struct segment_piece *piece;
	size_t pieces;
	bool piece_open; /* the last piece takes more */
	struct tk_buf data;
	size_t *start; /* of each pending record, in data */
	size_t pending, room;
	struct { /* the segment that was fetched from last */
		int64_t first_id;
		struct tk_buf data;
		size_t *start;
		size_t n, room;
	} cache;
	struct stmt *tail, *at, *before, *insert, *remove;
};

struct segments *segments_new(struct store *st);
void segments_free(struct segments *s); /* NULL is fine */

/* Drop what is pending: at the begin, and after a rollback. */
void segments_forget(struct segments *s);

/* In a transaction, before last_id is looked at and the first record is
 * appended: read where the ledger ends. */
int segments_find_end(struct segments *s, struct tk_err *err);

/*
 * Append one record: names is what the chain takes in of names that are new
 * with it (see chain_name()).  Returns its id.
 */
int64_t segments_append(struct segments *s, const struct usage_record *r,
    const uint32_t name[NAME_KINDS], const struct tk_buf *names);

/* Write what is pending; before the commit. */
int segments_flush(struct segments *s, struct tk_err *err);

/* 1: read, with texts that stay until the next call; 0: no such id. */
int segments_fetch(struct segments *s, int64_t id, struct packed_record *v,
    struct tk_err *err);

/* What the hash chain knows of a new name. */
void chain_name(struct tk_buf *b, enum name_kind kind, uint32_t id,
    const char *name);
void chain_step(uint8_t head[HEAD_SIZE], const struct tk_buf *names,
    const void *record, size_t len);

/* Behind the head that it begins with, the seal of that data. */
void segment_seal(uint8_t head[SEALED_SIZE], const void *data, size_t len);

/* The roll-up of n packed records; false if they are not n records. */
bool slots_build(struct tk_buf *b, const uint8_t *data, size_t len, int64_t n);

/* Walk over a roll-up: 1 with a slot, 0 at the end, -1 if it is damaged. */
struct slots_iter {
	const uint8_t *p, *end;
	int64_t slot;
	struct usage_sums sums;
};

int slots_next(struct slots_iter *it);

#endif
