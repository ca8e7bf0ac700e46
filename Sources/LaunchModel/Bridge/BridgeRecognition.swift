package import ConfigDocument
import Diagnostics
package import Releases

/// Which release a ConfigContainer is for. No file says so, but what stands in it does: the classes and the names of
/// fields.
///
/// Of the releases that have all of them the newest is taken; where there is none, the one that lacks the fewest. What
/// no release has, such as a slip of the keyboard or a class of one's own, says nothing.
package struct BridgeRecognition: Sendable {
  /// The release that the file is read for.
  package let release: Release
  /// What each release lacks of the classes and fields in the file, the newest release first.
  let lacking: [(release: Release, names: [String])]
  /// Whether somebody said which release it is.
  let isAsked: Bool

  /// - Parameter asked: the release that the file is for, whatever stands in it.
  package init(_ document: ParsedDocument, asked: Release? = nil) {
    let names = BridgeNames(document.root)
    isAsked = asked != nil
    let all = Release.all.reversed().map { (release: $0, names: names.lacking(in: $0)) }
    // A release without an attribute has none of its fields either.
    let strange = Set(all.flatMap(\.names)).filter { name in
      all.allSatisfy { $0.names.contains(name) || $0.names.contains(String(name.prefix { $0 != "." })) }
    }
    lacking = all.map { ($0.release, $0.names.filter { !strange.contains($0) }) }
    release =
      asked ?? lacking.enumerated().min { ($0.element.names.count, $0.offset) < ($1.element.names.count, $1.offset) }?
      .element.release ?? .current
  }

  /// Whether a release has everything that stands in the file and that some release has.
  package func fits(_ release: Release) -> Bool { lacking.first { $0.release == release }?.names.isEmpty ?? false }

  /// What was taken, and why, for the reader of a report.
  func note(in document: ParsedDocument) -> Diagnostic {
    let place = document.root?[BridgeReader.target]?.range ?? SourceRange(0, 0)
    return Diagnostic(
      FieldRule.bridgeRelease.code, .note, "checked for megatron-bridge \(release.megatronBridge): \(reason)",
      help: isAsked ? nil : "say another release with --megatron-bridge", path: BridgeReader.target,
      at: SourceLocation(document.file, place))
  }

  private var reason: String {
    if isAsked { return "--megatron-bridge says so" }
    let fitting = lacking.filter(\.names.isEmpty).map(\.release)
    let newer = lacking.prefix { $0.release != release }
    if fitting.isEmpty {
      let own = lacking.first { $0.release == release }?.names ?? []
      return "no release has all that stands here, and this one lacks the least (\(Self.shown(own)))"
    }
    if let nearest = newer.last {
      return
        "the newest that has all that stands here; \(nearest.release.megatronBridge) lacks \(Self.shown(nearest.names))"
    }
    let others = fitting.dropFirst().map(\.megatronBridge).joined(separator: " and ")
    return fitting.count > 1
      ? "the newest that has all that stands here; \(others) would do as well"
      : "the only one that has all that stands here"
  }

  private static func shown(_ names: [String]) -> String {
    names.prefix(2).map { "`\($0)`" }.joined(separator: ", ") + (names.count > 2 ? " and \(names.count - 2) more" : "")
  }
}

/// The classes and fields that stand in a ConfigContainer.
private struct BridgeNames {
  private struct Attribute {
    let name: String
    let target: String?
    let fields: [String]
    /// The fields of objects within it.
    let objects: [(name: String, fields: [String])]
  }

  private let attributes: [Attribute]

  init(_ root: Node?) {
    attributes = Self.own(root).map { entry in
      Attribute(
        name: entry.key, target: entry.value[BridgeReader.target]?.scalar?.text,
        fields: Self.own(entry.value).map(\.key),
        objects: entry.key == Path.dataset.whole.section
          ? Self.own(entry.value).map { ($0.key, Self.own($0.value).map(\.key)) } : [])
    }
  }

  private static func own(_ node: Node?) -> [Node.Entry] { (node?.entries ?? []).filter { !$0.key.hasPrefix("_") } }

  /// Those that a release does not have, in the order of the file, with the attribute that holds them.
  func lacking(in release: Release) -> [String] {
    let known = release.fields.fields(of: "container").map(\.name)
    return attributes.flatMap { attribute -> [String] in
      guard known.contains(attribute.name) else { return [attribute.name] }
      // Variables are anybody's.
      guard release.fields.isClass(attribute.name) || release.classes.attribute(named: attribute.name) != nil else {
        return []
      }
      var lacking: [String] = []
      if let target = attribute.target, target.hasPrefix("megatron."), !release.knows(target, of: attribute.name) {
        lacking.append(target)
      }
      return lacking + Self.fieldsLacking(of: attribute, in: release).map { "\(attribute.name).\($0)" }
    }
  }

  private static func fieldsLacking(of attribute: Attribute, in release: Release) -> [String] {
    let fields = release.fields
    guard let known = release.classes.attribute(named: attribute.name) else {
      return attribute.fields.filter { fields.field($0, of: attribute.name) == nil }
    }
    let dataset =
      attribute.name == Path.dataset.whole.section ? attribute.target.flatMap { release.dataset(named: $0) } : nil
    guard let dataset else { return attribute.fields.filter { !fields.hasField($0, ofAny: known.fieldClasses) } }
    let spelling = BridgeSpelling(release, dataset: dataset)
    return attribute.fields.filter {
      !release.declares($0, in: dataset) && !spelling.isHolder([attribute.name, $0])
        && spelling.path(ofKeys: [attribute.name, $0]) == nil
    }
      + attribute.objects.filter { dataset.objects[$0.name] != nil }.flatMap { object in
        object.fields.filter { spelling.path(ofKeys: [attribute.name, object.name, $0]) == nil }
          .map { "\(object.name).\($0)" }
      }
  }
}

extension Release {
  /// Whether a class that an attribute names is one of the release's.
  func knows(_ target: String, of attribute: String) -> Bool {
    fields.hasClass(target) || description.classes.attribute(named: attribute).map { isOwn(target, of: $0) } ?? false
      || attribute == Path.dataset.whole.section && dataset(named: target)?.className == target
  }
}
