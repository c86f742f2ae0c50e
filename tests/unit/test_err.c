/* What an error says when a name in it is too long. */
#include "base/err.h"

#include <errno.h>
#include <string.h>

#include "tap.h"

static char name[5000];

static void
a_reason_is_added_behind_what_failed(void)
{
	struct tk_err err = TK_ERR_INIT;

	errno = ENOENT;
	CHECK(tk_fail_errno(&err, "cannot open '%s'", "x") == -1);
	CHECK_STR(err.msg, "cannot open 'x': No such file or directory");
	CHECK(tk_wrap(&err, "%s", "y") == -1);
	CHECK_STR(err.msg, "y: cannot open 'x': No such file or directory");
	CHECK(err.code == TK_IO);
}

static void
a_long_name_does_not_hide_the_reason(void)
{
	static const char end[] = "x...: File name too long";
	struct tk_err err = TK_ERR_INIT;

	errno = ENAMETOOLONG;
	tk_fail_errno(&err, "%s", name);
	CHECK(strlen(err.msg) == sizeof(err.msg) - 1);
	CHECK_STR(err.msg + strlen(err.msg) - strlen(end), end);

	tk_fail(&err, TK_DATA, "line 7");
	tk_wrap(&err, "%s", name);
	CHECK(strstr(err.msg, "x...: line 7") != NULL);
}

static void
both_may_be_too_long(void)
{
	struct tk_err err = TK_ERR_INIT;

	tk_fail(&err, TK_DATA, "%s", name);
	tk_wrap(&err, "%s", name);
	tk_wrap(&err, "%s", "short");
	CHECK(strlen(err.msg) == sizeof(err.msg) - 1);
	CHECK(strncmp(err.msg, "short: xxx", 10) == 0);
}

int
main(void)
{
	memset(name, 'x', sizeof(name) - 1);
	a_reason_is_added_behind_what_failed();
	a_long_name_does_not_hide_the_reason();
	both_may_be_too_long();
	return tap_done();
}
