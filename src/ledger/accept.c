/* What no record may hold, whoever sends it. */
#include <inttypes.h>
#include <string.h>

#include "ledger/ledger_int.h"

enum { MAX_TEXT = 64 * 1024 };

static bool
is_none(const char *text)
{
	return text == NULL || *text == '\0';
}

int
ledger_accepts(const struct usage_record *r, struct tk_err *err)
{
	const char *texts[] = { r->request_id, r->tools, r->metadata };
	int64_t total = 0;

	if (is_none(r->user))
		return tk_fail(err, TK_DATA, "the record names no user");
	if (r->request_id != NULL && *r->request_id == '\0')
		return tk_fail(err, TK_DATA, "the request id is empty");
	if (is_none(r->model) && is_none(r->application))
		return tk_fail(err, TK_DATA,
		    "the record names neither a model nor an application");
	if (r->time < 0 || r->time > RECORD_LAST_TIME)
		return tk_fail(err, TK_DATA,
		    "the record's time is not within 1970 to 9998");
	for (const struct record_field *f = record_fields; f->key; f++) {
		int64_t n;

		if (f->type != RECORD_COUNT && f->type != RECORD_NUMBER)
			continue;
		n = *record_int((struct usage_record *)(uintptr_t)r, f);
		if (n < 0 && !(f->type == RECORD_NUMBER && n == RECORD_UNKNOWN))
			return tk_fail(err, TK_DATA, "%s is negative: %" PRId64,
			    f->key, n);
		if (f->type == RECORD_COUNT &&
		    __builtin_add_overflow(total, n, &total))
			return tk_fail(err, TK_DATA,
			    "the record's tokens are too many to count");
	}
	for (int kind = 0; kind < NAME_KINDS; kind++) {
		const char *s = pack_name_of(r, (enum name_kind)kind);

		if (s != NULL && strlen(s) > RECORD_MAX_NAME)
			return tk_fail(err, TK_DATA,
			    "%s is longer than %d bytes", pack_names[kind].key,
			    RECORD_MAX_NAME);
	}
	for (size_t i = 0; i < TK_LEN(texts); i++)
		if (texts[i] != NULL && strlen(texts[i]) > MAX_TEXT)
			return tk_fail(err, TK_DATA,
			    "a text of the record is longer than %d bytes",
			    MAX_TEXT);
	return 0;
}
