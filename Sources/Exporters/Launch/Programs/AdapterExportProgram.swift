extension PythonPrograms {
  /// What the release can do with the adapters of a checkpoint, and DoRA's, of which no release writes the magnitudes.
  var exportingAdapterText: String {
    let (summary, body) = release.exportsAdapters ? Self.writing : Self.merging
    return """
      \"""\(summary)\"""

      import megatron_release

      megatron_release.set_up()

      import argparse
      import contextlib
      import json
      import shutil
      import sys
      from pathlib import Path

      import torch
      from megatron.bridge import AutoBridge
      from megatron.bridge.peft.dora import DoRA
      from megatron.bridge.peft.dora_layers import DoRALinear
      from megatron.bridge.training.config import ConfigContainer
      from megatron.bridge.utils.instantiate_utils import InstantiationMode
      from megatron.core import dist_checkpointing
      from megatron.core.utils import unwrap_model
      from safetensors.torch import save_file


      def last_iteration(folder):
          \"""The checkpoint that a run saved last: each iteration has a folder of its own.\"""
          iterations = sorted(Path(folder).glob("iter_[0-9]*"), key=lambda path: int(path.name[len("iter_"):]))
          if not iterations:
              sys.exit(f"{folder} holds no checkpoint: train first")
          return iterations[-1]

      \(Self.writingMagnitudes)

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
      \(Self.replacingTarget(by: Self.choosing(body)))


      if __name__ == "__main__":
          main()

      """
  }

  /// A run of DoRA goes its own way.
  private static func choosing(_ body: String) -> String {
    let lines = body.split(separator: "\n", omittingEmptySubsequences: false)
    return """
          if isinstance(config.peft, DoRA):
              with trained(bridge, config.peft, checkpoint) as model:
                  write_magnitudes(bridge, model, config.peft, made, options.model)
          else:
      \(lines.map { $0.isEmpty ? "" : "        " + $0 }.joined(separator: "\n"))
      """
  }

  private static let writing = (
    summary: "Writes the adapters of a run's last checkpoint as peft reads them.",
    body: """
    # A run of this release has none of the older adapters that the export looks for, and with newer torch looking
    # for them fails (megatron/core/dist_checkpointing/strategies/torch.py, load_tensors_metadata).
    from megatron.bridge.peft import utils

    utils.enable_legacy_shared_expert_adapter_loading = lambda *_: False
    bridge.export_adapter_ckpt(checkpoint, made)
    """
  )

  private static let merging = (
    summary: "Merges the adapters of a run's last checkpoint into the model; DoRA's it writes as peft reads them.",
    body: """
    with trained(bridge, config.peft, checkpoint) as model:
        bridge.save_hf_pretrained(model, made, merge_adapter_weights=True)
    """
  )

  /// The names and the cuts of fused layers are the bridge's own.
  private static let writingMagnitudes = #"""

    @contextlib.contextmanager
    def trained(bridge, peft, checkpoint):
        """The model with the adapters of a checkpoint, on this process."""
        from megatron.bridge.training.checkpointing import _generate_model_state_dict, apply_peft_adapter_filter_to_state_dict
        from megatron.bridge.training.model_load_save import temporary_distributed_context

        provider = bridge.to_megatron_provider(load_weights=True)
        provider.pipeline_dtype = provider.params_dtype = torch.bfloat16
        provider.bf16 = True
        provider.finalize()
        provider.register_pre_wrap_hook(lambda chunks: peft(chunks, training=False))
        with temporary_distributed_context(backend="gloo"):
            model = provider.provide_distributed_model(
                wrap_with_ddp=False, use_cpu_initialization=True, init_model_with_meta_device=False)
            state = apply_peft_adapter_filter_to_state_dict(_generate_model_state_dict(model, {}), peft)
            loaded = dist_checkpointing.load(state, str(checkpoint))
            model[0].load_state_dict(loaded["model"], strict=False)
            yield model


    def write_magnitudes(bridge, model, peft, target, base):
        """DoRA as peft reads it: what the bridge says of A and B, and the magnitudes, which it leaves out."""
        conversion = bridge._model_bridge
        names = conversion.mapping_registry()
        tensors = {
            weight.param_name: weight.weight.detach().clone().contiguous()
            for weight in bridge.export_adapter_weights(model, cpu=True, show_progress=False)
        }
        for prefix, layer in unwrap_model(model[0]).named_modules():
            if not isinstance(layer, DoRALinear):
                continue
            weights = conversion._get_base_hf_param_names_for_adapter(names, prefix, None, ".weight")
            # Rows of a weight, as those of B are.
            rows = layer.adapter.weight_magnitude.detach().cpu()[:, None]
            parts = conversion._get_fused_adapter_linear_out_slices(model, weights, rows) or {weights[0]: rows}
            for weight, part in parts.items():
                tensors[weight.removesuffix(".weight") + ".lora_magnitude_vector"] = part[:, 0].clone()
        ends = [".lora_A.weight", ".lora_B.weight", ".lora_magnitude_vector"]
        layers = sorted({name.removesuffix(ends[0]) for name in tensors if name.endswith(ends[0])})
        if {layer + end for layer in layers for end in ends} != tensors.keys():
            sys.exit("the adapters of the checkpoint are not the three parts of DoRA for each weight")
        theirs = {name.removesuffix(".weight") for name in bridge.hf_pretrained.state.keys()}

        def target_name(layer):
            """The end of its name, where that means no other weight to peft."""
            end = layer.rpartition(".")[2]
            return end if all(name in layers for name in theirs if name.rpartition(".")[2] == end) else layer

        target.mkdir(parents=True)
        (target / "adapter_config.json").write_text(json.dumps({
            "peft_type": "LORA", "task_type": "CAUSAL_LM", "use_dora": True, "r": peft.dim, "lora_alpha": peft.alpha,
            "lora_dropout": peft.dropout, "bias": "none", "base_model_name_or_path": str(base), "inference_mode": True,
            "target_modules": sorted({target_name(layer) for layer in layers}),
        }, indent=2) + "\n")
        save_file({"base_model.model." + name: tensor for name, tensor in tensors.items()},
                  str(target / "adapter_model.safetensors"), metadata={"format": "pt"})

    """#
}
