#ifndef CONFIG_CONFIG_H
#define CONFIG_CONFIG_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct tk_buf;

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
	CONFIG_INT,
	CONFIG_BOOL,
	CONFIG_CHOICE,
	CONFIG_PATH,
	CONFIG_DURATION
};

struct config_key {
	const char *name; /* "ui.thousands" */
	enum config_type type;
	const char *value;   /* the default, as written in YAML; NULL: none */
	const char *choices; /* CONFIG_CHOICE: "auto always never" */
	bool project;        /* may stand in a project's .tokctl.yaml */
	const char *help;
};

extern const struct config_key config_keys[]; /* ends with name NULL */

struct config;

/* file NULL: the usual places; else this file in place of them. */
struct config *config_new(const char *file);
void config_free(struct config *c); /* NULL is fine */

/* The layers are read at the first call; *value is NULL if there is none.
 * It stays valid until config_free(). */
int config_get(struct config *c, const char *name, const char **value,
    struct tk_err *err);
int config_get_int(struct config *c, const char *name, int64_t *value,
    struct tk_err *err);
int config_get_bool(struct config *c, const char *name, bool *value,
    struct tk_err *err);

/* Where the value of that key is from: "default", "environment
 * TOKCTL_UI_THOUSANDS", "/home/a/.config/tokctl/tokctl.yaml:3". */
int config_origin(struct config *c, const char *name, const char **origin,
    struct tk_err *err);

/* Set (or, with NULL, remove) a key in the user's file, leaving every other
 * byte of it as it is; *path says which file. */
int config_set(struct config *c, const char *name, const char *value,
    struct tk_buf *path, struct tk_err *err);

/* The places of the XDG base directory specification; an error when there
 * is no home.  name may be "". */
enum config_place { PLACE_CONFIG, PLACE_DATA, PLACE_STATE, PLACE_CACHE };
int config_path(enum config_place place, const char *name, struct tk_buf *b,
    struct tk_err *err);

#endif
