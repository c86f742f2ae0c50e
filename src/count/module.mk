# The character classes and normal forms come from Unicode data at build time.
CLASS_DATA := src/count/data/unicode16_general_category.tsv
NORM_DATA := src/count/data/unicode16_normalization.tsv
LIB_OBJ += $(O)/gen/count_class.o $(O)/gen/count_norm.o

$(O)/gen/class_tool: src/count/class_tool.c src/count/class.h Makefile
	@mkdir -p $(@D)
	$(call say,CC)$(CC) $(CPPFLAGS) $(filter-out -fsanitize%,$(CFLAGS)) $(LDFLAGS) -o $@ $<
$(O)/gen/count_class.c: $(CLASS_DATA) $(O)/gen/class_tool
	$(call say,GEN)$(O)/gen/class_tool $(CLASS_DATA) $@
$(O)/gen/norm_tool: src/count/norm_tool.c src/count/norm.h Makefile
	@mkdir -p $(@D)
	$(call say,CC)$(CC) $(CPPFLAGS) $(filter-out -fsanitize%,$(CFLAGS)) $(LDFLAGS) -o $@ $< src/base/mem.c
$(O)/gen/count_norm.c: $(NORM_DATA) $(O)/gen/norm_tool
	$(call say,GEN)$(O)/gen/norm_tool $(NORM_DATA) $@
$(O)/gen/count_%.o: $(O)/gen/count_%.c
	$(call say,CC)$(CC) $(CPPFLAGS) $(CFLAGS) -c -o $@ $<

# One engine for each kind of processor; which one runs is found at run time.
ifeq ($(shell $(CC) -dumpmachine | cut -d- -f1),x86_64)
$(O)/src/count/engine_avx2.o: CFLAGS += -O3 -mavx2 -mbmi -mbmi2
endif

# tests/bench/count.sh runs this one.
$(O)/tests/bench/count_bench: $(O)/tests/bench/count_bench.o $(LIB)
	$(call say,LD)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LDLIBS)

# tests/fuzz/count-reference runs this one.
$(O)/tests/fuzz/count_reference: $(O)/tests/fuzz/count_reference.o $(LIB)
	$(call say,LD)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LDLIBS)
