import Diagnostics

/// DOC-03, the same sentence for YAML and JSON.
func duplicateKey(_ path: [String], _ range: SourceRange, first: SourceRange, in file: SourceFile) -> Diagnostic {
  let key = path.last ?? ""
  let path = path.joined(separator: ".")
  return Diagnostic(
    DocumentRule.duplicateKey.code, .error, "the key `\(shortened(key))` stands twice", help: "remove one of the two",
    path: path,
    at: SourceLocation(file, range),
    related: [RelatedPlace(path, "it stands here first", at: SourceLocation(file, first))])
}
