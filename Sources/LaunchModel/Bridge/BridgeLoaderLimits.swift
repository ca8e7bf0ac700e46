import ConfigDocument
import Diagnostics
import Releases

/// Objects that the release's loader does not make, whatever their class is.
extension BridgeReader {
  mutating func checkObjects(of attributes: [Node.Entry]) {
    guard release.objectsInFiles.packages != nil else { return }
    var registered: Set<String> = []
    for entry in attributes where !entry.key.hasPrefix("_") {
      check(entry.value, field: entry.key, path: entry.key, &registered)
    }
  }

  /// - Parameter registered: the packages that were told of; one word about each is enough.
  private mutating func check(_ node: Node, field: String, path: String, _ registered: inout Set<String>) {
    for item in node.items ?? [] { check(item, field: field, path: path, &registered) }
    guard let entries = node.entries else { return }
    if let target = node[Self.target], let name = target.scalar?.text {
      report(release.objectsInFiles.verdict(on: name, in: field), on: name, target.range, path: path, &registered)
    }
    for entry in entries where !entry.key.hasPrefix("_") {
      check(entry.value, field: entry.key, path: "\(path).\(entry.key)", &registered)
    }
  }

  private mutating func report(
    _ verdict: ObjectsInFiles.Verdict, on name: String, _ range: SourceRange, path: String,
    _ registered: inout Set<String>
  ) {
    let loader = "the loader of megatron-bridge \(release.megatronBridge)"
    switch verdict {
    case .taken: return
    case .refusedField:
      report(
        .bridgeText, range, path: path, "\(loader) takes no function in `\(path)` from a file",
        help: "remove it, and set it in the program that starts the run")
    case .refusedName:
      report(
        .bridgeText, range, path: path, "\(loader) makes nothing of `\(name)`, which is private to its package",
        help: "write the public name")
    case .needsRegistration(let package):
      guard registered.insert(package).inserted else { return }
      report(
        .bridgeClass, range, severity: .warning, path: path,
        "\(loader) makes nothing of package `\(package)` by itself",
        help: """
          call `register_allowed_target_prefix("\(package).")` of megatron.bridge.utils.instantiate_utils before the file \
          is loaded
          """)
    }
  }
}
