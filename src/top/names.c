/*
 * The names that a model shows, as its own
 *
 * They outlive the ledger: when that cannot be read any more, and has to be
 * closed and opened again, what was read is still shown.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "ledger/names.h"
#include "top/model_int.h"

static struct top_name *
find(const struct top_names *n, uint32_t id)
{
	size_t i = id * UINT32_C(0x9e3779b1) & (n->room - 1);

	while (n->v[i].id != 0 && n->v[i].id != id)
		i = (i + 1) & (n->room - 1);
	return &n->v[i];
}

static void
grow(struct top_names *n)
{
	struct top_names old = *n;

	n->room = old.room == 0 ? 64 : old.room * 2;
	n->v = tk_xcalloc(n->room, sizeof(*n->v));
	for (size_t i = 0; i < old.room; i++)
		if (old.v[i].id != 0)
			*find(n, old.v[i].id) = old.v[i];
	free(old.v);
}

int
top_name(struct top_names *n, struct ledger *l, uint32_t id, const char **name,
    struct tk_err *err)
{
	struct top_name *at;

	*name = NULL;
	if (id == 0)
		return 0;
	if (2 * (n->n + 1) > n->room)
		grow(n);
	at = find(n, id);
	if (at->id == 0) {
		if (names_text(ledger_names(l), id, name, err) < 0)
			return -1;
		at->id = id;
		at->text = tk_xstrdup(*name);
		n->n++;
	}
	*name = at->text;
	return 0;
}

void
top_names_release(struct top_names *n)
{
	for (size_t i = 0; i < n->room; i++)
		free(n->v[i].text);
	free(n->v);
	*n = (struct top_names){ NULL, 0, 0 };
}
