/* Settings in one file: reading it, and checking what it says. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "config/config_int.h"

enum { MAX_FILE = 1 << 20 };

static int
read_all(int fd, const char *path, struct tk_buf *text, struct tk_err *err)
{
	char block[4096];
	ssize_t n;

	while ((n = read(fd, block, sizeof(block))) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return tk_fail_errno(err, "cannot read '%s'", path);
		if (text->len + (size_t)n > MAX_FILE)
			return tk_fail(err, TK_USAGE,
			    "%s: settings do not take more than a megabyte",
			    path);
		tk_buf_add(text, block, (size_t)n);
	}
	return 1;
}

int
config_slurp(const char *path, struct tk_buf *text, struct tk_err *err)
{
	/* Without O_NONBLOCK a FIFO of that name would hang every command. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	int rc;

	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
		return 0;
	if (fd < 0)
		return tk_fail_errno(err, "cannot open '%s'", path);
	fcntl(fd, F_SETFL, 0);
	rc = read_all(fd, path, text, err);
	close(fd);
	return rc;
}

/* A key or a section that the file has already. */
struct seen {
	char *path;
	int line;
};

struct check {
	const char *name;
	config_value_fn *fn;
	void *data;
	struct seen *seen;
	size_t n;
};

static int
refuse_twice(struct check *c, const char *path, int line, struct tk_err *err)
{
	for (size_t i = 0; i < c->n; i++)
		if (strcmp(c->seen[i].path, path) == 0)
			return tk_fail(err, TK_USAGE,
			    "%s:%d: '%s' is set twice, before in line %d",
			    c->name, line, path, c->seen[i].line);
	/* Only known names get here, so this stays short. */
	c->seen = tk_xreallocarray(c->seen, c->n + 1, sizeof(*c->seen));
	c->seen[c->n++] = (struct seen){ tk_xstrdup(path), line };
	return 0;
}

static int
check_value(void *data, const char *path, const char *value,
    const struct config_mark *key, const struct config_mark *at,
    struct tk_err *err)
{
	struct check *c = data;
	const struct config_key *k = NULL;
	int rc = -1;

	(void)at;
	if (config_is_section(path) && value == NULL)
		return refuse_twice(c, path, key->line, err);
	if (config_is_section(path)) {
		tk_fail(err, TK_USAGE, "'%s' is a section, not a key", path);
		tk_hint(err, "put its keys below it, indented");
	} else if ((k = config_find(path, err)) != NULL) {
		if (value == NULL)
			tk_fail(err, TK_USAGE, "'%s' has no value", path);
		else
			rc = config_check(k, value, err);
	}
	if (rc < 0)
		return tk_wrap(err, "%s:%d", c->name, key->line);
	if (refuse_twice(c, path, key->line, err) < 0)
		return -1;
	return c->fn(c->data, k, value, key->line, err);
}

static int
check_map(void *data, const char *path, const struct config_mark *key,
    const struct config_map *map, struct tk_err *err)
{
	struct check *c = data;

	(void)map;
	if (path[0] == '\0')
		return 0;
	if (!config_is_section(path)) {
		config_unknown(path, err);
		return tk_wrap(err, "%s:%d", c->name, key->line);
	}
	return refuse_twice(c, path, key->line, err);
}

int
config_read_keys(const char *name, const struct tk_buf *text,
    config_value_fn *fn, void *data, struct tk_err *err)
{
	struct check c = { .name = name, .fn = fn, .data = data };
	struct config_reader r = { check_value, check_map, &c };
	int rc = config_read_yaml(name, text, &r, err);

	for (size_t i = 0; i < c.n; i++)
		free(c.seen[i].path);
	free(c.seen);
	return rc;
}
