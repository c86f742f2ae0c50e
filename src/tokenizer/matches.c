/* The steps that look for what a regular expression matches. */
#include "base/utf8.h"
#include "tokenizer/regex.h"
#include "tokenizer/stage.h"

int
matches_check(struct stage *g, struct tk_err *err)
{
	struct regex *r;

	if (!tk_utf8_valid((const char *)g->b, g->b_len))
		return tk_fail(err, TK_DATA, "the packed tokenizer is damaged");
	if (regex_new(&r, (const char *)g->a, g->a_len,
		(g->step->flags & STEP_UTS18) != 0 ? REGEX_UTS18 : 0, err) < 0)
		return -1;
	g->own = r;
	return 0;
}

/* Text between matches, which may come in parts. */
static void
between(struct stage *g, const char *p, size_t n)
{
	uint32_t how = g->step->flags;

	if (n == 0)
		return;
	if (g->step->kind == STEP_MATCHES) {
		if ((how & STEP_CONTIGUOUS) != 0 && g->match)
			stage_cut(g->next);
		g->match = false;
		if ((how & STEP_REMOVED) != 0 && (how & STEP_INVERT) != 0)
			return;
	}
	stage_text(g->next, p, n);
}

static void
matched(struct stage *g, const char *p, size_t n)
{
	uint32_t how = g->step->flags;

	if (g->step->kind == STEP_REWRITE) {
		stage_text(g->next, g->b, g->b_len);
		return;
	}
	if ((how & (STEP_ISOLATED | STEP_REMOVED | STEP_WITH_NEXT)) != 0 ||
	    ((how & STEP_CONTIGUOUS) != 0 && !g->match))
		stage_cut(g->next);
	if ((how & STEP_REMOVED) == 0 || (how & STEP_INVERT) != 0)
		stage_text(g->next, p, n);
	if ((how & (STEP_ISOLATED | STEP_REMOVED | STEP_WITH_PREVIOUS)) != 0)
		stage_cut(g->next);
	g->match = true;
}

/* Each try has a bound of its own; this one is for all of them, as many
 * that are long and find nothing take a time that is quadratic. */
enum { STEPS_FREE = 1 << 28, STEPS_BYTE = 1000 };

static bool
is_too_hard(const struct stage *g)
{
	return regex_steps(g->own) > STEPS_FREE + STEPS_BYTE * g->bytes;
}

/* All that is held, as far as more text would not change it. */
static void
look_for(struct stage *g, bool final)
{
	const uint8_t *p = (const uint8_t *)g->held.s;
	size_t n = g->held.len, at = 0, from = 0, end;

	while (at < n) {
		enum regex_answer a =
		    regex_match(g->own, p, n, at, final, &end);

		if (a == REGEX_LONG || is_too_hard(g))
			g->flow->too_hard = true;
		if (g->flow->too_hard || a == REGEX_UNSURE)
			break;
		if (a == REGEX_NO) {
			at += model_char_len(p[at]);
			continue;
		}
		between(g, g->held.s + from, at - from);
		matched(g, g->held.s + at, end - at);
		at = from = end;
	}
	between(g, g->held.s + from, at - from);
	stage_drop(g, at);
	/* A long match is not looked at again and again. */
	g->wait = g->held.len > 4096 ? 2 * g->held.len : 0;
}

static void
matches_text(struct stage *g, const uint8_t *p, size_t n)
{
	g->inside = true;
	g->bytes += n;
	if (!g->flow->too_hard && stage_hold(g, p, n) && g->held.len >= g->wait)
		look_for(g, false);
}

static void
matches_cut(struct stage *g)
{
	if (g->held.len > 0 && !g->flow->too_hard)
		look_for(g, true);
	g->wait = 0;
	g->match = g->inside = false;
	stage_cut(g->next);
}

static void
matches_release(struct stage *g)
{
	regex_free(g->own);
}

const struct stage_ops stage_matches = {
	.text = matches_text,
	.cut = matches_cut,
	.token = stage_token,
	.release = matches_release,
};

const struct stage_ops stage_rewrite = {
	.text = matches_text,
	.cut = matches_cut,
	.token = stage_token,
	.release = matches_release,
};
