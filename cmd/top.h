#ifndef CMD_TOP_H
#define CMD_TOP_H

#include <sys/types.h>

#include "base/buf.h"
#include "cmd.h"
#include "filter.h"
#include "top/ui.h"
#include "tui/screen.h"

struct top_args {
	struct cmd_common common;
	struct cmd_filter filter;
	bool batch, once, reverse, mouse, title, import;
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
	struct tk_buf scope, folder, place; /* place: where the ledger is */
	const char *name[TOP_DEPTH];        /* of the path, for the query */
	int64_t delay;                      /* ms */
	int w, h;
	bool color, ascii;
	bool title; /* of the window is ours */
	int focus;  /* enum screen_focus */
};

/* The question that the screen asks now. */
void top_query(struct run *r, struct top_query *q);

/* The live screen, until it is left. */
int top_live(struct run *r, struct tk_err *err);

/*
 * What keys do besides changing the screen: each is a command of ours, with
 * its checks and its audit.  What it says, and the command, is put into
 * ui.message; what takes it back is kept for top_act_undo().
 */
struct top_acts {
	struct run *r;
	struct tk_buf undo;   /* words of a command, each with its NUL */
	struct tk_buf undoes; /* what it takes back, for people */
};
void top_act_limit(struct top_acts *a, const struct top_model *m);
void top_act_alert(struct top_acts *a, const struct top_model *m);
void top_act_ack(struct top_acts *a, const struct top_model *m);
void top_act_undo(struct top_acts *a);
void top_act_export(struct top_acts *a, const struct top_model *m);
void top_act_save(struct run *r);
/* It has the terminal for itself; the caller closes and opens the screen. */
void top_act_report(struct top_acts *a, const struct top_model *m);
/* Whether who is here is a user whom the ledger knows as no more than that. */
bool top_act_asks(struct run *r);

/* The process that imports logs meanwhile. */
struct top_importer {
	pid_t pid; /* 0: there is none */
	int said;  /* what it says; -1: nothing */
};
int top_importer_start(struct top_importer *i, struct run *r,
    struct tk_err *err);
void top_importer_end(struct top_importer *i);
/* Put it into ui.message. */
void top_importer_hear(struct top_importer *i, struct run *r);

#endif
