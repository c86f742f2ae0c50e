/* Any bytes as a price book over the built-in one, and calls priced by it. */
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "price/price.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int
price_one(const struct price_model *m, void *data)
{
	struct price_book *pb = data;
	struct price_usage u = {
		.provider = price_provider(m),
		.model = price_model_id(m),
		.input = 300000,
		.output = 7,
		.cache_read = 11,
		.cache_write_1h = 13,
		.reasoning = 3,
		.audio_input = 1,
		.regional = true,
	};
	struct tk_err err = TK_ERR_INIT;
	int64_t cost;

	for (u.tier = 0; u.tier < 5; u.tier++) {
		u.time = u.tier * INT64_C(432100000000);
		price_cost(pb, &u, &cost, &err);
	}
	return 0;
}

static int
look(const struct price_row *r, void *data)
{
	(void)data;
	return r->name == NULL || r->when == NULL;
}

static int
look_at_rows(const struct price_model *m, void *data)
{
	return price_rows(data, m, look, NULL);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	enum price_read_flags flags =
	    size % 2 ? PRICE_READ_OVER : PRICE_READ_ALONE;
	struct tk_err err = TK_ERR_INIT;
	struct price_book *pb;

	if (price_book_read(&pb, (const char *)data, size, "f", flags, &err) <
	    0)
		return 0;
	/* The built-in models add nothing but time. */
	if (flags == PRICE_READ_ALONE) {
		price_each(pb, price_one, pb);
		price_each(pb, look_at_rows, pb);
	} else {
		const struct price_model *m = price_resolve(pb, NULL, "m-1");

		if (m != NULL)
			price_one(m, pb);
	}
	price_book_close(pb);
	return 0;
}
