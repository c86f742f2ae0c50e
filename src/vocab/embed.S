/* One packed vocabulary, as it is, in read-only memory. */
#define QUOTE_(x) #x
#define QUOTE(x) QUOTE_(x)
#define JOIN_(a, b) a##b
#define JOIN(a, b) JOIN_(a, b)
#define START JOIN(vocab_, VOCAB)
#define END JOIN(START, _end)

	.section .rodata
	.global START
	.global END
	.balign 64
START:
	.incbin QUOTE(FILE)
END:
	.byte 0
	.section .note.GNU-stack,"",%progbits
