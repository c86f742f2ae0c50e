/* Where things are kept: the XDG base directory specification. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/who.h"
#include "config/config_int.h"

static const struct {
	const char *env, *below_home;
} places[] = {
	[PLACE_CONFIG] = { "XDG_CONFIG_HOME", ".config" },
	[PLACE_DATA] = { "XDG_DATA_HOME", ".local/share" },
	[PLACE_STATE] = { "XDG_STATE_HOME", ".local/state" },
	[PLACE_CACHE] = { "XDG_CACHE_HOME", ".cache" },
};

/* The specification says to ignore what is not absolute. */
static const char *
absolute(const char *path)
{
	return path != NULL && path[0] == '/' ? path : NULL;
}

int
config_home(struct tk_buf *b, struct tk_err *err)
{
	const char *home = absolute(getenv("HOME"));
	size_t start = b->len;

	if (home != NULL) {
		tk_buf_adds(b, home);
		return 0;
	}
	if (!tk_passwd_home(b) || absolute(b->s + start) == NULL) {
		tk_fail(err, TK_IO, "there is no home folder");
		return tk_hint(err,
		    "set $HOME, or say where things are: --ledger, --config");
	}
	return 0;
}

int
config_path(enum config_place place, const char *name, struct tk_buf *b,
    struct tk_err *err)
{
	const char *dir = absolute(getenv(places[place].env));

	if (dir != NULL)
		tk_buf_adds(b, dir);
	else if (config_home(b, err) < 0)
		return -1;
	else
		tk_buf_addf(b, "/%s", places[place].below_home);
	tk_buf_adds(b, "/tokctl");
	if (name[0] != '\0')
		tk_buf_addf(b, "/%s", name);
	return 0;
}

/* A folder that everyone may write to, as /tmp, is no place for a project
 * unless the file there is one's own. */
static bool
is_trusted(const char *folder, const char *path)
{
	struct stat dir, file;

	if (stat(folder, &dir) < 0 || stat(path, &file) < 0)
		return false;
	return (dir.st_mode & S_IWOTH) == 0 || file.st_uid == geteuid();
}

/* The nearest .tokctl.yaml, from the working folder up. */
static bool
find_project(struct tk_buf *path)
{
	char *dir = getcwd(NULL, 0), *slash;
	bool found = false;

	while (dir != NULL && !found) {
		tk_buf_reset(path);
		tk_buf_addf(path, "%s/.tokctl.yaml",
		    strcmp(dir, "/") == 0 ? "" : dir);
		found = access(path->s, R_OK) == 0 &&
		    is_trusted(dir[0] == '\0' ? "/" : dir, path->s);
		slash = strrchr(dir, '/');
		if (slash == NULL || dir[1] == '\0')
			break;
		slash[slash == dir] = '\0';
	}
	free(dir);
	return found;
}

/* The folders of $XDG_CONFIG_DIRS, of which the first counts most. */
static int
each_system_file(config_source_fn *fn, void *data, struct tk_err *err)
{
	const char *dirs = getenv("XDG_CONFIG_DIRS");
	const char *end;
	struct tk_buf path = TK_BUF_INIT;
	struct config_source f = { .layer = "system" };
	int rc = 0;

	if (dirs == NULL || dirs[0] == '\0')
		dirs = "/etc/xdg";
	end = dirs + strlen(dirs);
	while (rc >= 0 && end > dirs) {
		const char *start = end;

		while (start > dirs && start[-1] != ':')
			start--;
		if (start < end && *start == '/') {
			tk_buf_reset(&path);
			tk_buf_add(&path, start, (size_t)(end - start));
			tk_buf_adds(&path, "/tokctl/tokctl.yaml");
			f.path = path.s;
			rc = fn(&f, data, err);
		}
		end = start > dirs ? start - 1 : start;
	}
	tk_buf_release(&path);
	return rc;
}

int
config_each_source(const char *given, config_source_fn *fn, void *data,
    struct tk_err *err)
{
	struct config_source f = { .layer = "given", .path = given };
	struct tk_buf path = TK_BUF_INIT;
	struct tk_err no_home;
	int rc = 0;

	if (given != NULL)
		return fn(&f, data, err);
	rc = each_system_file(fn, data, err);
	/* Without a home there is no such file, which is fine. */
	if (rc >= 0 &&
	    config_path(PLACE_CONFIG, "tokctl.yaml", &path, &no_home) == 0) {
		f = (struct config_source){ "user", path.s, false };
		rc = fn(&f, data, err);
	}
	if (rc >= 0 && find_project(&path)) {
		f = (struct config_source){ "project", path.s, true };
		rc = fn(&f, data, err);
	}
	tk_buf_release(&path);
	return rc;
}
