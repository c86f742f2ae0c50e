#ifndef TOKENIZER_MERGE_H
#define TOKENIZER_MERGE_H

#include <stddef.h>
#include <stdint.h>

struct image;

/* A symbol of a chunk, and how it merges with the one that follows. */
struct merge_symbol {
	uint32_t id;
	uint32_t rank; /* NONE: it does not */
	uint32_t to;
	uint32_t prev, next; /* in long chunks */
};

struct merge_pair {
	uint32_t rank, at;
};

/* Memory that is used again for each chunk; all zero to begin with. */
struct merge {
	struct merge_symbol *s;
	size_t room;
	struct merge_pair *heap;
	size_t heap_len, heap_room;
};

/*
 * The tokens of a chunk are then the ids of the first symbols; returned is
 * how many.  A character that the model does not know is its bytes or the
 * unknown token, as the model has it.
 */
size_t merge_chunk(struct merge *b, const struct image *i, const uint8_t *p,
    size_t len);
void merge_release(struct merge *b);

#endif
