/* What buttons of the mouse say: see screen_int.h. */
#define NCURSES_WIDECHAR 1
#include <curses.h>
#include <poll.h>
#include <unistd.h>

#include "tui/screen.h"
#include "tui/screen_int.h"

enum {
	REST_MS = 100, /* a sequence that has begun is there by then */
	SGR_MAX = 9999,
	X10_FIRST = 33, /* the byte of column 1 */

	/* In the number of a button. */
	WITH_KEYS = 4 | 8 | 16, /* Shift, Alt, Ctrl */
	WHEEL_UP = 64,
	WHEEL_DOWN = 65,
};

static struct {
	int y, x;
} click;

/* The next byte of the sequence; -1: there is none. */
static int
next_byte(void)
{
	struct pollfd p = { STDIN_FILENO, POLLIN, 0 };
	int c = getch();

	if (c == ERR && poll(&p, 1, REST_MS) > 0)
		c = getch();
	return c == ERR || c > 255 ? -1 : c;
}

/* A number, and what ends it. */
static int
next_number(int *end)
{
	int n = 0;

	while ((*end = next_byte()) >= '0' && *end <= '9')
		if (n < SGR_MAX)
			n = n * 10 + *end - '0';
	return n;
}

/* "0;12;7M": the button, column and row from 1 on, M when it goes down. */
static int
read_sgr(int *x, int *y)
{
	int n[3] = { 0 }, end = ';';

	for (int i = 0; i < 3 && end == ';'; i++)
		n[i] = next_number(&end);
	*x = n[1] - 1;
	*y = n[2] - 1;
	return end == 'M' && *x >= 0 && *y >= 0 ? n[0] : -1;
}

/* Three bytes. */
static int
read_x10(int *x, int *y)
{
	int button = next_byte() - 32;

	*x = next_byte() - X10_FIRST;
	*y = next_byte() - X10_FIRST;
	return *x < 0 || *y < 0 ? -1 : button;
}

int
mouse_read(bool sgr)
{
	int x, y, button = sgr ? read_sgr(&x, &y) : read_x10(&x, &y);

	if (button < 0)
		return 0;
	button &= ~WITH_KEYS;
	if (button == WHEEL_UP || button == WHEEL_DOWN)
		return button == WHEEL_UP ? KEYS_UP : KEYS_DOWN;
	if (button != 0)
		return 0;
	click.y = y;
	click.x = x;
	return KEYS_CLICK;
}

void
screen_click(int *y, int *x)
{
	*y = click.y;
	*x = click.x;
}
