#ifndef LEDGER_COLUMNS_H
#define LEDGER_COLUMNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ledger/pack.h"

/*
 * Packed records read as columns: some fields of many records, one array for
 * each field, as reports want them.  That is a third of the work of reading
 * each record as a struct:
 *
 *	- Where the numbers of a record end is found out at once, from the top
 *	  bits of 64 bytes.  So no number waits for the one before it, and how
 *	  long they are makes no branch.
 *	- What there is to do for a mask of fields is planned once.  Ledgers
 *	  have a few dozen masks, which alternate.
 *	- Only fields that are asked for are made numbers.  Of the others it is
 *	  checked where they end, and no more.
 *
 * What is not easy (numbers of nine bytes and more, the last bytes of a
 * segment, what is damaged) is left to pack_read().
 */
enum { COLUMNS_ROWS = 128 };

struct record_columns {
	size_t n;       /* so many rows */
	uint64_t asked; /* a bit for each field, by its number (pack_field_of);
			 * not of texts, nor of cost_origin, which the cost
			 * changes */
	uint64_t seen;  /* in the other columns all have the usual value */
	int64_t id[COLUMNS_ROWS];
	int64_t v[PACK_FIELDS][COLUMNS_ROWS]; /* of fields asked for; a name is
					       * its id, 0: none */
	/* The rest is private. */
	uint64_t written; /* columns that have other than the usual values */
	struct columns_plan *plan;
	bool fast; /* this processor has instructions for it */
};

struct record_columns *columns_new(uint64_t asked);
void columns_free(struct record_columns *c); /* NULL is fine */

/* No rows from now on. */
void columns_empty(struct record_columns *c);

/*
 * Read records from *p on, the first of which has this id, until there are no
 * more or COLUMNS_ROWS rows, and move *p behind them.  False: at *p, behind
 * the rows that there are, is no record.
 */
bool columns_read(struct record_columns *c, const uint8_t **p,
    const uint8_t *end, int64_t first_id);

/* Keep the rows whose numbers are listed, in their order.  Read no more until
 * it is empty. */
void columns_keep(struct record_columns *c, const uint8_t *row, size_t rows);

/* Append a record. */
void columns_add(struct record_columns *c, const struct packed_record *v);

#endif
