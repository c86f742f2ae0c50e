/*
 * tokctl ledger restore - check a backup and put it in place
 *
 * What was there is kept beside it.
 */
#include <inttypes.h>
#include <unistd.h>

#include "base/buf.h"
#include "ledger.h"
#include "ledger/check.h"
#include "ledger/ledger.h"
#include "store/store.h"

struct restore_args {
	struct cmd_common common;
};

static const struct opt restore_opts[] = {
	OPT_COMMON(struct restore_args),
	OPT_END,
};

/* A backup is only put in place when every check of it passes; path is
 * where it is. */
static int
check_backup(const char *url, struct tk_buf *path, int64_t *records,
    struct tk_err *err)
{
	struct ledger_findings f;
	struct store_info info;
	struct ledger *l;
	int rc;

	if (ledger_open(&l, url, LEDGER_READ, err) < 0)
		return tk_hint(err, "give what 'tokctl ledger backup' wrote");
	rc = ledger_check(l, NULL, &f, err);
	for (int i = 0; rc == 0 && i < CHECKS; i++)
		if (f.faults[i] > 0)
			rc = tk_fail(err, TK_DATA,
			    "'%s' is damaged and was not restored: %s: %s", url,
			    ledger_check_names[i].name, f.first[i]);
	if (rc == 0 && (rc = store_info(ledger_store(l), &info, err)) == 0)
		tk_buf_adds(path, info.path);
	*records = f.records;
	ledger_close(l);
	return rc;
}

void
ledger_aside(struct tk_buf *suffix, const char *path, const char *what,
    int64_t now)
{
	struct tk_buf name = TK_BUF_INIT;

	for (int i = 1;; i++) {
		tk_buf_reset(suffix);
		tk_buf_addf(suffix, ".%s-%" PRId64, what, now / 1000);
		if (i > 1)
			tk_buf_addf(suffix, "-%d", i);
		tk_buf_reset(&name);
		tk_buf_addf(&name, "%s%s", path, suffix->s);
		if (access(name.s, F_OK) != 0)
			break;
	}
	tk_buf_release(&name);
}

/*
 * Put the backup in place; what was there before goes to kept.  Another
 * process may take the name for that first: then there is another one.
 */
static int
replace(struct cmd_ctx *ctx, struct ledger *l, const char *from,
    struct tk_buf *kept, struct tk_err *err)
{
	struct store *st = ledger_store(l);
	struct tk_buf suffix = TK_BUF_INIT;
	struct ledger_extent before;
	struct store_info info;
	int tries = 0, rc = -1;

	if (ledger_extent(l, &before, err) < 0 ||
	    store_info(st, &info, err) < 0)
		return -1;
	if (before.records == 0)
		return store_restore(st, from, NULL, err);
	do {
		ledger_aside(&suffix, info.path, "before-restore", ctx->now);
		tk_buf_reset(kept);
		tk_buf_addf(kept, "%s%s", info.path, suffix.s);
		rc = store_restore(st, from, kept->s, err);
	} while (rc < 0 && err->code != TK_DATA && access(kept->s, F_OK) == 0 &&
	    ++tries < LEDGER_ASIDE_TRIES);
	tk_buf_release(&suffix);
	return rc;
}

/*
 * The same where a ledger is that cannot be opened or copied, or none: that
 * is set aside as it is.
 */
static int
replace_damaged(struct cmd_ctx *ctx, const char *from, struct tk_buf *kept,
    struct tk_err *err)
{
	struct tk_buf suffix = TK_BUF_INIT;
	struct ledger *l;
	int rc;

	tk_buf_reset(kept);
	ledger_aside(&suffix, store_path(ctx->ledger_url), "before-restore",
	    ctx->now);
	rc = store_set_aside(ctx->ledger_url, suffix.s, kept, err);
	tk_buf_release(&suffix);
	if (rc < 0 ||
	    ledger_open(&l, ctx->ledger_url, LEDGER_WRITE | LEDGER_CREATE,
		err) < 0)
		return -1;
	rc = store_restore(ledger_store(l), from, NULL, err);
	ledger_close(l);
	return rc;
}

static int
restore_run(struct cmd_ctx *ctx, const void *args, int argc, const char **argv,
    struct tk_err *err)
{
	struct tk_buf from = TK_BUF_INIT, kept = TK_BUF_INIT;
	struct ledger *l = NULL;
	int64_t records;
	int rc = -1;

	(void)args;
	if (argc != 1) {
		tk_fail(err, TK_USAGE, "from which backup?");
		return tk_hint(err, "as 'tokctl ledger restore usage.backup'");
	}
	if (check_backup(argv[0], &from, &records, err) < 0)
		goto out;
	rc =
	    ledger_open(&l, ctx->ledger_url, LEDGER_WRITE | LEDGER_CREATE, err);
	if (rc == 0)
		rc = replace(ctx, l, from.s, &kept, err);
	ledger_close(l);
	if (rc < 0 && err->code == TK_DATA)
		rc = replace_damaged(ctx, from.s, &kept, err);
	if (rc < 0)
		goto out;
	cmd_say(ctx, "restored %" PRId64 " records from '%s'", records,
	    argv[0]);
	if (kept.len > 0)
		cmd_say(ctx, "what was there before is in '%s'", kept.s);
out:
	tk_buf_release(&from);
	tk_buf_release(&kept);
	return rc;
}

const struct cmd cmd_ledger_restore = {
	.name = "restore",
	.summary = "check a backup and put it in place",
	.operands = "file",
	.opts = restore_opts,
	.args_size = sizeof(struct restore_args),
	.needs = CMD_LEDGER_NAME,
	.run = restore_run,
};
