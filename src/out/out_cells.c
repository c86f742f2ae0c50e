/* Cells in memory and in a file: see out_cells.h. */
#include "out/out_cells.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/* Blocks of so many rows, of which the first ones stay in memory. */
enum { ROWS = 4096, STAY = 16 };

struct block {
	struct out_cell *cell; /* NULL: in the file */
	struct tk_buf text;    /* len counts in the file, too */
	size_t rows;
	off_t at;
};

struct out_cells {
	size_t per_row, rows;
	struct block *block;
	size_t blocks;
	size_t room;       /* of the last block, in rows */
	size_t now;        /* the block that was asked for last */
	struct block back; /* the one that was read back last */
	size_t is_back;    /* its number; or SIZE_MAX */
	FILE *f;
	bool no_file;
	int error;
};

struct out_cells *
out_cells_new(size_t per_row)
{
	struct out_cells *c = tk_xcalloc(1, sizeof(*c));

	c->per_row = per_row;
	c->is_back = SIZE_MAX;
	c->back.text = (struct tk_buf)TK_BUF_INIT;
	return c;
}

void
out_cells_free(struct out_cells *c)
{
	if (c == NULL)
		return;
	for (size_t i = 0; i < c->blocks; i++) {
		free(c->block[i].cell);
		if (c->block[i].cell != NULL)
			tk_buf_release(&c->block[i].text);
	}
	free(c->back.cell);
	tk_buf_release(&c->back.text);
	if (c->f != NULL)
		fclose(c->f);
	free(c->block);
	free(c);
}

static size_t
bytes_of(const struct out_cells *c, const struct block *b)
{
	return b->rows * c->per_row * sizeof(*b->cell);
}

/* The last block has all of its rows. */
static void
put_aside(struct out_cells *c)
{
	struct block *b = &c->block[c->blocks - 1];
	size_t len = b->text.len;

	if (c->blocks <= STAY || c->no_file)
		return;
	if (c->f == NULL) {
		c->f = tmpfile();
		c->no_file = c->f == NULL;
		if (c->no_file)
			return;
	}
	b->at = ftello(c->f);
	if (fwrite(b->cell, 1, bytes_of(c, b), c->f) != bytes_of(c, b) ||
	    fwrite(b->text.s, 1, len, c->f) != len)
		c->error = errno;
	free(b->cell);
	b->cell = NULL;
	tk_buf_release(&b->text);
	b->text.len = len;
}

static void
add_block(struct out_cells *c)
{
	c->block = tk_xreallocarray(c->block, c->blocks + 1, sizeof(*c->block));
	c->block[c->blocks++] = (struct block){ .text = TK_BUF_INIT };
	c->room = 0;
}

void
out_cells_add(struct out_cells *c)
{
	size_t n = c->per_row;
	struct block *b;

	if (c->rows % ROWS == 0) {
		if (c->rows > 0)
			put_aside(c);
		add_block(c);
	}
	b = &c->block[c->blocks - 1];
	if (b->rows == c->room) {
		c->room = c->room == 0 ? 64 : c->room * 2;
		b->cell =
		    tk_xreallocarray(b->cell, c->room * n, sizeof(*b->cell));
	}
	for (size_t i = 0; i < n; i++)
		b->cell[b->rows * n + i] = (struct out_cell){ .null = true };
	b->rows++;
	c->rows++;
	c->now = c->blocks - 1;
}

/* Read a block back, in the place of another one. */
static void
get_back(struct out_cells *c, size_t i)
{
	struct block *b = &c->back;
	size_t len = c->block[i].text.len, bytes = bytes_of(c, &c->block[i]);
	char *text = tk_xcalloc(len + 1, 1);

	free(b->cell);
	b->rows = c->block[i].rows;
	b->cell = tk_xreallocarray(NULL, bytes + 1, 1);
	tk_buf_reset(&b->text);
	c->is_back = i;
	if (fseeko(c->f, c->block[i].at, SEEK_SET) != 0 ||
	    fread(b->cell, 1, bytes, c->f) != bytes ||
	    fread(text, 1, len, c->f) != len) {
		c->error = errno != 0 ? errno : EIO;
		for (size_t k = 0; k < b->rows * c->per_row; k++)
			b->cell[k] = (struct out_cell){ .null = true };
	} else {
		tk_buf_add(&b->text, text, len);
	}
	free(text);
}

static struct block *
block_at(struct out_cells *c, size_t i)
{
	if (c->block[i].cell != NULL)
		return &c->block[i];
	if (c->is_back != i)
		get_back(c, i);
	return &c->back;
}

struct out_cell *
out_cells_at(struct out_cells *c, size_t row)
{
	c->now = row / ROWS;
	return block_at(c, c->now)->cell + row % ROWS * c->per_row;
}

struct tk_buf *
out_cells_text(struct out_cells *c)
{
	return &block_at(c, c->now)->text;
}

int
out_cells_error(const struct out_cells *c)
{
	return c->error;
}
