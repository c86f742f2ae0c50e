/*
 * tokctl version - which tokctl this is
 */
#include <stdio.h>

#include "base/buf.h"
#include "cmd.h"
#include "count/count.h"
#include "out/out.h"
#include "price/price.h"
#include "store/store.h"

#ifndef TOKCTL_VERSION
#define TOKCTL_VERSION "0.1.0"
#endif

struct version_args {
	struct cmd_common common;
};

static const struct opt version_opts[] = {
	OPT_COMMON(struct version_args),
	OPT_END,
};

static const struct out_col version_cols[] = {
	{ "version", "Version", OUT_TEXT, 0 },
	{ "engine", "Engine", OUT_TEXT, 0 },
	{ "prices_as_of", "Prices as of", OUT_TEXT, 0 },
	{ "encodings", "Encodings", OUT_TEXT, 0 },
	OUT_COL_END,
};

static void
add_encodings(struct tk_buf *b)
{
	const char *name;

	for (size_t i = 0; (name = count_name(i)) != NULL; i++)
		tk_buf_addf(b, "%s%s", i > 0 ? ", " : "", name);
}

/* What is built in, too.  The first line is the same in each version. */
static void
print_more(const char *prices, const char *encodings)
{
	printf("engine: %s\nprices as of: %s\nencodings: %s\n", store_engine(),
	    prices, encodings);
}

static void
print_fields(struct out *out, const char *prices, const char *encodings)
{
	static const struct out_doc doc = { .schema = "tokctl.version/1",
		.shape = OUT_ONE };

	out_document(out, &doc);
	out_begin(out, version_cols);
	out_text(out, TOKCTL_VERSION);
	out_text(out, store_engine());
	out_text(out, prices);
	out_text(out, encodings);
	out_end_row(out);
}

static int
version_run(struct cmd_ctx *ctx, const void *args, int argc, const char **argv,
    struct tk_err *err)
{
	struct tk_buf encodings = TK_BUF_INIT;
	struct price_book *built_in = NULL;

	(void)args, (void)argc, (void)argv;
	if (ctx->out == NULL)
		printf("tokctl %s\n", TOKCTL_VERSION);
	if (ctx->out == NULL && ctx->common->verbose == 0)
		return 0;
	if (price_book_open(&built_in, NULL, err) < 0)
		return -1;
	add_encodings(&encodings);
	if (ctx->out != NULL)
		print_fields(ctx->out, price_as_of(built_in), encodings.s);
	else
		print_more(price_as_of(built_in), encodings.s);
	price_book_close(built_in);
	tk_buf_release(&encodings);
	return 0;
}

const struct cmd cmd_version = {
	.name = "version",
	.summary = "say which tokctl this is",
	.examples = "tokctl version -v\twhat is built in, too\n",
	.opts = version_opts,
	.args_size = sizeof(struct version_args),
	.needs = CMD_OUT_ASKED,
	.run = version_run,
};
