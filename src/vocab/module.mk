# The vocabularies that go into the program: "make VOCABS=o200k_base".
VOCABS ?= o200k_base cl100k_base p50k_base r50k_base claude_legacy qwen3 \
	deepseek_v3 mistral_tekken

LIB_OBJ += $(VOCABS:%=$(O)/vocab/%.o)

# The build tool is made of sources, not of the library, which it is part of;
# it does not free what ends with it, so it is built without sanitizers.
VOCAB_TOOL_SRC := src/vocab/pack_tool.c src/vocab/pack.c \
	src/vocab/pack_tables.c src/vocab/vocab.c src/base/sha256.c src/base/err.c src/base/mem.c
$(O)/vocab/pack_tool: $(VOCAB_TOOL_SRC) src/vocab/table.h src/vocab/vocab.h \
		src/vocab/pack.h src/vocab/pack_int.h src/vocab/module.mk \
		Makefile
	@mkdir -p $(@D)
	$(call say,CC)$(CC) $(CPPFLAGS) $(filter-out -fsanitize%,$(CFLAGS)) $(LDFLAGS) -o $@ $(VOCAB_TOOL_SRC)

$(O)/vocab/%.tkv: src/vocab/data/%.tiktoken src/vocab/data/LIST $(O)/vocab/pack_tool
	$(call say,PACK)$(O)/vocab/pack_tool src/vocab/data/LIST $* $@
$(O)/vocab/%.o: src/vocab/embed.S $(O)/vocab/%.tkv
	$(call say,AS)$(CC) -DVOCAB=$* -DFILE=$(O)/vocab/$*.tkv -c -o $@ $<

# Written anew only when VOCABS is another list than last time.
$(O)/gen/vocab_list.h: FORCE
	@mkdir -p $(@D)
	@printf 'VOCAB(%s)\n' $(VOCABS) >$@.new
	@cmp -s $@.new $@ && rm $@.new || mv $@.new $@
$(O)/src/vocab/builtin.o: $(O)/gen/vocab_list.h
FORCE:
.PHONY: FORCE
