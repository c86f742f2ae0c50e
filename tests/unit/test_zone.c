/* Time zones, on our own copy of a few files of the tz database. */
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/time.h"
#include "tap.h"

#define DATA "tests/data/time"
#define DAY(y, m, d) tk_day_from_civil((y), (m), (d))

static struct tk_zone *
open_zone(const char *name)
{
	struct tk_err err = TK_ERR_INIT;
	struct tk_zone *z = NULL;

	if (tk_zone_open(&z, name, &err) < 0)
		printf("# %s\n", err.msg);
	tap_result(z != NULL, name == NULL ? "this machine" : name, __FILE__,
	    __LINE__);
	return z;
}

/* One line of edges.tsv, made with another implementation. */
struct edge {
	char zone[32];
	long long at;
	int before, after, day;
	long long start, next;
};

static int
agrees(const struct tk_zone *z, const struct edge *e)
{
	int64_t at = e->at * 1000;

	return tk_zone_offset(z, at - 1) == e->before &&
	    tk_zone_offset(z, at) == e->after && tk_zone_day(z, at) == e->day &&
	    tk_zone_day_start(z, e->day) == e->start * 1000 &&
	    tk_zone_day_start(z, e->day + 1) == e->next * 1000 &&
	    tk_zone_day(z, e->start * 1000) == e->day &&
	    tk_zone_day(z, e->start * 1000 - 1) < e->day;
}

static void
edges_are_where_others_see_them(void)
{
	FILE *in = fopen(DATA "/edges.tsv", "r");
	struct tk_zone *z = NULL;
	struct edge e;
	char line[256];
	int n = 0, bad = 0;

	if (in == NULL) {
		tap_result(0, DATA "/edges.tsv", __FILE__, __LINE__);
		return;
	}
	while (fgets(line, sizeof(line), in) != NULL) {
		if (sscanf(line, "%31s\t%lld\t%d\t%d\t%d\t%lld\t%lld", e.zone,
			&e.at, &e.before, &e.after, &e.day, &e.start,
			&e.next) != 7)
			continue;
		if (z == NULL || strcmp(tk_zone_name(z), e.zone) != 0) {
			tk_zone_free(z);
			z = open_zone(e.zone);
		}
		n++;
		if (z == NULL || !agrees(z, &e)) {
			printf("# not as in: %s", line);
			bad++;
		}
	}
	fclose(in);
	tk_zone_free(z);
	CHECK(n > 400);
	CHECK(bad == 0);
}

/* The answer must not depend on what was asked before. */
static void
the_cache_does_not_show(void)
{
	struct tk_zone *used = open_zone("Australia/Lord_Howe");
	uint64_t seed = 1;
	int bad = 0;

	for (int i = 0; i < 20000; i++) {
		struct tk_zone *fresh = NULL;
		struct tk_err err;
		int64_t ms;

		seed = seed * 6364136223846793005u + 1442695040888963407u;
		ms = (int64_t)(seed >> 20) - (INT64_C(1) << 42);
		if (i % 100 == 0) {
			tk_zone_open(&fresh, "Australia/Lord_Howe", &err);
			bad += tk_zone_offset(fresh, ms) !=
			    tk_zone_offset(used, ms);
			tk_zone_free(fresh);
		}
		bad += tk_zone_day_start(used, tk_zone_day(used, ms)) > ms;
	}
	CHECK(bad == 0);
	tk_zone_free(used);
}

static void
clocks_jump(void)
{
	struct tk_zone *z = open_zone("Europe/Berlin");
	int64_t hour = 3600000;

	/* 2026-03-29 02:30 is not there; 2026-10-25 02:30 is there twice. */
	CHECK(tk_zone_instant(z, DAY(2026, 3, 29), 5 * hour / 2) ==
	    INT64_C(1774746000000));
	CHECK(tk_zone_instant(z, DAY(2026, 10, 25), 5 * hour / 2) ==
	    INT64_C(1792888200000));
	CHECK(tk_zone_day_start(z, DAY(2026, 3, 30)) -
		tk_zone_day_start(z, DAY(2026, 3, 29)) ==
	    23 * hour);
	CHECK(tk_zone_day_start(z, DAY(2026, 10, 26)) -
		tk_zone_day_start(z, DAY(2026, 10, 25)) ==
	    25 * hour);
	/* Far behind the table, by the rule at the end of the file. */
	CHECK(tk_zone_offset(z, INT64_C(32503680000000)) == 3600);
	CHECK(tk_zone_offset(z, INT64_C(32519232000000)) == 7200);
	/* Before the first transition: local mean time. */
	CHECK(tk_zone_offset(z, INT64_C(-5000000000000)) == 3208);
	tk_zone_free(z);

	z = open_zone("Pacific/Apia");
	CHECK(tk_zone_day_start(z, DAY(2011, 12, 30)) ==
	    tk_zone_day_start(z, DAY(2011, 12, 31)));
	CHECK(tk_zone_day_start(z, DAY(2011, 12, 30)) -
		tk_zone_day_start(z, DAY(2011, 12, 29)) ==
	    24 * hour);
	tk_zone_free(z);
}

static void
posix_strings_are_zones(void)
{
	static const struct {
		const char *tz;
		int32_t january, july; /* of 2026 */
	} cases[] = {
		{ "CET-1CEST,M3.5.0,M10.5.0/3", 3600, 7200 },
		{ "EST5EDT", -18000, -14400 },
		{ "EST5EDT4,M3.2.0,M11.1.0", -18000, -14400 },
		{ "IST-1GMT0,M10.5.0,M3.5.0/1", 0, 3600 },
		{ "<+1030>-10:30<+11>-11,M10.1.0,M4.1.0", 39600, 37800 },
		{ "AAA3BBB,J1/0,J365/23", -7200, -7200 },
		{ "AAA3BBB,0/0,J365/23", -7200, -7200 },
		{ "AAA0BBB,J60/0,J300/-24:30", 0, 3600 },
		{ "AAA-24:59:59", 89999, 89999 },
		{ "UTC0", 0, 0 },
		{ "+05:30", 19800, 19800 },
		{ "-0330", -12600, -12600 },
		{ "+02", 7200, 7200 },
	};

	for (size_t i = 0; i < TK_LEN(cases); i++) {
		struct tk_zone *z = open_zone(cases[i].tz);

		if (z == NULL)
			continue;
		CHECK(tk_zone_offset(z, INT64_C(1768500000000)) ==
		    cases[i].january);
		CHECK(
		    tk_zone_offset(z, INT64_C(1784100000000)) == cases[i].july);
		tk_zone_free(z);
	}
}

static void
other_names_are_refused(void)
{
	static const struct {
		const char *name, *msg;
	} cases[] = {
		{ "Europe/Berln",
		    "no time zone 'Europe/Berln' (did you mean "
		    "'Europe/Berlin'?)" },
		{ "europe/berlin",
		    "no time zone 'europe/berlin' (did you mean "
		    "'Europe/Berlin'?)" },
		{ "sao_paulo",
		    "no time zone 'sao_paulo' (did you mean "
		    "'America/Sao_Paulo'?)" },
		{ "Europe",
		    "no time zone 'Europe' (did you mean 'Europe/Berlin'?)" },
		{ "../edges.tsv", "no time zone '../edges.tsv'" },
		{ "Europe/../Europe/Berlin",
		    "no time zone 'Europe/../Europe/Berlin'" },
		{ "/etc/passwd", "no time zone '/etc/passwd'" },
		{ "Europe//Berlin", NULL },
		{ "Europe/Berlin/", NULL },
		{ "./Europe/Berlin", NULL },
		{ "UTC+2",
		    "the time zone 'UTC+2' could be east or west of "
		    "Greenwich" },
		{ "+25:00", NULL },
		{ "+2", NULL },
		{ "EST5EDT,M3.2.0", NULL },
		{ "EST5EDT,M13.2.0,M11.1.0", NULL },
		{ "EST5EDT,M3.2.0,M11.1.0,", NULL },
		{ "ES5", NULL },
		{ "EST25", NULL },
	};

	for (size_t i = 0; i < TK_LEN(cases); i++) {
		struct tk_err err = TK_ERR_INIT;
		struct tk_zone *z;

		CHECK(tk_zone_open(&z, cases[i].name, &err) == -1);
		CHECK(err.code == TK_USAGE && err.hint[0] != '\0');
		if (cases[i].msg != NULL)
			CHECK_STR(err.msg, cases[i].msg);
	}
}

static void
name_is(const char *tz, const char *name)
{
	struct tk_zone *z;

	setenv("TZ", tz, 1);
	z = open_zone(NULL);
	if (z != NULL)
		CHECK_STR(tk_zone_name(z), name);
	tk_zone_free(z);
	unsetenv("TZ");
}

static void
the_machine_has_a_zone(void)
{
	struct tk_err err = TK_ERR_INIT;
	char path[PATH_MAX];
	struct tk_zone *z;

	name_is("Asia/Beirut", "Asia/Beirut");
	name_is(":Asia/Beirut", "Asia/Beirut");
	name_is("", "UTC");
	name_is(":", "UTC");
	name_is("UTC+2", "UTC+2");
	snprintf(path, sizeof(path), "%s/Asia/Beirut", getenv("TZDIR"));
	name_is(path, path);
	setenv("TZ", "Nowhere", 1);
	CHECK(tk_zone_open(&z, NULL, &err) == -1);
	CHECK_STR(err.msg, "$TZ: no time zone 'Nowhere'");
	unsetenv("TZ");
}

/* Every prefix, and every byte changed: an answer or an error, no crash. */
static void
damaged_files_are_survived(void)
{
	struct tk_err err = TK_ERR_INIT;
	unsigned char bytes[4096];
	FILE *in = fopen(DATA "/zoneinfo/Europe/Berlin", "rb");
	size_t len = in == NULL ? 0 : fread(bytes, 1, sizeof(bytes), in);
	struct tk_zone *z;
	int opened = 0;

	if (in != NULL)
		fclose(in);
	CHECK(len > 1000);
	for (size_t n = 0; n < len; n++) {
		if (tk_zone_open_mem(&z, "x", bytes, n, &err) == 0) {
			opened++;
			tk_zone_free(z);
		}
	}
	/* Only the end of the file's version 2 part makes it whole. */
	CHECK(opened <= 1);
	for (size_t n = 0; n < len; n++) {
		bytes[n] ^= 0xff;
		if (tk_zone_open_mem(&z, "x", bytes, len, &err) == 0) {
			tk_zone_offset(z, INT64_C(1795271527000));
			tk_zone_day_start(z, 20778);
			tk_zone_free(z);
		}
		bytes[n] ^= 0xff;
	}
	CHECK(tk_zone_open_mem(&z, "x", bytes, len, &err) == 0);
	tk_zone_free(z);
}

int
main(void)
{
	char dir[PATH_MAX - 64], tzdir[PATH_MAX];

	if (getcwd(dir, sizeof(dir)) == NULL)
		return 1;
	snprintf(tzdir, sizeof(tzdir), "%s/" DATA "/zoneinfo", dir);
	setenv("TZDIR", tzdir, 1);
	edges_are_where_others_see_them();
	the_cache_does_not_show();
	clocks_jump();
	posix_strings_are_zones();
	other_names_are_refused();
	the_machine_has_a_zone();
	damaged_files_are_survived();
	return tap_done();
}
