/*
 * Images as tokens: what the vendors publish, or published.  Rows that are
 * not known to be so, because others report them or because they are
 * remembered, say false and make a count an estimate.
 *
 * Anthropic: patches of 28 x 28 pixels, ceil(w / 28) * ceil(h / 28).  Before
 * that an image is made smaller, keeping its shape, until its longer edge
 * has at most 1,568 pixels and it has at most 1,568 patches; from Claude
 * Opus 4.7 on, and in Claude 5, it is 2,576 pixels and 4,784 patches.
 *
 * OpenAI, models by tiles: low detail is the base alone.  Else it is made to
 * fit 2,048 x 2,048, then its shorter side to at most 768, and each tile of
 * 512 x 512 costs.  Models by patches: ceil(w / 32) * ceil(h / 32) times a
 * factor.  When that is more than 1,536 patches the image is scaled to
 * exactly so many, and then down until one side is whole patches: of
 * 1800 x 2400 remain 33 x 44.
 *
 * Gemini 2: 258 when both sides have at most 384 pixels, else 258 for each
 * tile of 768 x 768.  Gemini 3: by the resolution asked for alone.
 *
 * For other models nothing is published; patches of 28 pixels, up to 1,568,
 * are taken, as several open models have them.
 */
#include <fnmatch.h>

#include "chat/image.h"

enum rule {
	RULE_TILES, /* a: base, b: each tile */
	RULE_PATCH, /* a: factor in hundredths, b: the most patches */
	RULE_EDGE,  /* a: the longer edge, b: the most patches */
	RULE_GEMINI2,
	RULE_GEMINI3,
};

/* The first that fits. */
static const struct {
	const char *glob;
	enum rule rule;
	int a, b;
	bool known;
} models[] = {
	{ "*gpt-4o-mini*", RULE_TILES, 2833, 5667, true },
	{ "*gpt-4.1-mini*", RULE_PATCH, 162, 1536, false },
	{ "*gpt-4.1-nano*", RULE_PATCH, 246, 1536, false },
	{ "*gpt-5*-mini*", RULE_PATCH, 162, 1536, false },
	{ "*gpt-5*-nano*", RULE_PATCH, 246, 1536, false },
	{ "*o4-mini*", RULE_PATCH, 172, 1536, false },
	{ "*gpt-5.[2-9]*", RULE_PATCH, 120, 10000, false },
	{ "*gpt-[6-9]*", RULE_PATCH, 120, 10000, false },
	{ "*gpt-5*", RULE_TILES, 70, 140, true },
	{ "*computer-use*", RULE_TILES, 65, 129, false },
	{ "*gpt-4*", RULE_TILES, 85, 170, true },
	{ "*gpt-3.5*", RULE_TILES, 85, 170, true },
	{ "*chatgpt*", RULE_TILES, 85, 170, true },
	{ "*o1*", RULE_TILES, 75, 150, false },
	{ "*o3*", RULE_TILES, 75, 150, false },
	{ "*claude-opus-4[-.][7-9]*", RULE_EDGE, 2576, 4784, true },
	{ "*claude-opus-[5-9]*", RULE_EDGE, 2576, 4784, true },
	{ "*claude-sonnet-[5-9]*", RULE_EDGE, 2576, 4784, true },
	{ "*claude-haiku-[5-9]*", RULE_EDGE, 2576, 4784, true },
	{ "*claude-fable*", RULE_EDGE, 2576, 4784, true },
	{ "*claude-mythos*", RULE_EDGE, 2576, 4784, true },
	{ "*claude*", RULE_EDGE, 1568, 1568, true },
	{ "*gemini-[3-9]*", RULE_GEMINI3, 0, 0, true },
	{ "*gemini*", RULE_GEMINI2, 0, 0, true },
	{ "*", RULE_EDGE, 1568, 1568, false },
};

static int64_t
ceil_div(int64_t a, int64_t b)
{
	return (a + b - 1) / b;
}

/* Make it smaller so that the side "of" has at most max; half up. */
static void
shrink(int64_t *w, int64_t *h, int64_t of, int64_t max)
{
	if (of <= max)
		return;
	*w = (*w * max * 2 + of) / (of * 2);
	*h = (*h * max * 2 + of) / (of * 2);
	*w = *w > 0 ? *w : 1;
	*h = *h > 0 ? *h : 1;
}

static int64_t
larger(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

static int64_t
tiles(int64_t w, int64_t h, enum chat_detail detail, int base, int each)
{
	if (detail == CHAT_DETAIL_LOW)
		return base;
	shrink(&w, &h, larger(w, h), 2048);
	shrink(&w, &h, w < h ? w : h, 768);
	return base + each * ceil_div(w, 512) * ceil_div(h, 512);
}

/*
 * The most patches of that size that an image of this shape has within the
 * limit: the largest scale 1 / k of its longer edge, found by halves.
 */
static int64_t
fit_patches(int64_t w, int64_t h, int64_t size, int64_t edge, int64_t max)
{
	int64_t longer = larger(w, h), low = 1, high;

	high = longer < edge ? longer : edge;
	while (low < high) {
		int64_t middle = low + (high - low + 1) / 2;
		int64_t ww = w, hh = h;

		shrink(&ww, &hh, longer, middle);
		if (ceil_div(ww, size) * ceil_div(hh, size) <= max)
			low = middle;
		else
			high = middle - 1;
	}
	shrink(&w, &h, longer, low);
	return ceil_div(w, size) * ceil_div(h, size);
}

/* The most whole patches along w when max of them have the shape w : h. */
static int64_t
whole_patches(int64_t w, int64_t h, int64_t max)
{
	int64_t n = 1;

	while ((n + 1) * (n + 1) * h <= max * w)
		n++;
	return n;
}

static int64_t
patches(int64_t w, int64_t h, enum chat_detail detail, int factor, int max)
{
	int64_t n, along, down;

	if (detail == CHAT_DETAIL_LOW)
		shrink(&w, &h, larger(w, h), 512);
	n = ceil_div(w, 32) * ceil_div(h, 32);
	if (n > max) {
		along = whole_patches(w, h, max);
		down = whole_patches(h, w, max);
		n = along * h <= down * w ? along * ceil_div(h * along, w)
					  : down * ceil_div(w * down, h);
	}
	return ceil_div((n < max ? n : max) * factor, 100);
}

static int64_t
gemini3(enum chat_detail detail)
{
	switch (detail) {
	case CHAT_DETAIL_LOW:
		return 280;
	case CHAT_DETAIL_MEDIUM:
		return 560;
	case CHAT_DETAIL_ULTRA:
		return 2240;
	case CHAT_DETAIL_AUTO:
	case CHAT_DETAIL_HIGH:
		break;
	}
	return 1120;
}

static int64_t
gemini2(int64_t w, int64_t h)
{
	if (w <= 384 && h <= 384)
		return 258;
	return 258 * ceil_div(w, 768) * ceil_div(h, 768);
}

/* Sides are cut at 65,535, so that no product overflows. */
static int64_t
side(uint32_t n)
{
	return n == 0 ? 1024 : n > 65535 ? 65535 : n;
}

int64_t
image_tokens(const char *model, const struct chat_image *i, bool *known)
{
	int64_t w = side(i->width), h = side(i->height);
	size_t k = 0;

	while (fnmatch(models[k].glob, model, FNM_CASEFOLD) != 0)
		k++;
	*known = models[k].known &&
	    ((i->width > 0 && i->height > 0) ||
		models[k].rule == RULE_GEMINI3 ||
		(models[k].rule == RULE_TILES && i->detail == CHAT_DETAIL_LOW));
	switch (models[k].rule) {
	case RULE_TILES:
		return tiles(w, h, i->detail, models[k].a, models[k].b);
	case RULE_PATCH:
		return patches(w, h, i->detail, models[k].a, models[k].b);
	case RULE_EDGE:
		return fit_patches(w, h, 28, models[k].a, models[k].b);
	case RULE_GEMINI2:
		return gemini2(w, h);
	case RULE_GEMINI3:
		return gemini3(i->detail);
	}
	return 0;
}
