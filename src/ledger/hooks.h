#ifndef LEDGER_HOOKS_H
#define LEDGER_HOOKS_H

#include <stdint.h>

#include "ledger/ledger.h"
#include "ledger/pack.h"

/*
 * Who is told of every record that is booked, whatever command books it, in
 * the transaction that books it: the counters of limits (src/limit), which
 * must never be out of step with the records.
 *
 * There is one such listener, joined to this module by the linker and not by
 * a call, so that no way of opening a ledger can leave it out.
 */
struct ledger_hooks {
	void *(*open)(struct ledger *l);
	void (*close)(void *state);
	/* A record, or one that takes another back, was appended; its names
	 * are those of name[], its texts need not be there. */
	int (*appended)(void *state, const struct usage_record *r,
	    const uint32_t name[NAME_KINDS], struct tk_err *err);
	/* Before the commit: write what follows from it. */
	int (*commit)(void *state, struct tk_err *err);
	/* At the begin, after a commit and after a rollback: what was read
	 * may be out of date. */
	void (*forget)(void *state);
	/* Does what is kept follow from the records?  fault() is called for
	 * each thing that does not; *looked_at counts all of them. */
	int (*check)(void *state, void (*fault)(const char *text, void *data),
	    void *data, int64_t *looked_at, struct tk_err *err);
};

extern const struct ledger_hooks ledger_hooks; /* limit/hooks.c */

/* What open() returned. */
void *ledger_hook_state(struct ledger *l);

#endif
