import ConfigDocument
import Releases

/// The fields of one attribute of a container, on their way to sections of ours.
struct BridgeFieldSorting {
  let attribute: ContainerAttribute
  private let spelling: BridgeSpelling
  /// All that were written.
  let fields: [Node.Entry]
  /// Whether the class has exactly the fields that are known here.
  let isOwn: Bool
  /// Whether the class takes no field that it does not know, whatever the loader's mode.
  var refusesUnknown = false
  private(set) var sorted: [String: [Node.Entry]] = [:]
  var unknown: [Node.Entry] = []
  /// Objects that stand for no word here.
  var unreadable: [Node.Entry] = []

  init(_ attribute: ContainerAttribute, _ fields: [Node.Entry], isOwn: Bool, _ spelling: BridgeSpelling) {
    self.attribute = attribute
    self.fields = fields
    self.isOwn = isOwn
    self.spelling = spelling
  }

  /// Ours, in the order in which they are asked.
  var sections: [String] { attribute.sections }

  mutating func add(_ field: Node.Entry, to section: String) { sorted[section, default: []].append(field) }

  /// Takes fields out of a section.
  mutating func take(from section: String, where isTaken: (Node.Entry) -> Bool) -> [Node.Entry] {
    let taken = sorted[section, default: []].filter(isTaken)
    sorted[section]?.removeAll(where: isTaken)
    return taken
  }

  func isBridgeOnly(_ name: String) -> Bool {
    sections.contains { CarriedFields.hasNoPlace(for: name, of: $0, in: spelling.release) }
  }

  /// Every name that the attribute's class has.
  var knownNames: [String] {
    sections.flatMap { section in
      let ours =
        (LaunchConfig.section(named: section)?.schema.fields.map(\.name) ?? [])
        + CarriedFields.names(of: section, in: spelling.release)
      return ours.compactMap { name(of: FieldPath(section, $0)) }
        + CarriedFields.namesWithoutPlace(of: section, in: spelling.release)
    }
  }

  /// The field that another tool calls so.
  func alias(of name: String, among absent: [String]) -> String? {
    guard isOwn else { return nil }
    let paths = sections.compactMap { LaunchConfig.section(named: $0)?.schema }.flatMap { schema in
      schema.fields.filter { $0.aliases.contains(name) }.map { FieldPath(schema.name, $0.name) }
    }
    return paths.lazy.compactMap { self.name(of: $0) }.first { absent.contains($0) }
  }

  /// The key of a field that stands directly below the attribute.
  private func name(of path: FieldPath) -> String? {
    guard let keys = spelling.keys(of: path), keys.count == 2, !keys[1].hasPrefix("_") else { return nil }
    return keys[1]
  }
}
