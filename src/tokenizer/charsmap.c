/*
 * SentencePiece's normalizer: at each place the longest rule that fits is
 * applied, else one character is kept; then white space.
 *
 * The rules are compiled: the size of a double array (32 bits), the array,
 * and the texts they lead to, each ended by a NUL.  A unit of the array says
 * where the next ones are (offset), which byte it is for (label), and
 * whether a rule ends there.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "tokenizer/stage.h"

struct rules {
	const uint8_t *unit; /* 32 bits each, not aligned */
	size_t units;
	const char *text;
	size_t text_len;
};

struct charsmap {
	struct tk_buf in;     /* that a longer rule may yet fit */
	struct tk_buf spaces; /* that are dropped if nothing follows */
	struct tk_buf out;
	bool after_space;
};

static uint32_t
unit_at(const struct rules *r, size_t at)
{
	uint32_t u;

	memcpy(&u, r->unit + 4 * at, sizeof(u));
	return u;
}

static uint32_t
unit_offset(uint32_t u)
{
	return u >> 10 << ((u & 1u << 9) >> 6);
}

static struct rules
rules_of(const void *bytes, size_t n)
{
	struct rules r = { 0 };
	const uint8_t *p = bytes;
	uint32_t size;

	if (n < 4)
		return r;
	memcpy(&size, p, sizeof(size));
	if (size > n - 4 || size % 4 != 0)
		return r;
	r.unit = p + 4;
	r.units = size / 4;
	r.text = (const char *)p + 4 + size;
	r.text_len = n - 4 - size;
	return r;
}

int
charsmap_check(const void *bytes, size_t n, struct tk_err *err)
{
	struct rules r = rules_of(bytes, n);

	if (n > 0 &&
	    (r.units == 0 || r.text_len == 0 || r.text[r.text_len - 1] != '\0'))
		return tk_fail(err, TK_DATA,
		    "its table of normalization rules is damaged");
	return 0;
}

/* One step of the normalizer: what n bytes become. */
struct change {
	size_t used;
	const char *to;
	size_t len;
};

/* The longest rule at p; *open: more text could make it another one. */
static bool
find_rule(const struct rules *r, const uint8_t *p, size_t n, struct change *c,
    bool *open)
{
	size_t at = 0;
	bool found = false;

	if (r->units == 0)
		return false;
	at ^= unit_offset(unit_at(r, at));
	for (size_t k = 0;; k++) {
		uint32_t u, value;

		if (k == n) {
			*open = true;
			return found;
		}
		at ^= p[k];
		if (at >= r->units)
			return found;
		u = unit_at(r, at);
		if ((u & (1u << 31 | 0xff)) != p[k])
			return found;
		at ^= unit_offset(u);
		if ((u >> 8 & 1) == 0 || at >= r->units)
			continue;
		value = unit_at(r, at) & ~(1u << 31);
		if (value >= r->text_len)
			continue;
		c->used = k + 1;
		c->to = r->text + value;
		c->len = strnlen(c->to, r->text_len - value);
		found = tk_utf8_valid(c->to, c->len);
	}
}

/* The longest token of the user's at p, which stays as it is. */
static bool
find_user(const struct image *i, const uint8_t *p, size_t n, struct change *c,
    bool *open)
{
	uint32_t node = 0;
	bool found = false;

	for (size_t k = 0; i->norm.nodes > 0; k++) {
		if (k == n) {
			*open = true;
			break;
		}
		node = trie_step(&i->norm, node, p[k]);
		if (node == 0)
			break;
		if (trie_value(&i->norm, node) != TRIE_NONE) {
			*c = (struct change){ k + 1, (const char *)p, k + 1 };
			found = true;
		}
	}
	return found;
}

static struct charsmap *
own(struct stage *g)
{
	struct charsmap *m = g->own;

	if (m == NULL) {
		g->own = m = tk_xcalloc(1, sizeof(*m));
		m->in = m->spaces = m->out = (struct tk_buf)TK_BUF_INIT;
	}
	return m;
}

static const char *
space_of(const struct stage *g)
{
	return (g->step->flags & STEP_ESCAPE_SPACES) != 0 ? "\xe2\x96\x81"
							  : " ";
}

static void
add_out(struct stage *g, const char *p, size_t n)
{
	struct charsmap *m = own(g);
	const char *space = space_of(g);
	size_t len = strlen(space);

	if ((g->step->flags & STEP_FEW_SPACES) == 0) {
		tk_buf_add(&m->out, p, n);
		return;
	}
	for (size_t at = 0; at < n;) {
		if (n - at >= len && memcmp(p + at, space, len) == 0) {
			tk_buf_add(&m->spaces, space, len);
			at += len;
			continue;
		}
		tk_buf_add(&m->out, m->spaces.s, m->spaces.len);
		tk_buf_reset(&m->spaces);
		tk_buf_add(&m->out, p + at++, 1);
	}
}

/* What a step of the normalizer gave; a space is written as U+2581. */
static void
add_change(struct stage *g, const struct change *c)
{
	struct charsmap *m = own(g);
	uint32_t how = g->step->flags;
	bool few = (how & STEP_FEW_SPACES) != 0;
	size_t k = 0;

	if (!g->inside) {
		if (few && c->len == 1 && *c->to == ' ')
			return;
		if ((how & STEP_DUMMY_PREFIX) != 0)
			add_out(g, space_of(g), strlen(space_of(g)));
		g->inside = true;
		m->after_space = few;
	}
	while (m->after_space && k < c->len && c->to[k] == ' ')
		k++;
	if (k < c->len)
		m->after_space = few && c->to[c->len - 1] == ' ';
	while (k < c->len) {
		size_t end = k;

		while (end < c->len && c->to[end] != ' ')
			end++;
		add_out(g, c->to + k, end - k);
		if (end < c->len)
			add_out(g, space_of(g), strlen(space_of(g)));
		k = end < c->len ? end + 1 : end;
	}
}

static void
scan(struct stage *g, bool final)
{
	struct charsmap *m = own(g);
	struct rules r = rules_of(g->a, g->a_len);
	const uint8_t *p = (const uint8_t *)m->in.s;
	size_t at = 0;

	while (at < m->in.len) {
		struct change c = { 0 };
		bool open = false;

		if (!find_user(g->flow->image, p + at, m->in.len - at, &c,
			&open) &&
		    !find_rule(&r, p + at, m->in.len - at, &c, &open)) {
			c.used = c.len = model_char_len(p[at]);
			c.to = (const char *)p + at;
		}
		if (open && !final)
			break;
		add_change(g, &c);
		at += c.used;
		if (m->out.len > 4096) {
			stage_text(g->next, m->out.s, m->out.len);
			tk_buf_reset(&m->out);
		}
	}
	stage_text(g->next, m->out.s, m->out.len);
	tk_buf_reset(&m->out);
	m->in.len -= at;
	memmove(m->in.s, m->in.s + at, m->in.len);
}

static void
charsmap_text(struct stage *g, const uint8_t *p, size_t n)
{
	tk_buf_add(&own(g)->in, p, n);
	scan(g, false);
}

static void
charsmap_start(struct stage *g)
{
	struct charsmap *m = own(g);

	stage_reset(g);
	tk_buf_reset(&m->in);
	tk_buf_reset(&m->spaces);
	tk_buf_reset(&m->out);
}

static void
charsmap_cut(struct stage *g)
{
	if (own(g)->in.len > 0)
		scan(g, true);
	if (g->inside && (g->step->flags & STEP_DUMMY_SUFFIX) != 0)
		stage_text(g->next, space_of(g), strlen(space_of(g)));
	charsmap_start(g);
	stage_cut(g->next);
}

static void
charsmap_release(struct stage *g)
{
	struct charsmap *m = g->own;

	if (m == NULL)
		return;
	tk_buf_release(&m->in);
	tk_buf_release(&m->spaces);
	tk_buf_release(&m->out);
	free(m);
}

const struct stage_ops stage_charsmap = {
	.text = charsmap_text,
	.cut = charsmap_cut,
	.token = stage_token,
	.reset = charsmap_start,
	.release = charsmap_release,
};
