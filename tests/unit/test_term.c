#include "cli/term.h"

#include <pty.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tap.h"

static void
forget_environment(void)
{
	static const char *const names[] = { "TOKCTL_FORCE_TTY", "COLUMNS",
		"NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "FORCE_COLOR",
		"LC_ALL", "LC_CTYPE", "LANG" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		unsetenv(names[i]);
	setenv("TERM", "xterm", 1);
}

static bool
colored(int fd)
{
	return term_color(fd, TERM_AUTO, TERM_AUTO);
}

static void
color_is_decided_in_order(int fd)
{
	forget_environment();
	CHECK(!colored(fd));
	CHECK(term_color(fd, TERM_AUTO, TERM_ALWAYS));
	setenv("FORCE_COLOR", "1", 1);
	CHECK(colored(fd));
	CHECK(term_color(fd, TERM_AUTO, TERM_NEVER));
	unsetenv("FORCE_COLOR");
	setenv("CLICOLOR_FORCE", "0", 1);
	CHECK(!colored(fd));
	setenv("CLICOLOR_FORCE", "1", 1);
	CHECK(colored(fd));
	setenv("NO_COLOR", "", 1);
	CHECK(colored(fd));
	setenv("NO_COLOR", "1", 1);
	CHECK(!colored(fd));
	CHECK(term_color(fd, TERM_ALWAYS, TERM_NEVER));
	setenv("FORCE_COLOR", "1", 1);
	CHECK(!term_color(fd, TERM_NEVER, TERM_ALWAYS));

	forget_environment();
	setenv("TOKCTL_FORCE_TTY", "80", 1);
	CHECK(colored(fd));
	CHECK(!term_color(fd, TERM_AUTO, TERM_NEVER));
	setenv("CLICOLOR", "0", 1);
	CHECK(!colored(fd));
	unsetenv("CLICOLOR");
	setenv("TERM", "dumb", 1);
	CHECK(!colored(fd));
	unsetenv("TERM");
	CHECK(!colored(fd));
}

static void
width_is_found(int fd)
{
	forget_environment();
	setenv("COLUMNS", "50", 1);
	CHECK(term_width(fd) == 0);
	setenv("TOKCTL_FORCE_TTY", "yes", 1);
	CHECK(term_width(fd) == 50);
	setenv("COLUMNS", "wide", 1);
	CHECK(term_width(fd) == 80);
	setenv("TOKCTL_FORCE_TTY", "132", 1);
	CHECK(term_width(fd) == 132);
}

static void
utf8_is_found(void)
{
	forget_environment();
	CHECK(!term_utf8());
	setenv("LANG", "de_DE.UTF-8", 1);
	CHECK(term_utf8());
	setenv("LC_CTYPE", "C.utf8", 1);
	CHECK(term_utf8());
	setenv("LC_ALL", "C", 1);
	CHECK(!term_utf8());
	setenv("LC_ALL", "", 1);
	CHECK(term_utf8());
	setenv("TERM", "linux", 1);
	CHECK(!term_utf8());
}

static void
progress_waits_a_second(void)
{
	char *text;
	size_t len;
	struct term_progress p = { .what = "importing", .total = 2000 };

	forget_environment();
	term_progress_update(&p, 1); /* to nowhere */
	p.to = open_memstream(&text, &len);
	term_progress_update(&p, 100);
	term_progress_update(&p, 200);
	term_progress_end(&p);
	fflush(p.to);
	CHECK(len == 0);
	term_progress_update(&p, 1);
	p.started -= 2000;
	term_progress_update(&p, 1000);
	term_progress_update(&p, 1001);
	fflush(p.to);
	CHECK(strstr(text, "\rimporting 1,000 of 2,000 (50%), ") == text);
	CHECK(strchr(text + 1, '\r') == NULL);
	term_progress_end(&p);
	fflush(p.to);
	CHECK_STR(text + len - 4, "\r\033[K");
	fclose(p.to);
	free(text);
}

static void
progress_stays_on_one_line(void)
{
	char *text;
	size_t len;
	struct term_progress p = { .what = "importing", .total = 2000 };

	forget_environment();
	p.to = open_memstream(&text, &len);
	term_progress_update(&p, 1);
	p.started -= 2000;
	setenv("TOKCTL_FORCE_TTY", "32", 1);
	term_progress_update(&p, 1000);
	fflush(p.to);
	CHECK_STR(text, "\rimporting 1,000 of 2,000 (50%)\033[K");
	p.shown_at -= 2000;
	setenv("TOKCTL_FORCE_TTY", "20", 1);
	term_progress_update(&p, 1000);
	fflush(p.to);
	CHECK(strstr(text, "\033[K\rimporting 1,000\033[K") != NULL);
	unsetenv("TOKCTL_FORCE_TTY");
	fclose(p.to);
	free(text);
}

/* Write lines (without end if n < 0) on a terminal of our own; what the
 * terminal got, and the exit status. */
static int
paged(const char *pager, int n, char *got, size_t size)
{
	struct term_pager p = { 0 };
	int fd, status;
	size_t len = 0;
	ssize_t some;
	pid_t pid = forkpty(&fd, NULL, NULL, NULL);

	if (pid == 0) {
		setenv("TOKCTL_PAGER", pager, 1);
		term_pager_start(&p);
		for (int i = 0; n < 0 || i < n; i++)
			printf("line %d\n", i);
		term_pager_wait(&p);
		_exit(7);
	}
	while ((some = read(fd, got + len, size - 1 - len)) > 0)
		len += (size_t)some;
	got[len] = '\0';
	close(fd);
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void
pager_gets_the_output(void)
{
	struct term_pager p = { 0 };
	char got[4096];
	int status;
	pid_t pid;

	fflush(stdout);
	CHECK(paged("sed s/^/P:/", 2, got, sizeof(got)) == 7);
	CHECK_STR(got, "P:line 0\r\nP:line 1\r\n");
	fflush(stdout);
	CHECK(paged("head -n 1", -1, got, sizeof(got)) == 0);
	CHECK_STR(got, "line 0\r\n");
	fflush(stdout);
	CHECK(paged("", 0, got, sizeof(got)) == 7);
	/* In a pipe there is none. */
	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		int fd[2];

		if (pipe(fd) == 0)
			dup2(fd[1], STDOUT_FILENO);
		term_pager_start(&p);
		_exit(p.pid != 0);
	}
	waitpid(pid, &status, 0);
	CHECK(status == 0);
}

int
main(void)
{
	int fd[2];

	if (pipe(fd) < 0)
		return 1;
	color_is_decided_in_order(fd[1]);
	width_is_found(fd[1]);
	utf8_is_found();
	progress_waits_a_second();
	progress_stays_on_one_line();
	pager_gets_the_output();
	return tap_done();
}
