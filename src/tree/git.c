#include "tree/git.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "tree/ignore.h"

/* No file of rules or settings is that long. */
enum { FILE_MAX = 1 << 24 };

static bool
has_git(const char *path, size_t n)
{
	struct tk_buf b = TK_BUF_INIT;
	bool yes;

	tk_buf_add(&b, path, n);
	tk_buf_adds(&b, "/.git");
	yes = access(b.s, F_OK) == 0;
	tk_buf_release(&b);
	return yes;
}

bool
git_top(const char *path, size_t *top)
{
	for (*top = strlen(path); !has_git(path, *top);) {
		if (*top == 0)
			return false;
		while (--*top > 0 && path[*top] != '/')
			;
	}
	return true;
}

static bool
read_quietly(const char *path, struct tk_buf *b)
{
	struct tk_err err = TK_ERR_INIT;
	struct stat st;

	return stat(path, &st) == 0 && S_ISREG(st.st_mode) &&
	    tk_read_file(path, FILE_MAX, b, &err) == 0;
}

void
git_rules_file(struct ignore *ig, const char *path, size_t base)
{
	struct tk_buf b = TK_BUF_INIT;

	if (read_quietly(path, &b))
		ignore_add(ig, b.s, b.len, base);
	tk_buf_release(&b);
}

/* The first line of a small file, if it begins like that. */
static char *
line_after(const char *path, const char *begin)
{
	struct tk_buf b = TK_BUF_INIT;
	char *line = NULL;
	size_t n = strlen(begin);

	if (read_quietly(path, &b) && strncmp(b.s, begin, n) == 0) {
		b.s[strcspn(b.s, "\r\n")] = '\0';
		line = tk_xstrdup(b.s + n);
	}
	tk_buf_release(&b);
	return line;
}

/* A path as it is, or one below a folder. */
static char *
below(const char *folder, const char *path)
{
	struct tk_buf b = TK_BUF_INIT;

	if (*path != '/')
		tk_buf_addf(&b, "%s/", folder);
	tk_buf_adds(&b, path);
	return tk_buf_detach(&b);
}

/* The folder with info/ and config: that of the first work tree. */
static char *
common_folder(const char *top)
{
	char *git = below(top, ".git"), *link, *file, *next;

	if ((link = line_after(git, "gitdir: ")) != NULL) {
		free(git);
		git = below(top, link);
		free(link);
	}
	file = below(git, "commondir");
	if ((link = line_after(file, "")) != NULL) {
		next = below(git, link);
		free(git);
		free(link);
		git = next;
	}
	free(file);
	return git;
}

/* The value after "key =" in one line, without quotes. */
static void
take_value(const char *line, size_t n, char **value)
{
	static const char key[] = "excludesfile";
	size_t k = sizeof(key) - 1;
	char *v, *to;

	if (n < k || strncasecmp(line, key, k) != 0)
		return;
	for (line += k, n -= k; n > 0 && (*line == ' ' || *line == '\t'); n--)
		line++;
	if (n == 0 || *line != '=')
		return;
	for (line++, n--; n > 0 && (*line == ' ' || *line == '\t'); n--)
		line++;
	while (n > 0 && strchr(" \t\r", line[n - 1]) != NULL)
		n--;
	v = to = tk_xcalloc(n + 1, 1);
	for (size_t i = 0; i < n; i++) {
		if (line[i] == '"')
			continue;
		if (line[i] == '\\' && i + 1 < n)
			i++;
		*to++ = line[i];
	}
	free(*value);
	*value = v;
}

/* core.excludesFile of a file of settings; the last one wins. */
static void
take_setting(const char *path, char **value)
{
	struct tk_buf b = TK_BUF_INIT;
	bool core = false;

	if (read_quietly(path, &b)) {
		for (const char *p = b.s; *p != '\0';) {
			size_t n = strcspn(p, "\n");
			size_t skip = strspn(p, " \t");

			skip = skip < n ? skip : n;
			if (p[skip] == '[')
				core = strncasecmp(p + skip, "[core]", 6) == 0;
			else if (core)
				take_value(p + skip, n - skip, value);
			p += n + (p[n] == '\n');
		}
	}
	tk_buf_release(&b);
}

static void
take_setting_below(const char *folder, const char *name, char **value)
{
	char *path;

	if (folder == NULL || *folder == '\0')
		return;
	path = below(folder, name);
	take_setting(path, value);
	free(path);
}

/* core.excludesFile, or where it is when nothing says so. */
static char *
user_rules(const char *git)
{
	const char *home = getenv("HOME"), *xdg = getenv("XDG_CONFIG_HOME");
	char *value = NULL, *config = NULL, *path = NULL;

	if (xdg != NULL && *xdg != '\0')
		config = tk_xstrdup(xdg);
	else if (home != NULL && *home != '\0')
		config = below(home, ".config");
	take_setting("/etc/gitconfig", &value);
	take_setting_below(config, "git/config", &value);
	take_setting_below(home, ".gitconfig", &value);
	take_setting_below(git, "config", &value);
	if (value == NULL && config != NULL)
		path = below(config, "git/ignore");
	else if (value != NULL && strncmp(value, "~/", 2) == 0 && home != NULL)
		path = below(home, value + 2);
	else if (value != NULL && *value == '/')
		path = tk_xstrdup(value);
	free(value);
	free(config);
	return path;
}

void
git_rules(struct ignore *ig, const char *top)
{
	char *git = common_folder(top);
	char *user = user_rules(git), *exclude = below(git, "info/exclude");
	size_t base = strlen(top);

	if (user != NULL)
		git_rules_file(ig, user, base);
	git_rules_file(ig, exclude, base);
	free(exclude);
	free(user);
	free(git);
}
