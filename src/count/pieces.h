#ifndef COUNT_PIECES_H
#define COUNT_PIECES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The pieces that a pattern (enum vocab_pattern) cuts a text into, for
 * tokenizers that have other ways than ours to make tokens of them.
 */
struct count_pieces;

struct count_pieces *count_pieces_new(uint32_t pattern);
void count_pieces_free(struct count_pieces *c); /* NULL is fine */

/* So many bytes behind the text must be readable. */
enum { COUNT_PIECES_PAD = 64 };

/*
 * The ends of the next pieces from at on, as many as are found in one go;
 * 0 when there are none, or when more text could move them and it is not the
 * final one.  The text is valid UTF-8 of less than 2^31 bytes.
 */
size_t count_pieces_cut(struct count_pieces *c, const uint8_t *text, size_t n,
    size_t at, bool final, const uint32_t **end);

#endif
