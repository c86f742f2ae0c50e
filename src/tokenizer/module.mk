# The general categories for regular expressions, from the data of src/count.
LIB_OBJ += $(O)/gen/tokenizer_category.o

$(O)/gen/tokenizer_category.c: src/count/data/unicode16_general_category.tsv \
		src/tokenizer/module.mk
	@mkdir -p $(@D)
	$(call say,GEN)awk 'BEGIN { print "#include \"tokenizer/category.h\""; \
		print "const struct category_range category_ranges[] = {" } \
		!/^#/ { printf "{ 0x%s, 0x%s, CATEGORY_%s },\n", $$1, $$2, $$3; n++ } \
		END { print "};\nconst size_t category_range_count = " n ";" }' \
		$< >$@.new && mv $@.new $@
$(O)/gen/tokenizer_category.o: $(O)/gen/tokenizer_category.c src/tokenizer/category.h
	$(call say,CC)$(CC) $(CPPFLAGS) $(CFLAGS) -c -o $@ $<
