extension PythonPrograms {
  static let trainingText = #"""
    """Trains from a Megatron-Bridge config: torchrun ... train.py --mode pretrain --config=bridge.yaml"""

    import megatron_release

    megatron_release.set_up()

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
        megatron_release.mark_what_assistants_say()
        config.dist.local_rank = int(os.environ.get("LOCAL_RANK", "0"))
        run = finetune if options.mode == "finetune" else pretrain
        run(config, forward_step)


    if __name__ == "__main__":
        main()

    """#
}
