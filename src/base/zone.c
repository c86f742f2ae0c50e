/* Time zones: which one, and what its clocks say. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/time.h"
#include "base/zone_int.h"

enum { CACHED = 16, MS_PER_DAY = 86400000 };

struct cached_span {
	int64_t from, to; /* ms; equal while unused */
	int32_t offset;
};

struct tk_zone {
	char *name;
	struct tk_zone_table table;
	struct cached_span *cache; /* by 49 days; CACHED of them */
	bool twin;                 /* the table is another's */
};

static struct tk_zone *
zone_new(const char *name)
{
	struct tk_zone *z = tk_xcalloc(1, sizeof(*z));

	z->name = tk_xstrdup(name);
	z->cache = tk_xcalloc(CACHED, sizeof(*z->cache));
	return z;
}

void
tk_zone_free(struct tk_zone *z)
{
	if (z == NULL)
		return;
	if (!z->twin)
		tk_zone_table_release(&z->table);
	free(z->name);
	free(z->cache);
	free(z);
}

struct tk_zone *
tk_zone_twin(const struct tk_zone *z)
{
	struct tk_zone *twin = zone_new(z->name);

	twin->table = z->table;
	twin->twin = true;
	return twin;
}

const char *
tk_zone_name(const struct tk_zone *z)
{
	return z->name;
}

bool
tk_zone_is_utc(const struct tk_zone *z)
{
	return z->table.n == 0 && z->table.offset == NULL &&
	    (!z->table.rule.set ||
		(!z->table.rule.has_dst && z->table.rule.std == 0));
}

int
tk_zone_open_mem(struct tk_zone **z, const char *name, const void *bytes,
    size_t len, struct tk_err *err)
{
	struct tk_zone *zone = zone_new(name);

	if (tk_zone_tzif_parse(bytes, len, &zone->table, err) < 0) {
		tk_zone_free(zone);
		return -1;
	}
	*z = zone;
	return 0;
}

static int
open_file(struct tk_zone **z, const char *name, const char *path,
    struct tk_err *err)
{
	struct tk_buf bytes = TK_BUF_INIT;
	int rc = tk_zone_read(path, &bytes, err);

	if (rc == 0) {
		rc = tk_zone_open_mem(z, name, bytes.s, bytes.len, err);
		if (rc < 0)
			tk_wrap(err, "%s", path);
	}
	tk_buf_release(&bytes);
	return rc;
}

/* "+05:30", "-0330", "+02": a fixed offset, east is positive. */
static bool
parse_fixed(const char *s, int32_t *offset)
{
	size_t len = strlen(s);
	int digit[4] = { 0 }, n = 0;

	if ((s[0] != '+' && s[0] != '-') || len < 3)
		return false;
	for (size_t i = 1; i < len; i++) {
		if (s[i] == ':' && i == 3 && len == 6)
			continue;
		if (s[i] < '0' || s[i] > '9' || n == 4)
			return false;
		digit[n++] = s[i] - '0';
	}
	if ((n != 2 && n != 4) || digit[2] > 5 || digit[0] * 10 + digit[1] > 24)
		return false;
	*offset =
	    (digit[0] * 10 + digit[1]) * 3600 + (digit[2] * 10 + digit[3]) * 60;
	if (s[0] == '-')
		*offset = -*offset;
	return true;
}

/* Zones that need no file. */
static bool
open_builtin(struct tk_zone **z, const char *name)
{
	struct tk_zone_rule rule = { .set = true };

	if (strcasecmp(name, "UTC") != 0 && strcmp(name, "Etc/UTC") != 0 &&
	    strcmp(name, "UTC0") != 0 && strcmp(name, "Z") != 0 &&
	    !parse_fixed(name, &rule.std))
		return false;
	*z = zone_new(strcasecmp(name, "UTC") == 0 ? "UTC" : name);
	(*z)->table.rule = rule;
	return true;
}

static int
open_named(struct tk_zone **z, const char *name, struct tk_err *err)
{
	struct tk_zone_rule rule;
	struct tk_buf path = TK_BUF_INIT;
	int rc;

	if (open_builtin(z, name))
		return 0;
	if (tk_zone_path(name, &path)) {
		rc = open_file(z, name, path.s, err);
		tk_buf_release(&path);
		return rc;
	}
	tk_buf_release(&path);
	if (!tk_zone_rule_parse(name, strlen(name), &rule))
		return tk_zone_unknown(name, err);
	*z = zone_new(name);
	(*z)->table.rule = rule;
	return 0;
}

/* Where the link points to in a zone database: "Europe/Berlin". */
static const char *
localtime_name(char *target, size_t size)
{
	static const char folder[] = "zoneinfo/";
	ssize_t n = readlink("/etc/localtime", target, size - 1);
	char *name;

	if (n < 0)
		return NULL;
	target[n] = '\0';
	name = strstr(target, folder);
	return name == NULL ? NULL : name + strlen(folder);
}

static int
open_local(struct tk_zone **z, struct tk_err *err)
{
	const char *tz = getenv("TZ"), *name;
	char target[256];

	if (tz != NULL) {
		tz += tz[0] == ':';
		if (tz[0] == '\0')
			tz = "UTC";
		if (tz[0] == '/')
			return open_file(z, tz, tz, err);
		if (open_named(z, tz, err) < 0)
			return tk_wrap(err, "$TZ");
		return 0;
	}
	name = localtime_name(target, sizeof(target));
	if (name != NULL && open_builtin(z, name))
		return 0;
	if (access("/etc/localtime", F_OK) < 0 && errno == ENOENT) {
		open_builtin(z, "UTC");
		return 0;
	}
	return open_file(z, name == NULL ? "localtime" : name, "/etc/localtime",
	    err);
}

int
tk_zone_open(struct tk_zone **z, const char *name, struct tk_err *err)
{
	if (name == NULL || name[0] == '\0')
		return open_local(z, err);
	/* POSIX counts these to the west, people to the east. */
	if ((strncmp(name, "UTC", 3) == 0 || strncmp(name, "GMT", 3) == 0) &&
	    (name[3] == '+' || name[3] == '-') && name[4] != '0') {
		tk_fail(err, TK_USAGE,
		    "the time zone '%s' could be east or west of Greenwich",
		    name);
		return tk_hint(err,
		    "use +02:00 for two hours east, -02:00 for west");
	}
	return open_named(z, name, err);
}

static int64_t
floor_div(int64_t n, int64_t by)
{
	return n / by - (n % by < 0);
}

static int64_t
to_ms(int64_t sec)
{
	if (sec > INT64_MAX / 1000)
		return INT64_MAX;
	return sec < INT64_MIN / 1000 ? INT64_MIN : sec * 1000;
}

static const struct cached_span *
span_at(const struct tk_zone *z, int64_t ms)
{
	struct cached_span *c = &z->cache[(uint64_t)ms >> 32 & (CACHED - 1)];
	struct tk_zone_span span;

	if (ms < c->from || ms >= c->to) {
		span = tk_zone_table_at(&z->table, floor_div(ms, 1000));
		*c = (struct cached_span){ to_ms(span.from), to_ms(span.to),
			span.offset };
	}
	return c;
}

int32_t
tk_zone_offset(const struct tk_zone *z, int64_t ms)
{
	return span_at(z, ms)->offset;
}

static int32_t
clamp_day(int64_t day)
{
	if (day > TK_DAY_LIMIT)
		return TK_DAY_LIMIT;
	return day < -TK_DAY_LIMIT ? -TK_DAY_LIMIT : (int32_t)day;
}

int32_t
tk_zone_day(const struct tk_zone *z, int64_t ms)
{
	int64_t local = tk_zone_local(z, ms);

	return clamp_day(floor_div(local, MS_PER_DAY));
}

int64_t
tk_zone_local(const struct tk_zone *z, int64_t ms)
{
	int64_t local;

	if (__builtin_add_overflow(ms, span_at(z, ms)->offset * INT64_C(1000),
		&local))
		return ms;
	return local;
}

int64_t
tk_zone_instant(const struct tk_zone *z, int32_t day, int64_t ms_of_day)
{
	int64_t local, from;
	const struct cached_span *c;

	if (__builtin_add_overflow(clamp_day(day) * (int64_t)MS_PER_DAY,
		ms_of_day, &local) ||
	    __builtin_sub_overflow(local, to_ms(TK_OFFSET_MAX), &from))
		return ms_of_day < 0 ? INT64_MIN : INT64_MAX;
	/* No clock is further ahead than this, so the answer is not before
	 * the span of time that we start with. */
	for (c = span_at(z, from);; c = span_at(z, from)) {
		int64_t t;

		if (__builtin_sub_overflow(local, c->offset * INT64_C(1000),
			&t))
			return INT64_MAX;
		if (t < c->from)
			return c->from;
		if (t < c->to || c->to == INT64_MAX)
			return t;
		from = c->to;
	}
}

int64_t
tk_zone_day_start(const struct tk_zone *z, int32_t day)
{
	return tk_zone_instant(z, day, 0);
}
