/*
 * Any bytes on standard input of "tokctl status", and in the file of limits:
 * texts end and are clean, numbers are in range, and what is written is read
 * back.
 */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "base/utf8.h"
#include "provider/claude_status.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_text(const char *s, size_t size)
{
	assert(memchr(s, '\0', size) != NULL);
	for (size_t i = 0; s[i] != '\0'; i++)
		assert((unsigned char)s[i] >= 0x20 && s[i] != 0x7f);
}

static void
check_limits(const struct provider_limits *l)
{
	assert(l->n <= PROVIDER_LIMITS_MAX);
	for (size_t i = 0; i < l->n; i++) {
		check_text(l->v[i].name, sizeof(l->v[i].name));
		assert(l->v[i].used >= 0 && l->v[i].used <= 10000000);
		assert(l->v[i].resets_at >= 0);
		assert(provider_limits_find(l, l->v[i].name) == &l->v[i]);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct tk_err err = TK_ERR_INIT;
	struct provider_limits l;
	struct claude_status c;

	claude_status_read(&c, (const char *)data, size, 1795311600000, &err);
	check_text(c.session, sizeof(c.session));
	check_text(c.model, sizeof(c.model));
	check_text(c.model_id, sizeof(c.model_id));
	check_text(c.project, sizeof(c.project));
	check_text(c.version, sizeof(c.version));
	assert(c.context_used >= -1 && c.context_tokens >= -1);
	check_limits(&c.limits);
	provider_limits_parse(&l, (const char *)data, size, &err);
	check_limits(&l);
	return 0;
}
