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
        with open(path, encoding="utf-8") as file:
            for number, line in enumerate(file, 1):
                if not line.strip():
                    continue
                try:
                    yield json.loads(line)
                except json.JSONDecodeError as error:
                    raise SystemExit(f"{path}:{number}: {error}")


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
            for row in rows(source):
                if options.field not in row:
                    raise SystemExit(f"{source}: a line has no `{options.field}`")
                ids = list(row["tokens"]) if options.field == "tokens" else tokenizer.tokenize(row["text"])
                if not ids:
                    continue
                if options.field == "text":
                    ids.append(tokenizer.eod)
                builder.add_document(torch.tensor(ids, dtype=torch.int64), [len(ids)])
            # The index is written last, so that half a dataset is never taken for a whole one.
            builder.finalize(prefix + ".idx")
            print(f"{prefix}.bin and .idx written")


    def example(row, path):
        """Prompt and completion by the names that Megatron-Bridge looks for; conversations stay as they are."""
        if any(name in row for name in ("messages", "conversations", "conversation")):
            return row
        for prompt, completion in (("prompt", "completion"), ("input", "output")):
            if prompt in row and completion in row:
                return {"input": row[prompt], "output": row[completion]}
        raise SystemExit(f"{path}: a line is neither a prompt with its completion nor a conversation")


    def examples(options):
        def read(paths):
            return [example(row, path) for path in paths for row in rows(path)]

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
