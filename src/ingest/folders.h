#ifndef INGEST_FOLDERS_H
#define INGEST_FOLDERS_H

#include "ingest/ingest_int.h"

/*
 * Listing a folder and all below it, by more than one thread where there is
 * enough to list: what it costs is the kernel's, a call for each file.
 *
 * The files are those that the importer wants, or any importer if im is NULL.
 * They are added to w->files, in the order of their paths; those found
 * through a link to a folder come after all others, so that the same tree
 * gives the same list, whoever was faster.  Each file is listed
 * once for all calls with the same walk, whatever leads to it.
 *
 * With w->look_up a folder of which all is known and that has not changed is
 * not listed; its files that have not changed either are only counted, in
 * w->same.
 */
int folders_list(struct walk *w, const struct importer *im, const char *path,
    struct tk_err *err);

#endif
