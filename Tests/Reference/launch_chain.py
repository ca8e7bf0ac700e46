"""Whole launches, `launch.sh` from nothing to what others load, with the real packages of the release but for the training.

    swift build
    python launch_chain.py --bin ../../.build/debug [pretrain sft lora dora]

Pretraining from text, full finetuning, LoRA and DoRA from a Hugging Face folder and rows of chat, each on a small model:
`moonlight generate`, `export --to torchrun`, then `launch.sh` alone, which runs its steps in order: prepare, import, train,
export. Its programs are the exported ones, run with the real packages. torchrun is a stand-in that runs the exported train.py
up to where the real `pretrain` or `finetune` would begin to compute, then leaves the checkpoint of a run behind in which
every trained weight has changed. What comes out has those weights: in a folder that transformers loads, or in adapters
that peft loads. A second run finds everything done; where the export is taken away, only that runs.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import launch_data
import launch_round_trip
import torch
from launch_round_trip import RELEASE, SITE, merged, same, tensors

SHAPE = {**launch_round_trip.SHAPES["small"], "vocab_size": 320}
STEPS = {"pretrain": ["prepare", "train", "export"]}
HERE = Path(__file__).resolve().parent

# As torchrun would start it, on the one process there is: its own words are passed over.
TORCHRUN = f"""#!/bin/sh
here=$(dirname "$0")
while [ "${{1%train.py}}" = "$1" ]; do shift; done
{sys.executable} "$here/start.py" "$@" && exec {sys.executable} "$here/leave.py" "$@"
"""

# The real train.py, up to the real `_pretrain`.
START = f'''
import os
import runpy
import sys

sys.path.append({str(HERE)!r})
import phases
from fake_distributed import World
from megatron.bridge.training import pretrain as pretrain_module


class Reached(Exception):
    pass


def stop(state, forward_step_func, **_):
    assert forward_step_func.__module__ == "megatron.bridge.training.gpt_step"
    raise Reached


pretrain_module._pretrain = stop
phases.finetune.pretrain = pretrain_module.pretrain
World.enter(1)
os.environ["LOCAL_RANK"] = "0"
program = sys.argv[1]
sys.argv = sys.argv[1:]
sys.path.insert(0, os.path.dirname(program))
try:
    runpy.run_path(program, run_name="__main__")
except Reached:
    sys.exit(0)
sys.exit("train.py ended before it began")
'''

# What a run of so many steps leaves behind: all weights doubled, or adapters.
LEAVE = '''
import os
import sys

sys.path.insert(0, os.path.dirname(sys.argv[1]))
import megatron_release

megatron_release.set_up()

import torch
from megatron.bridge import AutoBridge
from megatron.bridge.training import model_load_save
from megatron.bridge.training.config import ConfigContainer
from megatron.bridge.utils.instantiate_utils import InstantiationMode


def main():
    config = next(word.partition("=")[2] for word in sys.argv if word.startswith("--config="))
    container = ConfigContainer.from_yaml(config, mode=InstantiationMode.STRICT)
    source, folder, steps = os.environ["SOURCE"], container.checkpoint.save, container.train.train_iters
    if container.peft is None:
        return doubled(source, folder, steps)
    import adapters

    iteration = f"{folder}/iter_{steps:07d}"
    os.makedirs(iteration)
    sys.argv = ["adapters.py", f"--config={config}", source, iteration]
    adapters.main()
    torch.save({}, f"{folder}/latest_train_state.pt")


def doubled(source, folder, steps):
    provider = AutoBridge.from_hf_pretrained(source).to_megatron_provider(load_weights=True)
    provider.q_lora_rank, provider.gradient_accumulation_fusion = None, False
    provider.pipeline_dtype = provider.params_dtype = torch.bfloat16
    provider.finalize()
    save = model_load_save.save_checkpoint

    def at_the_end(state, *arguments, **keywords):
        state.train_state.step = steps
        return save(state, *arguments, **keywords)

    model_load_save.save_checkpoint = at_the_end
    with model_load_save.temporary_distributed_context(backend="gloo"):
        model = provider.provide_distributed_model(wrap_with_ddp=False, use_cpu_initialization=True, init_model_with_meta_device=False)
        with torch.no_grad():
            for parameter in model[0].parameters():
                parameter.mul_(2)
        model_load_save.save_megatron_model(model, folder)


if __name__ == "__main__":
    main()
'''


def prepared(folder):
    """PATH and environment of a machine that has the packages, and no GPU."""
    programs, site = folder / "programs", folder / "site"
    programs.mkdir()
    site.mkdir()
    (site / "sitecustomize.py").write_text(SITE)
    for name, text in (("start.py", START), ("leave.py", LEAVE), ("adapters.py", launch_round_trip.ADAPTERS),
                       ("python3", f'#!/bin/sh\nexec {sys.executable} "$@"\n'), ("torchrun", TORCHRUN)):
        (programs / name).write_text(text)
        (programs / name).chmod(0o755)
    return {**os.environ, "PATH": f"{programs}:{os.environ['PATH']}", "PYTHONPATH": str(site), "TORCHDYNAMO_DISABLE": "1",
            "SOURCE": str(folder / "a model")}


def exported(moonlight, folder, mode, source):
    """The launch of a run, as a user makes it; its folder, and that of the run."""
    data = folder / "rows.jsonl"
    row = (lambda number: {"text": launch_data.text(number)}) if mode == "pretrain" else launch_data.chat
    data.write_text("".join(json.dumps(row(number)) + "\n" for number in range(8)))
    config, launch, run = folder / "config.yaml", folder / "launch", folder / "runs" / "run"
    start = ["--peft", "none" if mode == "sft" else mode, "--pretrained-checkpoint", source] if mode != "pretrain" else []
    shape = {**launch_data.SHAPE, "vocab_size": SHAPE["vocab_size"]}
    values = {**{f"model.{name}": value for name, value in shape.items()}, "tokenizer.tokenizer_type": "HuggingFaceTokenizer",
              "tokenizer.tokenizer_model": str(source), "dataset.data_paths": [str(data)],
              "dataset.kind": "jsonl" if mode == "pretrain" else "sft", "dataset.num_workers": 0,
              "model.hf_model_id": str(source)}
    settings = [word for name, value in values.items() for word in ("--set", f"{name}={json.dumps(value)}")]
    moonlight("moonlight", "generate", "pretrain" if mode == "pretrain" else "finetune", *start, "--megatron-bridge", RELEASE,
              *launch_data.ONE_GPU, "--seq-length", launch_data.LENGTH, "--dir", folder / "runs", "--name", "run", *settings, "-o", config)
    moonlight("moonlight", "export", config, "--to", "torchrun", "--quiet", "-o", launch)
    return launch, run


def ran(launch, environment):
    """What launch.sh says that it skips."""
    done = subprocess.run(["bash", launch / "launch.sh"], capture_output=True, text=True, env=environment, cwd=launch.parent)
    assert done.returncode == 0, done.stderr[-3000:]
    return [line.partition(":")[0] for line in done.stderr.splitlines() if line.endswith(": what it makes is there")]


def check(mode, folder, run, source):
    base = tensors(source)
    if mode in ("pretrain", "sft"):
        after = tensors(run / "hf")
        # Only parameters were trained.
        same({name: tensor if name.endswith("e_score_correction_bias") else tensor * 2 for name, tensor in base.items()}, after)
        launch_round_trip.DeepseekV3ForCausalLM.from_pretrained(run / "hf")
        return f"{len(after)} tensors as trained, loaded by transformers"
    wanted = torch.load(run / "checkpoints" / "products.pt")
    if (run / "hf").exists():
        count, after, limit = 0, tensors(run / "hf"), 1e-2
    else:
        (count, after), limit = merged(run / "adapter", source), 1e-4
    off = max(float((after[name].float() - tensor).abs().max() / tensor.abs().max()) for name, tensor in wanted.items())
    assert off < limit, off
    how = f"{count} tensors of {mode}, loaded by peft" if count else "merged"
    return f"{how}; {len(wanted)} weights as trained, at most {off:.1e} off"


def chain(moonlight, folder, mode):
    source = folder / "a model"
    launch_round_trip.write_model(source, SHAPE)
    launch_data.write_tokenizer(source, launch_data.PLAIN)
    launch, run = exported(moonlight, folder, mode, source)
    before = {path: path.read_bytes() for path in source.iterdir()}
    environment = prepared(folder)
    steps = STEPS.get(mode, ["prepare", "import", "train", "export"])
    assert ran(launch, environment) == [], "something was there before"
    result = check(mode, folder, run, source)
    found = ran(launch, environment)
    assert found == steps, f"only {found} were found done"
    made = run / ("adapter" if (run / "adapter").exists() else "hf")
    made.rename(folder / "taken away")
    assert ran(launch, environment) == steps[:-1] and made.exists()
    assert before == {path: path.read_bytes() for path in source.iterdir()}, "the user's folder was written to"
    return f"{', '.join(steps)}: {result}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", type=Path, required=True, help="where moonlight and moonlight-trainer are")
    parser.add_argument("modes", nargs="*", default=["pretrain", "sft", "lora", "dora"])
    options = parser.parse_args()
    moonlight = launch_data.Moonlight(options.bin.resolve())
    for mode in options.modes:
        with tempfile.TemporaryDirectory() as folder:
            print(f"{mode}: {chain(moonlight, Path(folder), mode)}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
