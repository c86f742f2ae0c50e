#ifndef BASE_SHA256_H
#define BASE_SHA256_H

#include <stddef.h>
#include <stdint.h>

/*
 * SHA-256 (FIPS 180-4).
 *
 *	struct tk_sha256 s;
 *
 *	tk_sha256_init(&s);
 *	tk_sha256_update(&s, bytes, n);		as often as needed
 *	tk_sha256_final(&s, digest);
 *
 * Plain C everywhere; the SHA instructions of x86-64 where the processor has
 * them, found out at run time.  Both give the same digest.
 */
#define TK_SHA256_LEN 32

struct tk_sha256 {
	uint32_t h[8];
	uint64_t len; /* bytes so far */
	uint8_t block[64];
};

void tk_sha256_init(struct tk_sha256 *s);
void tk_sha256_update(struct tk_sha256 *s, const void *bytes, size_t n);
void tk_sha256_final(struct tk_sha256 *s, uint8_t digest[TK_SHA256_LEN]);

/* All of it at once. */
void tk_sha256(const void *bytes, size_t n, uint8_t digest[TK_SHA256_LEN]);

/* 64 hexadecimal digits and a NUL. */
void tk_sha256_hex(const uint8_t digest[TK_SHA256_LEN], char hex[65]);

/* HMAC-SHA-256 (RFC 2104). */
void tk_hmac_sha256(const void *key, size_t key_len, const void *bytes,
    size_t n, uint8_t digest[TK_SHA256_LEN]);

/* For tests: never use the processor's own instructions from now on. */
void tk_sha256_plain_only(void);

#endif
