extension PythonPrograms {
  /// What the release can do with the adapters of a checkpoint.
  var exportingAdapterText: String {
    release.exportsAdapters ? Self.adapterText(writes: Self.writing) : Self.adapterText(writes: Self.merging)
  }

  private static func adapterText(writes: (summary: String, imports: String, body: String)) -> String {
    """
    \"""\(writes.summary)\"""

    import megatron_release

    megatron_release.set_up()

    import argparse
    import shutil
    import sys
    from pathlib import Path

    \(writes.imports)from megatron.bridge import AutoBridge
    from megatron.bridge.training.config import ConfigContainer
    from megatron.bridge.utils.instantiate_utils import InstantiationMode


    def last_iteration(folder):
        \"""The checkpoint that a run saved last: each iteration has a folder of its own.\"""
        iterations = sorted(Path(folder).glob("iter_[0-9]*"), key=lambda path: int(path.name[len("iter_"):]))
        if not iterations:
            sys.exit(f"{folder} holds no checkpoint: train first")
        return iterations[-1]


    def main():
        parser = argparse.ArgumentParser(description=__doc__)
        parser.add_argument("--config", required=True)
        parser.add_argument("--model", required=True, help="on Hugging Face, or a folder: what the adapters are for")
        parser.add_argument("--from", dest="source", required=True)
        parser.add_argument("--to", required=True)
        options = parser.parse_args()
        config = ConfigContainer.from_yaml(options.config, mode=InstantiationMode.STRICT)
        checkpoint = last_iteration(options.source)

        class Bridge(AutoBridge):
            def to_megatron_provider(self, *args, **keywords):
                provider = super().to_megatron_provider(*args, **keywords)
                # The conversion skips nulls of the model's config: without this the queries would get a latent.
                provider.q_lora_rank = config.model.q_lora_rank
                # Where config.json does not say, transformers has one MTP layer, of which the run trained nothing.
                provider.mtp_num_layers = config.model.mtp_num_layers
                # Nothing is trained here, and the fused kernel is Apex's, which need not be there.
                provider.gradient_accumulation_fusion = False
                return provider

        bridge = Bridge.from_hf_pretrained(options.model, trust_remote_code=True)
    \(replacingTarget(by: writes.body))


    if __name__ == "__main__":
        main()

    """
  }

  private static let writing = (
    summary: "Writes the adapters of a run's last checkpoint as peft reads them (AutoBridge.export_adapter_ckpt).",
    imports: "",
    body: """
        # A run of this release has none of the older adapters that the export looks for, and with newer torch looking
        # for them fails (megatron/core/dist_checkpointing/strategies/torch.py, load_tensors_metadata).
        from megatron.bridge.peft import utils

        utils.enable_legacy_shared_expert_adapter_loading = lambda *_: False
        bridge.export_adapter_ckpt(checkpoint, made)
    """
  )

  private static let merging = (
    summary: "Merges the adapters of a run's last checkpoint into the model, in Hugging Face's form.",
    imports: "import torch\nfrom megatron.core import dist_checkpointing\n",
    body: """
        from megatron.bridge.training.checkpointing import _generate_model_state_dict, apply_peft_adapter_filter_to_state_dict
        from megatron.bridge.training.model_load_save import temporary_distributed_context

        provider = bridge.to_megatron_provider(load_weights=True)
        provider.pipeline_dtype = provider.params_dtype = torch.bfloat16
        provider.bf16 = True
        provider.finalize()
        provider.register_pre_wrap_hook(lambda chunks: config.peft(chunks, training=False))
        with temporary_distributed_context(backend="gloo"):
            model = provider.provide_distributed_model(
                wrap_with_ddp=False, use_cpu_initialization=True, init_model_with_meta_device=False)
            state = apply_peft_adapter_filter_to_state_dict(_generate_model_state_dict(model, {}), config.peft)
            loaded = dist_checkpointing.load(state, str(checkpoint))
            model[0].load_state_dict(loaded["model"], strict=False)
            bridge.save_hf_pretrained(model, made, merge_adapter_weights=True)
    """
  )
}
