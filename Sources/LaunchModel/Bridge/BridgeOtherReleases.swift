import ConfigDocument
import Diagnostics
import Releases

/// Names that another release has: no slip, and nothing that a fix may change, but a file for another release.
extension BridgeReader {
  /// - Returns: whether another release's class has the field.
  mutating func reportNameOfOtherRelease(_ field: Node.Entry, of sorted: BridgeFieldSorting, path: String) -> Bool {
    let attribute = sorted.attribute.name
    let holders = Release.all.filter { other in
      other.classes.attribute(named: attribute).map { other.hasField(field.key, of: $0) } ?? false
    }
    guard !holders.isEmpty else { return false }
    let owner = sorted.attribute.sections[0]
    let name = release.name(ofField: "\(owner).\(field.key)").map { name in
      name.hasPrefix("\(owner).") ? String(name.dropFirst(owner.utf8.count + 1)) : name
    }
    reportOtherRelease(
      .unknownField, field.keyRange, path: path,
      "`\(attribute)` of megatron-bridge \(release.megatronBridge) has no `\(field.key)`"
        + (name.map { ": it is called `\($0)` there" } ?? "")
        + (sorted.refusesUnknown ? "" : ", and the loader drops it"), holders)
    return true
  }

  mutating func reportOtherRelease(
    _ rule: FieldRule, _ range: SourceRange, path: String, _ message: String, _ holders: [Release]
  ) {
    let names = holders.map(\.megatronBridge).joined(separator: ", ")
    let migration = holders.last.map { "; " + release.migration(of: file, from: $0) } ?? ""
    report(rule, range, path: path, message, help: "\(names) \(holders.count == 1 ? "has" : "have") it\(migration)")
  }
}
