import ConfigDocument
import Diagnostics

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
    if isOwn(name) || name.className == expected.className { return true }
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
    guard name.className != expected.className, name.hasPrefix("megatron.") else {
      return name.className == expected.className
    }
    let known = [expected] + others
    guard let nearest = nearestName(to: name.className, among: known.map(\.className)),
      let meant = known.first(where: { $0.className == nearest }), nearest != name.className
    else { return false }
    let isTypo = typo(name.className, among: known.map(\.className)) == nearest
    report(
      .bridgeClass, target.value.range, path: path, "there is no class `\(name)`", help: "did you mean `\(meant)`?",
      fix: Fix(
        "write `\(meant)`", isTypo ? .safe : .unsafe, in: file, edits: [TextEdit(target.value.range, format.text(of: meant))]))
    return true
  }
}

extension String {
  /// `TrainingConfig` of `megatron.bridge.training.config.TrainingConfig`.
  var className: String { split(separator: ".").last.map(String.init) ?? self }
}
