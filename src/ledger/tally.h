#ifndef LEDGER_TALLY_H
#define LEDGER_TALLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "ledger/pack.h"
#include "ledger/sums.h"

struct store;

/*
 * Sums by name, so that "report by model" need not read every record.
 *
 * When the ids pass a multiple of TALLY_GROUP, the records of that group are
 * summed by some sets of dimensions, and each set that has few enough
 * different values becomes a row of the table "tally":
 *
 *	id	group number * 2^16 + the set, one bit for each enum name_kind,
 *		and TALLY_TIER
 *	t_min, t_max	the earliest and latest time in the group
 *	n	how many entries
 *	data	the entries, in the order of their first records: for each
 *		dimension of the set, lowest bit first, a varint of the name
 *		id or tier; varints of the first time after t_min and of the
 *		last after the first; sums_pack()ed sums
 *
 * The set 0 is always there: the sums of the whole group.  A query is
 * answered by any set that has all of its dimensions.  Records are never
 * changed, so neither are tallies; what was taken back is in them twice,
 * with opposite signs.  Sessions have no set: there are too many.
 */
enum {
	TALLY_GROUP = 1 << 16,
	TALLY_MAX_ENTRIES = TALLY_GROUP / 4,
	TALLY_TIER = 1 << 15,
	TALLY_MAX_DIMS = 4,
};

static inline int64_t
tally_group_of(int64_t id)
{
	return (id - 1) / TALLY_GROUP;
}

/* Make: add the records of one group, then take each set. */
struct tally;

struct tally *tally_new(void);
void tally_free(struct tally *t); /* NULL is fine */
void tally_add(struct tally *t, const struct packed_record *v);

struct tally_set {
	uint32_t dims;
	int64_t n, t_min, t_max;
	struct tk_buf data;
};

/*
 * The next set, with data that stays until the next call: 1; 0: no more.
 * The tally is empty then.  A group whose sums might not fit 63 bits, which
 * nobody's are, has no sets and is always read record by record.
 */
int tally_next(struct tally *t, struct tally_set *set);

/*
 * In a transaction: make the tallies of up to max groups that are complete
 * and have none, the oldest first.
 */
int tally_update(struct store *st, int64_t last_id, int max,
    struct tk_err *err);

/* Are these the sets that are stored for that group, if any are? 1: yes; 0:
 * no.  The tally is empty then. */
int tally_check(struct tally *t, struct store *st, int64_t group,
    struct tk_err *err);

/* An entry, as it is read back. */
struct tally_entry {
	uint32_t id[TALLY_MAX_DIMS]; /* of the dimensions of the set */
	int64_t first, last;
	struct usage_sums sums;
};

struct tally_iter {
	const uint8_t *p, *end;
	uint32_t dims;
	int64_t t_min;
	struct tally_entry entry;
};

/* 1 with an entry, 0 at the end, -1 if it is damaged. */
int tally_read(struct tally_iter *it);

#endif
