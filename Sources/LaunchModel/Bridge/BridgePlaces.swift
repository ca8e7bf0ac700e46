import Releases

/// Fields that stand elsewhere in a ConfigContainer than under their own name: one list, read both ways.
struct BridgePlaces: Sendable {
  private var keys: [FieldPath: [String]] = [:]
  private var paths: [[String]: FieldPath] = [:]
  /// The keys of mappings that hold such fields.
  private var holders: Set<[String]> = []

  /// - Parameter dataset: the class of the container's data.
  init(_ dataset: DatasetClass) {
    let section = Path.dataset.whole.section
    for (name, place) in dataset.places { add(FieldPath(section, name), at: [section] + place) }
    for (name, place) in dataset.otherPlaces { paths[[section] + place] = FieldPath(section, name) }
    add(Path.peft.peftScheme, at: ["peft", BridgeReader.target])
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
