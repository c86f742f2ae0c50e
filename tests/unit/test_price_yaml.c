/* Price books that are wrong, cut off, or laid over the built-in one. */
#include <inttypes.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/file.h"
#include "price/price_int.h"
#include "tap.h"

#define HEAD "schema: tokctl-prices/1\n"
#define MODEL HEAD "models:\n  - id: a\n    provider: p\n"
#define PRICES MODEL "    prices:\n      - "

/* What is wrong with the text; "" when nothing is. */
static const char *
wrong(const char *text)
{
	static char msg[1500];
	struct tk_err err = TK_ERR_INIT;
	struct price_book *pb;

	msg[0] = '\0';
	if (price_book_read(&pb, text, strlen(text), "f", PRICE_READ_ALONE,
		&err) == 0)
		price_book_close(pb);
	else
		snprintf(msg, sizeof(msg), "%s%s%s", err.msg,
		    err.hint[0] != '\0' ? "; " : "", err.hint);
	return msg;
}

static void
errors_name_file_line_and_reason(void)
{
	static const struct {
		const char *text, *msg;
	} cases[] = {
		{ "", "f: there is nothing in it" },
		{ "# only this\n", "f: there is nothing in it" },
		{ "x", "f:1: this has to be a map" },
		{ "{}",
		    "f:1: a price book begins with 'schema: tokctl-prices/1'" },
		{ "schema: tokctl-prices/2\n",
		    "f:1: 'schema' has to be 'tokctl-prices/1', not "
		    "'tokctl-prices/2'" },
		{ HEAD "currency: EUR\n",
		    "f:2: 'currency' has to be 'USD', not 'EUR'" },
		{ HEAD "modles: []\n",
		    "f:2: there is no key 'modles' here; "
		    "did you mean 'models'?" },
		{ HEAD "models: {}\n", "f:2: 'models' has to be a list" },
		{ HEAD "models: []\nmodels: []\n",
		    "f:3: 'models' is there a second time" },
		{ HEAD "models: [{id: a}]\n",
		    "f:2: a model needs 'id', 'provider' and 'prices'" },
		{ MODEL "    prices: []\n",
		    "f:3: a model needs 'id', 'provider' and 'prices'" },
		{ PRICES "{inptu: '1'}\n",
		    "f:6: there is no key 'inptu' "
		    "here; did you mean 'input'?" },
		{ PRICES "{input: cheap}\n",
		    "f:6: 'cheap' is not a price in USD for a million "
		    "tokens" },
		{ PRICES "{input: '-1'}\n",
		    "f:6: '-1' is not a price in USD for a million tokens" },
		{ PRICES "{input: '0.0000001'}\n",
		    "f:6: '0.0000001' has more than six decimals" },
		{ PRICES "{input: [1]}\n", "f:6: 'input' has to be one value" },
		{ PRICES "{input: '1', batch: x0.5}\n",
		    "f:6: 'batch' has to be a map" },
		{ PRICES "{input: '1', batch: {all: xx}}\n",
		    "f:6: 'xx' is not a factor, as \"x0.5\"" },
		{ PRICES "{input: '1', batch: {alles: x1}}\n",
		    "f:6: there is no key 'alles' here" },
		{ PRICES "{input: '1', fees: {web_search: free}}\n",
		    "f:6: 'free' is not a fee in USD" },
		{ PRICES "{input: '1', tiers: [{input: '2'}]}\n",
		    "f:6: a tier needs 'above'" },
		{ PRICES "{input: '1', tiers: [{above: 1.5}]}\n",
		    "f:6: '1.5' is not a whole number" },
		{ PRICES "{input: '1', windows: [{input: '2'}]}\n",
		    "f:6: a window needs 'utc'" },
		{ PRICES "{input: '1', windows: [{utc: '1:00-2:00'}]}\n",
		    "f:6: '1:00-2:00' is not a part of a day, as "
		    "\"16:30-00:30\"" },
		{ PRICES "{windows: [{utc: '01:00-02:00', days: mo}]}\n",
		    "f:6: 'mo' are not days, as \"mon-fri\"" },
		{ PRICES "{from: 2026-02-29, input: '1'}\n",
		    "f:6: '2026-02-29' is not a date of UTC, as "
		    "\"2026-11-21\" or \"2026-11-21T16:00:00Z\"" },
		{ PRICES "{input: '1'}\n      - {input: '2'}\n",
		    "f:7: a period has to be 'from' later than the one "
		    "before it" },
		{ PRICES "{from: 2026-01-02, input: '1'}\n"
			 "      - {from: 2026-01-01, input: '2'}\n",
		    "f:7: a period has to be 'from' later than the one "
		    "before it" },
		{ PRICES "{input: '1'}\n  - id: A\n    provider: p\n"
			 "    prices: [{input: '1'}]\n",
		    "f:7: 'A' is a name of the model of line 3 already" },
		{ HEAD "providers: [{id: a, primary: maybe}]\n",
		    "f:2: 'maybe' is neither true nor false" },
		{ HEAD "providers: [{primary: true}]\n",
		    "f:2: a provider needs 'id'" },
		{ HEAD "models: [{id: ' '}]\n",
		    "f:2: a model needs 'id', "
		    "'provider' and 'prices'" },
		{ HEAD "models: [{id: '', provider: p, prices: [{}]}]\n",
		    "f:2: a name has to have 1 to 255 bytes" },
		{ HEAD "as_of: *x\n",
		    "f:2: aliases ('*name') are not supported here" },
		{ HEAD "? [a]\n: b\n",
		    "f:2: the key of a map has to be plain text" },
		{ HEAD "--- {}\n", "f:2: a second document" },
		{ HEAD "as_of: \"\\0\"\n", "f:2: the text holds a NUL" },
		{ HEAD "as_of: [[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]\n",
		    "f:2: nested too deeply" },
		{ HEAD "as_of: \xff\n",
		    "f: byte 31: invalid leading UTF-8 "
		    "octet" },
		{ HEAD "as_of: \"x\n", "f:3: found unexpected end of stream" },
	};

	for (size_t i = 0; i < TK_LEN(cases); i++)
		CHECK_STR(wrong(cases[i].text), cases[i].msg);
	CHECK_STR(wrong(PRICES "{}\n"), "");
	CHECK_STR(wrong(HEAD), "");
}

static void
too_many_providers(void)
{
	struct tk_buf b = TK_BUF_INIT;

	tk_buf_adds(&b, HEAD "providers:\n");
	for (int i = 0; i < 251; i++)
		tk_buf_addf(&b, "  - {id: p%d}\n", i);
	CHECK_STR(wrong(b.s), "f:253: too many providers");
	tk_buf_release(&b);
}

/* Every beginning of a book is a book or an error, and nothing worse. */
static void
cut_off_anywhere(void)
{
	struct tk_err err = TK_ERR_INIT;
	struct tk_buf text = TK_BUF_INIT;
	struct price_book *pb;
	int odd = 0;

	CHECK(tk_read_file("tests/data/price/rules.yaml", 1 << 20, &text,
		  &err) == 0);
	for (size_t n = 0; n < text.len; n++) {
		/* On the heap, so that reading beyond it is noticed. */
		char *part = malloc(n + 1);

		memcpy(part, text.s, n);
		if (price_book_read(&pb, part, n, "f", PRICE_READ_OVER, &err) ==
		    0)
			price_book_close(pb);
		else
			odd += pb != NULL || strncmp(err.msg, "f:", 2) != 0;
		free(part);
	}
	CHECK(odd == 0);
	tk_buf_release(&text);
}

static const char *
cost_at(const struct price_book *pb, const char *provider, const char *model,
    const char *time)
{
	static char text[40];
	struct price_usage u = { .provider = provider,
		.model = model,
		.input = 1 };
	struct tk_err err = TK_ERR_INIT;
	int64_t pico;

	CHECK(price_time_parse(time, strlen(time), &u.time));
	if (price_cost(pb, &u, &pico, &err) != 1)
		return "null";
	snprintf(text, sizeof(text), "%" PRId64, pico);
	return text;
}

static const char overlay[] =
    HEAD "providers:\n"
	 "  - {id: gateway, fallback: true, primary: false,\n"
	 "     prefixes: [gateway/]}\n"
	 "models:\n"
	 "  - {id: gpt-4o, provider: openai, prices: [\n"
	 "      {from: 2027-01-01, basis: mine, input: '1'},\n"
	 "      {from: 2027-02-01, basis: mine, input: '2'}]}\n"
	 "  - {id: claude-opus-4-1, provider: anthropic, prices: [\n"
	 "      {basis: mine, input: '3'}]}\n"
	 "  - {id: gpt-4, provider: mine, prices: [{input: '4'}]}\n"
	 "  - {id: secret, provider: mine, match: ['secret*'],\n"
	 "      prices: [{input: '5'}]}\n"
	 "  - {id: nova, provider: bedrock, prices: [{input: '6'}]}\n";

static int
count_model(const struct price_model *m, void *data)
{
	(void)m;
	++*(int *)data;
	return 0;
}

static void
a_users_book_lies_over_the_built_in_one(void)
{
	struct tk_err err = TK_ERR_INIT;
	struct price_book *pb, *plain;
	const struct price_model *m;
	int n = 0, nplain = 0;
	bool exact;

	CHECK(price_book_read(&pb, overlay, strlen(overlay), "f",
		  PRICE_READ_OVER, &err) == 0);
	/* Dated periods go on from the built-in ones. */
	CHECK_STR(cost_at(pb, NULL, "gpt-4o", "2024-06-01"), "5000000");
	CHECK_STR(cost_at(pb, NULL, "gpt-4o", "2026-12-31"), "2500000");
	CHECK_STR(cost_at(pb, NULL, "gpt-4o", "2027-01-01"), "1000000");
	CHECK_STR(cost_at(pb, NULL, "openai/GPT-4o", "2027-02-01"), "2000000");
	/* One without a date takes the place; its other names stay. */
	CHECK_STR(cost_at(pb, NULL, "claude-opus-4-1-20250805", "2025-09-01"),
	    "3000000");
	CHECK_STR(cost_at(pb, NULL, "claude-opus-4.1", "2025-09-01"),
	    "3000000");
	CHECK_STR(cost_at(pb, NULL, "gpt-4", "2025-09-01"), "4000000");
	CHECK_STR(cost_at(pb, "openai", "gpt-4", "2025-09-01"), "30000000");
	CHECK_STR(cost_at(pb, NULL, "secret-7", "2025-09-01"), "5000000");
	/* A provider that is built in stays as it is. */
	CHECK_STR(cost_at(pb, NULL, "nova", "2025-09-01"), "null");
	CHECK_STR(cost_at(pb, "aws", "nova", "2025-09-01"), "6000000");
	CHECK_STR(cost_at(pb, "gateway", "gpt-4.1", "2025-09-01"), "2000000");
	CHECK_STR(cost_at(pb, NULL, "gateway/openai/gpt-4.1", "2025-09-01"),
	    "2000000");
	/* What the file does not say is as it was. */
	m = price_resolve(pb, NULL, "gpt-4o");
	CHECK(price_context(m) == 128000);
	CHECK_STR(price_tokenizer(m, &exact), "o200k_base");
	CHECK(exact);
	CHECK(price_book_open(&plain, NULL, &err) == 0);
	price_each(pb, count_model, &n);
	price_each(plain, count_model, &nplain);
	CHECK(n == nplain + 3);
	price_book_close(plain);
	price_book_close(pb);
}

static void
the_built_in_book_finds_names_of_hosts(void)
{
	struct tk_err err = TK_ERR_INIT;
	struct price_book *pb;

	CHECK(price_book_open(&pb, NULL, &err) == 0);
	CHECK_STR(cost_at(pb, NULL, "azure/gpt-4o", "2026-01-01"), "2500000");
	CHECK_STR(cost_at(pb, NULL, "openrouter/anthropic/claude-sonnet-4.5",
		      "2026-01-01"),
	    "3000000");
	CHECK_STR(cost_at(pb, "openrouter", "x-ai/grok-4.3", "2026-06-01"),
	    "1250000");
	CHECK_STR(cost_at(pb, NULL, "vertex_ai/claude-haiku-4-5@20251001",
		      "2026-01-01"),
	    "1000000");
	CHECK_STR(cost_at(pb, NULL, "vertex_ai/gemini-2.5-pro", "2026-01-01"),
	    "1250000");
	CHECK_STR(cost_at(pb, NULL, "models/gemini-2.5-pro", "2026-01-01"),
	    "1250000");
	CHECK_STR(cost_at(pb, NULL, "groq/gpt-4o", "2026-01-01"), "null");
	CHECK_STR(cost_at(pb, NULL, "gpt-99", "2026-01-01"), "null");
	CHECK_STR(cost_at(pb, NULL, "claude-3", "2026-01-01"), "null");
	price_book_close(pb);
}

static void
a_missing_file_is_an_error(void)
{
	struct tk_err err = TK_ERR_INIT;
	struct price_book *pb;

	CHECK(price_book_open(&pb, "/nonexistent/prices.yaml", &err) < 0);
	CHECK(err.code == TK_IO && pb == NULL);
	price_book_close(NULL);
}

int
main(void)
{
	errors_name_file_line_and_reason();
	too_many_providers();
	cut_off_anywhere();
	a_users_book_lies_over_the_built_in_one();
	the_built_in_book_finds_names_of_hosts();
	a_missing_file_is_an_error();
	return tap_done();
}
