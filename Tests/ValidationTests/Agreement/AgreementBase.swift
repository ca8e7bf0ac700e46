import ConfigDocument
import Diagnostics
import LaunchModel
import Releases

/// A config that cases change. Its text is read once for all of them.
struct AgreementBase: Sendable {
  /// By Megatron-Bridge's classes, as the reference writes it.
  private let written: ConfigMapping
  private let spelling: ReferenceSpelling
  private let document: ParsedDocument

  init?(_ written: ConfigValue, _ release: Release) {
    guard case .mapping(let sections) = written else { return nil }
    self.written = sections
    spelling = ReferenceSpelling(release)
    guard let text = try? JSONEmitter().emit(spelling.ours(written)) else { return nil }
    document = DocumentReader.read(text: text, name: "base.json", format: .json)
  }

  /// What the config's text with some values changed would be read as, but for the places of what has changed.
  ///
  /// - Parameter changes: in the reference's spelling; a path into null makes mappings.
  func document(with changes: [(path: String, value: ConfigValue)]) throws -> ParsedDocument {
    var changed = written
    // What to spell anew: a field as a whole, or a section where the base has none.
    var parts: [[String]] = []
    for (path, value) in changes {
      let keys = path.split(separator: ".").map(String.init)
      changed[keys[0]] = (changed[keys[0]] ?? .null).setting(keys.dropFirst(), to: value)
      let isField = keys.count > 1 && written[keys[0]]?.mapping != nil
      parts.append(Array(keys.prefix(isField ? 2 : 1)))
    }
    var sections = document.root?.entries ?? []
    for part in parts {
      if part.count == 1 { sections.removeAll { $0.key == part[0] } }
      for before in spelling.ours(written.part(part)).mapping?.entries ?? [] {
        for field in before.value.mapping?.entries ?? [] { sections.removeField(field.key, of: before.key) }
      }
      for after in spelling.ours(changed.part(part)).mapping?.entries ?? [] {
        guard let fields = after.value.mapping else {
          sections.set(after.key, to: try after.value.node())
          continue
        }
        if !sections.contains(where: { $0.key == after.key }) {
          sections.set(after.key, to: try ConfigValue.mapping([:]).node())
        }
        for field in fields.entries { sections.setField(field.key, of: after.key, to: try field.value.node()) }
      }
    }
    return document.replacing(root: Node(.mapping(sections), SourceRange(0, 0)), diagnostics: document.diagnostics)
  }
}

extension ConfigMapping {
  /// One section, or one field of it, with the names that lead there.
  fileprivate func part(_ path: [String]) -> ConfigValue {
    guard let section = self[path[0]] else { return [:] }
    guard path.count > 1 else { return .mapping(ConfigMapping([Entry(path[0], section)])) }
    guard let field = section.mapping?[path[1]] else { return [:] }
    return .mapping(ConfigMapping([Entry(path[0], .mapping(ConfigMapping([Entry(path[1], field)])))]))
  }
}

extension ConfigValue {
  fileprivate var mapping: ConfigMapping? {
    if case .mapping(let mapping) = self { mapping } else { nil }
  }

  /// A copy with one value set.
  fileprivate func setting(_ path: ArraySlice<String>, to value: ConfigValue) -> ConfigValue {
    guard let first = path.first else { return value }
    var mapping = mapping ?? ConfigMapping()
    mapping[first] = (mapping[first] ?? .null).setting(path.dropFirst(), to: value)
    return .mapping(mapping)
  }

  /// What its text is read as.
  fileprivate func node() throws -> Node {
    let text = try JSONEmitter().emit(self)
    return DocumentReader.read(text: text, name: "value.json", format: .json).root
      ?? Node(.mapping([]), SourceRange(0, 0))
  }
}

extension [Node.Entry] {
  fileprivate mutating func set(_ key: String, to value: Node) {
    if let index = firstIndex(where: { $0.key == key }) {
      self[index].value = value
    } else {
      append(Node.Entry(key: key, keyRange: SourceRange(0, 0), value: value))
    }
  }

  fileprivate mutating func setField(_ field: String, of section: String, to value: Node) {
    changeFields(of: section) { $0.set(field, to: value) }
  }

  fileprivate mutating func removeField(_ field: String, of section: String) {
    changeFields(of: section) { $0.removeAll { $0.key == field } }
  }

  private mutating func changeFields(of section: String, _ change: (inout [Node.Entry]) -> Void) {
    guard let index = firstIndex(where: { $0.key == section }), var fields = self[index].value.entries else { return }
    // Not to be copied while they change.
    self[index].value.content = .mapping([])
    change(&fields)
    self[index].value.content = .mapping(fields)
  }
}
