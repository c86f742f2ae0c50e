/*
 * tokctl ledger prune - drop the detail of old records
 *
 * Step by step, each durable: others write between two steps, and what was
 * done stays done when the program is killed.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/num.h"
#include "base/time.h"
#include "ledger.h"
#include "ledger/retain.h"
#include "limit.h"
#include "out/out.h"
#include "store/store.h"

struct prune_args {
	struct cmd_common common;
	const char *keep;
	bool dry_run, yes;
};

static const struct opt prune_opts[] = {
	OPT_STR(0, "keep", struct prune_args, keep, "time", HINT_NONE,
	    "how old detail may become, as 400d"),
	OPT_FLAG('n', "dry-run", struct prune_args, dry_run,
	    "say what would be dropped, and drop nothing"),
	OPT_FLAG('y', "yes", struct prune_args, yes, "do not ask"),
	OPT_COMMON(struct prune_args),
	OPT_END,
};

static const struct out_col prune_cols[] = {
	{ "dry_run", "Dry run", OUT_BOOL, 0 },
	{ "before", "Before", OUT_TIME, 0 },
	{ "records", "Records", OUT_INT, 0 },
	{ "bytes", "Bytes", OUT_BYTES, 0 },
	{ "first_activity", "First", OUT_TIME, 0 },
	{ "last_activity", "Last", OUT_TIME, 0 },
	OUT_COL_END,
};

static int
find_bound(const struct cmd_ctx *ctx, const struct prune_args *args,
    int64_t *before, struct tk_err *err)
{
	int64_t keep;

	if (args->keep == NULL) {
		tk_fail(err, TK_USAGE, "how much is to be kept?");
		return tk_hint(err, "as 'tokctl ledger prune --keep 400d'");
	}
	if (tk_duration_parse(args->keep, &keep, err) < 0) {
		err->code = TK_USAGE;
		return tk_wrap(err, "--keep");
	}
	if (keep < 0 || __builtin_sub_overflow(ctx->now, keep, before))
		*before = INT64_MIN;
	return 0;
}

/* All steps; with dry_run, of one moment. */
static int
prune(struct cmd_ctx *ctx, struct retention *p, struct tk_err *err)
{
	struct ledger_actor by;
	int more;

	if (cmd_actor(ctx, &by, err) < 0 ||
	    (p->dry_run && ledger_begin_read(ctx->ledger, err) < 0))
		return -1;
	while ((more = ledger_prune(ctx->ledger, p, &by, err)) > 0)
		;
	if (p->dry_run)
		ledger_end_read(ctx->ledger);
	return more;
}

/* "48,210 records (2025-03-02 to 2025-12-31)" */
static void
add_what(const struct cmd_ctx *ctx, const struct retention *p, struct tk_buf *b)
{
	struct tk_buf first = TK_BUF_INIT, last = TK_BUF_INIT;

	tk_int_add_grouped(b, p->records, &tk_digits_default);
	tk_buf_addf(b, " record%s", p->records == 1 ? "" : "s");
	if (p->records > 0) {
		tk_time_add_minute(&first, ctx->zone, p->first);
		tk_time_add_minute(&last, ctx->zone, p->last);
		tk_buf_addf(b, " (%.10s to %.10s)", first.s, last.s);
	}
	tk_buf_release(&first);
	tk_buf_release(&last);
}

/* 0: go on.  Who is not there to answer must have said so before. */
static int
confirm(struct cmd_ctx *ctx, int64_t before, struct tk_err *err)
{
	struct retention all = { .before = before, .dry_run = true };
	struct tk_buf what = TK_BUF_INIT;
	char line[16];

	if (!isatty(STDIN_FILENO)) {
		tk_fail(err, TK_USAGE, "refusing to prune without a terminal");
		return tk_hint(err, "pass --yes, or --dry-run to look first");
	}
	if (prune(ctx, &all, err) < 0)
		return -1;
	add_what(ctx, &all, &what);
	fprintf(stderr,
	    "This drops the detail of %s from\n%s.  Type 'prune' to go on: ",
	    what.s, store_path(ctx->ledger_url));
	tk_buf_release(&what);
	if (fgets(line, sizeof(line), stdin) == NULL ||
	    strcmp(line, "prune\n") != 0)
		return tk_fail(err, TK_USAGE, "nothing was pruned");
	return 0;
}

static int
prune_run(struct cmd_ctx *ctx, const void *args_, int argc, const char **argv,
    struct tk_err *err)
{
	const struct prune_args *args = args_;
	struct retention p = { .dry_run = args->dry_run };
	struct tk_buf what = TK_BUF_INIT;
	struct out *o = ctx->out;

	(void)argc, (void)argv;
	if (find_bound(ctx, args, &p.before, err) < 0 ||
	    (!args->dry_run && !args->yes && confirm(ctx, p.before, err) < 0) ||
	    prune(ctx, &p, err) < 0)
		return -1;
	if (ctx->common->format <= 0) {
		add_what(ctx, &p, &what);
		tk_buf_adds(&what, ", ");
		tk_bytes_add(&what, p.bytes);
		cmd_say(ctx, "%s the detail of %s",
		    p.dry_run ? "would drop" : "dropped", what.s);
		tk_buf_release(&what);
		return 0;
	}
	out_document(o,
	    &(struct out_doc){ .schema = "tokctl.ledger.prune/1",
		.shape = OUT_ONE });
	out_begin(o, prune_cols);
	out_bool(o, p.dry_run);
	out_time(o, p.before);
	out_int(o, p.records);
	out_int(o, p.bytes);
	if (p.records > 0) {
		out_time(o, p.first);
		out_time(o, p.last);
	} else {
		out_null(o);
		out_null(o);
	}
	out_end_row(o);
	return 0;
}

const struct cmd cmd_ledger_prune = {
	.name = "prune",
	.summary = "drop the detail of old records",
	.format = "table",
	.examples = "tokctl ledger prune --keep 400d --dry-run\tlook first\n",
	.opts = prune_opts,
	.args_size = sizeof(struct prune_args),
	.needs = CMD_OUT | CMD_LEDGER_UPDATE,
	.run = prune_run,
};
