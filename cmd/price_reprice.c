/*
 * tokctl price reprice - price what had no price when it was booked
 *
 * A record is never changed: it is taken back and booked anew with its cost.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/mem.h"
#include "cmd.h"
#include "filter.h"
#include "ingest/ingest.h"
#include "ledger/audit.h"
#include "out/out.h"
#include "price.h"
#include "usage.h"

struct reprice_args {
	struct cmd_common common;
	struct cmd_filter filter;
	bool all;
	bool dry_run;
};

static const struct opt reprice_opts[] = {
	OPT_FLAG('a', "all", struct reprice_args, all,
	    "also what had another price; never a given cost"),
	OPT_FLAG('n', "dry-run", struct reprice_args, dry_run,
	    "say what would be done, and do nothing"),
	OPT_FILTER(struct reprice_args),
	OPT_COMMON(struct reprice_args),
	OPT_END,
};

static const struct out_col reprice_cols[] = {
	{ "looked_at", "Looked at", OUT_INT, 0 },
	{ "repriced", "Repriced", OUT_INT, 0 },
	{ "unpriced_requests", "Without a price", OUT_INT, 0 },
	{ "cost_usd", "Cost, more", OUT_MONEY, 0 },
	{ "dry_run", "Only tried", OUT_BOOL, 0 },
	OUT_COL_END,
};

/* What is to be done, found before anything is. */
struct repricing {
	struct change {
		int64_t id, cost, was;
	} * change;
	size_t n, room;
	int64_t looked_at, unpriced;
	size_t booked;
	tk_int128 more;
};

static void
add_change(struct repricing *re, struct change change)
{
	if (re->n == re->room) {
		re->room = re->room ? re->room * 2 : 1024;
		re->change =
		    tk_xreallocarray(re->change, re->room, sizeof(*re->change));
	}
	re->change[re->n++] = change;
}

/* The price of one record by the book as it is now. */
static int
look_at(struct cmd_ctx *ctx, struct repricing *re,
    const struct usage_record *old, struct tk_err *err)
{
	struct usage_record r = *old;
	int64_t was = old->cost == RECORD_UNKNOWN ? 0 : old->cost;

	re->looked_at++;
	r.cost = RECORD_UNKNOWN;
	r.cost_origin = COST_UNKNOWN;
	if (ingest_price(ctx->prices, &r, err) < 0)
		return -1;
	if (r.cost == RECORD_UNKNOWN) {
		re->unpriced += old->cost == RECORD_UNKNOWN;
	} else if (r.cost != old->cost) {
		add_change(re, (struct change){ old->id, r.cost, was });
	}
	return 0;
}

static int
find_changes(struct cmd_ctx *ctx, const struct reprice_args *args,
    struct repricing *re, struct tk_err *err)
{
	struct ledger_filter filter;
	struct ledger_scan *scan;
	struct packed_record *v;
	int more;

	if (cmd_filter_read(ctx, &args->filter, &filter, err) < 0 ||
	    ledger_scan_open(&scan, ctx->ledger, &filter, SCAN_STANDING, err) <
		0)
		return -1;
	while ((more = ledger_scan_next(scan, &v, err)) > 0) {
		if (v->r.cost_origin == COST_GIVEN ||
		    (!args->all && v->r.cost != RECORD_UNKNOWN))
			continue;
		if (ledger_scan_resolve(scan, v, err) < 0 ||
		    look_at(ctx, re, &v->r, err) < 0) {
			more = -1;
			break;
		}
	}
	ledger_scan_close(scan);
	return more;
}

enum { AT_ONCE = 5000 };

/* An entry in the audit chain, in the transaction of what it tells of. */
static int
audit_changes(struct cmd_ctx *ctx, const struct ledger_actor *actor,
    size_t records, tk_int128 more, struct tk_err *err)
{
	struct tk_buf object = TK_BUF_INIT, money = TK_BUF_INIT,
		      detail = TK_BUF_INIT;
	int rc;

	tk_buf_addf(&object, "%zu records", records);
	tk_money_add(&money, more);
	audit_detail(&detail, "cost_usd", money.s);
	rc = audit_add(ctx->ledger, actor, "price.reprice", object.s, detail.s,
	    err);
	tk_buf_release(&object);
	tk_buf_release(&money);
	tk_buf_release(&detail);
	return rc;
}

/* In a transaction: what was taken back meanwhile is passed over. */
static int
book_some(struct cmd_ctx *ctx, const struct change *change, size_t n,
    const struct ledger_actor *actor, struct repricing *re, struct tk_err *err)
{
	tk_int128 more = 0;
	size_t booked = 0;

	for (size_t i = 0; i < n; i++) {
		int64_t by;

		if (ledger_reversed_by(ctx->ledger, change[i].id, &by, err) < 0)
			return -1;
		if (by != 0)
			continue;
		if (ledger_reprice(ctx->ledger, change[i].id, change[i].cost,
			err) < 0)
			return -1;
		more += change[i].cost - change[i].was;
		booked++;
	}
	re->booked += booked;
	re->more += more;
	return booked == 0 ? 0 : audit_changes(ctx, actor, booked, more, err);
}

/* Book the changes, some at a time: others are waiting to write. */
static int
book_changes(struct cmd_ctx *ctx, struct repricing *re, struct tk_err *err)
{
	struct ledger_actor actor = { .time = ctx->now };

	if (usage_user(ctx, &actor.name, err) < 0)
		return -1;
	for (size_t i = 0; i < re->n; i += AT_ONCE) {
		size_t n = re->n - i > AT_ONCE ? AT_ONCE : re->n - i;

		if (ledger_begin(ctx->ledger, err) < 0 ||
		    book_some(ctx, re->change + i, n, &actor, re, err) < 0 ||
		    ledger_commit(ctx->ledger, LEDGER_DURABLE, err) < 0)
			return -1;
	}
	return 0;
}

/* What book_changes() would do. */
static void
count_changes(struct repricing *re)
{
	re->booked = re->n;
	for (size_t i = 0; i < re->n; i++)
		re->more += re->change[i].cost - re->change[i].was;
}

static void
print_repricing(struct cmd_ctx *ctx, const struct repricing *re, bool dry_run)
{
	struct out *o = ctx->out;

	out_document(o,
	    &(struct out_doc){ .schema = "tokctl.price.reprice/1",
		.shape = OUT_ONE });
	out_begin(o, reprice_cols);
	out_int(o, re->looked_at);
	out_int(o, (tk_int128)re->booked);
	out_int(o, re->unpriced);
	out_money(o, re->more);
	out_bool(o, dry_run);
	out_end_row(o);
}

static int
reprice_check(const struct cmd_ctx *ctx, const void *args, int argc,
    const char **argv, struct tk_err *err)
{
	(void)argc, (void)argv;
	return cmd_filter_check(ctx,
	    &((const struct reprice_args *)args)->filter, err);
}

static int
reprice_run(struct cmd_ctx *ctx, const void *args_, int argc, const char **argv,
    struct tk_err *err)
{
	const struct reprice_args *args = args_;
	struct repricing re = { 0 };
	int rc = -1;

	(void)argc, (void)argv;
	if (find_changes(ctx, args, &re, err) < 0)
		goto out;
	if (args->dry_run)
		count_changes(&re);
	else if (re.n > 0 && book_changes(ctx, &re, err) < 0)
		goto out;
	print_repricing(ctx, &re, args->dry_run);
	rc = 0;
out:
	ledger_rollback(ctx->ledger);
	free(re.change);
	return rc;
}

const struct cmd cmd_price_reprice = {
	.name = "reprice",
	.summary = "price what had no price when it was booked",
	.examples = "tokctl price reprice --dry-run\twhat would change\n"
		    "tokctl price reprice\tafter 'price update'\n",
	.opts = reprice_opts,
	.args_size = sizeof(struct reprice_args),
	.needs = CMD_OUT | CMD_LEDGER_UPDATE | CMD_PRICES,
	.check = reprice_check,
	.run = reprice_run,
};
