/*
 * Any expression is refused or compiled, and finds in any text something
 * that is in it, in a bounded number of steps: with less text to see it is
 * not sure, or says the same.
 */
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "tokenizer/regex.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	const uint8_t *text = memchr(data, 0, n);
	size_t len, end, early;
	struct tk_err err = TK_ERR_INIT;
	struct regex *r;

	if (text == NULL || n > 4096)
		return 0;
	len = n - (size_t)(++text - data);
	if (!tk_utf8_valid((const char *)text, len) ||
	    regex_new(&r, (const char *)data, (size_t)(text - data) - 1, 0,
		&err) < 0)
		return 0;
	for (size_t at = 0; at < len; at++) {
		enum regex_answer a, b;

		if (text[at] >> 6 == 2)
			continue;
		a = regex_match(r, text, len, at, true, &end);
		if (a == REGEX_UNSURE || (a == REGEX_YES && end > len) ||
		    (a == REGEX_YES && end <= at))
			abort();
		b = regex_match(r, text, len, at, false, &early);
		if (b != REGEX_UNSURE && b != a)
			abort();
		if (b == REGEX_YES && early != end)
			abort();
		if (a == REGEX_LONG)
			break;
	}
	regex_free(r);
	return 0;
}
