"""Fixtures/tokenizer/json: small tokenizer.json files with the pre-tokenizers of released models, and the tokens of texts.

Run: python Tests/Reference/tokenizers_reference.py      (tokenizers of transformers 5.24.0)
      python Tests/Reference/tokenizers_reference.py --check moonlight-trainer TOKENIZER.JSON TEXT...
      python Tests/Reference/tokenizers_reference.py --composed TEXT

With --composed a file of texts is written for --check: every scalar that is composed of others and every mark, whole and in
parts, in order and out of it.

With --check each TEXT is a file: its lines are tokenized by the library and by `moonlight-trainer prepare`, and compared.
"""

import argparse
import json
import pathlib
import random
import subprocess
import sys
import tempfile
import unicodedata

import numpy
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

from tokenizer_reference import ALPHABETS, HAND, TRAINING

OUT = pathlib.Path(__file__).resolve().parent.parent / "Fixtures" / "tokenizer" / "json"

DEEPSEEK_V3 = [
    r"\p{N}{1,3}", "[一-龥\u3040-ゟ゠-ヿ]+",
    r"""[!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+""",
]
# Letters by ranges, some of whose bounds Unicode composes to others (U+2126, U+212A).
LETTERS = "A-Za-z\u00b5\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02af\u0370-\u0373\u037f\u0386\u0388-\u0481\u048a-\u0556\u1f48-\u1fbc\u1fbe\u2102\u2115\u2124\u2126\u2128\u212a-\u212d\ufb00-\ufb06\uff21-\uff5a"
DEEPSEEK_V2 = [r"[\r\n]", rf"\s?[{LETTERS}]+", r"\s?\p{P}+", "[一-龥ࠀ-一가-\ud7ff]+"]
QWEN = [r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"]
CORPUS = [line for line in (TRAINING + """
हिन्दी भाषा में लिखा गया पाठ। العربية لغة جميلة ومكتوبة من اليمين. עברית היא שפה שמית. ภาษาไทยไม่มีช่องว่าง
Ελληνική γλώσσα. Українська мова. Հայերեն լեզու. ქართული ენა. தமிழ் மொழி. አማርኛ ቋንቋ. বাংলা ভাষা.
""").splitlines() if line]


def splits(patterns):
    return [pre_tokenizers.Split(Regex(pattern), "isolated") for pattern in patterns]


def make(name):
    tokenizer = Tokenizer(models.BPE())
    byte_level = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    tokenizer.pre_tokenizer = {
        "deepseek-v3": pre_tokenizers.Sequence(splits(DEEPSEEK_V3) + [byte_level]),
        "deepseek-v2": pre_tokenizers.Sequence(splits(DEEPSEEK_V2) + [pre_tokenizers.Digits(individual_digits=True), byte_level]),
        "qwen": pre_tokenizers.Sequence(splits(QWEN) + [byte_level]),
        "gpt2": pre_tokenizers.ByteLevel(add_prefix_space=True),
    }[name]
    if name == "qwen":
        tokenizer.normalizer = normalizers.NFC()
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = set(pre_tokenizers.ByteLevel.alphabet())
    if name == "deepseek-v2":
        # As released: without the bytes that UTF-8 never has, which stand for themselves.
        alphabet -= {chr(byte) for byte in (0xC0, 0xC1, *range(0xF5, 0x100))}
    trainer = trainers.BpeTrainer(
        vocab_size=520, show_progress=False, initial_alphabet=sorted(alphabet), special_tokens=["<bos>", "<eos>"])
    tokenizer.train_from_iterator(CORPUS, trainer)
    tokenizer.add_special_tokens([AddedToken("<|User|>", normalized=False), AddedToken("<|end|>", lstrip=True, rstrip=True)])
    tokenizer.add_tokens([AddedToken("<think>", normalized=False), AddedToken("<｜tool｜>")])
    if name == "qwen":
        # One is found in what the normalizer leaves, the other in the text as it was written.
        tokenizer.add_tokens([AddedToken("<Cafe\u0301>", normalized=True), AddedToken("<Ti\u1ebf>", normalized=False)])
    tokenizer.post_processor = processors.TemplateProcessing("<bos> $A", special_tokens=[("<bos>", tokenizer.token_to_id("<bos>"))])
    return tokenizer


def texts():
    draw = random.Random(17)
    result = list(HAND) + CORPUS + [
        "<|User|>hi<|end|>", "a  <|end|>  b", "<think>x</think>", "<｜tool｜>", "<bos>a<eos>", "<|User|<|User|>", " <|User|> ",
        "e\u0301 E\u0302\u0323 q\u0323\u0307 q\u0307\u0323 \u0344 \u0958 \u2adc \u0e4d\u0e32 \u1100\u1161\u11a8 \uac00\u11a8 \uf900 \u2126 \U0001d15e \U0002f800",
        "a\u0f73\u0f71 \u0f72\u0f81\u0323 \u0307\u0315\u1df6\u0307",
        "\u0301e <Cafe\u0301><Caf\u00e9> <Ti\u1ebf><Tie\u0302\u0301> a\u0301\u0301\u0328 \u09c7\u09be \u0b47\u0b56 \U0001109b\U000110ba"]
    for alphabet in ALPHABETS + ["\u2126\u03a9\u212a\u212bK\u00c5\u1fbe\u03b9 \ufb01\u0340", "<|User|>", "अआइकखग़ ा", "ابتث ١٢", "กขค ้"]:
        for _ in range(6):
            result.append("".join(draw.choice(alphabet) for _ in range(draw.choice([3, 9, 30]))))
    return result


def composed():
    draw = random.Random(5)
    scalars = [chr(value) for value in range(0x110000)]
    marks = [scalar for scalar in scalars if unicodedata.combining(scalar)]
    wholes = [scalar for scalar in scalars if unicodedata.decomposition(scalar)[:1] not in ("", "<")]
    bases = list("aeiouAEOqz<>0 \u1100\u1161\u11a8\uac00\u09c7\u0b47\u0dd9\U00011099\u3046\u05d0\u0627\u4e00\u200d\u0958")
    jamo = scalars[0x1100:0x1200] + [chr(draw.randrange(0xAC00, 0xD7A4)) for _ in range(256)]
    result = []
    for whole in wholes:
        parts = unicodedata.normalize("NFD", whole)
        result.append(f"{whole} {parts} {draw.choice(bases)}{whole}{draw.choice(marks)}{parts}{draw.choice(marks)}")
    for mark in marks:
        result.append(f"a{mark} e{draw.choice(marks)}{mark} {mark}{draw.choice(marks)}{mark}")
    for _ in range(20_000):
        result.append("".join(draw.choice(draw.choice([marks, bases, bases, wholes])) for _ in range(draw.choice([3, 8, 20]))))
    return result + ["".join(draw.choice(jamo) for _ in range(6)) for _ in range(3000)]


def check(program, path, files):
    tokenizer = Tokenizer.from_file(path)
    wrong = 0
    for file in files:
        lines = [line for line in pathlib.Path(file).read_text(encoding="utf-8").splitlines() if line]
        with tempfile.TemporaryDirectory() as folder:
            rows = pathlib.Path(folder) / "rows.jsonl"
            rows.write_text("".join(json.dumps({"text": line}) + "\n" for line in lines))
            subprocess.run([program, "prepare", rows, "--output-prefix", f"{folder}/out", "--tokenizer", path, "--no-append-eod"], check=True, capture_output=True)
            found = numpy.fromfile(f"{folder}/out_text_document.bin", dtype=numpy.uint16 if tokenizer.get_vocab_size() < 65500 else numpy.int32)
        expected = [token for line in lines for token in tokenizer.encode(line, add_special_tokens=False).ids]
        same = found.tolist() == expected
        wrong += not same
        print(f"{file}: {len(expected)} tokens {'agree' if same else 'DIFFER'}")
    return wrong


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--check", nargs="+")
    parser.add_argument("--composed")
    options = parser.parse_args()
    if options.composed:
        pathlib.Path(options.composed).write_text("\n".join(composed()) + "\n", encoding="utf-8")
        return
    if options.check:
        sys.exit(check(*options.check[:2], options.check[2:]))
    OUT.mkdir(parents=True, exist_ok=True)
    for name in ["deepseek-v3", "deepseek-v2", "qwen", "gpt2"]:
        tokenizer = make(name)
        folder = OUT / name
        folder.mkdir(exist_ok=True)
        content = json.loads(tokenizer.to_str())
        (folder / "tokenizer.json").write_text(json.dumps(content, ensure_ascii=False, separators=(",", ":")) + "\n", encoding="utf-8")
        (folder / "tokenizer_config.json").write_text(json.dumps(dict(bos_token="<bos>", eos_token=dict(content="<eos>"), pad_token=None)) + "\n")
        cases = []
        for text in texts():
            ids = tokenizer.encode(text, add_special_tokens=False).ids
            tokenizer.encode_special_tokens = True
            plain = tokenizer.encode(text, add_special_tokens=False).ids
            tokenizer.encode_special_tokens = False
            cases.append(dict(text=text, tokens=ids, plain=plain if plain != ids else None, decoded=tokenizer.decode(ids, skip_special_tokens=False)))
        (folder / "cases.json").write_text("[\n" + ",\n".join(json.dumps(case) for case in cases) + "\n]\n")


if __name__ == "__main__":
    main()
