import ConfigDocument
import Diagnostics
import LaunchModel
import Releases

// Fields with an option of their own: what `ArgumentTable` says of them, the other way round.
extension ImportedFields {
  mutating func addListedOptions() {
    for section in LaunchConfig.sections where !Self.unlisted.contains(section.schema.name) {
      let isShared = Self.shared.contains(section.schema.name)
      let declared = section.schema.fields.filter { !isShared && section.schema.declares($0, in: release) }.map(\.name)
      // A class that holds a copy of another one's field says nothing new.
      let carried = CarriedFields.names(of: section.schema.name, in: release).filter { name in
        !LaunchConfig.sections.contains { $0.schema.field(named: name) != nil }
      }
      for name in declared + carried {
        let path = FieldPath(section.schema.name, section.schema.identity(of: name))
        if let option = ArgumentTable.form(path, in: release)?.option, Self.sharedOptions.contains(option) { continue }
        addListed(path)
      }
    }
  }

  /// Sections that no option is named after.
  private static let unlisted: Set<String> = ["software", "recipe", "cluster", "peft", "env_vars", "comm_overlap"]

  /// Sections whose declared fields are read as a whole.
  private static let shared: Set<String> = ["dataset", "tokenizer"]

  /// Options that a field of their own name and another one could both say: the other one does.
  private static let sharedOptions: Set<String> = ["--data-path", "--no-weight-decay-cond-type"]

  private mutating func addListed(_ path: FieldPath) {
    switch ArgumentTable.form(path, in: release) {
    case .value(let option): addValue(path, option) { $0.first }
    case .whole(let option): addValue(path, option) { $0.first }
    case .list(let option): addValue(path, option) { Self.oneOrMany($0, path) }
    case .pattern(let option): addValue(path, option) { $0.first.flatMap(Self.pattern) }
    case .tuple(let option): addValue(path, option) { $0.first.flatMap(Self.tuple) }
    case .whenTrue(let option): addSwitch(path, option, isOn: true)
    case .whenFalse(let option): addSwitch(path, option, isOn: false)
    case .special, .missing, nil: break
    }
  }

  private mutating func addSwitch(_ path: FieldPath, _ option: String, isOn: Bool) {
    guard release.options[option] != nil, has(path) else { return }
    if let said = flag(option) {
      set(path, .bool(said.isOn == isOn), said.option)
    } else if path == Path.parallelism.sequenceParallel {
      // Otherwise it would follow from the tensor parallel size.
      set(path, .bool(!isOn), nil)
    } else if ownDefault(of: path) != .null {
      setUnlessDefault(path, .bool(!isOn))
    }
  }

  private mutating func addValue(
    _ path: FieldPath, _ option: String, _ combine: ([ConfigValue]) -> ConfigValue?
  ) {
    guard let known = release.options[option], has(path) else { return }
    if let given = take(known.name) {
      guard !given.isUnknown else { return markUnknown(path) }
      let values = given.values.map { Self.value(of: $0.spelled(in: sources), known.takes.kind) }
      guard let value = combine(values).map({ Self.inBytes($0, path) }) else { return }
      guard type(of: path)?.takes(word: value) != false || !known.words.contains(given.values.first?.text ?? "") else {
        return noteUntaken(given)
      }
      set(path, value, given)
    } else if !Self.belongsToAnother(path, given) {
      switch defaultValue(of: option) {
      case nil: break
      // No value of the parser's is what the class leaves open; where the field is never open, the class decides.
      case .null?: if type(of: path)?.acceptsNull == true { setUnlessDefault(path, .null) }
      case .list(let items)?: if let value = combine(items) { setUnlessDefault(path, value) }
      case let fallback?:
        // `auto` and the like are words of the parser's alone, for what the class leaves open.
        if let value = combine([fallback]), type(of: path)?.takes(word: value) != false {
          setUnlessDefault(path, Self.inBytes(value, path))
        }
      }
    }
  }

  /// Options that mean nothing without another one: their defaults are nobody's choice.
  private static func belongsToAnother(_ path: FieldPath, _ given: [String: GivenOption]) -> Bool {
    if path.section == "optimizer", path.field.hasPrefix("muon_") {
      return given["--optimizer"]?.values.first?.text.contains("muon") != true
    }
    if path == Path.optimizer.optimizerOffloadFraction { return given["--optimizer-cpu-offload"] == nil }
    if path.section == "profiling" { return given["--profile"] == nil }
    return false
  }

  static func value(of text: String, _ kind: CommandLineOption.Taken.Kind) -> ConfigValue {
    switch kind {
    case .int: PythonNumber.int(text).map { .int($0) } ?? .string(text)
    case .float: PythonNumber.float(text).map { .float($0) } ?? .string(text)
    case .text: .string(text)
    }
  }

  private func type(of path: FieldPath) -> FieldType? {
    LaunchConfig.section(named: path.section)?.schema.field(named: path.field)?.type
      ?? CarriedFields.field(path.field, of: path.section, in: release)?.type
  }

  /// What Megatron-LM calls fp8 in a list of formats PyTorch calls uint8.
  private static func inBytes(_ value: ConfigValue, _ path: FieldPath) -> ConfigValue {
    let isMoment = path == Path.optimizer.expAvgDtype || path == Path.optimizer.expAvgSqDtype
    return isMoment && value == "fp8" ? "uint8" : value
  }

  /// A single value is one where the field takes one.
  private static func oneOrMany(_ values: [ConfigValue], _ path: FieldPath) -> ConfigValue {
    let type = LaunchConfig.section(named: path.section)?.schema.field(named: path.field)?.type
    if values.count == 1, let type, type.acceptsOneValue { return values[0] }
    return .list(values)
  }

  /// `([0]*1+[1]*26)` or a number; text of another form is left for the reader of the config to refuse.
  static func pattern(_ value: ConfigValue) -> ConfigValue? {
    guard case .string(let text) = value else { return value }
    return PythonNumber.int(text).map { .int($0) } ?? LayerExpression.values(of: text).map {
      .list($0.map { .int($0) })
    }
      ?? value
  }

  /// `128,0` or `(128, 0)`.
  static func tuple(_ value: ConfigValue) -> ConfigValue? {
    guard case .string(let text) = value else { return value }
    let numbers = text.filter { !"() ".contains($0) }.split(separator: ",").map { Int($0) }
    return numbers.contains(nil) ? value : .list(numbers.compactMap { $0 }.map { .int($0) })
  }
}

extension FieldType {
  /// Whether a value is one of the type's words, where it has words.
  fileprivate func takes(word value: ConfigValue) -> Bool {
    switch (self, value) {
    case (.optional(let wrapped), _): wrapped.takes(word: value)
    case (.choice(let words), .string(let word)): words.contains(word)
    default: true
    }
  }

  fileprivate var acceptsOneValue: Bool {
    switch self {
    case .list: false
    case .optional(let wrapped): wrapped.acceptsOneValue
    case .union(let types): types.contains(where: \.acceptsOneValue)
    default: true
    }
  }
}
