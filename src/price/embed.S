/* The packed price books, as they are, in read-only memory. */
#define QUOTE_(x) #x
#define QUOTE(x) QUOTE_(x)
#define BOOK(name, file) \
	.global name; \
	.balign 64; \
	.type name, @object; \
	name: .incbin QUOTE(PRICE_BOOKS/file); \
	.size name, . - name

	.section .rodata
	BOOK(price_builtin, models.book)
	BOOK(price_examples, examples.book)
	.section .note.GNU-stack,"",@progbits
