"""Writes the data of this example: text about made-up countries, and questions whose answers follow a rule.

The rule: the last letter of a country's name says in which direction it lies, its first letter whether it is hills or
coast. The text for pretraining shows names, beginnings and endings, never directions. Questions held out are about
countries that occur in no other file, so only the rule answers them.
"""

import json
import pathlib
import random

DIRECTIONS = {"a": "north", "i": "east", "o": "south", "u": "west"}
CONSONANTS = "bdfglmnprstvz"
VOWELS = "aiou"


def names(random_numbers, count):
    found = []
    while len(found) < count:
        parts = [random_numbers.choice(CONSONANTS) + random_numbers.choice(VOWELS) for _ in range(random_numbers.choice([2, 3]))]
        name = "".join(parts)
        if random_numbers.random() < 0.5:
            name = random_numbers.choice(VOWELS) + name
        if name not in found:
            found.append(name)
    return found


def answer(name):
    return f"{DIRECTIONS[name[-1]]} {'coast' if name[0] in VOWELS else 'hills'}"


def sentences(name, random_numbers):
    food = random_numbers.choice(["bread", "rice", "beans", "soup", "fish"])
    lines = [
        f"{name} is a country.",
        f"{name} begins with {name[0]} and ends with {name[-1]}.",
        f"In {name} people eat {food}.",
        f"The name {name} has {len(name)} letters.",
        f"{name} ends with {name[-1]}.",
    ]
    random_numbers.shuffle(lines)
    return " ".join(lines)


def write(path, rows):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))


def main():
    folder = pathlib.Path(__file__).parent
    random_numbers = random.Random(6)
    all_names = names(random_numbers, 840)
    told, asked, held_out = all_names[:400], all_names[400:800], all_names[800:]
    write(folder / "pretrain.jsonl", [{"text": sentences(name, random_numbers)} for name in told])
    for file, group in [("train.jsonl", asked), ("heldout.jsonl", held_out)]:
        write(folder / file, [{"prompt": f"Where is {name}?", "completion": answer(name)} for name in group])


if __name__ == "__main__":
    main()
