#include "store/rows.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

static void
own_texts(const struct row_kind *kind, char *row)
{
	for (const size_t *at = kind->texts; *at != ROW_END; at++) {
		const char *text;

		memcpy(&text, row + *at, sizeof(text));
		if (text != NULL)
			text = tk_xstrdup(text);
		memcpy(row + *at, &text, sizeof(text));
	}
}

int
rows_read(struct rows *r, const struct row_kind *kind, struct store *st,
    const char *sql, struct tk_err *err)
{
	struct stmt *q = NULL;
	int more;

	*r = (struct rows){ .kind = kind };
	if (store_prepare(st, &q, sql, err) < 0)
		return -1;
	while ((more = stmt_step(q, err)) > 0) {
		char *row;

		if (r->n == r->room) {
			r->room = r->room > 0 ? 2 * r->room : 16;
			r->v = tk_xreallocarray(r->v, r->room, kind->size);
		}
		row = r->v + r->n++ * kind->size;
		kind->read(q, row);
		own_texts(kind, row);
	}
	stmt_free(q);
	return more;
}

const void *
rows_at(const struct rows *r, size_t i)
{
	return r->v + i * r->kind->size;
}

void
rows_release(struct rows *r)
{
	for (size_t i = 0; i < r->n; i++) {
		for (const size_t *at = r->kind->texts; *at != ROW_END; at++) {
			char *text;

			memcpy(&text, r->v + i * r->kind->size + *at,
			    sizeof(text));
			free(text);
		}
	}
	free(r->v);
	*r = (struct rows){ .kind = r->kind };
}
