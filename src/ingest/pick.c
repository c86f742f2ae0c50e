#include "ingest/pick.h"

#include <assert.h>
#include <string.h>

#include "base/num.h"
#include "base/time.h"
#include "ingest/ingest_int.h"

/* What is left of each path at some depth; NULL: it does not lead here. */
struct rest {
	const char *of[PICKS_MOST];
};

/* The value that the cursor is before. */
static void
take(struct pick *p, struct json_scan *s)
{
	struct json_text raw = { 0 };

	p->kind = json_scan_peek(s);
	p->t = (struct json_text){ "", 0, false }; /* of what is cut */
	if (p->kind == JSON_IS_TEXT)
		json_scan_text(s, &p->t);
	else if (json_scan_raw(s, &raw))
		p->t = raw;
}

/* Which paths go on through a member of that name; the one that ends there. */
static struct pick *
follow(struct pick *v, size_t n, const struct rest *from,
    const struct json_text *key, struct rest *to, bool *deeper)
{
	struct pick *here = NULL;

	*deeper = false;
	for (size_t i = 0; i < n; i++) {
		const char *path = from->of[i];
		size_t len = path != NULL ? strcspn(path, "/") : 0;

		to->of[i] = NULL;
		if (path == NULL || !json_text_equal(key, path, len))
			continue;
		if (path[len] == '\0')
			here = &v[i];
		else
			to->of[i] = path + len + 1;
		*deeper = *deeper || path[len] != '\0';
	}
	return here;
}

static void
walk(struct json_scan *s, struct pick *v, size_t n, const struct rest *rest)
{
	struct json_text key;

	while (json_scan_key(s, &key)) {
		struct rest below;
		bool deeper;
		struct pick *here = follow(v, n, rest, &key, &below, &deeper);

		if (here != NULL && deeper) {
			struct json_scan again;

			take(here, s);
			json_scan_init(&again, here->t.p, here->t.n);
			if (here->kind == JSON_IS_OBJECT &&
			    json_scan_object(&again) > 0)
				walk(&again, v, n, &below);
		} else if (here != NULL) {
			take(here, s);
		} else if (deeper && json_scan_peek(s) == JSON_IS_OBJECT) {
			if (json_scan_object(s) > 0)
				walk(s, v, n, &below);
		} else {
			json_scan_skip(s);
		}
	}
}

bool
pick_read(struct pick *v, size_t n, const char *text, size_t len,
    struct json_scan *s)
{
	struct rest rest = { .of = { NULL } };

	assert(n <= PICKS_MOST);
	for (size_t i = 0; i < n; i++) {
		rest.of[i] = v[i].path;
		v[i].kind = JSON_IS_WRONG;
		v[i].t = (struct json_text){ "", 0, false };
	}
	json_scan_init(s, text, len);
	if (json_scan_object(s) <= 0)
		return false;
	walk(s, v, n, &rest);
	return json_scan_end(s);
}

bool
pick_count(const struct pick *p, int64_t *n)
{
	int64_t value = 0;

	if (!pick_has(p)) {
		*n = 0;
		return true;
	}
	if ((p->kind != JSON_IS_NUMBER && p->kind != JSON_IS_TEXT) ||
	    !json_int_parse(p->t.p, p->t.n, &value) || value < 0)
		return false;
	*n = value;
	return true;
}

bool
pick_counts(struct reader *rd, const struct pick *v,
    const struct pick_to *count, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct pick *p = &v[count[i].at];

		if (pick_count(p, count[i].to))
			continue;
		reader_bad(rd, "%s is no count", p->path);
		return false;
	}
	return true;
}

/* A number since 1970, whose size tells its unit. */
static bool
parse_epoch(const char *s, size_t n, int64_t *ms)
{
	const tk_int128 one = TK_PICO_PER_USD; /* 10^12 parts of the unit */
	tk_int128 t;

	if (!tk_money_parse_near(s, n, &t) || t < 0)
		return false;
	if (t < one * INT64_C(100000000000))
		t /= one / 1000;
	else if (t < one * INT64_C(100000000000000))
		t /= one;
	else if (t < one * INT64_C(100000000000000000))
		t /= one * 1000;
	else
		t /= one * 1000000;
	if (t > INT64_MAX)
		return false;
	*ms = (int64_t)t;
	return true;
}

/* "2026-11-10 10:00:00" as databases write it, which is in UTC. */
bool
pick_time_parse(const char *s, size_t n, int64_t *ms)
{
	char stamp[48];

	if (tk_time_parse(s, n, NULL, ms))
		return true;
	if (n > 0 && strspn(s, "0123456789.") >= n)
		return parse_epoch(s, n, ms);
	if (n < 10 || n > sizeof(stamp) - 12)
		return false;
	memcpy(stamp, s, n);
	memcpy(stamp + n, n == 10 ? "T00:00:00Z" : "Z", n == 10 ? 11 : 2);
	if (n > 10 && stamp[10] == ' ')
		stamp[10] = 'T';
	return tk_time_parse(stamp, strlen(stamp), NULL, ms);
}

bool
pick_time(const struct pick *p, int64_t *ms)
{
	char text[64];

	if ((p->kind != JSON_IS_NUMBER && p->kind != JSON_IS_TEXT) ||
	    p->t.n >= sizeof(text))
		return false;
	memcpy(text, p->t.p, p->t.n);
	text[p->t.n] = '\0';
	if (p->kind == JSON_IS_NUMBER)
		return parse_epoch(text, p->t.n, ms);
	return pick_time_parse(text, p->t.n, ms);
}

bool
pick_cost(const struct pick *p, int64_t *cost)
{
	tk_int128 pico;

	if ((p->kind != JSON_IS_NUMBER && p->kind != JSON_IS_TEXT) ||
	    !tk_money_parse_near(p->t.p, p->t.n, &pico) || pico <= 0 ||
	    pico > INT64_MAX)
		return false;
	*cost = (int64_t)pico;
	return true;
}

const char *
pick_name(struct reader *rd, const struct pick *p)
{
	return p->kind == JSON_IS_TEXT ? reader_name(rd, &p->t) : NULL;
}

void
pick_probe_init(struct pick_probe *p, const char *head, size_t n)
{
	*p = (struct pick_probe){ .at = head, .end = head + n, .left = 8 };
	if (n >= 3 && memcmp(head, "\xef\xbb\xbf", 3) == 0)
		p->at += 3;
}

/* A line that begins with an object, maybe the first one of an array. */
bool
pick_probe_next(struct pick_probe *p, struct pick *v, size_t n)
{
	struct json_scan s;

	while (p->left-- > 0) {
		const char *at = p->at, *nl;

		while (at < p->end && strchr(" \t\r\n[", *at) != NULL)
			at++;
		if (at == p->end)
			return false;
		nl = memchr(at, '\n', (size_t)(p->end - at));
		p->at = nl != NULL ? nl + 1 : p->end;
		if (*at != '{')
			continue;
		pick_read(v, n, at, (size_t)(p->end - at), &s);
		return true;
	}
	return false;
}
