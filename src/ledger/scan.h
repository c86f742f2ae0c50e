#ifndef LEDGER_SCAN_H
#define LEDGER_SCAN_H

#include <stdbool.h>
#include <stdint.h>

#include "ledger/ledger.h"
#include "ledger/pack.h"
#include "ledger/sums.h"

struct record_columns;

/*
 * Reading many records, fast and in constant memory but for the ids of what
 * was taken back, of which there are few.
 *
 * A filter names what is wanted; each kind of name may have several, of
 * which any will do.  The range is half-open, in ms.
 */
struct ledger_filter {
	int64_t since, until;   /* INT64_MIN, INT64_MAX: all */
	int64_t min_id, max_id; /* 0, INT64_MAX: all; both belong to it */
	const char *const *name[NAME_KINDS];
	size_t names[NAME_KINDS];
	/* What else they must be, if not NULL.  Two threads may ask it at once;
	 * v has ids for names.  keep_kinds is what it looks at, as the kinds of
	 * ledger_each_cube(), if that is all: else cubes are of no use. */
	bool (*keep)(const struct packed_record *v, const void *data);
	const void *keep_data;
	uint32_t keep_kinds;
};

void ledger_filter_init(struct ledger_filter *f);
bool ledger_filter_is_all(const struct ledger_filter *f); /* but for time */

/*
 * Walk over the records in the order of their ids, as they are when it is
 * opened, whoever writes meanwhile; close it before ledger_begin().  With
 * SCAN_STANDING what was taken back, and what took it back, is left out; sums
 * are the same with and without.  A name in the filter that the ledger does not
 * know is TK_NOTFOUND, with a suggestion.
 */
enum scan_flags { SCAN_ALL = 0, SCAN_STANDING = 1 << 0 };

struct ledger_scan;

int ledger_scan_open(struct ledger_scan **s, struct ledger *l,
    const struct ledger_filter *f, enum scan_flags flags, struct tk_err *err);
/* 1: the texts of v stay until the next call; names are ids until
 * ledger_scan_resolve().  0: no more. */
int ledger_scan_next(struct ledger_scan *s, struct packed_record **v,
    struct tk_err *err);
int ledger_scan_resolve(struct ledger_scan *s, struct packed_record *v,
    struct tk_err *err);
void ledger_scan_close(struct ledger_scan *s); /* NULL is fine */

/* Names of these kinds alone, one bit each, will be wanted of resolve; others
 * stay NULL. */
void ledger_scan_want(struct ledger_scan *s, uint32_t kinds);

/*
 * All of them, in no order, as fast as two processors can: fn gets each record
 * once, as a row of columns, which have these fields and those that the filter
 * looks at.  Some rows come with data and, from another thread, some with
 * other, if that is not NULL and there are many.  fn must not use the ledger
 * then.
 */
typedef void ledger_columns_fn(const struct record_columns *c, void *data);
int ledger_scan_all(struct ledger *l, const struct ledger_filter *f,
    enum scan_flags flags, uint64_t fields, ledger_columns_fn *fn, void *data,
    void *other, struct tk_err *err);

/*
 * All of them in the order of their ids, in pieces that two threads work on.
 * A piece is some memory of the caller, of which there are a few; with one, or
 * few records, there is one thread.
 *
 *	begin	the piece is empty from now on
 *	record	the next record of the piece: 1; 0 if that takes the ledger,
 *		which is NULL in the other thread: then the piece begins
 *		again in this one; -1.  v has ids for names.
 *	done	pieces that are whole, in order, in the calling thread: 0; 1 if
 *		that is enough; -1
 *	ahead	the records up to this id will soon be worked on; in the
 *		calling thread, may be NULL
 */
struct ledger_piece_fns {
	void (*begin)(void *piece);
	int (*record)(const struct packed_record *v, struct ledger *l,
	    void *piece, struct tk_err *err);
	int (*done)(void *piece, void *data, struct tk_err *err);
	int (*ahead)(int64_t last_id, void *data, struct tk_err *err);
};

enum { LEDGER_PIECES = 8 }; /* more are of no use */

int ledger_scan_pieces(struct ledger *l, const struct ledger_filter *f,
    enum scan_flags flags, const struct ledger_piece_fns *fn,
    void *const *piece, size_t pieces, void *data, struct tk_err *err);

/*
 * The max records that are latest by time (then by id): fn gets them newest
 * first.  Only segments that can hold one of them are read.
 */
typedef int ledger_record_fn(struct packed_record *v, void *data,
    struct tk_err *err);
int ledger_latest(struct ledger *l, const struct ledger_filter *f,
    enum scan_flags flags, size_t max, ledger_record_fn *fn, void *data,
    struct tk_err *err);

/*
 * The sums by quarter of an hour, from the roll-ups, for filters that are
 * all but for time: fn gets slots that overlap the range, or, for segments
 * that have no roll-up and slots that the range cuts, single records.  So
 * the cost depends on how long the range is, not on how much was used.
 */
struct ledger_slot {
	int64_t start, end; /* ms; for a single record, its time and +1 */
	struct usage_sums sums;
};

typedef int ledger_slot_fn(const struct ledger_slot *slot, void *data,
    struct tk_err *err);

/* fn returns 0, LEDGER_SPLIT to get the records of this slot one by one
 * (when it crosses something that matters), or -1. */
enum { LEDGER_SPLIT = 1 };

int ledger_each_slot(struct ledger *l, int64_t since, int64_t until,
    ledger_slot_fn *fn, void *data, struct tk_err *err);

/*
 * Sums by names and hours, for a query by these kinds (one bit for each enum
 * name_kind, CUBE_PRIORITY, CUBE_HOUR, CUBE_TIER) that filters by names and
 * time: from the cubes of groups of records where there are any that know those
 * kinds, else record by record.  If any cube can be used, what was taken back
 * is in first and last and among the records, with what took it back; else it
 * is left out as with SCAN_STANDING.  The sums are the same.
 *
 * If hours are asked for, splits says of which the records are wanted one by
 * one, because a day, say, ends in it.
 */
struct ledger_cube {
	uint32_t name[NAME_KINDS]; /* of the kinds asked for; others: 0 */
	int64_t priority, tier;
	int64_t first, last; /* ms */
	struct usage_sums sums;
};

struct ledger_cube_fns {
	void (*cube)(const struct ledger_cube *t, void *data);
	ledger_columns_fn *records; /* as of ledger_scan_all(): */
	uint64_t fields;
	bool (*splits)(int64_t start, int64_t end, void *data);
};

int ledger_each_cube(struct ledger *l, const struct ledger_filter *f,
    uint32_t kinds, const struct ledger_cube_fns *fn, void *data, void *other,
    struct tk_err *err);

#endif
