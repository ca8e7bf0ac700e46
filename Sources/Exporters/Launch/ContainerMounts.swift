import ConfigDocument
import LaunchModel

/// What a container has to be shown beside the working folder so that the paths of a config are in it.
struct ContainerMounts {
  /// As the user wrote them: `/from`, `/from:/to`, `/from:/to:ro`.
  let written: [String]
  /// Folders of the config's paths that these leave out, each under its own name.
  let needed: [String]
  /// Paths that no mount can name.
  let unmountable: [String]

  init(_ config: LaunchConfig) {
    written = config.cluster.containerMounts
    let shown = written.map { Self.ends(of: $0).inside }
    var folders: Set<String> = []
    var unmountable: Set<String> = []
    for path in Self.paths(of: config) where !shown.contains(where: { Self.holds($0, path) }) {
      if let folder = Self.folder(of: path) { folders.insert(folder) } else { unmountable.insert(path) }
    }
    needed = folders.filter { folder in !folders.contains { $0 != folder && Self.holds($0, folder) } }.sorted()
    self.unmountable = unmountable.sorted()
  }

  /// All of them as `/from:/to` with or without `:ro`. What was written may lie in a folder that is needed, and would be
  /// hidden by it if that were mounted later.
  var all: [String] { (needed + written).map { $0.contains(":") ? $0 : $0 + ":" + $0 } }

  /// Where a path of the container is on a node.
  func pathOnNode(_ path: String) -> String {
    for mount in written {
      let (outside, inside) = Self.ends(of: mount)
      if Self.holds(inside, path) { return outside + path.dropFirst(inside.count) }
    }
    return path
  }

  /// What a mount shows, and where.
  static func ends(of mount: String) -> (outside: String, inside: String) {
    let parts = mount.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
    func trimmed(_ path: String) -> String { path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path }
    return (trimmed(parts[0]), trimmed(parts.count > 1 ? parts[1] : parts[0]))
  }

  /// Whether a path is a folder, or lies in it.
  static func holds(_ folder: String, _ path: String) -> Bool {
    path == folder || path.hasPrefix(folder == "/" ? folder : folder + "/")
  }

  /// A path's own folder: whether it is one itself cannot be seen from here. Where its name would be taken for more than
  /// a path, the nearest one above it.
  private static func folder(of path: String) -> String? {
    let names = path.split(separator: "/")
    let plain = names.prefix { name in !name.contains { $0 == ":" || $0 == "," } }
    let folder = plain.count == names.count && names.count > 1 ? plain.dropLast() : plain
    return folder.isEmpty ? nil : "/" + folder.joined(separator: "/")
  }

  /// Every text of a config that is an absolute path; what describes the cluster and its variables is not for the container.
  private static func paths(of config: LaunchConfig) -> Set<String> {
    let apart = [Path.cluster.whole.section, Path.envVars.whole.section]
    var found: Set<String> = []
    func look(_ value: ConfigValue) {
      switch value {
      case .string(let text) where text.hasPrefix("/") && text.utf8.count > 1 && !unfitForOneLine(text):
        found.insert(text)
      case .list(let items): for item in items { look(item) }
      case .mapping(let mapping): for entry in mapping.entries { look(entry.value) }
      default: break
      }
    }
    for section in LaunchConfig.sections where !apart.contains(section.schema.name) {
      let storage = config[keyPath: section.storage]
      guard storage.isPresent else { continue }
      for field in storage.schema.fields { look(storage.value(of: field)) }
      for carried in storage.carried { look(carried.value) }
    }
    return found
  }
}
