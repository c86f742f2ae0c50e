/* Cells: any text, at any place of any grid, is harmless. */
#include "tui/cells.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/utf8.h"
#include "tap.h"

static void
check_grid(const struct cells *g, const char *want)
{
	struct tk_buf b = TK_BUF_INIT;

	cells_print(g, false, &b);
	CHECK_STR(b.s, want);
	tk_buf_release(&b);
}

static void
texts_are_put_where_they_belong(void)
{
	struct cells g;

	cells_init(&g, 10, 2, false);
	CHECK(cells_put(&g, 0, 2, ROLE_PLAIN, "abc") == 5);
	cells_put_right(&g, 0, 10, ROLE_PLAIN, "12");
	cells_put_right(&g, 1, 10, ROLE_PLAIN, "too long for it");
	cells_put_name(&g, 1, 0, 7, ROLE_PLAIN, "dmitri.konstantin");
	check_grid(&g, "  abc   12\ndmit~in\n");
	CHECK(g.faults == 0);
	cells_release(&g);
}

static void
mistakes_are_counted(void)
{
	struct cells g;

	cells_init(&g, 4, 1, false);
	cells_put(&g, 0, 0, ROLE_PLAIN, "ab");
	cells_put(&g, 0, 1, ROLE_PLAIN, " ");
	CHECK(g.faults == 0);
	cells_put(&g, 0, 0, ROLE_PLAIN, "c");
	CHECK(g.faults == 1);
	cells_put(&g, 0, 2, ROLE_PLAIN, "xyz");
	CHECK(g.faults == 1);
	cells_clear(&g);
	cells_put(&g, 0, 2, ROLE_PLAIN, "123");
	CHECK(g.faults == 1);
	cells_release(&g);
}

static void
names_cannot_act_or_grow(void)
{
	struct cells g;

	cells_init(&g, 12, 1, false);
	cells_put(&g, 0, 0, ROLE_PLAIN, "a\033[2Jb\u202ec\xff");
	check_grid(&g, "a?[2Jb?c?\n");
	cells_clear(&g);
	cells_put(&g, 0, 0, ROLE_PLAIN, "e\u0301\u4e2d!");
	check_grid(&g, "e\u4e2d!\n");
	cells_clear(&g);
	cells_put(&g, 0, 11, ROLE_PLAIN, "\u4e2d");
	check_grid(&g, "\n");
	cells_release(&g);
	cells_init(&g, 12, 1, true);
	cells_put(&g, 0, 0, ROLE_PLAIN, "\u4e2d\u00e4\u2588\u2502");
	check_grid(&g, "???#|\n");
	cells_release(&g);
}

static void
bars_and_sparks_have_twins_of_their_width(void)
{
	static const tk_int128 v[] = { 0, 1, 4, 8, 0 };
	struct cells g;

	cells_init(&g, 24, 2, false);
	cells_bar(&g, 0, 0, 8, ROLE_OK, 450, 1000, 700);
	cells_bar(&g, 0, 11, 8, ROLE_OK, 5000, 1000, -1);
	cells_spark(&g, 1, 0, ROLE_OK, v, 5);
	check_grid(&g,
	    "[\u2588\u2588\u2588\u258c \u2502  ] "
	    "[\u2588\u2588\u2588\u2588\u2588\u2588\u2588\u2588]\n"
	    " \u2581\u2583\u2585\n");
	CHECK(g.faults == 0);
	cells_release(&g);
	cells_init(&g, 24, 2, true);
	cells_bar(&g, 0, 0, 8, ROLE_OK, 450, 1000, 700);
	cells_spark(&g, 1, 0, ROLE_OK, v, 5);
	check_grid(&g, "[####-|--]\n .-+\n");
	cells_release(&g);
}

static void
colours_end_where_they_began(void)
{
	struct tk_buf b = TK_BUF_INIT;
	struct cells g;

	cells_init(&g, 4, 2, false);
	cells_put(&g, 0, 0, ROLE_OVER, "a");
	cells_put(&g, 0, 1, ROLE_PLAIN, "b");
	cells_put(&g, 1, 0, ROLE_OK, "c");
	cells_print(&g, true, &b);
	CHECK_STR(b.s, "\033[0;1;31ma\033[0mb\n\033[0;32mc\033[0m\n");
	tk_buf_release(&b);
	cells_release(&g);
}

static void
any_bytes_anywhere(void)
{
	uint32_t seed = 3;
	int bad = 0;

	for (int i = 0; i < 3000; i++) {
		struct tk_buf b = TK_BUF_INIT;
		struct cells g;
		char text[40];

		for (size_t k = 0; k < sizeof(text); k++) {
			seed = seed * 1664525 + 1013904223;
			text[k] = (char)(seed >> 24);
		}
		text[39] = '\0';
		cells_init(&g, (int)(seed % 20) - 2, (int)(seed >> 8) % 5 - 1,
		    i % 2);
		cells_put(&g, (int)(seed >> 16) % 8 - 2,
		    (int)(seed >> 20) % 30 - 5, ROLE_PLAIN, text);
		cells_print(&g, false, &b);
		bad += !tk_utf8_valid(b.s, b.len);
		for (size_t k = 0; k < b.len; k++)
			bad += (unsigned char)b.s[k] < ' ' && b.s[k] != '\n';
		tk_buf_release(&b);
		cells_release(&g);
	}
	CHECK(bad == 0);
}

int
main(void)
{
	texts_are_put_where_they_belong();
	mistakes_are_counted();
	names_cannot_act_or_grow();
	bars_and_sparks_have_twins_of_their_width();
	colours_end_where_they_began();
	any_bytes_anywhere();
	return tap_done();
}
