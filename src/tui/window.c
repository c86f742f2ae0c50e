/* The title of the terminal's window, its focus and the mouse in it: see
 * screen_int.h. */
#include <curses.h>
#include <stdio.h>
#include <string.h>
#include <term.h>

#include "base/attr.h"
#include "base/buf.h"
#include "tui/screen.h"
#include "tui/screen_int.h"

/* Modes that terminfo has no names for. */
#define FOCUS_ON "\033[?1004h"
#define FOCUS_OFF "\033[?1004l"
#define MOUSE_ON "\033[?1000h\033[?1006h"
#define MOUSE_OFF "\033[?1006l\033[?1000l"
#define TITLE_KEEP "\033[22;2t"
#define TITLE_BACK "\033[23;2t"

static struct {
	bool is_one;
	bool focus, mouse;   /* it was asked to say */
	struct tk_buf title; /* of ours; "": none */
} window = { .title = TK_BUF_INIT };

/* Whether it is drawn in a window of a kind that knows of titles and focus:
 * terminfo does not say it of most that do. */
static bool
has_windows(const char *term)
{
	static const char *const kinds[] = { "xterm", "tmux", "screen", "rxvt",
		"alacritty", "foot", "kitty", "st-", "wezterm", "konsole",
		"gnome", "vte", "contour", "ghostty", "mintty", "putty" };

	for (size_t i = 0; i < TK_LEN(kinds); i++)
		if (strncmp(term, kinds[i], strlen(kinds[i])) == 0)
			return true;
	return false;
}

void
window_open(const char *term)
{
	window.is_one = has_windows(term);
	window.focus = window.mouse = false;
}

void
window_close(void)
{
	tk_buf_release(&window.title);
	window.title = (struct tk_buf)TK_BUF_INIT;
}

static void
say_title(void)
{
	struct tk_buf b = TK_BUF_INIT;

	tk_buf_addf(&b, "\033]2;%s\a", window.title.s);
	screen_say(b.s);
	tk_buf_release(&b);
}

void
window_enter(void)
{
	if (window.focus)
		screen_say(FOCUS_ON);
	if (window.mouse)
		screen_say(MOUSE_ON);
	if (window.title.len > 0) {
		screen_say(TITLE_KEEP);
		say_title();
	}
}

void
window_add_restore(struct tk_buf *b)
{
	if (window.focus)
		tk_buf_adds(b, FOCUS_OFF);
	if (window.mouse)
		tk_buf_adds(b, MOUSE_OFF);
	if (window.title.len > 0)
		tk_buf_adds(b, TITLE_BACK);
}

void
window_leave(void)
{
	struct tk_buf b = TK_BUF_INIT;

	window_add_restore(&b);
	screen_say(b.s);
	tk_buf_release(&b);
}

void
screen_set_focus(enum screen_focus when)
{
	if (window.focus ||
	    !(when == FOCUS_YES || (when == FOCUS_AUTO && window.is_one)))
		return;
	window.focus = true;
	screen_changed();
	screen_say(FOCUS_ON);
}

void
screen_set_mouse(bool on)
{
	const char *cap = tigetstr("kmous");

	if (on == window.mouse || cap == NULL || cap == (const char *)-1)
		return;
	window.mouse = on;
	screen_changed();
	screen_say(on ? MOUSE_ON : MOUSE_OFF);
}

void
screen_set_title(const char *text)
{
	bool first = window.title.len == 0;

	if (!window.is_one || *text == '\0' ||
	    strcmp(text, window.title.s) == 0)
		return;
	tk_buf_reset(&window.title);
	tk_buf_adds(&window.title, text);
	if (first) {
		screen_changed();
		screen_say(TITLE_KEEP);
	}
	say_title();
}
