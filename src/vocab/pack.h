#ifndef VOCAB_PACK_H
#define VOCAB_PACK_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "vocab/vocab.h"

/*
 * Packing a vocabulary: from a list of tokens to the form that table.h
 * explains.  The build does it for the vocabularies that go into the program
 * (pack_tool.c); whoever reads tokenizer files can do it at run time, and
 * use the result at once (vocab_open_image()) or keep it as a file.
 */
enum vocab_token_flags {
	/* Merging never makes it, but a piece that has its bytes is it. */
	VOCAB_TOKEN_WHOLE = 1 << 0,
	/* Its bytes never become it; it is there to be decoded. */
	VOCAB_TOKEN_DECODE = 1 << 1,
};

struct vocab_source_token {
	const uint8_t *bytes;
	uint32_t len;   /* 1 to 65535 */
	uint32_t rank;  /* its turn in merging: unique; gaps are fine */
	uint32_t id;    /* what the world sees: unique */
	uint32_t flags; /* enum vocab_token_flags */
};

struct vocab_source {
	const char *name; /* at most 31 bytes */
	enum vocab_pattern pattern;
	const struct vocab_source_token *tokens; /* in any order */
	size_t n;
	const struct vocab_special *specials;
	size_t n_specials;
	size_t n_always; /* the first so many are no text, asked or not */
	uint32_t flags;  /* enum vocab_text_flags */
};

/*
 * The packed image, to be released with free(): it begins at a multiple of
 * 64, for vocab_open_mem().  Every single byte must be among the tokens, and
 * no bytes twice (VOCAB_TOKEN_DECODE apart).
 */
int vocab_pack(const struct vocab_source *src, void **image, size_t *len,
    struct tk_err *err);

#endif
