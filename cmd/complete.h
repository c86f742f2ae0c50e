#ifndef CMD_COMPLETE_H
#define CMD_COMPLETE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "cmd.h"

/*
 * What the files of "tokctl __complete" share.
 *
 *	complete.c        what the words before lead to, and what may follow
 *	complete_offer.c  the values of a kind
 */

/* What the words before the last one have led to. */
struct typed {
	struct tk_buf ledger;      /* to read names from, or "" */
	const struct cmd *cmd;     /* NULL: none yet */
	const struct cmd *verb;    /* NULL: none yet, or there are none */
	const struct opt *pending; /* the last word is its value */
	bool only_operands;        /* "--" was there */
	int operands;
	struct tk_buf first; /* operand, or "" */
	struct tk_buf last;
	size_t skip; /* bytes of last that the shell keeps as they are */
	/* What candidates must begin with is last.s + from. */
	size_t from;
};

/* Print a candidate, if what was typed begins so. */
void complete_offer(const struct typed *t, const char *name, const char *what);

/* All values of that kind that are known at once; of others, none. */
void complete_offer_hint(const struct typed *t, enum opt_hint hint);

#endif
