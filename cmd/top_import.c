/*
 * tokctl top --import: logs are followed by a process of its own
 *
 * However long it reads, the screen goes on; what it says is shown.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "top.h"

enum { SAID_MAX = 512 };

int
top_importer_start(struct top_importer *i, struct run *r, struct tk_err *err)
{
	const struct cmd_ctx *ctx = r->ctx;
	const char *words[] = { "tokctl", "usage", "import", "--watch",
		"--quiet", "--ledger", ctx->ledger_url,
		ctx->common->config != NULL ? "--config" : NULL,
		ctx->common->config, NULL };
	pid_t parent = getpid();
	int out[2];

	if (pipe2(out, O_CLOEXEC) < 0)
		return tk_fail_errno(err, "cannot start importing");
	i->pid = fork();
	if (i->pid < 0) {
		close(out[0]);
		close(out[1]);
		i->pid = 0;
		return tk_fail_errno(err, "cannot start importing");
	}
	if (i->pid == 0) {
		int null = open("/dev/null", O_RDWR);

		/* It shall not live longer than we do, nor stop while it has
		 * the ledger. */
		signal(SIGTSTP, SIG_IGN);
		prctl(PR_SET_PDEATHSIG, SIGTERM);
		dup2(null, STDIN_FILENO);
		dup2(null, STDOUT_FILENO);
		dup2(out[1], STDERR_FILENO);
		if (getppid() == parent)
			execv("/proc/self/exe",
			    (char *const *)(uintptr_t)words);
		_exit(127);
	}
	close(out[1]);
	fcntl(out[0], F_SETFL, O_NONBLOCK);
	i->said = out[0];
	return 0;
}

void
top_importer_end(struct top_importer *i)
{
	if (i->pid > 0) {
		kill(i->pid, SIGTERM);
		while (waitpid(i->pid, NULL, 0) < 0 && errno == EINTR)
			;
	}
	if (i->said >= 0)
		close(i->said);
	i->pid = 0;
	i->said = -1;
}

void
top_importer_hear(struct top_importer *i, struct run *r)
{
	struct tk_buf *message = &r->ui.message;
	char bytes[SAID_MAX];
	ssize_t n = read(i->said, bytes, sizeof(bytes));
	const char *end = n > 0 ? memchr(bytes, '\n', (size_t)n) : NULL;

	if (n < 0)
		return;
	if (n == 0) {
		top_importer_end(i);
		if (message->len == 0)
			tk_buf_adds(message, "importing has ended");
		return;
	}
	tk_buf_reset(message);
	tk_buf_add(message, bytes,
	    end != NULL ? (size_t)(end - bytes) : (size_t)n);
}
