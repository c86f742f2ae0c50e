#include "estimate/estimate.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "base/attr.h"
#include "base/num.h"
#include "count/count.h"

enum { ONE = 1000000 };

/* The factor and its band, in hundredths. */
#define F(low, x, high) \
	{ \
		.ppm = (x)*INT64_C(10000), .low_ppm = (low)*INT64_C(10000), \
		.high_ppm = (high)*INT64_C(10000) \
	}

/* In the order of enum content_class: prose, code, cjk, other. */
static const struct estimate estimates[] = {
#include "estimate/factors.h"
};

static bool
is_built_in(const char *encoding)
{
	const char *name;

	for (size_t i = 0; (name = count_name(i)) != NULL; i++)
		if (strcmp(name, encoding) == 0)
			return true;
	return false;
}

static bool
is_for(const struct estimate *e, const char *tokenizer)
{
	if (e->tokenizer == NULL)
		return true;
	return tokenizer != NULL && strcmp(e->tokenizer, tokenizer) == 0;
}

const struct estimate *
estimate_find(const char *tokenizer)
{
	for (size_t i = 0; i < TK_LEN(estimates); i++)
		if (is_for(&estimates[i], tokenizer) &&
		    is_built_in(estimates[i].stand_in))
			return &estimates[i];
	return &estimates[TK_LEN(estimates) - 1];
}

/* Whatever hyphens are in either, and in any case. */
static bool
same_name(const char *a, const char *b)
{
	for (;; a++, b++) {
		a += strspn(a, "-");
		b += strspn(b, "-");
		if (*a == '\0' || strncasecmp(a, b, 1) != 0)
			return *a == *b;
	}
}

const char *
estimate_family(const char *model)
{
	for (size_t i = 0; i < TK_LEN(estimates); i++)
		if (estimates[i].tokenizer != NULL &&
		    same_name(estimates[i].tokenizer, model))
			return estimates[i].tokenizer;
	return NULL;
}

int64_t
estimate_scale(int64_t tokens, int64_t ppm)
{
	tk_int128 n = ((tk_int128)tokens * ppm + ONE / 2) / ONE;

	if (n == 0 && tokens > 0)
		return 1;
	return n > INT64_MAX ? INT64_MAX : (int64_t)n;
}

int64_t
estimate_unscale(int64_t max, int64_t ppm)
{
	/* The largest t with t * ppm + ONE / 2 < (max + 1) * ONE. */
	tk_int128 room = ((tk_int128)max + 1) * ONE - ONE / 2 - 1;

	if (max <= 0)
		return 0;
	room /= ppm;
	return room > INT64_MAX ? INT64_MAX : (int64_t)room;
}

int64_t
estimate_heuristic(const struct content *c)
{
	if (content_class(c) == CONTENT_CODE)
		return (int64_t)(((tk_int128)c->chars * 10 + 14) / 15);
	return (int64_t)(((tk_int128)c->chars * 10 + 34) / 35);
}
