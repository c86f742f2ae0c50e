/* The first thing that is seen: nothing was recorded yet. */
#include "top/frame_int.h"

static void
put(struct frame *f, int y, int x, const char *text)
{
	if (y < f->bottom)
		cells_put_name(f->g, y, x, f->g->w - x, ROLE_PLAIN, text);
}

void
frame_start(struct frame *f)
{
	static const struct {
		const char *command, *what;
	} next[] = {
		{ "tokctl usage import", "read agents' logs" },
		{ "tokctl usage record -m gpt-4.1 --input 1200 --output 80",
		    "one request" },
		{ "tokctl usage record --jsonl - <FILE", "load a file" },
	};
	struct tk_buf b = TK_BUF_INIT;
	int y = f->y + (f->g->h >= 12);

	put(f, y, 0, "No usage recorded yet.");
	y += f->g->h >= 12 ? 2 : 1;
	for (size_t i = 0; i < TK_LEN(next); i++, y++) {
		if (y >= f->bottom)
			break;
		cells_put_name(f->g, y, 2, f->g->w - 2, ROLE_KEY,
		    next[i].command);
		if (f->g->w >= 80)
			cells_put_name(f->g, y, 60, f->g->w - 60, ROLE_DIM,
			    next[i].what);
	}
	y += f->g->h >= 12;
	tk_buf_addf(&b, "The ledger is %s (empty).",
	    f->s->ledger != NULL ? f->s->ledger : "there");
	put(f, y, 0, b.s);
	tk_buf_release(&b);
}
