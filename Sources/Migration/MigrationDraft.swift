import ConfigDocument
import Diagnostics
import Releases

/// A text on its way to another release: each edit keeps the rest of it, and is noted with its reason.
struct MigrationDraft {
  let target: Release
  /// What the release has no place for is left out, instead of refused.
  let dropsLosses: Bool
  /// The version of YAML by which the reader of the text takes its scalars.
  let version: YAMLVersion
  private(set) var document: ParsedDocument
  private(set) var remarks: [MigrationRemark] = []

  init(_ document: ParsedDocument, to target: Release, dropsLosses: Bool, version: YAMLVersion) {
    self.document = document
    self.target = target
    self.dropsLosses = dropsLosses
    self.version = version
  }

  // MARK: Looking

  func node(at keys: [String]) -> Node? { keys.reduce(document.root) { $0?[$1] } }

  func value(at keys: [String]) -> ConfigValue? { node(at: keys)?.value(in: version) }

  // MARK: Remarks

  mutating func note(_ keys: [String], _ message: String) {
    remarks.append(MigrationRemark(.change, keys.joined(separator: "."), message))
  }

  mutating func warn(_ keys: [String], _ message: String, help: String? = nil) {
    remarks.append(MigrationRemark(.warning, keys.joined(separator: "."), message, help: help))
  }

  /// Says what the release has no place for.
  mutating func lose(_ keys: [String], _ message: String, help: String? = nil) {
    remarks.append(
      MigrationRemark(dropsLosses ? .warning : .loss, keys.joined(separator: "."), message, help: help))
  }

  /// Says what has to be done first, whatever may be left out.
  mutating func refuse(_ keys: [String], _ message: String, help: String?) {
    remarks.append(MigrationRemark(.refusal, keys.joined(separator: "."), message, help: help))
  }

  // MARK: Edits

  mutating func rename(_ keys: [String], to key: String, _ reason: String) {
    let moved = keys.dropLast() + [key]
    guard edit(keys, { editor throws(EditError) in try editor.rename(keys, to: key) }) else { return }
    note(keys, "is `\(moved.joined(separator: "."))`: \(reason)")
  }

  mutating func replace(_ keys: [String], with value: ConfigValue, _ reason: String) {
    guard edit(keys, { editor throws(EditError) in try editor.replace(keys, with: value) }) else { return }
    note(keys, "set to \(FlowText.yaml(value)): \(reason)")
  }

  mutating func insert(_ keys: [String], _ value: ConfigValue, _ reason: String) {
    guard edit(keys, { editor throws(EditError) in try editor.insert(keys, value) }) else { return }
    note(keys, "written out as \(FlowText.yaml(value)): \(reason)")
  }

  mutating func remove(_ keys: [String], _ reason: String) {
    guard edit(keys, { editor throws(EditError) in try editor.remove(keys) }) else { return }
    note(keys, "removed: \(reason)")
  }

  /// Takes a value and the comment behind it to another mapping.
  mutating func move(_ keys: [String], to place: [String], _ reason: String) {
    guard let value = value(at: keys) else { return }
    let comment = comment(behind: keys)
    let inserted = edit(keys) { editor throws(EditError) in
      var edits = try editor.insert(place, value)
      // Inside brackets it would hide what follows.
      if let comment, let last = edits.indices.last,
        edits[last].text.hasPrefix("\n") || edits[last].text.hasPrefix("\r")
      {
        edits[last].text += "  " + comment
      }
      return edits
    }
    guard inserted, edit(keys, { editor throws(EditError) in try editor.remove(keys) }) else { return }
    let parent = Array(keys.dropLast())
    if !parent.isEmpty, node(at: parent)?.entries?.isEmpty == true {
      silently(parent) { editor throws(EditError) in try editor.remove(parent) }
    }
    note(keys, "is `\(place.joined(separator: "."))`: \(reason)")
  }

  /// Makes an edit that goes without saying, as a part of another one.
  @discardableResult
  mutating func silently(_ keys: [String], _ edits: (DocumentEditor) throws(EditError) -> [TextEdit]) -> Bool {
    edit(keys, edits)
  }

  /// Applies a fix that a rule has for the text.
  mutating func apply(_ fix: Fix, _ keys: [String], _ reason: String) {
    apply(fix.edits)
    note(keys, "\(fix.title): \(reason)")
  }

  private mutating func edit(_ keys: [String], _ edits: (DocumentEditor) throws(EditError) -> [TextEdit]) -> Bool {
    do throws(EditError) {
      apply(try edits(DocumentEditor(document)))
      return true
    } catch {
      refuse(keys, "cannot be edited here: \(error.reason)", help: "change it by hand")
      return false
    }
  }

  private mutating func apply(_ edits: [TextEdit]) { document = document.applying(edits) }

  /// The comment behind a value on its last line.
  private func comment(behind keys: [String]) -> String? {
    guard document.format == .yaml, let end = node(at: keys)?.range.end else { return nil }
    let file = document.file
    let line = file.position(at: end).line
    return YAMLComment.comments(in: file).first { comment in
      !comment.isAlone && comment.range.start >= end && file.position(at: comment.range.start).line == line
    }.map { String(file.text(in: $0.range)) }
  }
}

extension EditError {
  fileprivate var reason: String {
    switch self {
    case .noTree, .noSuchPath: "there is nothing"
    case .alreadyExists: "there is something in its new place"
    case .notAMapping: "its new place lies in something that is no mapping"
    case .shared: "an anchor or a merge key brings it here from elsewhere"
    case .notWritable(let error): "\(error)"
    case .unsupported: "the text has an unusual form"
    }
  }
}

extension Node {
  /// Whether nothing stands there: `null`, or a mapping without keys.
  var isEmpty: Bool { entries?.isEmpty ?? (scalar?.value(in: .v1_2) == .null) }
}
