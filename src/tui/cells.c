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
	{ 0x2589, '#' },
	{ 0x258a, '#' },
	{ 0x258b, '#' },
	{ 0x258c, '#' }, /* left half */
	{ 0x258d, '-' },
	{ 0x258e, '-' },
	{ 0x258f, '-' },
	{ 0x2581, '.' }, /* lower eighths */
	{ 0x2582, ':' },
	{ 0x2583, '-' },
	{ 0x2584, '=' },
	{ 0x2585, '+' },
	{ 0x2586, '*' },
	{ 0x2587, '#' },
	{ 0x2502, '|' },
	{ 0x2500, '-' },
	{ 0x25bc, 'v' },
	{ 0x25b2, '^' },
	{ 0x00b7, ',' },
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
cells_clear(struct cells *g)
{
	for (int i = 0; i < g->w * g->h; i++)
		g->cell[i] = (struct cell){ ' ', ROLE_PLAIN };
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

void
cells_bar(struct cells *g, int y, int x, int w, enum cell_role role,
    tk_int128 part, tk_int128 whole, int pace)
{
	static const char *const eighth[] = { " ", "\u258f", "\u258e", "\u258d",
		"\u258c", "\u258b", "\u258a", "\u2589", "\u2588" };
	int mark = pace < 0 ? -1 : pace * (w - 1) / 1000;
	int full = 0;

	if (whole > 0 && part > 0)
		full =
		    part >= whole ? w * 8 : (int)(part / (whole / 8 / w + 1));
	if (full > w * 8)
		full = w * 8;
	cells_put(g, y, x, ROLE_DIM, "[");
	for (int i = 0; i < w; i++) {
		int e = full - i * 8;

		if (i == mark)
			cells_put(g, y, x + 1 + i, ROLE_TITLE, "\u2502");
		else
			cells_put(g, y, x + 1 + i, role,
			    eighth[e < 0    ? 0
				    : e > 8 ? 8
					    : e]);
	}
	cells_put(g, y, x + 1 + w, ROLE_DIM, "]");
}

void
cells_spark(struct cells *g, int y, int x, enum cell_role role,
    const tk_int128 *value, int n)
{
	static const char *const step[] = { " ", "\u2581", "\u2582", "\u2583",
		"\u2584", "\u2585", "\u2586", "\u2587", "\u2588" };
	tk_int128 most = 0;

	for (int i = 0; i < n; i++)
		if (value[i] > most)
			most = value[i];
	for (int i = 0; i < n; i++) {
		int k = 0;

		if (value[i] > 0)
			k = (int)(value[i] / (most / 8 + 1)) + 1;
		cells_put(g, y, x + i, role, step[k > 8 ? 8 : k]);
	}
}

void
cells_rule(struct cells *g, int y, int x, enum cell_role role)
{
	for (; x < g->w; x++)
		cells_put(g, y, x, role, "\u2500");
}

static void
add_point(struct tk_buf *b, int32_t c)
{
	char s[5] = { 0 };

	if (c < 0x80) {
		s[0] = (char)c;
	} else if (c < 0x800) {
		s[0] = (char)(0xc0 | c >> 6);
		s[1] = (char)(0x80 | (c & 63));
	} else if (c < 0x10000) {
		s[0] = (char)(0xe0 | c >> 12);
		s[1] = (char)(0x80 | (c >> 6 & 63));
		s[2] = (char)(0x80 | (c & 63));
	} else {
		s[0] = (char)(0xf0 | c >> 18);
		s[1] = (char)(0x80 | (c >> 12 & 63));
		s[2] = (char)(0x80 | (c >> 6 & 63));
		s[3] = (char)(0x80 | (c & 63));
	}
	tk_buf_adds(b, s);
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
			add_point(b, row[x].c);
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
