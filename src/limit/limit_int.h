#ifndef LIMIT_LIMIT_INT_H
#define LIMIT_LIMIT_INT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/time.h"
#include "ledger/ledger.h"
#include "ledger/segment.h"
#include "limit/crossing.h"
#include "limit/limit.h"
#include "store/store.h"

/*
 * Counters.
 *
 * A tally says what is counted: one scope, by one kind of period, in one
 * zone, as "users by day in Europe/Berlin".  It is made with the first limit
 * that needs it and counts everybody of that scope, so that another limit
 * for another user costs nothing to set.  A counter is one number of it: that
 * of user alice on a certain day.
 *
 * since: periods that begin before it are not counted (INT64_MIN: all are).
 * Who asks for one of them gets it from the records themselves.
 *
 * A rolling window is counted in minutes, hours and days, so that a sum over
 * 30 days takes some hundred rows.
 */
enum tally_sum {
	TALLY_REQUESTS,
	TALLY_TOKENS,
	TALLY_COST,         /* pico-dollars */
	TALLY_UNPRICED,     /* requests without a price, and their tokens: */
	TALLY_BLIND_INPUT,  /* as input */
	TALLY_BLIND_OUTPUT, /* as output, or not split */
	TALLY_HOLDS,        /* active */
	TALLY_HELD_TOKENS,
	TALLY_HELD_COST,
	TALLY_SUMS,
};

struct tally_sums {
	tk_int128 v[TALLY_SUMS];
};

void tally_sums_add(struct tally_sums *s, const struct tally_sums *more,
    int sign);
bool tally_sums_zero(const struct tally_sums *s);

struct tally {
	int64_t id;
	enum limit_scope scope;
	enum limit_period period;
	char *zone_name; /* "" where it does not matter */
	struct tk_zone *zone;
	int64_t since;
	struct tk_range span; /* the period that was asked for last */
};

/* One counter. */
struct tally_key {
	size_t tally; /* in limits.tally */
	const char *name, *name2, *session;
	int64_t start;
};

/* What is to be added to a counter at the commit. */
struct book_entry {
	struct tally_key key;
	uint32_t hash;
	int64_t latest; /* time of what was added */
	struct tally_sums sums;
};

/* From texts to anything: a table of the transaction. */
struct limit_map {
	struct limit_map_slot {
		char *key;
		uint32_t hash;
		void *value;
	} * slot;
	size_t cap, n;
};

void **limit_map_at(struct limit_map *m, const char *key, size_t len,
    bool *fresh);
void limit_map_release(struct limit_map *m, void (*free_value)(void *));

struct book {
	struct book_entry *v;
	size_t n, room;
	uint32_t *slot; /* entry + 1; a power of two of them */
	size_t slots;
	struct limit_map texts; /* those that nobody else keeps */
};

/* A counter as the database has it, read in this transaction. */
struct counter_seen {
	struct tally_key key;
	struct tally_sums sums;
};

enum { COUNTERS_SEEN = 16 };

/*
 * Everything that src/limit keeps for an open ledger.
 *
 * Tallies, parts and members change only together with an entry of the audit
 * chain.  So they are kept from one transaction to the next and read anew
 * when the chain has another end: that is one look for each transaction.
 */
struct limits {
	struct ledger *l;
	struct store *st;
	bool loaded;  /* what is kept was compared, in this transaction */
	bool again;   /* not for the first time */
	bool kept;    /* what is kept belongs to head */
	bool changed; /* ... and to what this transaction wrote */
	uint8_t head[HEAD_SIZE];
	struct counter_seen seen[COUNTERS_SEEN];
	size_t nseen;
	struct tally *tally;
	size_t n;
	unsigned mask; /* of scopes that have a tally */
	int listening; /* of limit_listener; -1: not asked yet */
	struct book book;
	struct limit_map parts;   /* of a name: struct part_list */
	struct limit_map members; /* of a user: struct member_list */
	struct limit_prices prices;
	int64_t keep; /* ms that are kept of what is past; 0: all is */
	struct stmt *chain, *tallies, *read, *write, *window, *after;
	struct stmt *quota, *budget, *member, *person;
	int64_t none_until; /* no hold expires until then; of the transaction */
	struct stmt *any_expired, *expired, *hold, *hold_last, *hold_add,
	    *hold_end;
	struct stmt *hold_request, *hold_answer;
	struct stmt *crossed, *crossed_add, *prune;
	char uuid[33]; /* "" until asked for */
};

struct limits *limits_of(struct ledger *l);

/* See once a transaction that tallies are what the ledger has. */
int limits_load(struct limits *L, struct tk_err *err);
/* The tally that counts this; NULL: there is none. */
struct tally *limits_tally(struct limits *L, enum limit_scope scope,
    enum limit_period period, const char *zone);
/* Between two transactions. */
void limits_forget(struct limits *L);
/* Limits, tallies or departments were written: nothing that is kept holds. */
void limits_changed(struct limits *L);

/* tally.c: make the one that is needed; then count what those from that
 * number on have missed. */
int tally_need(struct limits *L, enum limit_scope scope,
    enum limit_period period, bool rolling, const char *zone, int64_t now,
    struct tk_err *err);
int tally_fill(struct limits *L, size_t from, struct tk_err *err);
/* Count one scope again, whose names mean something else now. */
int tally_refill(struct limits *L, enum limit_scope scope, struct tk_err *err);
/* Drop those that no limit needs. */
int tally_drop_unused(struct limits *L, struct tk_err *err);

/* The texts of a record's names that limits ask for. */
int limits_subject(struct limits *L, const uint32_t *name,
    struct limit_subject *s, struct tk_err *err);

/* The period of a tally that holds the instant. */
const struct tk_range *tally_span(struct tally *t, int64_t ms);

/* scope.c: a zone by the name that is stored. */
int limit_zone_open(struct tk_zone **z, const char *name, struct tk_err *err);

/* The name of a subject in a scope; false if it has none. */
bool limit_subject_name(const struct limit_subject *s, const char *department,
    enum limit_scope scope, const char **name, const char **name2);

/*
 * Add to every counter that counts this subject at this time, of the tallies
 * from that number on.  The texts stay until the commit, or keep is set.
 */
int book_add(struct limits *L, struct book *b, const struct limit_subject *s,
    int64_t time, const struct tally_sums *sums, bool keep, size_t from,
    struct tk_err *err);
void book_reset(struct book *b);
void book_release(struct book *b);
/* Write what was added, and tell of the thresholds that were crossed. */
int book_flush(struct limits *L, struct tk_err *err);
/* Write it, of tallies that count for the first time. */
int book_write(struct limits *L, struct book *b, struct tk_err *err);

/* The sums of a record, or of a hold; sign 1 or -1. */
void tally_sums_of_record(struct tally_sums *s, const struct usage_record *r);
void tally_sums_of_hold(struct tally_sums *s, const struct limit_hold *h,
    int sign);

/* Keep what was read, until a counter is written; the texts of k stay until
 * the end of the transaction. */
void counter_see(struct limits *L, const struct tally_key *k,
    const struct tally_sums *s);
/* 1: read; 0: there is none, and the sums are 0. */
int counter_read(struct limits *L, const struct tally_key *k,
    struct tally_sums *s, struct tk_err *err);
bool counter_unpack(const void *bytes, size_t len, struct tally_sums *s);
void counter_pack(struct tk_buf *b, const struct tally_sums *s);

/* Count the records and the active holds themselves. */
int limits_count(struct limits *L, struct book *b, size_t from,
    struct tk_err *err);
int limits_count_one(struct limits *L, const struct limit_name *n,
    const char *session, int64_t since, int64_t until, struct tally_sums *s,
    struct tk_err *err);

/* A limit for one period: a budget, or one of the numbers of a quota. */
struct limit_part {
	enum limit_kind kind;
	int64_t id, version;
	struct limit_name of; /* texts of the list */
	enum limit_period period;
	bool rolling;
	const char *zone;
	tk_int128 amount;
	int64_t threshold[CROSSING_MAX]; /* ascending, the last CROSSING_FULL */
	size_t thresholds;
	int64_t critical;
	bool block, carry;
	int64_t added;
	/* At which it tells: those, and what rules add; 0: not asked yet. */
	int64_t line[CROSSING_MAX];
	int lines;
};

struct part_list {
	struct limit_part *v;
	size_t n;
	char *name, *name2;
	char **zones; /* what zone points to */
	size_t nzones;
};

/* The limits of a name; they stay until the end of the transaction. */
int limits_parts(struct limits *L, const struct limit_name *n,
    const struct part_list **list, struct tk_err *err);

/* What is used of a part, at that time. */
struct part_state {
	tk_int128 amount; /* with what was carried over */
	tk_int128 used, held;
	int64_t start, resets_at; /* 0: never */
	struct tally_sums sums;
};

/* unswept: without holds that expired before now, for who only reads. */
int part_state(struct limits *L, const struct limit_part *p, int64_t now,
    const char *session, bool unswept, struct part_state *s,
    struct tk_err *err);
/* What sums are in the unit of a part. */
tk_int128 part_used(const struct limits *L, const struct limit_part *p,
    const struct tally_sums *s);

tk_int128 part_held(const struct limit_part *p, const struct tally_sums *s);
/* An error: no tally counts what it needs. */
int part_not_counted(const struct limit_part *p, struct tk_err *err);

/* Tell of the thresholds between before and after that did not cross yet. */
int crossing_tell(struct limits *L, struct limit_part *p, int64_t start,
    const char *session, int64_t time, tk_int128 before, tk_int128 after,
    tk_int128 amount, struct tk_err *err);

/* A limit was set: tell of what is passed already, less what the same amount
 * told of with those thresholds, of which there are n (-1: it is new). */
int crossing_set(struct limits *L, struct limit_part *p, int64_t now,
    const int64_t *ppm, int n, struct tk_err *err);

/* member.c: the department of a user at that time; NULL: none. */
void limits_forget_members(struct limits *L);
int limits_department(struct limits *L, const char *user, int64_t time,
    const char **department, struct tk_err *err);
/* It is that one ("": none) from now on. */
int member_set(struct limits *L, const char *name, const char *department,
    int64_t now, struct tk_err *err);

/* Walk over active holds; those that expire at or before until. */
typedef int hold_visit_fn(const struct limit_hold *h, void *data,
    struct tk_err *err);
int holds_each_active(struct limits *L, int64_t until, hold_visit_fn *fn,
    void *data, struct tk_err *err);

/* Bind a wide number as two parameters: whole units of 10^12, and the rest. */
void limit_bind_wide(struct stmt *q, int param, tk_int128 n);
tk_int128 limit_wide(const struct stmt *q, int col);

#endif
