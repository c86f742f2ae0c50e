#ifndef COUNT_MATCH_H
#define COUNT_MATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct vocab;

/*
 * Merging by longest tokens, for much text of few different bytes: white
 * space in any mixture, lines that are drawn, two letters in turns.
 *
 * From the start on the longest token is taken that may stand behind the one
 * before (bpe.c says when), or a shorter one; where none may, the one before
 * was too long.  With few bytes all tokens that are made of them fit into a
 * small tree, and which of them may follow each other into a table of pairs,
 * which is filled as it is asked.
 */
struct match;

struct match *match_new(const struct vocab *v);
void match_free(struct match *m); /* NULL is fine */

/* Whether n more bytes that are to be merged should be so. */
bool match_pays(struct match *m, const uint8_t *p, size_t n);

/*
 * The tokens of n >= 1 bytes, or 0: they have too many different bytes.
 * match_merge() also sets the bits where tokens begin, and bit n; it has room
 * for n + 1.
 */
size_t match_count(struct match *m, const uint8_t *p, size_t n);
size_t match_merge(struct match *m, const uint8_t *p, size_t n,
    uint64_t *starts);

#endif
