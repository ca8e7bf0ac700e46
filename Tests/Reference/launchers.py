"""The files of launchers for other systems, read by those systems' own clients.

    python -m venv .venv-launchers
    .venv-launchers/bin/pip install kubeflow-trainer-api==2.3.0 skypilot==0.14.1
    .venv-launchers/bin/python launchers.py --moonlight ../../.build/debug/moonlight

- kubernetes: every object against the pydantic models of kubeflow_trainer_api (TrainJob, ConfigMap). These ignore keys
  that they do not know, so what they give back has to be what was read, key for key.
- skypilot: `sky.Task.from_yaml`, which checks the file against SkyPilot's own schema and makes the task.
Names and values that have broken scripts go through both; the script within is read back from the parsed object.
"""

import argparse
import json
import subprocess
import tempfile
from pathlib import Path

import sky
import yaml
from kubeflow_trainer_api import models
from launch_scripts import HOSTILE

RECIPES = [
    ["pretrain", "--mock"], ["pretrain", "--mock", "--num-nodes", "4"],
    ["finetune", "--peft", "lora", "--pretrained-checkpoint", "/models/moonlight", "--set", 'dataset.data_paths=["/data/chat.jsonl"]'],
    ["finetune", "--peft", "none", "--pretrained-checkpoint", "moonshotai/Moonlight-16B-A3B", "--set", 'dataset.data_paths=["/data/sft"]'],
]


def exported(moonlight, folder, recipe, name, target):
    config = folder / "config.yaml"
    # A name that starts with a dash or holds a slash is no name of a run.
    words = [*recipe, "--dir", "/runs", "--set", f"recipe.name={json.dumps(name, ensure_ascii=False)}", "--set", f"env_vars.VALUE={json.dumps(name, ensure_ascii=False)}",
             "--set", "cluster.container_image=nvcr.io/nvidia/nemo:25.11", "--set", "cluster.gpu_type=H100",
             "--set", "cluster.container_mounts=[]" if target == "skypilot" else 'cluster.container_mounts=["/shared:/data:ro"]']
    made = subprocess.run([moonlight, "generate", *words, "--allow-invalid", "--force", "-o", config], capture_output=True, text=True)
    assert made.returncode == 0, made.stderr
    launch = folder / "launch"
    made = subprocess.run([moonlight, "export", config, "--allow-invalid", "--force", "--to", target, "-o", launch],
                          capture_output=True, text=True)
    assert made.returncode == 0, made.stderr
    return next(launch.glob({"kubernetes": "*.trainjob.yaml", "skypilot": "*.sky.yaml"}[target])), launch


def checked_script(script, name):
    done = subprocess.run(["bash", "-n"], input=script, text=True, capture_output=True)
    assert done.returncode == 0, done.stderr
    lines = [line for line in script.split("\n") if line.startswith("export VALUE=")]
    assert len(lines) == 1, (name, script[:600])
    line, = [line for line in script.split("\n") if line.startswith("export VALUE=")]
    # What bash makes of it is the value, to the byte.
    value = subprocess.run(["bash", "-c", line + "\nprintf %s \"$VALUE\""], capture_output=True, text=True).stdout
    assert value == name, (value, name)


def without_nulls(value):
    if isinstance(value, dict):
        return {key: without_nulls(inner) for key, inner in value.items() if inner is not None}
    return [without_nulls(inner) for inner in value] if isinstance(value, list) else value


def kubernetes(moonlight, folder, recipe, name):
    file, launch = exported(moonlight, folder, recipe, name, "kubernetes")
    files, job = yaml.safe_load_all(file.read_text())
    for written, model in ((files, models.IoK8sApiCoreV1ConfigMap), (job, models.TrainerV1alpha1TrainJob)):
        assert without_nulls(model.from_dict(written).to_dict()) == written, "the model knows another object"
    for path in launch.iterdir():
        if path.name in files["data"]:
            # In the folder a line with the file's hash is added.
            lines = [line for line in path.read_text().splitlines() if not line.startswith("# sha256 of the other lines")]
            assert files["data"][path.name].splitlines() == lines, path
    trainer = job["spec"]["trainer"]
    pod = job["spec"]["runtimePatches"][0]["trainingRuntimeSpec"]["template"]["spec"]["replicatedJobs"][0]["template"]["spec"]["template"]["spec"]
    names = [volume["name"] for volume in pod["volumes"]]
    assert names == [mount["name"] for mount in pod["containers"][0]["volumeMounts"]] and len(set(names)) == len(names)
    checked_script(trainer["command"][2].replace("$$", "$"), name)


def skypilot(moonlight, folder, recipe, name):
    file, _ = exported(moonlight, folder, recipe, name, "skypilot")
    written = yaml.safe_load(file.read_text())
    task = sky.Task.from_yaml(str(file))
    assert task.num_nodes == written["num_nodes"] and task.name == written["name"] and task.run == written["run"]
    resources, = task.resources
    assert resources.accelerators == {"H100": int(written["resources"]["accelerators"].split(":")[1])}
    assert resources.extract_docker_image() == "nvcr.io/nvidia/nemo:25.11"
    checked_script(task.run, name)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--moonlight", required=True)
    moonlight = str(Path(parser.parse_args().moonlight).resolve())
    count = 0
    with tempfile.TemporaryDirectory() as folder:
        for check in (kubernetes, skypilot):
            for recipe in RECIPES:
                for name in HOSTILE:
                    check(moonlight, Path(folder), recipe, name)
                    count += 1
            print(f"{check.__name__}: {len(RECIPES) * len(HOSTILE)} files read by its client", flush=True)


if __name__ == "__main__":
    main()
