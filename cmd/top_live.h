#ifndef CMD_TOP_LIVE_H
#define CMD_TOP_LIVE_H

#include <sys/stat.h>

#include "top.h"

/* The live screen: what its loop (top_live.c) and what asks the ledger
 * (top_follow.c) share. */
struct live {
	struct run *r;
	struct top_model m;
	struct top_acts acts;
	struct top_importer importer;
	struct cells shown;    /* what is on the screen */
	struct stat file;      /* the ledger's, when it was opened */
	int64_t schema, epoch; /* the numbers of its tables, then */
	int64_t version, minute;
	int64_t read_at;  /* when the model was read, by the steady clock */
	int64_t good_at;  /* when the ledger could last be asked */
	int64_t busy_at;  /* when a key was pressed, or there was news */
	int64_t asked_at; /* when what is being read now was asked for */
	int64_t next;     /* when the ledger is looked at again */
	bool panes;       /* the model was read for a wide screen */
	bool stale;       /* whatever has changed */
	bool anew;        /* another question: the model does not follow */
	bool open;        /* there is a screen to look at meanwhile */
	bool broken_off;  /* reading was, for what is to be done first */
	bool leave;
};

/* The first time, before there is a screen: without it nothing is shown. */
int live_begin(struct live *v, struct tk_err *err);

/*
 * Ask the ledger, if there can be anything new; what is wrong with it is put
 * into ui.state.  Where that takes longer than one waits for a key, the title
 * says so, and a key, or a signal, breaks it off: it is done after that.
 */
void live_refresh(struct live *v);

#endif
