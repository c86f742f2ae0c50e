#ifndef CONFIG_CONFIG_INT_H
#define CONFIG_CONFIG_INT_H

#include <stddef.h>

#include "base/buf.h"
#include "config/config.h"

/* Where something stands in a file, in bytes; lines are from 1. */
struct config_mark {
	size_t start, end;
	int line, column;
};

/* A mapping that is read: the whole file, or a section of it. */
struct config_map {
	struct config_mark at;
	bool flow; /* "{ a: b }" */
	bool empty;
	size_t inside;            /* behind the '{' */
	struct config_mark first; /* its first key */
};

/*
 * What a file says, event by event.  A path is the keys from the top with
 * dots between them.  Each function may be NULL.
 */
struct config_reader {
	/* A key with a text.  value NULL: nothing stands behind the colon. */
	int (*value)(void *data, const char *path, const char *value,
	    const struct config_mark *key, const struct config_mark *at,
	    struct tk_err *err);
	/* A mapping, when it ends; its path is "" for the whole file. */
	int (*map)(void *data, const char *path, const struct config_mark *key,
	    const struct config_map *map, struct tk_err *err);
	void *data;
};

/* A file that may hold settings; "project" ones hold harmless keys only. */
struct config_source {
	const char *layer; /* "system", "user", "project", "given" */
	const char *path;
	bool project;
};

/* Call fn for each of them that there may be, from the least important up,
 * until it fails.  given: only that one, if it is not NULL. */
typedef int config_source_fn(const struct config_source *f, void *data,
    struct tk_err *err);
int config_each_source(const char *given, config_source_fn *fn, void *data,
    struct tk_err *err);

int config_home(struct tk_buf *b, struct tk_err *err);

/* Read YAML; what is wrong is named as "<name>:<line>: ...". */
int config_read_yaml(const char *name, const struct tk_buf *text,
    const struct config_reader *r, struct tk_err *err);

/* The same, checked: each is a known key of the right type, given once. */
typedef int config_value_fn(void *data, const struct config_key *key,
    const char *value, int line, struct tk_err *err);
int config_read_keys(const char *name, const struct tk_buf *text,
    config_value_fn *fn, void *data, struct tk_err *err);

/* 1: read, 0: there is no such file. */
int config_slurp(const char *path, struct tk_buf *text, struct tk_err *err);

/* Is that a value of its type?  Says what would be. */
int config_check(const struct config_key *key, const char *value,
    struct tk_err *err);

bool config_bool(const char *value, bool *yes);
bool config_mark_parse(const char *value, const char **mark);

/* "'x' is not a setting (did you mean 'y'?)". */
int config_unknown(const char *name, struct tk_err *err);
bool config_is_section(const char *name);

/* Change the text of a file: set a key to a value, or remove it (NULL).
 * 1: there was nothing to remove. */
int config_edit(const char *name, struct tk_buf *text,
    const struct config_key *key, const char *value, struct tk_err *err);

/* Run fn on the text of the file at path while no other tokctl changes it,
 * and put the result in its place if fn returns 0. */
typedef int config_change_fn(void *data, struct tk_buf *text,
    struct tk_err *err);
int config_rewrite(const char *path, config_change_fn *fn, void *data,
    struct tk_err *err);

#endif
