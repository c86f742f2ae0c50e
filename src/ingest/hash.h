#ifndef INGEST_HASH_H
#define INGEST_HASH_H

#include <stddef.h>
#include <stdint.h>

struct tk_buf;

/*
 * SipHash-2-4 with 128 bits of result (Aumasson and Bernstein) and a fixed
 * key: identities made from it must be the same in every run, for ever.
 */
struct hash128 {
	uint64_t a, b;
};

struct hash128 hash_bytes(const void *bytes, size_t n);

/* 16 characters of [A-Za-z0-9_-]: 96 bits, enough for names of calls. */
void hash_add(const struct hash128 *h, struct tk_buf *b);

#endif
