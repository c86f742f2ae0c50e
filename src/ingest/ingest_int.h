#ifndef INGEST_INGEST_INT_H
#define INGEST_INGEST_INT_H

#include <time.h>

#include "base/attr.h"
#include "base/buf.h"
#include "ingest/batch.h"
#include "ingest/ids.h"
#include "ingest/ingest.h"
#include "json/json.h"

struct reader;
struct stat;
struct stmt;
struct store;
struct walk;

/* How well the content of a file fits an importer; the best one takes it. */
enum probe {
	PROBE_NO,
	PROBE_TABLE,  /* rows of something: what nobody else knows */
	PROBE_WITHIN, /* something known within rows of something */
	PROBE_LIKELY, /* names that others use, too */
	PROBE_SURE,   /* names that only this format has */
};

/*
 * One format.  A constant struct in a file of its own, named in list.h.
 *
 * The driver gives an importer every line of a file, in order; the importer
 * answers with reader_give(), reader_skip() or reader_bad().  What it must
 * know at a line to understand the next ones it keeps in rd->state and puts
 * in words in carry(), so that another run can go on from there.
 */
struct importer {
	const char *name;  /* --from; the record's source */
	const char *title; /* for people */
	/* Files that an older version has read are read again. */
	int version;
	size_t state_size; /* rd->state: zeroed before open() */

	/* Add the usual places; NULL if there are none. */
	void (*places)(struct walk *w);
	/* Is a file in one of them a log?  By its path alone. */
	bool (*wants)(const char *path);
	/*
	 * Marks that only this format has, ended by NULL; or NULL.  A file
	 * is PROBE_SURE when one of the objects that begin its first lines
	 * has all the members of one mark: paths between blanks, none null.
	 * "type=gemini" must be that text, "id=T-*" begin so, and
	 * "stats/models/" be an object.
	 */
	const char *const *marks;
	/* Does a file look like this format, where marks cannot say it?
	 * head is its beginning. */
	enum probe (*probe)(const struct ingest_options *o, const char *path,
	    const char *head, size_t n);

	/*
	 * Before the first line.  carry is NULL at the start of a file.
	 * False: what comes can only be understood with what came before,
	 * so the driver gives that again, with rd->replay set.
	 */
	bool (*open)(struct reader *rd, const char *carry);
	/* n counts no white space around the line, unless raw is set. */
	void (*line)(struct reader *rd, const char *line, size_t n);
	/* A JSON value, where line() is docs_read_line(); or NULL. */
	void (*value)(struct reader *rd, const char *text, size_t n);
	/* False in the middle of a record of several lines; or NULL. */
	bool (*whole)(const struct reader *rd);
	void (*carry)(const struct reader *rd, struct tk_buf *b); /* or NULL */
	/* After the last line, also when reading stops early; or NULL. */
	void (*close)(struct reader *rd);
	/* No more lines will come: give what was gathered.  What comes here
	 * may come again, when the file grows; or NULL. */
	void (*end)(struct reader *rd);
	bool raw; /* lines as they are, with their ends */

	/*
	 * Of databases: "table.column", any of which tells that it is one of
	 * these, ended by NULL; and the reading of one.  It gives what is new
	 * since the carry that open() got, if that was not NULL; see
	 * database.h.
	 */
	const char *const *tables;
	int (
	    *database)(struct reader *rd, struct store *db, struct tk_err *err);

	/* What its readers share while a run lasts: rd->shared, zeroed
	 * before the first file. */
	size_t shared_size;
	/*
	 * Must a file be read again, though it has not changed, since another
	 * one has?  Asked about those whose carry begins with '?', and given
	 * that up to the first space; or NULL.
	 */
	bool (*stale)(const char *path, const char *carry);
	void (*unshare)(void *shared); /* or NULL */
};

extern const struct importer *const importers[]; /* ends with NULL */
size_t importer_count(void);
size_t importer_place(const struct importer *im); /* in importers */

/* A file on its way through an importer. */
struct reader {
	const struct importer *importer;
	void *state, *shared;
	const char *path;
	int64_t line; /* the number of the current one, from 1 */
	bool replay;  /* it was read before: learn from it, give nothing */
	bool cut;     /* it has no end yet: if it is wrong, never mind */
	/* The carry of an earlier run, where all is read anew; or NULL. */
	const char *before;
	const struct ingest_options *options;
	struct batch *batch; /* for texts */
	struct tk_buf scratch;
	int64_t mtime;         /* ms; when the file was last written, or now */
	struct store *db;      /* the one that is being read */
	struct run *run;       /* NULL in ingest_stream() */
	struct stream *stream; /* NULL in ingest_run() */
};

/* A sighting of a call.  The texts of r are in rd->batch, or constant. */
void reader_give(struct reader *rd, const struct usage_record *r);
void reader_skip(struct reader *rd, enum ingest_skip why);
/* What is passed over was given as a call before others were known. */
void reader_retract(struct reader *rd, const char *request_id);
void reader_bad(struct reader *rd, const char *fmt, ...) TK_PRINTF(2, 3);
/* The output that was said is without the reasoning: add it.  False: it is too
 * much, and the line is bad. */
bool reader_add_reasoning(struct reader *rd, struct usage_record *r);
/*
 * A crash may leave a line without its end, and the next one behind it: the
 * rest of the text after what is wrong, if another object begins there.
 */
bool reader_rest(const struct json_scan *s, const char **text, size_t *n);
/* Something about the file that people should know once. */
void reader_note(struct reader *rd, const char *fmt, ...) TK_PRINTF(2, 3);

/* A text of JSON for a record: decoded, kept once; NULL if it is empty; NULs,
 * which records cannot hold, become U+FFFD. */
const char *reader_name(struct reader *rd, const struct json_text *t);

/* A text of the batch, for request_id and the like. */
const char *reader_textf(struct reader *rd, const char *fmt, ...)
    TK_PRINTF(2, 3);

/*
 * request_id for a call that its log gives no name: "PREFIX:" and a hash of
 * the record's time, model and counts, and of more, which may be NULL.  The
 * copy of a log has the same; two calls of one millisecond that also used
 * the same do not happen.
 */
void reader_fingerprint(struct reader *rd, struct usage_record *r,
    const char *prefix, const char *more);

/* Long enough to be nobody else's: a UUID, "chatcmpl-..."; shorter names
 * mean something only with where they are from. */
bool reader_is_unique(const char *id);

/* The name of the file, or of the folder that is n above it, up to the first
 * dot; NULL if there is none. */
const char *reader_path_name(struct reader *rd, int up);

/* A JSON string, with its quotes, for carry(). */
void carry_add_text(struct tk_buf *b, const char *text);

/*
 * The files to read, found by names.  Places are folders of one importer;
 * what does not exist is no error there.
 */
struct walk_file {
	const struct importer *importer; /* NULL: to be found by its content */
	const char *path;                /* the walk's */
	int64_t device, inode, size;
	int64_t mtime, ctime; /* ns */
	bool same;       /* as when it was read; unless, by its importer, */
	const char *ask; /* it is stale with this (or NULL); the walk's */
	size_t listed;   /* place in walk.listed of its folder, + 1; or 0 */
	bool named;      /* on the command line */
	bool once;       /* what was read from it is gone: a pipe */
	size_t root;     /* the place it is in; SIZE_MAX for a named file */
};

struct walk_root {
	const struct importer *importer;
	char *path;
};

struct walk_texts;

/* A file of which all was read, when it was so. */
struct walk_read {
	bool whole; /* else nothing of this is known */
	int64_t size, mtime, ctime;
	char *ask; /* see stale() of its importer; or NULL */
};

/* A folder that is worth to be known (known_folder.h), as it was before it
 * was listed. */
struct walk_listed {
	const struct importer *importer;
	const char *path; /* the walk's */
	int64_t device, inode, mtime, ctime;
	const char *names; /* what is said of it already; the walk's */
	int64_t said;      /* so many files */
	int64_t files;     /* of which something is to be said: walk.files */
};

/* Where to look up what was read before. */
struct walk_look_up {
	const struct ingest_sink *sink;
	void *to;
};

struct walk {
	const struct ingest_options *options;
	const struct importer *importer; /* whose places() is running */
	struct walk_root *roots;
	size_t nroots;
	struct walk_file *files; /* in no order */
	size_t n, cap;
	struct walk_texts *texts; /* paths */
	bool want_folders;        /* set before walk_all(): keep those seen */
	const struct walk_look_up *look_up; /* so is this; or NULL: list all */
	int64_t *same; /* by importer: files that are as they were */
	struct walk_listed *listed;
	size_t nlisted, listed_cap;
	char **folders;
	size_t nfolders;
	struct ids seen; /* files and folders: each once */
	char **problems; /* folders that could not be read */
	size_t nproblems;
};

/* For places(): a folder, and whether it was said to be there. */
void walk_place(struct walk *w, const char *fmt, ...) TK_PRINTF(2, 3);
/* $HOME or that of /etc/passwd, or NULL; $name, or NULL if it is empty. */
const char *walk_home(void);
const char *walk_env(const char *name);
/* A file with that ending, and a name before it. */
bool walk_ends(const char *path, const char *tail);

/* w has only want_folders and look_up set; release it either way. */
int walk_all(struct walk *w, const struct ingest_options *o,
    struct tk_err *err);
void walk_release(struct walk *w);

static inline int64_t
walk_ns(struct timespec t)
{
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* What finding files is made of. */
struct walk_file walk_file_of(const char *path, const struct stat *st);
/* A copy; all of *t lives until walk_take_texts() gave it to a walk. */
const char *walk_text(struct walk_texts **t, const char *s, size_t n);
void walk_take_texts(struct walk *w, struct walk_texts *t);
void walk_free_texts(struct walk_texts *t);
void walk_add_listed(struct walk *w, const struct walk_listed *l);
void walk_add_file(struct walk *w, const struct walk_file *f);
void walk_add_folder(struct walk *w, const char *path);
void walk_add_problem(struct walk *w, const char *path, int error);
/* A number for an inode. */
uint64_t walk_key(int64_t device, int64_t inode);
/* Has it been before this call? */
bool walk_seen(struct walk *w, int64_t device, int64_t inode);

/* The importer for a file, by what it starts with: 1; 0: nobody knows it;
 * -1: two would take it. */
int importer_probe(const struct importer **im, const struct ingest_options *o,
    const char *path, const char *head, size_t n, struct tk_err *err);

/* src/ingest/marks.c: of an importer's marks; at most 12 different paths. */
bool marks_fit(const char *const *marks, const char *head, size_t n);

bool options_want(const struct ingest_options *o, const struct importer *im);

#endif
