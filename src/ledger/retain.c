/* Dropping the detail of old records: see retain.h. */
#include "ledger/retain.h"

#include <inttypes.h>
#include <string.h>

#include "base/buf.h"
#include "ledger/audit.h"
#include "ledger/ledger_int.h"

/* A step reads and writes so much, which takes a hundredth of a second. */
enum { STEP_BYTES = 1 << 20, STEP_SEGMENTS = 64 };

static const char next_sql[] = "SELECT first_id, n, t_min, t_max, head, data"
			       "  FROM segment"
			       " WHERE first_id > $1 AND t_min < $2"
			       " ORDER BY first_id"
			       " LIMIT 1";
static const char write_sql[] =
    "UPDATE segment SET head = $2, data = $3 WHERE first_id = $1";

void
ledger_thin(struct usage_record *r)
{
	r->request_id = r->metadata = r->tools = NULL;
	r->latency_ms = r->first_token_ms = RECORD_UNKNOWN;
	r->estimated_input_tokens = RECORD_UNKNOWN;
}

static bool
has_detail(const struct usage_record *r)
{
	return r->request_id != NULL || r->metadata != NULL ||
	    r->tools != NULL || r->latency_ms != RECORD_UNKNOWN ||
	    r->first_token_ms != RECORD_UNKNOWN ||
	    r->estimated_input_tokens != RECORD_UNKNOWN;
}

/* One segment as it is, and as it will be. */
struct pruning {
	struct retention *p;
	struct stmt *next, *write;
	struct tk_buf thin;
	int64_t done; /* bytes, in this step */
};

/* Pack the records anew; the number of those that lose something, or -1. */
static int64_t
thin_records(struct pruning *w, const uint8_t *data, size_t len,
    struct tk_err *err)
{
	const uint8_t *p = data, *end = data + len;
	struct retention *r = w->p;
	int64_t n = 0;

	tk_buf_reset(&w->thin);
	while (p < end) {
		struct packed_record v;

		if (!pack_read(&p, end, &v))
			return tk_fail(err, TK_DATA,
			    "the ledger is damaged: the records after %" PRId64
			    " cannot be read",
			    r->after_id);
		if (v.r.time < r->before && has_detail(&v.r)) {
			ledger_thin(&v.r);
			if (r->records + n == 0 || v.r.time < r->first)
				r->first = v.r.time;
			if (r->records + n == 0 || v.r.time > r->last)
				r->last = v.r.time;
			n++;
		}
		pack_record(&w->thin, &v.r, v.name);
	}
	return n;
}

static int
write_thin(struct pruning *w, int64_t first_id, const uint8_t *head,
    struct tk_err *err)
{
	uint8_t sealed[SEALED_SIZE];

	memcpy(sealed, head, HEAD_SIZE);
	segment_seal(sealed, w->thin.s, w->thin.len);
	stmt_bind_int(w->write, 1, first_id);
	stmt_bind_blob(w->write, 2, sealed, sizeof(sealed));
	stmt_bind_blob(w->write, 3, w->thin.s, w->thin.len);
	return stmt_step(w->write, err);
}

/* 1: it was looked at; 0: there is no other one. */
static int
prune_segment(struct pruning *w, struct tk_err *err)
{
	struct retention *p = w->p;
	uint8_t head[HEAD_SIZE];
	const void *bytes;
	int64_t first_id, n;
	size_t len;
	int more;

	stmt_bind_int(w->next, 1, p->after_id);
	stmt_bind_int(w->next, 2, p->before);
	more = stmt_step(w->next, err);
	if (more <= 0)
		return more;
	first_id = stmt_int(w->next, 0);
	bytes = stmt_blob(w->next, 4, &len);
	if (len < HEAD_SIZE) {
		stmt_reset(w->next);
		return tk_fail(err, TK_DATA,
		    "the ledger is damaged: the hash of record %" PRId64,
		    first_id);
	}
	memcpy(head, bytes, HEAD_SIZE);
	bytes = stmt_blob(w->next, 5, &len);
	n = thin_records(w, bytes, len, err);
	stmt_reset(w->next);
	if (n < 0)
		return -1;
	p->after_id = first_id;
	w->done += (int64_t)len;
	if (n == 0)
		return 1;
	p->records += n;
	p->bytes += (int64_t)len - (int64_t)w->thin.len;
	return p->dry_run || write_thin(w, first_id, head, err) == 0 ? 1 : -1;
}

/* What this step did, into the audit chain. */
static int
tell(struct ledger *l, const struct retention *p, int64_t records,
    const struct ledger_actor *by, struct tk_err *err)
{
	struct tk_buf detail = TK_BUF_INIT;
	int rc;

	tk_buf_addf(&detail,
	    "{\"before_ms\":%" PRId64 ",\"records\":%" PRId64
	    ",\"to_segment\":%" PRId64 "}",
	    p->before, records, p->after_id);
	rc = audit_add(l, by, "ledger.prune", "the detail of old records",
	    detail.s, err);
	tk_buf_release(&detail);
	return rc;
}

static int
prune_some(struct ledger *l, struct retention *p, const struct ledger_actor *by,
    struct tk_err *err)
{
	struct pruning w = { .p = p, .thin = TK_BUF_INIT };
	int64_t before = p->records;
	int more = 1, rc = -1;

	if (store_prepare(l->store, &w.next, next_sql, err) < 0 ||
	    store_prepare(l->store, &w.write, write_sql, err) < 0)
		goto out;
	for (int i = 0; more > 0 && i < STEP_SEGMENTS && w.done < STEP_BYTES;
	     i++)
		more = prune_segment(&w, err);
	if (more >= 0 &&
	    (p->dry_run || p->records == before ||
		tell(l, p, p->records - before, by, err) == 0))
		rc = more;
out:
	stmt_free(w.next);
	stmt_free(w.write);
	tk_buf_release(&w.thin);
	return rc;
}

int
ledger_prune(struct ledger *l, struct retention *p,
    const struct ledger_actor *by, struct tk_err *err)
{
	struct retention was = *p;
	int more;

	if (p->dry_run) {
		if (ledger_begin_read(l, err) < 0)
			return -1;
		more = prune_some(l, p, by, err);
		ledger_end_read(l);
		return more;
	}
	if (ledger_begin(l, err) < 0)
		return -1;
	more = prune_some(l, p, by, err);
	if (more >= 0 && p->records == was.records)
		ledger_rollback(l);
	else if (more < 0 || ledger_commit(l, LEDGER_DURABLE, err) < 0) {
		ledger_rollback(l);
		*p = was;
		more = -1;
	}
	return more;
}
