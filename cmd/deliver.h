#ifndef CMD_DELIVER_H
#define CMD_DELIVER_H

#include "alert/outbox.h"
#include "cmd.h"

/*
 * Sending what is in the outbox.  target 0: to everybody; only the due ones.
 * Returns -1 only when the ledger failed; who could not be reached is
 * counted, and said with cmd_warn().
 */
struct deliver_result {
	int64_t sent, failed;
};

int deliver(struct cmd_ctx *ctx, int64_t target, struct deliver_result *r,
    struct tk_err *err);

/* Send a test to one target, behind what waits for it. */
int deliver_test(struct cmd_ctx *ctx, int64_t target, struct deliver_result *r,
    struct tk_err *err);

/* One message, sent in its way; only *a is filled in. */
struct delivery {
	int64_t id;
	const char *event, *message, *body;
};

/* deliver_mail.c, deliver_web.c: -1 when this program lacks something, and
 * nothing was tried. */
int deliver_mail(struct cmd_ctx *ctx, const struct target *t,
    const struct delivery *d, struct outbox_attempt *a, struct tk_buf *result,
    struct tk_err *err);
int deliver_web(struct cmd_ctx *ctx, const struct target *t,
    const struct delivery *d, struct outbox_attempt *a, struct tk_buf *result,
    struct tk_err *err);

/* Ask tokctl-deliver, which can speak HTTP and SMTP; request is JSON. */
int deliver_help(const struct tk_buf *request, struct outbox_attempt *a,
    struct tk_buf *result, struct tk_err *err);

/* The value of "file:PATH" or "env:NAME". */
int deliver_secret(const char *where, struct tk_buf *b, struct tk_err *err);

enum { DELIVER_TIMEOUT_MS = 20000 };

#endif
