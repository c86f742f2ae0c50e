#ifndef TREE_TREE_H
#define TREE_TREE_H

#include <stddef.h>

#include "base/err.h"

/*
 * The files in a folder and in all folders below, in the order of their
 * paths' bytes, as "git ls-files" gives them.
 *
 * What git would leave out is left out: by the .gitignore files of the
 * folder and of those above it, up to the top of its repository, by
 * .git/info/exclude and by the user's own file of rules.  What is named
 * ".git" always is.  Other hidden files are files as any.  Symbolic links
 * are not followed, so nothing is seen twice and no loop can be; what is
 * neither file nor folder is passed over.
 */
enum tree_flags {
	TREE_ALL = 1 << 0, /* rules of git do not count */
};

struct tree_list {
	char **path; /* each begins with the folder as it was given */
	size_t n, cap;
	char **problem; /* folders that could not be read, and why */
	size_t problems;
};

/* Add the files of a folder; what cannot be read inside is a problem. */
int tree_walk(struct tree_list *w, const char *folder, enum tree_flags flags,
    struct tk_err *err);
void tree_release(struct tree_list *w);

#endif
