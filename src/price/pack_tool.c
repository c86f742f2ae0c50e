/*
 * price-pack IN.yaml OUT - pack the price book that ships with tokctl
 *
 * Runs at build time; embed.S takes the output into the program.
 */
#include <stdio.h>

#include "base/buf.h"
#include "base/file.h"
#include "price/price_int.h"

enum { BOOK_MAX = 64 << 20 };

static int
write_book(const char *path, const struct tk_buf *book, struct tk_err *err)
{
	FILE *to = fopen(path, "wb");
	int rc = 0;

	if (to == NULL)
		return tk_fail_errno(err, "'%s'", path);
	if (fwrite(book->s, 1, book->len, to) != book->len)
		rc = tk_fail_errno(err, "'%s'", path);
	if (fclose(to) != 0 && rc == 0)
		rc = tk_fail_errno(err, "'%s'", path);
	return rc;
}

int
main(int argc, char **argv)
{
	struct tk_buf text = TK_BUF_INIT, book = TK_BUF_INIT;
	struct tk_err err = TK_ERR_INIT;
	int rc = -1;

	if (argc != 3) {
		fputs("usage: price-pack in.yaml out\n", stderr);
		return 2;
	}
	if (tk_read_file(argv[1], BOOK_MAX, &text, &err) == 0 &&
	    price_pack(text.s, text.len, argv[1], NULL, &book, &err) == 0)
		rc = write_book(argv[2], &book, &err);
	if (rc < 0)
		fprintf(stderr, "price-pack: %s\n", err.msg);
	tk_buf_release(&book);
	tk_buf_release(&text);
	return rc < 0;
}
