#include "json/json.h"

#include <jansson.h>
#include <stdlib.h>

#include "base/buf.h"
#include "tap.h"

static bool
accepts(const char *text, size_t len, int flags)
{
	struct json_scan s;

	json_scan_init(&s, text, len);
	s.flags = flags;
	json_scan_skip(&s);
	return json_scan_end(&s);
}

/* 1: yes, 0: no, -1: it stopped at a lone surrogate, which we take. */
static int
jansson_accepts(const char *text, size_t len)
{
	json_error_t err = { 0 };
	json_t *j =
	    json_loadb(text, len, JSON_DECODE_ANY | JSON_ALLOW_NUL, &err);
	bool ok = j != NULL;

	json_decref(j);
	return ok ? 1 : strstr(err.text, "Unicode") != NULL ? -1 : 0;
}

static const char *const good[] = {
	"{}",
	" [ ] ",
	"0",
	"-0",
	"12.5e-3",
	"\"\"",
	"true",
	"false",
	"null",
	"[1,2,[3,{\"a\":[]}],\"x\"]",
	"{\"a\":{\"b\":{}},\"c\":[[],[{}]]}",
	"\t{\r\n\"a\" : 1 , \"a\" : 2 }\n",
	"\"\\u00e9\\ud83d\\ude80\\n\\/\"",
	"\"0123456789abcdef0123456789abcdef\\\"0123456789abcdef\"",
	"{\"a\":[1,{\"b\":null},true],\"c\":-1}",
	"\"\\u0000\"",
	"\"\xe2\x80\xa8\xc2\x85\xf0\x9f\x9a\x80\"",
};

static const char *const bad[] = {
	"",
	" ",
	"{",
	"}",
	"[",
	"]",
	"[1",
	"[1,",
	"[1,]",
	"[,1]",
	"[1 2]",
	"{\"a\"}",
	"{\"a\":}",
	"{\"a\":1,}",
	"{a:1}",
	"{\"a\" 1}",
	"{,}",
	"{\"a\":1 \"b\":2}",
	"{\"a\":1]",
	"[1}",
	"\"",
	"\"a",
	"\"\\",
	"\"\\\"",
	"\"\\x\"",
	"\"\\u12g4\"",
	"\"\\u12\"",
	"01",
	"-",
	"+1",
	".5",
	"1.",
	"1e",
	"1e+",
	"0x1",
	"tru",
	"nul",
	"falsey",
	"nan",
	"{} {}",
	"1 2",
	"[\"a\":1]",
	"{1:2}",
	"'a'",
	"[1]]",
	"{\"a\":1}}",
	"[\"",
	"[tru]",
};

static void
agrees_with_jansson(void)
{
	for (size_t i = 0; i < TK_LEN(good); i++) {
		size_t n = strlen(good[i]);

		CHECK(
		    accepts(good[i], n, 0) && jansson_accepts(good[i], n) == 1);
		CHECK(accepts(good[i], n, JSON_SCAN_STRICT));
	}
	for (size_t i = 0; i < TK_LEN(bad); i++) {
		size_t n = strlen(bad[i]);

		CHECK(!accepts(bad[i], n, 0) && !jansson_accepts(bad[i], n));
	}
}

/* The same xorshift everywhere, so that a failure repeats. */
static uint32_t
draw(void)
{
	static uint32_t x = 2463534242;

	x ^= x << 13;
	x ^= x >> 17;
	x ^= x << 5;
	return x;
}

/* Texts that are nearly right find more than noise does. */
static void
agrees_with_jansson_on_damaged_texts(void)
{
	static const char spice[] = "{}[]\",:\\0123e.-+ tfnu\n\tax\x01\x80";
	int differ = 0, right = 0;

	for (int round = 0; round < 60000; round++) {
		const char *from = good[draw() % TK_LEN(good)];
		char text[128];
		size_t n = strlen(from);
		int want;

		memcpy(text, from, n);
		for (uint32_t k = draw() % 4; k > 0 && n > 0; k--) {
			size_t at = draw() % n;

			if (draw() % 4 == 0) {
				memmove(text + at, text + at + 1, --n - at);
				continue;
			}
			text[at] = spice[draw() % (sizeof(spice) - 1)];
		}
		want = jansson_accepts(text, n);
		if (want >= 0 && accepts(text, n, JSON_SCAN_STRICT) != want) {
			if (differ++ < 5)
				printf("# differs: %.*s\n", (int)n, text);
		}
		right += accepts(text, n, 0);
	}
	CHECK(differ == 0);
	CHECK(right > 5000 && right < 55000);
}

static void
takes_what_logs_hold(void)
{
	CHECK(accepts("\"\xff\xfe\"", 4, 0));
	CHECK(!accepts("\"\xff\xfe\"", 4, JSON_SCAN_STRICT));
	CHECK(accepts("\"a\0b\n\"", 6, 0));
	CHECK(!accepts("\"a\0b\"", 5, JSON_SCAN_STRICT));
	CHECK(accepts("\"\\ud83d\"", 8, JSON_SCAN_STRICT));
	CHECK(accepts("1e400", 5, JSON_SCAN_STRICT));
	CHECK(!accepts("\0{}", 3, 0));
}

static void
depth_has_an_end(void)
{
	size_t n = JSON_DEPTH_MAX + 1;
	char *text = malloc(2 * n);
	struct json_scan s;
	int deep = 0;

	memset(text, '[', n);
	memset(text + n, ']', n);
	CHECK(!accepts(text, 2 * n, 0));
	CHECK(accepts(text + 1, 2 * n - 2, 0));
	json_scan_init(&s, text, 2 * n);
	while (json_scan_array(&s) > 0)
		deep += json_scan_item(&s);
	CHECK(deep == JSON_DEPTH_MAX && !json_scan_end(&s));
	CHECK_STR(s.wrong, "nested too deeply");
	json_scan_init(&s, text, 2 * n);
	json_scan_array(&s);
	json_scan_item(&s);
	CHECK(!json_scan_skip(&s)); /* levels inside and outside are added */
	free(text);
}

static void
walks_and_keeps_the_last(void)
{
	static const char text[] =
	    " {\"n\" : 1, \"skip\":[{\"n\":5}], \"s\":\"a\\tb\", \"n\":2,"
	    "\"\\u0066lag\":true, \"z\":null, \"list\":[3,[4],\"x\",5],"
	    "\"o\":{}} \r\n";
	struct json_scan s;
	struct json_text key, t = { 0 };
	struct tk_buf b = TK_BUF_INIT;
	int64_t n = 0, sum = 0, z = 7;
	bool flag = false;
	int empty = 0;

	json_scan_init(&s, text, sizeof(text) - 1);
	CHECK(json_scan_object(&s) == 1);
	while (json_scan_key(&s, &key)) {
		if (json_text_is(&key, "n")) {
			CHECK(json_scan_int(&s, &n) == 1);
		} else if (json_text_is(&key, "s")) {
			CHECK(json_scan_text(&s, &t) == 1);
		} else if (json_text_is(&key, "flag")) {
			CHECK(json_scan_bool(&s, &flag) == 1);
		} else if (json_text_is(&key, "z")) {
			CHECK(json_scan_int(&s, &z) == 0);
		} else if (json_text_is(&key, "o")) {
			CHECK(json_scan_object(&s) == 1);
			while (json_scan_key(&s, &key))
				empty++;
		} else if (json_text_is(&key, "list")) {
			CHECK(json_scan_array(&s) == 1);
			while (json_scan_item(&s)) {
				int64_t i = 0;

				if (json_scan_int(&s, &i) > 0)
					sum += i;
			}
		} else {
			json_scan_skip(&s);
		}
	}
	CHECK(json_scan_end(&s));
	CHECK(n == 2 && sum == 8 && z == 7 && flag && empty == 0);
	json_text_add(&t, &b);
	CHECK_STR(b.s, "a\tb");
	tk_buf_release(&b);
}

static void
wrong_kinds_are_skipped(void)
{
	static const char text[] =
	    "[{\"a\":[1]},\"12\",1.5,99999999999999999999"
	    ",true,[7]]";
	struct json_scan s;
	struct json_text t;
	int64_t n = 42;
	bool b = true;

	json_scan_init(&s, text, sizeof(text) - 1);
	json_scan_array(&s);
	CHECK(json_scan_item(&s) && json_scan_int(&s, &n) == -1);
	CHECK(json_scan_item(&s) && json_scan_int(&s, &n) == -1);
	CHECK(json_scan_item(&s) && json_scan_int(&s, &n) == -1);
	CHECK(json_scan_item(&s) && json_scan_int(&s, &n) == -1);
	CHECK(json_scan_item(&s) && json_scan_text(&s, &t) == -1);
	CHECK(json_scan_item(&s) && json_scan_bool(&s, &b) == -1);
	CHECK(!json_scan_item(&s) && json_scan_end(&s) && n == 42);
}

static void
says_where(void)
{
	static const char text[] = "{\"a\":1,\"b\":[1,,2]}";
	struct json_scan s;

	json_scan_init(&s, text, sizeof(text) - 1);
	CHECK(!json_scan_skip(&s));
	CHECK_STR(s.wrong, "this is no value");
	CHECK(s.at - s.start == 14);
	CHECK(!json_scan_skip(&s) && json_scan_object(&s) == -1);
}

static void
decodes(void)
{
	static const struct {
		const char *text;
		size_t n;
		const char *want;
	} cases[] = {
		{ "plain", 5, "plain" },
		{ "\\\"\\\\\\/\\b\\f\\n\\r\\t", 16, "\"\\/\b\f\n\r\t" },
		{ "\\u00E9\\u20ac", 12, "\xc3\xa9\xe2\x82\xac" },
		{ "\\ud83d\\ude80", 12, "\xf0\x9f\x9a\x80" },
		{ "\\ud83d", 6, "\xef\xbf\xbd" },
		{ "\\ud83dx\\ude80", 13, "\xef\xbf\xbdx\xef\xbf\xbd" },
		{ "\\ud83d\\u0041", 12,
		    "\xef\xbf\xbd"
		    "A" },
		{ "a\xff"
		  "b\xc3",
		    4,
		    "a\xef\xbf\xbd"
		    "b\xef\xbf\xbd" },
		{ "\xed\xa0\x80", 3, "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" },
	};
	struct tk_buf b = TK_BUF_INIT;
	struct json_text nul = { "a\\u0000b", 8, true };

	for (size_t i = 0; i < TK_LEN(cases); i++) {
		struct json_text t = { cases[i].text, cases[i].n, true };

		tk_buf_reset(&b);
		json_text_add(&t, &b);
		CHECK_STR(b.s, cases[i].want);
	}
	tk_buf_reset(&b);
	json_text_add(&nul, &b);
	CHECK(b.len == 3 && memcmp(b.s, "a\0b", 3) == 0);
	tk_buf_release(&b);
}

static bool
whole(const char *s, int64_t want)
{
	int64_t n = ~want;

	return json_int_parse(s, strlen(s), &n) && n == want;
}

static bool
no_whole(const char *s)
{
	int64_t n;

	return !json_int_parse(s, strlen(s), &n);
}

static void
reads_whole_numbers_exactly(void)
{
	CHECK(whole("0", 0) && whole("-0", 0) && whole("0.000e9", 0));
	CHECK(whole("1e3", 1000) && whole("12.0", 12) && whole("-1.50e1", -15));
	CHECK(
	    whole("100e-2", 1) && whole("0.05E2", 5) && whole("10.10e1", 101));
	CHECK(whole("9223372036854775807", INT64_MAX));
	CHECK(whole("-9223372036854775808", INT64_MIN));
	CHECK(whole("9007199254740993", INT64_C(9007199254740993)));
	CHECK(whole("0e99999999999999999999", 0));
	CHECK(no_whole("9223372036854775808") && no_whole("1e19"));
	CHECK(no_whole("-9223372036854775809") && no_whole("1e400"));
	CHECK(no_whole("1.5") && no_whole("1e-1") && no_whole("0.1e-99"));
	CHECK(no_whole("") && no_whole("-") && no_whole("1e") && no_whole("x"));
	CHECK(no_whole("1.2.3") && no_whole(".5") && no_whole("1e5x"));
}

static void
metadata_is_an_object(void)
{
	struct tk_err err = TK_ERR_INIT;

	CHECK(json_valid_object("{\"a\":[1]}", 9, &err) == 0);
	CHECK(json_valid_object("[1]", 3, &err) == -1);
	CHECK_STR(err.msg, "this is no JSON object");
	CHECK(json_valid_object("{\"a\":1", 6, &err) == -1);
	CHECK(err.code == TK_DATA);
	CHECK_STR(err.msg, "JSON: byte 6: the text ends too early");
	CHECK(json_valid_object("{\"\xff\":1}", 7, &err) == -1);
}

int
main(void)
{
	agrees_with_jansson();
	agrees_with_jansson_on_damaged_texts();
	takes_what_logs_hold();
	depth_has_an_end();
	walks_and_keeps_the_last();
	wrong_kinds_are_skipped();
	says_where();
	decodes();
	reads_whole_numbers_exactly();
	metadata_is_an_object();
	return tap_done();
}
