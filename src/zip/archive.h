#ifndef ZIP_ARCHIVE_H
#define ZIP_ARCHIVE_H

#include <stdint.h>
#include <stdio.h>

#include "base/err.h"

/*
 * A ZIP archive (APPNOTE.TXT 6.3.10) as a stream: its members are deflated as
 * they are written, and their sizes follow them, so that nothing seeks back
 * and memory is constant.  Members have no time of their own (1980-01-01): the
 * same bytes in are the same bytes out.
 *
 *	if (archive_open(&a, &in, to, err) < 0)
 *	archive_member(a, "one.xml");
 *	fputs("...", in);
 *	archive_member(a, "two.xml");
 *	...
 *	if (fclose(in) != 0)		the last member, and the list of all
 *
 * Writes fail, with errno, as "to" does, and with EFBIG where a member or
 * the archive would be larger than what plain ZIP, without its extension of
 * 64 bits, has numbers for: what is read by others does best without.
 */
struct archive;

/* What is written to *in becomes a part of the member.  "to" stays open, and
 * gets nothing before some ten thousand bytes are there, or the end. */
int archive_open(struct archive **a, FILE **in, FILE *to, struct tk_err *err);

/* What comes now belongs to this member; the one before ends. */
void archive_member(struct archive *a, const char *name);

/* The bytes of this member so far, at most ARCHIVE_MOST. */
#define ARCHIVE_MOST UINT64_C(0xfffffffe)
uint64_t archive_size(const struct archive *a);

/* Nothing more is written, not even the end; *in must be closed still. */
void archive_abandon(struct archive *a);

#endif
