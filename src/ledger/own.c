/* Names for records that have none, as they leave the ledger: see ledger.h. */
#include <inttypes.h>
#include <string.h>

#include "base/buf.h"
#include "base/num.h"
#include "ledger/ledger.h"

static const char prefix[] = "tokctl:";

enum { PREFIX = sizeof(prefix) - 1, UUID = 32 };

void
ledger_name_record(const char uuid[33], int64_t id, struct tk_buf *b)
{
	tk_buf_reset(b);
	tk_buf_addf(b, "%s%s:%" PRId64, prefix, uuid, id);
}

static bool
is_same_text(const char *a, const char *b)
{
	if (a == NULL || b == NULL)
		return (a == NULL || *a == '\0') && (b == NULL || *b == '\0');
	return strcmp(a, b) == 0;
}

/* A copy of a ledger has its uuid, and may have gone on differently. */
static bool
is_same_call(const struct usage_record *a, const struct usage_record *b)
{
	return a->time == b->time && record_total(a) == record_total(b) &&
	    a->output_tokens == b->output_tokens &&
	    is_same_text(a->user, b->user) && is_same_text(a->model, b->model);
}

int
ledger_is_own(struct ledger *l, const struct usage_record *r, int64_t *id,
    struct tk_err *err)
{
	const char *name = r->request_id;
	struct usage_record known;
	char uuid[33];
	int found;

	if (name == NULL || strncmp(name, prefix, PREFIX) != 0 ||
	    strlen(name) < PREFIX + UUID + 2 || name[PREFIX + UUID] != ':')
		return 0;
	if (ledger_uuid(l, uuid, err) < 0)
		return -1;
	name += PREFIX;
	if (memcmp(name, uuid, UUID) != 0 ||
	    !tk_int_parse(name + UUID + 1, strlen(name + UUID + 1), id))
		return 0;
	found = ledger_get(l, *id, &known, err);
	return found <= 0 ? found : is_same_call(&known, r);
}
