import ConfigDocument
import LaunchModel
import Releases

/// The `dataset` of a ConfigContainer, of the release's class for tokens to pretrain on, for examples in files, or for a
/// dataset by name.
struct BridgeDataset {
  private let type: DatasetClass
  let spelling: BridgeSpelling
  private let release: Release
  private let config: LaunchConfig
  private let data: Section<DatasetFields>
  private let sources: DataSources
  private var tree = ConfigMapping()
  private var remarks = ExportRemarks()
  private var functionOfProgram: String?
  /// Fields of ours that went into the tree, under whatever name.
  private var used: Set<String> = ["kind"]

  init(_ config: LaunchConfig) {
    self.config = config
    data = config.dataset
    sources = DataSources(config)
    release = config.release
    let hasSource = data.datasetName != nil || data.storage.value(named: Self.source) != nil
    let isNamed = sources.exampleFolder == nil && hasSource
    type = release.dataset(of: config.dataset.kind != .sft ? .tokens : isNamed ? .huggingFace : .files)
    spelling = BridgeSpelling(release, dataset: type)
  }

  /// The object of a class that holds where a named dataset comes from.
  private static let source = "hf_dataset"

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
      sources.check(config, &remarks)
      if sources.examples != nil {
        remarks.note(
          Path.dataset.dataPaths,
          "Megatron-Bridge reads `training.jsonl` of `\(root)`; prepare_data.py of a launch makes it")
        used.insert("val_proportion")
      }
      if sources.form == .conversation { readConversations() } else { readPairs() }
    } else if let name = data.datasetName {
      named(name)
    } else if type.objects[Self.source] != nil, data.storage.value(named: Self.source) != nil {
      if data.doValidation { put(\.valProportion) }
    } else {
      remarks.problem(
        Path.dataset.dataPaths, "there are no examples to finetune on",
        help: "set \(Path.dataset.dataPaths), or \(Path.dataset.datasetName) to `squad`")
    }
    put(\.seqLength)
    put(\.randomSeed)
    put(\.doValidation)
    put(\.doTest)
    leaveOutMissingSplits()
    put(\.dataloaderType)
    put(\.numWorkers)
    if data.packedSequenceSize > 0 {
      if let name = type.packingSwitch { tree[name] = true }
      put(\.packedSequenceSize)
      put(\.padSeqToMult)
    }
    used.insert("answer_only_loss")
    if !data.answerOnlyLoss, tree[Self.preprocessing] == nil { put(\.answerOnlyLoss) }
    // Packed sequences of one length, as in the release's own recipes.
    if data.packedSequenceSize > 0 { tree.set(true, at: ["dataset_kwargs", "pad_to_max_length"]) }
  }

  private mutating func named(_ name: String) {
    used.formUnion(["dataset_name", "split", "val_proportion"])
    switch type.namedDatasets {
    case .functions(let functions)?:
      put(\.datasetName)
      if let function = exampleFunction(name, functions) { setExampleFunction(function) }
      put(\.split)
      put(\.valProportion)
    case .sources(_, let chat, let examples)?:
      if let known = type.namedDatasets?.knownName(of: name) {
        set(.string(known), of: Path.dataset.datasetName)
      } else {
        set(.string(BridgeValue.escapedInterpolations(name)), of: FieldPath("dataset", "path_or_dataset"))
      }
      if data.split != nil { put(\.split) }
      // The class takes it only with validation.
      if data.doValidation { put(\.valProportion) }
      preprocess(chat: chat, examples: examples)
    case nil: break
    }
  }

  /// Conversations go through the tokenizer's own template, unless the config says otherwise.
  private mutating func readConversations() {
    guard data.storage.value(named: Self.preprocessing) == nil, !saysHowRowsAreRead else { return }
    if case .sources(_, let chat, _)? = release.dataset(of: .huggingFace).namedDatasets {
      var processing: ConfigMapping = ["_target_": .string(chat)]
      if !data.answerOnlyLoss { processing["loss_mode"] = "full" }
      tree[Self.preprocessing] = .mapping(processing)
    } else {
      for name in ["chat", "use_hf_tokenizer_chat_template"] { tree.set(true, at: [Self.arguments, name]) }
    }
    remarks.note(
      Path.dataset.dataPaths,
      "its rows are conversations, which the template of \(Path.tokenizer.tokenizerModel) puts in words")
  }

  /// A prompt and its completion follow each other as they are, each tokenized for itself, as on the CPU engine; both
  /// stand under the names that the release's own recipes have.
  private mutating func readPairs() {
    guard data.storage.value(named: Self.preprocessing) == nil, !saysHowRowsAreRead else { return }
    if case .sources(_, _, let examples)? = release.dataset(of: .huggingFace).namedDatasets {
      tree[Self.preprocessing] = [
        "_target_": .string(examples), "prompt_column": "input", "completion_column": "output", "separator": "",
        "loss_mode": .string(data.answerOnlyLoss ? "completion" : "full"),
      ]
    } else {
      tree.set("{input}{output}", at: [Self.arguments, "prompt_template"])
    }
  }

  /// Whether the config's own arguments of the dataset say how a row is read.
  private var saysHowRowsAreRead: Bool {
    guard case .mapping(let written)? = data.storage.value(named: Self.arguments)?.value else { return false }
    return written.entries.contains { Self.readingArguments.contains($0.key) }
  }

  private static let arguments = "dataset_kwargs"
  private static let readingArguments: Set<String> = [
    "add_bos", "add_eos", "add_sep", "answer_only_loss", "chat", "chat_loss_mode", "label_key",
    "prompt_completion_config", "prompt_template", "truncation_field", "truncation_method",
    "use_hf_tokenizer_chat_template",
  ]

  private static let preprocessing = "preprocessing"

  /// What an example becomes: input and output, as the release's own recipe for Moonlight says, unless the config says
  /// otherwise.
  private mutating func preprocess(chat: String, examples: String) {
    guard case .mapping(let written)? = data.storage.value(named: Self.preprocessing)?.value else {
      tree[Self.preprocessing] = .mapping([
        "_target_": .string(examples), "prompt_column": "input", "completion_column": "output", "separator": " ",
        "loss_mode": .string(data.answerOnlyLoss ? "completion" : "full"),
      ])
      return
    }
    let isChat = written.entries.allSatisfy { $0.key == "loss_mode" } && written["loss_mode"] != "completion"
    tree[Self.preprocessing] = ["_target_": .string(isChat ? chat : examples)]
  }

  /// The class refuses to evaluate on splits that it knows a dataset not to have.
  private mutating func leaveOutMissingSplits() {
    guard case .sources(let sources, _, _)? = type.namedDatasets,
      let splits = data.datasetName.flatMap({ type.namedDatasets?.knownName(of: $0) }).flatMap({ sources[$0] })
    else { return }
    let evaluations = [
      (
        Path.dataset.doValidation, data.doValidation && data.valProportion == nil, "validation", "hf_validation_dataset"
      ),
      (Path.dataset.doTest, data.doTest, "test", "hf_test_dataset"),
    ]
    for (path, isWanted, split, source) in evaluations
    where isWanted && !splits.contains(split) && data.storage.value(named: source) == nil {
      set(false, of: path)
      remarks.note(
        path,
        """
        exported as false: megatron-bridge \(release.megatronBridge) knows no split `\(split)` of \
        `\(data.datasetName ?? "")`
        """)
    }
  }

  /// The function that turns an example of a named dataset into input and output.
  private mutating func exampleFunction(_ name: String, _ functions: [String: String]) -> String? {
    switch data.storage.value(named: Self.exampleFunction)?.value {
    case nil:
      if let function = type.namedDatasets?.knownName(of: name).flatMap({ functions[$0] }) { return function }
      let known = functions.keys.sorted().map { "`\($0)`" }.joined(separator: ", ")
      remarks.problem(
        Path.dataset.datasetName,
        "megatron-bridge \(release.megatronBridge) knows how to read the examples of \(known), not of `\(name)`",
        help:
          """
          set \(FieldPath("dataset", Self.exampleFunction)) to a Python function, `package.module.function`, or use \
          \(Path.dataset.dataPaths)
          """)
    case .string(let function)? where Self.isDottedName(function): return function
    case _?:
      remarks.problem(
        FieldPath("dataset", Self.exampleFunction), "is not the name of a Python function",
        help: "write it as `package.module.function`")
    }
    return nil
  }

  private static let exampleFunction = "process_example_fn"

  private mutating func setExampleFunction(_ function: String) {
    let inFiles = release.objectsInFiles.verdict(on: function, in: Self.exampleFunction) != .refusedField
    tree[Self.exampleFunction] = inFiles ? BridgeWords.reference(function) : .null
    if !inFiles {
      functionOfProgram = function
      remarks.notExported(
        FieldPath("dataset", Self.exampleFunction),
        """
        the loader of megatron-bridge \(release.megatronBridge) takes no function from a file; the program that loads it \
        sets `\(function)`, as train.py of a launch does
        """)
    }
  }

  /// The function that the program has to set for want of a place in the file; `nil` where it has nothing to do.
  static func functionOfProgram(_ config: LaunchConfig) -> String? {
    var dataset = BridgeDataset(config)
    if !dataset.type.isPretraining { dataset.finetuning() }
    return dataset.functionOfProgram
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
    set(BridgeValue.of(data.storage.value(of: declaration), at: path, in: spelling, &remarks), of: path)
  }

  /// Writes a value where the class has its field.
  private mutating func set(_ value: ConfigValue, of path: FieldPath) {
    guard let keys = spelling.keys(of: path) else { return }
    tree.set(value, at: keys.dropFirst(), objects: type.objects)
  }

  private mutating func carried() {
    for value in data.storage.carried where value.name != Self.exampleFunction || tree["dataset_name"] == nil {
      let path = FieldPath(Path.dataset.whole.section, value.name)
      let translated = BridgeValue.of(value.value, at: path, in: spelling, &remarks)
      if isWithinObject(path) {
        set(translated, of: path)
      } else if case .mapping(let entries) = translated, case .mapping(var derived)? = tree[value.name] {
        for entry in entries.entries { derived[entry.key] = entry.value }
        tree[value.name] = .mapping(derived)
      } else if let target = type.objects[value.name], case .mapping(let object) = translated {
        tree[value.name] = .mapping(ConfigMapping([ConfigMapping.Entry("_target_", .string(target))] + object.entries))
      } else if let name = release.ownName(of: value.name, in: path.section), release.hasField(name, in: type) {
        tree[name] = translated
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
      guard data.storage.value(of: field) != data.storage.defaultValue(of: field) else { continue }
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
