"""What the `dataset` of a launch config has to be in the container that a release loads of its export.

Written from what the fields mean and from what the release's classes hold, not from the exporter. `drawn` makes data that
make sense, for random configs; `differences` compares, and looks up what no class has in the exporter's report.
"""

import json

# The class keeps the field under its own name.
PRETRAINING = ["split", "random_seed", "reset_position_ids", "reset_attention_mask", "eod_mask_loss", "path_to_cache",
               "num_dataset_builder_threads", "dataloader_type", "num_workers"]
FINETUNING = ["seq_length", "do_validation", "do_test", "dataloader_type", "num_workers"]
# What says the same where nothing was asked: a class without the field has nothing to tell.
DEFAULTS = {
    "shuffle": True, "split": None, "reset_position_ids": False, "reset_attention_mask": False, "eod_mask_loss": False,
    "packed_sequence_size": -1, "pad_seq_to_mult": 1, "pack_sequences_in_batch": False, "answer_only_loss": True,
    "dataset_name": None, "do_validation": True, "do_test": True, "path_to_cache": None, "num_dataset_builder_threads": 1,
    "data_paths": [], "valid_data_paths": [], "test_data_paths": [],
}
# Kept by every class, and known to none of ours.
CARRIED = ["pin_memory", "persistent_workers", "data_sharding", "trust_remote_code", "memmap_workers", "max_train_samples"]
KNOWN = {"squad": "squad", "rajpurkar/squad": "squad", "gsm8k": "gsm8k", "openai/gsm8k": "gsm8k"}
SPLITS = {"squad": {"train", "validation"}, "gsm8k": {"train", "test"}}
ROWS = {
    "chat": {"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]},
    "share": {"conversations": [{"from": "human", "value": "a"}, {"from": "gpt", "value": "b"}]},
    "pair": {"prompt": "a", "completion": "b"},
    "plain": {"input": "a", "output": "b"},
    "text": {"text": "a"},
}
SETTINGS = {
    "dataset.random_seed": [0, 77], "dataset.num_workers": [0, 3], "dataset.shuffle": [True, False],
    "dataset.dataloader_type": ["single", "cyclic", "batch"], "dataset.eod_mask_loss": [True],
    "dataset.reset_position_ids": [True], "dataset.reset_attention_mask": [True], "dataset.path_to_cache": ["/cache/a b"],
    "dataset.num_dataset_builder_threads": [1, 4], "dataset.pin_memory": [True, False],
    "dataset.persistent_workers": [True, False], "dataset.data_sharding": [True, False],
    "dataset.packed_sequence_size": [0, 4096, 8192], "dataset.pad_seq_to_mult": [1, 16],
    "dataset.pack_sequences_in_batch": [True, False],
    "dataset.answer_only_loss": [True, False], "dataset.do_validation": [True, False], "dataset.do_test": [True, False],
    "dataset.val_proportion": [0.01, 0.5, "null"], "dataset.trust_remote_code": [True, False],
    "dataset.max_train_samples": [10], "dataset.memmap_workers": [2],
}


def drawn(generator, pretraining, folder):
    """Settings of data at random; `folder` gets the files that they name."""
    result = {name: generator.choice(values)
              for name, values in SETTINGS.items() if generator.random() < (0.1 if "max_train" in name else 0.2)}
    return result | (tokens(generator) if pretraining else examples(generator, folder))


def tokens(generator):
    kind = generator.choice(["mock", "indexed", "indexed", "jsonl"])
    if kind == "mock":
        return {"dataset.kind": kind}
    ending = {"indexed": ["", ".bin", ".idx"], "jsonl": [".jsonl", ".nvjsonl"]}[kind]
    paths = [f"/data/it's {name}{generator.choice(ending)}" for name in "abc"[:generator.choice([1, 1, 2, 3])]]
    if generator.random() < 0.4:
        paths = [{"path": path, "weight": generator.choice([0.1, 1.0, 3.0])} for path in paths]
    result = {"dataset.kind": kind, "dataset.data_paths": paths}
    if generator.random() < 0.4:
        result |= {"dataset.valid_data_paths": ["/data/v"], "dataset.split": "null"}
        if generator.random() < 0.5:
            result["dataset.test_data_paths"] = ["/data/t"]
    else:
        result["dataset.split"] = generator.choice(["9999,8,2", "90,5,5", "98,2,0"])
    return result


def examples(generator, folder):
    kind = generator.choice([*ROWS, "named", "folder", "other folder", "no folder"])
    if kind == "named":
        name = generator.choice([*KNOWN, "someone/a dataset"])
        split = {"dataset.split": generator.choice(["train", "null"])} if generator.random() < 0.4 else {}
        return {"dataset.dataset_name": name} | split
    row = ROWS[{"folder": "plain", "other folder": "pair"}.get(kind, kind)] if kind != "no folder" else None
    data = folder / "it's data"
    data.mkdir(exist_ok=True)
    for path in data.iterdir():
        path.unlink()
    result = {"dataset.dataset_name": "null"}
    if row is None:
        return result | {"dataset.data_paths": ["/not here/${a}"]}
    files = [data / "training.jsonl", data / "more.jsonl"]
    for path in files:
        path.write_text(json.dumps(row) + "\n")
    if "folder" in kind:
        return result | {"dataset.data_paths": [str(data)]}
    result["dataset.data_paths"] = [str(path) for path in files[:generator.choice([1, 2])]]
    if generator.random() < 0.3:
        result["dataset.valid_data_paths"] = [str(files[1])]
    return result


def path_of(entry):
    return entry["path"] if isinstance(entry, dict) else entry


def blend(entries, kind):
    if not entries:
        return None
    paths = []
    for path in map(path_of, entries):
        stem = path
        for ending in (".jsonl", ".nvjsonl") if kind == "jsonl" else (".bin", ".idx"):
            stem = stem.removesuffix(ending)
        paths.append(stem + "_text_document" if kind == "jsonl" else stem)
    return [paths, [entry["weight"] for entry in entries] if isinstance(entries[0], dict) else None]


def pretraining(data):
    kind = data["kind"]
    values = {name: data[name] for name in PRETRAINING} | {"sequence_length": data["seq_length"]}
    held = set(PRETRAINING) | {"data_paths"}
    if kind == "mock":
        return values | {"blend": None, "blend_per_split": None}, held
    held |= {"valid_data_paths", "test_data_paths"}
    train, *others = (blend(data[name], kind) for name in ("data_paths", "valid_data_paths", "test_data_paths"))
    if any(others):
        return values | {"blend": None, "blend_per_split": [train, *others]}, held
    return values | {"blend": train, "blend_per_split": None}, held


def rows_of(data):
    """What the rows of the files are, and whether they lie there as every release reads them."""
    paths = list(map(path_of, data["data_paths"]))
    whole = len(paths) == 1 and not paths[0].endswith(".jsonl") and not data["valid_data_paths"]
    if paths[0].startswith("/not here"):
        return "plain", whole
    row = json.loads(open(paths[0] + "/training.jsonl" if whole else paths[0]).readline())
    kind = next(name for name, other in ROWS.items() if other.keys() == row.keys())
    return kind, whole and kind in ("chat", "plain")


def finetuning(document, has_sources):
    """`has_sources`: the release's one class takes files and named datasets, and says in `preprocessing` how rows are read."""
    data = document["dataset"]
    values = {name: data[name] for name in FINETUNING} | {"seed": data["random_seed"]}
    held = set(FINETUNING) | {"random_seed", "packed_sequence_size", "pad_seq_to_mult", "answer_only_loss"}
    specs = "offline_packing_specs" if has_sources else "packed_sequence_specs"
    packed = data["packed_sequence_size"] > 0
    arguments = {}
    if packed:
        values |= {f"{specs}.{name}": data[name] for name in ("packed_sequence_size", "pad_seq_to_mult")}
        arguments["pad_to_max_length"] = True
    else:
        values[specs] = None
        if data["pad_seq_to_mult"] != 1:
            held.remove("pad_seq_to_mult")
    if has_sources:
        values["enable_offline_packing"] = packed
    share = "hf_validation_proportion" if "hf_validation_proportion" in data else "val_proportion"
    name = data["dataset_name"] if not data["data_paths"] else None
    answers = data["answer_only_loss"]
    if name is not None:
        held |= {"dataset_name", "split", share}
        values["dataset_root"] = None
        if has_sources:
            known = KNOWN.get(name)
            values |= {"hf_dataset.dataset_name": known, "hf_dataset.path_or_dataset": None if known else name}
            values["hf_dataset.split"] = data["split"]
            values["hf_validation_proportion"] = data[share] if data["do_validation"] else None
            splits = SPLITS.get(known, {"train", "validation", "test"})
            values["do_validation"] = data["do_validation"] and (data[share] is not None or "validation" in splits)
            values["do_test"] = data["do_test"] and "test" in splits
            values |= {"preprocessing.prompt_column": "input", "preprocessing.completion_column": "output",
                       "preprocessing.separator": " ", "preprocessing.loss_mode": "completion" if answers else "full"}
        else:
            values |= {"dataset_name": name, "split": data["split"], share: data[share]}
            if not answers:
                arguments["answer_only_loss"] = False
    else:
        kind, as_it_lies = rows_of(data)
        values["dataset_root"] = path_of(data["data_paths"][0]) if as_it_lies \
            or path_of(data["data_paths"][0]).startswith("/not here") \
            else f"{document['recipe']['dir']}/{document['recipe']['name']}/examples"
        held |= {"data_paths", "valid_data_paths", "test_data_paths"}
        if not as_it_lies:
            held.add(share)
        if kind in ("chat", "share"):
            if has_sources:
                values["preprocessing.loss_mode"] = "assistant" if answers else "full"
            else:
                arguments |= {"chat": True, "use_hf_tokenizer_chat_template": True}
        elif has_sources:
            values |= {"preprocessing.prompt_column": "input", "preprocessing.completion_column": "output",
                       "preprocessing.separator": "", "preprocessing.loss_mode": "completion" if answers else "full"}
        else:
            arguments["prompt_template"] = "{input}{output}"
        if not answers and not has_sources:
            arguments["answer_only_loss"] = False
    values["dataset_kwargs"] = arguments or None
    return values, held


def value_at(loaded, place):
    for key in place.split("."):
        if not isinstance(loaded, dict):
            return "<nothing>"
        loaded = loaded.get(key, "<nothing>")
    return loaded


def differences(document, loaded, report):
    """Values of the loaded dataset that are other than meant, and fields that were dropped in silence; how many were compared.

    `report` is what the exporter said.
    """
    data = document["dataset"]
    has_sources = "preprocessing" in loaded
    values, held = pretraining(data) if data["kind"] != "sft" else finetuning(document, "hf_dataset" in loaded or has_sources)
    values |= {name: data[name] for name in CARRIED if name in data and name in loaded}
    held |= {name for name in CARRIED if name in loaded}
    wrong = []
    for place, value in values.items():
        theirs = value_at(loaded, place)
        if place == "dataset_kwargs":
            theirs, value = theirs or None, value or None
        if theirs != value or type(theirs) is not type(value):
            wrong.append((f"dataset.{place}", value, theirs))
    dropped = [name for name, value in data.items() if name not in held | {"kind", "seq_length"}
               and value != DEFAULTS.get(name, None if name in CARRIED else "<none>")
               and name not in ("val_proportion", "hf_validation_proportion")]
    wrong += [(f"dataset.{name}", data[name], "dropped in silence") for name in dropped
              if f"dataset.{name}: not exported" not in report]
    return wrong, len(values) + len(dropped)
