/* Files that are there whole or not at all. */
#include "base/file.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "tap.h"

static struct tk_err err;

static void
write_file(const char *path, const char *text, bool commit)
{
	struct tk_new_file f;

	CHECK(tk_new_file_open(&f, path, 0600, &err) == 0);
	fputs(text, f.to);
	if (commit)
		CHECK(tk_new_file_commit(&f, &err) == 0);
	tk_new_file_discard(&f);
}

static const char *
content(const char *path)
{
	static struct tk_buf b = TK_BUF_INIT;

	tk_buf_reset(&b);
	CHECK(tk_read_file(path, 1000, &b, &err) == 0);
	return b.s;
}

static void
replaces_only_when_committed(void)
{
	write_file("a", "old", true);
	write_file("a", "new", false);
	CHECK_STR(content("a"), "old");
	write_file("a", "new", true);
	CHECK_STR(content("a"), "new");
}

static void
follows_links(void)
{
	struct stat sb;

	CHECK(symlink("a", "link") == 0);
	write_file("link", "through", true);
	CHECK(lstat("link", &sb) == 0 && S_ISLNK(sb.st_mode));
	CHECK_STR(content("a"), "through");
}

/* A device stays a device: its name is never taken by a file. */
static void
writes_to_what_is_no_file(void)
{
	struct tk_new_file f;
	struct stat sb;

	CHECK(symlink("/dev/full", "full") == 0);
	CHECK(tk_new_file_open(&f, "full", 0600, &err) == 0);
	fputs("x", f.to);
	CHECK(tk_new_file_commit(&f, &err) < 0);
	CHECK(err.code == TK_IO);
	CHECK(stat("full", &sb) == 0 && S_ISCHR(sb.st_mode));
}

static void
makes_private_folders(void)
{
	struct stat sb;

	CHECK(tk_make_parents("x/y/z", &err) == 0);
	CHECK(stat("x/y", &sb) == 0 && S_ISDIR(sb.st_mode));
	CHECK((sb.st_mode & 0777) == 0700);
	CHECK(access("x/y/z", F_OK) != 0);
	CHECK(tk_make_parents("a/b", &err) == 0 || err.code == TK_IO);
}

static void
says_why_a_folder_cannot_be_made(void)
{
	uid_t me = geteuid();

	CHECK(mkdir("closed", 0500) == 0);
	if (me == 0) /* who may write anywhere */
		CHECK(chmod(".", 0755) == 0 && seteuid(54321) == 0);
	CHECK(tk_make_parents("closed/x/y", &err) < 0);
	CHECK_STR(err.msg,
	    "cannot make the folder 'closed/x': Permission denied");
	CHECK(seteuid(me) == 0);
}

int
main(void)
{
	char folder[] = "/tmp/tokctl-file.XXXXXX";
	char command[64];

	if (mkdtemp(folder) == NULL || chdir(folder) != 0)
		return 1;
	replaces_only_when_committed();
	follows_links();
	writes_to_what_is_no_file();
	makes_private_folders();
	says_why_a_folder_cannot_be_made();
	snprintf(command, sizeof(command), "rm -rf %s", folder);
	return tap_done() | (system(command) != 0);
}
