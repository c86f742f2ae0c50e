/* Any bytes as a price list, taken over twice: into a new file of the user,
 * and into what came out. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/buf.h"
#include "price/price.h"
#include "price/update.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int
look(const struct price_diff *d, void *data)
{
	(void)data;
	return d->part == NULL || d->model == NULL;
}

/* The new text of the user's file; false when the list is none. */
static bool
take(const uint8_t *data, size_t size, const struct tk_buf *old,
    struct tk_buf *new, size_t *changes)
{
	struct price_update_options o = { .file = "list",
		.from = INT64_C(1795219200000) };
	struct price_update_counts n;
	struct tk_err err = TK_ERR_INIT;
	struct price_update *u = NULL;
	struct price_book *pb;
	bool ok;

	if (price_book_read(&pb, old->s, old->len, "mine", PRICE_READ_OVER,
		&err) < 0)
		abort();
	ok = price_update_new(&u, pb, (const char *)data, size, &o, &err) == 0;
	if (ok) {
		price_update_each(u, look, NULL);
		price_update_count(u, &n);
		*changes = n.changed + n.added;
		/* What is written is always read again. */
		if (price_update_write(u, old->s, old->len, "mine", new, &err) <
		    0)
			abort();
	}
	price_update_free(u);
	price_book_close(pb);
	return ok;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct tk_buf old = TK_BUF_INIT, new = TK_BUF_INIT, twice = TK_BUF_INIT;
	size_t changes = 0;

	tk_buf_adds(&old, "schema: tokctl-prices/1\n");
	if (take(data, size, &old, &new, &changes) &&
	    take(data, size, &new, &twice, &changes) && changes > 0)
		abort(); /* the same list again changes nothing */
	tk_buf_release(&twice);
	tk_buf_release(&new);
	tk_buf_release(&old);
	return 0;
}
