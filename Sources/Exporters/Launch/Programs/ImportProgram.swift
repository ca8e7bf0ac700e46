extension PythonPrograms {
  static let importingText = #"""
    """Converts the Hugging Face checkpoint that finetuning starts from to Megatron's form (AutoBridge.import_ckpt)."""

    import megatron_release

    megatron_release.set_up()

    import argparse
    import re
    import sys
    from pathlib import Path

    import torch
    from megatron.bridge import AutoBridge
    from megatron.bridge.training.config import ConfigContainer
    from megatron.bridge.utils.instantiate_utils import InstantiationMode

    SHAPE = (
        "num_layers", "hidden_size", "ffn_hidden_size", "num_attention_heads", "multi_latent_attention", "q_lora_rank",
        "kv_lora_rank", "qk_head_dim", "qk_pos_emb_head_dim", "v_head_dim", "num_moe_experts", "moe_ffn_hidden_size",
        "moe_shared_expert_intermediate_size", "moe_layer_freq", "share_embeddings_and_output_weights",
    )


    def is_checkpoint(folder):
        """Whether it is the root of Megatron's checkpoints, or one of them."""
        names = ("latest_checkpointed_iteration.txt", "latest_train_state.pt", ".metadata", "metadata.json")
        return any((folder / name).exists() for name in names)


    def main():
        parser = argparse.ArgumentParser(description=__doc__)
        parser.add_argument("--config", required=True)
        parser.add_argument("--model", required=True, help="on Hugging Face, or a folder")
        parser.add_argument("--to", required=True)
        options = parser.parse_args()
        source, target = Path(options.model), Path(options.to)
        if target.is_symlink():
            target.unlink()
        if is_checkpoint(target):
            print(f"{target} holds a checkpoint already")
            return
        if (target / "config.json").exists():
            sys.exit(f"{target} is a folder of Hugging Face's, which stays as it is")
        if is_checkpoint(source):
            target.parent.mkdir(parents=True, exist_ok=True)
            target.symlink_to(source.resolve())
            print(f"{source} is a checkpoint of Megatron's, which {target} leads to")
            return
        if source.exists() and not (source / "config.json").exists():
            sys.exit(f"{source} is neither a folder of Hugging Face's nor a checkpoint of Megatron's")
        if not source.exists() and not re.fullmatch(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*", options.model, re.ASCII):
            sys.exit(f"there is no {source}")
        wanted = ConfigContainer.from_yaml(options.config, mode=InstantiationMode.STRICT).model

        class Bridge(AutoBridge):
            def to_megatron_provider(self, *args, **keywords):
                provider = super().to_megatron_provider(*args, **keywords)
                # The conversion skips nulls of the model's config: without this the queries would get a latent.
                provider.q_lora_rank = wanted.q_lora_rank
                # Where config.json does not say, transformers has one MTP layer, for which the folder has no weights.
                provider.mtp_num_layers = wanted.mtp_num_layers
                # Nothing is trained here, and the fused kernel is Apex's, which need not be there.
                provider.gradient_accumulation_fusion = False
                for name in SHAPE:
                    theirs, ours = getattr(provider, name), getattr(wanted, name)
                    if theirs != ours:
                        sys.exit(f"{options.model} is another model: its {name} is {theirs}, the config's {ours}")
                # Where the config has more rows, Megatron's loader pads the converted embedding and head.
                rows, wanted_rows = provider.vocab_size, wanted.vocab_size
                if wanted_rows is not None and wanted_rows < rows:
                    sys.exit(f"{options.model} has {rows} rows, more than the config's vocab_size {wanted_rows}")
                return provider

        Bridge.import_ckpt(options.model, options.to, torch_dtype=torch.bfloat16, trust_remote_code=True)


    if __name__ == "__main__":
        main()

    """#
}
