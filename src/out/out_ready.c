/* Texts that are ready to be copied into rows: see out_rows.h. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "out/out_rows_int.h"

/* Names stand one behind the other. */
struct out_shelf {
	struct out_shelf *before;
	size_t left;
	_Alignas(8) char s[];
};

enum { SHELF = 1 << 16 };

void
out_add_text(struct tk_buf *b, bool json, bool guard, const char *text)
{
	if (text == NULL)
		tk_buf_adds(b, json ? "null" : "");
	else if (json)
		out_json_add(b, text);
	else
		out_csv_add(b, text, guard);
}

struct out_names *
out_names_new(const struct out *o, uint32_t most)
{
	struct out_names *n =
	    tk_xcalloc(1, sizeof(*n) + ((size_t)most + 1) * sizeof(n->of[0]));

	n->json = out_rows_format(o) != 'c';
	n->guard = o->guard;
	n->most = most;
	return n;
}

void
out_names_free(struct out_names *n)
{
	while (n != NULL && n->shelf != NULL) {
		struct out_shelf *s = n->shelf;

		n->shelf = s->before;
		free(s);
	}
	free(n);
}

bool
out_names_has(const struct out_names *n, uint32_t id)
{
	return out_find_name(n, id) != NULL;
}

void
out_names_expect(const struct out_names *n, uint32_t id, bool soon)
{
	if (id > n->most)
		return;
	if (!soon)
		__builtin_prefetch(&n->of[id]);
	else
		__builtin_prefetch(out_find_name(n, id));
}

static char *
find_place(struct out_names *n, size_t size)
{
	char *place;

	size = (size + 7) / 8 * 8;
	if (n->shelf == NULL || n->shelf->left < size) {
		size_t room = size > SHELF ? size : SHELF;
		struct out_shelf *s =
		    tk_xreallocarray(NULL, 1, sizeof(*s) + room);

		s->before = n->shelf;
		s->left = room;
		n->shelf = s;
		n->next = s->s;
	}
	place = n->next;
	n->next += size;
	n->shelf->left -= size;
	return place;
}

void
out_names_add(struct out_names *n, uint32_t id, const char *text)
{
	struct tk_buf b = TK_BUF_INIT;
	struct out_ready *w;

	assert(id > 0 && id <= n->most);
	out_add_text(&b, n->json, n->guard, text);
	w = (void *)find_place(n,
	    sizeof(*w) + (b.len > OUT_COPY ? b.len : OUT_COPY));
	w->len = (uint32_t)b.len;
	memset(w->s, 0, OUT_COPY);
	memcpy(w->s, b.s, b.len);
	atomic_store_explicit(&n->of[id], w, memory_order_release);
	tk_buf_release(&b);
}
