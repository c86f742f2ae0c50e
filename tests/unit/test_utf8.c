#include "base/utf8.h"

#include "base/buf.h"
#include "tap.h"

static size_t
width(const char *s)
{
	return tk_utf8_width(s, strlen(s));
}

static int32_t
point(const char *s, size_t *n)
{
	int32_t cp;

	*n = tk_utf8_step(s, strlen(s), &cp);
	return cp;
}

static void
steps_over_anything(void)
{
	size_t n;

	CHECK(point("a", &n) == 'a' && n == 1);
	CHECK(point("\xc3\xa9", &n) == 0xe9 && n == 2);
	CHECK(point("\xe2\x82\xac", &n) == 0x20ac && n == 3);
	CHECK(point("\xf4\x8f\xbf\xbf", &n) == 0x10ffff && n == 4);
	CHECK(point("\x80", &n) == -1 && n == 1);
	CHECK(point("\xc0\xaf", &n) == -1 && n == 1);
	CHECK(point("\xe0\x9f\xbf", &n) == -1 && n == 1);
	CHECK(point("\xed\xa0\x80", &n) == -1 && n == 1);
	CHECK(point("\xf0\x9f\x98", &n) == -1 && n == 3);
	CHECK(point("\xf0\x9f\x98x", &n) == -1 && n == 3);
	CHECK(point("\xf4\x90\x80\x80", &n) == -1 && n == 1);
	CHECK(point("\xff", &n) == -1 && n == 1);
	CHECK(tk_utf8_valid("aé日😀", 10));
	CHECK(tk_utf8_valid("", 0));
	CHECK(!tk_utf8_valid("a\xe2\x82", 3));
	CHECK(!tk_utf8_valid("\xff"
			     "a",
	    2));
}

static void
knows_widths(void)
{
	CHECK(width("abc") == 3);
	CHECK(width("日本語") == 6);
	CHECK(width("e\xcc\x81") == 1);
	CHECK(width("😀") == 2);
	CHECK(width("\xe2\x80\x8d") == 0); /* zero width joiner */
	CHECK(width("\xf0\xa0\x80\x80") == 2);
	CHECK(width("\xef\xbc\xa1") == 2); /* fullwidth A */
	CHECK(width("\x1b[0m") == 4);
	CHECK(width("\xff\xfe") == 2);
	CHECK(tk_utf8_columns(0x202e) == -1);
	CHECK(tk_utf8_columns(0x2066) == -1);
	CHECK(tk_utf8_columns(0x85) == -1);
	CHECK(tk_utf8_columns(0x2588) == 1);
}

static void
cleans(void)
{
	struct tk_buf b = TK_BUF_INIT;
	const char s[] = "a\x1b[2J\xc2\x9b\xe2\x80\xae\xff\xf0\x9f\x98z\n";

	tk_utf8_add_clean(&b, s, strlen(s));
	CHECK_STR(b.s, "a?[2J????z?");
	tk_buf_release(&b);
}

static const char *
shortened(struct tk_buf *b, const char *s, size_t columns)
{
	tk_buf_reset(b);
	tk_utf8_add_short(b, s, strlen(s), columns);
	return b->s;
}

static void
shortens(void)
{
	struct tk_buf b = TK_BUF_INIT;

	CHECK_STR(shortened(&b, "dmitri.konstantinopolsky-lin", 18),
	    "dmitri.konst~y-lin");
	CHECK_STR(shortened(&b, "abc", 3), "abc");
	CHECK_STR(shortened(&b, "abcd", 3), "ab~");
	CHECK_STR(shortened(&b, "abcd", 1), "~");
	CHECK_STR(shortened(&b, "abcd", 0), "");
	CHECK_STR(shortened(&b, "日本語日本語", 8), "日本~語");
	for (size_t w = 0; w < 14; w++)
		CHECK(
		    width(shortened(&b, "日e\xcc\x81本語x日\xff本語", w)) <= w);
	tk_buf_release(&b);
}

static void
wraps(void)
{
	struct tk_buf b = TK_BUF_INIT;

	tk_utf8_add_wrapped(&b, "one two  three averyverylongword end", 4, 2,
	    12);
	CHECK_STR(b.s, "one two\n  three\n  averyverylongword\n  end");
	tk_buf_release(&b);
}

int
main(void)
{
	steps_over_anything();
	knows_widths();
	cleans();
	shortens();
	wraps();
	return tap_done();
}
