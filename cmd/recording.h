#ifndef CMD_RECORDING_H
#define CMD_RECORDING_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "ledger/ledger.h"
#include "limit.h"

struct cmd_ctx;

/*
 * Records on their way into the ledger, in batches that are durable when they
 * end; or into the spool, where they wait until somebody can book them:
 * always with async, and with fallback from when the ledger cannot be
 * written.  A batch that was begun then goes there, too.
 */
struct recording {
	/* set before recording_begin(), with all else 0 */
	struct cmd_ctx *ctx;
	const char *user; /* where a record names none */
	bool async, fallback;
	int64_t batch_size, timeout; /* records; ms */

	int64_t fresh, known, bad, waiting; /* so far; bad is the caller's */
	int64_t last_id;
	struct usage_record last; /* texts not kept */

	/* private */
	enum limit_strangers strangers;
	bool open; /* a batch */
	bool spooling;
	struct tk_err why; /* records wait; said when the first was kept */
	int64_t in_batch, fresh_in_batch;
	int64_t began;                   /* of the batch: tk_steady_ms() */
	struct tk_buf lines, request_id; /* the batch as lines of the spool */
};

/* Release it either way. */
int recording_begin(struct recording *rec, struct tk_err *err);
void recording_release(struct recording *rec);

/* Fill in what the record leaves out; -1 when it cannot be booked. */
int recording_complete(struct recording *rec, struct usage_record *r,
    struct tk_err *err);

/* Put it in the batch, which is begun if there is none. */
int recording_put(struct recording *rec, struct usage_record *r,
    enum ledger_rule rule, struct tk_err *err);

/* Is the batch large or old enough? */
bool recording_is_due(const struct recording *rec);

/* Nothing begun is fine. */
int recording_end_batch(struct recording *rec, struct tk_err *err);

#endif
