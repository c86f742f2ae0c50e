#ifndef CMD_SESSION_INT_H
#define CMD_SESSION_INT_H

#include <stdio.h>

#include "base/file.h"
#include "base/num.h"
#include "cli/term.h"
#include "cmd.h"
#include "handout.h"
#include "news.h"

/*
 * What the files of a session share.
 *
 *	session.c      options, settings, ledger, prices; the run itself
 *	session_out.c  where it writes: terminal, pager, file, mail
 */

/* Everything that a run has open. */
struct session {
	struct cmd_ctx ctx;
	struct cmd_common *common;
	struct tk_digits digits;
	struct tk_new_file file; /* -o */
	FILE *zipped;            /* what compresses into it, or NULL */
	struct handout handout;  /* --plot, --mail, --lock */
	struct news news;
	const char **words; /* as they were given */
	struct term_pager pager;
};

/* The zone, and the day on which weeks begin. */
int session_open_zone(struct session *s, struct tk_err *err);

int session_out_open(struct session *s, struct tk_err *err);

/* What was written is there, whole or not at all; rc is what run() returned,
 * and is returned if all went well. */
int session_out_finish(struct session *s, int rc, struct tk_err *err);

/* Whatever is still open is no output. */
void session_out_drop(struct session *s);

#endif
