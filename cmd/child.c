/* Programs that a command runs: child.h. */
#include "child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/time.h"

struct pipes {
	int in[2], out[2];
};

static void
close_all(struct pipes *p)
{
	int *const all[] = { &p->in[0], &p->in[1], &p->out[0], &p->out[1] };

	for (size_t i = 0; i < TK_LEN(all); i++) {
		if (*all[i] >= 0)
			close(*all[i]);
		*all[i] = -1;
	}
}

static void
become(const struct child *c, struct pipes *p)
{
	static const int signals[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM,
		SIGPIPE };

	for (size_t i = 0; i < TK_LEN(signals); i++)
		signal(signals[i], SIG_DFL);
	setpgid(0, 0);
	dup2(p->in[0], STDIN_FILENO);
	dup2(c->output != NULL ? p->out[1] : STDERR_FILENO, STDOUT_FILENO);
	execvp(c->argv[0], (char *const *)(uintptr_t)c->argv);
	_exit(errno == ENOENT ? 127 : 126);
}

/* Give it what it reads, and take what it prints, until it closes both;
 * false when the time is over. */
static bool
talk(const struct child *c, struct pipes *p, int64_t deadline)
{
	size_t at = 0;

	for (;;) {
		struct pollfd fd[] = { { p->in[1], POLLOUT, 0 },
			{ p->out[0], POLLIN, 0 } };
		int64_t left = deadline - tk_steady_ms();
		char bytes[4096];
		ssize_t n;

		if (p->in[1] < 0 && p->out[0] < 0)
			return true;
		if (left <= 0)
			return false;
		if (poll(fd, 2, (int)left) <= 0)
			continue;
		if (fd[0].revents != 0) {
			n = write(p->in[1], c->input + at, c->input_len - at);
			at += n > 0 ? (size_t)n : 0;
			if (at == c->input_len ||
			    (n < 0 && errno != EAGAIN && errno != EINTR)) {
				close(p->in[1]);
				p->in[1] = -1;
			}
		}
		if (fd[1].revents != 0) {
			n = read(p->out[0], bytes, sizeof(bytes));
			if (n > 0 && c->output != NULL &&
			    c->output->len + (size_t)n <= c->max)
				tk_buf_add(c->output, bytes, (size_t)n);
			if (n == 0 ||
			    (n < 0 && errno != EAGAIN && errno != EINTR)) {
				close(p->out[0]);
				p->out[0] = -1;
			}
		}
	}
}

/* Wait until it ends; false when the time is over.  It says that it ended
 * by closing out, which nobody else writes to, so this is hardly a wait. */
static bool
reap(pid_t pid, int64_t deadline, int *status)
{
	for (;;) {
		pid_t got = waitpid(pid, status, WNOHANG);
		struct timespec nap = { 0, 2000000 };

		if (got == pid || (got < 0 && errno != EINTR))
			return true;
		if (tk_steady_ms() >= deadline)
			return false;
		nanosleep(&nap, NULL);
	}
}

int
child_run(const struct child *c, int *status, struct tk_err *err)
{
	struct pipes p = { { -1, -1 }, { -1, -1 } };
	struct sigaction ignore = { .sa_handler = SIG_IGN }, was;
	int64_t deadline = tk_steady_ms() + c->timeout;
	pid_t pid;
	int rc = -1;

	if (pipe2(p.in, O_CLOEXEC) != 0 || pipe2(p.out, O_CLOEXEC) != 0 ||
	    (pid = fork()) < 0) {
		tk_fail_errno(err, "cannot run '%.200s'", c->argv[0]);
		close_all(&p);
		return -1;
	}
	if (pid == 0)
		become(c, &p);
	setpgid(pid, pid);
	close(p.in[0]);
	close(p.out[1]);
	p.in[0] = p.out[1] = -1;
	fcntl(p.in[1], F_SETFL, O_NONBLOCK);
	sigaction(SIGPIPE, &ignore, &was);
	if (talk(c, &p, deadline) && reap(pid, deadline, status)) {
		rc = 0;
	} else {
		kill(-pid, SIGKILL);
		while (waitpid(pid, status, 0) < 0 && errno == EINTR)
			;
		tk_fail(err, TK_IO, "'%.200s' took too long", c->argv[0]);
	}
	sigaction(SIGPIPE, &was, NULL);
	close_all(&p);
	return rc;
}
