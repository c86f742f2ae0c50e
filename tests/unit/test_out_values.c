/* Values and shapes that are not usual, in all formats. */
#include "out_written.h"
#include "tap.h"

static const struct out_col all_cols[] = {
	{ "id", "Id", OUT_INT, OUT_PLAIN },
	{ "time", "Time", OUT_TIME, OUT_SECONDS },
	{ "user", "User", OUT_TEXT, 0 },
	{ "metadata", "Metadata", OUT_JSON, OUT_MACHINE },
	{ "size", "Size", OUT_BYTES, 0 },
	{ "cost_usd", "Cost", OUT_MONEY, 0 },
	{ "shown", "Shown", OUT_TEXT, OUT_PEOPLE },
	{ "state", "State", OUT_TEXT, OUT_STATE },
	OUT_COL_END,
};

static void
odd_values(struct out *o)
{
	static const struct out_doc doc = { .schema = "x/1" };

	out_document(o, &doc);
	out_filter(o, "user", "a\"b");
	out_filter(o, "model", "m");
	out_filter(o, "user", "c");
	out_begin(o, all_cols);
	out_int(o, (tk_int128)INT64_MAX * 10);
	out_time(o, NOW + 5);
	out_text(o, "a,\"b\"\n\x01\xff|\xe2\x80\xae~\xe2\x80\xa8");
	out_json_text(o, "{\"a\":\n [1, \"\xc3\xa9\xfe\"]}");
	out_int(o, 1536);
	out_money(o, 1);
	out_text(o, "*x*");
	out_text(o, "OVER");
	out_end_row(o);
	for (int i = 0; i < 8; i++)
		out_null(o);
	out_end_row(o);
	out_int(o, INT64_MIN);
	out_time(o, INT64_MAX);
	out_text(o, "");
	out_json_text(o, NULL);
	out_int(o, -1);
	out_money(o, -(tk_int128)TK_PICO_PER_USD * 3 / 2);
	out_text(o, "日本語");
	out_text(o, "ok");
	out_end_row(o);
}

/* Each of these would be no row, or the end of the rows, to some reader. */
static void
only_texts(struct out *o)
{
	static const struct out_col cols[] = {
		{ "user", "User", OUT_TEXT, 0 },
		OUT_COL_END,
	};

	out_begin(o, cols);
	out_null(o);
	out_end_row(o);
	out_text(o, "");
	out_end_row(o);
	out_text(o, "\\.");
	out_end_row(o);
	out_text(o, "\\.\\");
	out_end_row(o);
	out_text(o, " a");
	out_end_row(o);
	out_text(o, "b\t");
	out_end_row(o);
	out_text(o, " ");
	out_end_row(o);
}

static void
machines_get_everything_exactly(void)
{
	CHECK_STR(written(only_texts, style(F_CSV, 80)),
	    "user\n\"\"\n\"\"\n\"\\.\"\n\\.\\\n"
	    "\" a\"\n\"b\t\"\n\" \"\n");

	CHECK_STR(written(odd_values, style(F_JSONL, 80)),
	    "{\"id\":92233720368547758070,"
	    "\"time\":\"2026-11-21T14:32:07.005+01:00\","
	    "\"user\":\"a,\\\"b\\\"\\n\\u0001\xef\xbf\xbd|\xe2\x80\xae~"
	    "\xe2\x80\xa8\",\"metadata\":{\"a\":  [1, \"\xc3\xa9\xef\xbf\xbd"
	    "\"]},\"size\":1536,\"cost_usd\":0.000000000001,"
	    "\"state\":\"OVER\"}\n"
	    "{\"id\":null,\"time\":null,\"user\":null,\"metadata\":null,"
	    "\"size\":null,\"cost_usd\":null,\"state\":null}\n"
	    "{\"id\":-9223372036854775808,\"time\":null,\"user\":\"\","
	    "\"metadata\":null,\"size\":-1,\"cost_usd\":-1.5,"
	    "\"state\":\"ok\"}\n");
	CHECK_STR(written(odd_values, style(F_CSV, 80)),
	    "id,time,user,metadata,size,cost_usd,state\n"
	    "92233720368547758070,2026-11-21T14:32:07.005+01:00,"
	    "\"a,\"\"b\"\"\n\x01\xff|\xe2\x80\xae~\xe2\x80\xa8\","
	    "\"{\"\"a\"\":\n [1, \"\"\xc3\xa9\xfe\"\"]}\",1536,"
	    "0.000000000001,OVER\n"
	    ",,,,,,\n"
	    "-9223372036854775808,,,,-1,-1.5,ok\n");
	CHECK(strstr(written(odd_values, style(F_JSON, 80)),
		  "  \"range\": null,\n"
		  "  \"filters\": {\"user\": [\"a\\\"b\", \"c\"],"
		  " \"model\": \"m\"},\n") != NULL);
	CHECK(
	    strstr(written(odd_values, style(F_JSON, 80)),
		"\n  ],\n  \"total\": null,\n  \"warnings\": []\n}\n") != NULL);
}

static void
people_get_safe_aligned_text(void)
{
	struct out_style st = style(F_TABLE, 0);

	CHECK_STR(written(odd_values, st),
	    "                  Id  Time                 User       "
	    "      Size    Cost  Shown   State\n"
	    "92233720368547758070  2026-11-21 14:32:07  a,\"b\"???|?~?"
	    "  1.5 KiB  <$0.01  *x*     OVER\n"
	    "                   -  -                    -          "
	    "         -     n/a  -       -\n"
	    "-9223372036854775808  -                               "
	    "      -1 B  -$1.50  日本語  ok\n");
	st.color = true;
	CHECK(
	    strstr(written(odd_values, st), "\033[1;31mOVER\033[0m\n") != NULL);
	CHECK(strstr(written(odd_values, st), "  \033[32mok\033[0m\n") != NULL);
	CHECK_STR(written(odd_values, style(F_MD, 80)),
	    "| Id | Time | User | Size | Cost | Shown | State |\n"
	    "| ---: | --- | --- | ---: | ---: | --- | --- |\n"
	    "| 92233720368547758070 | 2026-11-21 14:32:07 |"
	    " a,\"b\"???\\|?\\~? | 1.5 KiB | \\<$0.01 | \\*x\\* | OVER |\n"
	    "| - | - | - | - | n/a | - | - |\n"
	    "| -9223372036854775808 | - |  | -1 B | -$1.50 | 日本語 | ok |\n");
}

static void
one_thing(struct out *o)
{
	static const struct out_doc doc = {
		.schema = "tokctl.usage.show/1",
		.title = "Request 7",
		.shape = OUT_ONE,
	};

	out_document(o, &doc);
	out_begin(o, all_cols);
	out_int(o, 7);
	out_time(o, NOW);
	out_text(o, "bob");
	out_json_text(o, "[]");
	out_null(o);
	out_money(o, TK_PICO_PER_USD);
	out_text(o, "x");
	out_null(o);
	out_end_row(o);
	out_warning(o, "odd", "look");
}

static void
one_thing_is_flat(void)
{
	CHECK_STR(written(one_thing, style(F_JSON, 80)),
	    "{\n"
	    "  \"schema\": \"tokctl.usage.show/1\",\n"
	    "  \"generated\": \"2026-11-21T14:32:07+01:00\",\n"
	    "  \"timezone\": \"Europe/Berlin\",\n"
	    "  \"id\": 7,\n"
	    "  \"time\": \"2026-11-21T14:32:07+01:00\",\n"
	    "  \"user\": \"bob\",\n"
	    "  \"metadata\": [],\n"
	    "  \"size\": null,\n"
	    "  \"cost_usd\": 1,\n"
	    "  \"state\": null,\n"
	    "  \"warnings\": [\n"
	    "    {\"code\":\"odd\",\"message\":\"look\"}\n"
	    "  ]\n"
	    "}\n");
	CHECK_STR(written(one_thing, style(F_TABLE, 80)),
	    "Request 7\n"
	    "\n"
	    "Id     7\n"
	    "Time   2026-11-21 14:32:07\n"
	    "User   bob\n"
	    "Size   -\n"
	    "Cost   $1.00\n"
	    "Shown  x\n"
	    "State  -\n"
	    "\n"
	    "look\n");
	CHECK(strstr(written(one_thing, style(F_MD, 80)),
		  "| Cost | $1.00 |\n") != NULL);
}

static const struct out_col name_cols[] = {
	{ "name", "Name", OUT_TEXT, 0 },
	{ "n", "N", OUT_INT, 0 },
	OUT_COL_END,
};

static void
long_names(struct out *o)
{
	out_begin(o, name_cols);
	out_text(o, "dmitri.konstantinopolsky-lin");
	out_int(o, 1234567);
	out_end_row(o);
	out_text(o, "e\xcc\x81日");
	out_int(o, 2);
	out_end_row(o);
}

static void
nothing(struct out *o)
{
	out_begin(o, name_cols);
	out_empty(o, "no usage in this range");
}

static void
names_keep_both_ends(void)
{
	CHECK_STR(written(long_names, style(F_TABLE, 29)),
	    "Name                        N\n"
	    "dmitri.konst~y-lin  1,234,567\n"
	    "e\xcc\x81日                         2\n");
	CHECK_STR(written(long_names, style(F_TABLE, 15)),
	    "Name          N\n"
	    "dmitr~in  1.23M\n"
	    "e\xcc\x81日           2\n");
}

static void
no_rows_are_said(void)
{
	CHECK_STR(written(nothing, style(F_TABLE, 80)),
	    "no usage in this range\n");
	CHECK_STR(written(nothing, style(F_CSV, 80)), "name,n\n");
	CHECK_STR(written(nothing, style(F_JSONL, 80)), "");
	CHECK(strstr(written(nothing, style(F_JSON, 80)),
		  "  \"rows\": [],\n  \"total\": null,\n"
		  "  \"warnings\": []\n}\n") != NULL);
	CHECK_STR(written(nothing, style(F_MD, 80)),
	    "no usage in this range\n");
}

static void
full_disk_is_an_error(void)
{
	struct tk_err err = TK_ERR_INIT;
	struct out_style st = style(F_CSV, 0);
	FILE *to = fopen("/dev/full", "w");
	struct out *o;

	if (to == NULL)
		return;
	o = out_new(to, &st);
	out_begin(o, name_cols);
	for (int i = 0; i < 100000; i++) {
		out_text(o, "some name");
		out_int(o, i);
		out_end_row(o);
	}
	CHECK(out_failed(o));
	CHECK(out_close(o, &err) < 0);
	CHECK(err.code == TK_IO);
	CHECK_STR(err.msg, "cannot write the output: No space left on device");
	fclose(to);
}

/* Summer time ends: 25 hours, two offsets. */
static const struct out_col time_cols[] = {
	{ "time", "Time", OUT_TIME, 0 },
	OUT_COL_END,
};

static void
times(struct out *o)
{
	static const int64_t hours[] = { 0, 2, 3, 24, 25 };
	int64_t start =
	    tk_zone_day_start(berlin, tk_day_from_civil(2026, 10, 25));

	out_begin(o, time_cols);
	for (int i = 0; i < 5; i++) {
		out_time(o, start + hours[i] * 3600000);
		out_end_row(o);
	}
}

static void
days_of_other_lengths(void)
{
	CHECK_STR(written(times, style(F_CSV, 0)),
	    "time\n"
	    "2026-10-25T00:00:00+02:00\n"
	    "2026-10-25T02:00:00+02:00\n"
	    "2026-10-25T02:00:00+01:00\n"
	    "2026-10-25T23:00:00+01:00\n"
	    "2026-10-26T00:00:00+01:00\n");
}

static const struct out_col part_cols[] = {
	{ "hour", "Hour", OUT_TEXT, 0 },
	{ "percentage", "Share", OUT_RATIO, OUT_PERCENT },
	{ "shades", "", OUT_SHADES, OUT_PEOPLE },
	OUT_COL_END,
};

static void
write_parts(struct out *o)
{
	static const struct out_part hours = { .key = "hours",
		.title = "By hour" };
	static const struct out_part summary = { "summary", "Summary", OUT_ONE,
		OUT_MACHINE, OUT_BARS };
	static const struct out_part none = { .key = "none", .title = "None" };

	out_begin(o, part_cols + 2);
	out_shades(o,
	    "a\001\002\003\004\005b\020\021\022\023\024\025\026\027\030");
	out_end_row(o);
	out_part(o, &hours, part_cols);
	out_text(o, "09");
	out_ratio(o, 1, 8);
	out_shades(o, NULL);
	out_end_row(o);
	out_total(o);
	out_null(o);
	out_ratio(o, 1, 1);
	out_null(o);
	out_end_row(o);
	out_part(o, &summary, part_cols);
	out_text(o, "x");
	out_null(o);
	out_null(o);
	out_end_row(o);
	out_part(o, &none, part_cols);
	out_warning(o, "w", "beware");
}

static void
parts_follow_the_rows(void)
{
	struct out_style ascii = style(F_TABLE, 80);
	const char *s;

	s = written(write_parts, style(F_JSON, 80));
	CHECK(strstr(s,
		  "  \"total\": null,\n"
		  "  \"hours\": [\n"
		  "    {\"hour\":\"09\",\"percentage\":12.5}\n"
		  "  ],\n"
		  "  \"summary\": {\"hour\":\"x\",\"percentage\":null},\n"
		  "  \"none\": [],\n"
		  "  \"warnings\": [\n") != NULL);
	CHECK_STR(written(write_parts, style(F_TABLE, 80)),
	    "a·░▒▓█b·▁▂▃▄▅▆▇█\n\nBy hour\nHour    Share\n09      12.5%  -\n"
	    "----------------\nTotal  100.0%\n\nNone\nnothing to show\n\n"
	    "beware\n");
	ascii.utf8 = false;
	CHECK(strncmp(written(write_parts, ascii), "a .:+#b .:-=+*#%\n", 17) ==
	    0);
	CHECK(strstr(written(write_parts, style(F_MD, 0)),
		  "\n### By hour\n\n| Hour | Share |") != NULL);
	CHECK(strstr(written(write_parts, style(F_JSONL, 0)), "09") == NULL);
	CHECK(strstr(written(write_parts, style(F_CSV, 0)), "09") == NULL);
}

static void
write_periods(struct out *o)
{
	static const struct out_col cols[] = { { "model", "Model", OUT_TEXT,
						   0 },
		{ "a", "2026-08", OUT_MONEY, OUT_PERIOD },
		{ "b", "2026-09", OUT_MONEY, OUT_PERIOD },
		{ "c", "2026-10", OUT_MONEY, OUT_PERIOD },
		{ "d", "2026-11*", OUT_MONEY, OUT_PERIOD },
		{ "total", "Total", OUT_MONEY, 0 }, OUT_COL_END };

	out_begin(o, cols);
	out_text(o, "claude-opus-4-6");
	for (int i = 1; i <= 5; i++)
		out_money(o, TK_PICO_PER_USD * i);
	out_end_row(o);
}

static void
the_latest_periods_stay_and_names_can_be_read(void)
{
	CHECK_STR(written(write_periods, style(F_TABLE, 52)),
	    "Model            2026-09  2026-10  2026-11*  Total\n"
	    "claude-opus-4-6    $2.00    $3.00     $4.00  $5.00\n"
	    "1 earlier period does not fit here; totals include\n"
	    "  it\n");
	CHECK_STR(written(write_periods, style(F_TABLE, 40)),
	    "Model            2026-11*  Total\n"
	    "claude-opus-4-6     $4.00  $5.00\n"
	    "3 earlier periods do not fit here;\n"
	    "  totals include them\n");
	CHECK_STR(written(write_periods, style(F_TABLE, 28)),
	    "Model        2026-11*  Total\n"
	    "claude-~4-6     $4.00  $5.00\n"
	    "3 earlier periods do not fit\n"
	    "  here; totals include them\n");
}

/* More rows than stay in memory: all of them, in their order, aligned. */
enum { MANY = 16 * 4096 * 3 / 2 + 7 };

static void
write_many(struct out *o)
{
	static const struct out_col cols[] = { { "name", "Name", OUT_TEXT, 0 },
		{ "n", "N", OUT_INT, 0 }, { "part", "Part", OUT_RATIO, 0 },
		{ "cost", "Cost", OUT_MONEY, 0 }, OUT_COL_END };
	char name[32];

	out_begin(o, cols);
	for (int i = 0; i < MANY; i++) {
		snprintf(name, sizeof(name), "n%d%s", i,
		    i == MANY / 2 ? "-the-longest-of-all" : "");
		out_text(o, name);
		out_int(o, i == MANY - 9 ? (tk_int128)1 << 80 : i);
		out_ratio(o, i, MANY);
		if (i % 7 == 0)
			out_null(o);
		else
			out_money(o, (tk_int128)i * 10000000000);
		out_end_row(o);
	}
	out_total(o);
	out_null(o);
	out_int(o, MANY);
	out_null(o);
	out_null(o);
	out_end_row(o);
}

static void
many_rows_are_all_there(void)
{
	char *s = strdup(written(write_many, style(F_TABLE, 0))), *end;
	char *line = strtok_r(s, "\n", &end), want[32], cost[32];
	size_t width = strlen(line);
	int n = 0;

	while ((line = strtok_r(NULL, "\n", &end)) != NULL && n < MANY) {
		snprintf(want, sizeof(want), "n%d%s ", n,
		    n == MANY / 2 ? "-the-longest-of-all" : "");
		snprintf(cost, sizeof(cost), n % 7 ? " $%d.%02d" : " n/a",
		    n / 100, n % 100);
		if (strncmp(line, want, strlen(want)) != 0 ||
		    strlen(line) != width || strlen(line) < strlen(cost) ||
		    (n < 100000 && n >= 100 &&
			strcmp(line + width - strlen(cost), cost) != 0))
			break;
		n++;
	}
	CHECK(n == MANY);
	CHECK(line != NULL && line[0] == '-');
	CHECK(strncmp(strtok_r(NULL, "\n", &end), "Total ", 6) == 0);
	free(s);
}

int
main(void)
{
	struct tk_err err = TK_ERR_INIT;

	CHECK(tk_zone_open(&berlin, "Europe/Berlin", &err) == 0);
	machines_get_everything_exactly();
	people_get_safe_aligned_text();
	one_thing_is_flat();
	names_keep_both_ends();
	no_rows_are_said();
	full_disk_is_an_error();
	days_of_other_lengths();
	written(nothing, style(F_MD, 0));
	parts_follow_the_rows();
	many_rows_are_all_there();
	the_latest_periods_stay_and_names_can_be_read();
	tk_zone_free(berlin);
	return tap_done();
}
