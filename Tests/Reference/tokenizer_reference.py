"""Fixtures of Tests/TrainingTests/Tokenizers, made by the real tiktoken with Kimi's pattern and a small made-up vocabulary.

Run: python Tests/Reference/tokenizer_reference.py      (tiktoken 0.14.0)
"""

import base64
import collections
import json
import pathlib
import random

import tiktoken

OUT = pathlib.Path(__file__).resolve().parent.parent / "Fixtures" / "tokenizer"

CONTRACTION = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
UPPER = r"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}&&[^\p{Han}]]"
LOWER = r"[\p{Ll}\p{Lm}\p{Lo}\p{M}&&[^\p{Han}]]"
PATTERN = "|".join([
    r"[\p{Han}]+",
    r"[^\r\n\p{L}\p{N}]?" + UPPER + "*" + LOWER + "+" + CONTRACTION,
    r"[^\r\n\p{L}\p{N}]?" + UPPER + "+" + LOWER + "*" + CONTRACTION,
    r"\p{N}{1,3}",
    r" ?[^\s\p{L}\p{N}]+[\r\n]*",
    r"\s*[\r\n]+",
    r"\s+(?!\S)",
    r"\s+",
])
SPECIALS = 258
KNOWN = {0: "[BOS]", 1: "[EOS]", 2: "<|im_end|>", 3: "<|im_user|>", 4: "<|im_assistant|>", 9: "[EOT]",
         10: "<|im_system|>", 17: "<|im_middle|>", 254: "[PAD]"}

TRAINING = """The quick brown fox jumps over the lazy dog. The dog didn't mind; it wasn't the dog's first time.
We'll see whether they've trained the model, I'm sure you'd like it. def main(): return 12345 + 67890
北京大学的学生在学习机器学习和深度学习。你好，世界！模型训练模型训练。中文和English混合在一起。
Москва — столица России. Ελληνικά κείμενα. café naïve résumé. 日本語のテキスト。한국어 문장입니다.
\t\tif (x == 0) {\n\t\t\treturn;\n\t\t}\n    for i in range(100):\n        print(i)\n
"""

ALPHABETS = [
    "abcdefgh ABC",
    "aA'sStT rReEvV lLmMdD",
    "'ſSsKK",
    "0123456789٣४Ⅷ½ a",
    " \t\n\r\u000b\u000c\u0085\u00a0\u2028\u2029\u3000\u001c\u001fx",
    "中文北京大学学习 aA1，。！",
    "々〇〡〸⺀⻳⼀㆐豈𠀀𪜀𮯰𰀀𲎯𖿢𖿰 a中",
    "éèe\u0301\u0300a\u0308A\u030a \u20dd\u0903",
    "ǅǈǋʰˣªºאבגعربไทย漢字ひらがなカタカナ",
    "!?.,;:-_()[]{}<>|/\\@#$%^&*~`\"+= \n",
    "😀👩‍💻🇩🇪👍🏽❤️ a!",
    "\u200b\u200d\ufeff\u00ad\U000e0001 aA\ue000\U0010ffff\u0378",
    "<|im_end|>[BOS]",
]

HAND = [
    "", " ", "  ", "a", "Hello world", "Hello, world!", "你好世界", "1234567890", "中文English混合", "汉字abc", "北京市 Pascal",
    "don't DON'T Don'T we'll WE'LL they're THEY'VE I'd I'M x'ſ 'tis 's 'S", "HTTPServer parseXMLFile iPhone McDonald",
    "a\n\nb\n \n  c   \r\n\r\n d", "   leading and trailing   ", "tab\tseparated\t\tvalues\n\t\tindented", "x = 1;\n\n\n", "...!!!\n\n...",
    " !\r\n\r\n", "e\u0301", "\u0301", " \u0301a", "\u0301\u0301A", "Ａ１２３", "١٢٣٤٥", "½¾", "ⅧⅨ", "a\u00a0b", "\u3000中", "々々", "〇一二",
    "A\u0301BC\u0301d", "ǅungla ǄUNGLA ǆ", "한국어 문장", "ไทย ภาษา", "👩‍👩‍👧‍👦 family", "🇩🇪🇫🇷", "a" * 200, "A" * 200, "aA" * 150, " " * 300 + "x",
    "\n" * 200, "the " * 60, "学习" * 150, "?!" * 150, "[BOS]Hello[EOS]", "<|im_user|>user<|im_middle|>hi<|im_end|>", "<|im_end", "[[BOS]]",
    "[PAD][EOT]<|im_system|>", "<|reserved_token_%d|>", "\u001c\u001d x", "\u0378\u0379",
]


def train(text, merges):
    pieces = collections.Counter(tuple(bytes([b]) for b in p) for p in split(text))
    ranks = {bytes([b]): i for i, b in enumerate(random.Random(0).sample(range(256), 256))}
    while len(ranks) < 256 + merges:
        pairs = collections.Counter()
        for piece, count in pieces.items():
            for pair in zip(piece, piece[1:]):
                pairs[pair] += count
        if not pairs:
            break
        best = max(pairs.items(), key=lambda kv: (kv[1], kv[0]))[0]
        ranks[best[0] + best[1]] = len(ranks)
        merged = collections.Counter()
        for piece, count in pieces.items():
            out, i = [], 0
            while i < len(piece):
                if i + 1 < len(piece) and (piece[i], piece[i + 1]) == best:
                    out.append(best[0] + best[1])
                    i += 2
                else:
                    out.append(piece[i])
                    i += 1
            merged[tuple(out)] += count
        pieces = merged
    return ranks


def split(text):
    """Training only needs some split: words with their leading space."""
    out, word = [], ""
    for c in text:
        if c == " " and word:
            out.append(word)
            word = ""
        word += c
    return [w.encode() for w in out + [word]]


def chunks(text, slice_length=400_000, longest_run=25_000):
    """The cuts of the released tokenizer code: 400,000 characters, and longer runs of (no) white space."""
    for start in range(0, len(text), slice_length):
        part = text[start:start + slice_length]
        begin, run = 0, 0
        for i, c in enumerate(part):
            if i > 0 and c.isspace() == part[i - 1].isspace():
                run += 1
                if run > longest_run:
                    yield part[begin:i]
                    begin, run = i, 1
            else:
                run = 1
        yield part[begin:]


def classes(encoding_of):
    """A hash for each 4096 scalars of what the expression engine says about them."""
    names = [r"\p{Han}", r"\p{L}", r"\p{N}", UPPER, LOWER, r"\s", r"[\r\n]"]
    bits = [0] * 0x110000
    for bit, name in enumerate(names):
        encoding = encoding_of(name)
        for value in range(0x110000):
            if not 0xD800 <= value < 0xE000 and encoding.encode_ordinary(chr(value)):
                bits[value] |= 1 << bit
    hashes = []
    for block in range(0, 0x110000, 4096):
        h = 0xCBF29CE484222325
        for value in bits[block:block + 4096]:
            h = (h ^ value) * 0x100000001B3 & 0xFFFFFFFFFFFFFFFF
        hashes.append("%016x" % h)
    return hashes


def main():
    OUT.mkdir(parents=True, exist_ok=True)
    ranks = train(TRAINING * 3, 420)
    base = len(ranks)
    with open(OUT / "tiktoken.model", "wb") as f:
        for token, rank in sorted(ranks.items(), key=lambda kv: kv[1]):
            f.write(base64.b64encode(token) + b" %d\n" % rank)
    special = {KNOWN.get(i, f"<|reserved_token_{base + i}|>"): base + i for i in range(SPECIALS)}
    encoding = tiktoken.Encoding("kimi", pat_str=PATTERN, mergeable_ranks=ranks, special_tokens=special)

    rng = random.Random(7)
    texts = [t % base if "%d" in t else t for t in HAND]
    for alphabet in ALPHABETS:
        for _ in range(22):
            texts.append("".join(rng.choice(alphabet) for _ in range(rng.randint(1, 40))))
    everything = "".join(ALPHABETS)
    for _ in range(120):
        texts.append("".join(rng.choice(everything) for _ in range(rng.randint(1, 60))))
    for _ in range(20):
        start = rng.randint(0, len(TRAINING) - 80)
        texts.append(TRAINING[start:start + 80])
    cases = [{"text": t, "all": sum((encoding.encode(c, allowed_special="all") for c in chunks(t)), []),
              "ordinary": sum((encoding.encode_ordinary(c) for c in chunks(t)), [])} for t in texts]
    for case in cases:
        if case["all"] == case["ordinary"]:
            del case["ordinary"]
    (OUT / "cases.json").write_text(
        json.dumps({"base": base, "cases": cases}, ensure_ascii=True, separators=(",", ":")).replace("},{", "},\n{") + "\n")

    # Long runs, by recipe rather than in full: unit, times, tokens' count and hash.
    long = []
    for unit, times in [("a", 51_000), (" ", 26_000), ("学", 26_000), ("ab ", 134_000)]:
        tokens = sum((encoding.encode(c, allowed_special="all") for c in chunks(unit * times)), [])
        h = 0xCBF29CE484222325
        for t in tokens:
            h = (h ^ t) * 0x100000001B3 & 0xFFFFFFFFFFFFFFFF
        long.append({"unit": unit, "times": times, "count": len(tokens), "hash": "%016x" % h})
    single = {bytes([i]): i for i in range(256)}
    hashes = classes(lambda p: tiktoken.Encoding("class", pat_str=p, mergeable_ranks=single, special_tokens={}))
    (OUT / "long.json").write_text(json.dumps({"long": long, "classes": hashes}, indent=0) + "\n")


if __name__ == "__main__":
    main()
