/*
 * The pager: a child that reads what we write.  It must be waited for
 * whatever ends us, or the shell and the pager would share the terminal.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/attr.h"
#include "cli/term.h"

static volatile sig_atomic_t pager_pid;

static const char *
pager_command(const struct term_pager *p)
{
	const char *s = getenv("TOKCTL_PAGER");

	if (s == NULL)
		s = p->setting;
	if (s == NULL)
		s = getenv("PAGER");
	if (s == NULL)
		s = "less";
	return s[0] == '\0' || strcmp(s, "cat") == 0 ? NULL : s;
}

/*
 * ^Z stops the pager when it has put the terminal back, and us after it: the
 * shell must not have the terminal before.
 */
static void
wait_for(pid_t pid)
{
	void (*stops)(int) = signal(SIGTSTP, SIG_IGN);
	int status = 0;
	pid_t got;

	while ((got = waitpid(pid, &status, WUNTRACED)) == pid
		? WIFSTOPPED(status)
		: got < 0 && errno == EINTR)
		if (got == pid) {
			signal(SIGTSTP, stops);
			raise(SIGTSTP);
			signal(SIGTSTP, SIG_IGN);
			kill(pid, SIGCONT);
		}
	signal(SIGTSTP, stops);
}

/* Only what a handler may call. */
static void
on_signal(int sig)
{
	close(STDOUT_FILENO);
	wait_for((pid_t)pager_pid);
	if (sig == SIGPIPE)
		_exit(0); /* seen enough */
	signal(sig, SIG_DFL);
	raise(sig);
}

static void
catch_signals(void)
{
	static const int signals[] = { SIGPIPE, SIGINT, SIGTERM, SIGHUP,
		SIGQUIT };
	struct sigaction a = { .sa_handler = on_signal };

	sigemptyset(&a.sa_mask);
	for (size_t i = 0; i < TK_LEN(signals); i++)
		sigaction(signals[i], &a, NULL);
}

static TK_NORETURN void
become_pager(const char *command, int from)
{
	bool plain = strspn(command,
			 "abcdefghijklmnopqrstuvwxyz"
			 "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
			 "0123456789/._- ") == strlen(command);
	char line[4096];

	/* A shell between us would stop before the pager is ready to. */
	snprintf(line, sizeof(line), "exec %s", command);
	if (plain && strlen(command) < sizeof(line) - sizeof("exec "))
		command = line;
	dup2(from, STDIN_FILENO);
	close(from);
	signal(SIGPIPE, SIG_DFL);
	setenv("LESS", "FRX", 0);
	setenv("LV", "-c", 0);
	execl("/bin/sh", "sh", "-c", command, (char *)NULL);
	_exit(127);
}

/* Where no pager can be run, output simply goes to the terminal. */
static bool
is_there(const char *command)
{
	const char *path = getenv("PATH");
	char name[4096];

	if (strcmp(command, "less") != 0)
		return true;
	for (; path != NULL && path[0] != '\0';) {
		size_t n = strcspn(path, ":");

		snprintf(name, sizeof(name), "%.*s/less", (int)n, path);
		if (access(name, X_OK) == 0)
			return true;
		path += n + (path[n] == ':');
	}
	return false;
}

void
term_pager_start(struct term_pager *p)
{
	const char *command = pager_command(p);
	int fd[2];
	pid_t pid;

	if (command == NULL || !isatty(STDIN_FILENO) ||
	    !isatty(STDOUT_FILENO) || !is_there(command) ||
	    pipe2(fd, O_CLOEXEC) < 0)
		return;
	fflush(NULL);
	pid = fork();
	if (pid == 0)
		become_pager(command, fd[0]);
	close(fd[0]);
	if (pid > 0) {
		p->pid = pid;
		pager_pid = (sig_atomic_t)pid;
		catch_signals();
		dup2(fd[1], STDOUT_FILENO);
	}
	close(fd[1]);
}

void
term_pager_wait(struct term_pager *p)
{
	if (p->pid == 0)
		return;
	fflush(stdout);
	close(STDOUT_FILENO);
	wait_for(p->pid);
	p->pid = 0;
}
