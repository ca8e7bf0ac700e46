import ConfigDocument
import LaunchModel
import Releases

/// Data to finetune on. Earlier releases have a class for files and one for datasets of Hugging Face, whose examples a
/// Python function turns into input and output; later ones have one class, which names the source and what becomes of an
/// example in objects of their own.
extension BridgeMigration {
  mutating func migrateDataset() {
    guard let here = source.dataset, let there = destination.dataset,
      draft.node(at: ["dataset"])?.entries != nil
    else { return }
    if !here.isPretraining {
      switch (here.namedDatasets ?? otherClass(of: here), there.namedDatasets ?? otherClass(of: there)) {
      case (.functions?, .sources(let sources, let chat, let examples)?):
        intoSources(sources, chat: chat, examples: examples)
      case (.sources?, .functions(let functions)?): intoFunctions(functions)
      case (.functions(let functions)?, .functions?): placeFunction(functions)
      default: break
      }
      migratePacking()
    }
    let keys = ["dataset", Self.target]
    if let name = draft.node(at: keys)?.scalar?.text, let own = destination.dataset?.className, name != own,
      destination.dataset?.sameClasses.contains(name) != true
    {
      draft.replace(keys, with: .string(own), "\(self.there) has no `\(name.unqualified)`")
    }
  }

  /// How the class for named datasets beside one for files takes them.
  private func otherClass(of dataset: DatasetClass) -> NamedDatasets? {
    let release = source.dataset?.className == dataset.className ? source.release : target
    return release.dataset(of: .huggingFace).namedDatasets
  }

  private func at(_ keys: String...) -> [String] { ["dataset"] + keys }

  private func isSet(_ keys: [String]) -> Bool { draft.node(at: keys).map { !$0.isEmpty } ?? false }

  // MARK: From functions to sources

  private mutating func intoSources(_ sources: [String: [String]], chat: String, examples: String) {
    guard isSet(at("dataset_name")) else { return }
    use(.huggingFace)
    let name = draft.value(at: at("dataset_name")).flatMap(String.init) ?? ""
    let known = destination.dataset?.namedDatasets?.knownName(of: name)
    removeFunction(of: name, isKnown: known != nil)
    take(at("dataset_name"), to: at("hf_dataset", known == nil ? "path_or_dataset" : "dataset_name"))
    if let known, known != name {
      draft.replace(at("hf_dataset", "dataset_name"), with: .string(known), "its name in \(there)")
    }
    for (old, new) in [("split", "split"), ("dataset_subset", "subset"), ("hf_kwargs", "load_kwargs")] {
      moveOrRemove(at(old), to: at("hf_dataset", new))
    }
    moveOrRemove(at("dataset_root"), to: at("hf_output_root"))
    chooseEvaluation(splits: known.flatMap { sources[$0] }, known)
    preprocess(chat: chat, examples: examples)
  }

  private mutating func moveOrRemove(_ keys: [String], to place: [String]) {
    if isSet(keys) {
      take(keys, to: place)
    } else if draft.node(at: keys) != nil {
      draft.remove(keys, "not set; it is `\(place.joined(separator: "."))` in \(there)")
    }
  }

  private mutating func use(_ kind: DatasetClass.Source) {
    destination = BridgeSpelling(target, dataset: target.dataset(of: kind))
  }

  private mutating func removeFunction(of dataset: String, isKnown: Bool) {
    let keys = at("process_example_fn")
    guard let node = draft.node(at: keys) else { return }
    let function = node[Self.target]?.scalar?.text
    let known = knownFunctions.first { $0.key == source.dataset?.namedDatasets?.knownName(of: dataset) }?.value
    if isKnown, function == nil || function == known {
      return draft.remove(keys, "\(there) reads `\(dataset)` by itself")
    }
    draft.lose(
      keys,
      """
      \(there) takes no function: \(function.map { "what `\($0)`" } ?? "what the program") makes of an example of \
      `\(dataset)` is not carried over
      """, help: "`schema_adapter` of `hf_dataset`, or columns of the dataset in `preprocessing`, take its place")
    if draft.dropsLosses { draft.silently(keys) { editor throws(EditError) in try editor.remove(keys) } }
  }

  private var knownFunctions: [String: String] {
    if case .functions(let functions)? = source.release.dataset(of: .huggingFace).namedDatasets {
      functions
    } else {
      [:]
    }
  }

  /// What is evaluated on: the old builder holds a share of the training examples out, and tests on the dataset's own
  /// validation split where there is no test split; without a share it does neither.
  private mutating func chooseEvaluation(splits: [String]?, _ known: String?) {
    let data = config.dataset
    let share = data.valProportion ?? 0
    if share <= 0 {
      for (field, isOn) in [("do_validation", data.doValidation), ("do_test", data.doTest)] where isOn {
        set(
          at(field), false,
          "without a share held out, megatron-bridge \(source.release.megatronBridge) does not evaluate")
      }
      if isSet(at("val_proportion")) {
        draft.replace(at("val_proportion"), with: .null, "\(there) takes no share of 0")
      }
      return
    }
    if !data.doValidation, isSet(at("val_proportion")) {
      draft.replace(at("val_proportion"), with: .null, "\(there) takes it with `do_validation` only")
      draft.warn(at("val_proportion"), "the share that was held out is trained on as well")
    }
    guard data.doTest, let splits, let known, !splits.contains("test") else { return }
    if splits.contains("validation"), let source = destination.dataset?.objects["hf_test_dataset"] {
      set(
        at("hf_test_dataset"), ["_target_": .string(source), "dataset_name": .string(known), "split": "validation"],
        "`\(known)` has no test split, and its validation split was tested on")
    } else {
      set(at("do_test"), false, "`\(known)` has no test split")
      draft.warn(at("do_test"), "nothing is tested on any more")
    }
  }

  private mutating func set(_ keys: [String], _ value: ConfigValue, _ reason: String) {
    if draft.node(at: keys) == nil {
      draft.insert(keys, value, reason)
    } else {
      draft.replace(keys, with: value, reason)
    }
  }

  /// Names of the settings that `dataset_kwargs` had for what `preprocessing` says.
  private static let flags = ["add_bos", "add_eos", "add_sep", "truncation_method"]

  /// Says what becomes of an example as the old builder did it: input, a blank, output.
  private mutating func preprocess(chat: String, examples: String) {
    func setting(_ name: String) -> ConfigValue? { draft.value(at: at("dataset_kwargs", name)) }
    if setting("chat") == true {
      set(at("preprocessing"), ["_target_": .string(chat)], "the data are chats, which is said there in \(there)")
      return removeSettings(["chat", "use_hf_tokenizer_chat_template"])
    }
    var object: ConfigMapping = [
      "_target_": .string(examples), "prompt_column": "input", "completion_column": setting("label_key") ?? "output",
    ]
    let template = setting("prompt_template").flatMap(String.init) ?? "{input} {output}"
    guard let (prompt, separator) = Self.parts(of: template) else {
      return draft.lose(
        at("dataset_kwargs", "prompt_template"),
        "\(there) takes a text before the input and one behind it, and no more",
        help: "bring the examples into that form")
    }
    if prompt != "{prompt}" { object["prompt_template"] = .string(prompt) }
    object["separator"] = .string(separator)
    object["loss_mode"] = setting("answer_only_loss") == false ? "full" : "completion"
    for name in Self.flags { if let value = setting(name) { object[name] = value } }
    set(at("preprocessing"), .mapping(object), "\(there) takes examples of a named dataset for chats otherwise")
    removeSettings(Self.flags + ["answer_only_loss", "chat", "label_key", "prompt_template", "truncation_field"])
  }

  private mutating func removeSettings(_ names: [String]) {
    for name in names where draft.node(at: at("dataset_kwargs", name)) != nil {
      draft.remove(at("dataset_kwargs", name), "`preprocessing` says it in \(there)")
    }
  }

  /// `Q: {input} A: {output}` is the prompt `Q: {prompt}` and the separator ` A: `.
  private static func parts(of template: String) -> (prompt: String, separator: String)? {
    let (input, output) = ("{input}", "{output}")
    guard let start = template.firstRange(of: input), let end = template.firstRange(of: output),
      start.upperBound <= end.lowerBound, end.upperBound == template.endIndex
    else { return nil }
    let (head, separator) = (template[..<start.lowerBound], template[start.upperBound..<end.lowerBound])
    guard !head.contains("{"), !separator.contains("{") else { return nil }
    return (head + "{prompt}", String(separator))
  }

  // MARK: From sources to functions

  private mutating func intoFunctions(_ functions: [String: String]) {
    let isNamed = isSet(at("hf_dataset"))
    use(isNamed ? .huggingFace : .files)
    if isNamed {
      let name = draft.value(at: at("hf_dataset", "dataset_name")).flatMap(String.init)
      for (old, new) in [
        ("dataset_name", "dataset_name"), ("path_or_dataset", "dataset_name"), ("split", "split"),
        ("subset", "dataset_subset"), ("load_kwargs", "hf_kwargs"),
      ] where isSet(at("hf_dataset", old)) { take(at("hf_dataset", old), to: at(new)) }
      for (field, help) in [("schema_adapter", "process_example_fn"), ("adapter_kwargs", "process_example_fn")]
      where isSet(at("hf_dataset", field)) {
        draft.lose(
          at("hf_dataset", field), "\(there) has no such thing", help: "`\(help)`, a Python function, takes its place")
      }
      draft.remove(at("hf_dataset"), "\(there) has its fields in `dataset`")
      moveOrRemove(at("hf_output_root"), to: at("dataset_root"))
      nameFunction(of: name, functions)
      undoEvaluation(name)
    } else {
      for field in ["hf_dataset", "hf_output_root", "hf_validation_proportion", "hf_rewrite"]
      where draft.node(at: at(field)) != nil {
        draft.remove(at(field), "\(there) has no such field, and it is not set")
      }
    }
    for field in ["hf_validation_dataset", "hf_test_dataset"] where draft.node(at: at(field))?.isEmpty == true {
      draft.remove(at(field), "\(there) has no such field, and it is not set")
    }
    undoPreprocessing(isNamed: isNamed)
  }

  private mutating func nameFunction(of name: String?, _ functions: [String: String]) {
    guard let function = name.flatMap({ functions[$0] }) else {
      return draft.lose(
        at("process_example_fn"), "\(there) knows no function for the examples of `\(name ?? "such a dataset")`",
        help: "write one, and name it in `process_example_fn`")
    }
    let inFiles = takesFromFiles(function)
    draft.insert(
      at("process_example_fn"), inFiles ? BridgeWords.reference(function) : .null,
      "\(there) turns examples into input and output by a function")
    if !inFiles { warnOfProgram(function) }
  }

  private func takesFromFiles(_ function: String) -> Bool {
    target.objectsInFiles.verdict(on: function, in: "process_example_fn") != .refusedField
  }

  private mutating func warnOfProgram(_ function: String) {
    draft.warn(
      at("process_example_fn"), "the loader of \(there) takes no function from a file",
      help: "the program that loads it has to set `\(function)`")
  }

  /// A test on the validation split is what the old builder does with a share held out.
  private mutating func undoEvaluation(_ name: String?) {
    let test = draft.node(at: at("hf_test_dataset"))
    if let name, test?["dataset_name"]?.scalar?.text == name, test?["split"]?.scalar?.text == "validation" {
      draft.remove(at("hf_test_dataset"), "\(there) tests on the validation split where there is no other")
    }
    if config.dataset.doValidation, config.dataset.valProportion == nil {
      draft.lose(
        at("hf_validation_proportion"), "\(there) evaluates on a share of the training examples only, or not at all",
        help: "set a share, or `do_validation: false`")
    }
  }

  private mutating func undoPreprocessing(isNamed: Bool) {
    let keys = at("preprocessing")
    guard let object = draft.node(at: keys), !object.isEmpty else {
      if draft.node(at: keys) != nil { draft.remove(keys, "\(there) has no such field, and it is not set") }
      if isNamed { draft.lose(keys, "examples are taken for chats here, which \(there) does not do") }
      return
    }
    func text(_ name: String, _ fallback: String) -> String { object[name]?.scalar?.text ?? fallback }
    guard object[Self.target]?.scalar?.text.unqualified == "PromptCompletionSFTPreprocessingConfig",
      text("strip_whitespace", "true") == "true", text("prompt_column", "prompt") == "input"
    else {
      return draft.lose(keys, "\(there) has nothing that does this", help: "`dataset_kwargs` and the data say it there")
    }
    draft.remove(keys, "\(there) joins input and output by itself")
    let prompt = text("prompt_template", "{prompt}").split(separator: "{prompt}", omittingEmptySubsequences: false)
    let template = prompt.joined(separator: "{input}") + text("separator", "") + "{output}"
    let settings: [(name: String, value: ConfigValue, fallback: ConfigValue)] = [
      ("prompt_template", .string(template), "{input} {output}"),
      ("label_key", .string(text("completion_column", "completion")), "output"),
      ("answer_only_loss", .bool(text("loss_mode", "completion") == "completion"), true),
      ("add_bos", object["add_bos"]?.value(in: draft.version) ?? false, false),
      ("add_eos", object["add_eos"]?.value(in: draft.version) ?? true, true),
      ("add_sep", object["add_sep"]?.value(in: draft.version) ?? false, false),
      ("truncation_method", .string(text("truncation_method", "right")), "right"),
    ]
    for setting in settings where setting.value != setting.fallback {
      draft.insert(at("dataset_kwargs", setting.name), setting.value, "\(there) has it there")
    }
  }

  // MARK: Within one form

  private mutating func placeFunction(_ functions: [String: String]) {
    let keys = at("process_example_fn")
    let name = draft.value(at: at("dataset_name")).flatMap(String.init)
    let written = draft.node(at: keys)?[Self.target]?.scalar?.text
    if let written, !takesFromFiles(written) {
      draft.replace(keys, with: .null, "the loader of \(there) takes no function from a file")
      warnOfProgram(written)
    } else if written == nil, let name {
      guard let function = source.dataset?.namedDatasets?.knownName(of: name).flatMap({ functions[$0] }) else {
        return draft.lose(keys, "\(there) has to be told the function that reads `\(name)`")
      }
      guard takesFromFiles(function) else { return }
      set(keys, BridgeWords.reference(function), "\(there) takes the function from the file")
    }
  }

  // MARK: Packing

  /// The object with the packing, under its name and of its class, and the switch beside it.
  private mutating func migratePacking() {
    let names = ["packed_sequence_specs", "offline_packing_specs"]
    guard let own = destination.dataset?.objects.first(where: { names.contains($0.key) }),
      let written = names.first(where: { draft.node(at: at($0)) != nil })
    else { return }
    if let toggle = source.dataset?.packingSwitch, destination.dataset?.packingSwitch == nil,
      draft.node(at: at(toggle)) != nil
    {
      draft.remove(at(toggle), "`\(own.key)` says it in \(there)")
    }
    if written != own.key { draft.rename(at(written), to: own.key, "its name in \(there)") }
    guard isSet(at(own.key)) else { return }
    // Refused where it was off.
    if let toggle = destination.dataset?.packingSwitch, config.dataset.packedSequenceSize <= 0 {
      draft.replace(at(own.key), with: .null, "a size of 0 or less was no packing, and is refused in \(there)")
      if isSet(at(toggle)) { draft.replace(at(toggle), with: false, "nothing is packed") }
      return
    }
    let keys = at(own.key, Self.target)
    if let name = draft.node(at: keys)?.scalar?.text, name != own.value {
      draft.replace(keys, with: .string(own.value), "\(there) has it there")
    }
    if let toggle = destination.dataset?.packingSwitch { set(at(toggle), true, "\(there) packs only where it says so") }
  }
}
