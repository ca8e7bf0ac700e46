extension PythonPrograms {
  static let preparingText = #"""
    """Makes what Megatron reads of JSON lines: .bin/.idx files to pretrain, a folder of examples to finetune."""

    import megatron_release

    megatron_release.check_packages()

    import argparse
    import json
    import os
    import random
    from pathlib import Path


    def rows(path):
        """Each row with its place. As in Megatron-Bridge, empty lines end a file and stand nowhere else."""
        try:
            file = open(path, encoding="utf-8-sig", newline="\n")
        except OSError as error:
            raise SystemExit(f"{path}: {error.strerror}")
        count = empty = 0
        with file:
            for number, line in enumerate(file, 1):
                if line == "\n":
                    empty = empty or number
                    continue
                if empty or not line.strip():
                    raise SystemExit(f"{path}:{empty or number}: the line is empty")
                count += 1
                try:
                    row = json.loads(line)
                except json.JSONDecodeError as error:
                    raise SystemExit(f"{path}:{number}: {error}")
                if not isinstance(row, dict):
                    raise SystemExit(f"{path}:{number}: is no object with keys")
                yield f"{path}:{number}", row
        if count == 0:
            raise SystemExit(f"{path} has no rows")


    def tokens(options):
        """One document of tokens for each line, as Megatron-LM's tools/preprocess_data.py --append-eod makes them."""
        import torch
        from megatron.bridge.training.config import ConfigContainer
        from megatron.bridge.training.tokenizers.tokenizer import build_tokenizer
        from megatron.bridge.utils.instantiate_utils import InstantiationMode
        from megatron.core.datasets.indexed_dataset import DType, IndexedDatasetBuilder

        if len(options.paths) % 2:
            raise SystemExit("each source needs its prefix behind it")
        config = ConfigContainer.from_yaml(options.config, mode=InstantiationMode.STRICT)
        tokenizer = build_tokenizer(config.tokenizer)
        for source, prefix in zip(options.paths[::2], options.paths[1::2]):
            if os.path.exists(prefix + ".idx"):
                print(f"{prefix}.idx is there already")
                continue
            builder = IndexedDatasetBuilder(prefix + ".bin", dtype=DType.optimal_dtype(tokenizer.vocab_size))
            for place, row in rows(source):
                if options.field not in row:
                    raise SystemExit(f"{place}: has no `{options.field}`")
                ids = list(row["tokens"]) if options.field == "tokens" else tokenizer.tokenize(row["text"])
                if not ids:
                    continue
                if options.field == "text":
                    ids.append(tokenizer.eod)
                builder.add_document(torch.tensor(ids, dtype=torch.int64), [len(ids)])
            # The index is written last, so that half a dataset is never taken for a whole one.
            builder.finalize(prefix + ".idx")
            print(f"{prefix}.bin and .idx written")


    ALIASES = {"human": "user", "gpt": "assistant"}


    def example(row, place):
        """What a row is, and the row by the names that every release of Megatron-Bridge reads."""
        for name in ("conversations", "messages", "conversation"):
            if row.get(name):
                turns = [turn(each, place) for each in row[name]]
                if row.get("system") and turns[0]["role"] != "system":
                    turns.insert(0, {"role": "system", "content": row["system"]})
                return "a conversation", {"messages": turns, **({"tools": row["tools"]} if row.get("tools") else {})}
        for prompt, completion in (("prompt", "completion"), ("input", "output")):
            if prompt in row and completion in row:
                return "a prompt with its completion", {"input": row[prompt].strip(), "output": row[completion].strip()}
        if "text" in row:
            return "a text", {"input": "", "output": row["text"].strip()}
        raise SystemExit(f"{place}: is neither a conversation, nor a prompt with its completion, nor a text")


    def turn(turn, place):
        if "role" in turn and "content" in turn:
            return {**turn, "role": ALIASES.get(turn["role"].lower(), turn["role"].lower())}
        if "from" in turn and "value" in turn:
            return {"role": ALIASES.get(turn["from"].lower(), turn["from"].lower()), "content": turn["value"]}
        raise SystemExit(f"{place}: a turn has neither role and content nor from and value")


    def examples(options):
        kind = None

        def read(paths):
            nonlocal kind
            result = []
            for path in paths:
                for place, row in rows(path):
                    found, row = example(row, place)
                    kind = kind or found
                    if found != kind:
                        raise SystemExit(f"{place}: is {found}, and those before it are each {kind}: train on one kind")
                    result.append(row)
            return result

        splits = {"training": read(options.train), "validation": read(options.valid), "test": read(options.test)}
        if options.valid_share:
            training = splits["training"]
            random.Random(options.seed).shuffle(training)
            count = max(1, round(len(training) * options.valid_share))
            splits["validation"], splits["training"] = training[:count], training[count:]
        if not splits["training"]:
            raise SystemExit("there is nothing to train on")
        folder = Path(options.to)
        folder.mkdir(parents=True, exist_ok=True)
        # Training comes last: where it is, the others are.
        for name, split in reversed(splits.items()):
            if not split:
                continue
            temporary = folder / f".{name}.jsonl"
            with open(temporary, "w", encoding="utf-8") as file:
                file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in split)
            os.replace(temporary, folder / f"{name}.jsonl")
            print(f"{folder / name}.jsonl: {len(split)} examples")


    def main():
        parser = argparse.ArgumentParser(description=__doc__)
        parser.add_argument("--config", required=True)
        commands = parser.add_subparsers(required=True)
        command = commands.add_parser("tokens")
        command.set_defaults(run=tokens)
        command.add_argument("--field", choices=["text", "tokens"], required=True)
        command.add_argument("paths", nargs="+", help="source and prefix, source and prefix, ...")
        command = commands.add_parser("examples")
        command.set_defaults(run=examples)
        command.add_argument("--to", required=True)
        command.add_argument("--train", action="append", default=[])
        command.add_argument("--valid", action="append", default=[])
        command.add_argument("--test", action="append", default=[])
        command.add_argument("--valid-share", type=float, default=0)
        command.add_argument("--seed", type=int, default=0)
        options = parser.parse_args()
        options.run(options)


    if __name__ == "__main__":
        main()

    """#
}
