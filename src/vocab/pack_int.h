#ifndef VOCAB_PACK_INT_H
#define VOCAB_PACK_INT_H

#include "vocab/pack.h"
#include "vocab/table.h"

/* A vocabulary that is being packed: pack.c and pack_tables.c. */
struct vocab_packer {
	struct vocab_head head;
	struct vocab v; /* what is below, as the program will see it */
	const struct vocab_source_token **tokens; /* by rank; NULL: none */
	uint64_t *shorts;
	uint8_t *short_away;
	struct vocab_key16 *mids;
	uint8_t *mid_away;
	uint32_t *longs;
	uint8_t *bytes;
	size_t bytes_len, bytes_cap;
	uint32_t *slot; /* by rank: in which table, and where */
	uint8_t *place;
	size_t place_len;
	uint32_t byte_rank[256];
	struct vocab_two two[1024];
	uint32_t *two_rank;
	struct vocab_seams seams;
	uint64_t *sieve;
	uint32_t sieve_words;
	struct vocab_three *three; /* and behind those, "four" */
	size_t starts_len;
	uint32_t *id, *id_rank;
	size_t ids;
	struct vocab_special_at *specials;
	uint8_t *special_text;
	size_t special_len;
	struct vocab_key16 *away; /* what goes on to the next table */
	uint32_t *away_rank;
	size_t n_away;
};

/* Fill the tables from the tokens. */
void vocab_pack_tables(struct vocab_packer *k);

/* Does every token find its rank, and is every byte one? */
int vocab_pack_check(struct vocab_packer *k, struct tk_err *err);

#endif
