#ifndef LEDGER_RECORD_H
#define LEDGER_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/choice.h"

/*
 * One usage record: one call of a model, as it is recorded, imported, listed
 * and exported.
 *
 * Token classes are disjoint, so that sums are sums: input was not read from
 * a cache, output includes reasoning.  Texts are NULL and numbers are
 * RECORD_UNKNOWN when they are not known; token counts are 0.  Whoever fills
 * in a record owns its texts.
 *
 * request_id is the identity of the call: a record whose request_id is in
 * the ledger already never counts twice.  Importers make one from what their
 * log knows the call by, so that an export of one ledger lands once in
 * another.
 */
#define RECORD_UNKNOWN INT64_MIN

/* Times are from 1970 to the end of the year 9998, so that the next day has a
 * four-digit year in every zone. */
#define RECORD_LAST_TIME INT64_C(253370764799999)

/* Bytes of a name: no record has a longer one, so no limit may. */
enum { RECORD_MAX_NAME = 1024 };

enum record_priority { PRIORITY_LOW = 1, PRIORITY_MEDIUM, PRIORITY_HIGH };

/* How the call was billed; see price/price.h. */
enum record_tier {
	TIER_STANDARD,
	TIER_BATCH,
	TIER_FLEX,
	TIER_PRIORITY,
	TIER_FAST,
};

/* Where cost comes from. */
enum record_cost {
	COST_UNKNOWN, /* no price is known: cost is RECORD_UNKNOWN */
	COST_PRICED,  /* computed from the price book */
	COST_GIVEN,   /* said by the caller or the log */
};

struct usage_record {
	int64_t id;   /* given by the ledger; ids are never used again */
	int64_t time; /* ms */
	const char *user;
	const char *application;
	const char *model;
	const char *provider;
	const char *session;
	const char *project;
	const char *agent;
	const char *endpoint;
	const char *source;  /* "claude-code", "codex", "cli", "api", ... */
	const char *machine; /* on which the call was logged */
	const char *key;     /* the API key that asked; its name */
	int64_t input_tokens;
	int64_t cache_read_tokens;
	int64_t cache_write_5m_tokens;
	int64_t cache_write_1h_tokens;
	int64_t cache_write_other_tokens; /* other or unnamed lifetimes */
	int64_t output_tokens;
	int64_t reasoning_tokens;       /* of the output */
	int64_t unsplit_tokens;         /* only a total was given */
	int64_t estimated_input_tokens; /* counted before the call */
	int64_t web_searches;           /* billed by the piece */
	int64_t cost;                   /* pico-dollars */
	int64_t cost_origin;            /* enum record_cost */
	int64_t tier;                   /* enum record_tier */
	int64_t priority;               /* enum record_priority */
	int64_t latency_ms;
	int64_t first_token_ms;
	const char *error;      /* an error code; NULL: the call succeeded */
	const char *tools;      /* names, separated by commas */
	const char *request_id; /* the identity; see above */
	const char *metadata;   /* a JSON object */
	int64_t requests;       /* 1; -1 in a compensating entry */
	int64_t reverses;       /* id of the record that this one takes back */
	/* The provider follows from the model, nobody said it.  Not kept. */
	bool provider_derived;
};

/* A record with nothing known. */
void record_init(struct usage_record *r);

/*
 * The fields as data, in the order of export: names for JSON and CSV, in
 * and out.  What is computed (total_tokens, cache_write_tokens, success) is
 * not here.
 */
enum record_type {
	RECORD_NAME,   /* const char *; interned: few different values */
	RECORD_TEXT,   /* const char * */
	RECORD_TIME,   /* int64_t, ms */
	RECORD_COUNT,  /* int64_t, 0 when not known */
	RECORD_NUMBER, /* int64_t, RECORD_UNKNOWN when not known */
	RECORD_COST,   /* int64_t, pico-dollars */
	RECORD_CHOICE, /* int64_t, from choices */
	RECORD_OBJECT, /* const char *, a JSON object */
};

struct record_field {
	const char *key; /* in JSON and CSV */
	enum record_type type;
	size_t offset;
	const struct tk_choice *choices;
};

extern const struct record_field record_fields[]; /* ends with key NULL */
extern const struct tk_choice record_priorities[];
extern const struct tk_choice record_tiers[];
extern const struct tk_choice record_origins[]; /* of costs */

static inline int64_t *
record_int(struct usage_record *r, const struct record_field *f)
{
	return (int64_t *)((char *)r + f->offset);
}

static inline const char **
record_text(struct usage_record *r, const struct record_field *f)
{
	return (const char **)((char *)r + f->offset);
}

int64_t record_cache_write(const struct usage_record *r);
int64_t record_total(const struct usage_record *r);

#endif
