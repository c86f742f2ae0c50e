#include "base/who.h"

#include <pwd.h>
#include <sched.h>
#include <stdio.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/buf.h"

static bool
find(struct tk_buf *b, bool home)
{
	FILE *in = fopen("/etc/passwd", "re");
	const struct passwd *pw;
	bool found = false;

	while (in != NULL && !found && (pw = fgetpwent(in)) != NULL) {
		if (pw->pw_uid != getuid())
			continue;
		tk_buf_adds(b, home ? pw->pw_dir : pw->pw_name);
		found = true;
	}
	if (in != NULL)
		fclose(in);
	return found;
}

bool
tk_passwd_name(struct tk_buf *b)
{
	return find(b, false);
}

bool
tk_passwd_home(struct tk_buf *b)
{
	return find(b, true);
}

bool
tk_host_name(struct tk_buf *b)
{
	struct utsname u;

	if (uname(&u) < 0 || u.nodename[0] == '\0')
		return false;
	tk_buf_adds(b, u.nodename);
	return true;
}

int
tk_processors(void)
{
	cpu_set_t set;

	if (sched_getaffinity(0, sizeof(set), &set) < 0)
		return 1;
	return CPU_COUNT(&set);
}
