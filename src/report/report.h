#ifndef REPORT_REPORT_H
#define REPORT_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/choice.h"
#include "base/err.h"
#include "ledger/scan.h"
#include "ledger/sums.h"

struct latency;
struct stream;
struct tk_buf;
struct tk_zone;

/*
 * The one query that every report asks: records that pass a filter, grouped
 * by up to REPORT_MAX_DIMS dimensions, summed.  Two reports cannot disagree.
 *
 * Days, weeks, months and hours are those of the zone, cut at its own
 * midnights.  A query by time alone, for all records, reads the roll-ups;
 * any other reads the records.
 */
enum report_dim {
	/* Names, as enum name_kind counts them. */
	DIM_NAMES = NAME_KINDS,
	DIM_HOUR = DIM_NAMES, /* an instant: ms */
	DIM_DATE,             /* a day number of base/time.h */
	DIM_WEEK,             /* the day number of its first day */
	DIM_MONTH,            /* 12 * year + month - 1 */
	DIM_TIER,
	DIM_PRIORITY,    /* enum record_priority; 0: not known */
	DIM_SUCCESS,     /* 1; 0: the record has an error */
	DIM_WEEKDAY,     /* in the zone; 0 is Monday */
	DIM_HOUR_OF_DAY, /* what the clock shows: 0 to 23 */
	DIM_DEPARTMENT,  /* of the user at that time; a number of its name */
	DIM_FAMILY,      /* of the model; a number of its name */
};

/* "user", "date", ...: what --by takes. */
extern const struct tk_choice report_dims[];
const char *report_dim_key(enum report_dim dim);

enum { REPORT_MAX_DIMS = 4 };

/*
 * Who belongs to which department is known above this module: call add for
 * each that the user was in, in the order of time; NULL or "" is none.  The
 * first holds for all time before, too.
 */
typedef void report_department_add(int64_t since, const char *department,
    void *data);
typedef int report_departments_fn(struct ledger *l, const char *user,
    report_department_add *add, void *data, struct tk_err *err);

/*
 * The family of a model, from its name: the letters it begins with, in lower
 * case, behind who sells it ("openai/", "us.anthropic."); of gpt-4.1-mini it
 * is gpt.  A name that begins with no letter is its own family.
 */
void report_model_family(struct tk_buf *b, const char *model);

/* How rows may be ordered; ties by their keys. */
enum report_order {
	ORDER_KEYS,
	ORDER_TOKENS,
	ORDER_COST,
	ORDER_REQUESTS,
	ORDER_LAST,
};

struct report_query {
	struct ledger_filter filter;
	const struct tk_zone *zone;
	int64_t now;    /* first and last are exact around it */
	int week_start; /* 0 is Monday */
	enum report_dim dim[REPORT_MAX_DIMS];
	size_t dims;
	report_departments_fn *departments; /* for DIM_DEPARTMENT */
	bool latency; /* rows have it; then the records are read */
	enum report_order order;
	bool reverse;
	size_t top;  /* only so many rows; 0: all */
	bool stream; /* rows are taken with report_next() alone */
};

struct report_row {
	int64_t key[REPORT_MAX_DIMS];      /* a name id or what the dim says */
	const char *name[REPORT_MAX_DIMS]; /* of a name; NULL: none */
	struct usage_sums sums;
	int64_t first, last; /* the earliest and latest time in it, ms; to the
			      * quarter of an hour when from roll-ups */
	struct latency *latency; /* if asked for and known of any record */
	const struct usage_sums *before; /* compare.h's; NULL: none */
};

struct report {
	struct report_row *row; /* NULL when there are more than memory has
				 * room for, and q->stream */
	size_t rows;
	struct stream *stream; /* private, for report_next() */
	bool bare;             /* set it where rows may come without names */
	size_t at;
	struct usage_sums total;
	int64_t first, last;
	char **text; /* the names of departments and families */
	size_t texts;
};

/* Rows are in the order asked for: by their keys, if nothing is, and names by
 * their text.  The total, first and last are those of all, whatever q->top. */
int report_run(struct report *r, struct ledger *l, const struct report_query *q,
    struct tk_err *err);
void report_release(struct report *r);

/* The rows, one by one, each of which stays until the next is asked for: 1; 0:
 * no more; -1. */
int report_next(struct report *r, const struct report_row **row,
    struct tk_err *err);
/* That row has its names from now on, though r->bare. */
int report_name(struct report *r, struct tk_err *err);

extern const struct tk_choice report_orders[];

/* Another order for the rows that there are. */
void report_sort(struct report *r, const struct report_query *q,
    enum report_order by, bool reverse);

/* The key as text: a name ("" when there is none), "2026-11-21". */
void report_key_text(struct tk_buf *b, const struct report_query *q,
    const struct report_row *row, size_t d);

/* Whether it is a name, not a number; whether the time of a record says it. */
bool report_dim_is_name(enum report_dim dim);
bool report_dim_is_time(enum report_dim dim);

/* The key of the hour, date, week or month that an instant is in. */
int64_t report_time_key(const struct report_query *q, enum report_dim dim,
    int64_t ms);

/* When a date, week or month ends, as an instant. */
int64_t report_key_end(const struct report_query *q, enum report_dim dim,
    int64_t key);
int64_t report_key_start(const struct report_query *q, enum report_dim dim,
    int64_t key);

/*
 * Models without a price, for a warning: up to max names (at most 8) are
 * appended, separated by ", ", and ", ..." if there are more.  Looks at a
 * bounded number of records.
 */
int report_unpriced_models(struct tk_buf *b, struct ledger *l,
    const struct ledger_filter *f, int max, struct tk_err *err);

#endif
