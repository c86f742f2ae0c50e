#ifndef PRICE_PRICE_INT_H
#define PRICE_PRICE_INT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "price/price.h"
#include "price/update.h"

/*
 * The packed form of a price book: one run of bytes without pointers, so
 * that the same bytes work in read-only memory, from the build, and on the
 * heap, from a user's file.
 *
 *	YAML text --price_node_read()--> nodes with their lines
 *	          --price_pack()------> packed book
 *
 * Both sides are the same program (src/price/pack_tool.c at build time), so
 * the bytes are in the machine's own order and are trusted by the reader.
 * Offsets count from the head; offset 0 means "none" (for strings: "").
 */
#define PRICE_MAGIC "\0tkprc1" /* begins with the string that "none" is */
#define PRICE_NAME_MAX 255     /* bytes in a model's name; longer is unknown */
#define PRICE_PPM 1000000

struct price_span {
	uint32_t at, n;
};

struct price_head {
	char magic[8];
	uint32_t size;
	uint32_t as_of;               /* string */
	struct price_span providers;  /* struct price_provider */
	struct price_span models;     /* struct price_model */
	struct price_span names;      /* struct price_name; a power of two */
	struct price_span detects;    /* struct price_glob, longest first */
	struct price_span prefixes;   /* the same; plain texts */
	struct price_span tokenizers; /* struct price_tokenizer */
	int64_t ceiling_input;        /* pico a token; -1: none */
	int64_t ceiling_output;
};

/* For the next two: what the file does not say is asked from the book under
 * it, and is true for primary, false for fallback, in the end. */
enum { PRICE_UNSAID = -1 };

struct price_provider {
	uint32_t id;
	int8_t primary;  /* asked when a call names no provider */
	int8_t fallback; /* what it does not list costs what its maker asks */
	uint8_t spare[2];
	struct price_span globs; /* struct price_glob, longest first */
};

struct price_tokenizer {
	uint32_t name;
	int8_t exact;
	uint8_t spare[3];
};

/* A slot of the table of names, folded: provider and name to a model. */
struct price_name {
	uint32_t name; /* string; 0: empty slot */
	uint32_t provider;
	uint32_t model;
};

struct price_glob {
	uint32_t pattern; /* string, folded */
	uint32_t target;  /* a model of the provider, or a provider */
};

struct price_model {
	uint32_t self; /* offset of this struct: the way back to the head */
	uint32_t provider;
	uint32_t id, name, released, retires, status, note, source, tokenizer;
	uint32_t tokenizer_exact;
	uint32_t line;             /* in the YAML file */
	uint32_t updated;          /* stands under "updates" */
	struct price_span aliases; /* uint32_t, strings */
	struct price_span matches; /* uint32_t, strings */
	struct price_span periods; /* struct price_period, by from */
	int64_t context, max_output;
	int64_t regional; /* ppm */
};

enum { PRICE_MODES = 4 }; /* batch, flex, priority, fast: tier - 1 */

struct price_period {
	int64_t from; /* ms; INT64_MIN: always */
	uint32_t basis, ref;
	struct price_span rates;              /* struct price_rate */
	struct price_span windows;            /* struct price_window */
	struct price_span tiers;              /* struct price_tier, by above */
	struct price_span modes[PRICE_MODES]; /* struct price_rate */
	struct price_span fees; /* struct price_rate: pico a unit */
};

struct price_rate {
	int64_t value; /* pico a token, or ppm when it multiplies */
	uint8_t part;  /* enum price_part, or enum price_fee in fees */
	uint8_t multiplies;
	uint8_t spare[6];
};

struct price_tier {
	int64_t above;
	struct price_span rates;
};

struct price_window {
	int32_t start, end; /* minutes of the UTC day; end <= start: wraps */
	uint32_t days;      /* bit 0 is Monday; the day that start is on */
	uint32_t spare;
	struct price_span rates;
};

static inline const void *
price_at(const struct price_head *h, uint32_t at)
{
	return (const char *)h + at;
}

static inline const char *
price_str(const struct price_head *h, uint32_t at)
{
	return (const char *)h + at;
}

/* A span of a type; the compiler knows the type from the left side. */
#define PRICE_SPAN(h, span) price_at((h), (span).at)

static inline const struct price_head *
price_head_of(const struct price_model *m)
{
	return (
	    const struct price_head *)(const void *)((const char *)m - m->self);
}

/* src/price/embed.S: config/models.yaml and config/examples.yaml. */
extern const struct price_head price_builtin, price_examples;

/*
 * A YAML file as a tree, with a line for each node.  Anchors, tags and more
 * than one document are errors, as are keys that come twice.
 */
enum price_node_kind { NODE_SCALAR, NODE_LIST, NODE_MAP };

struct price_node {
	enum price_node_kind kind;
	uint32_t line;     /* from 1 */
	uint32_t key_line; /* in a map */
	char *text;        /* scalars */
	size_t len;        /* of text */
	char *key;         /* in a map */
	size_t n, cap;     /* children */
	struct price_node *child;
};

/* name is for messages.  The caller frees *root, also after a failure. */
int price_node_read(const char *text, size_t len, const char *name,
    struct price_node *root, struct tk_err *err);
void price_node_release(struct price_node *n);
const struct price_node *price_node_get(const struct price_node *map,
    const char *key); /* NULL if there is none */

/* "name:line: what"; -1. */
int price_node_fail(struct tk_err *err, const char *name, uint32_t line,
    const char *fmt, ...) TK_PRINTF(4, 5);

/*
 * The packed book is appended to *book, which has to be empty.  A model that
 * is in the book under it, too, takes from there what its file does not say
 * (name, context, tokenizer, ...), prices excepted.
 */
int price_pack(const char *text, size_t len, const char *name,
    const struct price_head *under, struct tk_buf *book, struct tk_err *err);

/* What pack.c, pack_model.c and pack_period.c share while they pack. */
struct price_packer {
	const char *name; /* of the file */
	struct tk_err *err;
	struct tk_buf *book;
	const struct price_head *under; /* or NULL */
	bool updates;      /* names that are taken are left alone */
	uint32_t *strings; /* hash table of offsets of strings */
	uint32_t nstrings, string_slots;
	struct price_name *names; /* hash table */
	uint32_t nnames, name_slots;
	struct tk_buf providers;                /* struct price_provider */
	struct tk_buf models;                   /* struct price_model */
	struct tk_buf globs, detects, prefixes; /* struct price_rule */
	struct tk_buf tokenizers;               /* struct price_tokenizer */
	const struct price_node *sources;
};

/* A pattern on its way to a table of struct price_glob. */
struct price_rule {
	uint32_t provider; /* of globs */
	uint32_t length, order;
	struct price_glob glob;
};

/* Lay out the rules, the longest first; those of globs by provider. */
void price_pack_rules(struct price_packer *p, struct price_head *head);

int price_pack_fail(struct price_packer *p, const struct price_node *at,
    const char *fmt, ...) TK_PRINTF(3, 4);
uint32_t price_pack_string(struct price_packer *p, const char *s);
/* An array that was collected in a buffer; the buffer is released. */
struct price_span price_pack_array(struct price_packer *p, struct tk_buf *items,
    size_t size);
/* The node has to be of the kind; else an error that says so. */
int price_pack_kind(struct price_packer *p, const struct price_node *n,
    enum price_node_kind kind);

/* Read the node into a field; the field's type depends on the function. */
typedef int price_pack_fn(struct price_packer *p, const struct price_node *n,
    void *field);

/* A key of a map and where its value goes in the struct. */
struct price_pack_key {
	const char *key; /* NULL: the end */
	price_pack_fn *fn;
	size_t offset;
};

/*
 * Read a map into the struct.  Keys that are names of parts are prices, and
 * go to rates unless that is NULL; any other key that is not known is an
 * error with a suggestion.
 */
int price_pack_map(struct price_packer *p, const struct price_node *n,
    const struct price_pack_key *keys, struct tk_buf *rates, void *to);

price_pack_fn price_pack_text;      /* uint32_t, a string */
price_pack_fn price_pack_count;     /* int64_t */
price_pack_fn price_pack_money;     /* int64_t: USD a million tokens as pico */
price_pack_fn price_pack_factor;    /* int64_t: "x1.1" as ppm */
price_pack_fn price_pack_flag;      /* int8_t */
price_pack_fn price_pack_skip;      /* nothing: a note for people */
price_pack_fn price_pack_period;    /* struct price_period */
price_pack_fn price_pack_providers; /* the list; no field */
price_pack_fn price_pack_models;    /* the list; no field */

/* The model of that name, folded, exactly; NULL if there is none. */
const struct price_model *price_find_name(const struct price_head *h,
    uint32_t provider, const char *name);
/* Its place among the providers; -1 if there is none. */
int price_find_provider(const struct price_head *h, const char *id);

/*
 * A decimal number times 10^scale, exactly or rounded half to even; *exact
 * says which.  False: no number, negative, or beyond int64_t.  Takes what
 * JSON and YAML write: "0.15", ".5", "2.5e-06".
 */
bool price_decimal(const char *s, size_t len, int scale, int64_t *value,
    bool *exact);

/* "2026-04-26" or "2026-04-26T12:15:00Z", always UTC, as ms. */
bool price_time_parse(const char *s, size_t len, int64_t *ms);

/* Lower case, blanks as '-'; false when it does not fit PRICE_NAME_MAX. */
bool price_fold(char *to, const char *name);
uint32_t price_hash(const char *name, uint32_t provider);

/* '*', '?' and '[a-z]' as in file names, but '*' takes '/' too. */
bool price_glob_match(const char *pattern, const char *name);

/*
 * Take a date or a version off the end of a folded name, in place: "@...",
 * "-2025-09-29", "-20250929", "-09-2025", "-0613", "-001", "-latest",
 * "-v1:0", ":0", "[1m]".  False when there is none.
 */
bool price_strip(char *name);

/*
 * An open book: one packed book or two, the user's before the built-in one,
 * with their providers made one list.
 */
enum { PRICE_LAYERS = 2 };

struct price_seller {
	const char *id;
	int ix[PRICE_LAYERS]; /* its place in each layer; -1: not there */
	bool primary, fallback;
};

struct price_sellers {
	struct price_seller *v; /* NULL: not asked for yet */
	size_t n;
};

struct price_memo;

struct price_book {
	const struct price_head *layers[PRICE_LAYERS];
	int nlayers;
	char *owned;                   /* the user's layer */
	struct price_sellers *sellers; /* price_sellers() */
	/* By place in the layer; NULL unless there are two. */
	const struct price_model **over;  /* built-in to the user's */
	const struct price_model **under; /* the user's to built-in */
	struct price_memo *memo;
};

/* src/price/resolve.c */
/* By its id or the word of a prefix, "aws"; -1: not known. */
int price_seller_named(const struct price_book *pb, const char *provider);
/* The one whose prefix the folded name begins with, and its length. */
int price_seller_of_prefix(const struct price_book *pb, const char *name,
    size_t *cut);
struct price_memo *price_memo_new(void);
void price_memo_free(struct price_memo *memo); /* NULL is fine */
int price_find_seller(const struct price_book *pb, const char *id);
/* Made when they are asked for: who only wants a ceiling does not. */
const struct price_sellers *price_sellers(const struct price_book *pb);

/* The built-in model whose place m takes, or NULL. */
const struct price_model *price_under(const struct price_book *pb,
    const struct price_model *m);

/* The period that holds the time, of the model or of the one under it, and
 * the layer that it is in; NULL if there is none. */
const struct price_period *price_period_at(const struct price_book *pb,
    const struct price_model *m, int64_t ms, const struct price_head **h);

/*
 * What a dataset says that a model costs: pico-dollars a token, -1 where it
 * says nothing.  The times of its periods rise.
 */
enum { PRICE_QUOTE_TIERS = 4 };

struct price_quote_tier {
	int64_t above;
	int64_t part[PRICE_PARTS];
};

struct price_quote {
	int64_t from; /* ms; INT64_MIN: always */
	int64_t part[PRICE_PARTS];
	int64_t request; /* a call */
	struct price_quote_tier tiers[PRICE_QUOTE_TIERS];
	size_t ntiers;
	int64_t mode[PRICE_MODES][PRICE_PARTS];
	bool by_hour; /* it depends on the time of day: not read */
};

struct price_entry {
	char *provider, *id; /* as the dataset names them */
	char *name;          /* or NULL */
	int64_t context, max_output;
	struct price_quote *quote;
	size_t nquotes;
};

struct price_dataset {
	const char *format;
	const char *file;
	struct price_entry *entry;
	size_t n, cap;
	struct tk_buf warnings; /* lines, NUL after each */
	size_t nwarnings;
};

struct json_scan;
struct json_text;

/* The whole text; what is in it is freed by price_dataset_release(), also
 * after a failure. */
int price_dataset_read(struct price_dataset *d, const char *text, size_t len,
    const char *file, struct tk_err *err);
void price_dataset_release(struct price_dataset *d);

/* One format each: what is between the braces, read to its end. */
void price_read_litellm(struct price_dataset *d, struct json_scan *s);
void price_read_modelsdev(struct price_dataset *d, struct json_scan *s);
void price_read_genai(struct price_dataset *d, struct json_scan *s);

/* For them: a new entry, with one quote that says nothing. */
struct price_entry *price_dataset_add(struct price_dataset *d);
void price_dataset_drop(struct price_dataset *d); /* the last one */
struct price_quote *price_entry_quote(struct price_entry *e);
struct price_quote_tier *price_quote_tier(struct price_quote *q,
    int64_t above); /* NULL when there are too many */
void price_dataset_warn(struct price_dataset *d, const char *fmt, ...)
    TK_PRINTF(2, 3);

/* The next value as a text of its own; NULL when it is none. */
char *price_scan_text(struct json_scan *s);
/* The next value as a price: its digits times 10^scale in pico-dollars.  -1
 * when it is none; a warning, with the entry's name, when it is rounded. */
int64_t price_scan_money(struct price_dataset *d, struct json_scan *s,
    int scale);

/*
 * A period that can be changed, and written as YAML.  Windows, modes and
 * fees stay in the book they are from (h), where they are not changed.
 */
enum { PRICE_DRAFT_TIERS = 8 };

struct price_draft {
	int64_t from;
	const char *basis, *ref;   /* not copied */
	int64_t part[PRICE_PARTS]; /* -1: not said */
	struct price_quote_tier tiers[PRICE_DRAFT_TIERS];
	size_t ntiers;
	const struct price_head *h;
	const struct price_period *like;        /* NULL: nothing of all that */
	int64_t mode[PRICE_MODES][PRICE_PARTS]; /* said anew */
	int64_t request;                        /* said anew */
};

/* False when it is more than a draft can hold. */
bool price_draft_init(struct price_draft *d, const struct price_head *h,
    const struct price_period *p);
void price_draft_init_empty(struct price_draft *d);
/* By the chains of fallbacks; -1: no price. */
int64_t price_draft_price(const struct price_draft *d,
    const int64_t part[PRICE_PARTS], enum price_part which);
/* What the mode makes of that price. */
int64_t price_draft_mode(const struct price_draft *d, int mode,
    enum price_part which);
int64_t price_draft_request(const struct price_draft *d); /* -1: none */
/* "      - {from: ...}" and a newline. */
void price_draft_add(struct tk_buf *b, const struct price_draft *d);

/* The next part in the chain of fallbacks; part itself at its end. */
enum price_part price_fallback(enum price_part part, int step);

/* From Monday on. */
extern const char price_day_names[7][4];
/* "mon-fri", "sat,sun"... as in a window. */
void price_days_add(struct tk_buf *b, uint32_t days);
/* As a YAML text in double quotes. */
void price_quote_add(struct tk_buf *b, const char *s);

/* An entry of a dataset and what it is in a book. */
struct price_candidate {
	const struct price_entry *e;
	const struct price_seller *seller;
	const struct price_model *m;   /* NULL: not in the book */
	const struct price_model *via; /* whose prices it takes over, or NULL */
	size_t order;
	int rank;
	char id[PRICE_NAME_MAX + 1]; /* folded, without its provider */
};

/* A seller by a dataset's word for it; NULL when it is none. */
const struct price_seller *price_seller_like(const struct price_book *pb,
    const char *provider);

/* One for each model, in the order of the dataset; the caller frees *to.
 * provider NULL: all.  Counts those that are not taken. */
size_t price_candidates(const struct price_book *pb,
    const struct price_dataset *data, const char *provider,
    struct price_candidate **to, struct price_update_counts *counts);

/* The candidate of an entry that a person has written: a model of the very
 * name, or a new one.  False: the provider or the name is of no use. */
bool price_candidate_of(const struct price_book *pb,
    const struct price_entry *e, struct price_candidate *c);

/* A model that gets new periods. */
struct price_change {
	const char *provider;
	char *id;
	const struct price_model *m; /* NULL: a new one */
	const struct price_entry *e;
	struct price_draft *period;
	size_t n;
};

struct price_diff_text {
	struct price_diff d;
	char when[24];
};

struct price_update {
	const struct price_book *pb;
	struct price_update_options o;
	struct price_dataset data;
	struct price_update_counts counts;
	bool said;         /* by a person: free is free */
	struct tk_buf ref; /* "litellm, prices.json" */
	struct price_change *change;
	size_t nchanges;
	struct tk_buf diffs; /* struct price_diff_text */
};

#endif
