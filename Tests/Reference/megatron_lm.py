"""Megatron-LM's command line: the real parser, its checks, and what Megatron-LM builds of the arguments.

The core wheels from 0.17.1 on hold `megatron.training`; before that it is in the source tree alone, and a checkout of the
release's tag is needed. `pretrain_gpt.py`, which makes the dataset's config, is never in a wheel.
"""

import contextlib
import importlib.util
import io
import os
import sys
import types

import stand_ins

stand_ins.install()

import fake_distributed  # noqa: E402

fake_distributed.install()

import torch  # noqa: E402
from fake_distributed import Group, World  # noqa: E402

# What the argument lists leave to pretrain_gpt.py.
DEFAULTS = {"tokenizer_type": "GPT2BPETokenizer"}


class Reached(Exception):
    """Raised where Megatron-LM would wrap the model: its DDP config is made."""

    def __init__(self, config):
        super().__init__()
        self.config = config


class Refused(Exception):
    """The parser or a check refuses an argument list."""


class MegatronLM:
    """The functions of the installed core wheel, or of a checkout."""

    def __init__(self, checkout=None):
        if checkout is not None:
            import megatron

            # megatron.core and megatron.bridge are the installed packages; the rest of `megatron` is the checkout's.
            megatron.__path__.append(str(checkout / "megatron"))
            sys.path.append(str(checkout))
        elif importlib.util.find_spec("megatron.training") is None:
            raise SystemExit("megatron-core as installed has no megatron.training: give --megatron-lm a checkout of its tag")
        from megatron.training import arguments, global_vars, training

        self.program = importlib.import_module("pretrain_gpt") if checkout is not None else None
        self.arguments, self.global_vars, self.training = arguments, global_vars, training

    def args(self, words, world_size):
        """The arguments of a command line, parsed and validated as a rank of such a world does it."""
        World.enter(world_size)
        before = dict(os.environ)
        os.environ.update({"WORLD_SIZE": str(world_size), "RANK": "0", "CUDA_DEVICE_MAX_CONNECTIONS": "1"})
        said = io.StringIO()
        try:
            with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
                return self.validate(self.parse(words))
        except SystemExit:  # argparse has written why
            raise Refused(said.getvalue().strip().splitlines()[-1]) from None
        except Exception as error:  # noqa: BLE001  Whatever is raised is the answer.
            raise Refused(f"{type(error).__name__}: {error}") from error
        finally:
            os.environ.clear()
            os.environ.update(before)

    def parse(self, words):
        sys.argv = ["pretrain_gpt.py", *words]
        return self.arguments.parse_args()

    def validate(self, args):
        return self.arguments.validate_args(args, dict(DEFAULTS))

    def objects(self, args):
        """What it builds: transformer config, optimizer config, DDP config, scheduler; with a checkout, dataset config."""
        self.global_vars._GLOBAL_ARGS = args
        model = self.arguments.core_transformer_config_from_args(args)
        optimizer = self.training.get_megatron_optimizer_config(args)
        optimizer = optimizer[0] if isinstance(optimizer, tuple) else optimizer
        scheduler = self.training.get_optimizer_param_scheduler(types.SimpleNamespace(param_groups=[]))
        return model, optimizer, self.ddp(args, model), scheduler, self.dataset(args)

    def ddp(self, args, model):
        if hasattr(self.training, "get_megatron_ddp_config"):
            return self.training.get_megatron_ddp_config(args)
        groups = types.SimpleNamespace(tp=Group([0]), pp=Group([0]), dp=Group([0]), cp=Group([0]))

        def layer(**_):
            module = torch.nn.Linear(1, 1)
            module.config = model
            return module

        def stop(*_, ddp_config=None, **__):
            raise Reached(ddp_config)

        self.training.DDP = stop
        self.training.mpu.get_data_parallel_world_size = lambda **_: args.data_parallel_size
        virtual, args.virtual_pipeline_model_parallel_size = args.virtual_pipeline_model_parallel_size, None
        try:
            self.training.get_model(layer, pg_collection=groups)
        except Reached as reached:
            return reached.config
        finally:
            args.virtual_pipeline_model_parallel_size = virtual

    def dataset(self, args):
        if self.program is None:
            return None
        if args.tokenizer_type != "NullTokenizer":  # a download
            self.program.build_tokenizer = lambda _: types.SimpleNamespace(vocab_size=None)
        return self.program.core_gpt_dataset_config_from_args(args)
