#ifndef TOKENIZER_MODEL_H
#define TOKENIZER_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

/*
 * What a tokenizer file says, whatever its format: the readers (json_*.c,
 * spm.c, tiktoken.c) make one, and image_make() packs it.
 *
 * A text goes through the steps in order; what comes out at the end are
 * pieces, which the model turns into tokens:
 *
 *   MODEL_BYTES    symbols are bytes, and pairs of symbols merge
 *   MODEL_CHARS    symbols are characters, and pairs of symbols merge
 *   MODEL_UNIGRAM  the tokens whose scores add up to the most
 */
enum model_kind {
	MODEL_BYTES,
	MODEL_CHARS,
	MODEL_UNIGRAM,
	MODEL_KINDS,
};

enum model_flags {
	/* A piece that is a token is that token, whatever merges say. */
	MODEL_WHOLE = 1 << 0,
	/* Unknown characters that stand together are one token. */
	MODEL_FUSE_UNKNOWN = 1 << 1,
	/* As SentencePiece itself has it: sums are of 32-bit floats. */
	MODEL_SPM = 1 << 2,
	/* U+2581 is a space when ids are turned back into text, */
	MODEL_SPACES = 1 << 3,
	/* and the first or the last space of all is none of the text's. */
	MODEL_DROP_FIRST = 1 << 4,
	MODEL_DROP_LAST = 1 << 5,
	/* Characters that are not known may take part in merges. */
	MODEL_ODD_MERGES = 1 << 6,
	/* There is a token for each byte of a character not known. */
	MODEL_BYTE_FALLBACK = 1 << 7,
	/* Found by image_make(): an added token takes white space before it; */
	MODEL_LSTRIP = 1 << 8,
	/* some are not special, of those in the text and at STEP_ADDED; */
	MODEL_RAW_PLAIN = 1 << 9,
	MODEL_NORM_PLAIN = 1 << 10,
	/* no byte or character is unknown. */
	MODEL_ALL_KNOWN = 1 << 11,
};

#define MODEL_NONE UINT32_MAX

/* Ids must be below; that is some 50 times what the largest have. */
#define MODEL_IDS_MAX (1u << 23)

enum model_token_type {
	TOKEN_ABSENT, /* no such id */
	TOKEN_NORMAL,
	TOKEN_USER,     /* SentencePiece: always a token of its own */
	TOKEN_RESERVED, /* not made from text: control, unknown, byte */
	TOKEN_UNUSED,   /* never chosen */
};

/* A part of the model's text. */
struct model_text {
	uint32_t at, len;
};

struct model_token {
	struct model_text text;
	enum model_token_type type;
	double score;
};

struct model_merge {
	uint32_t left, right;
	uint32_t rank; /* lower ones first, then from the left */
	uint32_t to;
};

enum model_added_flags {
	ADDED_SPECIAL = 1 << 0,
	ADDED_NORMALIZED = 1 << 1, /* looked for after the normalizer */
	ADDED_LSTRIP = 1 << 2,     /* takes the white space before it */
	ADDED_RSTRIP = 1 << 3,
	ADDED_SINGLE_WORD = 1 << 4,
};

struct model_added {
	struct model_text text;
	uint32_t id;
	uint32_t flags; /* enum model_added_flags */
};

/* These numbers are in packed files: new ones go to the end. */
enum model_step_kind {
	STEP_PREPEND,   /* a: in front of each text that is not empty */
	STEP_REPLACE,   /* a by b */
	STEP_STRIP,     /* white space */
	STEP_CHARSMAP,  /* a: SentencePiece's compiled rules, or nothing */
	STEP_ADDED,     /* added tokens that are looked for here */
	STEP_PATTERN,   /* a: name of a pattern of src/vocab */
	STEP_SPLIT,     /* at each a */
	STEP_DIGITS,    /* at numbers */
	STEP_SPACES,    /* at white space, which goes away */
	STEP_NORMALIZE, /* a: name of a form of src/count */
	STEP_MATCHES,   /* at what the expression a matches, as STEP_SPLIT */
	STEP_REWRITE,   /* what the expression a matches by b */
	STEP_KINDS,
};

enum model_step_flags {
	STEP_UNLESS_THERE = 1 << 0, /* STEP_PREPEND: not twice */
	STEP_ONLY_FIRST = 1 << 1,   /* STEP_PREPEND: where the text begins */
	STEP_LEFT = 1 << 0,         /* STEP_STRIP */
	STEP_RIGHT = 1 << 1,
	STEP_ISOLATED = 1 << 0, /* STEP_SPLIT, STEP_DIGITS */
	STEP_REMOVED = 1 << 1,
	STEP_WITH_PREVIOUS = 1 << 2,
	STEP_WITH_NEXT = 1 << 3,
	STEP_CONTIGUOUS = 1 << 4,
	STEP_INVERT = 1 << 5,
	STEP_UTS18 = 1 << 6, /* STEP_MATCHES: what \w is */
	/* STEP_CHARSMAP: as in the file's normalizer_spec */
	STEP_DUMMY_PREFIX = 1 << 0,
	STEP_FEW_SPACES = 1 << 1,
	STEP_ESCAPE_SPACES = 1 << 2,
	STEP_DUMMY_SUFFIX = 1 << 3,
};

struct model_step {
	uint32_t kind, flags;
	struct model_text a, b;
};

struct model {
	enum model_kind kind;
	uint32_t flags; /* enum model_flags */
	uint32_t unknown;
	uint32_t byte_token[256];
	struct tk_buf text;
	struct model_token *token; /* by id; then symbols that are no tokens */
	uint32_t n_token, n_id, token_room;
	struct model_merge *merge;
	size_t n_merge, merge_room;
	struct model_added *added;
	size_t n_added;
	struct model_step *step;
	size_t n_step;
	/* From bytes to ids: hash << 32 | id + 1, linear probing. */
	uint64_t *hash;
	uint32_t hash_size, hash_used;
};

void model_init(struct model *m);
void model_release(struct model *m);

struct model_text model_text(struct model *m, const void *bytes, size_t n);
static inline const uint8_t *
model_bytes(const struct model *m, struct model_text t)
{
	return (const uint8_t *)m->text.s + t.at;
}

/* Id and bytes must be new; those of type RESERVED are not found by bytes. */
int model_add_token(struct model *m, uint32_t id, const void *bytes, size_t n,
    enum model_token_type type, double score, struct tk_err *err);

/* The id of those bytes, or MODEL_NONE. */
uint32_t model_find(const struct model *m, const void *bytes, size_t n);

void model_add_merge(struct model *m, uint32_t left, uint32_t right,
    uint32_t rank, uint32_t to);

/*
 * Merges for files that have none, in which two symbols merge when what they
 * make together is a token: all ways to cut each token of two symbols or
 * more that is not RESERVED, with rank[id] as the rank.
 */
void model_add_all_merges(struct model *m, const uint32_t *rank);

struct model_step *model_add_step(struct model *m, enum model_step_kind kind,
    uint32_t flags);
int model_add_added(struct model *m, uint32_t id, const void *bytes, size_t n,
    uint32_t flags, struct tk_err *err);

/* "<0x0A>": the byte it names, or -1. */
int model_byte_named(const void *bytes, size_t n);

/* The code point at p, which is valid UTF-8, and its length. */
static inline uint32_t
model_char(const uint8_t *p, unsigned *n)
{
	if (p[0] < 0x80) {
		*n = 1;
		return p[0];
	}
	if (p[0] < 0xe0) {
		*n = 2;
		return (p[0] & 31u) << 6 | (p[1] & 63u);
	}
	if (p[0] < 0xf0) {
		*n = 3;
		return (p[0] & 15u) << 12 | (p[1] & 63u) << 6 | (p[2] & 63u);
	}
	*n = 4;
	return (p[0] & 7u) << 18 | (p[1] & 63u) << 12 | (p[2] & 63u) << 6 |
	    (p[3] & 63u);
}

static inline unsigned
model_char_len(uint8_t first)
{
	return first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
}

#endif
