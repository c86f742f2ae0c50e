/*
 * tokctl version - which tokctl this is
 */
#include <stdio.h>

#include "cmd.h"

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

static int
version_run(struct cmd_ctx *ctx, const void *args, int argc, const char **argv,
    struct tk_err *err)
{
	(void)ctx, (void)args, (void)argc, (void)argv, (void)err;
	printf("tokctl %s\n", TOKCTL_VERSION);
	return 0;
}

const struct cmd cmd_version = {
	.name = "version",
	.summary = "say which tokctl this is",
	.opts = version_opts,
	.args_size = sizeof(struct version_args),
	.run = version_run,
};
