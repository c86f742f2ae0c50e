#ifndef CMD_FILTER_H
#define CMD_FILTER_H

#include "base/time.h"
#include "cmd.h"
#include "ledger/scan.h"

/*
 * The options that choose records, the same in every command that reads
 * them: the range and one list for each kind of name.
 */
struct cmd_filter {
	const char *since, *until, *period;
	struct opt_list department, model_family, priority, tier; /* kept */
	struct opt_list error, key;
	struct opt_list user, application, model, provider, session, project,
	    agent, endpoint, source, machine;
};

/* Rows of a range, where S has these three itself. */
/* clang-format off */
#define OPT_RANGE(S) \
	OPT_STR('s', "since", S, since, "date", HINT_DATE, \
	    "from the start of this date on"), \
	OPT_STR('U', "until", S, until, "date", HINT_DATE, \
	    "up to this date, and all of it"), \
	OPT_STR('p', "period", S, period, "date", HINT_DATE, \
	    "only this day, week, month or range")
/* clang-format on */

extern const struct opt cmd_filter_opts[];
#define OPT_FILTER(S) OPT_GROUP(S, filter, struct cmd_filter, cmd_filter_opts)

/* Names alone, for commands that have a range of their own and ask sums
 * again and again. */
enum { CMD_FILTER_OTHER_OPTS = 9 };
#define OPT_FILTER_NAMES(S) \
	OPT_GROUP(S, filter, struct cmd_filter, \
	    cmd_filter_opts + CMD_FILTER_OTHER_OPTS)

/*
 * What the options say, as a filter of the ledger; it points into args.
 * Without a range, all times.  The filter is also told to the writer, for
 * the "filters" of JSON.
 */
int cmd_filter_read(struct cmd_ctx *ctx, const struct cmd_filter *args,
    struct ledger_filter *f, struct tk_err *err);

/* What they say; any may be NULL.  Without any of them all times, which is
 * INT64_MIN to INT64_MAX. */
int cmd_range_read(struct cmd_ctx *ctx, const char *since, const char *until,
    const char *period, struct tk_range *r, struct tk_err *err);

/* Whether the range can be read; for the check of a command. */
int cmd_filter_check(const struct cmd_ctx *ctx, const struct cmd_filter *args,
    struct tk_err *err);

/* Whether a range was given at all. */
bool cmd_filter_has_range(const struct cmd_filter *args);

/* What is chosen that is no name in a record, for i from 0 up: the name of the
 * option and its values; false behind the last. */
bool cmd_filter_other(const struct cmd_filter *args, size_t i,
    const char **option, const struct opt_list **list);

/* "all users", "alice", "alice, model gpt-4.1": for titles. */
void cmd_filter_title(const struct cmd_filter *args, struct tk_buf *b);

#endif
