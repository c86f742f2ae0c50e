#ifndef CMD_ANONYMIZE_H
#define CMD_ANONYMIZE_H

#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/sha256.h"

struct cmd_ctx;
struct usage_record;

/*
 * Pseudonyms: HMAC-SHA256 (RFC 2104) of a column's key, a NUL and the text,
 * under a secret that is kept in a file.  The same text has the same
 * pseudonym in every export, another one in another column, and nobody
 * without the secret can tell which text it was, not even by trying all
 * names there are.
 */
enum { ANONYMIZE_TEXTS = 8 };

struct anonymizer {
	struct tk_buf key;
	struct tk_buf text[ANONYMIZE_TEXTS];
};

/* The secret is read from the file, or made there, with mode 0600; NULL:
 * "anonymize.key" beside the settings. */
int anonymize_open(struct anonymizer *a, const char *file, struct tk_err *err);
void anonymize_release(struct anonymizer *a);

/* "user-3f9a..." for the text of this column; NULL stays NULL.  *b holds it. */
const char *anonymize_text(const struct anonymizer *a, const char *key,
    const char *text, struct tk_buf *b);

/* Replace what says who, where and what for; what says only how much, when
 * and of which model stays.  Texts are valid until the next record. */
void anonymize_record(struct anonymizer *a, struct usage_record *r);

#endif
