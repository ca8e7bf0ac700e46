/// The Python programs of a launch. They are the same for every config: what differs comes as arguments and from the
/// config file, never by writing values into a program.
package enum PythonPrograms {
  /// What torchrun runs on every GPU.
  package static let training = #"""
    """Trains from a Megatron-Bridge config: torchrun ... train.py --mode pretrain --config=bridge.yaml"""

    import argparse
    import importlib
    import os

    from megatron.bridge.training.config import ConfigContainer
    from megatron.bridge.training.finetune import finetune
    from megatron.bridge.training.gpt_step import forward_step
    from megatron.bridge.training.pretrain import pretrain
    from megatron.bridge.utils.instantiate_utils import InstantiationMode


    def main():
        parser = argparse.ArgumentParser(description=__doc__)
        parser.add_argument("--mode", choices=["pretrain", "finetune"], required=True)
        parser.add_argument("--config", required=True)
        parser.add_argument("--process-example-fn", help="of a dataset by name, where the config cannot say it")
        options = parser.parse_args()
        config = ConfigContainer.from_yaml(options.config, mode=InstantiationMode.STRICT)
        if options.process_example_fn:
            module, _, name = options.process_example_fn.rpartition(".")
            config.dataset.process_example_fn = getattr(importlib.import_module(module), name)
        config.dist.local_rank = int(os.environ.get("LOCAL_RANK", "0"))
        run = finetune if options.mode == "finetune" else pretrain
        run(config, forward_step)


    if __name__ == "__main__":
        main()

    """#

  /// Hugging Face to Megatron.
  package static let importing = #"""
    """Converts the Hugging Face checkpoint that finetuning starts from to Megatron's form (AutoBridge.import_ckpt)."""

    import argparse
    import sys
    from pathlib import Path

    import torch
    from megatron.bridge import AutoBridge
    from megatron.bridge.training.config import ConfigContainer
    from megatron.bridge.utils.instantiate_utils import InstantiationMode

    SHAPE = (
        "num_layers", "hidden_size", "ffn_hidden_size", "num_attention_heads", "multi_latent_attention", "q_lora_rank",
        "kv_lora_rank", "qk_head_dim", "qk_pos_emb_head_dim", "v_head_dim", "num_moe_experts", "moe_ffn_hidden_size",
        "moe_shared_expert_intermediate_size", "moe_layer_freq", "vocab_size", "share_embeddings_and_output_weights",
    )


    def main():
        parser = argparse.ArgumentParser(description=__doc__)
        parser.add_argument("--config", required=True)
        parser.add_argument("--model", required=True, help="on Hugging Face, or a folder")
        parser.add_argument("--to", required=True)
        options = parser.parse_args()
        target = Path(options.to)
        if (target / "latest_checkpointed_iteration.txt").exists() or (target / "latest_train_state.pt").exists():
            print(f"{target} holds a checkpoint already")
            return
        wanted = ConfigContainer.from_yaml(options.config, mode=InstantiationMode.STRICT).model

        class Bridge(AutoBridge):
            def to_megatron_provider(self, *args, **keywords):
                provider = super().to_megatron_provider(*args, **keywords)
                # The conversion skips nulls of the model's config: without this the queries would get a latent.
                provider.q_lora_rank = wanted.q_lora_rank
                for name in SHAPE:
                    theirs, ours = getattr(provider, name), getattr(wanted, name)
                    if theirs != ours:
                        sys.exit(f"{options.model} is another model: its {name} is {theirs}, the config's {ours}")
                return provider

        Bridge.import_ckpt(options.model, options.to, torch_dtype=torch.bfloat16, trust_remote_code=True)


    if __name__ == "__main__":
        main()

    """#

  /// Megatron to Hugging Face.
  package static let exporting = #"""
    """Converts the last checkpoint of a run to Hugging Face's form (AutoBridge.export_ckpt)."""

    import argparse

    from megatron.bridge import AutoBridge
    from megatron.bridge.training import model_load_save
    from megatron.bridge.training.config import ConfigContainer
    from megatron.bridge.utils.instantiate_utils import InstantiationMode


    def main():
        parser = argparse.ArgumentParser(description=__doc__)
        parser.add_argument("--config", required=True)
        parser.add_argument("--model", required=True, help="whose tokenizer and config the result takes")
        parser.add_argument("--from", dest="source", required=True)
        parser.add_argument("--to", required=True)
        options = parser.parse_args()

        def in_one_stage(_checkpoint):
            """The run's model on one process, where a pipeline's layout means nothing."""
            model = ConfigContainer.from_yaml(options.config, mode=InstantiationMode.STRICT).model
            model.pipeline_model_parallel_layout = None
            model.account_for_embedding_in_pipeline_split = False
            model.account_for_loss_in_pipeline_split = False
            return model, None

        model_load_save.load_model_config = in_one_stage
        bridge = AutoBridge.from_hf_pretrained(options.model, trust_remote_code=True)
        bridge.export_ckpt(options.source, options.to)


    if __name__ == "__main__":
        main()

    """#

  /// JSONL to what Megatron reads.
  package static let preparing = #"""
    """Makes what Megatron reads of JSON lines: .bin/.idx files to pretrain, a folder of examples to finetune."""

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
        for name, split in splits.items():
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
