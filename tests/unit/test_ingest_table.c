#include <fcntl.h>

#include "base/num.h"
#include "base/time.h"
#include "mem_sink.h"
#include "tap.h"

#define HEAD "time,user,application,model,input_tokens,output_tokens"
#define T "2026-11-10T10:00:00Z"

static const char *csv_path, *jsonl_path;

static void
import_one(struct world *w, const char **path, const char *name)
{
	static char kept[2][512];
	int i = path == &csv_path ? 0 : 1;

	snprintf(kept[i], sizeof(kept[i]), "%s", world_path(w, name));
	*path = kept[i];
	w->options.paths = path;
	w->options.npaths = 1;
}

/* The file says text, and n records come of it. */
static void
expect_csv(struct world *w, const char *text, size_t n)
{
	mem_cut(&w->mem, 0, 0);
	import_one(w, &csv_path, "t.csv");
	world_write(w, "t.csv", "w", text, strlen(text));
	CHECK(world_run(w) == 0);
	if (w->mem.n != n)
		printf("# %zu records of: %s\n", w->mem.n, text);
	CHECK(w->mem.n == n);
}

static void
expect_bad(struct world *w, const char *rows, const char *reason)
{
	struct tk_buf b = TK_BUF_INIT;

	tk_buf_addf(&b, "%s", rows);
	mem_cut(&w->mem, 0, 0);
	import_one(w, &csv_path, "t.csv");
	world_write(w, "t.csv", "w", b.s, b.len);
	CHECK(world_run(w) == 0 && w->mem.n == 0);
	CHECK(w->report.nnotes == 1);
	if (w->report.nnotes > 0) {
		const char *text = w->report.notes[0].text;

		CHECK_STR(strstr(text, "t.csv:") + 6, reason);
	}
	tk_buf_release(&b);
}

static void
csv_is_read_by_its_header(struct world *w)
{
	const struct usage_record *r = NULL;

	expect_csv(w,
	    "\xef\xbb\xbf" HEAD ",cost_usd,request_id,priority,metadata\r\n" T
	    ",\"a \"\"b\"\", c\",app, gpt-5 ,12,34,0.5,r1,high,"
	    "\"{\"\"k\"\":1}\"\r\n"
	    "\r\n" T ",,app,,1,2,,r2,,",
	    2);
	r = &w->mem.v[0];
	CHECK_STR(r->user, "a \"b\", c");
	CHECK_STR(r->model, "gpt-5");
	CHECK_STR(r->metadata, "{\"k\":1}");
	CHECK_STR(r->source, "csv");
	CHECK(r->input_tokens == 12 && r->output_tokens == 34);
	CHECK(r->cost == TK_PICO_PER_USD / 2 && r->cost_origin == COST_GIVEN);
	CHECK(r->priority == PRIORITY_HIGH);
	CHECK(r->time == INT64_C(1794304800000));
	CHECK_STR(w->mem.v[1].user, "me");
	CHECK(w->mem.v[1].model == NULL);
}

static void
two_columns_for_one_field_are_refused(struct world *w)
{
	static const char *const map[] = { "date=" };

	expect_bad(w, "ts,app,tokens,date\n1794304800,x,5,2026-11-10\n",
	    "1: columns 1 and 4 are both time; ignore one with "
	    "--map COLUMN=");
	w->options.map = map;
	w->options.nmap = 1;
	expect_csv(w, "ts,app,tokens,date\n1794304800,x,5,2026-11-10\n", 1);
	w->options.nmap = 0;
}

static void
aliases_delimiters_and_maps(struct world *w)
{
	static const char *const map[] = { "Wer=user", "note=", "n=tokens" };

	expect_csv(w,
	    "Timestamp;App;Input Tokens;completion-tokens\n" T ";x;5;6\n", 1);
	CHECK(w->mem.v[0].output_tokens == 6);
	expect_csv(w, "ts,app,input\n1794304800.25,x,5\n", 1);
	CHECK(w->mem.v[0].time == INT64_C(1794304800250));
	expect_csv(w, "ts\tapp\ttokens\n1794304800\tx\t5\n", 1);
	CHECK(w->mem.v[0].time == INT64_C(1794304800000));
	CHECK(w->mem.v[0].unsplit_tokens == 5);
	w->options.map = map;
	w->options.nmap = TK_LEN(map);
	expect_csv(w, "ts,app,n,Wer,note,other\n1794304800123,x,5,ann,b,c\n",
	    1);
	CHECK_STR(w->mem.v[0].user, "ann");
	CHECK(w->mem.v[0].time == INT64_C(1794304800123));
	CHECK(w->report.nnotes == 1);
	CHECK(strstr(w->report.notes[0].text,
		  "t.csv:1: ignored columns: 'other'") != NULL);
	/* the other way round, and several in one */
	w->options.map = (const char *const[]){ "user=Wer,tokens=n" };
	w->options.nmap = 1;
	expect_csv(w, "ts|app|n|Wer\n1794304800123|x|5|bob\n", 1);
	CHECK_STR(w->mem.v[0].user, "bob");
	CHECK(w->mem.v[0].unsplit_tokens == 5);
	w->options.map = (const char *const[]){ "a, b=user" };
	expect_csv(w, "ts,app,tokens,\"a, b\"\n1794304800,x,5,eve\n", 1);
	CHECK_STR(w->mem.v[0].user, "eve");
	w->options.map = (const char *const[]){ "a=nosuch" };
	w->options.nmap = 1;
	CHECK(world_run(w) == -1 && w->err.code == TK_USAGE);
	CHECK_STR(w->err.msg, "--map: there is no field 'nosuch'");
	w->options.nmap = 0;
}

static void
totals_fill_in_or_are_checked(struct world *w)
{
	const struct usage_record *r;

	expect_csv(w, "ts,app,input,total\n" T ",x,5,12\n", 1);
	CHECK(w->mem.v[0].output_tokens == 7);
	expect_csv(w, "ts,app,output,total,cache_read\n" T ",x,5,12,3\n", 1);
	CHECK(w->mem.v[0].input_tokens == 4);
	expect_csv(w,
	    "ts,app,input,output,cache_write,cache_write_1h\n" T
	    ",x,1,2,10,4\n",
	    1);
	r = &w->mem.v[0];
	CHECK(r->cache_write_1h_tokens == 4);
	CHECK(r->cache_write_other_tokens == 6);
	expect_bad(w, "ts,app,input,output,total\n" T ",x,1,2,4\n",
	    "2: total_tokens: it is 4, but its parts are 3");
	expect_bad(w, "ts,app,input,total\n" T ",x,5,4\n",
	    "2: total_tokens: it is 4, but its parts are 5");
}

static void
bad_values_name_their_column(struct world *w)
{
	expect_bad(w, "ts,app,input\n" T ",x,-5\n",
	    "2: input_tokens: -5 is negative");
	expect_bad(w, "ts,app,input\n" T ",x,5.5\n",
	    "2: input_tokens: '5.5' is no whole number below 2^63");
	expect_bad(w, "ts,app,input\n" T ",x,9223372036854775808\n",
	    "2: input_tokens: '9223372036854775808' is no whole number "
	    "below 2^63");
	expect_bad(w,
	    "ts,app,input,output\n" T
	    ",x,9223372036854775807,9223372036854775807\n",
	    "2: the token counts are too large");
	expect_bad(w, "ts,app,input\nyesterday,x,5\n",
	    "2: time: 'yesterday' is no time");
	expect_bad(w, "ts,app,input\n2026-11-10 10:00,x,5\n",
	    "2: time: '2026-11-10 10:00' is no time");
	expect_bad(w, "ts,app,input\n,x,5\n", "2: no time");
	expect_bad(w, "ts,user,input\n" T ",x,5\n",
	    "2: neither model nor application");
	expect_bad(w, "ts,app,user\n" T ",x,y\n", "2: no token counts");
	expect_bad(w, "ts,app,input,cost\n" T ",x,5,-1\n",
	    "2: cost_usd: '-1' is negative");
	expect_bad(w, "ts,app,input,priority\n" T ",x,5,urgent\n",
	    "2: priority: 'urgent' is not one of Low, Medium, High");
	expect_bad(w, "ts,app,input,metadata\n" T ",x,5,[1]\n",
	    "2: metadata: this is no JSON object");
	expect_bad(w, "ts,app,input,output,reasoning\n" T ",x,5,6,7\n",
	    "2: reasoning_tokens: 7 are more than the output_tokens");
	expect_bad(w, "ts,app,input,requests\n" T ",x,5,-1\n",
	    "2: requests: it is '-1', but a record is one call");
	expect_bad(w, "ts,app,input\n" T ",x,5,6\n",
	    "2: 4 fields, but the header has 3");
	expect_bad(w, "ts,app,input\n" T ",x,\"5\"6\n",
	    "2: a quote in the wrong place");
	expect_bad(w, "ts,app,input\n" T ",\"x,5\n",
	    "2: the file ends in a record");
}

static void
equal_rows_count_twice_and_files_once(struct world *w)
{
	static const char rows[] =
	    HEAD "\n" T ",u,a,m,1,2\n" T ",u,a,m,1,2\n" T ",u,a,m,3,4\n";

	expect_csv(w, rows, 3);
	CHECK(strncmp(w->mem.v[0].request_id, "row:", 4) == 0);
	CHECK(strlen(w->mem.v[0].request_id) == 20);
	CHECK(strcmp(w->mem.v[1].request_id + 20, ":2") == 0);
	/* the same again, in another file and with the columns moved */
	world_add(w, "copy.csv",
	    "output_tokens,model,application,user,input_tokens,time\n"
	    "2,m,a,u,1," T "\n");
	import_one(w, &csv_path, "copy.csv");
	CHECK(world_run(w) == 0 && w->mem.n == 3);
	/* a third one is added to the first */
	world_add(w, "t.csv", T ",u,a,m,1,2\n");
	import_one(w, &csv_path, "t.csv");
	CHECK(world_run(w) == 0 && w->mem.n == 4);
	CHECK(world_tally(w, "csv")->lines == 1);
	CHECK(strcmp(w->mem.v[3].request_id + 20, ":3") == 0);
	/* and as JSON */
	world_add(w, "t.jsonl",
	    "{\"time\":\"" T "\",\"user\":\"u\",\"application\":\"a\","
	    "\"model\":\"m\",\"input_tokens\":3,\"output_tokens\":4}\n");
	import_one(w, &jsonl_path, "t.jsonl");
	CHECK(world_run(w) == 0 && w->mem.n == 4);
}

static void
rows_with_ids_are_read_once(struct world *w)
{
	expect_csv(w,
	    "ts,app,input,request_id\n" T ",x,1,\"r\n1\"\n" T ",x,2,r2\n", 2);
	CHECK_STR(w->mem.v[0].request_id, "r\n1");
	world_add(w, "t.csv", T ",x,3,\"r\n");
	CHECK(world_run(w) == 0 && w->mem.n == 2);
	CHECK(world_tally(w, "csv")->lines == 1);
	CHECK(world_tally(w, "csv")->bad == 1); /* it ends in a record */
	world_add(w, "t.csv", "3\"\n" T ",x,4,r4\n");
	CHECK(world_run(w) == 0 && w->mem.n == 4);
	CHECK(world_tally(w, "csv")->lines == 3);
	CHECK(world_sum(w).input_tokens == 10);
}

/* A line that is no header leaves nothing of itself. */
static void
the_header_may_come_late(struct world *w)
{
	const struct importer *csv = importer_find("csv");

	w->options.from = &csv;
	w->options.nfrom = 1;
	expect_csv(w, "time,x,\"a\"b\nts,app,input,request_id\n" T ",x,5,r1\n",
	    1);
	world_add(w, "t.csv", T ",x,6,r2\n");
	CHECK(world_run(w) == 0 && w->mem.n == 2);
	CHECK(world_sum(w).input_tokens == 11);
	CHECK(world_tally(w, "csv")->lines == 1);
	w->options.nfrom = 0;
}

static void
json_lines_have_the_same_fields(struct world *w)
{
	const struct usage_record *r;

	world_add(w, "t.jsonl",
	    "{\"timestamp\":1794304800.25,\"model\":\"m\\u00e9\","
	    "\"input\":1e1,\"output\":2,\"tools\":[\"a\",\"b\"],\"x\":{},"
	    "\"metadata\":{\"a\": [1]},\"error\":null,\"success\":false,"
	    "\"user\":\"a\\u0000b\",\"output\":3}\n"
	    "{\"model\":{},\"ts\":1,\"input\":1}\n"
	    "{\"model\":\"m\",\"ts\":1,\"input\":1,}\n"
	    "[1]\n"
	    "{\"model\":\"m\",\"ts\":1,\"input\":7}");
	import_one(w, &jsonl_path, "t.jsonl");
	CHECK(world_run(w) == 0 && w->mem.n == 1);
	r = &w->mem.v[0];
	CHECK(r->input_tokens == 7);
	CHECK(world_tally(w, "jsonl")->bad == 4);
	CHECK(strstr(w->report.notes[0].text,
		  ":1: user: the value has a NUL byte") != NULL);
	CHECK(strstr(w->report.notes[1].text, ":2: model: it is an object") !=
	    NULL);
	CHECK(strstr(w->report.notes[2].text,
		  ":3: JSON: byte 30: a name in quotes is missing") != NULL);
	CHECK(strstr(w->report.notes[3].text, ":4: this is no JSON object") !=
	    NULL);
	CHECK(strstr(w->report.notes[4].text, "ignored columns: 'x'") != NULL);
	mem_cut(&w->mem, 0, 0);
	world_write(w, "t.jsonl", "w", "", 0);
	world_add(w, "t.jsonl",
	    "{\"time\":1794304800,\"model\":\"m\\u00e9\",\"input\":1e1,"
	    "\"tools\":[\"a\",\"b\"],\"success\":false,\"output\":null,"
	    "\"metadata\":{\"a\": [1]},\"error\":null,\"output\":3}\n");
	CHECK(world_run(w) == 0 && w->mem.n == 1);
	r = &w->mem.v[0];
	CHECK_STR(r->model, "m\xc3\xa9");
	CHECK_STR(r->tools, "a,b");
	CHECK_STR(r->error, "failed");
	CHECK_STR(r->metadata, "{\"a\": [1]}");
	CHECK(r->input_tokens == 10 && r->output_tokens == 3);
}

static void
two_values_for_one_field_are_refused(struct world *w)
{
	mem_cut(&w->mem, 0, 0);
	world_write(w, "t.jsonl", "w", "", 0);
	world_add(w, "t.jsonl",
	    "{\"model\":\"m\",\"ts\":1,\"input\":7,\"input\":8}\n"
	    "{\"model\":\"m\",\"ts\":1,\"input\":7,\"prompt_tokens\":7}\n"
	    "{\"model\":\"m\",\"ts\":1,\"input\":null,"
	    "\"prompt_tokens\":9,\"input_tokens\":\"\"}\n");
	import_one(w, &jsonl_path, "t.jsonl");
	CHECK(world_run(w) == 0 && w->mem.n == 1);
	CHECK(w->mem.v[0].input_tokens == 9);
	CHECK(world_tally(w, "jsonl")->bad == 2);
	CHECK(strstr(w->report.notes[0].text,
		  ":1: input_tokens: it is there twice, the second time as "
		  "'input'") != NULL);
	CHECK(strstr(w->report.notes[1].text, "as 'prompt_tokens'") != NULL);
}

static void
our_own_exports_come_back(struct world *w)
{
	expect_csv(w,
	    "id,time,application,requests,input_tokens,output_tokens,"
	    "cache_write_tokens,total_tokens,cost_usd,cost_origin,"
	    "request_id,success\n"
	    "1," T ",a,1,1,2,0,3,0.5,priced,r1,true\n"
	    "2," T ",a,1,1,2,0,3,0.5,given,r2,true\n",
	    2);
	CHECK(w->report.nnotes == 0);
	CHECK(w->mem.v[0].cost_origin == COST_UNKNOWN);
	CHECK(w->mem.v[0].cost == RECORD_UNKNOWN);
	CHECK(w->mem.v[1].cost_origin == COST_GIVEN);
	CHECK(w->mem.v[0].error == NULL);
}

static void
times_without_a_zone_are_local(struct world *w)
{
	struct tk_zone *zone = NULL;

	CHECK(tk_zone_open(&zone, "CET-1", &w->err) == 0);
	w->options.zone = zone;
	expect_csv(w, "ts,app,input\n2026-11-10 11:00,x,5\n2026-11-10,x,5\n",
	    2);
	CHECK(w->mem.v[0].time == INT64_C(1794304800000));
	CHECK(w->mem.v[1].time == INT64_C(1794265200000));
	w->options.zone = NULL;
	tk_zone_free(zone);
}

struct heard {
	struct tk_buf b;
	int stop_after;
};

static int
hear(struct usage_record *r, int64_t line, const struct tk_err *bad, void *data,
    struct tk_err *err)
{
	struct heard *h = data;

	if (r == NULL)
		tk_buf_addf(&h->b, "%d: %s; ", (int)line, bad->msg);
	else
		tk_buf_addf(&h->b, "%d: %s %d %d%s; ", (int)line, r->model,
		    (int)r->input_tokens, (int)r->time,
		    r->request_id ? r->request_id : "");
	if (--h->stop_after == 0)
		return tk_fail(err, TK_IO, "enough");
	return 0;
}

static void
streams_give_records_as_they_are(struct world *w)
{
	static const char text[] = "{\"model\":\"m\",\"input\":1}\n"
				   "{\"model\":\"m\",\"input\":1}\n\noops\n"
				   "{\"model\":\"m\",\"input\":2,\"ts\":7,"
				   "\"request_id\":\"r\"}";
	struct heard h = { TK_BUF_INIT, -1 };
	const struct importer *jsonl = importer_find("jsonl");
	int fd;

	world_add(w, "s", text);
	w->options.now = 5;
	fd = open(world_path(w, "s"), O_RDONLY);
	CHECK(ingest_stream(fd, jsonl, &w->options, hear, &h, &w->err) == 0);
	CHECK_STR(h.b.s,
	    "1: m 1 5; 2: m 1 5; 4: this is no JSON object; 5: m 2 7000r; ");
	CHECK(lseek(fd, 0, SEEK_SET) == 0);
	tk_buf_reset(&h.b);
	h.stop_after = 1;
	CHECK(ingest_stream(fd, jsonl, &w->options, hear, &h, &w->err) == -1);
	CHECK_STR(w->err.msg, "enough");
	close(fd);
	tk_buf_release(&h.b);
}

int
main(void)
{
	void (*const tests[])(struct world *) = {
		csv_is_read_by_its_header,
		aliases_delimiters_and_maps,
		two_columns_for_one_field_are_refused,
		totals_fill_in_or_are_checked,
		bad_values_name_their_column,
		equal_rows_count_twice_and_files_once,
		rows_with_ids_are_read_once,
		the_header_may_come_late,
		json_lines_have_the_same_fields,
		two_values_for_one_field_are_refused,
		our_own_exports_come_back,
		times_without_a_zone_are_local,
		streams_give_records_as_they_are,
	};

	for (size_t i = 0; i < TK_LEN(tests); i++) {
		struct world w;

		world_begin(&w);
		tests[i](&w);
		world_end(&w);
	}
	return tap_done();
}
