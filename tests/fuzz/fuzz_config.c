/* Settings of any bytes, and changes to them that change nothing else. */
#include <stdlib.h>
#include <string.h>

#include "config/config_int.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static config_value_fn count;

static int
count(void *data, const struct config_key *key, const char *value, int line,
    struct tk_err *err)
{
	size_t *n = data;

	if (config_check(key, value, err) < 0 || line < 1)
		abort();
	(*n)++;
	return 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct tk_err err = TK_ERR_INIT;
	struct tk_buf text = TK_BUF_INIT;
	size_t before = 0, after = 0;
	int set, unset;

	tk_buf_add(&text, data, size);
	if (config_read_keys("f", &text, count, &before, &err) < 0)
		goto out;
	set = config_edit("f", &text, config_find("ui.tz", &err), "Etc/UTC",
	    &err);
	if (set == 0 &&
	    (config_read_keys("f", &text, count, &after, &err) < 0 ||
		after < before || after > before + 1))
		abort();
	before = after;
	after = 0;
	unset = config_edit("f", &text, config_find("ui.tz", &err), NULL, &err);
	if (set == 0 && unset == 0 &&
	    (config_read_keys("f", &text, count, &after, &err) < 0 ||
		after != before - 1))
		abort();
out:
	tk_buf_release(&text);
	return 0;
}
