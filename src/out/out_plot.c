/* One picture in a file of its own: what --plot writes. */
#include <stdlib.h>

#include "base/mem.h"
#include "out/out_chart.h"

enum { MARGIN = 16, TITLE = 40, HEADING = 26, LEFT = 12 };

static void
add_title(const struct out *o, struct tk_buf *b)
{
	struct tk_buf range = TK_BUF_INIT;

	out_range(o, false, &range);
	tk_buf_addf(b,
	    "<text class=\"t\" fill=\"#1b1f24\" font-size=\"16\""
	    " font-weight=\"600\" x=\"%d\" y=\"22\">",
	    LEFT);
	out_html_text(b,
	    o->doc != NULL && o->doc->title != NULL ? o->doc->title : "tokctl");
	tk_buf_addf(b,
	    "</text><text class=\"d\" fill=\"#5b6470\" font-size=\"12\""
	    " x=\"%d\" y=\"40\">",
	    LEFT);
	out_html_text(b, range.s);
	tk_buf_adds(b, "</text>");
	tk_buf_release(&range);
}

static void
add_heading(int y, const char *text, struct tk_buf *b)
{
	tk_buf_addf(b,
	    "<text class=\"t\" fill=\"#1b1f24\" font-size=\"13\""
	    " font-weight=\"600\" x=\"%d\" y=\"%d\">",
	    LEFT, y);
	out_html_text(b, text);
	tk_buf_adds(b, "</text>");
}

/* All pictures, one below the other; returns where they end. */
static int
add_pictures(struct out *o, const struct out_layout *all, struct tk_buf *b)
{
	int col[OUT_CHART_VALUES], n = out_chart_values(o, true, col);
	int y = TITLE + 8;
	struct out_chart c;

	if (o->rows == 0 || n == 0) {
		add_heading(y + HEADING,
		    o->rows == 0 && o->empty != NULL ? o->empty
						     : "nothing to draw",
		    b);
		return y + 2 * HEADING;
	}
	for (int i = 0; i < n; i++) {
		out_chart_init(&c, o, all, col[i], col[n - 1]);
		if (o->picture != OUT_MATRIX) {
			add_heading(y + HEADING - 8, out_chart_title(&c), b);
			y += HEADING;
		}
		y += out_svg_picture(&c, y, b);
		out_chart_release(&c);
	}
	return y;
}

/* Of parts, the first alone is drawn. */
static void
svg_end_part(struct out *o)
{
	struct out_layout *all = tk_xcalloc((size_t)o->ncols, sizeof(*all));
	struct tk_buf inner = TK_BUF_INIT, head = TK_BUF_INIT;
	int height;

	for (int i = 0; i < o->ncols; i++)
		all[i].show = o->shown[i];
	out_grid_measure(o, all);
	height = add_pictures(o, all, &inner) + MARGIN;
	tk_buf_addf(&head,
	    "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\""
	    " width=\"%d\" height=\"%d\" font-family=\"system-ui,sans-serif\">"
	    "<style>%s</style><rect class=\"b\" fill=\"#fff\" width=\"100%%\""
	    " height=\"100%%\"/>",
	    OUT_SVG_WIDTH, height, OUT_SVG_WIDTH, height, out_svg_css);
	add_title(o, &head);
	out_raw(o, head.s, head.len);
	out_raw(o, inner.s, inner.len);
	out_puts(o, "</svg>\n");
	tk_buf_release(&inner);
	tk_buf_release(&head);
	free(all);
}

static void
svg_end(struct out *o)
{
	(void)o;
}

const struct out_ops out_svg = {
	.skip = OUT_MACHINE,
	.bars = true,
	.draws = true,
	.rows = 1 << OUT_ROW_DATA,
	.begin = out_grid_begin,
	.cell = out_grid_cell,
	.mark = out_grid_mark,
	.end_row = out_grid_end_row,
	.end_part = svg_end_part,
	.end = svg_end,
};
