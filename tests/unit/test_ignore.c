#include <stdlib.h>

#include "tap.h"
#include "tree/ignore.h"

static const struct {
	const char *glob, *path;
	bool fits;
} globs[] = {
	{ "a", "a", true },
	{ "a", "b", false },
	{ "a", "aa", false },
	{ "*", "abc", true },
	{ "*.c", "x.c", true },
	{ "*.c", "x.h", false },
	{ "*.c", ".c", true },
	{ "*a*b*c", "xaxbxc", true },
	{ "*a*b*c", "xaxcxb", false },
	{ "?", "a", true },
	{ "?", "", false },
	{ "a?c", "a/c", false },
	{ "a/*", "a/b", true },
	{ "a/*", "a/b/c", false },
	{ "a/*/c", "a/b/c", true },
	{ "a/*/d", "a/b/c/d", false },
	{ "**/foo", "foo", true },
	{ "**/foo", "a/foo", true },
	{ "**/foo", "a/b/foo", true },
	{ "**/foo", "a/xfoo", false },
	{ "**/foo/bar", "a/foo/bar", true },
	{ "abc/**", "abc/x", true },
	{ "abc/**", "abc/x/y", true },
	{ "abc/**", "abc", false },
	{ "a/**/b", "a/b", true },
	{ "a/**/b", "a/x/b", true },
	{ "a/**/b", "a/x/y/b", true },
	{ "a/**/b", "a/xb", false },
	{ "a/**/*.c", "a/x.c", true },
	{ "a/**/*.c", "a/p/q/x.c", true },
	{ "a/**/b/*/c", "a/b/b/x/c", true },
	{ "a/**/b/*c", "a/b/x/b/yc", true },
	{ "a**b", "axxb", true },
	{ "a**b", "a/b", false },
	{ "**", "x", true },
	{ "[abc]", "b", true },
	{ "[abc]", "d", false },
	{ "[a-c]x", "bx", true },
	{ "[!a-c]x", "bx", false },
	{ "[^a-c]x", "dx", true },
	{ "[]]", "]", true },
	{ "[!]]", "]", false },
	{ "[]-]", "-", true },
	{ "[a-]", "-", true },
	{ "[[:digit:]]", "7", true },
	{ "[[:digit:]]", "a", false },
	{ "[[:alpha:]_]*", "_x", true },
	{ "[!a]", "/", false },
	{ "[abc", "a", false },
	{ "[abc", "[abc", false },
	{ "\\*", "*", true },
	{ "\\*", "a", false },
	{ "a\\", "a\\", true },
	{ "[\\]]", "]", true },
	{ "caf\xc3\xa9", "caf\xc3\xa9", true },
};

static void
globs_fit_as_in_git(void)
{
	for (size_t i = 0; i < sizeof(globs) / sizeof(globs[0]); i++) {
		bool fits = ignore_glob(globs[i].glob, globs[i].path);

		CHECK(fits == globs[i].fits);
		if (fits != globs[i].fits)
			printf("# '%s' and '%s'\n", globs[i].glob,
			    globs[i].path);
	}
}

static void
add(struct ignore *ig, const char *text, size_t base)
{
	ignore_add(ig, text, strlen(text), base);
}

static void
the_last_line_of_the_deepest_file_decides(void)
{
	struct ignore ig;
	size_t mark;

	ignore_init(&ig);
	add(&ig, "\xef\xbb\xbf# comment\n*.o\r\n!keep.o\n/top\nd/\n\n", 2);
	CHECK(ignore_says(&ig, "/r/x.o", false));
	CHECK(ignore_says(&ig, "/r/sub/x.o", false));
	CHECK(!ignore_says(&ig, "/r/sub/keep.o", false));
	CHECK(ignore_says(&ig, "/r/top", false));
	CHECK(!ignore_says(&ig, "/r/sub/top", false));
	CHECK(ignore_says(&ig, "/r/d", true));
	CHECK(!ignore_says(&ig, "/r/d", false));
	mark = ignore_mark(&ig);
	add(&ig, "keep.o\n!x.o\n", 6);
	CHECK(ignore_says(&ig, "/r/sub/keep.o", false));
	CHECK(!ignore_says(&ig, "/r/sub/x.o", false));
	ignore_cut(&ig, mark);
	CHECK(ignore_says(&ig, "/r/sub/x.o", false));
	/* A last line ends in CR alone as others do in CR and LF. */
	add(&ig, "last\r", 2);
	CHECK(ignore_says(&ig, "/r/last", false));
	ignore_release(&ig);
}

static void
spaces_at_the_end_do_not_count(void)
{
	struct ignore ig;

	ignore_init(&ig);
	add(&ig, "a  \nb\\ \n\\#c\n\\!d\n  e", 2);
	CHECK(ignore_says(&ig, "/r/a", false));
	CHECK(!ignore_says(&ig, "/r/b", false));
	CHECK(ignore_says(&ig, "/r/b ", false));
	CHECK(ignore_says(&ig, "/r/#c", false));
	CHECK(ignore_says(&ig, "/r/!d", false));
	CHECK(ignore_says(&ig, "/r/  e", false));
	ignore_release(&ig);
}

/* A naive matcher would take for ever. */
static void
many_stars_take_no_time(void)
{
	char glob[201], path[2001];

	for (int i = 0; i < 200; i += 2)
		memcpy(glob + i, "*a", 2);
	glob[200] = '\0';
	memset(path, 'a', 2000);
	path[1999] = 'b';
	path[2000] = '\0';
	CHECK(!ignore_glob(glob, path));
}

int
main(void)
{
	globs_fit_as_in_git();
	the_last_line_of_the_deepest_file_decides();
	spaces_at_the_end_do_not_count();
	many_stars_take_no_time();
	return tap_done();
}
