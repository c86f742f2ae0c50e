#include "count/special.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "vocab/table.h"

struct special_set {
	struct special *all;
	size_t n, cap;
	size_t longest;
	struct tk_buf text;
	bool begins[256]; /* one of them begins with that byte */
};

static void
add_row_text(const struct special_row *r, uint32_t id, struct tk_buf *out)
{
	if (r->tail == NULL)
		tk_buf_adds(out, r->text);
	else
		tk_buf_addf(out, "%s%u%s", r->text, r->start + (id - r->first),
		    r->tail);
}

int
special_text(const struct special_source *from, uint32_t id, struct tk_buf *out)
{
	const struct special_row *r = from->rows;
	struct vocab_special s;

	for (; r != NULL && r->text != NULL; r++) {
		if (id >= r->first && id <= r->last) {
			add_row_text(r, id, out);
			return 1;
		}
	}
	if (from->v == NULL)
		return 0;
	for (size_t i = 0; vocab_special(from->v, i, &s); i++) {
		if (s.id == id) {
			tk_buf_add(out, s.text, s.len);
			return 1;
		}
	}
	return 0;
}

/* The text is in set->text, as the place of which may yet change. */
static void
add_special(struct special_set *set, uint32_t id, size_t at)
{
	if (set->n == set->cap) {
		set->cap = set->cap > 0 ? 2 * set->cap : 16;
		set->all =
		    tk_xreallocarray(set->all, set->cap, sizeof(*set->all));
	}
	set->all[set->n++] =
	    (struct special){ .id = id, .len = (uint32_t)(set->text.len - at) };
}

static int
compare(const void *a_, const void *b_)
{
	const struct special *a = a_, *b = b_;
	int d = memcmp(a->text, b->text, a->len < b->len ? a->len : b->len);

	return d != 0 ? d : a->len < b->len ? -1 : a->len > b->len;
}

struct special_set *
special_set_new(const struct special_source *from, bool all)
{
	struct special_set *set = tk_xcalloc(1, sizeof(*set));
	const struct special_row *r = all || from->always ? from->rows : NULL;
	struct vocab_special s;
	size_t at = 0;

	set->text = (struct tk_buf)TK_BUF_INIT;
	for (; r != NULL && r->text != NULL; r++) {
		for (uint32_t id = r->first; id <= r->last; id++) {
			at = set->text.len;
			add_row_text(r, id, &set->text);
			add_special(set, id, at);
		}
	}
	for (size_t i = 0;
	     from->v != NULL && (all || i < from->v->head->always) &&
	     vocab_special(from->v, i, &s);
	     i++) {
		at = set->text.len;
		tk_buf_add(&set->text, s.text, s.len);
		add_special(set, s.id, at);
	}
	at = 0;
	for (size_t i = 0; i < set->n; i++) {
		struct special *x = &set->all[i];

		x->text = (const uint8_t *)set->text.s + at;
		at += x->len;
		set->begins[x->text[0]] = true;
		if (x->len > set->longest)
			set->longest = x->len;
	}
	if (set->n > 0)
		qsort(set->all, set->n, sizeof(*set->all), compare);
	return set;
}

void
special_set_free(struct special_set *set)
{
	if (set == NULL)
		return;
	tk_buf_release(&set->text);
	free(set->all);
	free(set);
}

size_t
special_longest(const struct special_set *set)
{
	return set->longest;
}

const struct special *
special_at(const struct special_set *set, size_t n)
{
	return n < set->n ? &set->all[n] : NULL;
}

/* The first of low..high of which byte k is at least c; shorter ones, of
 * which there is one at most, come first. */
static size_t
lower_bound(const struct special_set *set, size_t low, size_t high, size_t k,
    unsigned c)
{
	while (low < high) {
		size_t mid = (low + high) / 2;
		const struct special *x = &set->all[mid];

		if (x->len <= k || x->text[k] < c)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/* The longest that the text begins with. */
static const struct special *
longest_at(const struct special_set *set, const uint8_t *p, size_t n)
{
	const struct special *best = NULL;
	size_t low = 0, high = set->n;

	for (size_t k = 0; k < n; k++) {
		low = lower_bound(set, low, high, k, p[k]);
		high = lower_bound(set, low, high, k, p[k] + 1u);
		if (low == high)
			break;
		if (set->all[low].len == k + 1)
			best = &set->all[low];
	}
	return best;
}

const struct special *
special_find(const struct special_set *set, const uint8_t *p, size_t n,
    size_t *at)
{
	for (; *at < n; ++*at) {
		const struct special *x;

		if (!set->begins[p[*at]])
			continue;
		x = longest_at(set, p + *at, n - *at);
		if (x != NULL)
			return x;
	}
	return NULL;
}
