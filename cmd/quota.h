#ifndef CMD_QUOTA_H
#define CMD_QUOTA_H

#include "cmd.h"
#include "limit/quota.h"

/* What the verbs of "quota" share. */
extern const struct cmd cmd_quota_show;

struct quota_amounts {
	int64_t limit[QUOTA_LIMITS]; /* or QUOTA_ABSENT */
};

extern const struct opt quota_amount_opts[];
#define OPT_AMOUNTS(S) \
	OPT_GROUP(S, amounts, struct quota_amounts, quota_amount_opts)

void quota_amounts_init(struct quota_amounts *a);
int quota_amounts_check(const struct quota_amounts *a, struct tk_err *err);
/* Over what q has; how many there were. */
int quota_amounts_apply(const struct quota_amounts *a, struct quota *q);

/* 1: the quota as it is; 0: a new one, in the zone of this run. */
int quota_load(struct cmd_ctx *ctx, const struct limit_name *of,
    struct quota *q, struct tk_buf *zone, struct tk_buf *template,
    struct tk_err *err);

/* Put the limits of a template over what q has. */
int quota_template_apply(struct cmd_ctx *ctx, const char *name, struct quota *q,
    struct tk_err *err);

/* Whether that name's quotas are shown in a box (1): those of a user, in no
 * format that was asked for, where there is room. */
int quota_has_box(const struct cmd_ctx *ctx, const struct limit_name *of,
    struct tk_err *err);
int quota_box(struct cmd_ctx *ctx, const struct limit_name *of,
    const char *session, struct tk_err *err);

/* The table of quotas: of one name, or all. */
int quota_show(struct cmd_ctx *ctx, const struct limit_name *of,
    const char *session, struct tk_err *err);

/* News: what holds now. */
void quota_say(const struct cmd_ctx *ctx, const struct quota *q);

#endif
