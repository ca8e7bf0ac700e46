import ConfigDocument
import Diagnostics
import LaunchModel
import Releases

/// The fields that arguments say, gathered section by section.
struct ImportedFields {
  private(set) var given: [String: GivenOption]
  private(set) var switchedOff: [String: GivenOption]
  /// What belongs to the program alone.
  let own: [String: (name: LocatedText, values: [LocatedText])]
  let program: TrainingProgram
  let release: Release
  /// Whether what nobody says has Megatron-LM's default; otherwise it is the recipe's.
  let saysAll: Bool
  let sources: ScriptSources
  /// A config that says nothing, for what its fields are then.
  private let defaults: LaunchConfig
  private let recipe: String?
  /// Where values stand that nobody wrote.
  private let place: SourceRange
  private(set) var entries: [String: [Node.Entry]] = [:]
  private(set) var comments: [[String]: String] = [:]
  /// Fields that are set to what only a running shell knows.
  private(set) var unknown: Set<FieldPath> = []
  private var used: Set<String> = []
  private var usedOwn: Set<String> = []
  private var untaken: [Diagnostic] = []

  init(_ file: ArgumentFile, options: OptionReader, on recipe: String?, for release: Release) {
    self.init(file, options.own, on: recipe, for: release)
    (given, switchedOff) = (options.given, options.switchedOff)
  }

  init(_ file: ArgumentFile, overrides: OverrideReader, on recipe: String?, for release: Release) {
    self.init(file, overrides.own, on: recipe, for: release)
  }

  private init(
    _ file: ArgumentFile, _ own: [String: (name: LocatedText, values: [LocatedText])], on recipe: String?,
    for release: Release
  ) {
    (given, switchedOff, self.own) = ([:], [:], own)
    (program, self.recipe, self.release) = (file.program, recipe, release)
    saysAll = file.program.saysAll && recipe == nil
    sources = file.sources
    place = file.sources.rangeInMain(file.place)
    defaults = LaunchConfig(for: release)
    func head(_ key: String, _ value: ConfigValue) -> Node.Entry {
      Node.Entry(key: key, keyRange: place, value: Self.node(value, place))
    }
    entries[""] = [head("schema_version", .int(LaunchConfig.schemaVersion))]
    if let recipe { entries[""]?.append(head("extends", .string(recipe))) }
    let named = Path.software.megatronBridge
    entries[named.section] = [head(named.field, .string(release.megatronBridge))]
  }

  var root: Node {
    let sections = LaunchConfig.sections.compactMap { section -> Node.Entry? in
      guard let fields = entries[section.schema.name] else { return nil }
      return Node.Entry(key: section.schema.name, keyRange: place, value: Node(.mapping(fields), place))
    }
    return Node(.mapping((entries[""] ?? []) + sections), place)
  }

  /// What was given and is said by no field.
  var leftOut: [Diagnostic] {
    given.values.filter { !used.contains($0.option.name) }
      .sorted { $0.name.range.start < $1.name.range.start }
      .map { option in
        Diagnostic(
          FieldRule.foreignOption.code, .note,
          "`\(option.option.name)` has no field in a launch config; it is left out",
          path: option.option.name, at: sources.location(of: option.name.range))
      } + untaken + ownParts
  }

  /// One word about everything that belongs to the program itself.
  private var ownParts: [Diagnostic] {
    let names = own.filter { !usedOwn.contains($0.key) }.map(\.value.name).sorted { $0.range.start < $1.range.start }
    guard let first = names.first else { return [] }
    let shown = names.prefix(3).map { "`\($0.text)`" }.joined(separator: ", ")
    let (count, isOne) = (names.count, names.count == 1)
    return [
      Diagnostic(
        FieldRule.foreignProgram.code, .note,
        "\(shown)\(count > 3 ? " and \(count - 3) more" : "") \(isOne ? "is" : "are") not Megatron's but "
          + "\(program.name)'s own, and left out",
        path: first.text, at: sources.location(of: first.range))
    ]
  }

  /// An error where what is given is laid over something that nobody names.
  var missingRecipe: [Diagnostic] {
    guard !program.saysAll, recipe == nil else { return [] }
    let what =
      program == .bridge
      ? "overrides are laid over a recipe, and none is named"
      : "\(program.name) reads the model itself, so that the rest of the config is not here"
    return [
      Diagnostic(
        FieldRule.extends.code, .error, what,
        help: "name the recipe that it is to be checked on with --recipe; `moonlight recipes` lists them",
        at: SourceLocation(sources.main, place))
    ]
  }

  /// Whether the launcher's options say on how many GPUs the run is.
  var namesGPUs: Bool { entries[Path.cluster.whole.section] != nil }

  // MARK: Asking

  /// The option as it was given; it counts as read.
  mutating func take(_ option: String) -> GivenOption? {
    let name = release.options[option]?.name ?? option
    used.insert(name)
    return given[name]
  }

  /// An option of the program's own that says something of a field; it counts as read.
  mutating func takeOwn(_ name: String) -> (name: LocatedText, values: [LocatedText])? {
    usedOwn.insert(name)
    return own[name]
  }

  /// What a switch is set to, where it is.
  mutating func flag(_ option: String) -> (isOn: Bool, option: GivenOption)? {
    if let given = take(option) { return (given.flag == given.option.sets, given) }
    return switchedOff[release.options[option]?.name ?? option].map { (false, $0) }
  }

  /// Whether a switch is given.
  mutating func has(_ option: String) -> Bool { take(option) != nil }

  /// The single value of an option, unless only a running shell knows it.
  mutating func text(_ option: String) -> (text: String, option: GivenOption)? {
    guard let given = take(option), let value = given.values.first, !given.isUnknown else { return nil }
    return (value.spelled(in: sources), given)
  }

  mutating func int(_ option: String) -> (number: Int, option: GivenOption)? {
    text(option).flatMap { found in PythonNumber.int(found.text).map { ($0, found.option) } }
  }

  /// What the parser takes where an option is not given.
  func defaultValue(of option: String) -> ConfigValue? {
    release.options[option].flatMap { ConfigValue(json: $0.defaultText) }
  }

  /// Says that Megatron-LM takes a value which no field has.
  mutating func noteUntaken(_ given: GivenOption) {
    let values = given.values.map(\.text).joined(separator: " ")
    untaken.append(
      Diagnostic(
        FieldRule.foreignOption.code, .note,
        "a launch config has no `\(values)` for `\(given.option.name)`; it is left out", path: given.option.name,
        at: sources.location(of: given.location)))
  }

  /// Says that Megatron-LM does not look at an option that is given, because another one is, or is not.
  mutating func noteUnread(_ option: String, _ why: String) {
    guard let given = take(option) else { return }
    untaken.append(
      Diagnostic(
        FieldRule.foreignOption.code, .note, "`\(option)` is not looked at \(why); it is left out",
        path: option, at: sources.location(of: given.name.range)))
  }

  // MARK: Setting

  /// Says that a field has a value, which only a running shell knows.
  mutating func markUnknown(_ path: FieldPath) { unknown.insert(path) }

  /// - Parameters:
  ///   - option: `nil` for what follows from the absence of options.
  ///   - remark: what a comment says where no option does.
  mutating func set(
    _ path: FieldPath, _ value: ConfigValue, _ option: GivenOption?, remark: String? = "Megatron-LM's default"
  ) {
    guard saysAll || option != nil else { return }
    let range = option.map { sources.rangeInMain($0.location) } ?? place
    let places = option?.values.map { sources.rangeInMain($0.range) } ?? []
    write(
      path, key: option.map { sources.rangeInMain($0.name.range) } ?? place, Self.node(value, range, places),
      comment: option.map { "\($0.name.text), \(sources.line(of: $0.name.range))" } ?? remark)
  }

  /// Sets what something else than an option says.
  mutating func set(_ path: FieldPath, _ value: ConfigValue, from word: LocatedText, remark: String? = nil) {
    let range = sources.rangeInMain(word.range)
    write(
      path, key: range, Self.node(value, range), comment: remark ?? "\(word.text), \(sources.line(of: word.range))")
  }

  /// Sets what follows from the program alone.
  mutating func assume(_ path: FieldPath, _ value: ConfigValue, remark: String) {
    guard !isSet(path) else { return }
    write(path, key: place, Self.node(value, place), comment: remark)
  }

  func isSet(_ path: FieldPath) -> Bool {
    guard let schema = LaunchConfig.section(named: path.section)?.schema else { return false }
    let name = schema.name(of: path.field, in: release)
    return entries[path.section]?.contains { $0.key == name } ?? false
  }

  mutating func write(_ path: FieldPath, key: SourceRange, _ value: Node, comment: String?) {
    guard let schema = LaunchConfig.section(named: path.section)?.schema else { return }
    let name = schema.name(of: path.field, in: release)
    let entry = Node.Entry(key: name, keyRange: key, value: value)
    if let index = entries[path.section]?.firstIndex(where: { $0.key == name }) {
      entries[path.section]?[index] = entry
    } else {
      entries[path.section, default: []].append(entry)
    }
    comments[[path.section, name]] = comment
  }

  /// Sets a value only where it is not what the field is anyway.
  mutating func setUnlessDefault(_ path: FieldPath, _ value: ConfigValue) {
    if saysAll, value != ownDefault(of: path) { set(path, value, nil) }
  }

  /// Whether a release has a field.
  func has(_ path: FieldPath) -> Bool {
    LaunchConfig.section(named: path.section)?.schema.hasField(named: path.field, in: release) ?? false
  }

  func ownDefault(of path: FieldPath) -> ConfigValue? {
    guard let section = LaunchConfig.section(named: path.section) else { return nil }
    if let field = section.schema.field(named: path.field) {
      return defaults[keyPath: section.storage].defaultValue(of: field)
    }
    return CarriedFields.field(path.field, of: path.section, in: release).flatMap { ConfigValue(json: $0.defaultText) }
  }

  private static func node(_ value: ConfigValue, _ range: SourceRange, _ places: [SourceRange] = []) -> Node {
    switch value {
    case .list(let items):
      let ranges = items.count == places.count ? places : items.map { _ in range }
      return Node(.sequence(zip(items, ranges).map { node($0, $1) }), range)
    case .mapping(let mapping):
      return Node(
        .mapping(mapping.entries.map { Node.Entry(key: $0.key, keyRange: range, value: node($0.value, range)) }), range)
    case .string(let text): return Node(.scalar(Scalar(text, .quoted)), range)
    default: return Node(.scalar(Scalar(FlowText.yaml(value), .plain)), range)
    }
  }
}
