import ConfigDocument
import Diagnostics

/// Turns the objects of a ConfigContainer into the words that stand for them here.
struct BridgeObjects {
  enum Reading {
    case value(Node)
    /// An object that no word stands for.
    case unknownObject
    /// Reported.
    case refused
  }

  let file: SourceFile
  let format: TextFormat
  private let spelling: BridgeSpelling
  /// The places of objects that were read as words.
  private var words: [SourceRange: BridgeWords.Kind] = [:]
  /// The places of values that are texts to PyYAML, which reads these files, and numbers to others.
  private var strings: Set<SourceRange> = []
  private(set) var diagnostics: [Diagnostic] = []

  init(file: SourceFile, format: TextFormat, spelling: BridgeSpelling) {
    self.file = file
    self.format = format
    self.spelling = spelling
  }

  mutating func read(_ node: Node, as type: FieldType, at path: FieldPath) -> Reading {
    switch node.content {
    case .scalar(let scalar): return readScalar(scalar, node, type, path)
    case .sequence(let items):
      for item in items { noteString(item) }
      return .value(node)
    case .mapping:
      guard let target = node["_target_"] else { return .value(node) }
      return readObject(node, target, type, path)
    }
  }

  // MARK: Objects

  private mutating func readObject(_ node: Node, _ target: Node, _ type: FieldType, _ path: FieldPath) -> Reading {
    let arguments = node["_args_"]?.items ?? []
    if let kind = BridgeWords.kind(ofField: path.field) {
      if case .attentionBackend = kind {
        guard let number = arguments.first?.scalar else { return .unknownObject }
        return .value(word(BridgeWords.word(number.text, kind) ?? number.text, at: arguments[0].range, kind))
      }
      guard let name = target.scalar?.text else { return .unknownObject }
      if let call = callInstead(of: name, node, target, path) {
        diagnostics.append(call)
        return .refused
      }
      if let text = BridgeWords.word(name, kind) { return .value(word(text, at: target.range, kind)) }
      guard name.hasPrefix("torch."), case .dataType = kind else { return .unknownObject }
      // A format that PyTorch has, but nothing here.
      if BridgeWords.objects(kind).contains(name) {
        return .value(word(String(name.dropFirst("torch.".count)), at: target.range, kind))
      }
      report(name, target, path, among: BridgeWords.objects(kind))
      return .refused
    }
    // An enumeration's value, such as `signal.Signals(15)`.
    if let value = arguments.first, arguments.count == 1, value.scalar != nil { return .value(value) }
    if case .any = type {
      guard node["_call_"]?.plainValue == .bool(false), target.scalar != nil else { return .value(node) }
      return .value(target)
    }
    return .unknownObject
  }

  /// A format or a function stands for itself only with `_call_: false`; without, the loader calls it, and fails.
  private func callInstead(of name: String, _ node: Node, _ target: Node, _ path: FieldPath) -> Diagnostic? {
    let entries = node.entries ?? []
    let call = entries.first { $0.key == "_call_" }
    guard call?.value.plainValue != .bool(false), node["_partial_"]?.plainValue != .bool(true) else { return nil }
    let slip = entries.first { !$0.key.hasPrefix("_") && nearestName(to: $0.key, among: ["_call_"]) != nil }
    let edit =
      slip.map { TextEdit($0.keyRange, format.text(of: "_call_")) }
      ?? call.flatMap { entry in
        // Without a value there may not even be a colon.
        guard entry.value.scalar != nil else { return nil }
        return entry.value.range.start == entry.value.range.end
          ? TextEdit(SourceRange(entry.keyRange.start, entry.value.range.end), "_call_: false")
          : TextEdit(entry.value.range, "false")
      }
    let place = slip?.keyRange ?? call?.value.range
    let called = RelatedPlace(spelling.name(of: path), "called", at: SourceLocation(file, target.range))
    return Diagnostic(
      FieldRule.bridgeText.code, .error, "Megatron-Bridge's loader would call `\(name)`, which is meant itself",
      help: "write `_call_: false` beside it", path: spelling.name(of: path),
      at: SourceLocation(file, place ?? target.range), related: place == nil ? [] : [called],
      fix: edit.map { Fix("write `\(slip == nil ? "false" : "_call_")`", .safe, in: file, edits: [$0]) })
  }

  private mutating func word(_ text: String, at range: SourceRange, _ kind: BridgeWords.Kind) -> Node {
    words[range] = kind
    return Node(.scalar(Scalar(text, .plain)), range)
  }

  private mutating func report(_ name: String, _ target: Node, _ path: FieldPath, among known: [String]) {
    let nearest = nearestName(to: name, among: known)
    let isSlip = typo(name, among: known) == nearest
    diagnostics.append(
      Diagnostic(
        FieldRule.bridgeClass.code, .error, "there is no `\(name)` in PyTorch",
        help: nearest.map { "did you mean `\($0)`?" }, path: spelling.name(of: path),
        at: SourceLocation(file, target.range),
        fix: nearest.map {
          Fix(
            "write `\($0)`", isSlip ? .safe : .unsafe, in: file,
            edits: [TextEdit(target.range, format.text(of: $0))])
        }
      ))
  }

  // MARK: Plain values

  private mutating func readScalar(_ scalar: Scalar, _ node: Node, _ type: FieldType, _ path: FieldPath) -> Reading {
    if case .string(let text) = scalar.value(in: .v1_1), let kind = BridgeWords.kind(ofField: path.field),
      let object = BridgeWords.value(BridgeWords.word(ofPython: text, kind) ?? text, kind), type.wrapped != .any
    {
      if case .attentionBackend = kind { return .value(node) }
      diagnostics.append(
        Diagnostic(
          FieldRule.bridgeText.code, .error,
          "`\(spelling.name(of: path))` must be an object, but `\(text)` stays a text to Megatron-Bridge's loader",
          help: "write `\(FlowText.yaml(object))`", path: spelling.name(of: path), at: SourceLocation(file, node.range),
          fix: Fix(
            "write the object", .safe, in: file,
            edits: [TextEdit(node.range, (try? object.flowText(as: format)) ?? text)])))
      return .refused
    }
    // Counts and `auto` are notations of launch configs.
    if path == Path.parallelism.pipelineModelParallelLayout, case .string(let text) = scalar.value(in: .v1_1),
      text == "auto" || text.contains("+")
    {
      diagnostics.append(
        Diagnostic(
          FieldRule.bridgeText.code, .error,
          "Megatron-Bridge does not read the layout `\(text)`: it knows `E`, `t`, `m`, `L`",
          help: "`moonlight stages --format megatron` prints a layout as Megatron takes it",
          path: spelling.name(of: path),
          at: SourceLocation(file, node.range)))
      return .refused
    }
    // OmegaConf puts something in its place when the file is loaded.
    if case .string(let text) = scalar.value(in: .v1_1), text.firstRange(of: "${") != nil, type.wrapped != .string,
      type.wrapped != .any
    {
      return .unknownObject
    }
    // Python takes a number for a truth value.
    if type.wrapped == .bool, case .int(let number) = scalar.value(in: .v1_1) {
      return .value(Node(.scalar(Scalar(number == 0 ? "false" : "true", .plain)), node.range))
    }
    noteString(node)
    return .value(node)
  }

  private mutating func noteString(_ node: Node) {
    guard let scalar = node.scalar, scalar.style == .plain, case .string = scalar.value(in: .v1_1) else { return }
    if case .string = scalar.value(in: .v1_2) { return }
    strings.insert(node.range)
  }

  // MARK: What was read otherwise than it is written

  /// A diagnostic about a value that was read, in terms of what stands there.
  func asWritten(_ diagnostic: Diagnostic) -> Diagnostic {
    var result = diagnostic
    if diagnostic.code == FieldRule.ambiguousScalar.code, let range = diagnostic.location?.range,
      strings.contains(range)
    {
      // Elsewhere advice, here the end: PyYAML is who reads.
      result.severity = .error
    }
    result.fix?.edits = diagnostic.fix?.edits.map(asWritten) ?? []
    return result
  }

  /// An object read as a word, such as `torch.bfloat16`, is mended as an object.
  private func asWritten(_ edit: TextEdit) -> TextEdit {
    guard let kind = words[edit.range] else { return edit }
    // In JSON it is a word in quotes.
    let word = DocumentReader.read(text: edit.text, name: "", format: format).root?.scalar?.text ?? edit.text
    if case .attentionBackend = kind, let number = BridgeWords.backendNumber(word) {
      return TextEdit(edit.range, "\(number)")
    }
    return TextEdit(edit.range, BridgeWords.object(word, kind).map { format.text(of: $0) } ?? edit.text)
  }
}
