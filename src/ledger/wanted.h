#ifndef LEDGER_WANTED_H
#define LEDGER_WANTED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ledger/scan.h"

/*
 * The names of a filter as ids: what a record or a cube must have.  Only
 * kinds that the filter names are looked at.
 */
struct wanted {
	struct wanted_kind {
		enum name_kind kind;
		uint32_t *id; /* any of these */
		size_t n;
	} of[NAME_KINDS];
	size_t kinds;
};

/* A name that the ledger does not know is TK_NOTFOUND, with a suggestion. */
int wanted_resolve(struct wanted *w, struct ledger *l,
    const struct ledger_filter *f, struct tk_err *err);
void wanted_release(struct wanted *w);

/* One bit for each enum name_kind that is looked at. */
static inline uint32_t
wanted_kinds(const struct wanted *w)
{
	uint32_t kinds = 0;

	for (size_t k = 0; k < w->kinds; k++)
		kinds |= 1u << w->of[k].kind;
	return kinds;
}

static inline bool
wanted_names(const struct wanted *w, const uint32_t name[NAME_KINDS])
{
	for (size_t k = 0; k < w->kinds; k++) {
		const struct wanted_kind *of = &w->of[k];
		size_t i = 0;

		while (i < of->n && of->id[i] != name[of->kind])
			i++;
		if (i == of->n)
			return false;
	}
	return true;
}

#endif
