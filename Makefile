# tokctl: plain make, no configure step.  "make help" lists the targets.
CC ?= cc
AR ?= ar
PKG_CONFIG ?= pkg-config
PREFIX ?= /usr/local
O ?= build$(if $(ASAN),-asan)$(if $(SHARED),-shared)$(if $(RELEASE),-release)
, := ,

# Linked without shared libraries, so that a start does not pay for loading
# them: "tokctl version" then takes no longer than an empty program that loads
# libc.  "make SHARED=1" takes the system's shared ones.
PKGS := $(if $(RELEASE),,sqlite3) yaml-0.1 zlib libzstd
LIBS := -lcsv -lncursesw -ltinfo $(shell $(PKG_CONFIG) --libs $(PKGS))
STATIC := $(if $(SHARED)$(ASAN),,$(if $(filter /%,$(shell $(CC) -print-file-name=libc.a)),1))
LDLIBS += $(LIBS) -lm -lpthread
# A second reader of JSON, for tests alone.
TEST_LIBS := $(shell $(PKG_CONFIG) --libs jansson)

CPPFLAGS += -Isrc -Icmd -I$(O)/gen -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64
CPPFLAGS += $(shell $(PKG_CONFIG) --cflags $(PKGS))
CPPFLAGS += $(if $(SHARED)$(ASAN),-DTK_TIDY=1)
CFLAGS ?= -O2 -g1 -gno-column-info
CFLAGS += -std=c11 -fno-pie -fno-asynchronous-unwind-tables -Wall -Wextra -Wpedantic -Wshadow \
	-Wstrict-prototypes -Wmissing-prototypes -Wwrite-strings \
	-Wpointer-arith -Wvla -Wformat=2 -Wundef -fno-common \
	$(if $(WERROR),-Werror)
CFLAGS += $(if $(ASAN),-fsanitize=address$(,)undefined -fno-omit-frame-pointer -fno-sanitize-recover=undefined)
LDFLAGS += -no-pie -Wl,--gc-sections -Wl,--compress-debug-sections=zlib
# SQLite can load extensions; we never do, so ld need not warn of dlopen().
# (Not with --no-warnings: that hides undefined symbols, too.)
LDFLAGS += $(if $(STATIC),-static -Wl$(,)--wrap=dlopen$(,)--defsym=__wrap_dlopen=0)

# "make release": not the system's SQLite but a newer one, as the npm package
# carries it, pinned by its SHA-256 and tuned: nothing of it is committed.
SQLITE_PACKAGE := better-sqlite3@12.11.1
SQLITE_SHA256 := 60d2f39a3726cd6b9021da6f4e868608d66fbb6528a9f513dc8ffcc640493422
SQLITE_FLAGS := -DSQLITE_THREADSAFE=2 -DSQLITE_DEFAULT_MEMSTATUS=0 \
	-DSQLITE_DQS=0 -DSQLITE_OMIT_DEPRECATED -DSQLITE_OMIT_SHARED_CACHE \
	-DSQLITE_OMIT_LOAD_EXTENSION -DSQLITE_LIKE_DOESNT_MATCH_BLOBS \
	-DSQLITE_MAX_EXPR_DEPTH=0 -DSQLITE_USE_ALLOCA
CPPFLAGS += $(if $(RELEASE),-I$(O)/sqlite)

# Build tools have their own main() and are named *_tool.c.
SRC := $(sort $(filter-out %_tool.c,$(wildcard src/*/*.c)))
CMD := $(sort $(wildcard cmd/*.c))
UNIT := $(sort $(wildcard tests/unit/test_*.c))
LIB := $(O)/libtokctl.a
OBJ = $(patsubst %.c,$(O)/%.o,$(1))

# "make V=1" shows the whole command lines.
say = $(if $(V),,@echo "  $(1)	$@";)

# Speaks HTTP and SMTP for "tokctl webhook": a program of its own, since
# libcurl takes milliseconds to load.  Only where libcurl is.
CURL := $(shell $(PKG_CONFIG) --exists libcurl && echo 1)
DELIVER := $(if $(CURL),$(O)/tokctl-deliver)
all: $(O)/tokctl $(DELIVER)

# Each module may add objects to the library and rules of its own.
LIB_OBJ := $(call OBJ,$(SRC)) $(if $(RELEASE),$(O)/sqlite/sqlite3.o)
-include src/*/module.mk

# Linux keeps a file as it was written: from the small pieces that ld writes
# every start would have to map small pages, and take 0.2 ms longer.
$(O)/tokctl: $(call OBJ,$(CMD)) $(LIB)
	$(call say,LD)$(CC) $(CFLAGS) $(LDFLAGS) -o $@.ld $^ $(LDLIBS)
	@cp $@.ld $@.new && mv -f $@.new $@ && rm $@.ld
$(O)/tokctl-deliver: $(O)/cmd/tokctl-deliver/deliver.o $(LIB)
	$(call say,LD)$(CC) $(CFLAGS) -no-pie -Wl,--gc-sections -o $@ $^ $(shell $(PKG_CONFIG) --libs libcurl)
$(LIB): $(LIB_OBJ)
	$(call say,AR)rm -f $@ && $(AR) rcs $@ $^
$(O)/tests/unit/%: $(O)/tests/unit/%.o $(LIB)
	$(call say,LD)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LDLIBS) $(TEST_LIBS)
$(O)/%.o: %.c Makefile
	@mkdir -p $(@D)
	$(call say,CC)$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

$(O)/sqlite/sqlite3.c:
	@mkdir -p $(@D)
	cd $(@D) && npm pack --silent $(SQLITE_PACKAGE) >/dev/null && \
		tar -xzf *.tgz --strip-components=3 package/deps/sqlite3
	echo "$(SQLITE_SHA256)  $@" | sha256sum -c --quiet || { rm -f $@; false; }
$(O)/sqlite/sqlite3.o: $(O)/sqlite/sqlite3.c
	$(call say,CC)$(CC) $(SQLITE_FLAGS) -O2 -fno-pie -w -c -o $@ $<
ifdef RELEASE
$(call OBJ,$(SRC)): $(O)/sqlite/sqlite3.c
endif
release:
	$(MAKE) RELEASE=1 all

# What runs the tests may be another build, or one under valgrind.
TOKCTL ?= $(abspath $(O)/tokctl)
SCRIPTS ?= $(sort $(wildcard tests/t[0-8]*.sh))
check: $(O)/tokctl $(DELIVER) $(UNIT:%.c=$(O)/%)
	@TOKCTL=$(TOKCTL) tests/run $(UNIT:%.c=$(O)/%) $(SCRIPTS)

# All of it, ending in one line "N passed, N failed".
test:
	tests/packages install test
	tests/all

demo:
	tests/packages install build
	$(MAKE) all
	tests/demo $(O)/tokctl

# Everything that is written from the option tables and committed.
gen: $(O)/tokctl
	$< help --as=bash >completions/tokctl.bash
	$< help --as=zsh >completions/_tokctl
	$< help --as=fish >completions/tokctl.fish
	$< help --as=yaml >config/tokctl.yaml
	@for p in man/tokctl-*.1 man/tokctl.yaml.5; do \
		TOKCTL=$(abspath $<) tests/splice-man "$$p" || exit 1; done
gen-check: gen
	git diff --exit-code -- completions config man

lint:
	tests/lint-deps src/DEPS
	mandoc -T lint -W warning man/*.[157]
	shellcheck -s sh -e SC1091,SC2016,SC2154,SC2153 tests/lib*.sh \
		tests/t[0-9]*.sh tests/run tests/all tests/demo \
		tests/packages tests/splice-man tests/lint-deps
tidy: compile_commands.json
	for f in $(SRC) $(CMD); do clang-tidy --quiet -p . $$f || exit 1; done
compile_commands.json: Makefile
	bear -- $(MAKE) -B all O=build/compdb
C_FILES := $(wildcard src/*/*.[ch] cmd/*.[ch] cmd/*/*.[ch] tests/*/*.[ch])
format:
	clang-format -i $(C_FILES)
format-check:
	clang-format --dry-run -Werror $(C_FILES)

coverage:
	$(MAKE) check O=build-cov SHARED=1 CFLAGS="-O0 -g --coverage" LDFLAGS=--coverage
	@gcov -n $(SRC:%.c=build-cov/%.gcda) $(CMD:%.c=build-cov/%.gcda) 2>/dev/null | \
		awk '/^File .(src|cmd)/ { f = $$2 } /^Lines/ && f { print "  " f, $$2; f = "" }' | sort -u

# Valgrind sees malloc() only in a program that loads libc: the usual objects
# are linked once more.  Units are those that allocate.
VALGRIND := $(O)/valgrind
VALGRIND_UNIT := $(patsubst %,$(VALGRIND)/test_%,buf config file ingest_claude \
	ingest_codex ingest_run ingest_table json ledger opt out pack \
	pack_random price_update report segment store sums)
LINK_SHARED = $(CC) $(CFLAGS) -no-pie -Wl,--gc-sections -o $@ $^ $(LDLIBS)
$(VALGRIND)/tidy.o: src/base/tidy.c Makefile
	@mkdir -p $(@D)
	$(call say,CC)$(CC) $(CPPFLAGS) $(CFLAGS) -DTK_TIDY=1 -c -o $@ $<
$(VALGRIND)/tokctl: $(call OBJ,$(CMD)) $(VALGRIND)/tidy.o $(LIB)
	$(call say,LD)$(LINK_SHARED)
$(VALGRIND)/test_%: $(O)/tests/unit/test_%.o $(VALGRIND)/tidy.o $(LIB)
	$(call say,LD)$(LINK_SHARED) $(TEST_LIBS)
valgrind: $(VALGRIND)/tokctl $(VALGRIND_UNIT)
	tests/valgrind $^

# "make fuzz FUZZ=json TIME=60": one target; FUZZ=all: each for TIME seconds.
FUZZ ?= all
TIME ?= 60
FUZZERS := $(patsubst tests/fuzz/fuzz_%.c,%,$(sort $(wildcard tests/fuzz/fuzz_*.c)))
fuzz:
	$(MAKE) CC=clang SHARED=1 O=build-fuzz CFLAGS="-O1 -g1 -fsanitize=fuzzer-no-link,address,undefined -fno-omit-frame-pointer -fno-sanitize-recover=undefined" \
		$(foreach f,$(if $(filter all,$(FUZZ)),$(FUZZERS),$(FUZZ)),build-fuzz/fuzz_$(f))
	tests/fuzz/run $(TIME) $(if $(filter all,$(FUZZ)),$(FUZZERS),$(FUZZ))
build-fuzz/fuzz_%: $(O)/tests/fuzz/fuzz_%.o $(LIB)
	$(call say,LD)$(CC) $(CFLAGS) -fsanitize=fuzzer $(LDFLAGS) -o $@ $^ $(LDLIBS) $(TEST_LIBS)

# Slow campaigns, which are not part of "make test".
crash: $(O)/tokctl
	TOKCTL=$(TOKCTL) tests/crash/run 200
limits: $(O)/tokctl
	TOKCTL=$(TOKCTL) tests/limits/run
bench: $(O)/tokctl
	TOKCTL=$(TOKCTL) tests/bench/run

DATA := $(DESTDIR)$(PREFIX)/share
install: $(O)/tokctl $(DELIVER)
	install -d $(DESTDIR)$(PREFIX)/bin $(DATA)/man/man1 $(DATA)/man/man5 $(DATA)/man/man7
	install -m 755 $< $(DESTDIR)$(PREFIX)/bin/tokctl
	$(if $(DELIVER),install -D -m 755 $(DELIVER) $(DESTDIR)$(PREFIX)/libexec/tokctl/tokctl-deliver)
	install -m 644 man/*.1 $(DATA)/man/man1
	install -m 644 man/*.5 $(DATA)/man/man5
	install -m 644 man/*.7 $(DATA)/man/man7
	install -D -m 644 completions/tokctl.bash $(DATA)/bash-completion/completions/tokctl
	install -D -m 644 completions/_tokctl $(DATA)/zsh/vendor-completions/_tokctl
	install -D -m 644 completions/tokctl.fish $(DATA)/fish/vendor_completions.d/tokctl.fish
	install -D -m 644 config/tokctl.yaml $(DATA)/doc/tokctl/tokctl.yaml
	install -D -m 644 config/status-line.conf $(DATA)/doc/tokctl/status-line.conf
	@$(if $(LINKS),for c in $$($< help --as=names | sed 's/ .*//' | sort -u); do \
		ln -sf tokctl "$(DESTDIR)$(PREFIX)/bin/tokctl-$$c"; done)
uninstall:
	rm -f $(DESTDIR)$(PREFIX)/bin/tokctl $(DESTDIR)$(PREFIX)/bin/tokctl-* \
		$(DATA)/man/man[157]/tokctl* \
		$(DATA)/bash-completion/completions/tokctl \
		$(DATA)/zsh/vendor-completions/_tokctl \
		$(DATA)/fish/vendor_completions.d/tokctl.fish
	rm -rf $(DATA)/doc/tokctl $(DESTDIR)$(PREFIX)/libexec/tokctl
clean:
	rm -rf build build-*

define HELP
make               build/tokctl, and tokctl-deliver where libcurl is
make demo          install what is missing, build, run the main job
make test          install what is missing, run every check there is
make check         unit and shell tests (ASAN=1 CC=clang: with sanitizers)
make lint          layers, manual pages, shell scripts
make gen           write completions and manual pages from the tables
make format        lay out the C; format-check only looks
make fuzz          FUZZ=name TIME=seconds; FUZZ=all is the default
make valgrind coverage tidy crash limits bench
make install       DESTDIR=, PREFIX=/usr/local, LINKS=1: tokctl-count, ...
make release       with a newer, tuned SQLite, in build-release/
Variables: V=1 shows commands, WERROR=1, O=folder, SHARED=1, VOCABS="..."
endef
export HELP
help:
	@echo "$$HELP"

.SECONDARY:
.PHONY: all release check test demo gen gen-check lint tidy format \
	format-check coverage valgrind fuzz crash limits bench install uninstall \
	clean help
-include $(patsubst %.o,%.d,$(call OBJ,$(SRC) $(CMD) $(UNIT) cmd/tokctl-deliver/deliver.c))
