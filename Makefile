# tokctl: plain make, no configure step.
#   make            build/tokctl
#   make demo       install what is missing, build, run the main job
#   make test       install what is missing, run every check there is
#   make check      unit and shell tests; make lint: tables and layers agree
#   make ASAN=1 ... the same with the sanitizers, in build-asan/
#   make help       every target
CC ?= cc
AR ?= ar
PKG_CONFIG ?= pkg-config
PREFIX ?= /usr/local
O ?= build$(if $(ASAN),-asan)$(if $(SHARED),-shared)
, := ,

# Linked without shared libraries, so that a start does not pay for loading
# them: "tokctl version" then takes no longer than an empty program that loads
# libc.  "make SHARED=1" takes the system's shared ones.
PKGS := sqlite3 yaml-0.1 jansson
LIBS := -lcsv $(shell $(PKG_CONFIG) --libs $(PKGS))
STATIC := $(if $(SHARED)$(ASAN),,$(if $(filter /%,$(shell $(CC) -print-file-name=libc.a)),1))
LDLIBS += $(LIBS) -lm -lpthread

CPPFLAGS += -Isrc -Icmd -I$(O)/gen -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64
CPPFLAGS += $(shell $(PKG_CONFIG) --cflags $(PKGS))
CFLAGS ?= -O2 -g
CFLAGS += -std=c11 -fno-pie -Wall -Wextra -Wpedantic -Wshadow \
	-Wstrict-prototypes -Wmissing-prototypes -Wwrite-strings \
	-Wpointer-arith -Wvla -Wformat=2 -Wundef -fno-common \
	$(if $(WERROR),-Werror)
CFLAGS += $(if $(ASAN),-fsanitize=address$(,)undefined -fno-omit-frame-pointer -fno-sanitize-recover=undefined)
LDFLAGS += -no-pie -Wl,--gc-sections
# SQLite can load extensions; we never do, so ld need not warn of dlopen().
LDFLAGS += $(if $(STATIC),-static $(if $(shell ld --help 2>&1 | grep -e --no-warnings),-Wl$(,)--no-warnings))

# Build tools have their own main() and are named *_tool.c.
SRC := $(sort $(filter-out %_tool.c,$(wildcard src/*/*.c)))
CMD := $(sort $(wildcard cmd/*.c))
UNIT := $(sort $(wildcard tests/unit/test_*.c))
LIB := $(O)/libtokctl.a
OBJ = $(patsubst %.c,$(O)/%.o,$(1))

# "make V=1" shows the whole command lines.
say = $(if $(V),,@echo "  $(1)	$@";)

all: $(O)/tokctl

# Each module may add objects to the library and rules of its own.
LIB_OBJ := $(call OBJ,$(SRC))
-include src/*/module.mk

$(O)/tokctl: $(call OBJ,$(CMD)) $(LIB)
	$(call say,LD)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LDLIBS)
$(LIB): $(LIB_OBJ)
	$(call say,AR)rm -f $@ && $(AR) rcs $@ $^
$(O)/tests/unit/%: $(O)/tests/unit/%.o $(LIB)
	$(call say,LD)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LDLIBS)
$(O)/%.o: %.c Makefile
	@mkdir -p $(@D)
	$(call say,CC)$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

check: $(O)/tokctl $(UNIT:%.c=$(O)/%)
	@TOKCTL=$(abspath $(O)/tokctl) tests/run $(UNIT:%.c=$(O)/%) $(sort $(wildcard tests/t[0-8]*.sh))

# Everything that is written from the option tables and committed.
gen: $(O)/tokctl
	$< help --as=bash >completions/tokctl.bash
	$< help --as=zsh >completions/_tokctl
	$< help --as=fish >completions/tokctl.fish
	@for p in man/tokctl-*.1; do \
		TOKCTL=$(abspath $<) tests/splice-man "$$p" || exit 1; done
gen-check: gen
	git diff --exit-code -- completions man

lint:
	tests/lint-deps src/DEPS
	mandoc -T lint -W warning man/*.[157]
	shellcheck -s sh -e SC1091,SC2016,SC2154 tests/lib*.sh tests/t[0-9]*.sh tests/run
tidy: compile_commands.json
	for f in $(SRC) $(CMD); do clang-tidy --quiet -p . $$f || exit 1; done
compile_commands.json: Makefile
	bear -- $(MAKE) -B all O=build/compdb
C_FILES := $(wildcard src/*/*.[ch] cmd/*.[ch] tests/unit/*.[ch] tests/fuzz/*.[ch] tests/bench/*.[ch])
format:
	clang-format -i $(C_FILES)
format-check:
	clang-format --dry-run -Werror $(C_FILES)
clean:
	rm -rf build build-*
.SECONDARY:
.PHONY: all check gen gen-check lint tidy format format-check clean
-include $(patsubst %.o,%.d,$(call OBJ,$(SRC) $(CMD) $(UNIT)))
