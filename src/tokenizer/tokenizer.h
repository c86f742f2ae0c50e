#ifndef TOKENIZER_TOKENIZER_H
#define TOKENIZER_TOKENIZER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "count/count.h"

/*
 * Tokenizers that come as a file: Hugging Face's tokenizer.json, .tiktoken
 * files and SentencePiece's .model files.  What is in the file says which;
 * its name does not matter.
 *
 *	tokenizer_open_file(&e, "gemma/tokenizer.json", NULL, err);
 *	s = count_stream_new(e, 0);		and so on as of count.h
 *
 * Reading a large one takes a part of a second.  tokenizer_add() keeps it
 * packed in a folder, from where it is only mapped: that costs nothing,
 * whatever its size.
 *
 * Tokens are those of the reference implementations, id by id.  What a file
 * asks for and is not done here is TK_DATA and named.  Special tokens are
 * found with COUNT_SPECIAL; added tokens that are not special always are,
 * as in the references.  None are put at the start or end of a text.
 * Decoding gives the bytes back, as far as the normalizer of the file kept
 * them; what it puts in front of a text is taken away again.
 *
 *	read.h     file -> struct model (model.h)
 *	fast.h     model -> packed vocabulary, if src/count can count it
 *	image.h    model -> one flat packed image, and an opened one
 *	stage.h    text -> stages, one for each step of the file -> tokens
 *	regex.h    the expressions of those steps
 */

/* pattern: how a .tiktoken file cuts text (vocab_patterns[]), or NULL. */
int tokenizer_open_file(struct count_encoding **e, const char *path,
    const char *pattern, struct tk_err *err);

/* The same with the bytes of a file. */
int tokenizer_open_bytes(struct count_encoding **e, const char *name,
    const void *bytes, size_t n, const char *pattern, struct tk_err *err);

/*
 * The folder of packed ones.  Names are of letters, digits and "._-", begin
 * with a letter or digit, and are none of an encoding that is built in.
 */
int tokenizer_add(const char *folder, const char *name, const char *path,
    const char *pattern, struct tk_err *err);
int tokenizer_remove(const char *folder, const char *name, struct tk_err *err);

/* One that is built in, else one of the folder. */
int tokenizer_open(struct count_encoding **e, const char *folder,
    const char *name, struct tk_err *err);

/* The names in the folder, sorted; free() the list, which is one block and
 * ends with NULL. */
int tokenizer_names(const char *folder, char ***names, struct tk_err *err);

#endif
