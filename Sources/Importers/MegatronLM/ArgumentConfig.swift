package import ConfigDocument
import Diagnostics
import Exporters
import LaunchModel
package import Releases

/// Megatron-LM's arguments as a launch config: the exporter's table, read backwards.
///
/// What is given becomes the field that the exporter would have written so. What is not given has Megatron-LM's default,
/// which is written out where it is not the field's own.
package struct ArgumentConfig {
  /// The config as a tree whose values stand in the file of arguments.
  package let document: ParsedDocument
  /// Where each value comes from, by section and field.
  package let comments: [[String]: String]
  /// How messages about it call its fields.
  package let spelling: ArgumentSpelling

  /// - Parameters:
  ///   - source: a text that ``ArgumentFile/recognises(_:)`` takes.
  ///   - asked: whose parser the arguments are for; `nil` where nobody says, as arguments do not.
  package init(_ source: ParsedDocument, for asked: Release?) {
    let release = asked ?? .current
    let file = ArgumentFile(source)
    let options = OptionReader(file.arguments, in: file.file, for: release)
    var fields = ImportedFields(options.given, place: file.place, in: file.file, for: release)
    if !file.arguments.isEmpty {
      fields.addListedOptions()
      fields.addSharedOptions()
      fields.addLauncher(file.launcher)
      fields.addEnvironment(file.environment)
    }
    let assumption = asked == nil ? [Self.assumption(release, file)] : []
    document = ParsedDocument(
      file: file.file, root: fields.root,
      diagnostics: assumption + file.diagnostics + options.diagnostics + fields.leftOut)
    comments = fields.comments
    spelling = ArgumentSpelling(release, namesGPUs: fields.namesGPUs)
  }

  private static func assumption(_ release: Release, _ file: ArgumentFile) -> Diagnostic {
    Diagnostic(
      FieldRule.release.code, .note,
      "read for the Megatron-LM of megatron-core \(release.megatronCore) (Megatron-Bridge \(release.megatronBridge)); "
        + "arguments do not say for which they are",
      help: "say another release with --megatron-bridge", path: Path.software.megatronBridge.description,
      at: SourceLocation(file.file, file.place))
  }

  /// The text of a native config.
  ///
  /// - Parameter header: comment lines at its top.
  package func yaml(header: [String]) -> String {
    guard let root = document.root else { return "" }
    return YAMLEmitter(header: header, comments: comments).emit(root.plainValue)
  }
}

/// The fields that arguments say, gathered section by section.
struct ImportedFields {
  let given: [String: GivenOption]
  let release: Release
  /// A config that says nothing, for what its fields are then.
  private let defaults: LaunchConfig
  private let file: SourceFile
  /// Where values stand that nobody wrote.
  private let place: SourceRange
  private var entries: [String: [Node.Entry]] = [:]
  private(set) var comments: [[String]: String] = [:]
  private var used: Set<String> = []

  init(_ given: [String: GivenOption], place: SourceRange, in file: SourceFile, for release: Release) {
    (self.given, self.place, self.file, self.release) = (given, place, file, release)
    defaults = LaunchConfig(for: release)
    let version = ConfigValue.int(LaunchConfig.schemaVersion)
    entries[""] = [Node.Entry(key: "schema_version", keyRange: place, value: Self.node(version, place))]
    set(Path.software.megatronBridge, .string(release.megatronBridge), nil, remark: nil)
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
          path: option.option.name, at: SourceLocation(file, option.name.range))
      }
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

  /// Whether a switch is given.
  mutating func has(_ option: String) -> Bool { take(option) != nil }

  /// The single value of an option, unless only a running shell knows it.
  mutating func text(_ option: String) -> (text: String, option: GivenOption)? {
    guard let given = take(option), let value = given.values.first, value.unknown == nil else { return nil }
    return (value.text, given)
  }

  mutating func int(_ option: String) -> (number: Int, option: GivenOption)? {
    text(option).flatMap { found in Int(found.text).map { ($0, found.option) } }
  }

  /// What the parser takes where an option is not given.
  func defaultValue(of option: String) -> ConfigValue? {
    guard let option = release.options[option] else { return nil }
    return DocumentReader.read(text: option.defaultText, name: option.name, format: .json).root?.plainValue
  }

  // MARK: Setting

  /// - Parameters:
  ///   - option: `nil` for what follows from the absence of options.
  ///   - remark: what a comment says where no option does.
  mutating func set(
    _ path: FieldPath, _ value: ConfigValue, _ option: GivenOption?, remark: String? = "Megatron-LM's default"
  ) {
    guard let schema = LaunchConfig.section(named: path.section)?.schema else { return }
    let name = schema.name(of: path.field, in: release)
    let range = option?.location ?? place
    let entry = Node.Entry(
      key: name, keyRange: option?.name.range ?? place, value: Self.node(value, range, option?.values ?? []))
    if let index = entries[path.section]?.firstIndex(where: { $0.key == name }) {
      entries[path.section]?[index] = entry
    } else {
      entries[path.section, default: []].append(entry)
    }
    comments[[path.section, name]] =
      option.map { "\($0.name.text), line \(file.position(at: $0.name.range.start).line)" } ?? remark
  }

  /// Sets a value only where it is not what the field is anyway.
  mutating func setUnlessDefault(_ path: FieldPath, _ value: ConfigValue) {
    if value != ownDefault(of: path) { set(path, value, nil) }
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
    guard let field = CarriedFields.field(path.field, of: path.section, in: release) else { return nil }
    return DocumentReader.read(text: field.defaultText, name: path.field, format: .json).root?.plainValue
  }

  private static func node(_ value: ConfigValue, _ range: SourceRange, _ places: [LocatedText] = []) -> Node {
    switch value {
    case .list(let items):
      let ranges = items.count == places.count ? places.map(\.range) : items.map { _ in range }
      return Node(.sequence(zip(items, ranges).map { node($0, $1) }), range)
    case .mapping(let mapping):
      return Node(
        .mapping(mapping.entries.map { Node.Entry(key: $0.key, keyRange: range, value: node($0.value, range)) }), range)
    case .string(let text): return Node(.scalar(Scalar(text, .quoted)), range)
    default: return Node(.scalar(Scalar(FlowText.yaml(value), .plain)), range)
    }
  }

  // MARK: Around the arguments

  /// torchrun's own options.
  mutating func addLauncher(_ words: [LocatedText]) {
    let fields = [
      ("nproc-per-node", Path.cluster.gpusPerNode), ("nnodes", Path.cluster.numNodes),
    ]
    var index = 0
    while index < words.count {
      var name = words[index].text
      var value = index + 1 < words.count ? words[index + 1] : nil
      let start = words[index].range
      if let sign = words[index].bytes.firstIndex(of: UInt8(ascii: "=")) {
        name = String(decoding: words[index].bytes[..<sign], as: UTF8.self)
        value = words[index].dropFirst(sign + 1)
      }
      index += 1
      let dashed = String(name.drop { $0 == "-" }.map { $0 == "_" ? "-" : $0 })
      guard name.hasPrefix("--"), let field = fields.first(where: { $0.0 == dashed })?.1, let value,
        value.unknown == nil, let count = Int(value.text)
      else { continue }
      set(field, .int(count), nil, remark: "\(name), line \(file.position(at: start.start).line)")
    }
  }

  mutating func addEnvironment(_ variables: [(name: String, value: LocatedText)]) {
    for variable in variables {
      let line = file.position(at: variable.value.range.start).line
      set(FieldPath("env_vars", variable.name), .string(variable.value.text), nil, remark: "line \(line)")
    }
  }
}
