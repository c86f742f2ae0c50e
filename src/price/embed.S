/* The packed price book, as it is, in read-only memory. */
	.section .rodata
	.global price_builtin
	.balign 64
	.type price_builtin, @object
price_builtin:
	.incbin PRICE_BOOK
	.size price_builtin, . - price_builtin
	.section .note.GNU-stack,"",@progbits
