# The price book: config/models.yaml, packed at build, taken in as it is.
PRICE_BOOK := $(O)/gen/models.book
PRICE_PACK_OBJ := $(patsubst %,$(O)/src/%.o,base/buf base/err base/file \
	base/mem base/suggest price/find price/node price/pack \
	price/pack_model price/pack_period price/text price/pack_tool)
LIB_OBJ += $(O)/src/price/embed.o

$(O)/price-pack: $(PRICE_PACK_OBJ)
	$(call say,LD)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LDLIBS)
$(PRICE_BOOK): $(O)/price-pack config/models.yaml
	@mkdir -p $(@D)
	$(call say,PACK)$(O)/price-pack config/models.yaml $@
$(O)/src/price/embed.o: src/price/embed.S $(PRICE_BOOK)
	@mkdir -p $(@D)
	$(call say,AS)$(CC) -DPRICE_BOOK='"$(PRICE_BOOK)"' -c -o $@ $<
