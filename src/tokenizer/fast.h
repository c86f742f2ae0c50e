#ifndef TOKENIZER_FAST_H
#define TOKENIZER_FAST_H

#include <stdbool.h>
#include <stddef.h>

#include "tokenizer/model.h"

/*
 * Models that src/count can count itself, which is several times faster:
 * text is brought into a normal form or not, cut by one of the patterns of
 * src/vocab, and bytes are merged.  Llama 3, gpt-oss, Qwen, Phi and what
 * else is made like GPT are of that kind.
 *
 * Makes the packed vocabulary of such a model (vocab/pack.h), to be free()d;
 * false when it is none, or may differ in any text: then image_make() is
 * for it.
 */
bool fast_make(const struct model *m, const char *name, void **image,
    size_t *len);

#endif
