package import ConfigDocument
import Diagnostics
import Releases

/// Reads a located value as a field's type, and reports everything that is wrong with it.
struct ValueReader {
  private typealias FixText = (title: String, applicability: Fix.Applicability, text: String)

  let file: SourceFile
  /// Of the file: a fix is written in it.
  let format: TextFormat
  private let name: Name
  /// Whose value it is, where that is a declared one.
  private let field: FieldDeclaration?
  private(set) var diagnostics: [Diagnostic] = []

  /// What messages call the field.
  enum Name {
    case text(String)
    /// Spelled for them alone, since most values are in order.
    case field(FieldPath, any Spelling)
  }

  init(file: SourceFile, format: TextFormat, name: Name, field: FieldDeclaration? = nil) {
    self.file = file
    self.format = format
    self.name = name
    self.field = field
  }

  var path: String {
    switch name {
    case .text(let text): text
    case .field(let path, let spelling): spelling.name(of: path)
    }
  }

  /// `nil` after an error.
  mutating func read(_ node: Node, as type: FieldType, in bounds: Bounds) -> ConfigValue? {
    switch type {
    case .optional(let wrapped):
      if node.scalar?.value(in: .v1_2) == .null { return .null }
      return read(node, as: wrapped, in: bounds)
    case .union(let types): return readUnion(node, types, bounds)
    case .bool: return readBool(node)
    case .int: return readInt(node, bounds)
    case .float: return readFloat(node, bounds)
    case .string: return readString(node)
    case .choice(let words): return readChoice(node, words)
    case .list(let element): return readList(node, element, bounds)
    case .dictionary(let element): return readDictionary(node, element, bounds)
    case .record(let keys): return readRecord(node, keys, bounds)
    case .any: return node.plainValue
    }
  }

  // MARK: Scalars

  private mutating func readBool(_ node: Node) -> ConfigValue? {
    guard let scalar = node.scalar else { return mismatch(node, .bool) }
    if case .bool(let value) = scalar.value(in: .v1_2) { return .bool(value) }
    if case .bool(let value) = scalar.value(in: .v1_1) {
      warnOfReadings(node, scalar, fix: value ? "true" : "false")
      return .bool(value)
    }
    return mismatch(node, .bool)
  }

  private mutating func readInt(_ node: Node, _ bounds: Bounds) -> ConfigValue? {
    guard let scalar = node.scalar else { return mismatch(node, .int) }
    let new = scalar.value(in: .v1_2)
    let old = scalar.value(in: .v1_1)
    switch (new, old) {
    case (.int(let value), .int(let other)) where value != other:
      report(
        .wrongType, node, "`\(scalar.text)` is \(other) to YAML 1.1 readers such as PyYAML and \(value) to others",
        help: "write \(value) or \(other)", fix: ("write \(value)", .unsafe, "\(value)"))
      return nil
    case (.int(let value), let old):
      guard check(Double(value), node, bounds) else { return nil }
      if old != .int(value) { warnOfReadings(node, scalar, fix: "\(value)") }
      return .int(value)
    case (_, .int(let value)) where !scalar.text.utf8.contains(UInt8(ascii: ":")):
      guard check(Double(value), node, bounds) else { return nil }
      warnOfReadings(node, scalar, fix: "\(value)")
      return .int(value)
    case (.float(let value), _):
      guard let whole = Int(exactly: value) else {
        if value.isFinite, abs(value) < 9e15 { return mismatch(node, .int) }
        _ = check(value, node, bounds)
        return nil
      }
      return mismatch(node, .int, fix: ("write \(whole)", .safe, "\(whole)"))
    default: return mismatch(node, .int)
    }
  }

  private mutating func readFloat(_ node: Node, _ bounds: Bounds) -> ConfigValue? {
    guard let scalar = node.scalar else { return mismatch(node, .float) }
    let new = scalar.value(in: .v1_2)
    let old = scalar.value(in: .v1_1)
    let value: Double
    switch (new, old) {
    case (.float(let number), _): value = number
    case (.int(let number), _): value = Double(number)
    case (_, .float(let number)) where !scalar.text.utf8.contains(UInt8(ascii: ":")): value = number
    case (_, .int(let number)) where !scalar.text.utf8.contains(UInt8(ascii: ":")): value = Double(number)
    default: return mismatch(node, .float)
    }
    guard check(value, node, bounds) else { return nil }
    if new.number != old.number { warnOfReadings(node, scalar, fix: FlowText.yaml(.float(value))) }
    return .float(value)
  }

  private mutating func readString(_ node: Node) -> ConfigValue? {
    guard let scalar = node.scalar else { return mismatch(node, .string, fix: textFix(node)) }
    guard case .string(let text) = scalar.value(in: .v1_2) else {
      let isNull = scalar.value(in: .v1_2) == .null
      return mismatch(
        node, .string,
        fix: isNull ? nil : ("quote it", .safe, FlowText.yaml(.string(scalar.text))))
    }
    if case .string = scalar.value(in: .v1_1) {
    } else {
      warnOfReadings(node, scalar, fix: FlowText.yaml(.string(text)))
    }
    return .string(text)
  }

  /// Numbers in a list as one text, as in `split`.
  private func textFix(_ node: Node) -> FixText? {
    guard let items = node.items, !items.isEmpty else { return nil }
    let numbers = items.compactMap(\.scalar).filter { $0.value(in: .v1_2).number != nil }
    guard numbers.count == items.count else { return nil }
    return ("write one text", .unsafe, "\"\(numbers.map(\.text).joined(separator: ","))\"")
  }

  private mutating func readChoice(_ node: Node, _ words: [String]) -> ConfigValue? {
    guard let scalar = node.scalar else { return mismatch(node, .choice(words)) }
    if words.contains(scalar.text) { return .string(scalar.text) }
    let shown = scalar.value(in: .v1_2).short
    if let field, case let others = Release.all.filter({ field.type(in: $0).offers(scalar.text) }), !others.isEmpty {
      let versions = others.map { $0.megatronBridge }.joined(separator: ", ")
      report(
        .unknownChoice, node, "\(shown) is a value of `\(path)` in another release: Megatron-Bridge \(versions)",
        help: "allowed in this one: " + list(words))
      return nil
    }
    let kind = field.flatMap { BridgeWords.kind(ofField: $0.name) }
    let meant = kind.flatMap { BridgeWords.word(ofPython: scalar.text, $0) }.flatMap { words.contains($0) ? $0 : nil }
    let nearest = meant ?? nearestName(to: scalar.text, among: words)
    report(
      .unknownChoice, node, "\(shown) is no value of `\(path)`",
      help: nearest.map { "did you mean `\($0)`? " }.map { $0 + "allowed: " + list(words) } ?? "allowed: "
        + list(words),
      fix: nearest.map {
        let isSure = meant != nil || typo(scalar.text, among: words) == $0
        return ("write `\($0)`", isSure ? .safe : .unsafe, format.text(of: $0))
      })
    return nil
  }

  private func list(_ words: [String]) -> String { words.map { "`\($0)`" }.joined(separator: ", ") }

  // MARK: Collections

  private mutating func readList(_ node: Node, _ element: FieldType, _ bounds: Bounds) -> ConfigValue? {
    guard let items = node.items else {
      return mismatch(node, .list(element), fix: node.scalar.flatMap { listFix(node, $0, element) })
    }
    if element == DataPath.fieldType, let paths = DataPath.weighted(items) {
      reportWeightsInTurn(node, paths)
      return nil
    }
    var values: [ConfigValue] = []
    for item in items {
      if let value = read(item, as: element, in: bounds) { values.append(value) }
    }
    return values.count == items.count ? .list(values) : nil
  }

  private mutating func reportWeightsInTurn(_ node: Node, _ paths: [(path: String, weight: Double)]) {
    let beside = ConfigValue.list(paths.map { DataPath($0.path, weight: $0.weight).configValue })
    report(
      .wrongType, node, "`\(path)` has weights and paths in turn, as Megatron-LM's command line has them",
      help: "each path stands beside its weight: `{path: ..., weight: ...}`")
    diagnostics[diagnostics.count - 1].fix = file.edit(of: node, to: beside, as: format).map {
      Fix("write each path beside its weight", .safe, in: file, edits: [$0])
    }
  }

  /// A list out of one scalar: of the words in it, as command lines have lists, or of itself.
  private func listFix(_ node: Node, _ scalar: Scalar, _ element: FieldType) -> FixText? {
    guard scalar.value(in: .v1_2) != .null else { return nil }
    let words = scalar.text.split { $0 == " " || $0 == "," }
    if words.count > 1 {
      if element == .int, case let numbers = words.compactMap({ Int($0) }), numbers.count == words.count {
        return ("write a list", .safe, FlowText.yaml(.list(numbers.map { .int($0) })))
      }
      if element == .string, scalar.text.contains(","), !scalar.text.contains(where: { "[]{}()*".contains($0) }) {
        let texts = words.map { format.text(of: String($0)) }
        return ("write a list", .unsafe, "[\(texts.joined(separator: ", "))]")
      }
    }
    var single = ValueReader(file: file, format: format, name: name)
    guard single.read(node, as: element, in: .finite) != nil else { return nil }
    return ("make it a list of one", .unsafe, "[\(textInBrackets(node, scalar))]")
  }

  /// The scalar as it is written, or in quotes where brackets have another meaning for its text, as for a block's.
  private func textInBrackets(_ node: Node, _ scalar: Scalar) -> String {
    let written = file.text(in: node.range)
    let isQuoted = written.first.map { "\"'".contains($0) } ?? false
    // Between brackets libyaml takes a colon in front, and any question mark, for a mapping's.
    let stands = written.allSatisfy { !$0.isNewline && (isQuoted || !",[]{}|>?".contains($0)) } && written.first != ":"
    return stands ? String(written) : format.text(of: scalar.text)
  }

  private mutating func readDictionary(_ node: Node, _ element: FieldType, _ bounds: Bounds) -> ConfigValue? {
    guard let entries = node.entries else { return mismatch(node, .dictionary(element)) }
    var mapping = ConfigMapping()
    for entry in entries {
      guard let value = read(entry.value, as: element, in: bounds) else { return nil }
      mapping.entries.append(ConfigMapping.Entry(entry.key, value))
    }
    return .mapping(mapping)
  }

  private mutating func readRecord(_ node: Node, _ keys: [FieldType.RecordKey], _ bounds: Bounds) -> ConfigValue? {
    guard let entries = node.entries else { return mismatch(node, .record(keys)) }
    var mapping = ConfigMapping()
    var isWhole = true
    for entry in entries {
      guard let key = keys.first(where: { $0.name == entry.key }) else {
        let nearest = nearestName(to: entry.key, among: keys.map(\.name))
        diagnostics.append(
          Diagnostic(
            FieldRule.unknownField.code, .error, "unknown key `\(entry.key)` in `\(path)`",
            help: nearest.map { "did you mean `\($0)`?" } ?? "allowed: \(list(keys.map(\.name)))", path: path,
            at: SourceLocation(file, entry.keyRange)))
        isWhole = false
        continue
      }
      guard let value = read(entry.value, as: key.type, in: bounds) else {
        isWhole = false
        continue
      }
      mapping.entries.append(ConfigMapping.Entry(entry.key, value))
    }
    // One error is enough of one value: what stands there under a wrong name is not missing as well.
    if isWhole, let key = keys.first(where: { !$0.type.acceptsNull && node[$0.name] == nil }) {
      report(.missing, node, "`\(key.name)` is missing in `\(path)`")
      isWhole = false
    }
    return isWhole ? .mapping(mapping) : nil
  }

  /// The first alternative without an error; if there is none, the complaint of the one whose form fits.
  private mutating func readUnion(_ node: Node, _ types: [FieldType], _ bounds: Bounds) -> ConfigValue? {
    var bestFit: ValueReader?
    for type in types where type.canHold(node) {
      var attempt = ValueReader(file: file, format: format, name: name, field: field)
      if let value = attempt.read(node, as: type, in: bounds) {
        diagnostics += attempt.diagnostics
        return value
      }
      if attempt.diagnostics.contains(where: { $0.code != FieldRule.wrongType.code }) || type.fits(node) {
        bestFit = bestFit ?? attempt
      }
    }
    if let bestFit {
      diagnostics += bestFit.diagnostics
      return nil
    }
    return mismatch(node, .union(types))
  }

  // MARK: Complaints

  private mutating func check(_ number: Double, _ node: Node, _ bounds: Bounds) -> Bool {
    if bounds.contains(number) { return true }
    let shown = file.text(in: node.range)
    report(
      .outOfRange, node,
      number.isFinite
        ? "`\(path)` must be \(bounds.description), but is \(shown)"
        : "`\(path)` must be a finite number, but is \(shown)")
    return false
  }

  private mutating func mismatch(_ node: Node, _ type: FieldType, fix: FixText? = nil) -> ConfigValue? {
    var fix = fix
    if fix == nil, let scalar = node.scalar, scalar.style == .quoted {
      // A number or a boolean that somebody put in quotes.
      var bare = ValueReader(file: file, format: format, name: name)
      let unquoted = Node(.scalar(Scalar(scalar.text, format == .json ? .json : .plain)), node.range)
      if let value = bare.read(unquoted, as: type, in: .finite) {
        // Without quotes not all read `3e-4` alike.
        let text = bare.diagnostics.isEmpty ? scalar.text : FlowText.yaml(value)
        fix = ("remove the quotes", .safe, text)
      }
    }
    if fix == nil, let text = node.scalar?.text, type.takesLayers, let layers = LayerExpression.values(of: text) {
      // Megatron-LM's notation, which has one meaning, and which Megatron-Bridge does not evaluate.
      fix = ("write the layers out", .safe, FlowText.yaml(.list(layers.map { .int($0) })))
    }
    report(
      .wrongType, node, "`\(path)` must be \(type.withArticle), but is \(node.description)", fix: fix)
    return nil
  }

  private mutating func warnOfReadings(_ node: Node, _ scalar: Scalar, fix: String) {
    report(
      .ambiguousScalar, node, severity: .warning,
      "PyYAML reads `\(scalar.text)` as \(scalar.value(in: .v1_1).typeDescription), "
        + "YAML 1.2 readers as \(scalar.value(in: .v1_2).typeDescription)",
      help: "write `\(fix)`, which all read alike", fix: ("write `\(fix)`", .safe, fix))
  }

  private mutating func report(
    _ rule: FieldRule, _ node: Node, severity: Severity = .error, _ message: String, help: String? = nil,
    fix: FixText? = nil
  ) {
    diagnostics.append(
      Diagnostic(
        rule.code, severity, message, help: help, path: path, at: SourceLocation(file, node.range),
        fix: fix.flatMap { fix in
          file.edit(of: node, to: fix.text).map { Fix(fix.title, fix.applicability, in: file, edits: [$0]) }
        }))
  }
}

extension FieldType {
  /// Whether a list of whole numbers is a value of it.
  fileprivate var takesLayers: Bool {
    switch self {
    case .list(.int): true
    case .optional(let wrapped): wrapped.takesLayers
    case .union(let types): types.contains(where: \.takesLayers)
    default: false
    }
  }

  /// Whether a value of this type can be written so at all: where it cannot, there is nothing else to say of it.
  fileprivate func canHold(_ node: Node) -> Bool {
    switch self {
    case .bool, .int, .float, .string, .choice: node.scalar != nil
    case .list, .dictionary, .record: fits(node)
    case .optional(let wrapped): node.scalar != nil || wrapped.canHold(node)
    case .union(let types): types.contains { $0.canHold(node) }
    case .any: true
    }
  }

  /// Whether a node has the form of this type, whatever its content.
  fileprivate func fits(_ node: Node) -> Bool {
    switch (self, node.content) {
    case (.list, .sequence), (.dictionary, .mapping), (.record, .mapping): true
    case (.optional(let wrapped), _): wrapped.fits(node)
    case (.union(let types), _): types.contains { $0.fits(node) }
    default: false
    }
  }

  fileprivate var withArticle: String {
    switch self {
    case .bool, .any: description
    case .choice: "one of \(description)"
    default: (description.hasPrefix("integer") ? "an " : "a ") + description
    }
  }
}

extension Node {
  /// What stands there, for a message.
  fileprivate var description: String {
    switch content {
    case .scalar(let scalar): scalar.value(in: .v1_2).withType
    case .sequence: "a list"
    case .mapping: "a mapping"
    }
  }

  /// The value without places, read as YAML 1.2 does.
  package var plainValue: ConfigValue {
    switch content {
    case .scalar(let scalar): scalar.value(in: .v1_2)
    case .sequence(let items): .list(items.map(\.plainValue))
    case .mapping(let entries):
      .mapping(ConfigMapping(entries.map { ConfigMapping.Entry($0.key, $0.value.plainValue) }))
    }
  }
}

extension ConfigValue {
  fileprivate var number: Double? {
    switch self {
    case .int(let number): Double(number)
    case .float(let number): number
    default: nil
    }
  }

  fileprivate var typeDescription: String {
    switch self {
    case .null: "null"
    case .bool(let value): value ? "true" : "false"
    case .int(let value): "the integer \(value)"
    case .float(let value): "the number \(FlowText.yaml(.float(value)))"
    case .string: "a string"
    case .list: "a list"
    case .mapping: "a mapping"
    }
  }

  fileprivate var withType: String {
    if case .string(let text) = self { "the string \"\(text.shortened)\"" } else { typeDescription }
  }

  fileprivate var short: String {
    if case .string(let text) = self { "`\(text.shortened)`" } else { typeDescription }
  }
}

extension String {
  /// Long texts are cut: a message is one line.
  fileprivate var shortened: String {
    unicodeScalars.count <= 40 ? self : String(String.UnicodeScalarView(unicodeScalars.prefix(37))) + "..."
  }
}
