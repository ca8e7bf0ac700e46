import ConfigDocument
import Diagnostics
import LaunchModel

/// Gives findings their places in the file that is checked.
struct FindingPlaces {
  let document: ParsedDocument
  let config: LaunchConfig

  init(_ loaded: ConfigLoader.LoadedConfig) {
    document = loaded.document
    config = loaded.resolution.config
  }

  func diagnostic(for finding: Finding) -> Diagnostic {
    var place = place(of: finding.path)
    if let excerpt = finding.excerpt { place = part(excerpt, of: place) }
    return Diagnostic(
      finding.code, finding.severity, finding.message, help: finding.help, path: finding.path.description, at: place,
      related: finding.related.map { RelatedPlace($0.path.description, $0.message, at: writtenPlace(of: $0.path)) },
      fix: finding.fix.flatMap(fix))
  }

  /// Where the value is written; else its section, else the beginning of the file.
  private func place(of path: FieldPath) -> SourceLocation {
    if let place = writtenPlace(of: path) { return place }
    let start = SourceLocation(document.file, SourceRange(0, 0))
    guard let section = LaunchConfig.section(named: path.section) else { return start }
    if case .file(let value, let key) = config[keyPath: section.storage].sectionOrigin {
      return SourceLocation(value.file, key)
    }
    return start
  }

  private func writtenPlace(of path: FieldPath) -> SourceLocation? {
    if path.field.isEmpty {
      guard let section = LaunchConfig.section(named: path.section),
        case .file(let value, let key) = config[keyPath: section.storage].sectionOrigin
      else { return nil }
      return SourceLocation(value.file, key)
    }
    return config.value(at: path)?.origin.location
  }

  /// A part of a value's text. A quoted value begins one character later; one with escapes is taken whole.
  private func part(_ part: Range<Int>, of place: SourceLocation) -> SourceLocation {
    let text = place.file.text(in: place.range)
    let quote = text.utf8.first == UInt8(ascii: "\"") || text.utf8.first == UInt8(ascii: "'") ? 1 : 0
    let start = place.range.start + quote + part.lowerBound
    let end = place.range.start + quote + part.upperBound
    guard end <= place.range.end, !text.utf8.contains(UInt8(ascii: "\\")) else { return place }
    return SourceLocation(place.file, SourceRange(start, max(end, start)))
  }

  /// Edits of the file; none where a change is to a value that stands in another one.
  private func fix(_ fix: FieldFix) -> Fix? {
    nil
  }
}
