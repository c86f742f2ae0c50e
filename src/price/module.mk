# The price books of config/, packed at build and taken in as they are.
PRICE_BOOKS := $(O)/gen/models.book $(O)/gen/examples.book
PRICE_PACK_OBJ := $(patsubst %,$(O)/src/%.o,base/buf base/err base/file \
	base/mem base/suggest price/find price/node price/pack \
	price/pack_model price/pack_period price/text price/pack_tool)
LIB_OBJ += $(O)/src/price/embed.o

$(O)/price-pack: $(PRICE_PACK_OBJ)
	$(call say,LD)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LDLIBS)
$(PRICE_BOOKS): $(O)/gen/%.book: config/%.yaml $(O)/price-pack
	@mkdir -p $(@D)
	$(call say,PACK)$(O)/price-pack $< $@
$(O)/src/price/embed.o: src/price/embed.S $(PRICE_BOOKS)
	@mkdir -p $(@D)
	$(call say,AS)$(CC) -DPRICE_BOOKS=$(O)/gen -c -o $@ $<
-include $(O)/src/price/pack_tool.d
