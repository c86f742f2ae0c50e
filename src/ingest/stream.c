/* Records of a stream, for "usage record". */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "ingest/lines.h"
#include "ingest/run.h"

static void
stream_line(struct reader *rd, const char *text, size_t n)
{
	rd->line++;
	if (rd->line == 1 && n >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) {
		text += 3;
		n -= 3;
	}
	if (!rd->importer->raw)
		text = trim_line(text, &n);
	if (n > 0)
		rd->importer->line(rd, text, n);
	/* the texts of a record that is complete are not needed again */
	if (rd->importer->whole == NULL || rd->importer->whole(rd))
		batch_reset(rd->batch);
}

int
ingest_stream(int fd, const struct importer *format,
    const struct ingest_options *o, ingest_record_fn *fn, void *data,
    struct tk_err *err)
{
	struct stream stream = { .fn = fn, .data = data, .err = err };
	struct batch batch;
	struct reader rd = {
		.importer = format,
		.path = "-",
		.options = o,
		.batch = &batch,
		.scratch = TK_BUF_INIT,
		.stream = &stream,
	};
	struct lines lines;
	const char *text;
	size_t n;
	int got = 0;

	batch_init(&batch);
	lines_init(&lines, fd, 0, LINE_MAX_BYTES);
	lines.idle = o->idle;
	lines.idle_data = data;
	rd.state = tk_xcalloc(1, format->state_size + 1);
	format->open(&rd, NULL);
	while (!stream.failed && (o->stop == NULL || *o->stop == 0) &&
	    (got = lines_next(&lines, &text, &n, err)) > 0) {
		rd.cut = false;
		if (got == LINES_LONG) {
			rd.line++;
			reader_bad(&rd, "a line of more than 64 MB");
		} else {
			stream_line(&rd, text, n);
		}
	}
	if (!stream.failed && got == 0 && format->whole != NULL &&
	    !format->whole(&rd))
		reader_bad(&rd, "the input ends in a record");
	if (format->close != NULL)
		format->close(&rd);
	free(rd.state);
	tk_buf_release(&rd.scratch);
	lines_release(&lines);
	batch_release(&batch);
	return got < 0 || stream.failed ? -1 : 0;
}
