/* Signals, while the screen is open: see screen_int.h. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/mem.h"
#include "tui/screen_int.h"

enum { ALT_STACK = 64 * 1024 };

static const int ending[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM };
static const int crashing[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT };

static volatile sig_atomic_t got[GOTS];
static int wake[2];
static void *stack;
static const struct tk_buf *volatile restore_text;
static const struct termios *restore_modes;

static void
on_signal(int sig)
{
	int saved = errno;
	ssize_t ignored;

	if (sig == SIGWINCH)
		got[GOT_SIZE] = 1;
	else if (sig == SIGTSTP)
		got[GOT_STOP] = 1;
	else if (sig == SIGCONT)
		got[GOT_CONT] = 1;
	else
		got[GOT_END] = sig;
	ignored = write(wake[1], "", 1);
	(void)ignored;
	errno = saved;
}

/* Only what a handler may call; endwin() is not of that kind. */
static void
on_crash(int sig)
{
	if (restore_text != NULL) {
		ssize_t ignored =
		    write(STDOUT_FILENO, restore_text->s, restore_text->len);

		(void)ignored;
		tcsetattr(STDIN_FILENO, TCSADRAIN, restore_modes);
	}
	signal(sig, SIG_DFL);
	raise(sig);
}

static void catch (int sig, void (*fn)(int), int flags)
{
	struct sigaction a = { .sa_handler = fn, .sa_flags = flags }, old;

	/* What nohup and others have told us to ignore stays ignored. */
	if (sigaction(sig, NULL, &old) == 0 && old.sa_handler == SIG_IGN &&
	    sig != SIGWINCH)
		return;
	sigemptyset(&a.sa_mask);
	sigaction(sig, &a, NULL);
}

int
signals_open(struct tk_err *err)
{
	if (pipe2(wake, O_CLOEXEC | O_NONBLOCK) < 0)
		return tk_fail_errno(err, "pipe");
	for (int i = 0; i < GOTS; i++)
		got[i] = 0;
	catch (SIGTSTP, on_signal, SA_RESTART);
	return 0;
}

void
signals_catch(void)
{
	stack_t alternate = { .ss_size = ALT_STACK };

	stack = tk_xcalloc(1, ALT_STACK);
	alternate.ss_sp = stack;
	sigaltstack(&alternate, NULL);
	for (size_t i = 0; i < TK_LEN(ending); i++)
		catch (ending[i], on_signal, SA_RESTART);
	for (size_t i = 0; i < TK_LEN(crashing); i++)
		catch (crashing[i], on_crash,
		    (int)SA_RESETHAND | SA_NODEFER | SA_ONSTACK);
	catch (SIGWINCH, on_signal, SA_RESTART);
	/* A read that waits for a line, in modes that are not ours, is not
	 * to go on. */
	catch (SIGCONT, on_signal, 0);
	got[GOT_SIZE] = 1; /* it may have changed before */
}

bool
signals_close(void)
{
	for (size_t i = 0; i < TK_LEN(ending); i++)
		catch (ending[i], SIG_DFL, 0);
	for (size_t i = 0; i < TK_LEN(crashing); i++)
		catch (crashing[i], SIG_DFL, 0);
	catch (SIGWINCH, SIG_DFL, 0);
	catch (SIGCONT, SIG_DFL, 0);
	catch (SIGTSTP, SIG_DFL, 0);
	close(wake[0]);
	close(wake[1]);
	sigaltstack(&(stack_t){ .ss_flags = SS_DISABLE }, NULL);
	free(stack);
	stack = NULL;
	return got[GOT_STOP] != 0;
}

int
signals_fd(void)
{
	return wake[0];
}

void
signals_drain(void)
{
	char bytes[64];

	while (read(wake[0], bytes, sizeof(bytes)) > 0)
		;
}

int
signals_got(enum signals_kind kind)
{
	return got[kind];
}

bool
signals_take(enum signals_kind kind)
{
	bool was = got[kind] != 0;

	got[kind] = 0;
	return was;
}

bool
signals_any(void)
{
	return got[GOT_END] || got[GOT_SIZE] || got[GOT_STOP] || got[GOT_CONT];
}

void
signals_stop(void)
{
	signal(SIGTSTP, SIG_DFL);
	got[GOT_STOP] = 0;
	raise(SIGTSTP);
	got[GOT_CONT] = 0;
	catch (SIGTSTP, on_signal, SA_RESTART);
}

void
signals_set_restore(const struct tk_buf *restore, const struct termios *before)
{
	restore_modes = before;
	restore_text = restore;
}
