#ifndef BASE_ZONE_INT_H
#define BASE_ZONE_INT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct tk_buf;
struct tk_zone;

/*
 * The inside of a time zone; for src/base/zone*.c.
 *
 * A zone is a table of transitions, from a TZif file (RFC 9636), and a rule
 * for the time behind the last of them, from the file's footer or from a
 * POSIX TZ string.  Either may be missing; without both it is UTC.
 * All times here are seconds since 1970-01-01T00:00:00Z, and offsets are
 * seconds east of UTC.
 */

/* The range of offsets in RFC 9636: a little more than a day each way. */
enum { TK_OFFSET_MIN = -89999, TK_OFFSET_MAX = 93599 };

/* One edge of daylight saving time: a day of the year, and when on it. */
struct tk_zone_edge {
	enum { EDGE_JULIAN, EDGE_DAY, EDGE_WEEK } kind;
	int month, week, day; /* Jn: day 1..365; n: 0..365; Mm.w.d */
	int32_t seconds;      /* of local time, -167 to 167 hours */
};

struct tk_zone_rule {
	bool set;
	bool has_dst;
	int32_t std, dst;
	struct tk_zone_edge start, end;
};

/* The time around an instant in which the offset is the same. */
struct tk_zone_span {
	int64_t from, to; /* half-open; INT64_MIN, INT64_MAX: for ever */
	int32_t offset;
};

struct tk_zone_table {
	size_t n;
	int64_t *at;     /* n, ascending */
	int32_t *offset; /* n + 1: before at[0], from at[0] on, ... */
	struct tk_zone_rule rule;
};

/* Bytes of a TZif file; *t is untouched on failure. */
int tk_zone_tzif_parse(const void *bytes, size_t len, struct tk_zone_table *t,
    struct tk_err *err);
void tk_zone_table_release(struct tk_zone_table *t);
struct tk_zone_span tk_zone_table_at(const struct tk_zone_table *t,
    int64_t sec);

/* A POSIX TZ string, with the wider hours of RFC 9636. */
bool tk_zone_rule_parse(const char *s, size_t len, struct tk_zone_rule *r);
struct tk_zone_span tk_zone_rule_at(const struct tk_zone_rule *r, int64_t sec);

/* The path of a name in the database; false if there is no such file, or if
 * the name leads out of it. */
bool tk_zone_path(const char *name, struct tk_buf *path);

/* The bytes of a regular file, of a size that a zone can have. */
int tk_zone_read(const char *path, struct tk_buf *bytes, struct tk_err *err);

/* Fail, with the name that may have been meant. */
int tk_zone_unknown(const char *name, struct tk_err *err);

/* What a UTC clock would show when the local one shows what it does at ms. */
int64_t tk_zone_local(const struct tk_zone *z, int64_t ms);
bool tk_zone_is_utc(const struct tk_zone *z);

/* The civil calendar without the limits of tk_day_from_civil(). */
int64_t tk_civil_to_days(int64_t year, int month, int mday);
int64_t tk_civil_from_days(int64_t days, int *month, int *mday);

#endif
