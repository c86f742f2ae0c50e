/* The rules of a price book, one by one, on tests/data/price/rules.yaml. */
#include "price/price.h"

#include <inttypes.h>
#include <stdint.h>

#include "ledger/record.h"
#include "price/price_int.h"
#include "tap.h"

static struct price_book *pb;

static int64_t
at(const char *text)
{
	int64_t ms = -1;

	if (!price_time_parse(text, strlen(text), &ms))
		CHECK(!"a time");
	return ms;
}

/* The cost in pico-dollars as text, "null", or the message of an error. */
static const char *
cost(struct price_usage u)
{
	static char text[600];
	struct tk_err err = TK_ERR_INIT;
	int64_t pico = 0;
	int rc = price_cost(pb, &u, &pico, &err);

	if (rc > 0)
		snprintf(text, sizeof(text), "%" PRId64, pico);
	else
		snprintf(text, sizeof(text), "%s", rc < 0 ? err.msg : "null");
	return text;
}

#define NOW .time = INT64_C(1790000000000) /* 2026-09-21, a Monday, 14:13 */
#define COST(...) cost((struct price_usage){ __VA_ARGS__ })

static const char *
id_of(const char *provider, const char *model)
{
	const struct price_model *m = price_resolve(pb, provider, model);

	return m != NULL ? price_model_id(m) : "unknown";
}

static void
periods_begin_at_their_time(void)
{
	struct price_usage u = { .model = "m-plain", .input = 1, .output = 1 };

	u.time = INT64_MIN;
	CHECK_STR(cost(u), "12000000");
	u.time = -1;
	CHECK_STR(cost(u), "12000000");
	u.time = at("2025-06-01") - 1;
	CHECK_STR(cost(u), "12000000");
	u.time++;
	CHECK_STR(cost(u), "8000000");
	u.time = at("2026-01-01T12:15:00Z") - 1;
	CHECK_STR(cost(u), "8000000");
	u.time++;
	CHECK_STR(cost(u), "5004000000");
	u.time = INT64_MAX;
	CHECK_STR(cost(u), "5004000000");
}

static void
cache_prices_fall_back(void)
{
	CHECK_STR(COST(NOW, .model = "m-cache", .cache_read = 10), "1000000");
	CHECK_STR(COST(NOW, .model = "m-cache", .cache_write_5m = 1),
	    "1250000");
	CHECK_STR(COST(NOW, .model = "m-cache", .cache_write_1h = 1),
	    "2000000");
	CHECK_STR(COST(NOW, .model = "m-cache", .cache_write_other = 1),
	    "1250000");
	CHECK_STR(COST(NOW, .model = "m-cache", .cache_write_12h = 1),
	    "1250000");
	CHECK_STR(COST(NOW, .model = "m-generic", .cache_write_5m = 1),
	    "1500000");
	CHECK_STR(COST(NOW, .model = "m-generic", .cache_write_1h = 1),
	    "1500000");
	CHECK_STR(COST(NOW, .model = "m-generic", .cache_write_12h = 1),
	    "3000000");
	CHECK_STR(COST(NOW, .model = "m-generic", .cache_read = 1), "1000000");
	CHECK_STR(COST(NOW, .model = "m-tier", .cache_write_1h = 1), "1000000");
}

static void
reasoning_is_part_of_the_output(void)
{
	CHECK_STR(COST(NOW, .model = "m-cache", .output = 10, .reasoning = 4),
	    "20000000");
	CHECK_STR(COST(NOW, .model = "m-think", .output = 10, .reasoning = 4),
	    "60000000");
	CHECK_STR(COST(NOW, .model = "m-think", .output = 10, .reasoning = 10),
	    "30000000");
	/* A log that counts it outside: never more than the output. */
	CHECK_STR(COST(NOW, .model = "m-think", .output = 10, .reasoning = 99),
	    "30000000");
	CHECK_STR(COST(NOW, .model = "m-think", .citation = 1), "2000000");
	CHECK_STR(COST(NOW, .model = "m-cache", .citation = 1), "1000000");
}

static void
media_have_prices_or_fall_back(void)
{
	CHECK_STR(COST(NOW, .model = "m-media", .audio_input = 1,
		      .audio_output = 1),
	    "30000000");
	CHECK_STR(COST(NOW, .model = "m-media", .image_input = 1), "5000000");
	CHECK_STR(COST(NOW, .model = "m-media", .image_output = 1), "2000000");
	CHECK_STR(COST(NOW, .model = "m-media", .image_cache_read = 1),
	    "250000");
	CHECK_STR(COST(NOW, .model = "m-media", .audio_cache_read = 1),
	    "500000");
	CHECK_STR(COST(NOW, .model = "m-media", .video_input = 1,
		      .video_output = 1),
	    "3000000");
}

static void
tiers_move_the_whole_request(void)
{
	CHECK_STR(COST(NOW, .model = "m-tier", .input = 100, .output = 1),
	    "102000000");
	CHECK_STR(COST(NOW, .model = "m-tier", .input = 101, .output = 1),
	    "204000000");
	CHECK_STR(COST(NOW, .model = "m-tier", .input = 1, .cache_read = 50,
		      .cache_write_5m = 25, .cache_write_1h = 25),
	    "107000000");
	CHECK_STR(COST(NOW, .model = "m-tier", .input = 1, .cache_read = 1000,
		      .output = 1),
	    "109000000");
	/* The output does not count, and neither does a total. */
	CHECK_STR(COST(NOW, .model = "m-tier", .input = 1, .output = 5000),
	    "10001000000");
	CHECK_STR(COST(NOW, .model = "m-tier", .unsplit = 5000), "10000000000");
	CHECK_STR(COST(NOW, .model = "m-tier", .input = 1001,
		      .tier = TIER_BATCH),
	    "2002000000");
}

static void
windows_hold_on_their_days(void)
{
	struct price_usage u = { .model = "m-window", .input = 1, .output = 1 };

	u.time = at("2026-09-21T16:29:59Z"); /* a Monday */
	CHECK_STR(cost(u), "12000000");
	u.time = at("2026-09-21T16:30:00Z");
	CHECK_STR(cost(u), "10000000");
	u.time = at("2026-09-22T00:29:59Z");
	CHECK_STR(cost(u), "10000000");
	u.time = at("2026-09-22T00:30:00Z");
	CHECK_STR(cost(u), "12000000");
	u.time = at("2026-09-22T01:00:00Z");
	CHECK_STR(cost(u), "104000000");
	u.time = at("2026-09-22T04:00:00Z");
	CHECK_STR(cost(u), "12000000");
	u.time = at("2026-09-26T01:00:00Z"); /* a Saturday */
	CHECK_STR(cost(u), "12000000");
	/* "sun" 22:00-02:00 ends on Monday; the last window that holds wins */
	u.time = at("2026-09-27T22:00:00Z");
	CHECK_STR(cost(u), "15000000");
	u.time = at("2026-09-28T00:00:00Z");
	CHECK_STR(cost(u), "15000000");
	u.time = at("2026-09-28T01:59:59Z");
	CHECK_STR(cost(u), "107000000");
	u.time = at("2026-09-28T02:00:00Z");
	CHECK_STR(cost(u), "104000000");
	u.time = at("2026-09-27T00:45:00Z"); /* Sunday, before it */
	CHECK_STR(cost(u), "12000000");
	u.time = -at("1970-01-02"); /* before 1970, a Wednesday, 00:00 */
	CHECK_STR(cost(u), "10000000");
}

static void
modes_multiply_or_replace(void)
{
	struct price_usage u = { NOW, .model = "m-plain", .input = 1,
		.output = 1, .cache_read = 1 };

	u.tier = TIER_STANDARD;
	CHECK_STR(cost(u), "5005000000");
	u.tier = TIER_BATCH; /* fees stay */
	CHECK_STR(cost(u), "5002500000");
	u.tier = TIER_FLEX; /* cache_read takes the changed price of input */
	CHECK_STR(cost(u), "5003500000");
	u.tier = TIER_PRIORITY;
	CHECK_STR(cost(u), "5007000003");
	u.tier = TIER_FAST;
	CHECK_STR(cost(u), "5028000000");
	/* Who has no such mode charges as ever. */
	u.model = "m-cache";
	CHECK_STR(cost(u), "3100000");
}

static void
rounds_once_half_to_even(void)
{
	static const char book[] =
	    "schema: tokctl-prices/1\n"
	    "models: [{id: a, provider: p, prices: [{input: '0.000001',\n"
	    "  output: '0.000003', batch: {all: x0.5}, flex: {all: x0.25}}]}]";
	struct price_book *all = pb;
	struct tk_err err = TK_ERR_INIT;

	CHECK(price_book_read(&pb, book, strlen(book), "x", PRICE_READ_ALONE,
		  &err) == 0);
	CHECK_STR(COST(NOW, .model = "a", .input = 1, .tier = 1), "0");
	CHECK_STR(COST(NOW, .model = "a", .input = 3, .tier = 1), "2");
	CHECK_STR(COST(NOW, .model = "a", .input = 5, .tier = 1), "2");
	CHECK_STR(COST(NOW, .model = "a", .input = 1, .output = 1, .tier = 1),
	    "2");
	CHECK_STR(COST(NOW, .model = "a", .input = 1, .tier = 2), "0");
	CHECK_STR(COST(NOW, .model = "a", .output = 1, .tier = 2), "1");
	price_book_close(pb);
	pb = all;
}

static void
fees_are_for_the_call(void)
{
	CHECK_STR(COST(NOW, .model = "m-plain", .web_searches = 2,
		      .file_searches = 3),
	    "32500000000");
	CHECK_STR(COST(NOW, .model = "m-cache", .input = 1, .web_searches = 2),
	    "1000000");
}

static void
regions_cost_more(void)
{
	CHECK_STR(COST(NOW, .model = "m-plain", .input = 10, .regional = true),
	    "5011000000");
	CHECK_STR(COST(NOW, .model = "m-plain", .input = 10, .regional = true,
		      .tier = TIER_BATCH),
	    "5005500000");
	CHECK_STR(COST(NOW, .model = "m-cache", .input = 1, .regional = true),
	    "1000000");
}

static void
a_total_costs_the_dearer(void)
{
	CHECK_STR(COST(NOW, .model = "m-cache", .unsplit = 10), "20000000");
	CHECK_STR(COST(NOW, .model = "m-embed", .unsplit = 10), "200000");
	CHECK_STR(COST(NOW, .model = "m-hours", .unsplit = 10), "null");
}

static void
what_has_no_price_is_unknown(void)
{
	CHECK_STR(COST(NOW, .model = "nothing", .input = 1), "null");
	CHECK_STR(COST(NOW, .model = "m-hours", .input = 1), "null");
	CHECK_STR(COST(NOW, .model = "m-hours"), "null");
	CHECK_STR(COST(NOW, .model = "m-cache"), "0");
	CHECK_STR(COST(NOW, .model = "m-embed", .input = 1, .output = 9),
	    "20000");
	CHECK_STR(COST(NOW, .model = ""), "null");
	CHECK_STR(COST(NOW, .model = NULL), "null");
}

static void
cannot_be_counted(void)
{
	CHECK_STR(COST(NOW, .model = "m-cache", .input = INT64_MAX),
	    "a call of 'm-cache' costs more than can be counted");
	CHECK_STR(COST(NOW, .model = "m-plain", .regional = true,
		      .input = INT64_MAX, .output = INT64_MAX,
		      .cache_read = INT64_MAX, .tier = TIER_FAST),
	    "a call of 'm-plain' costs more than can be counted");
	CHECK_STR(COST(NOW, .model = "m-cache", .input = 9223372036854),
	    "9223372036854000000");
	CHECK_STR(COST(NOW, .model = "m-cache", .input = 9223372036855),
	    "a call of 'm-cache' costs more than can be counted");
	CHECK_STR(COST(NOW, .model = "m-cache", .input = -1),
	    "a call of 'm-cache' cannot have a negative count");
	CHECK_STR(COST(NOW, .model = "m-cache", .reasoning = -1),
	    "a call of 'm-cache' cannot have a negative count");
}

static void
names_are_found(void)
{
	CHECK_STR(id_of(NULL, "m-plain"), "m-plain");
	CHECK_STR(id_of(NULL, "  M Plain"), "m-plain");
	CHECK_STR(id_of(NULL, "m plain ONE"), "m-plain");
	CHECK_STR(id_of("maker", "m-plain"), "m-plain");
	CHECK_STR(id_of("Maker", "m-plain"), "m-plain");
	CHECK_STR(id_of("mk", "m-plain"), "m-plain");
	CHECK_STR(id_of("", "m-plain"), "m-plain");
	CHECK_STR(id_of(NULL, "m-plain-2025-01-31"), "m-plain");
	CHECK_STR(id_of(NULL, "m-plain-20250131"), "m-plain");
	CHECK_STR(id_of(NULL, "m-plain-2026-02-03"), "m-plain");
	CHECK_STR(id_of(NULL, "m-plain@20260203"), "m-plain");
	CHECK_STR(id_of(NULL, "m-plain-latest"), "m-plain");
	CHECK_STR(id_of(NULL, "m-plain-20260203-v1:0"), "m-plain");
	CHECK_STR(id_of(NULL, "m-plain[1m]"), "m-plain");
	CHECK_STR(id_of(NULL, "m-plain-77"), "unknown");
	CHECK_STR(id_of(NULL, "m-plain-x"), "unknown");
	CHECK_STR(id_of(NULL, "m-glob-long-7b"), "m-glob-long");
	CHECK_STR(id_of(NULL, "m-glob-lang-7b"), "m-glob-long");
	CHECK_STR(id_of(NULL, "m-glob-long-b"), "m-glob");
	CHECK_STR(id_of(NULL, "x/y glob-deep z"), "m-glob");
	CHECK_STR(id_of(NULL, "m-new"), "m-new");
}

static void
providers_are_chosen(void)
{
	CHECK_STR(id_of(NULL, "maker/m-plain"), "m-plain");
	/* What a name is without the prefix goes before a pattern that fits
	 * it with the prefix, and so does a longer pattern. */
	CHECK_STR(id_of(NULL, "m-beside-glob-deep"), "m-beside-glob-deep");
	CHECK_STR(id_of(NULL, "maker/m-beside-glob-deep"),
	    "m-beside-glob-deep");
	CHECK_STR(id_of("mk", "maker/m-beside-glob-deep"),
	    "m-beside-glob-deep");
	CHECK_STR(id_of(NULL, "reseller/maker/m-beside-glob-deep"),
	    "m-beside-glob-deep");
	CHECK_STR(id_of(NULL, "mk/m-glob-long-7-glob-deep"), "m-glob-long");
	CHECK_STR(id_of(NULL, "maker/m-beside-glob-deeper"), "m-glob");
	CHECK_STR(id_of(NULL, "host/maker/m-plain"), "maker/m-plain");
	CHECK_STR(id_of("host", "maker/m-plain"), "maker/m-plain");
	CHECK_STR(id_of(NULL, "host.m-plain-v1:0"), "host.m-plain-v1:0");
	CHECK_STR(id_of(NULL, "m-special-7"), "m-special");
	/* A host sells what it lists, a reseller what others do, too. */
	CHECK_STR(id_of("host", "m-cache"), "unknown");
	CHECK_STR(id_of(NULL, "host/m-cache"), "unknown");
	CHECK_STR(id_of("reseller", "m-cache"), "m-cache");
	CHECK_STR(id_of("reseller", "maker/m-cache"), "m-cache");
	CHECK_STR(id_of(NULL, "reseller/maker/m-cache"), "m-cache");
	CHECK_STR(id_of("reseller", "reseller/maker/m-cache"), "m-cache");
	CHECK_STR(id_of("maker", "m-special"), "m-special");
	CHECK_STR(id_of("nobody", "m-plain"), "unknown");
	CHECK_STR(id_of(NULL, "nobody/m-plain"), "unknown");
	CHECK_STR(id_of(NULL, "maker/"), "unknown");
	CHECK_STR(id_of("/", "m-plain"), "unknown");
}

static void
who_is_paid_follows_from_the_name(void)
{
	CHECK_STR(price_provider_of(pb, "M Plain"), "maker");
	CHECK_STR(price_provider_of(pb, "m-special-7"), "other");
	CHECK_STR(price_provider_of(pb, "mk/m-plain"), "maker");
	CHECK_STR(price_provider_of(pb, "host/maker/m-plain"), "host");
	/* It sells at the maker's price, and is paid. */
	CHECK_STR(price_provider_of(pb, "reseller/m-cache"), "reseller");
	CHECK_STR(price_provider_of(pb, "host/no-such-model"), "host");
	CHECK_STR(price_provider_of(pb, "m-no-such-model"), "maker");
	CHECK(price_provider_of(pb, "no-such-model") == NULL);
	CHECK(price_provider_of(pb, "") == NULL);
	CHECK(price_provider_of(pb, NULL) == NULL);
}

static void
long_names_are_unknown(void)
{
	char name[600];

	for (size_t n = 90; n < sizeof(name) - 1; n += 7) {
		memset(name, 'm', n);
		name[n] = '\0';
		CHECK(price_resolve(pb, NULL, name) == NULL);
		CHECK(price_resolve(pb, name, "m-plain") == NULL);
		CHECK(price_resolve(pb, name, name) == NULL);
		CHECK(price_provider_of(pb, name) == NULL);
	}
}

static void
what_was_asked_is_remembered_well(void)
{
	char name[32];

	for (int round = 0; round < 2; round++) {
		for (int i = 0; i < 2000; i++) {
			snprintf(name, sizeof(name), "m-glob-%d", i);
			if (strcmp(id_of(NULL, name), "m-glob") != 0)
				CHECK(!"m-glob");
			if (strcmp(id_of("host", name), "unknown") != 0)
				CHECK(!"unknown");
		}
	}
	/* The same bytes, split otherwise. */
	CHECK_STR(id_of("maker", "m-plain"), "m-plain");
	CHECK_STR(id_of("", "m-plain"), "m-plain");
	CHECK_STR(id_of("makerm-", "plain"), "unknown");
}

static void
facts_are_told(void)
{
	const struct price_model *m = price_resolve(pb, NULL, "m-plain");
	int64_t in, out, from;
	struct price_facts f;
	bool exact;

	CHECK_STR(price_tokenizer(m, &exact), "o200k_base");
	CHECK(exact);
	CHECK_STR(price_provider(m), "maker");
	CHECK(price_context(m) == 1000);
	price_facts(pb, m, &f);
	CHECK_STR(f.name, "Plain");
	CHECK_STR(f.source, "for the tests, 1");
	CHECK(!f.built_in && f.aliases == 2 && f.matches == 0);
	CHECK_STR(price_alias(m, 0), "M Plain One");
	CHECK(f.regional == 1100000);
	CHECK_STR(price_basis_at(pb, m, at("2025-07-01"), &from), "vendor");
	CHECK(from == at("2025-06-01"));
	CHECK(price_rate_at(pb, m, PRICE_CACHE_WRITE, at("2025-07-01")) ==
	    2000000);
	m = price_resolve(pb, NULL, "m-cache");
	CHECK_STR(price_tokenizer(m, &exact), "secret");
	CHECK(!exact);
	m = price_resolve(pb, NULL, "m-embed");
	CHECK(price_tokenizer(m, &exact) == NULL);
	CHECK(price_rate_at(pb, m, PRICE_OUTPUT, 0) == -1);
	CHECK(
	    price_ceiling(pb, &in, &out) && in == 15000000 && out == 75000000);
	CHECK_STR(price_as_of(pb), "2026-11-21");
}

static int
print_row(const struct price_row *r, void *data)
{
	struct tk_buf *b = data;

	tk_buf_addf(b, "%s%s %s=%" PRId64 "%s;", r->when, r->fee ? "!" : "",
	    r->name, r->value, r->multiplies ? "x" : "");
	return 0;
}

static void
rows_list_everything(void)
{
	struct tk_buf b = TK_BUF_INIT;

	price_rows(pb, price_resolve(pb, NULL, "m-window"), print_row, &b);
	CHECK_STR(b.s,
	    " input=4000000; output=8000000;"
	    "16:30-00:30 input=2000000;"
	    "01:00-04:00 mon-fri output=100000000;"
	    "22:00-02:00 sun input=7000000;");
	tk_buf_reset(&b);
	price_rows(pb, price_resolve(pb, NULL, "m-tier"), print_row, &b);
	CHECK_STR(b.s,
	    " input=1000000; cache_read=100000; output=2000000;"
	    "above 100 input=2000000;"
	    "above 1000 input=4000000;above 1000 output=5000000;"
	    "batch all=500000x;");
	tk_buf_reset(&b);
	price_rows(pb, price_resolve(pb, NULL, "m-hours"), print_row, &b);
	CHECK_STR(b.s, "fee! audio_hour=360000000000;");
	tk_buf_release(&b);
}

static int
count_model(const struct price_model *m, void *data)
{
	(void)m;
	++*(int *)data;
	return 0;
}

static void
each_model_comes_once(void)
{
	int n = 0;

	CHECK(price_each(pb, count_model, &n) == 0);
	CHECK(n == 16);
}

int
main(void)
{
	struct tk_err err = TK_ERR_INIT;

	if (price_book_load(&pb, "tests/data/price/rules.yaml", &err) < 0) {
		printf("Bail out! %s\n", err.msg);
		return 1;
	}
	periods_begin_at_their_time();
	cache_prices_fall_back();
	reasoning_is_part_of_the_output();
	media_have_prices_or_fall_back();
	tiers_move_the_whole_request();
	windows_hold_on_their_days();
	modes_multiply_or_replace();
	rounds_once_half_to_even();
	fees_are_for_the_call();
	regions_cost_more();
	a_total_costs_the_dearer();
	what_has_no_price_is_unknown();
	cannot_be_counted();
	names_are_found();
	providers_are_chosen();
	who_is_paid_follows_from_the_name();
	long_names_are_unknown();
	what_was_asked_is_remembered_well();
	facts_are_told();
	rows_list_everything();
	each_model_comes_once();
	price_book_close(pb);
	return tap_done();
}
