import ConfigDocument
import Diagnostics
import LaunchModel
import Releases

/// Reads a command line of overrides: those of a ConfigContainer, or those parts of verl's configuration that are fields
/// of Megatron-Core.
struct OverrideReader: ScriptReader {
  private(set) var values: [OverriddenValue] = []
  /// What is not Megatron's, by its dotted keys.
  private(set) var own: [String: (name: LocatedText, values: [LocatedText])] = [:]
  /// The recipe that the command line names itself.
  private(set) var recipe: LocatedText?
  var diagnostics: [Diagnostic] = []
  let sources: ScriptSources
  let unreadable: [String]
  private let release: Release
  private var seen: [[String]: LocatedText] = [:]

  init(_ file: ArgumentFile, for release: Release) {
    (sources, unreadable, self.release) = (file.sources, file.unreadable, release)
    var words = file.arguments[...]
    while let word = words.popFirst() {
      if word.text.hasPrefix("--") {
        readOption(word, &words)
      } else if let override = OverrideWord(word) {
        read(override, of: file.program)
      } else if let unknown = word.unknown {
        reportUnknown(unknown)
      } else if file.program == .bridge, !word.text.hasPrefix("-") {
        report(
          .overrideForm, "`\(word.text)` is no override", at: word.range,
          help: "write `section.field=value`, `+section.field=value` or `~section.field`")
      }
    }
  }

  /// An option of the program itself, of which the recipe alone is read.
  private mutating func readOption(_ option: LocatedText, _ words: inout ArraySlice<LocatedText>) {
    let parts = option.text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    var value = parts.count == 2 ? option.dropFirst(parts[0].utf8.count + 1) : nil
    if value == nil, let next = words.first, !next.text.hasPrefix("-"), !BridgeOverrides.isOne(next.text) {
      value = words.popFirst()
    }
    if parts[0] == "--recipe", let value, value.unknown == nil { recipe = value }
  }

  private mutating func read(_ override: OverrideWord, of program: TrainingProgram) {
    if let before = seen.updateValue(override.name, forKey: override.keys) {
      diagnostics.append(
        Diagnostic(
          FieldRule.repeatedOption.code, .warning, "`\(override.name.text)` is given twice, and the last one counts",
          help: "remove one of them", path: override.name.text, at: sources.location(of: override.name.range),
          related: [RelatedPlace(override.name.text, "given here before", at: sources.location(of: before.range))]))
    }
    if program == .verl { readVerl(override) } else { readBridge(override) }
  }

  // MARK: Megatron-Bridge

  private mutating func readBridge(_ override: OverrideWord) {
    let spelling = BridgeSpelling(release, dataset: nil)
    let path = spelling.path(ofKeys: override.keys)
    if override.kind == .delete, path?.field.isEmpty == false {
      diagnostics.append(
        Diagnostic(
          FieldRule.overrideForm.code, .note,
          "`~\(override.name.text)` changes nothing: Megatron-Bridge keeps the recipe's value of what overrides delete",
          path: override.name.text, at: sources.location(of: override.name.range)))
      return
    }
    guard let path, !path.field.isEmpty, let value = override.value else { return reportUnknownKeys(override) }
    take(path, override, value)
  }

  private mutating func reportUnknownKeys(_ override: OverrideWord) {
    let (attribute, release) = (override.keys[0], release)
    guard let known = release.classes.attribute(named: attribute), override.keys.count > 1 else {
      if release.unmodelledAttributes.contains(attribute) {
        own[override.name.text] = (override.name, [])
        return
      }
      let nearest = nearestName(to: attribute, among: release.classes.attributes.map(\.name))
      return report(
        .overrideForm, "a ConfigContainer of megatron-bridge \(release.megatronBridge) has no `\(attribute)`",
        at: override.name.range, help: nearest.map { "did you mean `\($0)`?" })
    }
    // A part of an object that one field holds.
    if override.keys.count > 2 {
      own[override.name.text] = (override.name, [])
      return
    }
    let field = override.keys[1]
    if known.sections.contains(where: { FieldPath($0, field).absence(in: release) == nil }),
      known.fieldClasses.contains(where: { release.fields.field(field, of: $0) != nil })
    {
      own[override.name.text] = (override.name, [])
      return
    }
    if override.kind == .add {
      diagnostics.append(
        Diagnostic(
          FieldRule.overrideForm.code, .note,
          "`\(override.name.text)` is not checked: the class of `\(attribute)` has no such field",
          path: override.name.text, at: sources.location(of: override.name.range)))
      return
    }
    let names = known.sections.compactMap { LaunchConfig.section(named: $0)?.schema }.flatMap { $0.names(in: release) }
    let elsewhere = FieldNames.fieldAnywhere(field, in: release).flatMap {
      BridgeSpelling(release, dataset: nil).keys(of: $0)?.joined(separator: ".")
    }
    let help =
      known.sections.compactMap { FieldPath($0, field).absence(in: release)?.message }.first
      ?? nearestName(to: field, among: names).map { "did you mean `\(attribute).\($0)`?" }
      ?? elsewhere.map { "did you mean `\($0)`?" }
    report(
      .unknownField,
      "`\(attribute)` of megatron-bridge \(release.megatronBridge) has no `\(field)`, and Hydra refuses it",
      at: override.name.range, path: override.name.text, help: help)
  }

  // MARK: verl

  private mutating func readVerl(_ override: OverrideWord) {
    let text = override.name.text
    guard override.kind != .delete, let value = override.value else {
      own[text] = (override.name, [])
      return
    }
    if VerlArguments.counts(text), let steps = Int(value.text), steps <= 0 {
      // As if it were not given: verl saves nothing, does not end, warms up by the ratio.
      own[text] = (override.name, [value])
      return
    }
    if let path = VerlArguments.field(text) { return take(path, override, value) }
    guard let holder = VerlArguments.holders.first(where: { text.hasPrefix($0) }), let field = override.keys.last,
      text == holder + field
    else {
      own[text] = (override.name, [value])
      return
    }
    let name = VerlArguments.names[field] ?? field
    if let path = NamedValue.path(name, in: release) {
      take(path, override, value)
    } else if VerlArguments.own.contains(field) || override.kind == .add {
      own[text] = (override.name, [value])
    } else {
      let names = LaunchConfig.sections.flatMap { $0.schema.names(in: release) } + VerlArguments.own
      report(
        .unknownOption, "neither verl nor megatron-core \(release.megatronCore) is known to have `\(field)` here",
        at: override.name.range, path: text, help: nearestName(to: field, among: names).map { "did you mean `\($0)`?" })
    }
  }

  // MARK: Values

  private mutating func take(_ path: FieldPath, _ override: OverrideWord, _ value: LocatedText) {
    if let unknown = value.unknown { return reportUnknown(unknown) }
    values.append(OverriddenValue(path: path, name: override.name, value: node(value)))
  }

  /// A value as YAML reads it, which is how Hydra does it but for quotes.
  private func node(_ text: LocatedText) -> Node {
    let range = sources.rangeInMain(text.range)
    let root = DocumentReader.read(text: text.text, name: "", format: .yaml).root
    return (root ?? Node(.scalar(Scalar(text.text, .quoted)), range)).placed(at: range).readByOmegaConf
  }
}

/// A value that an override gives a field.
struct OverriddenValue {
  let path: FieldPath
  let name: LocatedText
  let value: Node
}

extension Node {
  /// The same with everything in one place.
  func placed(at range: SourceRange) -> Node {
    switch content {
    case .scalar: Node(content, range)
    case .sequence(let items): Node(.sequence(items.map { $0.placed(at: range) }), range)
    case .mapping(let entries):
      Node(
        .mapping(entries.map { Entry(key: $0.key, keyRange: range, value: $0.value.placed(at: range)) }), range)
    }
  }

  /// The same with numbers as OmegaConf reads them: `1e-5` is one, whatever PyYAML takes it for.
  var readByOmegaConf: Node {
    switch content {
    case .scalar(let scalar):
      guard scalar.style == .plain, case .float(let number) = scalar.value(in: .v1_2),
        scalar.value(in: .v1_1) != .float(number)
      else { return self }
      return Node(.scalar(Scalar(FlowText.yaml(.float(number)), .plain)), range)
    case .sequence(let items): return Node(.sequence(items.map(\.readByOmegaConf)), range)
    case .mapping(let entries):
      return Node(
        .mapping(entries.map { Entry(key: $0.key, keyRange: $0.keyRange, value: $0.value.readByOmegaConf) }), range)
    }
  }
}
