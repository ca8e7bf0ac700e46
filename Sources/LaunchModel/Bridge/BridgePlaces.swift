import Releases

/// Fields that stand elsewhere in a ConfigContainer than under their own name: one list, read both ways.
struct BridgePlaces: Sendable {
  private var keys: [FieldPath: [String]] = [:]
  private var paths: [[String]: FieldPath] = [:]
  /// The keys of mappings that hold such fields.
  private var holders: Set<[String]> = []

  /// - Parameter dataset: the class of the container's data.
  static func of(_ dataset: DatasetClass, in release: Release) -> BridgePlaces {
    byClass[release][Class(dataset)] ?? BridgePlaces(dataset, release)
  }

  /// A class for one source of data: files and datasets of Hugging Face may share a class.
  private struct Class: Hashable {
    let name: String
    let source: DatasetClass.Source

    init(_ dataset: DatasetClass) { (name, source) = (dataset.className, dataset.source) }
  }

  private static let byClass = PerRelease { release in
    Dictionary(
      release.classes.datasets.all.map { (Class($0), BridgePlaces($0, release)) },
      uniquingKeysWith: { first, _ in first })
  }

  private init(_ dataset: DatasetClass, _ release: Release) {
    let section = Path.dataset.whole.section
    for (name, place) in dataset.places { add(FieldPath(section, name), at: [section] + place) }
    for (name, place) in dataset.otherPlaces { paths[[section] + place] = FieldPath(section, name) }
    add(Path.peft.peftScheme, at: ["peft", BridgeReader.target])
    for path in Self.propertiesOfOtherName(in: release) {
      guard let name = release.name(ofField: path.description)?.split(separator: ".").last else { continue }
      add(path, at: [path.section, String(name)])
    }
  }

  /// The properties whose field has another name in a release; those of data stand where the class of the data says.
  private static func propertiesOfOtherName(in release: Release) -> [FieldPath] {
    RenamedField.all.flatMap(\.names).compactMap { name in
      let parts = name.split(separator: ".").map(String.init)
      let path = FieldPath(parts[0], parts[1])
      guard path.section != Path.dataset.whole.section, release.name(ofField: name) != name,
        LaunchConfig.section(named: path.section)?.schema.field(named: path.field) != nil
      else { return nil }
      return path
    }
  }

  private mutating func add(_ path: FieldPath, at keys: [String]) {
    self.keys[path] = keys
    paths[keys] = path
    if keys.count > 2 { holders.insert(keys.dropLast()) }
  }

  func keys(of path: FieldPath) -> [String]? { keys[path] }

  func path(ofKeys keys: [String]) -> FieldPath? { paths[keys] }

  func isHolder(_ keys: [String]) -> Bool { holders.contains(keys) }
}
