#ifndef CMD_TOP_H
#define CMD_TOP_H

#include "base/buf.h"
#include "cmd.h"
#include "filter.h"
#include "top/ui.h"
#include "tui/screen.h"

struct top_args {
	struct cmd_common common;
	struct cmd_filter filter;
	bool batch, once, reverse, mouse, import;
	int64_t frames;
	const char *delay, *keys;
	int view, sort, range, theme; /* -1: not said */
	int64_t width, lines;
};

/* One run: how frames are drawn and when. */
struct run {
	struct cmd_ctx *ctx;
	const struct top_args *args;
	struct top_query q;
	struct top_style style;
	struct tk_digits digits;
	struct top_ui ui;
	struct tk_buf scope, folder;
	int64_t delay; /* ms */
	int w, h;
	bool color, ascii;
};

/* The model as the screen wants it, at r->q.now. */
int top_read(struct run *r, struct top_model *m, struct ledger *l,
    struct tk_err *err);

/* What W has saved. */
void top_live_load(struct run *r);

/* The live screen, until it is left. */
int top_live(struct run *r, struct tk_err *err);

#endif
