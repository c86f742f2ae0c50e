#include "recording.h"

#include <sys/random.h>

#include "base/time.h"
#include "cmd.h"
#include "ingest/ingest.h"
#include "limit/people.h"
#include "spool.h"

/* What waited comes first, if it can. */
static int
open_ledger(struct recording *rec, struct tk_err *err)
{
	struct cmd_ctx *ctx = rec->ctx;

	spool_try(ctx, false);
	if (ledger_open(&ctx->ledger, ctx->ledger_url,
		LEDGER_WRITE | LEDGER_CREATE, err) < 0)
		return -1;
	ledger_set_now(ctx->ledger, ctx->now);
	return cmd_tell_limits(ctx, ctx->ledger, err);
}

/* From now on records wait, because the ledger cannot be written. */
static int
fall_back(struct recording *rec, struct tk_err *err)
{
	if (!rec->fallback || rec->spooling || err->code != TK_IO)
		return -1;
	rec->why = *err;
	if (rec->ctx->ledger != NULL)
		ledger_rollback(rec->ctx->ledger);
	rec->spooling = true;
	rec->fresh -= rec->fresh_in_batch;
	rec->known -= rec->in_batch - rec->fresh_in_batch;
	*err = (struct tk_err)TK_ERR_INIT;
	return 0;
}

int
recording_begin(struct recording *rec, struct tk_err *err)
{
	rec->lines = rec->request_id = (struct tk_buf)TK_BUF_INIT;
	if (cmd_strangers(rec->ctx, &rec->strangers, err) < 0)
		return -1;
	rec->spooling = rec->async;
	if (rec->async || open_ledger(rec, err) == 0)
		return 0;
	return fall_back(rec, err);
}

void
recording_release(struct recording *rec)
{
	if (rec->ctx->ledger != NULL)
		ledger_rollback(rec->ctx->ledger);
	tk_buf_release(&rec->lines);
	tk_buf_release(&rec->request_id);
}

/* The batch, into the spool.  Who does not wait must, when it is full. */
static int
keep_batch(struct recording *rec, struct tk_err *err)
{
	bool async = rec->async;
	enum spool_sync sync = async ? SPOOL_RELAXED : SPOOL_DURABLE;
	struct spool_result done;
	int kept = spool_keep(rec->ctx, &rec->lines, sync, err);

	if (kept == 0 && async && spool_book(rec->ctx, &done, err) < 0)
		return tk_wrap(err, "too many records wait");
	if (kept == 0 && async)
		kept = spool_keep(rec->ctx, &rec->lines, sync, err);
	if (kept == 0) {
		tk_fail(err, TK_IO, "too many records wait for the ledger");
		tk_hint(err, "see the setting ledger.spool");
	}
	if (rec->why.code != TK_OK)
		cmd_warn(rec->ctx, "%s%s", kept > 0 ? "kept for later: " : "",
		    rec->why.msg);
	rec->why.code = TK_OK;
	if (kept <= 0)
		return -1;
	rec->waiting += rec->in_batch;
	return 0;
}

int
recording_end_batch(struct recording *rec, struct tk_err *err)
{
	int rc;

	if (!rec->open)
		return 0;
	rec->open = false;
	rc = rec->spooling
	    ? keep_batch(rec, err)
	    : ledger_commit(rec->ctx->ledger, LEDGER_DURABLE, err);
	if (rc < 0 && fall_back(rec, err) == 0)
		rc = keep_batch(rec, err);
	rec->in_batch = rec->fresh_in_batch = 0;
	tk_buf_reset(&rec->lines);
	return rc;
}

int
recording_complete(struct recording *rec, struct usage_record *r,
    struct tk_err *err)
{
	if (r->user == NULL)
		r->user = rec->user;
	if (ingest_price(rec->ctx->prices, r, err) < 0 ||
	    ledger_accepts(r, err) < 0)
		return -1;
	/* Of one that waits it is found out when it is booked. */
	if (rec->spooling ||
	    person_admit(rec->ctx->ledger, rec->strangers, r, err) == 0)
		return 0;
	return fall_back(rec, err);
}

/* What may be booked twice must be known by a name. */
static int
add_line(struct recording *rec, struct usage_record *r, struct tk_err *err)
{
	unsigned char random[16];

	if (r->request_id == NULL) {
		if (getrandom(random, sizeof(random), 0) != sizeof(random))
			return tk_fail_errno(err, "cannot get random bytes");
		tk_buf_reset(&rec->request_id);
		tk_buf_adds(&rec->request_id, "spool-");
		for (size_t i = 0; i < sizeof(random); i++)
			tk_buf_addf(&rec->request_id, "%02x", random[i]);
		r->request_id = rec->request_id.s;
	}
	return spool_add_record(rec->ctx, r, &rec->lines, err);
}

static void
cut(struct tk_buf *b, size_t len)
{
	if (len < b->len) {
		b->len = len;
		b->s[len] = '\0';
	}
}

static int
begin_batch(struct recording *rec, struct tk_err *err)
{
	if (rec->open)
		return 0;
	if (!rec->spooling && ledger_begin(rec->ctx->ledger, err) < 0 &&
	    fall_back(rec, err) < 0)
		return -1;
	rec->open = true;
	rec->began = tk_steady_ms();
	return 0;
}

int
recording_put(struct recording *rec, struct usage_record *r,
    enum ledger_rule rule, struct tk_err *err)
{
	enum ledger_result result = LEDGER_KNOWN;
	size_t before = rec->lines.len;

	if (((rec->async || rec->fallback) && add_line(rec, r, err) < 0) ||
	    begin_batch(rec, err) < 0)
		return -1;
	if (!rec->spooling &&
	    ledger_put(rec->ctx->ledger, r, rule, &result, err) < 0 &&
	    fall_back(rec, err) < 0) {
		cut(&rec->lines, before);
		return -1;
	}
	rec->in_batch++;
	if (!rec->spooling) {
		rec->fresh_in_batch += result == LEDGER_NEW;
		rec->fresh += result == LEDGER_NEW;
		rec->known += result != LEDGER_NEW;
		rec->last_id = r->id;
	}
	rec->last = *r;
	return 0;
}

bool
recording_is_due(const struct recording *rec)
{
	return rec->in_batch >= rec->batch_size ||
	    tk_steady_ms() - rec->began >= rec->timeout;
}
