/*
 * tokctl ledger - the database itself
 *
 * restore is in ledger_restore.c, prune in ledger_prune.c.
 */
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/time.h"
#include "ledger.h"
#include "ledger/anchor.h"
#include "ledger/check.h"
#include "ledger/equal.h"
#include "ledger/ledger.h"
#include "ledger/scan.h"
#include "ledger/schema.h"
#include "out/out.h"
#include "store/store.h"

struct ledger_args {
	struct cmd_common common;
	int64_t to;
	const char *anchor, *equal;
};

static const struct opt plain_opts[] = {
	OPT_COMMON(struct ledger_args),
	OPT_END,
};

static const struct out_col info_cols[] = {
	{ "ledger", "Ledger", OUT_TEXT, 0 },
	{ "backend", "Kind", OUT_TEXT, 0 },
	{ "engine", "Engine", OUT_TEXT, 0 },
	{ "journal", "Journal", OUT_TEXT, 0 },
	{ "schema_version", "Schema", OUT_INT, OUT_PLAIN },
	{ "uuid", "UUID", OUT_TEXT, 0 },
	{ "bytes", "Size", OUT_BYTES, 0 },
	{ "records", "Records", OUT_INT, 0 },
	{ "bytes_per_record", "Bytes a record", OUT_INT, 0 },
	{ "first_activity", "First", OUT_TIME, 0 },
	{ "last_activity", "Last", OUT_TIME, 0 },
	OUT_COL_END,
};

static void
out_time_if(struct out *o, bool known, int64_t ms)
{
	if (known)
		out_time(o, ms);
	else
		out_null(o);
}

static int
info_run(struct cmd_ctx *ctx, const void *args, int argc, const char **argv,
    struct tk_err *err)
{
	struct store *st = ledger_store(ctx->ledger);
	struct store_identity id;
	struct store_info info;
	struct ledger_extent extent;
	struct out *o = ctx->out;
	char uuid[33];

	(void)args, (void)argc, (void)argv;
	if (store_info(st, &info, err) < 0 ||
	    store_identify(st, &id, err) < 0 ||
	    ledger_uuid(ctx->ledger, uuid, err) < 0 ||
	    ledger_extent(ctx->ledger, &extent, err) < 0)
		return -1;
	out_document(o,
	    &(struct out_doc){ .schema = "tokctl.ledger.info/1",
		.shape = OUT_ONE });
	out_begin(o, info_cols);
	out_text(o, info.path);
	out_text(o, info.backend);
	out_text(o, info.engine);
	out_text(o, info.journal);
	out_int(o, id.version);
	out_text(o, uuid);
	out_int(o, info.bytes);
	out_int(o, extent.records);
	if (extent.records > 0)
		out_int(o, info.bytes / extent.records);
	else
		out_null(o);
	out_time_if(o, extent.records > 0, extent.first);
	out_time_if(o, extent.records > 0, extent.last);
	out_end_row(o);
	return 0;
}

static int
init_run(struct cmd_ctx *ctx, const void *args, int argc, const char **argv,
    struct tk_err *err)
{
	(void)args, (void)argc, (void)argv, (void)err;
	cmd_say(ctx, "the ledger is '%s'", ctx->ledger_url);
	return 0;
}

static const struct out_col check_cols[] = {
	{ "check", "Check", OUT_TEXT, 0 },
	{ "state", "State", OUT_TEXT, OUT_STATE },
	{ "looked_at", "Looked at", OUT_INT, OUT_MEDIUM },
	{ "faults", "Faults", OUT_INT, OUT_MEDIUM },
	{ "detail", "", OUT_TEXT, 0 },
	OUT_COL_END,
};

static void
print_findings(struct out *o, const struct ledger_findings *f, bool anchored)
{
	out_document(o,
	    &(struct out_doc){ .schema = "tokctl.ledger.check/1",
		.title = "Checks of the ledger" });
	out_begin(o, check_cols);
	for (int i = 0; i < CHECKS; i++) {
		bool ok = f->faults[i] == 0;

		if (i == CHECK_ANCHOR && !anchored)
			continue;
		out_text(o, ledger_check_names[i].name);
		out_text(o, ok ? "ok" : "FAILED");
		out_int(o, f->looked_at[i]);
		out_int(o, f->faults[i]);
		out_text(o, ok ? ledger_check_names[i].text : f->first[i]);
		out_end_row(o);
	}
	out_note(o, "%" PRId64 " record%s, chain head %s", f->records,
	    f->records == 1 ? "" : "s", f->head);
}

/* A ledger that passed is anchored anew, where it stands now. */
static int
add_anchor(const struct ledger_findings *f, const char *path, const char *uuid,
    struct tk_err *err)
{
	struct ledger_anchor now = { .records = f->records,
		.audit_entries = f->audit_entries };

	memcpy(now.head, f->head, sizeof(now.head));
	memcpy(now.audit_head, f->audit_head, sizeof(now.audit_head));
	return anchor_append(&now, path, uuid, err);
}

/* One line: equal, or the first difference. */
static int
check_equal(struct cmd_ctx *ctx, const char *other, struct tk_err *err)
{
	struct ledger_equality e;
	struct tk_buf first = TK_BUF_INIT;
	struct ledger *l;
	struct out *o = ctx->out;
	bool equal;
	int rc;

	if (ledger_open(&l, other, LEDGER_READ, err) < 0)
		return -1;
	rc = ledger_compare(ctx->ledger, l, &e, err);
	ledger_close(l);
	if (rc < 0)
		return -1;
	equal = e.only[0] + e.only[1] == 0;
	if (ctx->common->quiet && equal)
		return 0;
	out_document(o,
	    &(struct out_doc){ .schema = "tokctl.ledger.check/1",
		.title = "Two ledgers" });
	out_begin(o, check_cols);
	out_text(o, "equal");
	out_text(o, equal ? "ok" : "FAILED");
	out_int(o, e.records[0]);
	out_int(o, e.only[0] + e.only[1]);
	tk_buf_addf(&first,
	    "record %" PRId64 " of '%s' has no twin: ", e.first_id,
	    e.first_side == 0 ? ctx->ledger_url : other);
	tk_time_add(&first, ctx->zone, e.first_time);
	out_text(o, equal ? "both hold the same records" : first.s);
	tk_buf_release(&first);
	out_end_row(o);
	if (!equal)
		out_note(o, "%" PRId64 " records here, %" PRId64 " in '%s'",
		    e.records[0], e.records[1], other);
	return !equal;
}

static int
check_run(struct cmd_ctx *ctx, const void *args_, int argc, const char **argv,
    struct tk_err *err)
{
	const struct ledger_args *args = args_;
	struct ledger_anchor anchor;
	struct ledger_findings f;
	int64_t faults = 0;
	char uuid[33];
	int anchored = 0;

	(void)argc, (void)argv;
	if (args->equal != NULL) {
		if (args->anchor != NULL)
			return tk_fail(err, TK_USAGE,
			    "--equal does not go with --anchor");
		return check_equal(ctx, args->equal, err);
	}
	if (args->anchor != NULL) {
		if (ledger_uuid(ctx->ledger, uuid, err) < 0)
			return -1;
		anchored = anchor_read(&anchor, args->anchor, uuid, err);
	}
	if (anchored < 0 ||
	    ledger_check(ctx->ledger, anchored ? &anchor : NULL, &f, err) < 0)
		return -1;
	for (int i = 0; i < CHECKS; i++)
		faults += f.faults[i];
	if (args->anchor != NULL && faults == 0 &&
	    add_anchor(&f, args->anchor, uuid, err) < 0)
		return -1;
	if (!ctx->common->quiet || faults > 0)
		print_findings(ctx->out, &f, anchored);
	return faults > 0;
}

static const struct opt check_opts[] = {
	OPT_STR(0, "anchor", struct ledger_args, anchor, "file", HINT_FILE,
	    "compare with the last heads kept there, and add these"),
	OPT_STR(0, "equal", struct ledger_args, equal, "ledger", HINT_LEDGER,
	    "only: does that ledger hold the same records?"),
	OPT_COMMON(struct ledger_args),
	OPT_END,
};

static int
backup_run(struct cmd_ctx *ctx, const void *args, int argc, const char **argv,
    struct tk_err *err)
{
	(void)args;
	if (argc != 1) {
		tk_fail(err, TK_USAGE, "into which file?");
		return tk_hint(err, "as 'tokctl ledger backup usage.backup'");
	}
	if (store_backup(ledger_store(ctx->ledger), argv[0], err) < 0)
		return -1;
	cmd_say(ctx, "copied to '%s'", argv[0]);
	return 0;
}

static const struct opt migrate_opts[] = {
	OPT_INT(0, "to", struct ledger_args, to, "version",
	    "to this schema; the newest, if not given"),
	OPT_COMMON(struct ledger_args),
	OPT_END,
};

static void
migrate_defaults(void *args)
{
	((struct ledger_args *)args)->to = SCHEMA_NOW;
}

/* Going down drops what the older schema cannot hold: keep a copy. */
static int
keep_newer(struct cmd_ctx *ctx, struct store *st, int64_t from,
    struct tk_buf *kept, struct tk_err *err)
{
	struct tk_buf what = TK_BUF_INIT, suffix = TK_BUF_INIT;
	struct store_info info;
	int tries = 0, rc = store_info(st, &info, err);

	if (rc < 0)
		return -1;
	tk_buf_addf(&what, "schema-%" PRId64, from);
	do {
		ledger_aside(&suffix, info.path, what.s, ctx->now);
		tk_buf_reset(kept);
		tk_buf_addf(kept, "%s%s", info.path, suffix.s);
		rc = store_backup(st, kept->s, err);
	} while (rc < 0 && access(kept->s, F_OK) == 0 &&
	    ++tries < LEDGER_ASIDE_TRIES);
	tk_buf_release(&what);
	tk_buf_release(&suffix);
	return rc;
}

static int
migrate(struct cmd_ctx *ctx, struct store *st, int64_t from, int64_t to,
    struct tk_err *err)
{
	struct tk_buf kept = TK_BUF_INIT;
	struct store_identity id;
	int rc = -1;

	if (store_hold(st, err) < 0)
		return -1;
	if (to < from && keep_newer(ctx, st, from, &kept, err) < 0)
		goto out;
	if (store_begin(st, err) < 0)
		goto out;
	/* Another process may have done it meanwhile. */
	if (store_identify(st, &id, err) < 0 ||
	    schema_migrate(st, id.version, to, err) < 0 ||
	    store_commit(st, STORE_DURABLE, err) < 0) {
		store_rollback(st);
		goto out;
	}
	cmd_say(ctx, "from schema %" PRId64 " to %" PRId64 " (%s)", from, to,
	    schema_name(to));
	if (kept.len > 0)
		cmd_say(ctx, "what it was is in '%s'", kept.s);
	rc = 0;
out:
	store_release(st);
	tk_buf_release(&kept);
	return rc;
}

static int
migrate_run(struct cmd_ctx *ctx, const void *args_, int argc, const char **argv,
    struct tk_err *err)
{
	const struct ledger_args *args = args_;
	struct store_identity id;
	struct ledger *l;
	int rc = -1;

	(void)argc, (void)argv;
	if (args->to < 1 || args->to > SCHEMA_NOW)
		return tk_fail(err, TK_USAGE, "--to: schemas are 1 to %d",
		    SCHEMA_NOW);
	if (ledger_open(&l, ctx->ledger_url, LEDGER_WRITE | LEDGER_ANY_SCHEMA,
		err) < 0)
		return -1;
	if (store_identify(ledger_store(l), &id, err) < 0)
		goto out;
	if (id.version == args->to) {
		cmd_say(ctx, "the ledger has schema %" PRId64 " already",
		    id.version);
		rc = 0;
	} else {
		rc = migrate(ctx, ledger_store(l), id.version, args->to, err);
	}
out:
	ledger_close(l);
	return rc;
}

#define LEDGER_CMD(verb, text, ops, options, need) \
	static const struct cmd cmd_ledger_##verb = { \
		.name = #verb, \
		.summary = (text), \
		.operands = (ops), \
		.opts = (options), \
		.args_size = sizeof(struct ledger_args), \
		.needs = (need), \
		.run = verb##_run, \
	};

LEDGER_CMD(info, "say where the ledger is and what it holds", NULL, plain_opts,
    CMD_OUT | CMD_LEDGER_READ)
LEDGER_CMD(init, "make the ledger, if there is none", NULL, plain_opts,
    CMD_LEDGER_WRITE)
LEDGER_CMD(check, "prove that the ledger is whole", NULL, check_opts,
    CMD_OUT | CMD_LEDGER_READ)
LEDGER_CMD(backup, "copy the ledger while others write", "file", plain_opts,
    CMD_LEDGER_READ)

static const struct cmd cmd_ledger_migrate = {
	.name = "migrate",
	.summary = "bring the tables to another schema",
	.opts = migrate_opts,
	.args_size = sizeof(struct ledger_args),
	.defaults = migrate_defaults,
	.needs = CMD_LEDGER_NAME,
	.run = migrate_run,
};

static const struct cmd *const ledger_verbs[] = { &cmd_ledger_info,
	&cmd_ledger_init, &cmd_ledger_check, &cmd_ledger_backup,
	&cmd_ledger_restore, &cmd_ledger_migrate, &cmd_ledger_prune, NULL };

const struct cmd cmd_ledger = {
	.name = "ledger",
	.summary = "look after the ledger itself",
	.verbs = ledger_verbs,
};
