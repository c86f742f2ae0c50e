/* JSON as it is written: valid whatever it is made of. */
#include "json/write.h"

#include <jansson.h>
#include <stdlib.h>

#include "base/buf.h"
#include "tap.h"

static void
brackets_and_commas_come_by_themselves(void)
{
	struct tk_buf b = TK_BUF_INIT;
	struct json_write w = { .to = &b };

	json_write_open(&w, '{');
	json_write_member_int(&w, "a", -1);
	json_write_key(&w, "b");
	json_write_open(&w, '[');
	json_write_close(&w, ']');
	json_write_key(&w, "c");
	json_write_open(&w, '[');
	json_write_text(&w, NULL);
	json_write_bool(&w, true);
	json_write_open(&w, '{');
	json_write_close(&w, '}');
	json_write_close(&w, ']');
	json_write_member_money(&w, "d", 4900000000);
	json_write_close(&w, '}');
	CHECK_STR(b.s, "{\"a\":-1,\"b\":[],\"c\":[null,true,{}],\"d\":0.0049}");
	tk_buf_release(&b);
}

static void
levels_are_indented(void)
{
	struct tk_buf b = TK_BUF_INIT;
	struct json_write w = { .to = &b, .indent = 2 };

	json_write_open(&w, '{');
	json_write_key(&w, "a");
	json_write_open(&w, '[');
	json_write_int(&w, 1);
	json_write_int(&w, 2);
	json_write_close(&w, ']');
	json_write_key(&w, "none");
	json_write_open(&w, '{');
	json_write_close(&w, '}');
	json_write_close(&w, '}');
	CHECK_STR(b.s, "{\n  \"a\": [\n    1,\n    2\n  ],\n  \"none\": {}\n}");
	tk_buf_release(&b);
}

/* Another reader gets back what went in, or U+FFFD for what is no text. */
static void
any_bytes_become_a_string(void)
{
	uint32_t seed = 7;

	for (int i = 0; i < 2000; i++) {
		struct tk_buf b = TK_BUF_INIT;
		char text[24];
		json_error_t error;
		json_t *json;

		for (size_t k = 0; k < sizeof(text); k++) {
			seed = seed * 1664525 + 1013904223;
			text[k] = (char)(seed >> (i % 2 ? 24 : 26));
		}
		json_string_add(&b, text, sizeof(text));
		json = json_loadb(b.s, b.len, JSON_DECODE_ANY | JSON_ALLOW_NUL,
		    &error);
		if (json == NULL)
			printf("# %s: %s\n", error.text, b.s);
		if (json == NULL ||
		    (i % 2 == 0 &&
			(json_string_length(json) != sizeof(text) ||
			    memcmp(json_string_value(json), text,
				sizeof(text)) != 0)))
			CHECK(!"the string that went in");
		json_decref(json);
		tk_buf_release(&b);
	}
	CHECK(1);
}

int
main(void)
{
	brackets_and_commas_come_by_themselves();
	levels_are_indented();
	any_bytes_become_a_string();
	return tap_done();
}
