/* Markdown tables as GitHub reads them. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "out/out_int.h"

/* "_" within a word is only itself. */
static bool
needs_escape(const char *s, size_t i)
{
	if (s[i] == '_')
		return i == 0 || !isalnum((unsigned char)s[i - 1]) ||
		    !isalnum((unsigned char)s[i + 1]);
	return s[i] != '\0' && strchr("\\`*[]<>|&~", s[i]) != NULL;
}

static void
put_text(struct out *o, const char *s)
{
	struct tk_buf b = TK_BUF_INIT;

	tk_utf8_add_clean(&b, s, strlen(s));
	for (size_t i = 0; i < b.len; i++) {
		if (needs_escape(b.s, i))
			out_raw(o, "\\", 1);
		out_raw(o, b.s + i, 1);
	}
	tk_buf_release(&b);
}

static void
put_row(struct out *o, const struct out_layout *all, size_t row)
{
	bool strong = out_grid_kind(o, row) == OUT_ROW_TOTAL;
	struct tk_buf b = TK_BUF_INIT;

	for (int i = 0; i < o->ncols; i++) {
		char mark;

		if (!o->shown[i])
			continue;
		tk_buf_reset(&b);
		mark = out_grid_text(o, &all[i], row, i, &b);
		out_puts(o, "| ");
		out_puts(o, strong && b.len > 0 ? "**" : "");
		put_text(o, b.s);
		if (mark != 0)
			put_text(o, (char[]){ mark, '\0' });
		out_puts(o, strong && b.len > 0 ? "** " : " ");
	}
	out_puts(o, "|\n");
	tk_buf_release(&b);
}

static void
put_table(struct out *o, const struct out_layout *all)
{
	for (int i = 0; i < o->ncols; i++) {
		if (!o->shown[i])
			continue;
		out_puts(o, "| ");
		put_text(o, o->cols[i].title);
		out_puts(o, " ");
	}
	out_puts(o, "|\n");
	for (int i = 0; i < o->ncols; i++)
		if (o->shown[i])
			out_puts(o, all[i].right ? "| ---: " : "| --- ");
	out_puts(o, "|\n");
	for (size_t row = 0; row < out_grid_rows(o); row++)
		put_row(o, all, row);
}

static void
put_fields(struct out *o, const struct out_layout *all)
{
	struct tk_buf b = TK_BUF_INIT;

	out_puts(o, "| Field | Value |\n| --- | --- |\n");
	for (int i = 0; i < o->ncols; i++) {
		if (!o->shown[i])
			continue;
		tk_buf_reset(&b);
		out_grid_text(o, &all[i], 0, i, &b);
		out_puts(o, "| ");
		put_text(o, o->cols[i].title);
		out_puts(o, " | ");
		put_text(o, b.s);
		out_puts(o, " |\n");
	}
	tk_buf_release(&b);
}

static void
put_remarks(struct out *o, const struct out_remarks *all)
{
	for (size_t i = 0; i < all->n; i++) {
		out_puts(o, "\n");
		put_text(o, all->v[i].text);
		out_puts(o, "\n");
	}
}

static void
put_title(struct out *o)
{
	struct tk_buf range = TK_BUF_INIT;

	if (o->doc == NULL || o->doc->title == NULL)
		return;
	out_puts(o, "## ");
	put_text(o, o->doc->title);
	out_puts(o, "\n\n");
	out_range(o, false, &range);
	if (range.len > 0) {
		put_text(o, range.s);
		out_puts(o, "\n\n");
	}
	tk_buf_release(&range);
}

static void
md_end_part(struct out *o)
{
	struct out_layout *all = tk_xcalloc((size_t)o->ncols, sizeof(*all));

	for (int i = 0; i < o->ncols; i++)
		all[i].show = o->shown[i];
	out_grid_measure(o, all);
	if (!o->in_part) {
		put_title(o);
	} else {
		out_puts(o, "\n### ");
		put_text(o, o->part_title);
		out_puts(o, "\n\n");
	}
	if (o->rows == 0) {
		put_text(o,
		    o->empty != NULL && !o->in_part ? o->empty
						    : "nothing to show");
		out_puts(o, "\n");
	} else if (o->muted) {
		/* people see it in a part of their own */
	} else if (o->shape == OUT_ONE) {
		put_fields(o, all);
	} else {
		put_table(o, all);
	}
	free(all);
}

static void
md_end(struct out *o)
{
	put_remarks(o, &o->notes);
	put_remarks(o, &o->warnings);
}

const struct out_ops out_md = {
	.skip = OUT_MACHINE,
	.rows = 1 << OUT_ROW_DATA | 1 << OUT_ROW_TOTAL | 1 << OUT_ROW_SUMMARY,
	.begin = out_grid_begin,
	.cell = out_grid_cell,
	.mark = out_grid_mark,
	.end_row = out_grid_end_row,
	.end_part = md_end_part,
	.begin_part = out_grid_part,
	.end = md_end,
};
