#include "ingest/field.h"

#include <inttypes.h>
#include <string.h>
#include <strings.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/num.h"
#include "base/time.h"
#include "json/json.h"

/* What is not a field of a record itself stands behind those. */
enum {
	NUMBER_REQUESTS = 59,
	NUMBER_COST_ORIGIN,
	NUMBER_TOTAL,
	NUMBER_CACHE_WRITE,
	NUMBER_SUCCESS,
};
enum { NAME_MAX_BYTES = 40 };

static const struct field totals[] = {
	{ "total_tokens", NUMBER_TOTAL, NULL },
	{ "cache_write_tokens", NUMBER_CACHE_WRITE, NULL },
	{ "success", NUMBER_SUCCESS, NULL },
	{ "requests", NUMBER_REQUESTS, NULL },
	{ "cost_origin", NUMBER_COST_ORIGIN, NULL },
};

/* What other programs call them. */
static const struct {
	const char *alias, *key;
} aliases[] = {
	{ "timestamp", "time" },
	{ "ts", "time" },
	{ "at", "time" },
	{ "date", "time" },
	{ "datetime", "time" },
	{ "created_at", "time" },
	{ "user_id", "user" },
	{ "username", "user" },
	{ "app", "application" },
	{ "application_id", "application" },
	{ "model_name", "model" },
	{ "session_id", "session" },
	{ "conversation", "session" },
	{ "conversation_id", "session" },
	{ "api_endpoint", "endpoint" },
	{ "service_tier", "tier" },
	{ "input", "input_tokens" },
	{ "prompt_tokens", "input_tokens" },
	{ "output", "output_tokens" },
	{ "completion_tokens", "output_tokens" },
	{ "cache_read", "cache_read_tokens" },
	{ "cache_read_input_tokens", "cache_read_tokens" },
	{ "cache_write", "cache_write_tokens" },
	{ "cache_creation_input_tokens", "cache_write_tokens" },
	{ "cache_write_5m", "cache_write_5m_tokens" },
	{ "cache_write_1h", "cache_write_1h_tokens" },
	{ "reasoning", "reasoning_tokens" },
	{ "tokens", "total_tokens" },
	{ "total", "total_tokens" },
	{ "tokens_used", "total_tokens" },
	{ "estimated_tokens", "estimated_input_tokens" },
	{ "cost", "cost_usd" },
	{ "error_code", "error" },
	{ "latency", "latency_ms" },
	{ "ttft_ms", "first_token_ms" },
	{ "id_request", "request_id" },
};

/* Written by our exports, computed from the rest. */
static const char *const derived[] = {
	"id",
	"unpriced_requests",
	"reverses",
};

/* "Input Tokens" and "input-tokens" are input_tokens. */
static bool
normalize(const char *name, size_t n, char *to)
{
	while (n > 0 && (*name == ' ' || *name == '\t'))
		name++, n--;
	while (n > 0 && (name[n - 1] == ' ' || name[n - 1] == '\t'))
		n--;
	if (n == 0 || n >= NAME_MAX_BYTES)
		return false;
	for (size_t i = 0; i < n; i++) {
		char c = name[i];

		if (c >= 'A' && c <= 'Z')
			c = (char)(c - 'A' + 'a');
		to[i] = c == '-' || c == ' ' ? '_' : c;
	}
	to[n] = '\0';
	return true;
}

bool
field_find(struct field *f, const char *name, size_t n)
{
	char word[NAME_MAX_BYTES];
	const char *key = word;

	if (!normalize(name, n, word))
		return false;
	for (size_t i = 0; i < TK_LEN(aliases); i++)
		if (strcmp(aliases[i].alias, word) == 0)
			key = aliases[i].key;
	for (size_t i = 0; i < TK_LEN(totals); i++) {
		if (strcmp(totals[i].key, key) == 0) {
			*f = totals[i];
			return true;
		}
	}
	for (int i = 0; record_fields[i].key != NULL; i++) {
		const struct record_field *of = &record_fields[i];

		if (strcmp(of->key, key) == 0) {
			*f = (struct field){ of->key, i, of };
			return true;
		}
	}
	return false;
}

bool
field_is_derived(const char *name, size_t n)
{
	char word[NAME_MAX_BYTES];

	if (!normalize(name, n, word))
		return false;
	for (size_t i = 0; i < TK_LEN(derived); i++)
		if (strcmp(derived[i], word) == 0)
			return true;
	return false;
}

void
field_row_init(struct field_row *row, const struct tk_zone *zone)
{
	*row = (struct field_row){ .zone = zone };
	record_init(&row->record);
}

/* How much of a value a message shows. */
static int
shown(size_t n)
{
	return n > 40 ? 40 : (int)n;
}

static int
set_count(const struct field *f, const char *s, size_t n, int64_t *to,
    struct tk_err *err)
{
	int64_t value;

	if (!tk_int_parse(s, n, &value) && !json_int_parse(s, n, &value))
		return tk_fail(err, TK_DATA,
		    "%s: '%.*s' is no whole number below 2^63", f->key,
		    shown(n), s);
	if (value < 0)
		return tk_fail(err, TK_DATA, "%s: %" PRId64 " is negative",
		    f->key, value);
	*to = value;
	return 0;
}

/* Seconds since 1970, with a fraction or not, or milliseconds. */
static bool
parse_epoch(const char *s, size_t n, int64_t *ms)
{
	const tk_int128 as_seconds = INT64_C(100000000000);
	const tk_int128 pico = INT64_C(1000000000000);
	tk_int128 t; /* in units of 10^-12 */

	if (!tk_money_parse(s, n, &t) || t < 0)
		return false;
	t = t < as_seconds * pico ? t / (pico / 1000) : t / pico;
	if (t > INT64_MAX)
		return false;
	*ms = (int64_t)t;
	return true;
}

/* A stamp, the number of one, or a day, which is its first moment. */
static int
set_time(const struct field_row *row, const struct field *f, const char *s,
    size_t n, int64_t *to, struct tk_err *err)
{
	char day[] = "0000-00-00T00:00:00";

	if (tk_time_parse(s, n, row->zone, to) || parse_epoch(s, n, to))
		return 0;
	if (n == 10) {
		memcpy(day, s, n);
		if (tk_time_parse(day, sizeof(day) - 1, row->zone, to))
			return 0;
	}
	return tk_fail(err, TK_DATA, "%s: '%.*s' is no time", f->key, shown(n),
	    s);
}

static int
set_cost(const struct field *f, const char *s, size_t n, struct usage_record *r,
    struct tk_err *err)
{
	tk_int128 pico;

	if (n > 0 && s[0] == '$')
		s++, n--;
	if (!tk_money_parse_near(s, n, &pico))
		return tk_fail(err, TK_DATA, "%s: '%.*s' is no amount", f->key,
		    shown(n), s);
	if (pico < 0 || pico > INT64_MAX)
		return tk_fail(err, TK_DATA, "%s: '%.*s' is %s", f->key,
		    shown(n), s, pico < 0 ? "negative" : "too large");
	r->cost = (int64_t)pico;
	r->cost_origin = COST_GIVEN;
	return 0;
}

static int
set_choice(const struct field *f, const char *s, int64_t *to,
    struct tk_err *err)
{
	const struct tk_choice *c = f->of->choices;
	struct tk_buf names = TK_BUF_INIT;

	for (; c->name != NULL; c++) {
		if (strcasecmp(c->name, s) == 0) {
			*to = c->value;
			return 0;
		}
	}
	for (c = f->of->choices; c->name != NULL; c++)
		tk_buf_addf(&names, "%s%s", names.len > 0 ? ", " : "", c->name);
	tk_fail(err, TK_DATA, "%s: '%.40s' is not one of %s", f->key, s,
	    names.s);
	tk_buf_release(&names);
	return -1;
}

static int
set_object(const struct field *f, const char *s, size_t n, const char **to,
    struct tk_err *err)
{
	if (json_valid_object(s, n, err) < 0)
		return tk_wrap(err, "%s", f->key);
	*to = s;
	return 0;
}

static int
set_success(struct field_row *row, const struct field *f, const char *s,
    struct tk_err *err)
{
	if (strcasecmp(s, "true") == 0 || strcmp(s, "1") == 0 ||
	    strcasecmp(s, "yes") == 0)
		row->failed = false;
	else if (strcasecmp(s, "false") == 0 || strcmp(s, "0") == 0 ||
	    strcasecmp(s, "no") == 0)
		row->failed = true;
	else
		return tk_fail(err, TK_DATA, "%s: '%.40s' is not true or false",
		    f->key, s);
	return 0;
}

static int
set_total(struct field_row *row, const struct field *f, const char *s, size_t n,
    struct tk_err *err)
{
	switch (f->number) {
	case NUMBER_TOTAL:
		return set_count(f, s, n, &row->total, err);
	case NUMBER_CACHE_WRITE:
		return set_count(f, s, n, &row->cache_write, err);
	case NUMBER_REQUESTS:
		if (n == 1 && *s == '1')
			return 0;
		return tk_fail(err, TK_DATA,
		    "requests: it is '%.*s', but a record is one call",
		    shown(n), s);
	case NUMBER_COST_ORIGIN:
		row->computed = strcmp(s, "given") != 0;
		return 0;
	default:
		return set_success(row, f, s, err);
	}
}

static int
set_record(struct field_row *row, const struct field *f, const char *s,
    size_t n, struct tk_err *err)
{
	struct usage_record *r = &row->record;

	switch (f->of->type) {
	case RECORD_NAME:
	case RECORD_TEXT:
		*record_text(r, f->of) = s;
		return 0;
	case RECORD_TIME:
		return set_time(row, f, s, n, record_int(r, f->of), err);
	case RECORD_COUNT:
	case RECORD_NUMBER:
		return set_count(f, s, n, record_int(r, f->of), err);
	case RECORD_COST:
		return set_cost(f, s, n, r, err);
	case RECORD_CHOICE:
		return set_choice(f, s, record_int(r, f->of), err);
	case RECORD_OBJECT:
		return set_object(f, s, n, record_text(r, f->of), err);
	}
	return tk_fail(err, TK_BUG, "field '%s' has no type", f->key);
}

int
field_set(struct field_row *row, const struct field *f, const char *value,
    size_t n, struct tk_err *err)
{
	int rc;

	if (n == 0)
		return 0;
	if (memchr(value, '\0', n) != NULL)
		return tk_fail(err, TK_DATA, "%s: the value has a NUL byte",
		    f->key);
	rc = f->of != NULL ? set_record(row, f, value, n, err)
			   : set_total(row, f, value, n, err);
	if (rc == 0)
		row->given |= UINT64_C(1) << f->number;
	return rc;
}

bool
field_is_given(const struct field_row *row, const struct field *f)
{
	return (row->given >> f->number & 1) != 0;
}

/* Was the field at that place of the record given? */
static bool
has(const struct field_row *row, size_t offset)
{
	int i = 0;

	while (record_fields[i].offset != offset)
		i++;
	return row->given >> i & 1;
}

#define HAS(row, name) has(row, offsetof(struct usage_record, name))

bool
field_has_tokens(const struct field_row *row)
{
	const uint64_t sums =
	    UINT64_C(1) << NUMBER_TOTAL | UINT64_C(1) << NUMBER_CACHE_WRITE;

	return (row->given & sums) || HAS(row, input_tokens) ||
	    HAS(row, output_tokens) || HAS(row, cache_read_tokens) ||
	    HAS(row, cache_write_5m_tokens) ||
	    HAS(row, cache_write_1h_tokens) ||
	    HAS(row, cache_write_other_tokens) || HAS(row, unsplit_tokens);
}

static int
finish_cache_write(struct field_row *row, struct tk_err *err)
{
	struct usage_record *r = &row->record;
	int64_t parts = record_cache_write(r);

	if (!(row->given >> NUMBER_CACHE_WRITE & 1))
		return 0;
	if (parts < row->cache_write && !HAS(row, cache_write_other_tokens))
		r->cache_write_other_tokens = row->cache_write - parts;
	else if (parts != row->cache_write)
		return tk_fail(err, TK_DATA,
		    "cache_write_tokens: it is %" PRId64
		    ", but its parts are %" PRId64,
		    row->cache_write, parts);
	return 0;
}

/* What is missing from the total is of the one class that was not given. */
static int
finish_total(struct field_row *row, int64_t parts, struct tk_err *err)
{
	struct usage_record *r = &row->record;
	int64_t rest = row->total - parts;
	bool input = HAS(row, input_tokens), output;

	if (!(row->given >> NUMBER_TOTAL & 1) || rest == 0)
		return 0;
	output = HAS(row, output_tokens);
	if (rest > 0 && input != output) {
		*(input ? &r->output_tokens : &r->input_tokens) = rest;
		return 0;
	}
	if (rest > 0 && parts == 0 && !input) {
		r->unsplit_tokens = rest;
		return 0;
	}
	return tk_fail(err, TK_DATA,
	    "total_tokens: it is %" PRId64 ", but its parts are %" PRId64,
	    row->total, parts);
}

static int
add_up(const struct usage_record *r, int64_t *total, struct tk_err *err)
{
	const int64_t parts[] = {
		r->input_tokens,
		r->cache_read_tokens,
		r->cache_write_5m_tokens,
		r->cache_write_1h_tokens,
		r->cache_write_other_tokens,
		r->output_tokens,
		r->unsplit_tokens,
	};

	*total = 0;
	for (size_t i = 0; i < TK_LEN(parts); i++)
		if (__builtin_add_overflow(*total, parts[i], total))
			return tk_fail(err, TK_DATA,
			    "the token counts are too large");
	return 0;
}

int
field_finish(struct field_row *row, struct tk_err *err)
{
	struct usage_record *r = &row->record;
	int64_t total;

	if (add_up(r, &total, err) < 0 || finish_cache_write(row, err) < 0 ||
	    add_up(r, &total, err) < 0 || finish_total(row, total, err) < 0)
		return -1;
	if (r->reasoning_tokens > r->output_tokens + r->unsplit_tokens)
		return tk_fail(err, TK_DATA,
		    "reasoning_tokens: %" PRId64
		    " are more than the output_tokens",
		    r->reasoning_tokens);
	if (row->computed) { /* so it can be computed again */
		r->cost = RECORD_UNKNOWN;
		r->cost_origin = COST_UNKNOWN;
	}
	if (row->failed && r->error == NULL)
		r->error = "failed";
	return 0;
}
