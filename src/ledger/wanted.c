#include "ledger/wanted.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/suggest.h"
#include "ledger/ledger_int.h"

void
ledger_filter_init(struct ledger_filter *f)
{
	*f = (struct ledger_filter){ .since = INT64_MIN,
		.until = INT64_MAX,
		.max_id = INT64_MAX };
}

bool
ledger_filter_is_all(const struct ledger_filter *f)
{
	for (int kind = 0; kind < NAME_KINDS; kind++)
		if (f->names[kind] > 0)
			return false;
	return f->min_id <= 1 && f->max_id == INT64_MAX && f->keep == NULL;
}

static int
offer_name(const char *name, void *data)
{
	tk_suggest_offer(data, name);
	return 0;
}

static int
unknown_name(struct ledger *l, enum name_kind kind, const char *name,
    struct tk_err *err)
{
	struct tk_err ignored = TK_ERR_INIT;
	struct tk_suggest near;

	tk_suggest_init(&near, name);
	names_each(l->names, kind, 1000, offer_name, &near, &ignored);
	tk_fail(err, TK_NOTFOUND, "the ledger knows no %s '%s'",
	    pack_names[kind].key, name);
	return tk_suggest_hint(&near, NULL, err);
}

int
wanted_resolve(struct wanted *w, struct ledger *l,
    const struct ledger_filter *f, struct tk_err *err)
{
	*w = (struct wanted){ 0 };
	for (int k = 0; k < NAME_KINDS; k++) {
		struct wanted_kind *of = &w->of[w->kinds];
		enum name_kind kind = (enum name_kind)k;

		if (f->names[k] == 0)
			continue;
		w->kinds++;
		of->kind = kind;
		of->id = tk_xcalloc(f->names[k], sizeof(*of->id));
		for (; of->n < f->names[k]; of->n++) {
			const char *name = f->name[k][of->n];
			int found = names_find(l->names, kind, name,
			    &of->id[of->n], err);

			if (found < 0)
				return -1;
			if (found == 0)
				return unknown_name(l, kind, name, err);
		}
	}
	return 0;
}

void
wanted_release(struct wanted *w)
{
	for (size_t k = 0; k < w->kinds; k++)
		free(w->of[k].id);
	w->kinds = 0;
}
