/*
 * tokctl quota run - run a command that calls a model, within the limits
 *
 * Reserves, runs, and settles from the usage that the command prints as
 * JSON; what it prints goes on to standard output as it comes.
 */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "hold.h"
#include "ingest/response.h"
#include "ledger/record.h"
#include "limit.h"

struct run_args {
	struct cmd_common common;
	struct cmd_need need;
};

static const struct opt run_opts[] = {
	OPT_NEED(struct run_args),
	OPT_TTL(struct run_args),
	OPT_COMMON(struct run_args),
	OPT_END,
};

static void
run_defaults(void *args)
{
	cmd_need_init(&((struct run_args *)args)->need);
}

enum { KEPT_BYTES = 16 << 20 }; /* of what the command prints */

static const int signals[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1,
	SIGUSR2 };
static volatile sig_atomic_t child;

static void
forward(int sig)
{
	if (child > 0)
		kill((pid_t)child, sig);
}

static void
catch_signals(void)
{
	struct sigaction sa = { .sa_handler = forward };

	for (size_t i = 0; i < TK_LEN(signals); i++) {
		struct sigaction was;

		sigaction(signals[i], &sa, &was);
		if (was.sa_handler == SIG_IGN)
			signal(signals[i], SIG_IGN);
	}
}

static void
write_all(int fd, const char *p, size_t n)
{
	while (n > 0) {
		ssize_t w = write(fd, p, n);

		if (w < 0 && errno == EINTR)
			continue;
		if (w <= 0)
			return; /* nobody reads it: the usage counts */
		p += w;
		n -= (size_t)w;
	}
}

/* Pass on what comes, and keep it, until the end. */
static void
pass_on(int fd, struct tk_buf *kept)
{
	char bytes[16384];
	ssize_t n;

	while ((n = read(fd, bytes, sizeof(bytes))) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return;
		write_all(STDOUT_FILENO, bytes, (size_t)n);
		if (kept->len + (size_t)n <= KEPT_BYTES)
			tk_buf_add(kept, bytes, (size_t)n);
	}
}

/* Run it; *status is that of wait(2). */
static int
run_command(const char **argv, struct tk_buf *kept, int *status,
    struct tk_err *err)
{
	int out[2];
	pid_t pid;

	if (pipe(out) != 0)
		return tk_fail_errno(err, "cannot run '%s'", argv[0]);
	signal(SIGPIPE, SIG_IGN);
	catch_signals();
	pid = fork();
	if (pid < 0) {
		tk_fail_errno(err, "cannot run '%s'", argv[0]);
		close(out[0]);
		close(out[1]);
		return -1;
	}
	if (pid == 0) {
		for (size_t i = 0; i < TK_LEN(signals); i++)
			signal(signals[i], SIG_DFL);
		signal(SIGPIPE, SIG_DFL);
		dup2(out[1], STDOUT_FILENO);
		close(out[0]);
		close(out[1]);
		execvp(argv[0], (char *const *)(uintptr_t)argv);
		fprintf(stderr, "tokctl quota run: %s: %s\n", argv[0],
		    strerror(errno));
		_exit(errno == ENOENT ? 127 : 126);
	}
	child = pid;
	close(out[1]);
	pass_on(out[0], kept);
	close(out[0]);
	while (waitpid(pid, status, 0) < 0 && errno == EINTR)
		;
	child = 0;
	return 0;
}

/* What was used: as the command said, or else as it was asked for. */
static void
usage_of(const struct run_args *args, const struct response_usage *said,
    bool found, struct hold_usage *u)
{
	hold_usage_init(u);
	if (found) {
		u->used.input = said->input;
		u->used.output = said->output;
		u->used.cache_read = said->cache_read;
		u->used.cache_write_5m = said->cache_write_5m;
		u->used.cache_write_1h = said->cache_write_1h;
		u->used.cache_write = said->cache_write;
		u->used.reasoning = said->reasoning;
		if (args->need.model == NULL && said->model.len > 0)
			u->model = said->model.s;
		return;
	}
	u->metadata = "{\"usage\":\"as reserved\"}";
	if (args->need.tokens != RECORD_UNKNOWN) {
		u->used.tokens = args->need.tokens;
		return;
	}
	u->used.input = args->need.input;
	u->used.output = args->need.output;
}

static int
settle(struct cmd_ctx *ctx, const struct run_args *args, const char *id,
    const struct tk_buf *kept, int status, struct tk_err *err)
{
	struct response_usage said;
	struct hold_usage u;
	struct hold_result r;
	bool found = response_usage_read(kept->s, kept->len, &said) > 0;
	bool failed = !WIFEXITED(status) || WEXITSTATUS(status) != 0;
	int rc;

	usage_of(args, &said, found, &u);
	if (failed)
		u.error = WIFSIGNALED(status) ? "killed" : "failed";
	u.provider = args->need.provider;
	if (failed && !found) {
		rc = hold_free(ctx, id, &r, err);
	} else {
		rc = hold_settle(ctx, id, &u, &r, err);
		if (rc == 0 && !found)
			cmd_say(ctx,
			    "it printed no usage: %" PRId64
			    " tokens are booked as reserved",
			    r.total);
	}
	response_usage_release(&said);
	return rc;
}

static int
run_run(struct cmd_ctx *ctx, const void *args_, int argc, const char **argv,
    struct tk_err *err)
{
	const struct run_args *args = args_;
	struct limit_answer a = { .reason = "" };
	struct tk_buf text = TK_BUF_INIT, kept = TK_BUF_INIT;
	struct limit_ask ask;
	const char **command;
	char id[24] = "";
	int status = 0, rc = -1;

	if (argc == 0) {
		tk_fail(err, TK_USAGE, "which command?");
		return tk_hint(err, "give it after --");
	}
	if (cmd_need_check(&args->need, err) < 0 ||
	    cmd_need_ask(ctx, &args->need, &ask, err) < 0)
		return -1;
	if (ask.tokens < 0) {
		tk_fail(err, TK_USAGE, "how many tokens?");
		return tk_hint(err, "give --tokens, or --input and --output");
	}
	if (hold_reserve(ctx, &ask, &a, err) < 0)
		goto out;
	if (!a.allowed) {
		cmd_answer_sentence(ctx, &ask, &a, &text);
		cmd_say(ctx, "%s", text.s);
		rc = 1;
		goto out;
	}
	snprintf(id, sizeof(id), "r%" PRId64, a.reservation);
	command = tk_xcalloc((size_t)argc + 1, sizeof(*command));
	memcpy(command, argv, (size_t)argc * sizeof(*command));
	rc = run_command(command, &kept, &status, err);
	free(command);
	if (rc < 0) {
		struct tk_err ignored = TK_ERR_INIT;
		struct hold_result r;

		hold_free(ctx, id, &r, &ignored);
		goto out;
	}
	rc = -1;
	if (cmd_tick(ctx, err) < 0 ||
	    settle(ctx, args, id, &kept, status, err) < 0)
		goto out;
	if (WIFSIGNALED(status)) {
		signal(WTERMSIG(status), SIG_DFL);
		raise(WTERMSIG(status));
	}
	rc = WIFEXITED(status) ? WEXITSTATUS(status) : 1;
out:
	tk_buf_release(&text);
	tk_buf_release(&kept);
	limit_answer_release(&a);
	return rc;
}

const struct cmd cmd_quota_run = {
	.name = "run",
	.summary = "reserve, run a command, book what it used",
	.operands = "-- command [argument...]",
	.format = "table",
	.examples = "tokctl quota run -u alice --tokens 900 -m gpt-4.1 -- cat "
		    "README.md\n",
	.opts = run_opts,
	.args_size = sizeof(struct run_args),
	.defaults = run_defaults,
	.needs = CMD_OUT | CMD_LEDGER_WRITE | CMD_PRICES,
	.run = run_run,
};
