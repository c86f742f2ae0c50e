#ifndef INGEST_COPILOT_LOG_H
#define INGEST_COPILOT_LOG_H

#include "ingest/database.h"
#include "ingest/docs.h"
#include "ingest/ids.h"

/*
 * Copilot CLI's session-state/<session>/events.jsonl, and its place beside
 * the database.
 *
 * session.shutdown has sums by model, over all of the times that the session
 * was resumed, until a compaction begins them anew; what was added since the
 * one before is a record.  From the first call on that the database has of a
 * session, it is read there alone: sums that come later are passed over, and
 * those that were given, before the database could be read, are taken back.
 */
enum { COPILOT_MODELS_MOST = 64 };
enum { SUM_INPUT, SUM_OUTPUT, SUM_READ, SUM_WRITE, SUM_REASONING, SUMS };

/* What a model has used up to a shutdown. */
struct copilot_sum {
	char *model;
	int64_t n[SUMS];
};

struct copilot_state {
	struct database_mark mark; /* of the database; or, of a log: */
	struct docs docs;
	int64_t rows_from; /* the database has its session; INT64_MAX: not */
	bool again; /* the database could not be read: nothing is known */
	struct copilot_sum sums[COPILOT_MODELS_MOST];
	size_t nsums;
	struct ids sessions; /* of the rows that were read */
};

/* Input has what was read from the cache and written to it inside. */
void copilot_set_counts(struct usage_record *r, const int64_t *n);

void copilot_log_open(struct reader *rd);
void copilot_log_line(struct reader *rd, const char *text, size_t n);
bool copilot_log_whole(const struct reader *rd);
void copilot_log_end(struct reader *rd);
void copilot_log_close(struct reader *rd);

/* The database at rd->path has rows of the session: take its sums back. */
int copilot_log_retract(struct reader *rd, struct store *db,
    const char *session, struct tk_err *err);

#endif
