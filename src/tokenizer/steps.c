/* The steps that look at a character or a word at a time. */
#include <stdlib.h>
#include <string.h>

#include "count/class.h"
#include "tokenizer/stage.h"

bool
stage_hold(struct stage *g, const void *p, size_t n)
{
	if (g->held.len + n > STAGE_LONGEST)
		g->flow->too_long = true;
	if (g->flow->too_long)
		return false;
	tk_buf_add(&g->held, p, n);
	return true;
}

void
stage_drop(struct stage *g, size_t n)
{
	g->held.len -= n;
	memmove(g->held.s, g->held.s + n, g->held.len);
	g->wait = 0;
}

void
stage_token(struct stage *g, uint32_t id)
{
	g->later = true;
	g->next->ops->token(g->next, id);
}

void
stage_reset(struct stage *g)
{
	tk_buf_reset(&g->held);
	g->wait = g->from = g->done = 0;
	g->inside = g->later = g->match = false;
	g->before = 0;
}

bool
stage_is_space(uint32_t cp)
{
	return count_class_at(cp >> 6, cp & 63) == CLASS_SPACE;
}

static bool
is_number(uint32_t cp)
{
	return count_class_at(cp >> 6, cp & 63) == CLASS_NUMBER;
}

static void
plain_cut(struct stage *g)
{
	g->inside = false;
	stage_cut(g->next);
}

static void
prepend_text(struct stage *g, const uint8_t *p, size_t n)
{
	uint32_t flags = g->step->flags;
	bool there = n >= g->a_len && memcmp(p, g->a, g->a_len) == 0;

	if (!g->inside && !((flags & STEP_UNLESS_THERE) != 0 && there) &&
	    !((flags & STEP_ONLY_FIRST) != 0 && g->later))
		stage_text(g->next, g->a, g->a_len);
	g->inside = g->later = true;
	stage_text(g->next, p, n);
}

const struct stage_ops stage_prepend = {
	.text = prepend_text,
	.cut = plain_cut,
	.token = stage_token,
};

/* The longest end of the text that is a beginning of what is looked for. */
static size_t
partial(const struct stage *g, const char *p, size_t n)
{
	size_t k = n < g->a_len ? n : g->a_len - 1;

	while (k > 0 && memcmp(p + n - k, g->a, k) != 0)
		k--;
	return k;
}

typedef void found_fn(struct stage *g);

/*
 * Pass what is not step text a, and call found() for each that is, from the
 * left; returns how many bytes may be the beginning of one.
 */
static size_t
find_each(struct stage *g, const char *p, size_t n, found_fn *found,
    found_fn *other)
{
	for (;;) {
		const char *at = memmem(p, n, g->a, g->a_len);
		size_t rest, k;

		if (at == NULL) {
			rest = partial(g, p, n);
			if (rest < n) {
				other(g);
				stage_text(g->next, p, n - rest);
			}
			return rest;
		}
		k = (size_t)(at - p);
		if (k > 0) {
			other(g);
			stage_text(g->next, p, k);
		}
		found(g);
		p += k + g->a_len;
		n -= k + g->a_len;
	}
}

static void
find_text(struct stage *g, const uint8_t *p, size_t n, found_fn *found,
    found_fn *other)
{
	size_t rest;

	if (g->held.len == 0) {
		rest = find_each(g, (const char *)p, n, found, other);
		stage_hold(g, p + n - rest, rest);
	} else if (stage_hold(g, p, n)) {
		rest = find_each(g, g->held.s, g->held.len, found, other);
		stage_drop(g, g->held.len - rest);
	}
}

static void
find_cut(struct stage *g, found_fn *other)
{
	if (g->held.len > 0) {
		other(g);
		stage_text(g->next, g->held.s, g->held.len);
		tk_buf_reset(&g->held);
	}
	g->match = g->inside = false;
	stage_cut(g->next);
}

static void
replace_found(struct stage *g)
{
	stage_text(g->next, g->b, g->b_len);
}

static void
nothing(struct stage *g)
{
	(void)g;
}

static void
replace_text(struct stage *g, const uint8_t *p, size_t n)
{
	find_text(g, p, n, replace_found, nothing);
}

static void
replace_cut(struct stage *g)
{
	find_cut(g, nothing);
}

const struct stage_ops stage_replace = {
	.text = replace_text,
	.cut = replace_cut,
	.token = stage_token,
};

static void
split_found(struct stage *g)
{
	uint32_t how = g->step->flags;
	bool invert = (how & STEP_INVERT) != 0;

	if ((how & (STEP_ISOLATED | STEP_REMOVED | STEP_WITH_NEXT)) != 0 ||
	    ((how & STEP_CONTIGUOUS) != 0 && !g->match))
		stage_cut(g->next);
	if ((how & STEP_REMOVED) == 0 || invert)
		stage_text(g->next, g->a, g->a_len);
	if ((how & (STEP_ISOLATED | STEP_REMOVED | STEP_WITH_PREVIOUS)) != 0)
		stage_cut(g->next);
	g->match = true;
}

static void
split_other(struct stage *g)
{
	if ((g->step->flags & STEP_CONTIGUOUS) != 0 && g->match)
		stage_cut(g->next);
	g->match = false;
}

static void
split_text(struct stage *g, const uint8_t *p, size_t n)
{
	find_text(g, p, n, split_found, split_other);
}

static void
split_cut(struct stage *g)
{
	find_cut(g, split_other);
}

const struct stage_ops stage_split = {
	.text = split_text,
	.cut = split_cut,
	.token = stage_token,
};

/* At the start none is let through; at the end they wait for what follows. */
static void
strip_text(struct stage *g, const uint8_t *p, size_t n)
{
	uint32_t how = g->step->flags;

	for (size_t at = 0; at < n;) {
		size_t start = at;
		unsigned k = 0;

		while (at < n && stage_is_space(model_char(p + at, &k)))
			at += k;
		if (at > start && !g->inside && (how & STEP_LEFT) != 0)
			start = at;
		if (at > start && (how & STEP_RIGHT) != 0)
			stage_hold(g, p + start, at - start);
		else
			stage_text(g->next, p + start, at - start);
		start = at;
		while (at < n && !stage_is_space(model_char(p + at, &k)))
			at += k;
		if (at > start) {
			stage_text(g->next, g->held.s, g->held.len);
			tk_buf_reset(&g->held);
			stage_text(g->next, p + start, at - start);
			g->inside = true;
		}
	}
}

static void
strip_cut(struct stage *g)
{
	tk_buf_reset(&g->held);
	plain_cut(g);
}

const struct stage_ops stage_strip = {
	.text = strip_text,
	.cut = strip_cut,
	.token = stage_token,
};

/* Runs of one class, numbers or not, and each number alone if asked for. */
static void
digits_text(struct stage *g, const uint8_t *p, size_t n)
{
	bool each = (g->step->flags & STEP_ISOLATED) != 0;
	size_t start = 0;
	unsigned k;

	for (size_t at = 0; at < n; at += k) {
		bool number = is_number(model_char(p + at, &k));

		if (g->inside && (number != g->match || (number && each))) {
			stage_text(g->next, p + start, at - start);
			stage_cut(g->next);
			start = at;
		}
		g->match = number;
		g->inside = true;
	}
	stage_text(g->next, p + start, n - start);
}

const struct stage_ops stage_digits = {
	.text = digits_text,
	.cut = plain_cut,
	.token = stage_token,
};

static void
spaces_text(struct stage *g, const uint8_t *p, size_t n)
{
	size_t start = 0;
	unsigned k;

	for (size_t at = 0; at < n; at += k) {
		if (stage_is_space(model_char(p + at, &k))) {
			stage_text(g->next, p + start, at - start);
			stage_cut(g->next);
			start = at + k;
		}
	}
	stage_text(g->next, p + start, n - start);
}

const struct stage_ops stage_spaces = {
	.text = spaces_text,
	.cut = plain_cut,
	.token = stage_token,
};
