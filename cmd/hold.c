/* Reserving and settling: see hold.h. */
#include "hold.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/utf8.h"
#include "ingest/ingest.h"
#include "ledger/ledger.h"
#include "limit.h"
#include "limit/people.h"

void
hold_usage_init(struct hold_usage *u)
{
	*u = (struct hold_usage){ 0 };
	usage_tokens_init(&u->used);
	u->latency = RECORD_UNKNOWN;
}

void
hold_say(const struct cmd_ctx *ctx, const char *text)
{
	struct tk_buf b = TK_BUF_INIT;

	tk_utf8_add_clean(&b, text, strlen(text));
	fprintf(ctx->to, "%s\n", b.s);
	tk_buf_release(&b);
}

int
hold_reserve(struct cmd_ctx *ctx, const struct limit_ask *ask,
    struct limit_answer *a, struct tk_err *err)
{
	int rc;

	if (ledger_begin(ctx->ledger, err) < 0)
		return -1;
	rc = limit_reserve(ctx->ledger, ask, a, err);
	/* A refusal and a repeated answer change nothing. */
	if (rc < 0 || a->reservation == 0 || a->repeated)
		ledger_rollback(ctx->ledger);
	else
		rc = ledger_commit(ctx->ledger, LEDGER_DURABLE, err);
	if (rc < 0)
		limit_answer_release(a);
	return rc;
}

/* The record of a call: what was said, and what the hold knows. */
static int
fill_in(const struct cmd_ctx *ctx, const struct hold_usage *u,
    const struct limit_hold *h, struct usage_record *r, struct tk_err *err)
{
	record_init(r);
	r->time = h->created;
	r->user = h->who.user;
	r->application =
	    u->application != NULL ? u->application : h->who.application;
	r->model = u->model != NULL ? u->model : h->who.model;
	r->session = u->session != NULL ? u->session : h->who.session;
	r->key = h->who.key;
	r->provider = u->provider;
	r->source = "cli";
	r->error = u->error;
	r->metadata = u->metadata;
	r->request_id = u->request_id;
	r->latency_ms = u->latency;
	/* Every record names a model or an application. */
	if (r->model == NULL && r->application == NULL)
		r->application = "unknown";
	if (usage_read_tokens(&u->used, r, err) < 0 ||
	    usage_check_texts(r, err) < 0 ||
	    usage_read_cost(u->cost, r, err) < 0 ||
	    usage_read_time(ctx, u->at, r, err) < 0 ||
	    ingest_price(ctx->prices, r, err) < 0)
		return -1;
	return 0;
}

static int
find_hold(struct cmd_ctx *ctx, const char *text, struct limit_hold *h,
    struct hold_result *result, struct tk_err *err)
{
	int64_t id;
	int found = 0;

	if (limit_hold_parse(text, &id)) {
		snprintf(result->id, sizeof(result->id), "r%" PRId64, id);
		found = limit_hold_get(ctx->ledger, id, h, err);
	}
	if (found < 0)
		return -1;
	if (found == 0) {
		tk_fail(err, TK_NOTFOUND, "no reservation '%.64s'", text);
		return tk_hint(err, "give what 'tokctl quota reserve' printed");
	}
	return 0;
}

static int
settle_found(struct cmd_ctx *ctx, const struct limit_hold *h,
    const struct hold_usage *u, struct hold_result *result, struct tk_err *err)
{
	struct tk_buf request_id = TK_BUF_INIT;
	enum limit_strangers strangers;
	struct usage_record r;
	int rc = -1;

	if (fill_in(ctx, u, h, &r, err) < 0 ||
	    cmd_strangers(ctx, &strangers, err) < 0)
		goto out;
	/* A call that was let through is booked, whatever became of the
	 * user since. */
	if (strangers == STRANGERS_BOOK &&
	    person_admit(ctx->ledger, strangers, &r, err) < 0)
		goto out;
	if (r.request_id == NULL) {
		if (limit_hold_request(ctx->ledger, h->id, &request_id, err) <
		    0)
			goto out;
		r.request_id = request_id.s;
	}
	if (limit_settle(ctx->ledger, h, &r, u->at != NULL, ctx->now,
		&result->again, err) < 0)
		goto out;
	result->state = HOLD_SETTLED;
	result->record = r.id;
	result->total = record_total(&r);
	result->held = h->tokens;
	result->priced = r.cost != RECORD_UNKNOWN;
	result->cost = r.cost;
	rc = 0;
out:
	tk_buf_release(&request_id);
	return rc;
}

int
hold_settle(struct cmd_ctx *ctx, const char *id, const struct hold_usage *u,
    struct hold_result *r, struct tk_err *err)
{
	struct limit_hold h = { 0 };
	int rc = -1;

	*r = (struct hold_result){ 0 };
	if (ledger_begin(ctx->ledger, err) < 0)
		return -1;
	if (find_hold(ctx, id, &h, r, err) == 0 &&
	    settle_found(ctx, &h, u, r, err) == 0) {
		rc = 0;
		if (!r->again)
			rc = ledger_commit(ctx->ledger, LEDGER_DURABLE, err);
	}
	ledger_rollback(ctx->ledger);
	limit_hold_release(&h);
	return rc;
}

int
hold_free(struct cmd_ctx *ctx, const char *id, struct hold_result *r,
    struct tk_err *err)
{
	struct limit_hold h = { 0 };
	int rc = -1;

	*r = (struct hold_result){ 0 };
	if (ledger_begin(ctx->ledger, err) < 0)
		return -1;
	if (find_hold(ctx, id, &h, r, err) == 0 &&
	    limit_release(ctx->ledger, &h, ctx->now, &r->again, err) == 0) {
		rc = 0;
		r->state = h.state != HOLD_ACTIVE ? h.state
		    : h.expires <= ctx->now       ? HOLD_EXPIRED
						  : HOLD_RELEASED;
		if (!r->again)
			rc = ledger_commit(ctx->ledger, LEDGER_DURABLE, err);
	}
	ledger_rollback(ctx->ledger);
	limit_hold_release(&h);
	return rc;
}
