"""Layout strings, legal and not, with what PipelineParallelLayerLayout and TransformerConfig make of them."""

import random

from megatron.core.transformer.pipeline_parallel_layer_layout import PipelineParallelLayerLayout
from topology_common import LETTERS, parse, transformer_config, write

HAND_WRITTEN = [
    "",
    "|",
    "||",
    "E",
    "L",
    "EL",
    "E|L",
    "t",
    "Et*14|t*13L",
    "Et*7|t*7|t*7|t*6L",
    "Ettt|(tt|)*12,L",
    "Ettt|(tt|)*29,m|L",
    "Et*3|(t*4|)*3(t*3|)*3t*3L",
    "Et*3|(t*4|)*5t*3|tL",
    "Ettttttt|tttttttt|tttttttt|ttttL",
    "Et|(tt|)*30L",
    "E|||L",
    "xy(ab|cd|ef)*2,pq",
    "(ab)*3",
    "ab,(cd|)*2",
    "(|ab)*2,cd",
    "(tt)",
    "(tt)*",
    "(tt)*0",
    "()*3",
    "()",
    "(",
    ")",
    "*",
    "**",
    "*2",
    "**2",
    "**0",
    "E**0t",
    "t*0",
    "Et*0L",
    "t*2*3",
    "(t)*2*2",
    "(t)*2*2*2",
    "(t)*2*0",
    "(t*2)*2",
    "(t*2)*2*2",
    "(t)*2)*2",
    "((t)*2)*2",
    "(t(t)*2)*2",
    "((t)*2",
    "((t)*0t",
    "|*3",
    "E|*3L",
    "(|)*3",
    "(||t)*2",
    "t*",
    "t*-1",
    "t*+1",
    "t*1.5",
    "t* 2",
    "t *2",
    " t",
    "t ",
    "t\n",
    "\nt",
    "t\tt",
    "\n*2",
    "\n*0t",
    "(\n)*0t",
    "(t\n)*0L",
    "\r*0E",
    "\r\n*0E",
    "e",
    "l",
    "T",
    "M",
    "Em",
    "EtmL",
    "Etm*2L",
    "mmm",
    "1*0",
    "5*0t",
    "55*0t",
    "Et1*0L",
    "E,,t,L",
    ",",
    ",,,",
    "t,*2",
    "t*,2",
    "t*1,2",
    "(t,t)*2",
    "(,)*2",
    "(tt|),*2",
    "(tt|)*,2",
    "t*\u0662",
    "t*\uff12",
    "t*\u0967\u0968",
    "t*1\u0662",
    "t*\u00b2",
    "t*\u2460",
    "t*\u4e00",
    "t*\U0001d7d1",
    "(t|)*\u0663L",
    "\u0662",
    "t\u0662",
    "t*00003",
    "t*0000",
    "t*2E",
    "t*2|t*3",
    "t*2t*3",
    "t*2(t)*3",
    "(t)*3t*2",
    "(t*2|)*3*2",
    "|*0",
    "E|*0L",
    ")*0E",
    "E)*0",
    "(*0E",
    "E(*0tL",
    "((t)*2|)*3",
    "(t*0)*5",
    "(t*0|)*3",
    "(t*0*2)*3",
    "(E*0)*3L*2",
    "t+t",
    "8+7+7+6",
    "14+13",
    "+*0t",
    "auto",
    "E-t",
    "E;L",
    "E/L",
    "[E]",
    "E\\L",
    "\u0415t",
    "tt\u200b",
    "\ufefft",
    "E\u0301",
    "t*\u0301",
    "\U0001f600",
    "\U0001f600*0t",
    "(\U0001f600)*0E",
    "e\u0301*0",
    "tt*3",
    "Ett*3L",
    "(Et*2)*2",
    "E*2",
    "L*2",
    "m*2*",
    "t*2*",
    "(t)*2*",
    "(t)*3(",
    "(t)*3)",
    "t*2)",
    "(t|*2)*2",
    "(t*)*2",
    "(t*)*2*3",
    "(*2)*2",
    "(2*)*2",
    "(*)*2",
    "t*(2)",
    "t*(2)*3",
    "((((((t",
    "t))))))",
    "()()()",
    "(())*2",
    "(()*2",
    "()*2)*2",
    "t*" + "0" * 4299 + "2",
    "t*" + "0" * 4300 + "2",
    "E" + "|" * 63 + "L",
    "E" + "t*1" * 9 + "L",
    "Et|tt|tt|tL|",
    "|EtttL",
    "|Ett|tL",
    "EtttL|",
    "Et||tL",
    "L|tt|E",
    "tEL",
    "ELt",
    "EttE|L",
    "EttL|L",
    "Et|mt|L",
    "Etm|tL",
    "Et|tm|mL",
    "Et|tm|L",
    "Etm|tL|",
    "Emt|L",
    "Et|t|m|L",
    "Et|t|tmm|L",
    "Etmm|L",
]
# fmt: on


def random_layouts(rng, count):
    """Texts that look like layouts: some legal, most with something wrong."""
    digits = ["0", "1", "2", "3", "4", "7", "12", "\u0662", "\uff13"]

    def item(depth):
        kind = rng.random()
        if kind < 0.45:
            return rng.choice("ttttmEL|")
        if kind < 0.70:
            return rng.choice("tttm|E") + "*" + rng.choice(digits)
        if kind < 0.88 and depth < 2:
            return "(" + "".join(item(depth + 1) for _ in range(rng.randint(0, 4))) + ")*" + rng.choice(digits)
        if kind < 0.94:
            return rng.choice([",", "", ",,", "|"])
        return rng.choice(["*", "(", ")", " ", "x", "e", "2", "*3", "\n", "+", "()", "\u00e9", "*0", "|*2"])

    for _ in range(count):
        yield "".join(item(0) for _ in range(rng.randint(1, 9)))


def legal_layouts(rng, count):
    """Texts that begin with E and end with L, mostly legal."""
    for _ in range(count):
        stages = [
            rng.choice(["t", "tt", "t*2", "t*3", "t*4", "", "t*0", "(t)*3", "(t)*2*2"])
            for _ in range(rng.randint(1, 8))
        ]
        text = "|".join(stages)
        if rng.random() < 0.3:
            text += (
                rng.choice(["|", "", ","])
                + "("
                + rng.choice(["tt|", "t|", "|t", "t*2|", "t|t"])
                + ")*"
                + str(rng.randint(0, 5))
            )
        yield "E" + text + rng.choice(["", "", "m", "mm", "|m", "|", "m|m", "|m|"]) + "L"


def mutated(rng, texts, count):
    alphabet = "EtLm|()*0123,  xe\n+\u0662"
    for _ in range(count):
        text = list(rng.choice(texts))
        for _ in range(rng.randint(1, 3)):
            place = rng.randint(0, len(text))
            what = rng.random()
            if what < 0.4:
                text.insert(place, rng.choice(alphabet))
            elif text:
                place = min(place, len(text) - 1)
                if what < 0.7:
                    del text[place]
                else:
                    text[place] = rng.choice(alphabet)
        yield "".join(text)


def check(text, pipeline, virtual, num_layers, mtp_num_layers):
    """1 where Megatron starts with the layout, 2 where it also sets mtp_standalone, 0 where it refuses."""
    try:
        config = transformer_config(
            num_layers=num_layers, pipeline=pipeline, virtual=virtual, mtp_num_layers=mtp_num_layers, layout=text
        )
    except Exception:
        return 0
    if config.virtual_pipeline_model_parallel_size is not None and pipeline == 1:
        return 0  # refused when the process groups are made; see grid_verdict below
    return 2 if config.mtp_standalone else 1


def layout_strings():
    rng = random.Random(20251)
    legal = list(legal_layouts(rng, 700))
    texts = HAND_WRITTEN + legal + list(random_layouts(rng, 1500))
    texts += list(mutated(rng, HAND_WRITTEN[:60] + legal, 1200))
    texts = [text for text in dict.fromkeys(texts) if parse(text) is None or len(parse(text)) < 1500]
    write("layout-strings", [[text, parse(text)] for text in texts])
    return [text for text in texts if parse(text) is not None]


def layout_checks(texts):
    rng = random.Random(20252)
    rows = []
    for text in texts:
        stages = parse(text).split("|")
        decoders, mtp = parse(text).count("t"), parse(text).count("m")
        if decoders == 0:
            continue  # TransformerConfig itself refuses a model without layers
        for pipeline in {len(stages), rng.choice([1, 2, 3, 4])}:
            virtual = rng.choice([None, None, len(stages) // pipeline or 1, 1, 2])
            layers = decoders + rng.choice([0, 0, 0, 0, 1])
            mtp_layers = rng.choice([mtp, mtp, mtp or None, mtp + 1])
            if mtp_layers == 0:
                mtp_layers = None
            rows.append(
                [text, pipeline, virtual, layers, mtp_layers, check(text, pipeline, virtual, layers, mtp_layers)]
            )
    accepted = [row for row in rows if row[-1]]
    refused = [row for row in rows if not row[-1]]
    write("layout-checks", accepted + rng.sample(refused, min(len(refused), 1500)))


def layout_lists():
    names = [
        "embedding",
        "decoder",
        "mtp",
        "loss",
        "encoder",
        " Decoder ",
        "LOSS",
        "E",
        "t",
        "",
        "\x1fmtp\x85",
        "de coder",
        "\u3000loss",
        "embedding\x00",
        "Embedding\n",
        "decoder\u200b",
        "l\u043ess",
    ]
    rows = []
    for name in names:
        try:
            layout = PipelineParallelLayerLayout([[name]], 1).flatten_layout
            rows.append([name, LETTERS[layout[0]]])
        except Exception:
            rows.append([name, None])
    write("layout-names", rows)
