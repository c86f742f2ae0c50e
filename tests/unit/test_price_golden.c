/* Every case of tests/data/price/golden.jsonl, to the pico-dollar. */
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>

#include "ledger/record.h"
#include "price/price.h"
#include "price/price_int.h"
#include "tap.h"

static int64_t
number(const json_t *o, const char *key)
{
	return json_integer_value(json_object_get(o, key));
}

static struct price_usage
usage_of(const json_t *o)
{
	const char *time = json_string_value(json_object_get(o, "timestamp"));
	struct price_usage u = {
		.provider = json_string_value(json_object_get(o, "provider")),
		.model = json_string_value(json_object_get(o, "model")),
		.input = number(o, "input"),
		.output = number(o, "output"),
		.cache_read = number(o, "cache_read"),
		.cache_write_5m = number(o, "cache_write_5m"),
		.cache_write_1h = number(o, "cache_write_1h"),
		.reasoning = number(o, "reasoning"),
	};

	if (json_is_true(json_object_get(o, "batch")))
		u.tier = TIER_BATCH;
	CHECK(price_time_parse(time, strlen(time), &u.time));
	return u;
}

static void
check_case(const struct price_book *pb, const json_t *o)
{
	struct price_usage u = usage_of(o);
	const char *want =
	    json_string_value(json_object_get(o, "expected_pusd"));
	struct tk_err err = TK_ERR_INIT;
	char got[32] = "null";
	int64_t cost;

	if (price_cost(pb, &u, &cost, &err) > 0)
		snprintf(got, sizeof(got), "%" PRId64, cost);
	CHECK_STR(got, want != NULL ? want : "null");
	if (strcmp(got, want != NULL ? want : "null") != 0)
		printf("# %s %s\n", json_string_value(json_object_get(o, "id")),
		    u.model);
}

int
main(void)
{
	FILE *in = fopen("tests/data/price/golden.jsonl", "r");
	struct price_book *pb, *examples;
	struct tk_err err = TK_ERR_INIT;
	char *line = NULL;
	size_t cap = 0;
	int n = 0;

	CHECK(in != NULL);
	CHECK(price_book_open(&pb, NULL, &err) == 0);
	CHECK(price_book_load(&examples, "config/examples.yaml", &err) == 0);
	while (in != NULL && getline(&line, &cap, in) >= 0) {
		json_t *o = json_loads(line, 0, NULL);

		check_case(json_object_get(o, "book") != NULL ? examples : pb,
		    o);
		json_decref(o);
		n++;
	}
	CHECK(n == 232);
	free(line);
	if (in != NULL)
		fclose(in);
	price_book_close(examples);
	price_book_close(pb);
	return tap_done();
}
