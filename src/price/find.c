/* Finding exact names in a packed book. */
#include <string.h>

#include "price/price_int.h"

const struct price_model *
price_find_name(const struct price_head *h, uint32_t provider, const char *name)
{
	const struct price_name *slots = PRICE_SPAN(h, h->names), *s;
	const struct price_model *models = PRICE_SPAN(h, h->models);
	uint32_t i = price_hash(name, provider);

	if (h->names.n == 0)
		return NULL;
	for (;; i++) {
		s = &slots[i & (h->names.n - 1)];
		if (s->name == 0)
			return NULL;
		if (s->provider == provider &&
		    strcmp(price_str(h, s->name), name) == 0)
			return &models[s->model];
	}
}

int
price_find_provider(const struct price_head *h, const char *id)
{
	const struct price_provider *p = PRICE_SPAN(h, h->providers);

	for (uint32_t i = 0; i < h->providers.n; i++)
		if (strcmp(price_str(h, p[i].id), id) == 0)
			return (int)i;
	return -1;
}
