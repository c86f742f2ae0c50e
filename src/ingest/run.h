#ifndef INGEST_RUN_H
#define INGEST_RUN_H

#include "ingest/ingest_int.h"
#include "ingest/known.h"

/* How far a file will have been read once the batch is in the ledger. */
struct mark {
	const char *importer;
	char *path;
	struct ledger_source source;
};

/* What goes into the ledger in one transaction. */
struct parcel {
	struct batch batch;
	struct mark *marks;
	size_t nmarks, marks_cap;
	char **retracts; /* request_ids of what was no call */
	size_t nretracts;
};

struct put;

/* One ingest_run(). */
struct run {
	const struct ingest_options *options;
	const struct ingest_sink *sink;
	void *to;
	struct ingest_report *report;
	struct parcel next; /* what has gathered */
	struct put *put;    /* what is being put meanwhile; see put.h */
	const struct walk *walk;
	struct walk_read *reads; /* what became of walk->files */
	struct known known;      /* the sources, if there are many files */
	bool known_all;          /* there are no others */
	void **shared;           /* by importer_at() */
	bool rehearsal;          /* nothing is kept */
	size_t limit; /* records in a batch: as many as do not take too long */
	struct ingest_progress progress;
	struct run *first; /* of the other reader; NULL: this is the first */
	_Atomic int64_t elsewhere; /* bytes that the other has read */
	struct tk_err *err;
	bool news;   /* something is to be put */
	bool failed; /* *err is set; stop */
};

/* Another reader of the same files, with what the first one knows. */
void run_init_second(struct run *run, struct run *first,
    struct ingest_report *report, struct tk_err *err);
void run_release(struct run *run);
void run_tell_progress(struct run *run);

void *run_shared(struct run *run, const struct importer *im);
struct ingest_tally *run_tally(struct run *run, const struct importer *im);
void run_note(struct run *run, const struct importer *im, char *text);
/* A report may be made in parts; text is taken over. */
void report_init(struct ingest_report *r);
void report_note(struct ingest_report *r, const struct importer *im,
    size_t file, char *text);
/* All that is in from, which is empty then. */
void report_move(struct ingest_report *to, struct ingest_report *from);
bool run_stopped(const struct run *run);

/* Remember how far a file was read; *s is taken over. */
void run_mark(struct run *run, const struct importer *im, const char *path,
    const struct ledger_source *s);

void run_retract(struct run *run, const char *request_id);

/* All of the file was read, when it was as in read; a carry that begins with
 * '?' is asked about by stale(). */
void run_read_whole(struct run *run, const struct walk_file *f,
    const struct walk_read *read, const char *carry);

/* Put what has gathered: see put.h. */
int run_flush(struct run *run, enum ledger_sync sync);

/* What the ledger knows of a file; as source_get() of the sink. */
int run_source(struct run *run, const struct importer *im, const char *path,
    struct ledger_source *s);

/* Is nothing new in the file?  Told by what is known, without opening it;
 * it is counted then. */
bool run_passes_over(struct run *run, const struct walk_file *f);

/* Read what is new in a file.  0, or -1 with *run->err set. */
int run_file(struct run *run, const struct walk_file *f);

/* In ingest_stream(): what reader_give() and reader_bad() have to call. */
struct stream {
	ingest_record_fn *fn;
	void *data;
	struct tk_err *err;
	bool failed;
};

/* White space and NULs around a line, which crashes leave, are not of it. */
const char *trim_line(const char *line, size_t *n);
#define LINE_MAX_BYTES ((size_t)64 * 1024 * 1024)

#endif
