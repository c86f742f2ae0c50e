/*
 * tokctl completion - print the completion script of a shell
 *
 * The script is the same as in completions/.
 */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "cli/gen.h"
#include "cmd.h"

struct completion_args {
	struct cmd_common common;
};

static const struct opt completion_opts[] = {
	OPT_COMMON(struct completion_args),
	OPT_END,
};

static const struct {
	const char *name;
	void (*print)(struct tk_buf *b);
} shells[] = {
	{ "bash", gen_bash },
	{ "zsh", gen_zsh },
	{ "fish", gen_fish },
};

static int
completion_run(struct cmd_ctx *ctx, const void *args, int argc,
    const char **argv, struct tk_err *err)
{
	struct tk_buf b = TK_BUF_INIT;
	int rc = 0;

	(void)ctx, (void)args;
	if (argc != 1) {
		tk_fail(err, TK_USAGE, "which shell?");
		return tk_hint(err, "use bash, zsh or fish");
	}
	for (size_t i = 0; i < TK_LEN(shells); i++)
		if (strcmp(shells[i].name, argv[0]) == 0)
			shells[i].print(&b);
	if (b.len == 0) {
		tk_fail(err, TK_USAGE, "no completion for '%s'", argv[0]);
		return tk_hint(err, "use bash, zsh or fish");
	}
	fwrite(b.s, 1, b.len, stdout);
	if (fflush(stdout) != 0 || ferror(stdout))
		rc = tk_fail_errno(err, "cannot write the output");
	tk_buf_release(&b);
	return rc;
}

const struct cmd cmd_completion = {
	.name = "completion",
	.summary = "print the completion script of a shell",
	.operands = "bash|zsh|fish",
	.examples = "source <(tokctl completion bash)\tfor this shell\n"
		    "tokctl completion fish > "
		    "~/.config/fish/completions/tokctl.fish\tfor ever\n",
	.opts = completion_opts,
	.args_size = sizeof(struct completion_args),
	.run = completion_run,
};
