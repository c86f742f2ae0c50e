# tests/bench/series.sh runs these.
$(O)/tests/bench/m4 $(O)/tests/bench/nab: $(O)/tests/bench/%: \
		$(O)/tests/bench/%.o $(LIB)
	$(call say,LD)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LDLIBS) $(TEST_LIBS)
