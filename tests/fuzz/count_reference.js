/*
 * node count_reference.js ENCODING MEGABYTES SEED - random texts with the ids
 * that the reference gives them, for count_reference.c
 *
 * On stdout, in the byte order of the machine: the length of a text, its
 * bytes (perhaps not UTF-8), the number of ids, the ids; and so on.
 */
"use strict";
const fs = require("fs");
const { get_encoding } = require("tiktoken");

const [name, megabytes, seed] = process.argv.slice(2);
const enc = get_encoding(name);
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/* xorshift32: the same texts for the same seed. */
let state = (Number(seed) * 2654435761 + 88172645) >>> 0 || 1;
function random(n) {
	state ^= state << 13;
	state ^= state >>> 17;
	state ^= state << 5;
	state >>>= 0;
	return state % n;
}
const pick = (list) => list[random(list.length)];
const times = (n, f) => Array.from({ length: n }, f).join("");
const point = (from, to) => String.fromCodePoint(from + random(to - from));

function any_point() {
	const p = random(4) ? random(0x3000) : random(0x110000);

	return p >= 0xd800 && p < 0xe000 ? "\ufffd" : String.fromCodePoint(p);
}

const spaces = [" ", " ", " ", "  ", "\n", "\r\n", "\t", "\n\n", "\u00a0",
	"\u0085", "\u2003", "\u2028", "\u3000", "\u200b", "\ufeff", "\v", "\f"];
const suffixes = ["'s", "'S", "'t", "'re", "'VE", "'m", "'ll", "'d", "'lL",
	"\u2019s", "'\u017f", "'x", "''s", "'", "s'", "'r", "'l"];
const marks = ["\u0301", "\u0300", "\u0942", "\u0e31", "\u05b4", "\u20dd"];
const scripts = [[0x61, 0x7b], [0x41, 0x5b], [0xc0, 0x180], [0x370, 0x400],
	[0x400, 0x500], [0x590, 0x600], [0x600, 0x700], [0x900, 0x980],
	[0xe00, 0xe80], [0x10a0, 0x1100], [0x1100, 0x1200], [0x1e00, 0x1f00],
	[0x2c00, 0x2e00], [0x3040, 0x3100], [0x4e00, 0xa000], [0xac00, 0xd7a4],
	[0x1d400, 0x1d800], [0x10400, 0x10450], [0x1f300, 0x1f650]];
const numbers = [[0x30, 0x3a], [0x660, 0x66a], [0xbc, 0xbf], [0x2160, 0x2180],
	[0x2460, 0x249c], [0x1d7ce, 0x1d800]];
const punctuation = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~/\n\r ";
const mark = () => punctuation[random(punctuation.length)];

function word() {
	const [from, to] = pick(scripts), n = 1 + random(random(8) ? 9 : 60);

	return times(n, () => point(from, to));
}

/* What may follow what, in all the ways the patterns tell apart. */
const kinds = [
	() => word(),
	() => times(1 + random(4), () => word()),
	() => word() + pick(suffixes) + (random(2) ? word() : ""),
	() => times(1 + random(9), () => point(...pick(numbers))),
	() => times(1 + random(6), () => pick(spaces)),
	() => times(1 + random(8), () => mark()),
	() => times(1 + random(6), () => word()[0] + pick(marks)),
	() => times(1 + random(9), any_point),
	() => pick(["", " ", "\n", "/", "'"]) + word(),
	/* Runs: of one thing, or of a few, for the arithmetic on them. */
	() => pick([word().slice(0, 2), pick(spaces), mark(), "aB",
		"\u7684", "ab", "=-"]).repeat(1 + random(200)),
	() => times(1 + random(300), () => pick([" ", "\t", "\n", "\r"])),
	() => times(1 + random(400), () => point(0x61, 0x7b)),
	() => times(1 + random(200), () => point(0x4e00, 0xa000)),
	() => times(1 + random(300), () => punctuation[random(32)]),
	() => "<|" + pick(["endoftext", "endofprompt", "fim_prefix"]) + "|>",
];

function token() {
	for (;;) {
		try {
			return enc.decode_single_token_bytes(random(100000));
		} catch (e) {
			/* a number without a token */
		}
	}
}

function text() {
	const parts = [], n = 1 + random(40), how = random(8);

	for (let i = 0; i < n; i++) {
		if (how === 0)
			parts.push(Buffer.from(Array.from(
			    { length: random(30) }, () => random(256))));
		else if (how === 1 || (how < 4 && random(2)))
			parts.push(token());
		else
			parts.push(Buffer.from(pick(kinds)()));
	}
	const bytes = Buffer.concat(parts);

	/* A text may be cut anywhere. */
	return random(16) ? bytes : bytes.subarray(random(bytes.length + 1));
}

for (let left = Number(megabytes) * 1e6; left > 0;) {
	const out = [];

	for (let size = 0; size < 1e6 && left > 0;) {
		const bytes = text();
		const ids = enc.encode_ordinary(decoder.decode(bytes));

		out.push(Buffer.from(Uint32Array.of(bytes.length).buffer), bytes,
		    Buffer.from(Uint32Array.of(ids.length).buffer),
		    Buffer.from(ids.buffer, ids.byteOffset, ids.byteLength));
		size += bytes.length;
		left -= bytes.length;
	}
	const all = Buffer.concat(out);

	for (let at = 0; at < all.length;)
		at += fs.writeSync(1, all, at);
}
