#ifndef INGEST_INGEST_H
#define INGEST_INGEST_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "ledger/ledger.h"

struct price_book;
struct tk_zone;

/*
 * Usage from files: the logs of coding agents, CSV, JSON Lines.
 *
 * Each format is one importer: one file here and one line in list.h (see
 * README.md).  An importer turns lines into sightings of calls; the driver,
 * ingest_run(), finds the files, reads what is new in them, prices the
 * calls and hands them to a sink, a batch at a time.  How far a file was
 * read is kept with the calls it gave, in the same transaction: whatever is
 * interrupted, repeated or done twice at once, a call counts once.
 */
struct importer;

/* By name ("codex", "codex-cli"); NULL if there is none. */
const struct importer *importer_find(const char *name);
const char *importer_name(const struct importer *im);
const char *importer_title(const struct importer *im);
/* One by one, from 0; NULL after the last. */
const struct importer *importer_at(size_t i);

/*
 * Where calls go.  The functions are those of the ledger, with "to" in its
 * place; tests and --dry-run have others.
 */
struct ingest_sink {
	int (*begin)(void *to, struct tk_err *err);
	/* or NULL: see ledger_expect() */
	int (*expect)(void *to, const char *const *request_id, size_t n,
	    struct tk_err *err);
	int (*put)(void *to, struct usage_record *r, enum ledger_result *result,
	    struct tk_err *err);
	/* or NULL: take a call back for good, if it was put: it was no call */
	int (*retract)(void *to, const char *request_id,
	    const struct ledger_actor *who, struct tk_err *err);
	int (*commit)(void *to, enum ledger_sync sync, struct tk_err *err);
	void (*rollback)(void *to);
	int (*source_get)(void *to, const char *importer, const char *path,
	    struct ledger_source *s, struct tk_err *err);
	int (*source_put)(void *to, const char *importer, const char *path,
	    const struct ledger_source *s, struct tk_err *err);
	/* or NULL: all that source_get() knows; see ledger_sources() */
	int (*sources)(void *to, const char *importer, const char *prefix,
	    ledger_source_fn *fn, void *data, struct tk_err *err);
};

/* to: a struct ledger open for writing. */
extern const struct ingest_sink ingest_ledger;

/*
 * Counts and keeps nothing.  to: a struct ingest_dry; calls that the ledger
 * holds, if there is one, are told from new ones.
 */
struct ingest_dry {
	struct ledger *ledger; /* NULL: there is none */
	struct ids *seen;      /* private; NULL at first */
};

extern const struct ingest_sink ingest_nowhere;
void ingest_dry_release(struct ingest_dry *d);

enum ingest_flags {
	INGEST_STRICT = 1 << 0, /* a bad line stops all, before any is put */
	INGEST_FOLLOW = 1 << 1, /* files are being written: leave cut lines */
	INGEST_AGAIN = 1 << 2,  /* read all, also what was read before */
};

/* Why a line gave no call, or none of its own. */
enum ingest_skip {
	SKIP_BLANK,
	SKIP_OTHER,
	SKIP_SYNTHETIC,
	SKIP_REPEATED,
	SKIP_REPLAYED,
	SKIP_COUNT,
};

/* What an importer says of a line; see --explain. */
struct ingest_sight {
	const struct importer *importer;
	const char *path;
	int64_t line;
	const struct usage_record *record; /* it mentions this call; or NULL */
	const char *bad;                   /* or this is wrong; or NULL: */
	enum ingest_skip skip;             /* why it is nothing */
};

typedef void ingest_sight_fn(const struct ingest_sight *s, void *data);

struct ingest_progress {
	size_t file, files; /* the one being read, counted from 1 */
	int64_t bytes, all_bytes;
	const char *path;
};

typedef void ingest_progress_fn(const struct ingest_progress *p, void *data);

struct ingest_options {
	const struct importer *const *from; /* NULL: all that fit */
	size_t nfrom;
	const char *const *paths; /* files and folders; none: usual places */
	size_t npaths;
	const char *const *map; /* "COLUMN=FIELD,..." of CSV, JSON Lines */
	size_t nmap;
	const char *user;    /* whose calls they are, where no line says so */
	const char *machine; /* on which logs were written, or NULL */
	const struct price_book *prices; /* NULL: nothing gets a price */
	const struct tk_zone *zone;      /* of times that name none; or NULL */
	int64_t now;
	/* May this call be put, and to whom?  -1: a bad one.  Or NULL. */
	int (*admit)(struct usage_record *r, void *data, struct tk_err *err);
	void *admit_data;
	enum ingest_flags flags;
	const volatile sig_atomic_t *stop; /* not 0: end soon; or NULL */
	/* ingest_stream(): called, with its data, before it waits for input:
	 * the time to commit.  Or NULL. */
	int (*idle)(void *data, struct tk_err *err);
	ingest_sight_fn *sight; /* or NULL */
	void *sight_data;
	ingest_progress_fn *progress; /* or NULL */
	void *progress_data;
};

/* The word for JSON and what it means. */
const char *ingest_skip_key(enum ingest_skip why);
const char *ingest_skip_text(enum ingest_skip why);

/* What one importer found. */
struct ingest_tally {
	int64_t files;     /* that are there */
	int64_t unchanged; /* of them, nothing new since the last time */
	int64_t failed;    /* of them, could not be read */
	int64_t bytes, lines;
	int64_t sightings; /* mentions of calls */
	int64_t calls;     /* put: new + known + updated */
	int64_t fresh, known, updated;
	int64_t unpriced; /* calls without a price */
	int64_t bad;      /* lines */
	int64_t skipped[SKIP_COUNT];
};

struct ingest_note {
	const struct importer *importer;
	char *text;  /* "file:line: reason" */
	size_t file; /* private: which of the files, for their order */
};

struct ingest_report {
	struct ingest_tally *tally; /* by importer_at() */
	struct ingest_note *notes;  /* the first of the bad lines, and so on */
	size_t nnotes;
	int64_t more_notes; /* that are not kept */
	/* could not be read: folders, and files of nobody knows whom */
	int64_t failed;
};

/*
 * Import.  A file that cannot be read is a note, unless it was named.  The
 * report is filled in also when this fails; release it either way.
 */
int ingest_run(const struct ingest_options *o, const struct ingest_sink *sink,
    void *to, struct ingest_report *report, struct tk_err *err);
void ingest_report_release(struct ingest_report *report);

/* What there is to import, without reading it: files, their size, and how
 * much of them is not in the sink yet. */
struct ingest_place {
	const struct importer *importer;
	char *root;
	int64_t files, bytes;
	int64_t newest;    /* ms; RECORD_UNKNOWN without files */
	int64_t last_read; /* ms; RECORD_UNKNOWN: nothing of it yet */
	int64_t new_bytes; /* that were not read yet */
};

int ingest_places(const struct ingest_options *o,
    const struct ingest_sink *sink, void *to, struct ingest_place **v,
    size_t *n, struct tk_err *err);
void ingest_places_free(struct ingest_place *v, size_t n);

/*
 * Wait until something changes in the places and paths of o; what is made
 * later is seen too.  1: changed; 0: *stop was set; -1: failed.
 *
 * The kernel lets a user watch so many folders and no more.  Beyond that the
 * watch is blind, and says every ingest_look_ms that something may have
 * changed.
 */
extern int ingest_look_ms;
struct ingest_watch;
int ingest_watch_open(struct ingest_watch **w, const struct ingest_options *o,
    struct tk_err *err);
int ingest_watch_wait(struct ingest_watch *w, struct tk_err *err);
bool ingest_watch_is_blind(const struct ingest_watch *w);
void ingest_watch_close(struct ingest_watch *w); /* NULL is fine */

/*
 * Records of a stream of CSV or JSON Lines, for "usage record": as they are,
 * without a derived request_id; what has no time happened at o->now.  For
 * each line fn gets a record or, with r NULL, the reason why there is none.
 * The record and its texts are fn's until it returns; -1 from it ends all.
 */
typedef int ingest_record_fn(struct usage_record *r, int64_t line,
    const struct tk_err *bad, void *data, struct tk_err *err);
int ingest_stream(int fd, const struct importer *format,
    const struct ingest_options *o, ingest_record_fn *fn, void *data,
    struct tk_err *err);

/* The price of the call by the book, unless its cost was given; and who is
 * paid, where nobody said. */
int ingest_price(const struct price_book *prices, struct usage_record *r,
    struct tk_err *err);

#endif
