import ConfigDocument
import LaunchModel
import Releases

/// The `dataset` of a ConfigContainer: GPTDatasetConfig to pretrain, HFDatasetConfig for a dataset by name,
/// FinetuningDatasetConfig for examples in files.
struct BridgeDataset {
  private let type: DatasetClass
  let spelling: BridgeSpelling
  private let release: Release
  private let data: Section<DatasetFields>
  private let sources: DataSources
  private var tree = ConfigMapping()
  private var remarks = ExportRemarks()
  /// Fields of ours that went into the tree, under whatever name.
  private var used: Set<String> = ["kind"]

  init(_ config: LaunchConfig) {
    data = config.dataset
    sources = DataSources(config)
    release = config.release
    let isNamed = sources.exampleFolder == nil && config.dataset.datasetName != nil
    type = release.dataset(of: config.dataset.kind != .sft ? .tokens : isNamed ? .huggingFace : .files)
    spelling = BridgeSpelling(release, dataset: type)
  }

  func tree(_ remarks: inout ExportRemarks) -> ConfigValue {
    var dataset = self
    dataset.tree["_target_"] = .string(type.className)
    if type.isPretraining { dataset.pretraining() } else { dataset.finetuning() }
    dataset.carried()
    dataset.mentionTheRest()
    remarks.add(dataset.remarks)
    return .mapping(dataset.tree)
  }

  // MARK: Pretraining

  private mutating func pretraining() {
    put(\.seqLength)
    put(\.randomSeed)
    let perSplit = [sources.train, sources.valid, sources.test]
    used.formUnion(["data_paths", "valid_data_paths", "test_data_paths"])
    if data.kind == .mock {
      for (field, paths) in sources.written where !paths.isEmpty {
        remarks.notExported(FieldPath("dataset", field), "`kind: mock` reads no files")
      }
    } else if sources.valid.isEmpty, sources.test.isEmpty {
      set(Self.blend(sources.train), of: Path.dataset.dataPaths)
    } else {
      tree["blend_per_split"] = .list(perSplit.map(Self.blend))
    }
    for (source, prefix) in sources.renamed {
      remarks.note(
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
    used.formUnion(["data_paths", "valid_data_paths", "test_data_paths"])
    if let root = sources.exampleFolder {
      set(.string(BridgeValue.escapedInterpolations(root)), of: Path.dataset.dataPaths)
      if sources.needsExamples {
        remarks.note(
          Path.dataset.dataPaths,
          "Megatron-Bridge reads `training.jsonl` of `\(root)`; prepare_data.py of a launch makes it")
        used.insert("val_proportion")
      }
    } else if let name = data.datasetName {
      put(\.datasetName)
      exampleFunction(name)
      put(\.split)
      put(\.valProportion)
    } else {
      remarks.problem(
        Path.dataset.dataPaths, "there are no examples to finetune on",
        help: "set \(Path.dataset.dataPaths), or \(Path.dataset.datasetName) to `squad`")
    }
    put(\.seqLength)
    put(\.randomSeed)
    put(\.doValidation)
    put(\.doTest)
    put(\.dataloaderType)
    put(\.numWorkers)
    if data.packedSequenceSize > 0 {
      put(\.packedSequenceSize)
      put(\.padSeqToMult)
    }
    used.insert("answer_only_loss")
    if !data.answerOnlyLoss { put(\.answerOnlyLoss) }
    // Packed sequences of one length, as in the release's own recipes.
    if data.packedSequenceSize > 0 { tree.set(true, at: ["dataset_kwargs", "pad_to_max_length"]) }
  }

  /// What turns an example of a named dataset into input and output.
  private mutating func exampleFunction(_ name: String) {
    if ["squad", "rajpurkar/squad"].contains(name) {
      tree["process_example_fn"] = BridgeWords.reference(
        "megatron.bridge.data.hf_processors.squad.process_squad_example")
    }
    guard let written = data.storage.carried.first(where: { $0.name == "process_example_fn" })?.value else {
      if tree["process_example_fn"] == nil {
        remarks.problem(
          Path.dataset.datasetName,
          "megatron-bridge \(release.megatronBridge) knows how to read the examples of `squad`, not of `\(name)`",
          help:
            """
            set \(FieldPath("dataset", "process_example_fn")) to a Python function, `package.module.function`, or use \
            \(Path.dataset.dataPaths)
            """)
      }
      return
    }
    guard case .string(let function) = written, Self.isDottedName(function) else {
      remarks.problem(
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

  private mutating func put<Value: FieldValue>(_ field: KeyPath<DatasetFields, Field<Value>>) {
    let declaration = DatasetFields.declaration(of: field)
    let path = FieldPath(Path.dataset.whole.section, declaration.name)
    used.insert(declaration.name)
    set(BridgeValue.of(data.storage.values[declaration.index], at: path, in: spelling, &remarks), of: path)
  }

  /// Writes a value where the class has its field.
  private mutating func set(_ value: ConfigValue, of path: FieldPath) {
    guard let keys = spelling.keys(of: path) else { return }
    tree.set(value, at: keys.dropFirst(), objects: type.objects)
  }

  private mutating func carried() {
    for value in data.storage.carried where value.name != "process_example_fn" || tree["dataset_name"] == nil {
      let path = FieldPath(Path.dataset.whole.section, value.name)
      let translated = BridgeValue.of(value.value, at: path, in: spelling, &remarks)
      if isWithinObject(path) {
        set(translated, of: path)
      } else if let target = type.objects[value.name], case .mapping(let object) = translated {
        tree[value.name] = .mapping(ConfigMapping([ConfigMapping.Entry("_target_", .string(target))] + object.entries))
      } else if case .mapping(let entries) = translated, case .mapping(var derived)? = tree[value.name] {
        for entry in entries.entries { derived[entry.key] = entry.value }
        tree[value.name] = .mapping(derived)
      } else if release.hasField(value.name, in: type) {
        tree[value.name] = translated
      } else {
        remarks.notExported(path, "\(type.className.unqualified) has no such field")
      }
    }
  }

  /// Whether a field belongs to an object of the dataset that is written.
  private func isWithinObject(_ path: FieldPath) -> Bool {
    guard let keys = spelling.keys(of: path), keys.count > 2 else { return false }
    return tree[keys[1]] != nil
  }

  private mutating func mentionTheRest() {
    let owner = type.className.unqualified
    for field in data.storage.schema.fields where !used.contains(field.name) {
      guard data.storage.values[field.index] != field.defaultValue else { continue }
      let path = FieldPath("dataset", field.name)
      switch path {
      case Path.dataset.datasetName: remarks.notExported(path, "\(Path.dataset.dataPaths) is used instead")
      case Path.dataset.shuffle: remarks.notExported(path, "\(owner) always shuffles")
      default: remarks.notExported(path, "\(owner) has no such field")
      }
    }
  }
}

extension ConfigMapping {
  /// Sets the value below keys; mappings on the way are made.
  ///
  /// - Parameter objects: the classes of those that are objects.
  fileprivate mutating func set(_ value: ConfigValue, at keys: ArraySlice<String>, objects: [String: String] = [:]) {
    guard let key = keys.first else { return }
    guard keys.count > 1 else {
      self[key] = value
      return
    }
    var inner = ConfigMapping()
    if case .mapping(let present)? = self[key] {
      inner = present
    } else if let target = objects[key] {
      inner["_target_"] = .string(target)
    }
    inner.set(value, at: keys.dropFirst(), objects: objects)
    self[key] = .mapping(inner)
  }
}
