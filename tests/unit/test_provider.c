/* What Claude Code says of a session, and limits that are kept. */
#include "provider/claude_status.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "tap.h"

static struct tk_err err;
static const int64_t now = INT64_C(1795311600000);

static int
read_status(struct claude_status *c, const char *text)
{
	return claude_status_read(c, text, strlen(text), now, &err);
}

static void
all_of_it_is_read(void)
{
	struct claude_status c;

	CHECK(read_status(&c,
		  "{\"session_id\":\"s1\",\"cwd\":\"/src/x\","
		  "\"model\":{\"id\":\"m-1\",\"display_name\":\"M 1\"},"
		  "\"workspace\":{\"current_dir\":\"/y\","
		  "\"project_dir\":\"/src/web\"},\"version\":\"2.1.200\","
		  "\"cost\":{\"total_cost_usd\":0.123456789},"
		  "\"context_window\":{\"used_percentage\":23.25,"
		  "\"total_input_tokens\":46000,"
		  "\"context_window_size\":200000},"
		  "\"rate_limits\":{\"five_hour\":{\"used_percentage\":42.5,"
		  "\"resets_at\":1795320000},\"seven_day\":{"
		  "\"used_percentage\":112,"
		  "\"resets_at\":\"2026-11-25T00:00:00Z\"}}}") == 0);
	CHECK_STR(c.session, "s1");
	CHECK_STR(c.model, "M 1");
	CHECK_STR(c.model_id, "m-1");
	CHECK_STR(c.project, "/src/web");
	CHECK_STR(c.version, "2.1.200");
	CHECK(c.has_cost && c.cost == 123456789000);
	CHECK(c.context_used == 232500 && c.context_tokens == 46000);
	CHECK(c.limits.n == 2);
	CHECK(provider_limits_find(&c.limits, "five_hour")->used == 425000);
	CHECK(provider_limits_find(&c.limits, "five_hour")->resets_at ==
	    INT64_C(1795320000000));
	CHECK(provider_limits_find(&c.limits, "seven_day")->used == 1120000);
	CHECK(provider_limits_find(&c.limits, "seven_day")->resets_at ==
	    INT64_C(1795564800000));
	CHECK(provider_limits_find(&c.limits, "other") == NULL);
}

/* As the bugs of some versions had it, and those of the next may. */
static void
odd_values_are_not_known(void)
{
	static const char *const odd[] = {
		"{\"five_hour\":{\"used_percentage\":1795320000,"
		"\"resets_at\":1795320000}}",
		"{\"five_hour\":{\"used_percentage\":null}}",
		"{\"five_hour\":{\"used_percentage\":-1}}",
		"{\"five_hour\":{\"used_percentage\":\"42\"}}",
		"{\"five_hour\":{\"used_percentage\":1e999}}",
		"{\"five_hour\":{\"resets_at\":1795320000}}",
		"{\"five_hour\":null}",
		"{\"five_hour\":[1,{\"used_percentage\":4}]}",
		"{\"a name\\n\":{\"used_percentage\":4}}",
		"{\"\":{\"used_percentage\":4}}",
		"{\"FIVE\":{\"used_percentage\":4}}",
		"{\"a_name_that_is_longer_than_any_of_them\":"
		"{\"used_percentage\":4}}",
		"[]",
		"null",
		"7",
	};

	for (size_t i = 0; i < sizeof(odd) / sizeof(*odd); i++) {
		struct tk_buf b = TK_BUF_INIT;
		struct claude_status c;

		tk_buf_addf(&b, "{\"rate_limits\":%s,\"session_id\":\"s\"}",
		    odd[i]);
		CHECK(read_status(&c, b.s) == 0);
		CHECK(c.limits.n == 0);
		CHECK_STR(c.session, "s");
		tk_buf_release(&b);
	}
}

static void
missing_things_are_not_known(void)
{
	struct claude_status c;

	CHECK(read_status(&c, "{}") == 0);
	CHECK(!c.has_cost && c.context_used == -1 && c.limits.n == 0);
	CHECK(read_status(&c,
		  "{\"model\":\"m-2\",\"cwd\":\"/a\",\"cost\":{\"total_cost_usd"
		  "\":\"x\"},\"context_window\":{\"total_input_tokens\":50,"
		  "\"context_window_size\":200}}") == 0);
	CHECK_STR(c.model, "m-2");
	CHECK_STR(c.project, "/a");
	CHECK(!c.has_cost && c.context_used == 250000);
	CHECK(read_status(&c,
		  "{\"context_window\":{\"total_input_tokens\":5,"
		  "\"context_window_size\":0}}") == 0);
	CHECK(c.context_used == -1);
}

/* Found by fuzzing: the time was taken though it is none. */
static void
a_time_before_1970_is_not_known(void)
{
	struct claude_status c;

	CHECK(read_status(&c,
		  "{\"rate_limits\":{\"five_hour\":{\"used_percentage\":1,"
		  "\"resets_at\":\"1926-11-25T00:00:00Z\"},\"seven_day\":{"
		  "\"used_percentage\":1,\"resets_at\":-5}}}") == 0);
	CHECK(c.limits.n == 2);
	CHECK(c.limits.v[0].resets_at == 0 && c.limits.v[1].resets_at == 0);
}

static void
junk_is_refused_and_harmless(void)
{
	struct claude_status c;

	CHECK(read_status(&c, "") < 0 && err.code == TK_DATA);
	CHECK(read_status(&c, "hello") < 0);
	CHECK(read_status(&c, "[1]") < 0);
	CHECK(read_status(&c, "{\"session_id\":\"s\"") < 0);
	CHECK_STR(c.session, "s");
	CHECK(read_status(&c, "{\"session_id\":\"\\u001b[2J\\n\xff\"}") == 0);
	CHECK_STR(c.session, "?[2J?\xef\xbf\xbd");
}

static void
the_newest_word_counts(void)
{
	struct provider_limits l = { .n = 0 };
	struct provider_limit a = { "five_hour", 1000, now + 5, now };

	CHECK(provider_limits_put(&l, &a));
	a.used = 2000;
	a.seen_at = now - 1;
	CHECK(!provider_limits_put(&l, &a) && l.v[0].used == 1000);
	a.seen_at = now + 1;
	CHECK(provider_limits_put(&l, &a) && l.v[0].used == 2000 && l.n == 1);
	CHECK(!provider_limit_is_over(&l.v[0], now + 4));
	CHECK(provider_limit_is_over(&l.v[0], now + 5));
	for (int i = 0; i < 40; i++) {
		snprintf(a.name, sizeof(a.name), "limit_%d", i);
		provider_limits_put(&l, &a);
	}
	CHECK(l.n == PROVIDER_LIMITS_MAX);
}

static void
limits_are_kept(void)
{
	char path[] = "/tmp/tokctl-limits.XXXXXX";
	struct provider_limits l = { .n = 0 }, back;
	int fd = mkstemp(path);

	close(fd);
	unlink(path);
	CHECK(provider_limits_load(&back, path, &err) == 0 && back.n == 0);
	provider_limits_put(&l,
	    &(struct provider_limit){ "five_hour", 425001, now + 5, now });
	provider_limits_put(&l,
	    &(struct provider_limit){ "seven_day", 0, 0, now });
	CHECK(provider_limits_save(&l, path, &err) == 0);
	CHECK(provider_limits_load(&back, path, &err) == 0 && back.n == 2);
	for (size_t i = 0; i < back.n; i++) {
		CHECK_STR(back.v[i].name, l.v[i].name);
		CHECK(back.v[i].used == l.v[i].used &&
		    back.v[i].resets_at == l.v[i].resets_at &&
		    back.v[i].seen_at == l.v[i].seen_at);
	}
	CHECK(tk_write_state(path, "{}", 2, &err) == 0);
	CHECK(provider_limits_load(&back, path, &err) < 0);
	CHECK(err.code == TK_DATA && back.n == 0);
	unlink(path);
}

int
main(void)
{
	all_of_it_is_read();
	odd_values_are_not_known();
	missing_things_are_not_known();
	a_time_before_1970_is_not_known();
	junk_is_refused_and_harmless();
	the_newest_word_counts();
	limits_are_kept();
	return tap_done();
}
