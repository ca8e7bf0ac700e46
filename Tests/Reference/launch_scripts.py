"""Runs the launch scripts of an export with the real torchrun, as a cluster would, on this machine's CPU.

    swift build --product moonlight
    python launch_scripts.py --moonlight ../../.build/debug/moonlight [checks torchrun slurm requeue]

- Every script of Tests/Fixtures/exports, and those of every launcher with names that have broken scripts, pass `bash -n` and,
  where it is installed, shellcheck.
- Rendezvous: launch.sh on two and three nodes (static), launch.sbatch behind an `srun` that starts a task a node (c10d);
  train.py is replaced by one that notes its rank and environment. Every rank is there once, with what the config says.
- Requeue: the notice before the time limit reaches the ranks past torchrun, they save and end, the job is queued again.
"""

import argparse
import functools
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import yaml

FIXTURES = Path(__file__).resolve().parent.parent / "Fixtures" / "exports"
PROBE = """import json, os, signal, sys, time
note = {name: os.environ.get(name) for name in ("RANK", "LOCAL_RANK", "WORLD_SIZE", "NAME", "CUDA_DEVICE_MAX_CONNECTIONS")}
def save(*_):
    open("saved." + os.environ["RANK"], "w").close()
    sys.exit(0)
signal.signal(signal.SIGUSR2, save)
with open("rank." + os.environ["RANK"], "w") as file:
    json.dump(note | {"arguments": sys.argv[1:]}, file)
if os.environ.get("WAIT"):
    time.sleep(120)
"""
SRUN = """#!/bin/bash
# A task for each node, all at once; one that fails fails the step.
while [[ $1 == --* ]]; do
  case $1 in --ntasks=*) tasks=${1#--ntasks=} ;; esac
  shift
done
running=()
for ((node = 0; node < tasks; node++)); do
  SLURM_NODEID=$node SLURM_PROCID=$node "$@" &
  running+=($!)
done
printf '%s\\n' "${running[@]}" >>srun.pids
status=0
for task in "${running[@]}"; do wait "$task" || status=$?; done
exit "$status"
"""
# Slurm signals every process of every step.
SCANCEL = """#!/bin/bash
echo "$*" >scancel.called
tree() { for child in $(pgrep -P "$1"); do tree "$child"; done; kill -s "$signal" "$1"; }
signal=${1#--signal=}
while read -r task; do tree "$task"; done <srun.pids
"""
SCONTROL = '#!/bin/bash\necho "$*" >scontrol.called\n'


HOSTILE = ["run", "it's $(touch x) `y` ${HOME} $$", "ünï 漢字 🌙", '"a": {b}', "$(PET_NODE_RANK)", "- |", "#x", "%s", "\\n", "{{ x }}"]


def hostile(moonlight, folder):
    """The scripts of every launcher, with a hostile text in each field that goes into them."""
    for number, name in enumerate(HOSTILE):
        text = json.dumps(name, ensure_ascii=False)
        path = json.dumps("/data/" + name, ensure_ascii=False)
        config = folder / f"{number}.yaml"
        words = ["--set", f"recipe.name={text}", "--set", f"env_vars.VALUE={text}", "--set", f"dataset.data_paths=[{path}]",
                 "--set", f"checkpoint.pretrained_checkpoint={path}", "--set", f"tokenizer.tokenizer_model={path}",
                 "--set", f"cluster.setup_commands=[{json.dumps('echo ' + name, ensure_ascii=False)}]", "--dir", "/runs/" + name]
        made = subprocess.run(
            [moonlight, "generate", "finetune", "--peft", "lora", "--num-nodes", "2", *words, "--allow-invalid", "-o", config],
            capture_output=True, text=True)
        assert made.returncode == 0, made.stderr
        for target in ("torchrun", "slurm", "kubernetes", "skypilot"):
            more = {"torchrun": [], "kubernetes": [], "slurm": ["cluster.account=llm"], "skypilot": ["cluster.gpu_type=H100"]}[target]
            more = more if target == "torchrun" else ["cluster.container_image=image", *more]
            made = subprocess.run(
                [moonlight, "export", config, "--allow-invalid", "--quiet", "--to", target,
                 *(part for setting in more for part in ("--set", setting))], capture_output=True, text=True)
            assert made.returncode == 0, (target, name, made.stderr)
            script = made.stdout
            if target == "kubernetes":
                # What Kubernetes makes of the command's `$$`.
                script = list(yaml.safe_load_all(script))[1]["spec"]["trainer"]["command"][2].replace("$$", "$")
            elif target == "skypilot":
                script = yaml.safe_load(script)["run"]
            written = folder / f"{number}.{target}.sh"
            written.write_text(script)
            yield written


def checks(moonlight, folder):
    scripts = sorted([*FIXTURES.glob("*/*/launch.sh"), *FIXTURES.glob("*/*/launch.sbatch")]) + list(hostile(moonlight, folder))
    for script in scripts:
        subprocess.run(["bash", "-n", script], check=True)
    shellcheck = shutil.which("shellcheck")
    if shellcheck:
        subprocess.run([shellcheck, "--shell=bash", *scripts], check=True)
    print(f"{len(scripts)} scripts: bash -n ok, shellcheck {'ok' if shellcheck else 'is not installed'}", flush=True)


def launch(moonlight, folder, target, nodes, *settings):
    config = folder / "config.yaml"
    settings = [
        f"cluster.num_nodes={nodes}", "cluster.gpus_per_node=2", "tokenizer.tokenizer_type=NullTokenizer",
        f"train.global_batch_size={16 * nodes}", f"cluster.master_port={free_port()}", "env_vars.NAME=\"it's $(x)\"",
        *settings,
    ]
    flags = [part for setting in settings for part in ("--set", setting)]
    made = subprocess.run(
        [moonlight, "generate", "pretrain", "--recipe", "moonlight_tiny_pretrain_config", "--mock", "--name", "a name", *flags, "-o", config],
        capture_output=True, text=True)
    assert made.returncode == 0, made.stderr
    made = subprocess.run([moonlight, "export", config, "--to", target, "-o", "the launch", "--quiet"], cwd=folder, capture_output=True, text=True)
    assert made.returncode == 0, made.stderr
    (folder / "the launch" / "train.py").write_text(PROBE)


def free_port():
    with socket.socket() as probe:
        probe.bind(("", 0))
        return probe.getsockname()[1]


def environment(folder, **variables):
    programs = folder / "programs"
    programs.mkdir(exist_ok=True)
    # torchrun is this module by another name, which need not lie beside the Python.
    torchrun = f'#!/bin/sh\nexec {sys.executable} -m torch.distributed.run "$@"\n'
    for name, text in (("srun", SRUN), ("scancel", SCANCEL), ("scontrol", SCONTROL), ("torchrun", torchrun)):
        # A program that runs cannot be written.
        if not (programs / name).exists():
            (programs / name).write_text(text)
            (programs / name).chmod(0o755)
    path = f"{programs}:{Path(sys.executable).parent}:{os.environ['PATH']}"
    return {"PATH": path, "HOME": os.environ.get("HOME", "/"), "OMP_NUM_THREADS": "1", **variables}


def ranks(folder, count):
    notes = [json.loads((folder / f"rank.{rank}").read_text()) for rank in range(count)]
    assert not (folder / f"rank.{count}").exists()
    for rank, note in enumerate(notes):
        assert note["RANK"] == str(rank) and note["WORLD_SIZE"] == str(count), note
        assert note["NAME"] == "it's $(x)", note
        assert note["arguments"] == ["--mode=pretrain", "--config=the launch/bridge.yaml"], note
    assert sorted(note["LOCAL_RANK"] for note in notes) == sorted(["0", "1"] * (count // 2))


def static(moonlight, folder, nodes):
    launch(moonlight, folder, "torchrun", nodes)
    running = [
        subprocess.Popen(["bash", "the launch/launch.sh"], cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
                         env=environment(folder, NODE_RANK=str(node), MASTER_ADDR="localhost"))
        for node in range(nodes)
    ]
    for process in running:
        _, errors = process.communicate(timeout=180)
        assert process.returncode == 0, errors
    ranks(folder, 2 * nodes)
    print(f"launch.sh on {nodes} nodes ok")


def slurm(moonlight, folder, nodes):
    launch(moonlight, folder, "slurm", nodes, "cluster.account=none", "cluster.container_image=none")
    done = subprocess.run(["bash", "the launch/launch.sbatch"], cwd=folder, capture_output=True, text=True, timeout=180,
                          env=environment(folder, SLURM_JOB_ID="17"))
    assert done.returncode == 0, done.stderr
    ranks(folder, 2 * nodes)
    print(f"launch.sbatch on {nodes} nodes ok")


def requeue(moonlight, folder):
    launch(moonlight, folder, "slurm", 2, "cluster.account=none", "cluster.container_image=none", "cluster.requeue=true",
           'cluster.time_limit="1:00:00"')
    log = open(folder / "log", "w")
    process = subprocess.Popen(["bash", "the launch/launch.sbatch"], cwd=folder, stdout=log, stderr=log,
                               env=environment(folder, SLURM_JOB_ID="17", WAIT="1"))
    deadline = time.monotonic() + 120
    while not all((folder / f"rank.{rank}").exists() for rank in range(4)):
        assert process.poll() is None and time.monotonic() < deadline, (folder / "log").read_text()
        time.sleep(0.2)
    time.sleep(1)
    process.send_signal(signal.SIGUSR1)
    assert process.wait(timeout=120) == 0, (folder / "log").read_text()
    assert all((folder / f"saved.{rank}").exists() for rank in range(4)), (folder / "log").read_text()
    assert (folder / "scancel.called").read_text() == "--signal=12 17\n"
    assert (folder / "scontrol.called").read_text() == "requeue 17\n"
    print("requeue ok")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--moonlight", required=True)
    parts = {
        "checks": [checks], "torchrun": [functools.partial(static, nodes=2), functools.partial(static, nodes=3)],
        "slurm": [functools.partial(slurm, nodes=1), functools.partial(slurm, nodes=2)], "requeue": [requeue],
    }
    parser.add_argument("parts", nargs="*", default=list(parts), help=", ".join(parts) + "; all if not given")
    options = parser.parse_args()
    moonlight = str(Path(options.moonlight).resolve())
    for run in (run for part in options.parts for run in parts[part]):
        with tempfile.TemporaryDirectory() as folder:
            run(moonlight, Path(folder))


if __name__ == "__main__":
    sys.exit(main())
