/* One column of CSV, in whatever pieces it comes. */
#include "sheet/sheet.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"
#include "tap.h"

static int
add_field(const char *field, size_t n, int64_t row, void *to_,
    struct tk_err *err)
{
	struct tk_buf *to = to_;

	(void)row, (void)err;
	tk_buf_add(to, field, n);
	tk_buf_adds(to, "\n");
	return 0;
}

/* Each part is what one read gives; "" ends them. */
static int
read_parts(const char *const *part, const char *column, struct tk_buf *to,
    struct tk_err *err)
{
	int fd[2], rc;

	tk_buf_reset(to);
	if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, fd) < 0)
		return tk_fail_errno(err, "socketpair");
	for (; **part != '\0'; part++)
		CHECK(send(fd[0], *part, strlen(*part), 0) > 0);
	close(fd[0]);
	rc = sheet_column(fd[1], "x", column, add_field, to, err);
	close(fd[1]);
	return rc;
}

static void
its_first_line_may_come_in_pieces(void)
{
	static const char *const parts[] = { "\xef", "\xbb\xbf\"a,b", ",c\";x",
		",b;", "tex", "t\n1;2;Hel", "lo\n", "4;5;end", "" };
	struct tk_buf b = TK_BUF_INIT;
	struct tk_err err = TK_ERR_INIT;

	CHECK(read_parts(parts, "text", &b, &err) == 0);
	CHECK_STR(b.s, "Hello\nend\n");
	CHECK(read_parts(parts, "a,b,c", &b, &err) == 0);
	CHECK_STR(b.s, "1\n4\n");
	tk_buf_release(&b);
}

static void
it_may_be_all_there_is(void)
{
	static const char *const names[] = { "a,b", "" };
	static const char *const nothing[] = { "" };
	static const char *const mark[] = { "\xef\xbb\xbf", "" };
	struct tk_buf b = TK_BUF_INIT;
	struct tk_err err = TK_ERR_INIT;

	CHECK(read_parts(names, "b", &b, &err) == 0);
	CHECK_STR(b.s, "");
	CHECK(read_parts(nothing, "b", &b, &err) < 0);
	CHECK_STR(err.msg, "x: no row with names");
	CHECK(read_parts(mark, "b", &b, &err) < 0);
	tk_buf_release(&b);
}

static void
a_name_is_for_one_column(void)
{
	static const char *const parts[] = { "a,b,a\n1,2,3\n", "" };
	struct tk_buf b = TK_BUF_INIT;
	struct tk_err err = TK_ERR_INIT;

	CHECK(read_parts(parts, "a", &b, &err) < 0);
	CHECK(strstr(err.msg, "x: 2 columns are called 'a'") == err.msg);
	CHECK(read_parts(parts, "3", &b, &err) == 0);
	CHECK_STR(b.s, "3\n");
	tk_buf_release(&b);
}

int
main(void)
{
	its_first_line_may_come_in_pieces();
	it_may_be_all_there_is();
	a_name_is_for_one_column();
	return tap_done();
}
