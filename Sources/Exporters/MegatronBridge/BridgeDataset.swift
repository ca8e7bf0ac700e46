import ConfigDocument
import LaunchModel

/// The `dataset` of a ConfigContainer: GPTDatasetConfig to pretrain, HFDatasetConfig for a dataset by name,
/// FinetuningDatasetConfig for examples in files.
struct BridgeDataset {
  private let config: LaunchConfig
  private let data: Section<DatasetFields>
  private var tree = ConfigMapping()
  private var findings = Findings()
  /// Fields of ours that went into the tree, under whatever name.
  private var used: Set<String> = ["kind"]

  static func tree(of config: LaunchConfig, _ findings: inout Findings) -> ConfigValue {
    var dataset = BridgeDataset(config)
    if config.dataset.kind == .sft { dataset.finetuning() } else { dataset.pretraining() }
    dataset.carried()
    dataset.mentionTheRest()
    findings.add(dataset.findings)
    return .mapping(dataset.tree)
  }

  private init(_ config: LaunchConfig) {
    self.config = config
    data = config.dataset
  }

  // MARK: Pretraining

  private mutating func pretraining() {
    tree["_target_"] = .string(BridgeDatasetClass.pretraining.rawValue)
    put(\.seqLength, as: "sequence_length")
    put(\.randomSeed)
    let sources = DataSources(config)
    let perSplit = [sources.train, sources.valid, sources.test]
    used.formUnion(["data_paths", "valid_data_paths", "test_data_paths"])
    if data.kind == .mock {
      for (field, paths) in sources.written where !paths.isEmpty {
        findings.notExported(FieldPath("dataset", field), "`kind: mock` reads no files")
      }
    } else if sources.valid.isEmpty, sources.test.isEmpty {
      tree["blend"] = Self.blend(sources.train)
    } else {
      tree["blend_per_split"] = .list(perSplit.map(Self.blend))
    }
    for (source, prefix) in sources.renamed {
      findings.note(
        Path.dataset.dataPaths,
        "Megatron reads tokens from .bin/.idx files: `\(prefix)` stands for `\(source)`; prepare_data.py of a launch makes it"
      )
    }
    put(\.split)
    put(\.resetPositionIDs)
    put(\.resetAttentionMask)
    put(\.eodMaskLoss)
    put(\.pathToCache)
    put(\.numDatasetBuilderThreads)
    put(\.dataloaderType)
    put(\.numWorkers)
  }

  private static func blend(_ paths: [DataPath]) -> ConfigValue {
    if paths.isEmpty { return .null }
    let weights = paths.compactMap(\.weight)
    return [
      .list(paths.map { .string(BridgeValue.escapedInterpolations($0.path)) }),
      weights.isEmpty ? .null : .list(weights.map { .float($0) }),
    ]
  }

  // MARK: Finetuning

  private mutating func finetuning() {
    let sources = DataSources(config)
    used.formUnion(["data_paths", "valid_data_paths", "test_data_paths"])
    if let root = sources.exampleFolder {
      tree["_target_"] = .string(BridgeDatasetClass.finetuning.rawValue)
      tree["dataset_root"] = .string(BridgeValue.escapedInterpolations(root))
      if sources.needsExamples {
        findings.note(
          Path.dataset.dataPaths,
          "Megatron-Bridge reads `training.jsonl` of `\(root)`; prepare_data.py of a launch makes it")
        used.insert("val_proportion")
      }
    } else if let name = data.datasetName {
      tree["_target_"] = .string(BridgeDatasetClass.named.rawValue)
      put(\.datasetName)
      exampleFunction(name)
      put(\.split)
      put(\.valProportion)
    } else {
      findings.problem(
        Path.dataset.dataPaths, "there are no examples to finetune on",
        help: "set dataset.data_paths, or dataset.dataset_name to `squad`")
    }
    put(\.seqLength)
    put(\.randomSeed, as: "seed")
    put(\.doValidation)
    put(\.doTest)
    put(\.dataloaderType)
    put(\.numWorkers)
    var keywords = ConfigMapping()
    used.insert("answer_only_loss")
    if !data.answerOnlyLoss { keywords["answer_only_loss"] = false }
    if data.packedSequenceSize > 0 {
      used.formUnion(["packed_sequence_size", "pad_seq_to_mult"])
      // Packed sequences of one length, as in the release's own recipes.
      keywords["pad_to_max_length"] = true
      tree["packed_sequence_specs"] = [
        "_target_": .string(BridgeDatasetClass.packing),
        "packed_sequence_size": .int(data.packedSequenceSize),
        "pad_seq_to_mult": data.padSeqToMult.configValue,
      ]
    }
    if !keywords.entries.isEmpty { tree["dataset_kwargs"] = .mapping(keywords) }
  }

  /// What turns an example of a named dataset into input and output.
  private mutating func exampleFunction(_ name: String) {
    if ["squad", "rajpurkar/squad"].contains(name) {
      tree["process_example_fn"] = BridgeWords.reference(
        "megatron.bridge.data.hf_processors.squad.process_squad_example")
    }
    guard let written = data.storage.carried.first(where: { $0.name == "process_example_fn" })?.value else {
      if tree["process_example_fn"] == nil {
        findings.problem(
          Path.dataset.datasetName,
          "megatron-bridge \(config.release.megatronBridge) knows how to read the examples of `squad`, not of `\(name)`",
          help:
            "set dataset.process_example_fn to a Python function, `package.module.function`, or use dataset.data_paths")
      }
      return
    }
    guard case .string(let function) = written, Self.isDottedName(function) else {
      findings.problem(
        FieldPath("dataset", "process_example_fn"), "is not the name of a Python function",
        help: "write it as `package.module.function`")
      return
    }
    tree["process_example_fn"] = BridgeWords.reference(function)
  }

  private static func isDottedName(_ text: String) -> Bool {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count > 1 && parts.allSatisfy { isVariableName(String($0)) && !$0.isEmpty }
  }

  // MARK: Fields that keep their names

  private mutating func put<Value: FieldValue>(_ field: KeyPath<DatasetFields, Field<Value>>, as name: String? = nil) {
    let declaration = DatasetFields.fields[keyPath: field].declaration
    used.insert(declaration.name)
    tree[name ?? declaration.name] = BridgeValue.of(
      data.storage.values[declaration.index], at: FieldPath("dataset", declaration.name), &findings)
  }

  private mutating func carried() {
    let finetuning = data.kind == .sft
    let isNamed = tree["dataset_name"] != nil
    for value in data.storage.carried where value.name != "process_example_fn" || !isNamed {
      let path = FieldPath("dataset", value.name)
      let translated = BridgeValue.of(value.value, at: path, &findings)
      if finetuning, Self.packingFields.contains(value.name), case .mapping(var specs)? = tree["packed_sequence_specs"]
      {
        specs[value.name] = translated
        tree["packed_sequence_specs"] = .mapping(specs)
      } else if value.name == "packed_sequence_specs", finetuning, case .mapping(var specs) = translated {
        specs.entries.insert(
          ConfigMapping.Entry(
            "_target_", .string(BridgeDatasetClass.packing)), at: 0)
        tree["packed_sequence_specs"] = .mapping(specs)
      } else if value.name == "dataset_kwargs", finetuning, case .mapping(let extra) = translated {
        var keywords = ConfigMapping()
        if case .mapping(let derived)? = tree["dataset_kwargs"] { keywords = derived }
        for entry in extra.entries { keywords[entry.key] = entry.value }
        tree["dataset_kwargs"] = .mapping(keywords)
      } else if Self.fields(finetuning: finetuning, named: isNamed).contains(value.name) {
        tree[value.name] = translated
      } else {
        findings.notExported(path, "\(Self.shortName(finetuning: finetuning, named: isNamed)) has no such field")
      }
    }
  }

  private mutating func mentionTheRest() {
    let owner = Self.shortName(finetuning: data.kind == .sft, named: tree["dataset_name"] != nil)
    for field in data.storage.schema.fields where !used.contains(field.name) {
      guard data.storage.values[field.index] != field.defaultValue else { continue }
      let path = FieldPath("dataset", field.name)
      switch path {
      case Path.dataset.datasetName: findings.notExported(path, "dataset.data_paths is used instead")
      case Path.dataset.shuffle: findings.notExported(path, "\(owner) always shuffles")
      default: findings.notExported(path, "\(owner) has no such field")
      }
    }
  }

  // MARK: The fields of the classes that no property here stands for

  private static func shortName(finetuning: Bool, named: Bool) -> String {
    !finetuning ? "GPTDatasetConfig" : named ? "HFDatasetConfig" : "FinetuningDatasetConfig"
  }

  static func fields(finetuning: Bool, named: Bool) -> Set<String> {
    loaderFields.union(!finetuning ? pretrainingFields : named ? finetuningFields.union(namedFields) : finetuningFields)
  }

  private static let loaderFields: Set<String> = [
    "data_sharding", "pin_memory", "persistent_workers", "trust_remote_code",
  ]
  private static let pretrainingFields: Set<String> = [
    "sequence_length", "blend", "blend_per_split", "multiple_validation_sets", "full_validation", "mmap_bin_files",
    "mid_level_dataset_surplus", "allow_ambiguous_pad_tokens", "fast_cache_load", "defer_npy_index_mmap",
    "create_attention_mask", "drop_last_partial_validation_sequence", "add_extra_token_to_sequence",
    "object_storage_cache_path", "data_parallel_size", "sequence_parallel_size", "hybrid_context_parallel",
    "sequences_per_dataset", "context_parallel_size",
  ]
  private static let finetuningFields: Set<String> = [
    "dataset_root", "seed", "memmap_workers", "max_train_samples", "packed_sequence_specs", "dataset_kwargs",
  ]
  private static let namedFields: Set<String> = [
    "dataset_subset", "download_mode", "split_val_from_train", "delete_raw", "rewrite", "hf_kwargs",
    "hf_filter_lambda_kwargs",
  ]
  private static let packingFields: Set<String> = [
    "tokenizer_model_name", "packed_train_data_path", "packed_val_data_path", "packed_metadata_path", "pad_cu_seqlens",
  ]
}
