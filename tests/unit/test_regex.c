/* Regular expressions of tokenizer files; what they match in general is
 * compared with the reference in tests/data/tokenizer. */
#include "tokenizer/regex.h"

#include <stdlib.h>
#include <string.h>

#include "tap.h"

static struct tk_err err;

static struct regex *
made(const char *s)
{
	struct regex *r;

	err = (struct tk_err)TK_ERR_INIT;
	return regex_new(&r, s, strlen(s), 0, &err) < 0 ? NULL : r;
}

/* The length of the match at the start of a text; -1: none, -2: unsure. */
static int
match(const char *s, const char *text, bool final)
{
	struct regex *r = made(s);
	size_t end = 0;
	enum regex_answer a =
	    regex_match(r, (const uint8_t *)text, strlen(text), 0, final, &end);

	regex_free(r);
	return a == REGEX_YES ? (int)end : a == REGEX_UNSURE ? -2 : -1;
}

static void
the_first_alternative_that_fits_is_taken(void)
{
	CHECK(match("a|ab", "ab", true) == 1);
	CHECK(match("(?:ab|a)(?:b|c)+", "abbc", true) == 4);
	CHECK(match("(?:a|b)*c", "abac", true) == 4);
	CHECK(match("(?:x(?:yz)?)+", "xyzxxyzy", true) == 7);
	CHECK(match("a?b?c", "c", true) == 1);
	CHECK(match("a{2,3}", "aaaa", true) == 3);
	CHECK(match("a{2,3}", "a", true) == -1);
	CHECK(match("a{2,}b", "aaab", true) == 4);
	CHECK(match("a*ab", "aaab", true) == 4);
	CHECK(match("a*+ab", "aaab", true) == -1);
}

static void
sets_have_what_they_say(void)
{
	CHECK(match("[^\\s\\p{L}]+", "12 ", true) == 2);
	CHECK(match("[a-c[x-z]]+", "abyd", true) == 3);
	CHECK(match("[a-z&&[^aeiou]]+", "bcd", true) == 3);
	CHECK(match("[a-z&&[^aeiou]]+", "abc", true) == -1);
	CHECK(match("\\p{Lu}\\p{Ll}+", "Ab\xc3\xa9", true) == 4);
	CHECK(match("\\P{L}", "a", true) == -1);
	CHECK(match("(?i:'S)", "'\xc5\xbf", true) == 3);
	CHECK(made("[]a]") == NULL);
	CHECK(match(".", "\n", true) == -1);
	CHECK(match("\\u00e9", "\xc3\xa9", true) == 2);
}

static void
what_more_text_may_change_is_unsure(void)
{
	CHECK(match("a+", "aa", false) == -2);
	CHECK(match("a+", "aab", false) == 2);
	CHECK(match("\\s+(?!\\S)", "  ", false) == -2);
	CHECK(match("\\s+(?!\\S)", "  ", true) == 2);
	CHECK(match("\\s+(?!\\S)", "  x", true) == 1);
	CHECK(match("\\s+$", "  ", true) == 2);
	CHECK(match("ab", "b", false) == -1);
}

static void
what_is_not_done_is_refused(void)
{
	static const char *const odd[] = { "a*", "", "a|", "(?<=a)b", "\\bx",
		"^a", "a+?", "(a)\\1", "(?>a)", "a**", "[[:alpha:]]+",
		"\\p{Greek}", "(?i:ss)", "(?i:\\p{L})", "(a", "a)", "[a",
		"[z-a]", "a{3,2}", "a{", "(?!ab)c", "(?:ab)++", "(?:ab){2}",
		"\\", "\\p{L", "()(t", "(?!)a", "(?m:a)", "(?:a?)*", "\\xff",
		"\\h" };

	for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
		struct regex *r = made(odd[i]);

		if (r != NULL)
			printf("# %s\n", odd[i]);
		CHECK(r == NULL && err.code == TK_DATA);
		regex_free(r);
	}
}

static void
it_ends(void)
{
	struct regex *r = made("(?:a|a)+(?:a|a)+b");
	char text[200];
	size_t end;

	memset(text, 'a', sizeof(text));
	CHECK(regex_match(r, (const uint8_t *)text, sizeof(text), 0, true,
		  &end) == REGEX_LONG);
	regex_free(r);
}

int
main(void)
{
	the_first_alternative_that_fits_is_taken();
	sets_have_what_they_say();
	what_more_text_may_change_is_unsure();
	what_is_not_done_is_refused();
	it_ends();
	return tap_done();
}
