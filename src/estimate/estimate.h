#ifndef ESTIMATE_ESTIMATE_H
#define ESTIMATE_ESTIMATE_H

#include <stddef.h>
#include <stdint.h>

#include "estimate/content.h"

/*
 * Tokens of models whose tokenizer is not public, or not built in: counted
 * with a stand-in that is, times a factor for text of that kind.
 *
 * Factors are parts per million.  low and high are factors too: where nine
 * of ten texts of that kind lie that the factor was fitted to, or what was
 * published.  So an estimate is never shown without its error.
 */
struct estimate_factor {
	int64_t ppm, low_ppm, high_ppm;
};

struct estimate {
	const char *tokenizer; /* as the price book names it; NULL: any */
	const char *stand_in;  /* an encoding of count_open() */
	struct estimate_factor factor[CONTENT_CLASSES];
};

/*
 * How to estimate what that tokenizer (NULL: nothing is known) would count:
 * the best stand-in of those that are built in.  Never NULL.
 */
const struct estimate *estimate_find(const char *tokenizer);

/*
 * The tokenizer of a family that is named as a model is: "claude-3", "llama-2"
 * or "Llama2".  NULL: none is called so.
 */
const char *estimate_family(const char *model);

/* tokens * ppm / 1,000,000, half up; at least 1 when there is one token. */
int64_t estimate_scale(int64_t tokens, int64_t ppm);

/* The most tokens that are scaled to at most max. */
int64_t estimate_unscale(int64_t max, int64_t ppm);

/*
 * The heuristic of those who have no tokenizer at hand: 3.5 characters a
 * token, 1.5 in code, rounded up.  Code is what content_class() says it is.
 */
int64_t estimate_heuristic(const struct content *c);

#endif
