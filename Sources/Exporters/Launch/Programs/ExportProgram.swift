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
            return model, None

        model_load_save.load_model_config = in_one_stage
        bridge = AutoBridge.from_hf_pretrained(options.model, trust_remote_code=True)
        # What stands there in the end is whole; an earlier one gives way to it.
        target = Path(options.to)
        made, replaced = target.with_name(target.name + ".new"), target.with_name(target.name + ".old")
        for folder in (made, replaced):
            shutil.rmtree(folder, ignore_errors=True)
        bridge.export_ckpt(options.source, made)
        if target.exists():
            target.rename(replaced)
        made.rename(target)
        shutil.rmtree(replaced, ignore_errors=True)


    if __name__ == "__main__":
        main()

    """#
}
