#ifndef LEDGER_LEDGER_H
#define LEDGER_LEDGER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "ledger/record.h"

struct names;
struct store;

/*
 * The ledger: usage records, kept for ever, counted once.
 *
 * Records are only ever appended.  A mistake, a void and a larger sighting
 * of an imported call are each booked as the old record taken back (the same
 * numbers negative, requests -1, at the old time) and, where there is one,
 * the new record.  How it is stored: segment.h and tokctl-ledger(5).
 */
struct ledger;

enum ledger_flags {
	LEDGER_READ = 1 << 0,
	LEDGER_WRITE = 1 << 1,
	LEDGER_CREATE = 1 << 2,     /* with LEDGER_WRITE: make it if missing */
	LEDGER_ANY_SCHEMA = 1 << 3, /* leave an older schema as it is */
	LEDGER_ONCE = 1 << 4,       /* with LEDGER_READ: STORE_ONCE */
};

int ledger_open(struct ledger **l, const char *url, enum ledger_flags flags,
    struct tk_err *err);
void ledger_close(struct ledger *l); /* NULL is fine */
/* The process ends: what ledger_close() does, but for the memory. */
void ledger_quit(struct ledger *l);

/* For who asks the store or the name table itself. */
struct store *ledger_store(struct ledger *l);
struct names *ledger_names(struct ledger *l);

/* A number that is this ledger's alone, 32 hexadecimal digits. */
int ledger_uuid(struct ledger *l, char uuid[33], struct tk_err *err);

/*
 * A record without request_id gets one when it leaves the ledger, of the
 * ledger's number and its own, so that it lands once wherever it comes to.
 * ledger_is_own(): 1: it came back; *id is what it was. 0: it is not from
 * here.
 */
struct tk_buf;
void ledger_name_record(const char uuid[33], int64_t id, struct tk_buf *b);
int ledger_is_own(struct ledger *l, const struct usage_record *r, int64_t *id,
    struct tk_err *err);

/* What it holds. */
struct ledger_extent {
	int64_t records;
	int64_t first, last; /* times; only when there are records */
};

int ledger_extent(struct ledger *l, struct ledger_extent *e,
    struct tk_err *err);

/* The time of this run, ms, for what is written because of records and not
 * with them, as alerts are; 0 until it is set. */
void ledger_set_now(struct ledger *l, int64_t now);
int64_t ledger_now(const struct ledger *l);

/* The id of the last record, 0 for none; takes no time. */
int ledger_last_id(struct ledger *l, int64_t *id, struct tk_err *err);

/* Who does it, and when; for the audit chain. */
struct ledger_actor {
	const char *name; /* "alice" */
	int64_t time;     /* ms */
};

/*
 * Writing.  Everything between ledger_begin() and ledger_commit() lands
 * whole or not at all.  LEDGER_DURABLE: when commit returns 0 the records
 * survive kill -9 and power loss; without it they may be lost in a power
 * loss (never in part), which is right only for what can be imported again.
 * Keep the time between the two short: others are waiting.
 */
enum ledger_sync { LEDGER_RELAXED, LEDGER_DURABLE };

int ledger_begin(struct ledger *l, struct tk_err *err);
int ledger_commit(struct ledger *l, enum ledger_sync sync, struct tk_err *err);
void ledger_rollback(struct ledger *l); /* nothing begun is fine */

/* For several questions that must be answered as of one moment; they may be
 * inside each other. */
int ledger_begin_read(struct ledger *l, struct tk_err *err);
void ledger_end_read(struct ledger *l);

enum ledger_rule {
	/* Who sends the same request_id with another body is refused. */
	LEDGER_STRICT,
	/* The same, but the time was not said and is not compared. */
	LEDGER_STRICT_UNTIMED,
	/* The largest sighting of a call counts; see ledger_merge() */
	LEDGER_MERGE,
};

enum ledger_result {
	LEDGER_NEW,     /* booked */
	LEDGER_KNOWN,   /* was there already; nothing changed */
	LEDGER_UPDATED, /* was there, smaller: taken back and booked anew */
};

/*
 * Book one record; sets r->id and makes empty names NULL.  A record without
 * request_id is always new.  Neither r nor its texts are kept.
 */
int ledger_put(struct ledger *l, struct usage_record *r, enum ledger_rule rule,
    enum ledger_result *result, struct tk_err *err);

/* 0: ledger_put() will take such a record; else what is wrong with it. */
int ledger_accepts(const struct usage_record *r, struct tk_err *err);

/* 1: *id is the record that counts for it; 0: not known. */
int ledger_find(struct ledger *l, const char *request_id, int64_t *id,
    struct tk_err *err);

/*
 * After ledger_begin(), and only to be faster: records with these
 * request_ids will be put.
 */
int ledger_expect(struct ledger *l, const char *const *request_id, size_t n,
    struct tk_err *err);

/*
 * Merge a sighting of a call into what is known of it; true if that changed
 * *known.  The result does not depend on the order of sightings: the usage
 * of the largest total and the latest time of all; of answers of an API
 * (application "api") the earliest.
 */
bool ledger_merge(struct usage_record *known, const struct usage_record *seen);

/*
 * Who computes costs: called for a record that was merged, whose time or
 * tokens may be new, unless its cost was given.
 */
typedef int ledger_price_fn(struct usage_record *r, void *data,
    struct tk_err *err);
void ledger_set_pricer(struct ledger *l, ledger_price_fn *fn, void *data);

/*
 * Take a record back, for good: its request_id stays known.  Who and why
 * (detail, a JSON object) goes into the audit chain.
 */
int ledger_void(struct ledger *l, int64_t id, const char *detail,
    const struct ledger_actor *actor, struct tk_err *err);

/* Take a record back and book it anew with another cost. */
int ledger_reprice(struct ledger *l, int64_t id, int64_t cost,
    struct tk_err *err);

/* 1: read, texts stay until the next call; 0: there is no such record. */
int ledger_get(struct ledger *l, int64_t id, struct usage_record *r,
    struct tk_err *err);

/* The id of the record that took this one back; 0: it counts. */
int ledger_reversed_by(struct ledger *l, int64_t id, int64_t *by,
    struct tk_err *err);

/* What an importer knows of a file that it has read before. */
struct ledger_source {
	int64_t device, inode;
	int64_t size;   /* bytes, when it was read */
	int64_t mtime;  /* ns */
	int64_t offset; /* what is after this was not read yet */
	char *carry;    /* the importer's own state at offset, or NULL */
};

/* 1: found, 0: not; the caller frees carry. */
int ledger_source_get(struct ledger *l, const char *importer, const char *path,
    struct ledger_source *s, struct tk_err *err);
/* All of them, or those of an importer whose paths begin with prefix, by path;
 * until fn returns something else than 0.  What it is given is valid until it
 * returns. */
typedef int ledger_source_fn(const char *importer, const char *path,
    const struct ledger_source *s, void *data);
int ledger_sources(struct ledger *l, const char *importer, const char *prefix,
    ledger_source_fn *fn, void *data, struct tk_err *err);
/* Inside ledger_begin() and ledger_commit(). */
int ledger_source_put(struct ledger *l, const char *importer, const char *path,
    const struct ledger_source *s, struct tk_err *err);

#endif
