#ifndef TOKENIZER_READ_H
#define TOKENIZER_READ_H

#include "tokenizer/model.h"
#include "json/json.h"

/*
 * The readers of files.  Each fills in an empty model from bytes that may be
 * anything; what a file asks for and this program does not do is an error
 * that names it.
 */
enum read_kind { READ_JSON, READ_TIKTOKEN, READ_SPM };

/* By what is in it. */
enum read_kind read_kind_of(const void *bytes, size_t n);

int read_json(struct model *m, const char *text, size_t n, struct tk_err *err);

/* pattern may be NULL if the file is one that is known. */
int read_tiktoken(struct model *m, const char *text, size_t n,
    const char *pattern, struct tk_err *err);
int read_spm(struct model *m, const void *bytes, size_t n, struct tk_err *err);

/* json_steps.c */
int json_read_normalizer(struct model *m, const struct json_text *raw,
    struct tk_err *err);
int json_read_pre_tokenizer(struct model *m, const struct json_text *raw,
    struct tk_err *err);
void json_read_decoder(struct model *m, const struct json_text *raw);

/* json_get.c: a member of an object; 0: it is not there, or null. */
int json_get(const struct json_text *object, const char *key,
    struct json_text *raw);

/* The same for values: 1, 0, or -1 when it is of another kind. */
int json_get_text(const struct json_text *object, const char *key,
    struct tk_buf *to);
int json_get_int(const struct json_text *object, const char *key, int64_t *to);
bool json_get_flag(const struct json_text *object, const char *key,
    bool otherwise);

/* Whether all that json_get_flag() is asked of an object is such a flag. */
int json_check_flags(const struct json_text *object, struct tk_err *err);

/* byte_level.c: GPT-2's characters for bytes, turned back; false: it has
 * others. */
bool byte_level_decode(const void *text, size_t n, struct tk_buf *to);

/* known.c: the pattern of a published regular expression, or NULL. */
const char *known_pattern(const char *regex);
/* The i-th of the three splits that are DeepSeek's pattern. */
bool known_deepseek(int i, const char *regex);
/* The pattern of a published .tiktoken file, or NULL. */
const char *known_file(const void *bytes, size_t n);

#endif
