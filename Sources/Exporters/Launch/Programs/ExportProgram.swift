extension PythonPrograms {
  static let exportingText = #"""
    """Converts the last checkpoint of a run to Hugging Face's form (AutoBridge.export_ckpt)."""

    import megatron_release

    megatron_release.set_up()

    import argparse
    import shutil
    from pathlib import Path

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
            # Apex's kernel is for training.
            model.gradient_accumulation_fusion = False
            # Rows beyond those of the model on Hugging Face are padding.
            model.vocab_size = min(model.vocab_size or rows, rows)
            return model, None

        bridge = AutoBridge.from_hf_pretrained(options.model, trust_remote_code=True)
        rows = bridge.hf_pretrained.config.vocab_size
        model_load_save.load_model_config = in_one_stage
    \#(replacingTarget(by: "    bridge.export_ckpt(options.source, made)"))


    if __name__ == "__main__":
        main()

    """#
}
