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
    if isOwn(name) { return true }
    let path = "\(entry.key).\(Self.target)"
    return switch meaning(of: target, like: expected, alsoLike: others, in: entry.key, path: path) {
    case .expected: true
    case .another: false
    }
  }

  enum ClassMeaning {
    /// The class whose fields are known, whatever is wrong with its name.
    case expected
    /// Some other class.
    case another
  }

  /// What class a name stands for: one that the release has is meant, whatever it looks like. A name that the release
  /// lacks is reported where another release has it, or where a slip of the keyboard made it.
  @discardableResult
  mutating func meaning(
    of target: Node.Entry, like expected: String, alsoLike others: [String] = [], in attribute: String? = nil,
    path: String
  ) -> ClassMeaning {
    let name = target.value.scalar?.text ?? ""
    guard name != expected, name.hasPrefix("megatron.") else { return name == expected ? .expected : .another }
    if release.fields.hasClass(name) { return .another }
    let holders = Release.all.filter { $0.fields.hasClass(name) }
    if !holders.isEmpty {
      reportOtherRelease(
        .bridgeClass, target.value.range, path: path,
        "megatron-bridge \(release.megatronBridge) has no class `\(name)`", holders)
      let isPlain = holders.contains { holder in
        attribute.flatMap { holder.classes.attribute(named: $0) }.map { holder.isOwn(name, of: $0) } ?? false
      }
      return isPlain ? .expected : .another
    }
    // Classes are also reached through modules that import them.
    if name.unqualified == expected.unqualified { return .expected }
    if Release.all.contains(where: { $0.fields.hasClass(named: name.unqualified) }) { return .another }
    let known = [expected] + others + (attribute.map { release.fields.classes(ofAttribute: $0) } ?? [])
    guard let slip = typo(name.unqualified, among: Set(known.map(\.unqualified))),
      let meant = known.first(where: { $0.unqualified == slip }), slip != name.unqualified
    else {
      reportUnknown(name, at: target.value.range, in: attribute, path: path)
      return .another
    }
    report(
      .bridgeClass, target.value.range, path: path, "there is no class `\(name)`", help: "did you mean `\(meant)`?",
      fix: Fix(
        "write `\(meant)`", .safe, in: file,
        edits: [TextEdit(target.value.range, format.text(of: meant))]))
    return meant == expected || others.contains(meant) ? .expected : .another
  }

  /// A model of Megatron-Bridge's that no release has, under no module: a newer one may.
  private mutating func reportUnknown(_ name: String, at range: SourceRange, in attribute: String?, path: String) {
    guard attribute == ModelFields.schema.name, name.hasPrefix("megatron.bridge.") else { return }
    report(
      .bridgeClass, range, severity: .warning, path: path,
      "no release that is known here has a class `\(name.unqualified)`",
      help: "known are those of \(Release.all.map(\.megatronBridge).joined(separator: ", "))")
  }
}
