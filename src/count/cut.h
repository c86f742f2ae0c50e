#ifndef COUNT_CUT_H
#define COUNT_CUT_H

#include <stddef.h>

#include "count/count.h"

/*
 * Where a text may be cut so that its parts, counted one by one, add up to
 * the whole: for counting one file on several threads.
 *
 * A cut is safe when (a) no piece reaches over it in any text that has
 * these bytes around it, (b) no piece on its left ends elsewhere for not
 * seeing what is on its right, and (c) neither repairing UTF-8, nor
 * normalization, nor special tokens reach over it.  Two places are:
 *
 * 1. Between an ASCII letter or digit and an ASCII space ("x| y").
 *    (a) Wherever a letter or digit is matched by the patterns of split.h
 *    it is by a word, a number or a contraction; all of these go on with
 *    letters, marks, digits or an apostrophe alone.  A space is in a piece
 *    only as its first character, or after white space.  (b) A word and a
 *    number stop at a space as they do at the end; the only look-ahead,
 *    \s+(?!\S), is about white space, and the left part ends in none.
 *
 * 2. Between a line feed and a character that is not white space ("\n|x"),
 *    for patterns with \s*[\r\n]+: that, and the tail of punctuation, are
 *    all that may hold a line feed that does not stand before white space,
 *    and they end behind the last one.  At the end of the text the same
 *    alternative matches the same bytes, since it comes before those that
 *    look ahead.  Where slashes may be in that tail, "\n|/" is no cut.  It
 *    is not so for GPT-2's pattern: of "\n\n" before a letter it makes two
 *    pieces, at the end of a text one.
 *
 * (c) The bytes left and right are ASCII, or begin a character or what is
 * read as U+FFFD: no character goes across.  NFC and NFKC: before an ASCII
 * character, and after a line feed, there is always a boundary, since
 * neither is ever composed with its neighbour (UAX #15, 9.1).  An encoding
 * with a special token in which there is such a place is not cut at all
 * when special tokens count.
 *
 * Encodings whose pattern is not known to be like that are never cut, nor
 * those that do not cut text into pieces at all.
 */

/* Whether count_cut() may be asked about texts of this encoding. */
bool count_can_cut(const struct count_encoding *e, enum count_flags flags);

/*
 * The last place in n bytes that is safe for all of these encodings, or 0:
 * the first part is text[0] to text[cut - 1].  Only what is in the text is
 * looked at.
 */
size_t count_cut(const struct count_encoding *const *e, size_t encodings,
    const void *text, size_t n);

#endif
