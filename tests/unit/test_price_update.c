/* Taking prices from the lists of LiteLLM, models.dev and genai-prices. */
#include "price/update.h"

#include <inttypes.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/file.h"
#include "price/price_int.h"
#include "tap.h"

static int64_t
at(const char *text)
{
	int64_t ms = -1;

	if (!price_time_parse(text, strlen(text), &ms))
		CHECK(!"a time");
	return ms;
}

static int
print_diff(const struct price_diff *d, void *data)
{
	tk_buf_addf(data, "%s%s/%s %s%s%s: %" PRId64 " %" PRId64 "\n",
	    d->new_model ? "+" : "", d->provider, d->model, d->when,
	    *d->when != '\0' ? " " : "", d->part, d->before, d->after);
	return 0;
}

/* One run over a user's file, which is changed as it is on disk. */
struct run {
	struct tk_buf file;  /* the user's */
	struct tk_buf diffs; /* what is different, then counts, warnings */
	struct tk_err err;
	int rc;
};

static void
run_text(struct run *r, const char *text, size_t len, const char *from,
    struct price_update_options o)
{
	struct tk_buf after = TK_BUF_INIT;
	struct price_update_counts n;
	struct price_update *u = NULL;
	struct price_book *pb;
	const char *old = r->file.len > 0 ? r->file.s : NULL;

	o.from = at(from);
	tk_buf_reset(&r->diffs);
	r->rc = old == NULL ? price_book_open(&pb, NULL, &r->err)
			    : price_book_read(&pb, old, r->file.len, "mine",
				  PRICE_READ_OVER, &r->err);
	if (r->rc < 0)
		return;
	r->rc = price_update_new(&u, pb, text, len, &o, &r->err);
	if (r->rc == 0) {
		price_update_each(u, print_diff, &r->diffs);
		price_update_count(u, &n);
		tk_buf_addf(&r->diffs,
		    "%s: %zu read, %zu elsewhere, %zu same, %zu changed, "
		    "%zu new, %zu kept, %zu other\n",
		    n.format, n.read, n.elsewhere, n.same, n.changed, n.added,
		    n.kept, n.other);
		for (size_t i = 0; price_update_warning(u, i) != NULL; i++)
			tk_buf_addf(&r->diffs, "%s\n",
			    price_update_warning(u, i));
		r->rc = price_update_write(u, old, r->file.len, "mine", &after,
		    &r->err);
	}
	if (r->rc == 0) {
		tk_buf_release(&r->file);
		r->file = after;
	} else {
		tk_buf_release(&after);
	}
	price_update_free(u);
	price_book_close(pb);
}

static void
run_file(struct run *r, const char *name, const char *from)
{
	struct tk_buf text = TK_BUF_INIT;
	char path[200];

	snprintf(path, sizeof(path), "tests/data/price/%s", name);
	CHECK(tk_read_file(path, 1 << 20, &text, &r->err) == 0);
	run_text(r, text.s, text.len, from,
	    (struct price_update_options){ .file = path });
	tk_buf_release(&text);
}

#define RUN_INIT \
	{ \
		.file = TK_BUF_INIT, .diffs = TK_BUF_INIT \
	}

static void
run_release(struct run *r)
{
	tk_buf_release(&r->file);
	tk_buf_release(&r->diffs);
}

/* The cost of one input token, by the user's file over the built-in one. */
static const char *
cost(const struct run *r, const char *provider, const char *model,
    const char *time)
{
	static char text[40];
	struct price_usage u = { .provider = provider,
		.model = model,
		.time = at(time),
		.input = 1 };
	struct tk_err err = TK_ERR_INIT;
	struct price_book *pb;
	int64_t pico;
	int rc;

	CHECK(price_book_read(&pb, r->file.s, r->file.len, "mine",
		  PRICE_READ_OVER, &err) == 0);
	rc = price_cost(pb, &u, &pico, &err);
	snprintf(text, sizeof(text), "%" PRId64, rc > 0 ? pico : -1);
	price_book_close(pb);
	return text;
}

static void
litellm(void)
{
	struct run r = RUN_INIT;

	run_file(&r, "litellm.json", "2026-11-21");
	CHECK_STR(r.diffs.s,
	    "openai/gpt-4o input: 2500000 2000000\n"
	    "openai/gpt-4o cache_read: 1250000 1000000\n"
	    "openai/gpt-4o priority input: 3400000 4250000\n"
	    "anthropic/claude-sonnet-4-5 input: 3000000 2000000\n"
	    "anthropic/claude-sonnet-4-5 cache_read: 300000 200000\n"
	    "anthropic/claude-sonnet-4-5 cache_write_5m: 3750000 2500000\n"
	    "anthropic/claude-sonnet-4-5 above 200000 input: 6000000 "
	    "4000000\n"
	    "anthropic/claude-sonnet-4-5 above 200000 cache_read: 600000 "
	    "400000\n"
	    "anthropic/claude-sonnet-4-5 above 200000 cache_write_5m: "
	    "7500000 5000000\n"
	    "+google/gemini-9-ultra input: -1 2999990\n"
	    "+google/gemini-9-ultra output: -1 11000000\n"
	    "+google/gemini-9-ultra reasoning: -1 12000000\n"
	    "+google/gemini-9-ultra audio_input: -1 1000000\n"
	    "+azure/gpt-4o input: -1 2750000\n"
	    "+azure/gpt-4o output: -1 11000000\n"
	    "litellm: 13 read, 1 elsewhere, 3 same, 2 changed, 2 new, "
	    "2 kept, 1 other\n"
	    "'claude-sonnet-4-5': 2.00000000000000002e-06 is rounded to "
	    "whole pico-dollars\n"
	    "'gemini/gemini-9-ultra': 2.9999900000000002e-06 is rounded to "
	    "whole pico-dollars\n"
	    "'claude-sonnet-4-5': the list has no cache_write_1h; that of "
	    "the book stays\n"
	    "'claude-opus-4-1': the list says that it is free, which is not "
	    "taken\n"
	    "'deepseek-flash': it depends on the time of day, and stays\n");
	/* Old usage keeps the price in force then. */
	CHECK_STR(cost(&r, NULL, "gpt-4o", "2026-11-20"), "2500000");
	CHECK_STR(cost(&r, NULL, "gpt-4o", "2024-06-01"), "5000000");
	CHECK_STR(cost(&r, NULL, "gpt-4o", "2026-11-21"), "2000000");
	CHECK_STR(cost(&r, NULL, "gpt-4o-2024-11-20", "2026-11-21"), "2500000");
	CHECK_STR(cost(&r, "azure", "gpt-4o", "2026-11-21"), "2750000");
	CHECK_STR(cost(&r, NULL, "gemini-9-ultra", "2020-01-01"), "2999990");
	CHECK(strstr(r.file.s, "priority: {input: \"4.25\", all: \"x1.7\"}") !=
	    NULL);
	CHECK(strstr(r.file.s, "cache_write_1h: \"12\"}]") != NULL);
	run_release(&r);
}

static void
the_same_again_changes_nothing(void)
{
	static const char *const files[] = { "litellm.json", "modelsdev.json",
		"genai.json" };
	struct tk_buf first = TK_BUF_INIT;

	for (size_t i = 0; i < TK_LEN(files); i++) {
		struct run r = RUN_INIT;

		run_file(&r, files[i], "2026-11-21");
		tk_buf_reset(&first);
		tk_buf_add(&first, r.file.s, r.file.len);
		run_file(&r, files[i], "2026-11-21");
		CHECK(strstr(r.diffs.s, " 0 changed, 0 new,") != NULL);
		CHECK_STR(r.file.s, first.s);
		run_file(&r, files[i], "2026-12-24");
		CHECK(strstr(r.diffs.s, " 0 changed, 0 new,") != NULL);
		CHECK_STR(r.file.s, first.s);
		run_release(&r);
	}
	tk_buf_release(&first);
}

static void
modelsdev(void)
{
	struct run r = RUN_INIT;

	run_file(&r, "modelsdev.json", "2026-11-21");
	CHECK_STR(r.diffs.s,
	    "openai/gpt-5.4 input: 2500000 3000000\n"
	    "openai/gpt-5.4 above 272000 input: 5000000 6000000\n"
	    "+openai/gpt-8 input: -1 1100000\n"
	    "+openai/gpt-8 output: -1 2200000\n"
	    "+openai/gpt-8 reasoning: -1 2500000\n"
	    "+openai/gpt-8 above 200000 input: 1100000 2200000\n"
	    "+openai/gpt-8 above 200000 output: 2200000 3300000\n"
	    "+azure/gpt-4o input: -1 2750000\n"
	    "+azure/gpt-4o output: -1 11000000\n"
	    "models.dev: 8 read, 2 elsewhere, 2 same, 1 changed, 2 new, "
	    "0 kept, 0 other\n");
	CHECK(strstr(r.file.s,
		  "    name: \"GPT \\\"8\\\"\"\n"
		  "    context: 2000000\n"
		  "    max_output: 200000\n"
		  "    prices:\n"
		  "      - {basis: \"dataset\", ref: "
		  "\"models.dev, modelsdev.json\", "
		  "input: \"1.1\", output: \"2.2\", reasoning: "
		  "\"2.5\", tiers: [{above: 200000, input: "
		  "\"2.2\", output: \"3.3\"}]}\n") != NULL);
	run_release(&r);
}

static void
genai(void)
{
	struct run r = RUN_INIT;

	run_file(&r, "genai.json", "2026-11-21");
	CHECK_STR(r.diffs.s,
	    "anthropic/claude-opus-4-5 input: 5000000 4000000\n"
	    "anthropic/claude-opus-4-5 output: 25000000 20000000\n"
	    "anthropic/claude-opus-4-5 cache_read: 500000 400000\n"
	    "anthropic/claude-opus-4-5 cache_write_5m: 6250000 5000000\n"
	    "anthropic/claude-sonnet-4-5 above 200000 input: 6000000 "
	    "7000000\n"
	    "perplexity/sonar fee request: 12000000000 10000000000\n"
	    "+perplexity/sonar-ultra input: -1 7000000\n"
	    "+perplexity/sonar-ultra output: -1 8000000\n"
	    "+perplexity/sonar-ultra fee request: -1 5000000000\n"
	    "+perplexity/sonar-ultra input: 7000000 6000000\n"
	    "genai-prices: 5 read, 0 elsewhere, 0 same, 3 changed, 1 new, "
	    "0 kept, 0 other\n"
	    "'claude-opus-4-5': the list has no cache_write_1h; that of the "
	    "book stays\n");
	/* What is announced begins at its date. */
	CHECK_STR(cost(&r, NULL, "claude-opus-4-5", "2027-02-28"), "5000000");
	CHECK_STR(cost(&r, NULL, "claude-opus-4-5", "2027-03-01"), "4000000");
	CHECK_STR(cost(&r, NULL, "sonar-ultra", "2026-05-01"), "5007000000");
	CHECK_STR(cost(&r, NULL, "sonar", "2026-11-21"), "10001000000");
	run_release(&r);
}

static const char list_of_one[] =
    "{\"gpt-4o\": {\"litellm_provider\": \"openai\","
    " \"input_cost_per_token\": %s, \"output_cost_per_token\": 1e-05,"
    " \"cache_read_input_token_cost\": 1.25e-06}}";

static void
run_price(struct run *r, const char *price, const char *from)
{
	char text[400];

	snprintf(text, sizeof(text), list_of_one, price);
	run_text(r, text, strlen(text), from,
	    (struct price_update_options){ .file = "list" });
	CHECK(r->rc == 0);
}

static void
periods_add_up(void)
{
	struct run r = RUN_INIT;

	run_price(&r, "2.4e-06", "2026-12-01");
	run_price(&r, "2.2e-06", "2027-01-01");
	run_price(&r, "2.1e-06", "2027-01-01"); /* corrected the same day */
	CHECK_STR(cost(&r, NULL, "gpt-4o", "2026-11-30"), "2500000");
	CHECK_STR(cost(&r, NULL, "gpt-4o", "2026-12-31"), "2400000");
	CHECK_STR(cost(&r, NULL, "gpt-4o", "2027-01-01"), "2100000");
	CHECK(strstr(r.file.s, "2.2") == NULL);
	/* One in between does not take away what comes later. */
	run_price(&r, "2.3e-06", "2026-12-15");
	CHECK_STR(cost(&r, NULL, "gpt-4o", "2026-12-15"), "2300000");
	CHECK_STR(cost(&r, NULL, "gpt-4o", "2027-01-01"), "2100000");
	run_release(&r);
}

static void
what_people_wrote_stays(void)
{
	static const char mine[] = "# mine\n"
				   "schema: tokctl-prices/1   # yes\n"
				   "updates: []\n"
				   "\n"
				   "# agreed with them\n"
				   "models:\n"
				   "  - {id: GPT-4o, provider: openai, prices: "
				   "[{input: '1'}]}";
	struct run r = RUN_INIT;

	tk_buf_adds(&r.file, mine);
	run_file(&r, "litellm.json", "2026-11-21");
	CHECK(r.rc == 0);
	CHECK(strncmp(r.file.s,
		  "# mine\n"
		  "schema: tokctl-prices/1   # yes\n"
		  "updates:\n"
		  "  # Written by",
		  60) == 0);
	CHECK(strstr(r.file.s,
		  "\n\n# agreed with them\nmodels:\n  - {id: "
		  "GPT-4o, provider: openai, prices: [{input: "
		  "'1'}]}") != NULL);
	CHECK(strstr(r.diffs.s, "'gpt-4o': what you wrote stays\n") != NULL);
	CHECK_STR(cost(&r, NULL, "gpt-4o", "2026-11-21"), "1000000");
	CHECK_STR(cost(&r, NULL, "gemini-9-ultra", "2026-11-21"), "2999990");
	run_release(&r);
}

static void
a_file_on_one_line_is_left_alone(void)
{
	struct run r = RUN_INIT;

	tk_buf_adds(&r.file, "{schema: tokctl-prices/1, models: []}\n");
	run_file(&r, "litellm.json", "2026-11-21");
	CHECK(r.rc < 0);
	CHECK(strncmp(r.err.msg, "cannot add the new prices: mine:", 32) == 0);
	CHECK(strstr(r.err.hint, "on a line of its own") != NULL);
	CHECK_STR(r.file.s, "{schema: tokctl-prices/1, models: []}\n");
	run_release(&r);
}

static void
options_narrow_it(void)
{
	struct tk_buf text = TK_BUF_INIT;
	struct run r = RUN_INIT;

	CHECK(tk_read_file("tests/data/price/litellm.json", 1 << 20, &text,
		  &r.err) == 0);
	run_text(&r, text.s, text.len, "2026-11-21",
	    (struct price_update_options){ .file = "x",
		.provider = "gemini",
		.flags = PRICE_UPDATE_KNOWN });
	CHECK(strstr(r.diffs.s,
		  "13 read, 12 elsewhere, 0 same, 0 changed, "
		  "0 new") != NULL);
	run_text(&r, text.s, text.len, "2026-11-21",
	    (struct price_update_options){ .file = "x", .provider = "gemini" });
	CHECK(strstr(r.diffs.s, "0 changed, 1 new") != NULL);
	run_text(&r, text.s, text.len, "2026-11-21",
	    (struct price_update_options){ .file = "x", .provider = "nobody" });
	CHECK_STR(r.err.msg, "no provider named 'nobody' in the price book");
	tk_buf_release(&text);
	run_release(&r);
}

/* The list over nothing, and then again: the second time it is known. */
static const char *
taken(struct run *r, const char *text)
{
	struct price_update_options o = { .file = "f" };
	static char first[2000];

	tk_buf_reset(&r->file);
	run_text(r, text, strlen(text), "2026-11-21", o);
	CHECK(r->rc == 0);
	snprintf(first, sizeof(first), "%s", r->diffs.s);
	run_text(r, text, strlen(text), "2026-11-21", o);
	CHECK(strstr(r->diffs.s, " 0 changed, 0 new,") != NULL);
	return first;
}

static void
tiers_of_any_order_become_whole(void)
{
	struct run r = RUN_INIT;

	taken(&r,
	    "[{\"id\": \"openai\", \"models\": [{\"id\": \"new\","
	    " \"prices\": {\"input_mtok\": {\"base\": 1, \"tiers\":"
	    " [{\"start\": 500, \"price\": 3}, {\"start\": 200,"
	    " \"price\": 2}]}, \"output_mtok\": {\"base\": 5,"
	    " \"tiers\": [{\"start\": 200, \"price\": 6}]}}}]}]");
	CHECK(strstr(r.file.s,
		  "tiers: [{above: 200, input: \"2\", output: \"6\"}, {above: "
		  "500, input: \"3\", output: \"6\"}]") != NULL);
	run_release(&r);
}

static void
a_mode_may_name_what_has_no_price(void)
{
	struct run r = RUN_INIT;

	taken(&r,
	    "{\"new\": {\"litellm_provider\": \"openai\","
	    " \"input_cost_per_token\": 1e-06,"
	    " \"output_cost_per_token_batches\": 2e-06}}");
	CHECK(
	    strstr(r.file.s, "input: \"1\", batch: {output: \"2\"}}") != NULL);
	run_release(&r);
}

static void
who_takes_over_prices_is_compared_with_the_new_ones(void)
{
	struct run r = RUN_INIT;
	const char *diffs = taken(&r,
	    "{\"azure/gpt-4.1\": {\"litellm_provider\": \"azure\","
	    " \"input_cost_per_token\": 2e-06,"
	    " \"output_cost_per_token\": 8e-06},"
	    " \"gpt-4.1\": {\"litellm_provider\": \"openai\","
	    " \"input_cost_per_token\": 1e-06,"
	    " \"output_cost_per_token\": 8e-06}}");

	CHECK(strstr(diffs, "+azure/gpt-4.1 input: -1 2000000") != NULL);
	run_release(&r);
}

static void
nothing_new_writes_nothing(void)
{
	struct run r = RUN_INIT;

	taken(&r,
	    "{\"gpt-4.1\": {\"litellm_provider\": \"openai\","
	    " \"input_cost_per_token\": 2e-06}}");
	CHECK(strstr(r.file.s, "updates") == NULL);
	run_release(&r);
}

static const char *
refusal(const char *text)
{
	static char msg[600];
	struct run r = RUN_INIT;

	run_text(&r, text, strlen(text), "2026-11-21",
	    (struct price_update_options){ .file = "f" });
	snprintf(msg, sizeof(msg), "%s", r.rc < 0 ? r.err.msg : "");
	run_release(&r);
	return msg;
}

static void
other_things_are_refused(void)
{
	static const char known[] = "'f' is no price list that is known";

	CHECK(strncmp(refusal(""), "f:1: this is not JSON: ", 23) == 0);
	CHECK(strncmp(refusal("{\n\n\"a\": {\"litellm_provider\": 1,}}"),
		  "f:3: this is not JSON: ", 23) == 0);
	CHECK_STR(refusal("{}"), known);
	CHECK_STR(refusal("[]"), known);
	CHECK_STR(refusal("[1, {\"id\": []}, {\"models\": {}}]"), known);
	CHECK_STR(refusal("7"), known);
	CHECK_STR(refusal("{\"a\": {\"b\": 1}}"), known);
	CHECK_STR(refusal("{\"a\": {\"litellm_provider\": \"openai\"}}"),
	    known);
	CHECK_STR(refusal("{\"a\": {\"models\": {\"b\": 3}}}"), known);
}

static void
cut_off_anywhere(void)
{
	static const char *const files[] = { "litellm.json", "modelsdev.json",
		"genai.json" };
	struct tk_buf text = TK_BUF_INIT;
	char path[200];
	int odd = 0;

	for (size_t i = 0; i < TK_LEN(files); i++) {
		struct run r = RUN_INIT;

		snprintf(path, sizeof(path), "tests/data/price/%s", files[i]);
		tk_buf_reset(&text);
		CHECK(tk_read_file(path, 1 << 20, &text, &r.err) == 0);
		for (size_t n = 0; n + 2 < text.len; n++) {
			char *part = malloc(n + 1);

			memcpy(part, text.s, n);
			run_text(&r, part, n, "2026-11-21",
			    (struct price_update_options){ .file = "f" });
			odd += r.rc == 0;
			free(part);
		}
		run_release(&r);
	}
	CHECK(odd == 0);
	tk_buf_release(&text);
}

int
main(void)
{
	litellm();
	the_same_again_changes_nothing();
	modelsdev();
	genai();
	periods_add_up();
	what_people_wrote_stays();
	a_file_on_one_line_is_left_alone();
	options_narrow_it();
	tiers_of_any_order_become_whole();
	a_mode_may_name_what_has_no_price();
	who_takes_over_prices_is_compared_with_the_new_ones();
	nothing_new_writes_nothing();
	other_things_are_refused();
	cut_off_anywhere();
	return tap_done();
}
