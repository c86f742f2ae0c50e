#ifndef LEDGER_LEDGER_H
#define LEDGER_LEDGER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "ledger/record.h"

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
	LEDGER_CREATE = 1 << 2, /* with LEDGER_WRITE: make it if missing */
};

int ledger_open(struct ledger **l, const char *url, enum ledger_flags flags,
    struct tk_err *err);
void ledger_close(struct ledger *l); /* NULL is fine */

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

enum ledger_rule {
	/* Who sends the same request_id with another body is refused. */
	LEDGER_STRICT,
	/* The largest sighting of a call counts; see ledger_merge() */
	LEDGER_MERGE,
};

enum ledger_result {
	LEDGER_NEW,     /* booked */
	LEDGER_KNOWN,   /* was there already; nothing changed */
	LEDGER_UPDATED, /* was there, smaller: taken back and booked anew */
};

/*
 * Book one record; sets r->id.  A record without request_id is always new.
 * Neither r nor its texts are kept.
 */
int ledger_put(struct ledger *l, struct usage_record *r,
    enum ledger_rule rule, enum ledger_result *result, struct tk_err *err);

/*
 * Merge a sighting of a call into what is known of it; true if that changed
 * *known.  The result does not depend on the order of sightings: the usage
 * of the largest total, the latest time, then the smallest of the rest.
 */
bool ledger_merge(struct usage_record *known, const struct usage_record *seen);

/* What an importer knows of a file that it has read before. */
struct ledger_source {
	int64_t device, inode;
	int64_t size;   /* bytes, when it was read */
	int64_t mtime;  /* ns */
	int64_t offset; /* what is after this was not read yet */
	char *carry;    /* the importer's own state at offset, or NULL */
};

/* 1: found, 0: not; the caller frees carry. */
int ledger_source_get(struct ledger *l, const char *importer,
    const char *path, struct ledger_source *s, struct tk_err *err);
/* Inside ledger_begin() and ledger_commit(). */
int ledger_source_put(struct ledger *l, const char *importer,
    const char *path, const struct ledger_source *s, struct tk_err *err);

#endif
