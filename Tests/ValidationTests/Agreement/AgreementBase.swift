import ConfigDocument
import Diagnostics
import LaunchModel
import Releases

/// A config that cases change. What its text says is read once for all of them.
struct AgreementBase: Sendable {
  private let name: String
  /// By Megatron-Bridge's classes, as the reference writes it.
  private let written: ConfigMapping
  private let spelling: ReferenceSpelling
  private let release: Release
  private let sections: [Section]

  /// What it says of one section.
  private struct Section: Sendable {
    var layer: Layer
    /// Where the layer speaks of a field.
    var places: [String: Int]
  }

  init?(_ name: String, _ written: ConfigValue, _ release: Release) {
    guard case .mapping(let mapping) = written else { return nil }
    self.name = name
    self.written = mapping
    self.release = release
    spelling = ReferenceSpelling(release)
    guard let text = try? JSONEmitter().emit(spelling.ours(written)) else { return nil }
    let loaded = ConfigLoader(recipes: NoRecipes(), release: release) { _ in [] }
      .load(DocumentReader.read(text: text, name: name, format: .json), path: name)
    sections = loaded.resolution.layers.flatMap(\.bySection).map { layer in
      Section(
        layer: layer,
        places: Dictionary(uniqueKeysWithValues: layer.assignments.enumerated().map { ($1.path.field, $0) }))
    }
  }

  /// The config of a case: a text that says what differs, over the base.
  ///
  /// - Parameter changes: in the reference's spelling; a path into null makes mappings.
  func load(
    _ changes: [(path: String, value: ConfigValue)], path: String
  ) throws -> ConfigLoader.LoadedConfig {
    // What to spell anew: a field as a whole, or a section where the base has none.
    var parts: [(path: [String], value: ConfigValue)] = []
    for (path, value) in changes {
      let keys = path.split(separator: ".").map(String.init)
      let isField = keys.count > 1 && written[keys[0]]?.mapping != nil
      let part = Array(keys.prefix(isField ? 2 : 1))
      let rest = keys.dropFirst(part.count)
      if let index = parts.firstIndex(where: { $0.path == part }) {
        parts[index].value = parts[index].value.setting(rest, to: value)
      } else {
        parts.append((part, (written.value(part) ?? .null).setting(rest, to: value)))
      }
    }
    var below = sections.map(\.layer)
    var gone: [Set<Int>] = Array(repeating: [], count: sections.count)
    var text: ConfigMapping = ["extends": .string(name)]
    for part in parts {
      if part.path.count == 1, let index = below.firstIndex(where: { $0.name == part.path[0] }) {
        gone[index] = Set(below[index].assignments.indices)
      }
      for before in spelling.ours(.nested(part.path, written.value(part.path))).mapping?.entries ?? [] {
        guard let index = below.firstIndex(where: { $0.name == before.key }) else { continue }
        for field in before.value.mapping?.entries ?? [] {
          if let place = sections[index].places[field.key] { gone[index].insert(place) }
        }
      }
      for after in spelling.ours(.nested(part.path, part.value)).mapping?.entries ?? [] {
        guard let fields = after.value.mapping else {
          text[after.key] = after.value
          continue
        }
        var section = text[after.key]?.mapping ?? ConfigMapping()
        for field in fields.entries { section[field.key] = field.value }
        text[after.key] = .mapping(section)
      }
    }
    for (index, places) in gone.enumerated() {
      for place in places.sorted(by: >) { below[index].assignments.remove(at: place) }
    }
    let document = DocumentReader.read(text: try JSONEmitter().emit(.mapping(text)), name: path, format: .json)
    return ConfigLoader(recipes: OneBase(name: name, layers: below), release: release) { _ in [] }
      .load(document, path: path)
  }
}

private struct NoRecipes: RecipeSource {
  let recipeNames: [String] = []
  func releases(ofRecipe name: String) -> ReleaseSet? { nil }
  func layers(ofRecipe name: String, for release: Release) -> [Layer]? { nil }
  func name(ofBridgeRecipe name: String, in release: Release) -> String? { nil }
}

/// What a base says, where a case's text extends it.
private struct OneBase: RecipeSource {
  let name: String
  let layers: [Layer]
  var recipeNames: [String] { [name] }
  func releases(ofRecipe name: String) -> ReleaseSet? { name == self.name ? .all : nil }
  func layers(ofRecipe name: String, for release: Release) -> [Layer]? { name == self.name ? layers : nil }
  func name(ofBridgeRecipe name: String, in release: Release) -> String? { nil }
}

extension Layer {
  /// A layer for each section, with its name.
  fileprivate var bySection: [Layer] {
    var layers: [Layer] = []
    for assignment in assignments {
      let section = assignment.path.section
      if let index = layers.firstIndex(where: { $0.name == section }) {
        layers[index].assignments.append(assignment)
      } else {
        layers.append(Layer(name: section, assignments: [assignment]))
      }
    }
    return layers
  }
}

extension ConfigMapping {
  /// A section, or a field of it.
  fileprivate func value(_ path: [String]) -> ConfigValue? {
    path.count == 1 ? self[path[0]] : self[path[0]]?.mapping?[path[1]]
  }
}

extension ConfigValue {
  fileprivate var mapping: ConfigMapping? {
    if case .mapping(let mapping) = self { mapping } else { nil }
  }

  /// A value with the names that lead to it; nothing where there is none.
  fileprivate static func nested(_ path: [String], _ value: ConfigValue?) -> ConfigValue {
    guard let value else { return [:] }
    return path.reversed().reduce(value) { .mapping(ConfigMapping([ConfigMapping.Entry($1, $0)])) }
  }

  /// A copy with one value set.
  fileprivate func setting(_ path: ArraySlice<String>, to value: ConfigValue) -> ConfigValue {
    guard let first = path.first else { return value }
    var mapping = mapping ?? ConfigMapping()
    mapping[first] = (mapping[first] ?? .null).setting(path.dropFirst(), to: value)
    return .mapping(mapping)
  }
}
