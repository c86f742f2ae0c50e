#ifndef CMD_DELIVER_H
#define CMD_DELIVER_H

#include "base/file.h"
#include "cmd.h"
#include "out/out.h"

/*
 * What becomes of the output beside being printed, for commands that have
 * OPT_DELIVER(): it is drawn, and it is sent.  Every writer gets the same
 * rows; nothing is run twice.
 *
 *	deliver_open()		before the writer: what cannot go together
 *	deliver_start()		the further writers, on ctx->out
 *	deliver_finish()	when the writer is closed: rename, send
 */
struct deliver {
	struct tk_new_file plot;
	FILE *text, *html;
	char *text_bytes, *html_bytes;
	size_t text_len, html_len;
	char *subject;
	int lock; /* or -1 */
};

#define DELIVER_INIT \
	{ \
		.lock = -1 \
	}

/*
 * --lock: 1 when this command runs now, 0 when a twin of it runs already.
 * Twins have the same name, words and ledger.
 */
int deliver_lock(struct deliver *d, const char *name, int argc,
    const char **argv, struct tk_err *err);

/* Open what will be written; *to and style become those of the writer where
 * the answer is the mail or the picture itself. */
int deliver_open(struct deliver *d, const struct cmd_common *c,
    struct out_style *style, FILE **to, struct tk_err *err);
void deliver_start(struct deliver *d, const struct cmd_common *c,
    struct out *out, const struct out_style *style);

/* Before and after the writer is closed. */
int deliver_note(struct deliver *d, const struct cmd_ctx *ctx,
    struct tk_err *err);
int deliver_finish(struct deliver *d, struct cmd_ctx *ctx, struct tk_err *err);
void deliver_release(struct deliver *d);

#endif
