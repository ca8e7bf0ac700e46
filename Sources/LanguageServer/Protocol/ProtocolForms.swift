import ConfigDocument
import Diagnostics

/// Findings and edits as the protocol writes them.
struct ProtocolForms {
  let analysis: Analysis
  let workspace: Workspace

  /// The range of a finding in its document. One that stands elsewhere is shown at what leads there, and one of several
  /// lines at its head, since an editor underlines all of a range.
  func range(of diagnostic: Diagnostic) -> SourceRange {
    guard let place = diagnostic.location else { return SourceRange(0, 0) }
    if place.file === analysis.file { return head(of: place.range) }
    return analysis.document.root?["extends"].map { head(of: $0.range) } ?? SourceRange(0, 0)
  }

  /// The key of a value of several lines, else the first line.
  private func head(of range: SourceRange) -> SourceRange {
    let file = analysis.file
    let line = file.line(file.position(at: range.start).line).range
    guard range.end > line.end else { return range }
    return analysis.document.root?.key(ofValueAt: range) ?? SourceRange(range.start, max(line.end, range.start))
  }

  func diagnostic(_ diagnostic: Diagnostic) -> ConfigValue {
    var text = diagnostic.message
    if let help = diagnostic.help { text += "\nhelp: " + help }
    var form: ConfigMapping = [
      "range": analysis.positions.range(range(of: diagnostic)),
      "severity": .int(Self.number(of: diagnostic.severity)),
      "code": .string(diagnostic.code.rawValue),
      "source": "moonlight",
    ]
    // A place without a text of its own has only its words.
    for place in diagnostic.related where place.location == nil { text += "\n\(place.path): \(place.message)" }
    form["message"] = .string(text)
    var related = diagnostic.related.compactMap { place in
      place.location.map { located(place.path.isEmpty ? place.message : "\(place.path): \(place.message)", $0) }
    }
    if let place = diagnostic.location, place.file !== analysis.file {
      related.insert(located(diagnostic.message, place), at: 0)
    }
    if !related.isEmpty { form["relatedInformation"] = .list(related) }
    if diagnostic.code == DocumentRule.idleIgnore.code { form["tags"] = [.int(Self.unnecessary)] }
    return .mapping(form)
  }

  /// `DiagnosticTag.Unnecessary`: shown faded.
  private static let unnecessary = 1

  private static func number(of severity: Severity) -> Int {
    switch severity {
    case .error: 1
    case .warning: 2
    case .note: 3
    }
  }

  private func located(_ message: String, _ place: SourceLocation) -> ConfigValue {
    ["location": location(place), "message": .string(message)]
  }

  func location(_ place: SourceLocation) -> ConfigValue {
    let uri = place.file === analysis.file ? analysis.address.uri : workspace.address(ofFile: place.file.name).uri
    return [
      "uri": .string(uri), "range": TextPositions(file: place.file, encoding: analysis.encoding).range(place.range),
    ]
  }

  func edits(_ edits: [TextEdit]) -> ConfigValue {
    .list(edits.map { ["range": analysis.positions.range($0.range), "newText": .string($0.text)] })
  }

  /// Edits of the document itself.
  func workspaceEdit(_ edits: [TextEdit]) -> ConfigValue {
    ["changes": .mapping(ConfigMapping([ConfigMapping.Entry(analysis.address.uri, self.edits(edits))]))]
  }
}

extension Node {
  /// The key under which a mapping or a list of this range stands.
  fileprivate func key(ofValueAt range: SourceRange) -> SourceRange? {
    switch content {
    case .scalar: return nil
    case .sequence(let items): return items.lazy.compactMap { $0.key(ofValueAt: range) }.first
    case .mapping(let entries):
      for entry in entries where entry.value.scalar == nil {
        if entry.value.range == range { return entry.keyRange }
        guard entry.value.range.start <= range.start, range.end <= entry.value.range.end else { continue }
        if let key = entry.value.key(ofValueAt: range) { return key }
      }
      return nil
    }
  }
}
