/* Lines that wait: each is there whole or not at all. */
#include "spool/spool.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tap.h"

static struct tk_err err;
static char folder[] = "/tmp/tokctl-spool.XXXXXX";
static char path[64];

static int
add(const char *lines, int64_t most)
{
	return spool_append(path, lines, strlen(lines), most, SPOOL_RELAXED,
	    &err);
}

static void
what_is_appended_waits(void)
{
	struct spool s;

	CHECK(spool_open(&s, path, &err) == 0);
	CHECK(add("one\n", 10) == 1);
	CHECK(add("two\nthree\n", 10) == 1);
	CHECK(spool_open(&s, path, &err) == 1);
	CHECK_STR(s.text.s, "one\ntwo\nthree\n");
	spool_close(&s);
	/* Not done: it waits on. */
	CHECK(spool_open(&s, path, &err) == 1);
	CHECK(spool_empty(&s, &err) == 0);
	spool_close(&s);
	CHECK(spool_open(&s, path, &err) == 0);
}

static void
half_a_line_is_none(void)
{
	struct spool s;
	FILE *f = fopen(path, "a");

	CHECK(f != NULL && fputs("whole\nhal", f) >= 0 && fclose(f) == 0);
	CHECK(spool_open(&s, path, &err) == 1);
	CHECK_STR(s.text.s, "whole\n");
	spool_close(&s);
	CHECK(add("next\n", 10) == 1);
	CHECK(spool_open(&s, path, &err) == 1);
	CHECK_STR(s.text.s, "whole\nnext\n");
	CHECK(spool_empty(&s, &err) == 0);
	spool_close(&s);
}

static void
there_is_room_for_so_many(void)
{
	struct spool s;

	CHECK(add("a\n", 2) == 1);
	CHECK(add("b\nc\n", 2) == 0);
	CHECK(add("b\n", 2) == 1);
	CHECK(add("c\n", 2) == 0);
	CHECK(spool_open(&s, path, &err) == 1);
	CHECK_STR(s.text.s, "a\nb\n");
	CHECK(spool_empty(&s, &err) == 0);
	spool_close(&s);
}

static void
many_append_while_one_empties(void)
{
	enum { WRITERS = 4, LINES = 300 };
	struct spool s;
	int seen = 0, left = WRITERS;

	for (int i = 0; i < WRITERS; i++) {
		if (fork() != 0)
			continue;
		for (int n = 0; n < LINES; n++)
			if (add("x-of-a-line-that-is-longer-than-others\n",
				100000) != 1)
				_exit(1);
		_exit(0);
	}
	for (;;) {
		if (spool_open(&s, path, &err) > 0) {
			for (const char *p = s.text.s; *p != '\0'; p++)
				seen += *p == '\n';
			CHECK(spool_empty(&s, &err) == 0);
			spool_close(&s);
		} else if (left == 0) {
			break;
		}
		while (left > 0 && waitpid(-1, NULL, WNOHANG) > 0)
			left--;
	}
	CHECK(seen == WRITERS * LINES);
}

static void
what_is_no_file_is_refused(void)
{
	struct spool s;

	CHECK(unlink(path) == 0 && mkfifo(path, 0600) == 0);
	CHECK(add("a\n", 10) < 0);
	CHECK(spool_open(&s, path, &err) < 0);
	CHECK(unlink(path) == 0);
}

int
main(void)
{
	char command[64];

	if (mkdtemp(folder) == NULL)
		return 1;
	snprintf(path, sizeof(path), "%s/below/spool", folder);
	what_is_appended_waits();
	half_a_line_is_none();
	there_is_room_for_so_many();
	many_append_while_one_empties();
	what_is_no_file_is_refused();
	snprintf(command, sizeof(command), "rm -rf %s", folder);
	return tap_done() | (system(command) != 0);
}
