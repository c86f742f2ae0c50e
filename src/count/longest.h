#ifndef COUNT_LONGEST_H
#define COUNT_LONGEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct vocab;

/*
 * Merging by longest tokens, for pieces of any bytes whose tokens are long:
 * runs of one byte after another.  match.h does it faster where few bytes are
 * different, and what looks like words is merged by windows (bpe.c).
 *
 * From the start on the longest token is taken that fits behind the one
 * before, or a shorter one; where none does, nothing can follow what ends
 * there, and the one before was too long.  Two tokens fit if merging the bytes
 * of the two gives them (bpe.c says why that is enough).  That is seen by
 * going back through the merges that made the two, from the last one on: until
 * there are only single bytes, none may have been possible across the
 * boundary before those that came later.
 *
 * It asks that merging makes each token, from lower to higher ranks.
 */
struct longest;

/* NULL: not with this vocabulary. */
struct longest *longest_new(const struct vocab *v);
void longest_free(struct longest *l); /* NULL is fine */

/*
 * Merge n >= 1 bytes with COUNT_PAD readable behind them: set the bits where
 * tokens begin, and bit n, of n + 1.  Returns the number of tokens; 0: the
 * vocabulary is none of that kind.
 */
size_t longest_merge(struct longest *l, const uint8_t *p, size_t n,
    uint64_t *starts);

#endif
