#ifndef LEDGER_ANCHOR_H
#define LEDGER_ANCHOR_H

#include <stdint.h>

#include "base/err.h"

/*
 * Where the chains of a ledger stood, kept outside of it.
 *
 * A hash chain shows an edit in its middle, but not that its end was cut off
 * or that all of it was written anew.  Who keeps its head elsewhere, where
 * the one who edits cannot write, can show that too.  An anchor file has one
 * line for each time, appended and never changed, for any number of ledgers:
 *
 *	tokctl-anchor/1 LEDGER RECORDS HEAD ENTRIES HEAD
 *
 * the number of the ledger (ledger_uuid()), then how many records and audit
 * entries it had and the heads of their chains, "-" without entries.
 */
struct ledger_anchor {
	int64_t records;
	char head[65];
	int64_t audit_entries;
	char audit_head[65];
};

/* 1: the last line for that ledger; 0: there is none, or no file. */
int anchor_read(struct ledger_anchor *a, const char *path, const char *uuid,
    struct tk_err *err);

/* Append a line and flush it to the disk. */
int anchor_append(const struct ledger_anchor *a, const char *path,
    const char *uuid, struct tk_err *err);

#endif
