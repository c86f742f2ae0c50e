#ifndef CMD_ALERT_H
#define CMD_ALERT_H

#include "alert/alert.h"
#include "base/buf.h"
#include "cmd.h"
#include "out/out.h"

struct ingest_report;

/* What the verbs of alert share. */
extern const struct out_col alert_cols[];
void alert_row(struct out *o, const struct alert *a);

/* Alerts of logs that cannot be read, and their end; writes only if there is
 * something to say. */
int alert_tell_import(struct ledger *l, const struct ingest_report *r,
    int64_t now, struct tk_err *err);

/* What 'alert run' looks at besides: alert_look.c.  Looking comes first,
 * writing it down inside ledger_begin(). */
struct alert_look {
	struct tk_buf disk; /* what is wrong; "": nothing */
	bool full;
	struct tk_buf odd;
	char day[16]; /* which one stood out */
};
#define ALERT_LOOK_INIT \
	{ \
		.disk = TK_BUF_INIT, .odd = TK_BUF_INIT \
	}
int alert_look(struct cmd_ctx *ctx, struct alert_look *look,
    struct tk_err *err);
int alert_tell_look(struct cmd_ctx *ctx, const struct alert_look *look,
    struct tk_err *err);
void alert_look_release(struct alert_look *look);

extern const struct cmd cmd_alert_rules, cmd_alert_add, cmd_alert_remove,
    cmd_alert_run, cmd_alert_test;

#endif
