/*
 * tokctl export - the ledger's records, for other programs
 *
 * Streams: any number of records in constant memory.
 */
#include "base/buf.h"
#include "cmd.h"
#include "filter.h"
#include "out/out.h"
#include "record_out.h"

struct export_args {
	struct cmd_common common;
	struct cmd_filter filter;
	bool all;
};

static const struct opt export_opts[] = {
	OPT_FLAG('a', "all", struct export_args, all,
	    "with what was taken back, and what took it back"),
	OPT_FILTER(struct export_args),
	OPT_COMMON(struct export_args),
	OPT_END,
};

static int
export_check(const struct cmd_ctx *ctx, const void *args, int argc,
    const char **argv, struct tk_err *err)
{
	(void)argc, (void)argv;
	return cmd_filter_check(ctx,
	    &((const struct export_args *)args)->filter, err);
}

static int
export_run(struct cmd_ctx *ctx, const void *args_, int argc, const char **argv,
    struct tk_err *err)
{
	const struct export_args *args = args_;
	struct ledger_scan *scan = NULL;
	struct ledger_filter filter;
	struct packed_record *v;
	struct out_doc doc = { .schema = "tokctl.export/1",
		.title = "Usage records" };
	struct tk_buf name = TK_BUF_INIT;
	char uuid[33];
	int more;

	(void)argc, (void)argv;
	if (ledger_uuid(ctx->ledger, uuid, err) < 0 ||
	    cmd_filter_read(ctx, &args->filter, &filter, err) < 0 ||
	    ledger_scan_open(&scan, ctx->ledger, &filter,
		args->all ? SCAN_ALL : SCAN_STANDING, err) < 0)
		return -1;
	doc.since = filter.since;
	doc.until = filter.until;
	out_document(ctx->out, &doc);
	out_begin(ctx->out, record_out_cols);
	while ((more = ledger_scan_next(scan, &v, err)) > 0) {
		if (ledger_scan_resolve(scan, v, err) < 0) {
			more = -1;
			break;
		}
		if (v->r.request_id == NULL && v->r.reverses == 0) {
			ledger_name_record(uuid, v->r.id, &name);
			v->r.request_id = name.s;
		}
		record_out_row(ctx->out, &v->r);
		if (out_failed(ctx->out))
			break;
	}
	ledger_scan_close(scan);
	tk_buf_release(&name);
	return more < 0 ? -1 : 0;
}

const struct cmd cmd_export = {
	.name = "export",
	.summary = "write the ledger's records for other programs",
	.examples = "tokctl export -f csv -o usage.csv\tall of it\n"
		    "tokctl export --since this-month -f jsonl\tthis month\n",
	.format = "csv",
	.opts = export_opts,
	.args_size = sizeof(struct export_args),
	.needs = CMD_OUT | CMD_LEDGER_READ,
	.check = export_check,
	.run = export_run,
};
