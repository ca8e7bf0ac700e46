import ConfigDocument
import Diagnostics
import LaunchModel
import Releases
import Validation

/// Everything that is known of one text: what it says, what follows, and what is wrong with it.
struct Analysis {
  let address: DocumentAddress
  let encoding: PositionEncoding
  let loaded: ConfigLoader.LoadedConfig
  let run: RunFacts
  let diagnostics: [Diagnostic]
  /// What the text is now, or was when it could last be read.
  let form: ReadableForm?
  /// Files that it builds on, as identities.
  let bases: Set<String>

  /// - Parameters:
  ///   - release: that of a config that names none.
  ///   - lastForm: what the document was before.
  init(
    _ document: OpenDocument, _ recipes: any RecipeSource, _ files: OpenFiles, release: Release?,
    lastForm: ReadableForm?
  ) {
    address = document.address
    encoding = document.encoding
    let text = DocumentReader.read(
      text: document.file.text, name: document.address.path, format: document.format)
    let loader = ConfigLoader(recipes: recipes, files: files, release: release)
    (loaded, run) = Validator.onLikelyGPUs(loader.load(text, path: document.address.path))
    // Who has deleted everything begins anew.
    form = ReadableForm(loaded) ?? (document.file.text.contains { !$0.isWhitespace } ? lastForm : nil)
    // An editor may hand over every YAML file; of one that is no config, or not yet, there is nothing to say.
    let isConfig = form.map { !$0.isForeign } ?? text.namesSections
    diagnostics = isConfig ? Validator.diagnostics(loaded, run) : []
    bases = files.identitiesRead
  }

  var document: ParsedDocument { loaded.document }
  var file: SourceFile { loaded.document.file }
  var spelling: any Spelling { loaded.spelling }
  var config: LaunchConfig { loaded.resolution.config }
  var positions: TextPositions { TextPositions(file: file, encoding: encoding) }
  var derived: DerivedValues? { document.isForeign ? nil : DerivedValues(run, diagnostics) }

  /// What the document says of a field, in its own spelling.
  func node(of path: FieldPath) -> Node? { entry(of: path)?.value }

  func entry(of path: FieldPath) -> Node.Entry? {
    guard let keys = spelling.keys(of: path), let last = keys.last else { return nil }
    let parent = keys.dropLast().reduce(document.root) { $0?[$1] }
    return parent?.entries?.first { $0.key == last }
  }
}
