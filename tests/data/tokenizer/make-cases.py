#!/usr/bin/python3
"""Make the cases of tests/unit/test_tokenizer.c, and larger ones to compare.

    make-cases.py OUT GOLDEN TEXT...      small, as committed
    make-cases.py -l OUT GOLDEN TEXT...   thousands of texts for each

GOLDEN is a file of tests/data/count (its texts are used), TEXT are files to
learn merges from.  The answers are those of the reference implementations:
npm's "tokenizers" (Hugging Face), found by "node" from the working folder,
and Debian's python3-sentencepiece.  OUT has one JSON object a line: first
{"name", "tokenizer"} or {"name", "model"} (base64), then {"text", "ids"}.
"""
import base64
import json
import lzma
import os
import random
import re
import subprocess
import sys
import tempfile
from collections import Counter

import sentencepiece

large = sys.argv[1] == '-l'
out_path, golden, *text_paths = sys.argv[1 + large:]
r = random.Random(11)
texts = []
with lzma.open(golden, 'rt') as f:
    for line in f:
        d = json.loads(line)
        if 'text' in d and len(d['text']) < (10000 if large else 120):
            texts.append(d['text'])
corpus = ''.join(open(p).read() for p in text_paths)
MERGES = 300 if large else 60


def train(words,n,split):
    seqs=[(list(split(w)),c) for w,c in words.items()]
    merges=[]
    for _ in range(n):
        pc=Counter()
        for s,c in seqs:
            for a,b in zip(s,s[1:]): pc[a,b]+=c
        if not pc: break
        (a,b),_c=max(pc.items(),key=lambda x:(x[1],x[0]))
        merges.append((a,b))
        for s,c in seqs:
            i=0
            while i<len(s)-1:
                if s[i]==a and s[i+1]==b: s[i:i+2]=[a+b]
                else: i+=1
    return merges


sample = corpus[:12000]
words=Counter('▁'+w for w in sample.split())
chars=sorted(set(sample.replace('\n',' ').replace(' ','▁')))
cm=train(words,MERGES,list)
def bmap():
    bs=list(range(0x21,0x7f))+list(range(0xa1,0xad))+list(range(0xae,0x100)); cs=bs[:]; n=0
    for b in range(256):
        if b not in bs: bs.append(b); cs.append(256+n); n+=1
    return dict(zip(bs,map(chr,cs)))
B=bmap()
bw=Counter(''.join(B[x] for x in w.encode()) for w in re.findall(r' ?\w+|[^\w\s]+|\s+',sample))
bm=train(bw,MERGES,list)
def bpe(chars,merges,**kw):
    vocab={}
    sp=kw.pop('extra',[])
    for x in sp+list(chars)+[a+b for a,b in merges]:
        vocab.setdefault(x,len(vocab))
    d=dict(type='BPE',dropout=None,unk_token=None,continuing_subword_prefix=None,end_of_word_suffix=None,fuse_unk=False,byte_fallback=False,vocab=vocab,merges=[a+' '+b for a,b in merges])
    d.update(kw); return d
bytes_=['<0x%02X>'%i for i in range(256)]
def tok(i,c,special=False,normalized=None,l=False,rr=False,s=False):
    return dict(id=i,content=c,single_word=s,lstrip=l,rstrip=rr,normalized=(not special) if normalized is None else normalized,special=special)
def file(model,norm=None,pre=None,added=[]):
    v=model['vocab'] if model['type']=='BPE' else {x[0]:i for i,x in enumerate(model['vocab'])}
    a=[]
    nid=len(v)
    for t in added:
        t=dict(t)
        if t['content'] in v: t['id']=v[t['content']]
        else: t['id']=nid; nid+=1
        a.append(t)
    return dict(version='1.0',truncation=None,padding=None,added_tokens=a,normalizer=norm,pre_tokenizer=pre,post_processor=None,decoder=None,model=model)
S=lambda *x: dict(type='Sequence',normalizers=list(x))
P=lambda *x: dict(type='Sequence',pretokenizers=list(x))
pre_=dict(type='Prepend',prepend='▁'); rep=dict(type='Replace',pattern={'String':' '},content='▁')
rep2=dict(type='Replace',pattern={'String':'ab'},content='xyz')
rep3=dict(type='Replace',pattern={'String':'aab'},content='')
strip=dict(type='Strip',strip_left=True,strip_right=True); stripl=dict(type='Strip',strip_left=True,strip_right=False)
ms=lambda sch,sp: dict(type='Metaspace',replacement='▁',prepend_scheme=sch,split=sp)
split=lambda p,b,inv=False: dict(type='Split',pattern={'String':p},behavior=b,invert=inv)
bl=lambda a=False,u=True: dict(type='ByteLevel',add_prefix_space=a,trim_offsets=True,use_regex=u)
dig=lambda i: dict(type='Digits',individual_digits=i)
fb=dict(byte_fallback=True,extra=['<unk>','<s>','</s>']+bytes_,unk_token='<unk>',fuse_unk=True)
unk=dict(extra=['<unk>'],unk_token='<unk>',fuse_unk=True); unk0=dict(extra=['<unk>'],unk_token='<unk>',fuse_unk=False)
half=dict(extra=['<unk>']+bytes_[:200],unk_token='<unk>',fuse_unk=True,byte_fallback=True)
sptok=[tok(0,'<unk>',True,False),tok(0,'<s>',True,False),tok(0,'</s>',True,False)]
flag=[tok(0,'<a>',True,False,l=True),tok(0,'<b>',True,False,rr=True),tok(0,'<c>',True,False,l=True,rr=True),tok(0,'the',False,False,s=True),tok(0,'<|x|>',True,True),tok(0,'of  of',False,True),tok(0,'<ab>',True,False),tok(0,'<abc>',False,False),tok(0,'  ',False,False),tok(0,'\n\n',False,False),tok(0,'free',False,True,s=True,l=True)]
V={}
V['sp']=file(bpe(chars,cm,**fb),S(pre_,rep),None,sptok)
V['sp_norm']=file(bpe(chars,cm,**fb),S(pre_,rep),None,[dict(x,normalized=True) for x in sptok]+flag)
V['unk']=file(bpe(chars,cm,**unk),rep,None,flag)
V['unk0']=file(bpe(chars,cm,**unk0),rep,None,[])
V['nounk']=file(bpe(chars,cm),rep,None,[])
V['half']=file(bpe(chars,cm,**half),rep,None,[])
V['ms_always']=file(bpe(chars,cm,**unk),None,ms('always',True),flag)
V['ms_first']=file(bpe(chars,cm,**fb),None,ms('first',False),flag)
V['ms_never']=file(bpe(chars,cm,**unk0),None,ms('never',True),flag)
V['strip']=file(bpe(chars,cm,**unk),S(strip,rep2,rep3,rep),None,flag)
V['stripl']=file(bpe(chars,cm,**unk),S(stripl,rep),None,[])
for b in ('Removed','Isolated','MergedWithPrevious','MergedWithNext','Contiguous'):
    V['split_'+b]=file(bpe(chars,cm,**unk),None,P(split('o',b),dig(True)),[])
V['split_inv']=file(bpe(chars,cm,**unk),None,P(split('o','Contiguous',True),dig(False)),[])
V['split_iso_inv']=file(bpe(chars,cm,**unk),None,split('of','Isolated',True),[])
V['wss']=file(bpe(chars,cm,**unk),None,P(dict(type='WhitespaceSplit'),ms('always',True)),flag)
V['cds']=file(bpe(chars,cm,**unk),None,dict(type='CharDelimiterSplit',delimiter='e'),[])
V['bl']=file(bpe(sorted(B.values()),bm),None,bl(),flag)
V['bl_prefix']=file(bpe(sorted(B.values()),bm),dict(type='NFC'),bl(True),flag)
V['bl_digits']=file(bpe(sorted(B.values()),bm,ignore_merges=True),dict(type='NFKC'),P(dig(True),bl()),flag)
V['bl_miss']=file(bpe(sorted(B.values())[40:],[m for m in bm if all(c in sorted(B.values())[40:] for c in m[0]+m[1])]),None,bl(False,False),[])
V['nfc']=file(bpe(chars,cm,**unk),S(dict(type='NFC'),rep),None,[tok(0,'é',False,True),tok(0,'e\u0301x',False,True)]+flag)
V['shuffled']=file(bpe(chars,r.sample(cm,len(cm)),**fb),S(pre_,rep),None,sptok)
V['im']=file(bpe(chars,r.sample(cm,len(cm)),ignore_merges=True,**fb),None,ms('always',True),sptok)
uni=[['<unk>',0.0]]+[[c,-8-r.random()*4] for c in chars]+[[a+b,-3-r.random()*9] for a,b in cm]
U=lambda: dict(type='Unigram',unk_id=0,vocab=uni,byte_fallback=False)
V['uni']=file(U(),None,ms('always',True),sptok[:1])
V['uni2']=file(U(),S(pre_,rep),None,flag)
V['uni3']=file(U(),None,P(dict(type='WhitespaceSplit'),ms('always',True)),flag)
rx=lambda p,b='Isolated',inv=False: dict(type='Split',pattern={'Regex':p},behavior=b,invert=inv)
O200K = r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}&&[^\p{Han}]]*[\p{Ll}\p{Lm}\p{Lo}\p{M}&&[^\p{Han}]]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
RX = {
    'bloom': [rx(' ?[^(\\s|[.,!?…。，、।۔،])]+')],
    'coder': [rx('[\\r\\n]'), rx('\\s?\\p{L}+'), rx('\\s?\\p{P}+'),
              rx('[一-龥ࠀ-一가-퟿]+'), dig(True)],
    'marks': [rx(r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}| ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+")],
    'han': [rx(r'[\p{Han}]+|' + O200K + r'|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+')],
    'possessive': [rx(r"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}++|\p{N}{1,3}| ?[^\s\p{L}\p{N}]++[\r\n]*+|\s++$|\s*[\r\n]|\s+(?!\S)|\s", 'Removed', True)],
    'groups': [rx(r'(ab|a|b(?:of)?)+|(?:x(?:12)*)?\d+|(the|of)(?: the)?')],
    'with_previous': [rx(r'\d{2,3}|[aeiou]', 'MergedWithPrevious')],
    'with_next': [rx(r'\W+', 'MergedWithNext')],
    'contiguous': [rx(r'[aeiou]', 'Contiguous', True)],
    'removed': [rx(r'\W', 'Removed')],
    'whitespace': [dict(type='Whitespace')],
    'punctuation': [dict(type='Punctuation', behavior='Contiguous'), dig(False), rx('[0-9][0-9][0-9]')],
    'bert': [dict(type='BertPreTokenizer')],
}
for k in RX:
    V['rx_'+k]=file(bpe(sorted(B.values()),bm),None,P(*RX[k],bl(False,False)),flag if k == 'coder' else [])
V['rx_rewrite']=file(bpe(sorted(B.values()),bm),S(dict(type='Replace',pattern={'Regex':'\\s+|[0-9]{2}|(ab)+'},content=' x')),bl(),[])
atoms=[' ','  ','   ','\n','\n\n','the','of','of  of','<a>','<b>','<c>','<ab>','<abc>','<s>','</s>','<unk>','<|x|>','aab','ab','aaab','free','freedom','GNU','License','o','oo','12','3','é','e\u0301','e\u0301x','ﬁ','日本','\u3000','\u200d','_','x','.','<0x41>','▁','Ⓐ','²','\u0300','\t','\u00a0','e','ee','🎉','ſ','\x00']

spm_atoms = ['\u2581\u2581', '<tool>', 'abab', '①', '\xad', 'for ', 'A', '\ufeff']


def mixed(count, extra=()):
    made = []
    for _ in range(count):
        t = ''
        for _ in range(r.randrange(1, 25)):
            if r.random() < .85:
                t += r.choice(atoms + list(extra))
            else:
                t += chr(r.choice([r.randrange(32, 127),
                                   r.randrange(0xa0, 0x2fff),
                                   r.randrange(0x3000, 0x9fff),
                                   r.randrange(0x1f300, 0x1faff)]))
        made.append(t)
    return made


if large:
    cases = texts[::6] + mixed(2500)
    cases += [corpus[:20000], corpus[:9000].replace(' ', ''), 'a' * 3000,
              ' ' * 2000, 'the' * 700]
else:
    cases = r.sample(texts, 60) + mixed(60)
    cases += ['', 'a' * 300, ' ' * 100, 'the' * 70]

HF = """
const { Tokenizer } = require(process.argv[2]);
const jobs = JSON.parse(require('fs').readFileSync(0));
(async () => {
  for (const k in jobs.files) {
    const t = Tokenizer.fromString(JSON.stringify(jobs.files[k]));
    const all = [];
    for (const c of jobs.cases)
      all.push(Array.from((await t.encode(c, null,
          { addSpecialTokens: false })).getIds()));
    console.log(JSON.stringify([k, all]));
  }
})();
"""
with tempfile.NamedTemporaryFile('w', suffix='.js') as js:
    js.write(HF)
    js.flush()
    answers = subprocess.run(
        ['node', js.name, os.path.abspath('node_modules/tokenizers')],
        input=json.dumps({'files': V, 'cases': cases}), text=True,
        stdout=subprocess.PIPE, check=True).stdout

out = (lzma.open if out_path.endswith('.xz') else open)(out_path, 'wt')


def put(o):
    out.write(json.dumps(o, ensure_ascii=False, separators=(',', ':')) + '\n')


for line in answers.splitlines():
    name, ids = json.loads(line)
    put({'name': name, 'tokenizer': V[name]})
    for t, i in zip(cases, ids):
        put({'text': t, 'ids': i})

# A few rules, so that the models stay small.
RULES = [('\ufb01', 'fi'), ('\ufb03', 'ffi'), ('\u3000', ' '), ('\u00a0', ' '),
         ('\u2460', '1'), ('e\u0301', '\u00e9'), ('\u00ad', ''), ('\t', ' '),
         ('\n', ' '), ('\u017f', 's'), ('A\u0300', '\u00c0'), ('...', '\u2026')]
USER = ['<tool>', 'ab', ' the ', '\u2581\u2581', '\n', 'for\u2581']
SPM = {
    'bpe_id': dict(model_type='bpe', byte_fallback=True,
                   normalization_rule_name='identity',
                   remove_extra_whitespaces=False),
    'bpe_rules': dict(model_type='bpe'),
    'bpe_user': dict(model_type='bpe', user_defined_symbols=USER,
                     byte_fallback=True),
    'bpe_suffix': dict(model_type='bpe', treat_whitespace_as_suffix=True,
                       split_by_whitespace=False),
    'bpe_noprefix': dict(model_type='bpe', add_dummy_prefix=False,
                         split_by_unicode_script=False,
                         split_by_number=False),
    'uni_rules': dict(model_type='unigram'),
    'uni_id': dict(model_type='unigram', byte_fallback=True,
                   normalization_rule_name='identity',
                   remove_extra_whitespaces=False),
    'uni_user': dict(model_type='unigram', user_defined_symbols=USER),
    'uni_nosplit': dict(model_type='unigram', split_by_whitespace=False,
                        add_dummy_prefix=False),
}
if large:
    SPM['bpe_nfkc'] = dict(model_type='bpe',
                           normalization_rule_name='nmt_nfkc_cf')
    SPM['uni_nfkc'] = dict(model_type='unigram',
                           normalization_rule_name='nmt_nfkc')
with tempfile.TemporaryDirectory() as folder:
    # A model says what it was made from: names without a folder of today.
    os.chdir(folder)
    with open('rules.tsv', 'w') as f:
        for a, b in RULES:
            f.write(' '.join('%X' % ord(c) for c in a) + '\t' +
                    ' '.join('%X' % ord(c) for c in b) + '\n')
    with open('text', 'w') as f:
        f.write(corpus if large else corpus[:20000])
    for name, how in SPM.items():
        if 'normalization_rule_name' not in how:
            how['normalization_rule_tsv'] = 'rules.tsv'
        sentencepiece.SentencePieceTrainer.train(
            input='text', model_prefix='m',
            vocab_size=2000 if large else 400, hard_vocab_limit=False,
            minloglevel=2, character_coverage=0.999, **how)
        with open('m.model', 'rb') as f:
            model = f.read()
        sp = sentencepiece.SentencePieceProcessor(model_proto=model)
        put({'name': name, 'model': base64.b64encode(model).decode()})
        # It takes a NUL for the end of a text in some places.
        for t in cases + mixed(2500 if large else 40, spm_atoms):
            if '\0' not in t:
                put({'text': t, 'ids': sp.encode(t)})
out.close()
