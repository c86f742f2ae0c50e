/* The normal forms of Unicode, as src/count has them. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "count/norm.h"
#include "tokenizer/stage.h"

struct normalize {
	enum norm_form form;
	struct norm norm;
	struct count_bytes in, out;
};

static enum norm_form
form_named(const void *name, size_t n)
{
	if (n == 3 && memcmp(name, "NFC", 3) == 0)
		return NORM_C;
	if (n == 4 && memcmp(name, "NFKC", 4) == 0)
		return NORM_KC;
	return NORM_NONE;
}

int
normalize_check(const void *name, size_t n, struct tk_err *err)
{
	if (form_named(name, n) == NORM_NONE)
		return tk_fail(err, TK_DATA, "no normal form '%.*s'",
		    n < 20 ? (int)n : 20, (const char *)name);
	return 0;
}

static struct normalize *
own(struct stage *g)
{
	struct normalize *z = g->own;

	if (z == NULL) {
		g->own = z = tk_xcalloc(1, sizeof(*z));
		z->form = form_named(g->a, g->a_len);
	}
	return z;
}

static void
normalize_part(struct stage *g, bool final)
{
	struct normalize *z = own(g);
	size_t used;

	count_bytes_room(&z->in, 0);
	count_bytes_room(&z->out, 0);
	used = norm_add(&z->norm, z->form, z->in.s, z->in.len, final, &z->out);
	count_bytes_drop(&z->in, used);
	stage_text(g->next, z->out.s, z->out.len);
	z->out.len = 0;
}

static void
normalize_text(struct stage *g, const uint8_t *p, size_t n)
{
	struct normalize *z = own(g);

	if (z->in.len + n > STAGE_LONGEST) {
		g->flow->too_long = true;
		return;
	}
	count_bytes_add(&z->in, p, n);
	if (z->in.len < g->wait)
		return;
	normalize_part(g, false);
	/* A run of marks without end is not looked at again and again. */
	g->wait = z->in.len > 1 << 16 ? 2 * z->in.len : 0;
}

static void
normalize_cut(struct stage *g)
{
	if (own(g)->in.len > 0)
		normalize_part(g, true);
	g->wait = 0;
	stage_cut(g->next);
}

static void
normalize_reset(struct stage *g)
{
	stage_reset(g);
	own(g)->in.len = own(g)->out.len = 0;
}

static void
normalize_release(struct stage *g)
{
	struct normalize *z = g->own;

	if (z == NULL)
		return;
	norm_release(&z->norm);
	free(z->in.s);
	free(z->out.s);
	free(z);
}

const struct stage_ops stage_normalize = {
	.text = normalize_text,
	.cut = normalize_cut,
	.token = stage_token,
	.reset = normalize_reset,
	.release = normalize_release,
};
