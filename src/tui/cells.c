#include "tui/cells.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/utf8.h"

enum { MOST = 1000 };

/* Glyphs and their twins. */
static const struct {
	int32_t c;
	char ascii;
} twins[] = {
	{ 0x2588, '#' }, /* full block */
	{ 0x2591, '-' }, /* shades */
	{ 0x2592, '+' },
	{ 0x2593, '*' },
	{ 0x2502, '|' },
	{ 0x2500, '-' },
	{ 0x250c, '+' },
	{ 0x2510, '+' },
	{ 0x2514, '+' },
	{ 0x2518, '+' },
	{ 0x25bc, 'v' },
	{ 0x25b2, '^' },
	{ 0x00b7, '.' },
};

static int
within(int n)
{
	return n < 1 ? 1 : n > MOST ? MOST : n;
}

void
cells_init(struct cells *g, int w, int h, bool ascii)
{
	*g = (struct cells){ .w = within(w), .h = within(h), .ascii = ascii };
	g->cell = tk_xcalloc((size_t)g->w * (size_t)g->h, sizeof(*g->cell));
	cells_clear(g);
}

void
cells_release(struct cells *g)
{
	free(g->cell);
	g->cell = NULL;
}

void
cells_clear_row(struct cells *g, int y)
{
	for (int x = 0; x < g->w; x++)
		g->cell[y * g->w + x] = (struct cell){ ' ', ROLE_PLAIN };
}

void
cells_clear(struct cells *g)
{
	for (int y = 0; y < g->h; y++)
		cells_clear_row(g, y);
	g->faults = 0;
}

static int32_t
harmless(const struct cells *g, int32_t c, int *columns)
{
	*columns = tk_utf8_columns(c);
	if (c < 0 || *columns < 0) {
		*columns = 1;
		return '?';
	}
	if (!g->ascii || c < 0x80)
		return c;
	for (size_t i = 0; i < TK_LEN(twins); i++)
		if (twins[i].c == c)
			return twins[i].ascii;
	return '?';
}

static void
set(struct cells *g, int y, int x, int32_t c, enum cell_role role)
{
	struct cell *at = &g->cell[y * g->w + x];

	if (c != ' ' && at->c != ' ')
		g->faults++;
	*at = (struct cell){ c, role };
}

int
cells_put(struct cells *g, int y, int x, enum cell_role role, const char *text)
{
	size_t len = strlen(text), step;

	for (size_t i = 0; i < len; i += step) {
		int columns;
		int32_t c;

		step = tk_utf8_step(text + i, len - i, &c);
		c = harmless(g, c, &columns);
		if (columns == 0)
			continue;
		if (y >= 0 && y < g->h && x >= 0 && x + columns <= g->w) {
			set(g, y, x, c, role);
			if (columns == 2)
				set(g, y, x + 1, g->ascii ? '?' : 0, role);
		} else if (c >= '0' && c <= '9') {
			g->faults++; /* a number that lost digits is a lie */
		}
		x += columns;
	}
	return x;
}

int
cells_putf(struct cells *g, int y, int x, enum cell_role role, const char *fmt,
    ...)
{
	struct tk_buf b = TK_BUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	tk_buf_addv(&b, fmt, ap);
	va_end(ap);
	x = cells_put(g, y, x, role, b.s);
	tk_buf_release(&b);
	return x;
}

int
cells_width(const char *text)
{
	size_t w = tk_utf8_width(text, strlen(text));

	return w > MOST ? MOST : (int)w;
}

void
cells_put_right(struct cells *g, int y, int end, enum cell_role role,
    const char *text)
{
	int start = end - cells_width(text);

	if (start >= 0 && end <= g->w)
		cells_put(g, y, start, role, text);
}

void
cells_put_name(struct cells *g, int y, int x, int columns, enum cell_role role,
    const char *name)
{
	struct tk_buf b = TK_BUF_INIT;

	if (columns > g->w - x)
		columns = g->w - x;
	if (y < 0 || y >= g->h || columns <= 0)
		return;
	tk_utf8_add_short(&b, name, strlen(name), (size_t)columns);
	cells_put(g, y, x, role, b.s);
	tk_buf_release(&b);
}

/* How many of so many steps a part is; something is at least one of them. */
static int
steps_of(tk_int128 part, tk_int128 whole, int steps)
{
	if (part <= 0 || whole <= 0)
		return 0;
	if (part >= whole)
		return steps;
	if (whole > (tk_int128)1 << 100) {
		part >>= 20;
		whole >>= 20;
	}
	return (int)(part * steps / whole);
}

/* Columns and bars in whole cells, where there are no eighths. */
static int
rounded(const struct cells *g, int eighths)
{
	return g->ascii ? (eighths + 4) / 8 * 8 : eighths;
}

void
cells_fill(struct cells *g, int y, int x, int w, enum cell_role role,
    tk_int128 part, tk_int128 whole, int pace)
{
	static const char *const eighth[] = { " ", "\u258f", "\u258e", "\u258d",
		"\u258c", "\u258b", "\u258a", "\u2589", "\u2588" };
	int mark = pace < 0 ? -1 : pace >= 1000 ? w - 1 : pace * w / 1000;
	int full = rounded(g, steps_of(part, whole, w * 8));

	for (int i = 0; i < w; i++) {
		int e = full - i * 8;

		if (i == mark)
			cells_put(g, y, x + i, ROLE_TITLE, "\u2502");
		else
			cells_put(g, y, x + i, role,
			    eighth[e < 0    ? 0
				    : e > 8 ? 8
					    : e]);
	}
}

void
cells_bar(struct cells *g, int y, int x, int w, enum cell_role role,
    tk_int128 part, tk_int128 whole, int pace)
{
	cells_put(g, y, x, ROLE_DIM, "[");
	cells_fill(g, y, x + 1, w, role, part, whole, pace);
	cells_put(g, y, x + 1 + w, ROLE_DIM, "]");
	/* Without blocks, what is not filled shows how long the bar is. */
	for (int i = x + 1; g->ascii && i < x + 1 + w && i < g->w; i++)
		if (y >= 0 && y < g->h && i >= 0 &&
		    g->cell[y * g->w + i].c == ' ')
			cells_put(g, y, i, ROLE_DIM, "-");
}

/* Lower eighths, from none to all. */
static const char *const lower[] = { " ", "\u2581", "\u2582", "\u2583",
	"\u2584", "\u2585", "\u2586", "\u2587", "\u2588" };

void
cells_spark(struct cells *g, int y, int x, enum cell_role role,
    const tk_int128 *value, int n)
{
	/* Without blocks, by how much ink there is. */
	static const char *const ink[] = { " ", ".", ":", "-", "=", "+", "*",
		"#", "%" };
	tk_int128 most = 0;

	for (int i = 0; i < n; i++)
		if (value[i] > most)
			most = value[i];
	for (int i = 0; i < n; i++) {
		int k = 0;

		if (value[i] > 0)
			k = (int)(value[i] / (most / 8 + 1)) + 1;
		k = k > 8 ? 8 : k;
		cells_put(g, y, x + i, role, g->ascii ? ink[k] : lower[k]);
	}
}

void
cells_column(struct cells *g, int y, int x, int h, enum cell_role role,
    tk_int128 part, tk_int128 whole)
{
	int full = rounded(g, steps_of(part, whole, h * 8));

	if (part > 0 && full == 0)
		full = g->ascii ? 8 : 1;
	for (int i = 0; i < h; i++) {
		int e = full - i * 8;
		const char *c = lower[e < 0 ? 0 : e > 8 ? 8 : e];

		cells_put(g, y - i - 1, x, role, c);
		cells_put(g, y - i - 1, x + 1, role, c);
	}
}

void
cells_rule(struct cells *g, int y, int x, int end, enum cell_role role)
{
	for (; x < end; x++)
		cells_put(g, y, x, role, "\u2500");
}

void
cells_paint(struct cells *g, int y, int x, int w, enum cell_role role)
{
	for (; y >= 0 && y < g->h && w > 0 && x < g->w; x++, w--)
		if (x >= 0)
			g->cell[y * g->w + x].role = role;
}

void
cells_frame(struct cells *g, int y, int x, int h, int w, const char *title,
    const char *right)
{
	for (int i = y; i < y + h && i < g->h; i++)
		for (int k = x; k < x + w && k < g->w; k++)
			if (i >= 0 && k >= 0)
				g->cell[i * g->w + k] =
				    (struct cell){ ' ', ROLE_PLAIN };
	/* A wide character that lost its right half. */
	for (int i = y; x > 0 && i < y + h && i < g->h; i++)
		if (i >= 0 && x + w < g->w && g->cell[i * g->w + x + w].c == 0)
			g->cell[i * g->w + x + w].c = ' ';
	for (int i = 1; i < h - 1; i++) {
		cells_put(g, y + i, x, ROLE_DIM, "\u2502");
		cells_put(g, y + i, x + w - 1, ROLE_DIM, "\u2502");
	}
	for (int i = 0; i < 2; i++) {
		int at = i == 0 ? y : y + h - 1, from = x + 1, to = x + w - 1;

		cells_put(g, at, x, ROLE_DIM, i == 0 ? "\u250c" : "\u2514");
		cells_put(g, at, to, ROLE_DIM, i == 0 ? "\u2510" : "\u2518");
		if (i == 0 && to - from > cells_width(title) + 4) {
			cells_put(g, at, from++, ROLE_DIM, "\u2500");
			from = cells_put(g, at, from + 1, ROLE_HEAD, title) + 1;
		}
		if (i == 0 && to - from > cells_width(right) + 4 &&
		    *right != '\0') {
			cells_put(g, at, --to, ROLE_DIM, "\u2500");
			to -= cells_width(right) + 1;
			cells_put(g, at, to, ROLE_DIM, right);
			to--;
		}
		while (from < to)
			cells_put(g, at, from++, ROLE_DIM, "\u2500");
	}
}

static void
print_row(const struct cell *row, int w, bool color, struct tk_buf *b)
{
	static const char *const sgr[ROLES] = {
		[ROLE_PLAIN] = "",
		[ROLE_DIM] = ";2",
		[ROLE_HEAD] = ";1",
		[ROLE_SELECTED] = ";7",
		[ROLE_OK] = ";32",
		[ROLE_WARN] = ";1;33",
		[ROLE_OVER] = ";1;31",
		[ROLE_KEY] = ";36",
		[ROLE_TITLE] = ";1",
		[ROLE_STATE] = ";1;7;31",
	};
	enum cell_role now = ROLE_PLAIN;

	while (w > 0 && row[w - 1].c == ' ')
		w--;
	for (int x = 0; x < w; x++) {
		if (color && row[x].role != now) {
			now = row[x].role;
			tk_buf_addf(b, "\033[0%sm", sgr[now]);
		}
		if (row[x].c != 0)
			tk_utf8_add_point(b, row[x].c);
	}
	if (now != ROLE_PLAIN)
		tk_buf_adds(b, "\033[0m");
	tk_buf_adds(b, "\n");
}

void
cells_print(const struct cells *g, bool color, struct tk_buf *b)
{
	for (int y = 0; y < g->h; y++)
		print_row(g->cell + y * g->w, g->w, color, b);
}
