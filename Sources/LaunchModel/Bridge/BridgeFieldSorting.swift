import ConfigDocument

/// The fields of one section of a container, on their way to sections of ours.
struct BridgeFieldSorting {
  /// All that were written.
  let fields: [Node.Entry]
  /// Whether the class has exactly the fields that are known here.
  let isOwn: Bool
  /// Ours, in the order in which they are asked.
  let sections: [String]
  /// Whether the class takes no field that it does not know, whatever the loader's mode.
  var refusesUnknown = false
  /// Their names for fields that have another one here.
  var renamed: [String: String] = [:]
  private(set) var sorted: [String: [Node.Entry]] = [:]
  var unknown: [Node.Entry] = []
  /// Objects that stand for no word here.
  var unreadable: [Node.Entry] = []

  mutating func add(_ field: Node.Entry, to section: String) { sorted[section, default: []].append(field) }

  func owner(of name: String) -> String? {
    sections.first { LaunchConfig.section(named: $0)?.schema.field(named: name) != nil }
      ?? sections.first { CarriedFields.field(name, of: $0, in: .current) != nil }
  }

  func isBridgeOnly(_ name: String) -> Bool {
    sections.contains { CarriedFields.hasNoPlace(for: name, of: $0, in: .current) }
  }

  /// Every name that the section's class has.
  var knownNames: [String] {
    let back = Dictionary(renamed.filter { $0.key != $0.value }.map { ($0.value, $0.key) }, uniquingKeysWith: { $1 })
    return sections.flatMap { section in
      (LaunchConfig.section(named: section)?.schema.fields.map(\.name) ?? [])
        + CarriedFields.names(of: section, in: .current) + CarriedFields.namesWithoutPlace(of: section, in: .current)
    }.map { back[$0] ?? $0 }
  }

  /// The field that another tool calls so.
  func alias(of name: String, among absent: [String]) -> String? {
    guard isOwn else { return nil }
    let fields = sections.compactMap { LaunchConfig.section(named: $0)?.schema }.flatMap(\.fields)
    return fields.first { $0.aliases.contains(name) && absent.contains($0.name) }?.name
  }
}
