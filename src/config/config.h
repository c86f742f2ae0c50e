#ifndef CONFIG_CONFIG_H
#define CONFIG_CONFIG_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct tk_buf;
struct tk_digits;

/*
 * Settings, in layers: flag, environment (TOKCTL_SECTION_KEY), project file
 * (.tokctl.yaml up from the working folder, harmless keys only), user file
 * ($XDG_CONFIG_HOME/tokctl/tokctl.yaml), system file
 * (/etc/xdg/tokctl/tokctl.yaml), default.  Every setting is one row of
 * config_keys[]; a key that is not in it is an error with file and line.
 *
 * Files are only looked at when a value is asked for, so that a command
 * that needs no setting does not pay for it; without any file this costs a
 * few failed opens.
 */
enum config_type {
	CONFIG_TEXT,
	CONFIG_INT,  /* 0 or more */
	CONFIG_PART, /* of one: 0.8, 80% */
	CONFIG_BOOL,
	CONFIG_CHOICE,
	CONFIG_PATH, /* "~/x" is in the home; or a URL, left as it is */
	CONFIG_DURATION,
	CONFIG_ZONE, /* looked up when it is set or checked, not when read */
	CONFIG_MARK, /* a separator of digits: one character, space, none */
};

struct config_key {
	const char *name; /* "ui.thousands" */
	enum config_type type;
	const char *value;   /* the default, as written in YAML; NULL: none */
	const char *choices; /* CONFIG_CHOICE: "auto always never" */
	bool project;        /* may stand in a project's .tokctl.yaml */
	const char *env;     /* a short form of the variable, or NULL */
	const char *help;    /* lower case, no full stop */
};

extern const struct config_key config_keys[]; /* ends with name NULL */

/* The row of a key; fails with a suggestion. */
const struct config_key *config_find(const char *name, struct tk_err *err);

/* "TOKCTL_UI_THOUSANDS". */
#define CONFIG_ENV "TOKCTL_"
void config_env(const struct config_key *key, struct tk_buf *b);
/* The key of such a name, which begins with CONFIG_ENV; NULL: none. */
const struct config_key *config_find_env(const char *name);

struct config;

/* file NULL: the usual places; else this file in place of them. */
struct config *config_new(const char *file);
void config_free(struct config *c); /* NULL is fine */

/* What a flag says, above every other layer; origin is "--tz". */
int config_override(struct config *c, const char *name, const char *value,
    const char *origin, struct tk_err *err);

/*
 * The layers are read at the first call; *value is NULL if there is none.
 * It stays valid until config_free().  Paths are absolute: "~/" is the home,
 * and others are relative to the folder of the file they stand in (in the
 * environment, to the working folder).
 */
int config_get(struct config *c, const char *name, const char **value,
    struct tk_err *err);
/* Durations are given in ms. */
int config_get_int(struct config *c, const char *name, int64_t *value,
    struct tk_err *err);
int config_get_bool(struct config *c, const char *name, bool *value,
    struct tk_err *err);

/* Which of the words of a CONFIG_CHOICE, from 0. */
int config_get_choice(struct config *c, const char *name, int *choice,
    struct tk_err *err);

/* ui.thousands and ui.decimal, checked against each other. */
int config_digits(struct config *c, struct tk_digits *d, struct tk_err *err);

/* More than a reader of files has time for: zones are looked up, and the
 * settings go together. */
int config_verify(struct config *c, struct tk_err *err);

/* Where the value of that key is from: "default", "environment
 * TOKCTL_UI_THOUSANDS", "/home/a/.config/tokctl/tokctl.yaml:3". */
int config_origin(struct config *c, const char *name, const char **origin,
    struct tk_err *err);

/* Every file that counts, least important first.  An error inside one is
 * given to fn, for "config check"; err->code is TK_OK when it is fine. */
struct config_file {
	const char *layer; /* "system", "user", "project", "given" */
	const char *path;
	bool exists;
	const struct tk_err *err;
};
typedef void config_file_fn(const struct config_file *f, void *data);
void config_files(struct config *c, config_file_fn *fn, void *data);

/*
 * Set (or, with NULL, remove) a key in the user's file, or in the one given
 * to config_new(), leaving every other byte of it as it is; *path says which
 * file.  The new file is written aside and renamed, through a link.
 * Removing returns 1 when there was nothing to remove.  A value that was
 * asked for before is not changed by this.
 */
int config_set(struct config *c, const char *name, const char *value,
    struct tk_buf *path, struct tk_err *err);

/* The places of the XDG base directory specification; an error when there
 * is no home.  name may be "". */
enum config_place { PLACE_CONFIG, PLACE_DATA, PLACE_STATE, PLACE_CACHE };
int config_path(enum config_place place, const char *name, struct tk_buf *b,
    struct tk_err *err);

/* config/tokctl.yaml, and the list in tokctl.yaml(5), from the table. */
void config_template(struct tk_buf *b);
void config_man(struct tk_buf *b);

#endif
