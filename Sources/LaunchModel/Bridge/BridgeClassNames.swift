import ConfigDocument
import Diagnostics
import Releases

/// The classes that sections name.
extension BridgeReader {
  /// - Returns: whether the section is of a class whose fields are known.
  mutating func checkTarget(
    of entry: Node.Entry, _ fields: [Node.Entry], like expected: String, alsoLike others: [String] = [],
    isOwn: (String) -> Bool
  ) -> Bool {
    guard let target = fields.first(where: { $0.key == Self.target }) else {
      report(
        .bridgeClass, entry.keyRange, path: "\(entry.key).\(Self.target)",
        "`\(entry.key)` has no `_target_`: Megatron-Bridge would make a plain dictionary of it",
        help: "write `_target_: \(expected)`", fix: fields.first.flatMap { insertion(of: expected, before: $0) })
      return true
    }
    guard let name = target.value.scalar?.text else {
      report(
        .bridgeClass, target.value.range, path: "\(entry.key).\(Self.target)", "`_target_` must be the name of a class")
      return true
    }
    if isOwn(name) || name.unqualified == expected.unqualified { return true }
    return check(target, like: expected, alsoLike: others, path: "\(entry.key).\(Self.target)")
  }

  /// Reports a class that is nearly one that exists; there are no others of nearly the same name in these packages.
  ///
  /// - Returns: whether it was meant to be that class.
  @discardableResult
  mutating func check(
    _ target: Node.Entry, like expected: String, alsoLike others: [String] = [], path: String
  ) -> Bool {
    let name = target.value.scalar?.text ?? ""
    guard name.unqualified != expected.unqualified, name.hasPrefix("megatron.") else {
      return name.unqualified == expected.unqualified
    }
    let known = [expected] + others
    guard let nearest = nearestName(to: name.unqualified, among: known.map(\.unqualified)),
      let meant = known.first(where: { $0.unqualified == nearest }), nearest != name.unqualified
    else { return false }
    let isTypo = typo(name.unqualified, among: known.map(\.unqualified)) == nearest
    report(
      .bridgeClass, target.value.range, path: path, "there is no class `\(name)`", help: "did you mean `\(meant)`?",
      fix: Fix(
        "write `\(meant)`", isTypo ? .safe : .unsafe, in: file,
        edits: [TextEdit(target.value.range, format.text(of: meant))]))
    return true
  }
}
