#ifndef LEDGER_CUBE_H
#define LEDGER_CUBE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "ledger/pack.h"
#include "ledger/sums.h"

struct store;

/*
 * Cubes, as data warehouses call them: sums by sets of dimensions, so that
 * "report by model" need not read every record.
 *
 * When the ids pass a multiple of CUBE_GROUP, the records of that group are
 * summed by some sets of dimensions, and each set that has few enough
 * different values becomes a row of the table "cube":
 *
 *	id	group number * 2^16 + the set, one bit for each enum name_kind,
 *		and CUBE_PRIORITY, CUBE_HOUR and CUBE_TIER
 *	t_min, t_max	the earliest and latest time in the group
 *	n	how many entries
 *	data	the entries, in the order of their first records: for each
 *		dimension of the set, lowest bit first, a varint of the name
 *		id, the priority (0: unknown), the hour (of UTC, since 1970)
 *		or the tier; varints of the first time after t_min and of the
 *		last after the first; sums_pack()ed sums
 *
 * The set 0 is always there: the sums of the whole group.  A query is
 * answered by any set that has all of its dimensions.  Records are never
 * changed, so neither are cubes; what was taken back is in them twice,
 * with opposite signs.  Which sets are tried may grow from version to version:
 * a group has those of the version that made it.
 *
 * An hour is what days and weeks of most zones are made of.  Where one is not,
 * because a zone's midnight falls into it, its records are read: one hour of
 * each day.  Quarters of an hour would be four times as many entries.
 */
enum {
	CUBE_GROUP = 1 << 16,
	CUBE_MAX_ENTRIES = CUBE_GROUP / 4,
	CUBE_MAX_HOURLY = CUBE_GROUP / 8, /* entries of a set with the hour */
	CUBE_PRIORITY = 1 << 13,          /* names are all bits below */
	CUBE_HOUR = 1 << 14,
	CUBE_TIER = 1 << 15,
	CUBE_BITS = 16,
	CUBE_MAX_DIMS = 6,
	CUBE_HOUR_MS = 3600000,
};

static inline int64_t
cube_group_of(int64_t id)
{
	return (id - 1) / CUBE_GROUP;
}

/* Make: add the records of one group, then take each set. */
struct cube;

struct cube *cube_new(void);
void cube_free(struct cube *t); /* NULL is fine */
void cube_add(struct cube *t, const struct packed_record *v);

struct cube_set {
	uint32_t dims;
	int64_t n, t_min, t_max;
	struct tk_buf data;
};

/*
 * The next set, with data that stays until the next call: 1; 0: no more.
 * The cube is empty then.  A group whose sums might not fit 63 bits, which
 * nobody's are, has no sets and is always read record by record.
 */
int cube_next(struct cube *t, struct cube_set *set);

/*
 * In a transaction: make the cubes of up to max groups that are complete
 * and have none, the oldest first.
 */
int cube_update(struct store *st, int64_t last_id, int max, struct tk_err *err);

/* Are the sets that are stored for that group, if any are, as they are made
 * now?  1: yes; 0: no.  The cube is empty then. */
int cube_check(struct cube *t, struct store *st, int64_t group,
    struct tk_err *err);

/* An entry, as it is read back. */
struct cube_entry {
	uint32_t id[CUBE_MAX_DIMS]; /* of the dimensions of the set */
	int64_t first, last;
	struct usage_sums sums;
};

struct cube_iter {
	const uint8_t *p, *end;
	uint32_t dims;
	int64_t t_min;
	struct cube_entry entry;
};

/* 1 with an entry, 0 at the end, -1 if it is damaged. */
int cube_read(struct cube_iter *it);

#endif
