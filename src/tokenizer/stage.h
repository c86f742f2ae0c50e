#ifndef TOKENIZER_STAGE_H
#define TOKENIZER_STAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "count/count.h"
#include "tokenizer/image.h"

/*
 * A text on its way through the steps of a tokenizer.  Every stage is given
 * three things, does its work and gives the same three to the next:
 *
 *	text	more of the piece: whole characters of valid UTF-8, n > 0
 *	cut	the piece ends here; nothing, if there is none
 *	token	a token by itself, which stands where it is given; a cut
 *		has come before it
 *
 * At first the whole text is one piece.  A stage holds back only what more
 * text could change.  The last one, of the model, makes tokens of pieces
 * (bpe.c, unigram.c).
 */
struct flow;
struct stage;

struct stage_ops {
	void (*text)(struct stage *g, const uint8_t *p, size_t n);
	void (*cut)(struct stage *g);
	void (*token)(struct stage *g, uint32_t id);
	void (*reset)(struct stage *g); /* NULL: stage_reset() is enough */
	void (*release)(struct stage *g);
};

struct stage {
	const struct stage_ops *ops;
	struct stage *next;
	struct flow *flow;
	const struct model_step *step;
	const uint8_t *a, *b; /* texts of the step */
	size_t a_len, b_len;
	struct tk_buf held;
	size_t wait;    /* do not look at what is held before it is this long */
	size_t from;    /* so much of it was looked at */
	size_t done;    /* added.c: so much of it was given, or is a token's */
	bool inside;    /* the piece has text */
	bool later;     /* a piece with text, or a token, was before */
	bool match;     /* what came last was a match, or of that class */
	uint64_t bytes; /* matches.c: given so far */
	uint32_t before; /* the character before what is held, or 0 */
	uint32_t pattern;
	const struct trie *trie; /* STEP_ADDED, and the first stage */
	const uint8_t *first;    /* bits of the bytes that tokens begin with */
	void *own;               /* of the model's stages */
};

/* The whole of a text's way, and where the tokens arrive. */
struct flow {
	const struct image *image;
	struct stage *stage; /* the first is the one for added tokens */
	size_t n_stage;
	bool special; /* special tokens are looked for */
	bool too_long;
	bool too_hard;     /* an expression was given up */
	bool last_unknown; /* for runs of the unknown across cuts */
	int64_t tokens;
	count_ids_fn *on_ids;
	void *data;
	uint8_t part[8]; /* the beginning of a character, to be continued */
	size_t n_part;
};

/* The longest piece there can be, in bytes. */
enum { STAGE_LONGEST = 1 << 30 };

int flow_init(struct flow *f, const struct image *i, enum count_flags flags,
    struct tk_err *err);
void flow_release(struct flow *f);
void flow_reset(struct flow *f);

static inline void
flow_give(struct flow *f, const uint32_t *ids, size_t n)
{
	f->tokens += (int64_t)n;
	if (f->on_ids != NULL && n > 0)
		f->on_ids(ids, n, f->data);
}

static inline void
stage_text(struct stage *g, const void *p, size_t n)
{
	if (n > 0)
		g->ops->text(g, p, n);
}

static inline void
stage_cut(struct stage *g)
{
	g->ops->cut(g);
}

/* Keep text for later; false when that is too much of it. */
bool stage_hold(struct stage *g, const void *p, size_t n);

/* Let go of the first n bytes that are held. */
void stage_drop(struct stage *g, size_t n);

/* What most do with a token, and to start anew. */
void stage_token(struct stage *g, uint32_t id);
void stage_reset(struct stage *g);

bool stage_is_space(uint32_t cp);
bool stage_is_word(uint32_t cp); /* \w of the regular expressions */

/* The kinds of stages: steps.c, added.c, charsmap.c, bpe.c, unigram.c. */
extern const struct stage_ops stage_prepend, stage_replace, stage_strip,
    stage_split, stage_digits, stage_spaces, stage_pattern, stage_added,
    stage_charsmap, stage_normalize, stage_matches, stage_rewrite, stage_bpe,
    stage_unigram;

/* charsmap.c: whether the rules of a step can be used. */
int charsmap_check(const void *bytes, size_t n, struct tk_err *err);

/* matches.c: make the program of an expression, which is then the stage's. */
int matches_check(struct stage *g, struct tk_err *err);

/* normalize.c: the same for the name of a form. */
int normalize_check(const void *name, size_t n, struct tk_err *err);

#endif
