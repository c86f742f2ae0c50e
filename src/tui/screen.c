/* A screen on ncurses: see screen.h. */
#define NCURSES_WIDECHAR 1
#include "tui/screen.h"

#include <curses.h>
#include <errno.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>
#include <wchar.h>

#include "base/base64.h"
#include "base/buf.h"
#include "base/mem.h"
#include "tui/looks.h"
#include "tui/screen_int.h"

/* Last, because of the names that it takes for itself. */
#include <term.h>
#undef columns
#undef lines

enum { ESC_MS = 25, SETTLE_MS = 60 };

/* Key codes of our own, beyond those of curses. */
enum {
	KEY_LOOKED_AT = KEY_MAX + 1,
	KEY_LOOKED_AWAY,
	KEY_MOUSE_SGR,
	KEY_MOUSE_X10,
};

static struct {
	SCREEN *curses;
	bool open;
	bool colors, lost;
	enum screen_theme theme;
	struct termios before;
	struct tk_buf restore; /* what puts the terminal back, for a crash */
} scr;

void
screen_say(const char *bytes)
{
	fputs(bytes, stdout);
	fflush(stdout);
}

static int
keep_byte(int c)
{
	char byte = (char)c;

	tk_buf_add(&scr.restore, &byte, 1);
	return c;
}

void
screen_changed(void)
{
	static const char *const caps[] = { "sgr0", "rmkx", "cnorm", "rmcup" };

	signals_set_restore(NULL, NULL);
	tk_buf_reset(&scr.restore);
	window_add_restore(&scr.restore);
	for (size_t i = 0; i < TK_LEN(caps); i++) {
		const char *s = tigetstr(caps[i]);

		if (s != NULL && s != (const char *)-1)
			tputs(s, 1, keep_byte);
	}
	signals_set_restore(&scr.restore, &scr.before);
}

static void
define_keys(void)
{
	static const struct {
		const char *bytes;
		int key;
	} more[] = {
		{ "\033[A", KEY_UP },
		{ "\033[B", KEY_DOWN },
		{ "\033[C", KEY_RIGHT },
		{ "\033[D", KEY_LEFT },
		{ "\033[H", KEY_HOME },
		{ "\033[F", KEY_END },
		{ "\033[1~", KEY_HOME },
		{ "\033[4~", KEY_END },
		{ "\033[Z", KEY_BTAB },
		{ "\033OP", KEY_F(1) },
		{ "\033[11~", KEY_F(1) },
		{ "\033[I", KEY_LOOKED_AT },
		{ "\033[O", KEY_LOOKED_AWAY },
		{ "\033[<", KEY_MOUSE_SGR },
		{ "\033[M", KEY_MOUSE_X10 },
	};

	for (size_t i = 0; i < TK_LEN(more); i++)
		if (key_defined(more[i].bytes) == 0 || more[i].key > KEY_MAX)
			define_key(more[i].bytes, more[i].key);
}

static void
set_colors(void)
{
	if (!scr.colors)
		return;
	for (int role = 0; role < ROLES; role++) {
		short fg = looks[scr.theme][role].fg;

		if (fg >= COLORS)
			fg = -1;
		init_pair((short)(role + 1), fg, -1);
	}
}

static void
set_modes(void)
{
	set_escdelay(ESC_MS);
	cbreak();
	noecho();
	nonl();
	keypad(stdscr, TRUE);
	nodelay(stdscr, TRUE);
	intrflush(stdscr, FALSE);
	curs_set(0);
	define_keys();
}

/* Why this terminal cannot, or NULL. */
static const char *
wrong_term(const char *term)
{
	if (term == NULL || *term == '\0')
		return "TERM is not set";
	return strcmp(term, "dumb") == 0 ? "TERM is 'dumb'" : NULL;
}

/* Whether the terminfo database has it. */
static bool
is_known(const char *term)
{
	int why;

	if (setupterm(term, STDOUT_FILENO, &why) != OK)
		return false;
	del_curterm(cur_term);
	return true;
}

int
screen_open(bool ascii, bool colors, enum screen_theme theme,
    struct tk_err *err)
{
	const char *term = getenv("TERM"), *wrong = wrong_term(term);

	scr.restore = (struct tk_buf)TK_BUF_INIT;
	scr.theme = theme;
	scr.lost = false;
	if (wrong != NULL) {
		tk_fail(err, TK_USAGE,
		    "this terminal cannot show a live screen: %s", wrong);
		return tk_hint(err, "try 'tokctl top -b'");
	}
	window_open(term);
	setlocale(LC_CTYPE, ascii ? "C" : "C.UTF-8");
	if (tcgetattr(STDIN_FILENO, &scr.before) < 0)
		return tk_fail_errno(err, "the terminal");
	/* Before newterm(): it would take ^Z for its own, and ignore it each
	 * time that it draws. */
	if (signals_open(err) < 0)
		return -1;
	/* newterm() does not free what it has when it knows no such TERM. */
	scr.curses = is_known(term) ? newterm(NULL, stdout, stdin) : NULL;
	if (scr.curses == NULL) {
		signals_close();
		tk_fail(err, TK_USAGE,
		    "this terminal cannot show a live screen: "
		    "nothing is known of TERM '%.60s'",
		    term);
		return tk_hint(err, "try 'tokctl top -b'");
	}
	set_modes();
	scr.colors = colors && has_colors() && start_color() == OK &&
	    use_default_colors() == OK;
	set_colors();
	scr.open = true;
	screen_changed();
	signals_catch();
	return 0;
}

void
screen_close(void)
{
	bool stops;

	if (!scr.open)
		return;
	window_leave();
	/* A terminal that has gone would make us wait or fail. */
	endwin();
	scr.open = false;
	signals_set_restore(NULL, NULL);
	delscreen(scr.curses);
	scr.curses = NULL;
	stops = signals_close();
	window_close();
	tk_buf_release(&scr.restore);
	/* It came when nobody was going to look at it any more. */
	if (stops)
		raise(SIGTSTP);
}

void
screen_size(int *w, int *h)
{
	getmaxyx(stdscr, *h, *w);
}

void
screen_set_theme(enum screen_theme theme)
{
	scr.theme = theme;
	set_colors();
	screen_redraw();
}

void
screen_redraw(void)
{
	clearok(stdscr, TRUE);
}

void
screen_copy(const char *text)
{
	struct tk_buf b = TK_BUF_INIT;

	tk_buf_adds(&b, "\033]52;c;");
	tk_base64_add(&b, text, strlen(text));
	tk_buf_adds(&b, "\a");
	screen_say(b.s);
	tk_buf_release(&b);
}

/* One cell; what the library takes for another width becomes '?'. */
static void
show_cell(int y, int x, const struct cells *g, const struct cell *c)
{
	const struct look *look = &looks[scr.theme][c->role];
	bool wide = x + 1 < g->w && c[1].c == 0;
	wchar_t text[2] = { (wchar_t)c->c, L'\0' };
	attr_t attr = look->attr;
	cchar_t out;

	if (c->c >= 0x80 && wcwidth(text[0]) != (wide ? 2 : 1))
		text[0] = L'?';
	setcchar(&out, text, attr, scr.colors ? (short)(c->role + 1) : 0, NULL);
	mvadd_wch(y, x, &out);
}

void
screen_show(const struct cells *g)
{
	erase();
	for (int y = 0; y < g->h; y++)
		for (int x = 0; x < g->w; x++) {
			const struct cell *c = &g->cell[y * g->w + x];

			if (c->c != 0 && (c->c != ' ' || c->role != ROLE_PLAIN))
				show_cell(y, x, g, c);
		}
	refresh();
}

static void
take_size(void)
{
	struct winsize size = { 0 };

	signals_take(GOT_SIZE);
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > 0 &&
	    size.ws_col > 0)
		resizeterm(size.ws_row, size.ws_col);
	screen_redraw();
}

/* ^Z: as any program stops, with the terminal as it was. */
static void
stop(void)
{
	window_leave();
	endwin();
	signals_set_restore(NULL, NULL);
	signals_stop();
	/* Here we go on; what is set first stops who is in the background. */
	reset_prog_mode();
	screen_changed();
	refresh();
	window_enter();
	take_size();
}

/* Somebody has stopped us with what cannot be caught, and the shell has the
 * terminal as it likes it. */
static void
resume(void)
{
	static const char *const caps[] = { "smcup", "smkx", "civis" };

	reset_prog_mode();
	for (size_t i = 0; i < TK_LEN(caps); i++) {
		const char *cap = tigetstr(caps[i]);

		if (cap != NULL && cap != (const char *)-1)
			putp(cap);
	}
	fflush(stdout);
	take_size();
}

/* What signals have said. */
static enum screen_event
take_signals(void)
{
	if (signals_got(GOT_END))
		return SCREEN_SIGNAL;
	if (signals_got(GOT_STOP))
		stop();
	else if (signals_take(GOT_CONT))
		resume();
	else
		take_size();
	return SCREEN_RESIZED;
}

enum screen_event
screen_wait(int ms, int fd)
{
	struct pollfd p[] = {
		{ STDIN_FILENO, POLLIN, 0 },
		{ signals_fd(), POLLIN, 0 },
		{ fd, POLLIN, 0 },
	};
	int n = signals_any() ? 0 : poll(p, 3, ms);

	if (n < 0 && errno != EINTR)
		return SCREEN_LOST;
	if (n > 0 && p[1].revents != 0)
		signals_drain();
	if (signals_got(GOT_SIZE)) /* who drags a window says so many times */
		while (!signals_got(GOT_END) && poll(p + 1, 1, SETTLE_MS) > 0)
			signals_drain();
	if (signals_any())
		return take_signals();
	if (n <= 0)
		return SCREEN_NOTHING;
	if (p[0].revents & (POLLHUP | POLLERR | POLLNVAL) || scr.lost)
		return SCREEN_LOST;
	if (p[0].revents & POLLIN)
		return SCREEN_KEY;
	return p[2].revents != 0 ? SCREEN_FD : SCREEN_NOTHING;
}

bool
screen_is_waiting(void)
{
	struct pollfd p = { STDIN_FILENO, POLLIN, 0 };

	return signals_any() || poll(&p, 1, 0) > 0;
}

static int
named_key(wint_t c)
{
	static const struct {
		int curses, key;
	} keys[] = {
		{ KEY_UP, KEYS_UP },
		{ KEY_DOWN, KEYS_DOWN },
		{ KEY_LEFT, KEYS_LEFT },
		{ KEY_RIGHT, KEYS_RIGHT },
		{ KEY_HOME, KEYS_HOME },
		{ KEY_END, KEYS_END },
		{ KEY_PPAGE, KEYS_PAGE_UP },
		{ KEY_NPAGE, KEYS_PAGE_DOWN },
		{ KEY_BTAB, KEYS_BACK_TAB },
		{ KEY_BACKSPACE, KEYS_ERASE },
		{ KEY_DC, KEYS_ERASE },
		{ KEY_ENTER, '\n' },
		{ KEY_LOOKED_AT, KEYS_FOCUS_IN },
		{ KEY_LOOKED_AWAY, KEYS_FOCUS_OUT },
	};

	if (c == KEY_MOUSE_SGR || c == KEY_MOUSE_X10)
		return mouse_read(c == KEY_MOUSE_SGR);
	if (c >= KEY_F(1) && c <= KEY_F(12))
		return KEYS_F1 + (int)c - KEY_F(1);
	for (size_t i = 0; i < TK_LEN(keys); i++)
		if ((int)c == keys[i].curses)
			return keys[i].key;
	return KEYS_OTHER;
}

/* 0: it was nothing of interest. */
static int
next_key(void)
{
	wint_t c;
	int rc = get_wch(&c);

	if (rc == ERR) {
		int there = 0;

		/* Ready and yet nothing to read: nobody is there any more. */
		if (ioctl(STDIN_FILENO, FIONREAD, &there) < 0)
			scr.lost = true;
		return -1;
	}
	if (rc == KEY_CODE_YES)
		return named_key(c);
	if (c == '\r')
		return '\n';
	return c == 127 || c == 8 ? KEYS_ERASE : (int)c;
}

int
screen_key(void)
{
	int key;

	while ((key = next_key()) == 0)
		;
	return key;
}

void
screen_end_by_signal(void)
{
	int sig;

	screen_close();
	sig = signals_got(GOT_END);
	if (sig == 0)
		return;
	signal(sig, SIG_DFL);
	raise(sig);
}
