/* "Did you mean": what is near, and what is not worth a guess. */
#include "base/suggest.h"

#include "base/err.h"
#include "tap.h"

static const char *const commands[] = { "count", "usage", "export", "report",
	"top", "status", "quota", "remove", "list", "show", "sonar", NULL };

static const char *
hint_for(const char *typed, const char *const *words)
{
	static struct tk_err err;
	struct tk_suggest s;

	err = (struct tk_err)TK_ERR_INIT;
	tk_suggest_init(&s, typed);
	for (; *words != NULL; words++)
		tk_suggest_offer(&s, *words);
	CHECK(tk_suggest_hint(&s, "none", &err) == -1);
	return err.hint;
}

static void
typos_find_their_word(void)
{
	static const char *const typos[][2] = {
		{ "reprot", "report" },
		{ "exprt", "export" },
		{ "quotas", "quota" },
		{ "tops", "top" },
		{ "xount", "count" },
		{ "otp", "top" },
		{ "rm", "remove" },
		{ "lst", "list" },
		{ "stat", "status" },
	};

	for (size_t i = 0; i < TK_LEN(typos); i++) {
		char want[64];

		snprintf(want, sizeof(want), "did you mean '%s'?", typos[i][1]);
		CHECK_STR(hint_for(typos[i][0], commands), want);
	}
}

static void
a_word_that_has_little_in_common_is_no_guess(void)
{
	CHECK_STR(hint_for("x", commands), "none");
	CHECK_STR(hint_for("nope", commands), "none");
	CHECK_STR(hint_for("bad", (const char *[]){ "poland", NULL }), "none");
	CHECK_STR(hint_for("", commands), "none");
	CHECK_STR(hint_for("yaml", (const char *[]){ "html", NULL }), "none");
}

static void
a_word_is_offered_once(void)
{
	static const char *const twice[] = { "gpt-4", "gpt-5", "gpt-4", NULL };

	CHECK_STR(hint_for("gpt-3", twice), "did you mean 'gpt-4' or 'gpt-5'?");
}

int
main(void)
{
	typos_find_their_word();
	a_word_that_has_little_in_common_is_no_guess();
	a_word_is_offered_once();
	return tap_done();
}
