#ifndef INGEST_FIELD_H
#define INGEST_FIELD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "ledger/record.h"

struct tk_zone;

/*
 * Values by name: what the columns of CSV, the keys of JSON Lines and the
 * flags of "usage record" have in common.
 *
 *	field_row_init(&row, zone);
 *	if (field_find(&field, "input_tokens", 12))
 *		field_set(&row, &field, "1200", 4, &err);
 *	...
 *	field_finish(&row, &err);	row.record is complete
 *
 * Names are those of record_fields[], the others that exports have
 * (total_tokens, cache_write_tokens, success, ...), and the aliases of other
 * programs (timestamp, app, prompt_tokens, ...), in any case and with '-' or
 * ' ' for '_'.  An empty value is one that is not known.
 */
struct field {
	const char *key;               /* the name in messages */
	int number;                    /* its bit in field_row.given */
	const struct record_field *of; /* NULL: a total */
};

bool field_find(struct field *f, const char *name, size_t n);

/* Columns of our own exports that say nothing new about a record. */
bool field_is_derived(const char *name, size_t n);

struct field_row {
	struct usage_record record;
	const struct tk_zone *zone; /* of times that name none; NULL: refuse */
	uint64_t given;             /* which fields have a value */
	int64_t total, cache_write; /* as they were given */
	bool failed;                /* success was given, and false */
	bool computed;              /* the cost is not the caller's own */
};

void field_row_init(struct field_row *row, const struct tk_zone *zone);

/*
 * Set one field.  value[n] is NUL, and texts are not copied.  A value that
 * is no count, no time and so on is TK_DATA, with the field's name in it.
 */
int field_set(struct field_row *row, const struct field *f, const char *value,
    size_t n, struct tk_err *err);

/* It was set, and not to an empty value. */
bool field_is_given(const struct field_row *row, const struct field *f);

/* A count of tokens was given, even if it was 0. */
bool field_has_tokens(const struct field_row *row);

/*
 * After the last field: fill in what totals say about the parts that were
 * not given, and refuse totals that disagree with the parts.
 */
int field_finish(struct field_row *row, struct tk_err *err);

#endif
