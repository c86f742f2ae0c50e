#ifndef CMD_REPORT_COMPAT_H
#define CMD_REPORT_COMPAT_H

#include "base/num.h"
#include "cmd.h"

struct block_line;
struct report_query;

/*
 * Reports in the JSON of other programs, for scripts that were made for
 * those: the same figures, other names.  Documented in tokctl-report(1).
 */
enum report_compat {
	COMPAT_NONE,
	COMPAT_CCUSAGE,       /* "ccusage claude daily", and before version 20
			       * "ccusage daily" */
	COMPAT_CCUSAGE_ALL,   /* "ccusage daily" of version 20 */
	COMPAT_CCUSAGE_CODEX, /* "ccusage codex daily" */
};

extern const struct tk_choice report_compats[];

/* Which rows: the latest ones, in the order of the other program or the other
 * way round, the first ones of those. */
struct compat_rows {
	bool reverse;
	int64_t top, last;
};

/* JSON is the only format they have. */
int report_compat_check(const struct cmd_ctx *ctx, int compat,
    struct tk_err *err);

/* By day, week, month or session: the first dimension of q. */
int report_compat_run(struct cmd_ctx *ctx, const struct report_query *q,
    enum report_compat compat, const struct compat_rows *rows,
    struct tk_err *err);

/* limit 0: none was asked for. */
int report_compat_blocks(struct cmd_ctx *ctx, const struct block_line *line,
    size_t n, tk_int128 limit, struct tk_err *err);

#endif
