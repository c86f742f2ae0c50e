/* The layers, from the least important up; the first that has a key wins. */
#include "config/config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/num.h"
#include "base/time.h"
#include "config/config_int.h"

enum layer { LAYER_NONE, LAYER_DEFAULT, LAYER_FILE, LAYER_ENV, LAYER_FLAG };

/* What one key is set to. */
struct setting {
	char *value, *origin;
	enum layer layer;
};

struct config {
	char *file;               /* --config, or NULL */
	struct setting *settings; /* one for each of config_keys[] */
	bool loaded;
};

static size_t
count_keys(void)
{
	size_t n = 0;

	while (config_keys[n].name != NULL)
		n++;
	return n;
}

struct config *
config_new(const char *file)
{
	struct config *c = tk_xcalloc(1, sizeof(*c));

	c->file = file == NULL ? NULL : tk_xstrdup(file);
	c->settings = tk_xcalloc(count_keys(), sizeof(*c->settings));
	return c;
}

void
config_free(struct config *c)
{
	if (c == NULL)
		return;
	for (size_t i = 0; i < count_keys(); i++) {
		free(c->settings[i].value);
		free(c->settings[i].origin);
	}
	free(c->settings);
	free(c->file);
	free(c);
}

/* "sqlite:x", "postgres://..." */
static bool
is_url(const char *path)
{
	size_t n = strspn(path, "abcdefghijklmnopqrstuvwxyz");

	return n > 1 && path[n] == ':';
}

/* The folder of a file, with its last slash; of the working folder: "". */
static size_t
folder_len(const char *file)
{
	const char *slash = file == NULL ? NULL : strrchr(file, '/');

	return slash == NULL ? 0 : (size_t)(slash - file) + 1;
}

/* An absolute path; file is where it was written, or NULL. */
static int
expand_path(const char *path, const char *file, struct tk_buf *b,
    struct tk_err *err)
{
	static const char data[] = "$XDG_DATA_HOME/tokctl/";
	char *cwd;

	if (strncmp(path, data, sizeof(data) - 1) == 0)
		return config_path(PLACE_DATA, path + sizeof(data) - 1, b, err);
	if (strncmp(path, "~/", 2) == 0) {
		if (config_home(b, err) < 0)
			return -1;
		tk_buf_adds(b, path + 1);
		return 0;
	}
	if (path[0] != '/' && !is_url(path)) {
		if (file == NULL || file[0] != '/') {
			cwd = getcwd(NULL, 0);
			if (cwd == NULL)
				return tk_fail_errno(err,
				    "cannot tell the working folder");
			tk_buf_addf(b, "%s/", cwd);
			free(cwd);
		}
		tk_buf_add(b, file, folder_len(file));
	}
	tk_buf_adds(b, path);
	return 0;
}

/* The value has been checked; file is where it is from, or NULL. */
static int
store(struct config *c, const struct config_key *key, enum layer layer,
    const char *value, const char *origin, const char *file, struct tk_err *err)
{
	struct setting *s = &c->settings[key - config_keys];
	struct tk_buf b = TK_BUF_INIT;

	if (layer < s->layer)
		return 0;
	if (key->type != CONFIG_PATH) {
		tk_buf_adds(&b, value);
	} else if (expand_path(value, file, &b, err) < 0) {
		tk_buf_release(&b);
		return tk_wrap(err, "'%s'", key->name);
	}
	free(s->value);
	free(s->origin);
	s->value = tk_buf_detach(&b);
	s->origin = tk_xstrdup(origin);
	s->layer = layer;
	return 0;
}

/* A file that is being read. */
struct reading {
	struct config *c; /* NULL: it is only checked */
	const struct config_source *from;
};

static int
take_value(void *data, const struct config_key *key, const char *value,
    int line, struct tk_err *err)
{
	const struct reading *r = data;
	const struct config_source *f = r->from;
	struct tk_buf origin = TK_BUF_INIT;
	int rc = 0;

	if (f->project && !key->project) {
		tk_fail(err, TK_USAGE, "%s:%d: a project may not set '%s'",
		    f->path, line, key->name);
		return tk_hint(err, "set it for yourself: tokctl config set %s",
		    key->name);
	}
	tk_buf_addf(&origin, "%s:%d", f->path, line);
	if (r->c != NULL)
		rc =
		    store(r->c, key, LAYER_FILE, value, origin.s, f->path, err);
	tk_buf_release(&origin);
	return rc;
}

/* 1: read, 0: there is none. */
static int
read_file(struct config *c, const struct config_source *f, struct tk_err *err)
{
	struct tk_buf text = TK_BUF_INIT;
	struct reading r = { c, f };
	int rc = config_slurp(f->path, &text, err);

	if (rc > 0 && config_read_keys(f->path, &text, take_value, &r, err) < 0)
		rc = -1;
	tk_buf_release(&text);
	return rc;
}

static int
load_file(const struct config_source *f, void *data, struct tk_err *err)
{
	int rc = read_file(data, f, err);

	if (rc == 0 && strcmp(f->layer, "given") == 0) {
		errno = ENOENT;
		return tk_fail_errno(err, "cannot open '%s'", f->path);
	}
	return rc;
}

static int
load_env(struct config *c, const struct config_key *key, const char *name,
    struct tk_err *err)
{
	const char *value = name == NULL ? NULL : getenv(name);
	struct tk_buf origin = TK_BUF_INIT;
	int rc;

	if (value == NULL || value[0] == '\0')
		return 0;
	tk_buf_addf(&origin, "environment %s", name);
	rc = config_check(key, value, err);
	if (rc == 0)
		rc = store(c, key, LAYER_ENV, value, origin.s, NULL, err);
	tk_buf_release(&origin);
	return rc < 0 ? tk_wrap(err, "$%s", name) : 0;
}

/* The long names, as TOKCTL_UI_TZ: mostly there are none, so each is asked
 * for its key, and not each key for its name. */
static int
load_long_names(struct config *c, struct tk_err *err)
{
	struct tk_buf name = TK_BUF_INIT;
	int rc = 0;

	for (char **e = environ; rc == 0 && *e != NULL; e++) {
		const struct config_key *k;

		if (strncmp(*e, CONFIG_ENV, strlen(CONFIG_ENV)) != 0)
			continue;
		tk_buf_reset(&name);
		tk_buf_add(&name, *e, strcspn(*e, "="));
		k = config_find_env(name.s);
		if (k != NULL)
			rc = load_env(c, k, name.s, err);
	}
	tk_buf_release(&name);
	return rc;
}

static int
load(struct config *c, struct tk_err *err)
{
	if (c->loaded)
		return 0;
	if (config_each_source(c->file, load_file, c, err) < 0 ||
	    load_long_names(c, err) < 0)
		return -1;
	/* The short form is the better known one. */
	for (const struct config_key *k = config_keys; k->name != NULL; k++)
		if (load_env(c, k, k->env, err) < 0)
			return -1;
	c->loaded = true;
	return 0;
}

int
config_override(struct config *c, const char *name, const char *value,
    const char *origin, struct tk_err *err)
{
	const struct config_key *key = config_find(name, err);

	if (key == NULL)
		return -1;
	if (config_check(key, value, err) < 0)
		return tk_wrap(err, "%s", origin);
	return store(c, key, LAYER_FLAG, value, origin, NULL, err);
}

static int
get(struct config *c, const char *name, const struct config_key **key,
    const struct setting **s, struct tk_err *err)
{
	const struct config_key *k = config_find(name, err);

	if (k == NULL || load(c, err) < 0)
		return -1;
	*s = &c->settings[k - config_keys];
	if (key != NULL)
		*key = k;
	if ((*s)->layer == LAYER_NONE && k->value != NULL)
		return store(c, k, LAYER_DEFAULT, k->value, "default", NULL,
		    err);
	return 0;
}

int
config_get(struct config *c, const char *name, const char **value,
    struct tk_err *err)
{
	const struct setting *s;

	if (get(c, name, NULL, &s, err) < 0)
		return -1;
	*value = s->value;
	return 0;
}

int
config_origin(struct config *c, const char *name, const char **origin,
    struct tk_err *err)
{
	const struct setting *s;

	if (get(c, name, NULL, &s, err) < 0)
		return -1;
	*origin = s->origin == NULL ? "default" : s->origin;
	return 0;
}

/* Is the key of that type, and does it have a value?  Ours to get right. */
static int
get_typed(struct config *c, const char *name, enum config_type type,
    const struct config_key **key, const char **value, struct tk_err *err)
{
	const struct setting *s;

	if (get(c, name, key, &s, err) < 0)
		return -1;
	if ((*key)->type != type || s->value == NULL)
		return tk_fail(err, TK_BUG, "'%s' is of another type", name);
	*value = s->value;
	return 0;
}

int
config_get_int(struct config *c, const char *name, int64_t *value,
    struct tk_err *err)
{
	const struct config_key *key;
	const struct setting *s;

	if (get(c, name, &key, &s, err) < 0)
		return -1;
	if (s->value != NULL && key->type == CONFIG_DURATION)
		return tk_duration_parse(s->value, value, err);
	if (s->value == NULL || key->type != CONFIG_INT ||
	    !tk_int_parse(s->value, strlen(s->value), value))
		return tk_fail(err, TK_BUG, "'%s' is no number", name);
	return 0;
}

int
config_get_bool(struct config *c, const char *name, bool *value,
    struct tk_err *err)
{
	const struct config_key *key;
	const char *s;

	if (get_typed(c, name, CONFIG_BOOL, &key, &s, err) < 0)
		return -1;
	return config_bool(s, value)
	    ? 0
	    : tk_fail(err, TK_BUG, "'%s' was not checked", name);
}

int
config_get_choice(struct config *c, const char *name, int *choice,
    struct tk_err *err)
{
	const struct config_key *key;
	const char *s, *word;
	size_t len;

	if (get_typed(c, name, CONFIG_CHOICE, &key, &s, err) < 0)
		return -1;
	len = strlen(s);
	*choice = 0;
	for (word = key->choices; strncmp(word, s, len) != 0 ||
	     (word[len] != ' ' && word[len] != '\0');
	     word += strcspn(word, " ") + 1)
		(*choice)++;
	return 0;
}

int
config_digits(struct config *c, struct tk_digits *d, struct tk_err *err)
{
	const struct config_key *key;
	const char *thousands, *decimal;

	if (get_typed(c, "ui.thousands", CONFIG_MARK, &key, &thousands, err) <
		0 ||
	    get_typed(c, "ui.decimal", CONFIG_MARK, &key, &decimal, err) < 0)
		return -1;
	config_mark_parse(thousands, &d->thousands);
	config_mark_parse(decimal, &d->decimal);
	if (d->decimal[0] == '\0')
		return tk_fail(err, TK_USAGE, "'ui.decimal' cannot be 'none'");
	if (strcmp(d->thousands, d->decimal) == 0) {
		tk_fail(err, TK_USAGE,
		    "'ui.thousands' and 'ui.decimal' are both '%s'",
		    d->decimal);
		return tk_hint(err, "set the other one too");
	}
	return 0;
}

static int
verify_zone(const struct config_key *key, const char *value, struct tk_err *err)
{
	struct tk_zone *z;

	if (key->type != CONFIG_ZONE || value == NULL)
		return 0;
	if (tk_zone_open(&z, value, err) < 0)
		return tk_wrap(err, "'%s'", key->name);
	tk_zone_free(z);
	return 0;
}

int
config_verify(struct config *c, struct tk_err *err)
{
	struct tk_digits digits;

	for (const struct config_key *k = config_keys; k->name != NULL; k++) {
		const char *value;

		if (config_get(c, k->name, &value, err) < 0)
			return -1;
		if (verify_zone(k, value, err) < 0)
			return tk_wrap(err, "%s",
			    c->settings[k - config_keys].origin);
	}
	return config_digits(c, &digits, err);
}

struct visit {
	config_file_fn *fn;
	void *data;
};

static int
check_file(const struct config_source *f, void *data, struct tk_err *err)
{
	const struct visit *v = data;
	struct tk_err problem = TK_ERR_INIT;
	struct config_file file = { .layer = f->layer,
		.path = f->path,
		.err = &problem };

	(void)err;
	file.exists = read_file(NULL, f, &problem) != 0;
	v->fn(&file, v->data);
	return 0;
}

void
config_files(struct config *c, config_file_fn *fn, void *data)
{
	struct visit v = { fn, data };
	struct tk_err err = TK_ERR_INIT;

	config_each_source(c->file, check_file, &v, &err);
}

struct change {
	const char *path;
	const struct config_key *key;
	const char *value;
};

static int
change_text(void *data, struct tk_buf *text, struct tk_err *err)
{
	const struct change *ch = data;

	return config_edit(ch->path, text, ch->key, ch->value, err);
}

int
config_set(struct config *c, const char *name, const char *value,
    struct tk_buf *path, struct tk_err *err)
{
	struct change ch = { .key = config_find(name, err), .value = value };

	if (ch.key == NULL ||
	    (value != NULL &&
		(config_check(ch.key, value, err) < 0 ||
		    verify_zone(ch.key, value, err) < 0)))
		return -1;
	if (c->file != NULL)
		tk_buf_adds(path, c->file);
	else if (config_path(PLACE_CONFIG, "tokctl.yaml", path, err) < 0)
		return -1;
	ch.path = path->s;
	if (value == NULL && access(path->s, F_OK) < 0 && errno == ENOENT)
		return 1;
	return config_rewrite(path->s, change_text, &ch, err);
}
