import ConfigDocument
import Diagnostics
import LaunchModel

/// Gives findings their places in the file that is checked.
struct FindingPlaces {
  /// `nil` for a config that comes from no file.
  let document: ParsedDocument?
  let config: LaunchConfig
  /// How the file spells things.
  let spelling: any Spelling

  private let withFixes: Bool

  init(_ config: LaunchConfig, in document: ParsedDocument?, _ spelling: any Spelling, withFixes: Bool = true) {
    self.withFixes = withFixes
    self.document = document
    self.config = config
    self.spelling = spelling
  }

  func diagnostic(for finding: Finding) -> Diagnostic {
    let written = writtenPlace(of: finding.path)
    var place = written ?? fallbackPlace(of: finding.path)
    if let excerpt = finding.excerpt { place = written.map { part(excerpt, of: $0) } ?? place }
    var related = finding.related.map(related)
    // The place shown is not that of the value, so the value has to be said.
    if written == nil, let unwritten = unwritten(finding.path) { related.insert(unwritten, at: 0) }
    return Diagnostic(
      finding.code, finding.severity, finding.message.text(in: spelling), help: finding.help?.text(in: spelling),
      path: spelling.name(of: finding.path), at: place, related: related, fix: finding.fix.flatMap(fix))
  }

  private func related(_ related: Finding.Related) -> RelatedPlace {
    let path = spelling.name(of: related.path)
    let message = related.message.text(in: spelling)
    if let place = writtenPlace(of: related.path) { return RelatedPlace(path, message, at: place) }
    guard let origin = config.value(at: related.path)?.origin else { return RelatedPlace(path, message) }
    return RelatedPlace(path, "\(message) (\(origin.message.text(in: spelling)))")
  }

  /// A value that stands in no text, with where it comes from.
  private func unwritten(_ path: FieldPath) -> RelatedPlace? {
    guard let (value, origin) = config.value(at: path) else { return nil }
    return RelatedPlace(
      spelling.name(of: path), "\(FlowText.yaml(value)) (\(origin.message.text(in: spelling)))")
  }

  /// The section, else what the file builds on, else its beginning.
  private func fallbackPlace(of path: FieldPath) -> SourceLocation? {
    guard let document else { return nil }
    let start = SourceLocation(document.file, document.root?["extends"]?.range ?? SourceRange(0, 0))
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

  /// The mend as edits of the checked file; `nil` where it cannot be one.
  private func fix(_ fix: FieldFix) -> Fix? {
    guard let document, withFixes else { return nil }
    return FixEdits(document, config, spelling).fix(fix)
  }
}
