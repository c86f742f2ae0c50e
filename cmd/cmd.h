#ifndef CMD_CMD_H
#define CMD_CMD_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/buf.h"
#include "base/err.h"
#include "cli/opt.h"

struct config;
struct kept;
struct ledger;
struct news;
struct out;
struct out_style;
struct price_book;
struct tk_clock;
struct tk_zone;

/* Options that every command has; first member of each argument struct. */
struct cmd_common {
	int format; /* from out_formats[] */
	bool json;
	const char *output; /* NULL and "-": standard output */
	const char *ledger;
	const char *config;
	const char *tz;
	int color;
	bool ascii;
	bool quiet;
	int64_t verbose; /* how often -v was given */
	bool no_pager;
	bool help;
	/* OPT_SENT(), OPT_PLOT() alone */
	struct opt_list mail;
	const char *plot;
	bool lock;
	bool quiet_if_empty;
	int split; /* of export: then -o is a pattern, which run() fills in */
};

extern const struct opt cmd_common_opts[];
#define OPT_COMMON(S) OPT_GROUP(S, common, struct cmd_common, cmd_common_opts)

/* For commands whose tables are sent, drawn and made by cron(8); all of it
 * is done around run(): see handout.h. */
#define OPT_SENT(S) \
	OPT_LIST(0, "mail", S, common.mail, "address", HINT_NONE, \
	    "send it there, as text and as a page"), \
	    OPT_FLAG(0, "lock", S, common.lock, \
		"do nothing while the same command runs"), \
	    OPT_FLAG(0, "quiet-if-empty", S, common.quiet_if_empty, \
		"print nothing when there is nothing to say")
#define OPT_PLOT(S) \
	OPT_STR(0, "plot", S, common.plot, "file", HINT_FILE, \
	    "draw it into this file, as SVG")
#define OPT_HANDOUT(S) OPT_PLOT(S), OPT_SENT(S)

/* What main() must have ready before it calls run(). */
enum cmd_needs {
	CMD_OUT = 1 << 0,           /* ctx->out */
	CMD_OUT_ASKED = 1 << 8,     /* ctx->out if --format or -o was given,
				     * else NULL: plain text */
	CMD_LEDGER_READ = 1 << 1,   /* ctx->ledger, read only */
	CMD_LEDGER_WRITE = 1 << 2,  /* ctx->ledger, created if missing */
	CMD_LEDGER_UPDATE = 1 << 3, /* ctx->ledger, must exist */
	CMD_LEDGER_NAME = 1 << 7,   /* ctx->ledger_url alone */
	CMD_ZONE = 1 << 4,          /* ctx->zone; CMD_OUT brings it too */
	CMD_PAGER = 1 << 5,         /* long output goes through a pager */
	CMD_PRICES = 1 << 6,        /* ctx->prices, with the user's overlay */
};

struct cmd_ctx {
	const struct cmd *cmd;
	const char *name; /* "usage import" */
	const struct cmd_common *common;
	struct config *config;
	struct out *out;
	FILE
	    *to; /* what is behind out, for commands that write text as it is */
	struct ledger *ledger;
	const char *ledger_url;
	struct price_book *prices;
	struct tk_zone *zone;
	int64_t now; /* ms; the time of this run, fixed, so that runs repeat */
	struct news *news;   /* where cmd_say() keeps it, or NULL */
	struct tk_buf login; /* usage_login() */
	struct tk_buf host;  /* usage_machine() */
	struct kept *kept;   /* of cmd/filter_kept.c */
	int week_start;      /* 0 is Monday */
	bool nothing;        /* run() has nothing to say: -o leaves the file
			      * alone, --mail sends nothing */
	bool progress;       /* stderr is a terminal and -q was not given */
};

/*
 * One command, or one verb of a command ("usage import").  A command has
 * either run() or verbs, of which the first is the default.  run() returns
 * 0 for success, 1 for "no" (as grep and diff do), or -1 with *err set:
 * main() prints the error, and nothing else, and picks the exit status.  A
 * command that did part of its work returns tk_exit_status() itself.
 */
struct cmd {
	const char *name;
	const char *also; /* another word for a verb, shown nowhere; or NULL */
	const char *summary;  /* one line: a verb, lower case, no full stop */
	const char *operands; /* after the options in the synopsis, or NULL */
	const char *format;   /* when none is asked for; NULL: a table */
	const char *examples; /* "command\tcomment\n"... for --help, or NULL */
	const struct opt *opts;
	size_t args_size;             /* at least sizeof(struct cmd_common) */
	void (*defaults)(void *args); /* NULL: all zero */
	enum cmd_needs needs;
	/* What is wrong with the words themselves, before the ledger is
	 * opened; there is only the clock yet.  NULL: run() says so. */
	int (*check)(const struct cmd_ctx *ctx, const void *args, int argc,
	    const char **argv, struct tk_err *err);
	/* Whether it looks at the ledger once and for a moment (STORE_ONCE);
	 * NULL: it does not. */
	bool (*once)(const void *args);
	int (*run)(struct cmd_ctx *ctx, const void *args, int argc,
	    const char **argv, struct tk_err *err);
	const struct cmd *const *verbs; /* ends with NULL */
	bool hidden;                    /* left out of help and completion */
};

extern const struct cmd *const cmds[]; /* ends with NULL */
const struct cmd *cmd_find(const char *name);
const struct cmd *cmd_find_verb(const struct cmd *c, const char *name);

/* The list of commands, and the text of --help; cmd/help.c. */
void cmd_list_text(FILE *to);
void cmd_help_text(const struct cmd *c, const char *name, FILE *to);

/* For functions that read dates. */
struct tk_clock cmd_clock(const struct cmd_ctx *ctx);

/* Look at the clock again; only for a run that answers for long. */
int cmd_tick(struct cmd_ctx *ctx, struct tk_err *err);

/* How budgets take calls without a price, in a ledger that main() did not
 * open; ctx->prices is there. */
int cmd_tell_limits(struct cmd_ctx *ctx, struct ledger *l, struct tk_err *err);

/* A line on stderr, "tokctl usage import: <text>": news, which -q silences,
 * and what went wrong, which it does not.  Of a command that prints no rows,
 * news are the rows where --format was given: news.h. */
void cmd_say(const struct cmd_ctx *ctx, const char *fmt, ...) TK_PRINTF(2, 3);
void cmd_warn(const struct cmd_ctx *ctx, const char *fmt, ...) TK_PRINTF(2, 3);

#define CMD(name) extern const struct cmd cmd_##name;
#include "list.h"
#undef CMD

#endif
