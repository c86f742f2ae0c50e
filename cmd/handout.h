#ifndef CMD_HANDOUT_H
#define CMD_HANDOUT_H

#include "base/file.h"
#include "cmd.h"
#include "out/out.h"

/*
 * What becomes of the output beside being printed, for commands that have
 * OPT_HANDOUT(): it is drawn, and it is sent.  Every writer gets the same
 * rows; nothing is run twice.
 *
 *	handout_open()		before the writer: what cannot go together
 *	handout_start()		the further writers, on ctx->out
 *	handout_finish()	when the writer is closed: rename, send
 */
struct handout {
	struct tk_new_file plot;
	FILE *text, *html;
	char *text_bytes, *html_bytes;
	size_t text_len, html_len;
	char *subject;
	int lock; /* or -1 */
};

#define HANDOUT_INIT \
	{ \
		.lock = -1 \
	}

/*
 * --lock: 1 when this command runs now, 0 when a twin of it runs already.
 * Twins have the same name, words and ledger.
 */
int handout_lock(struct handout *d, const char *name, int argc,
    const char **argv, struct tk_err *err);

/* Who mail is from: the setting, or "alice@build1"; ctx->host is filled in. */
int handout_sender(struct cmd_ctx *ctx, struct tk_buf *from,
    struct tk_err *err);

/*
 * Of a command that prints rows and nothing else: common->format becomes what
 * the name of the file says, if no format was asked for: "-o may.csv".
 */
int handout_format(const struct cmd *c, struct cmd_common *common,
    struct tk_err *err);

/* Open what will be written; *to and style become those of the writer where
 * the answer is the mail or the picture itself. */
int handout_open(struct handout *d, const struct cmd_common *c,
    struct out_style *style, FILE **to, struct tk_err *err);
void handout_start(struct handout *d, const struct cmd_common *c,
    struct out *out, const struct out_style *style);

/* Before and after the writer is closed. */
int handout_note(struct handout *d, const struct cmd_ctx *ctx,
    struct tk_err *err);
int handout_finish(struct handout *d, struct cmd_ctx *ctx, struct tk_err *err);
void handout_release(struct handout *d);

#endif
