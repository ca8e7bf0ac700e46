import ConfigDocument
import Diagnostics
import LaunchModel
import Releases
import Validation

/// Everything that is known of one text: what it says, what follows, and what is wrong with it.
struct Analysis {
  let address: DocumentAddress
  let loaded: ConfigLoader.LoadedConfig
  let run: RunFacts
  let diagnostics: [Diagnostic]
  /// Files that it builds on, as identities.
  let bases: Set<String>

  /// - Parameter release: that of a config that names none.
  init(_ document: OpenDocument, _ recipes: any RecipeSource, _ files: OpenFiles, release: Release?) {
    address = document.address
    let text = DocumentReader.read(
      text: document.file.text, name: document.address.path, format: document.format)
    let loader = ConfigLoader(recipes: recipes, files: files, release: release)
    (loaded, run) = Validator.onLikelyGPUs(loader.load(text, path: document.address.path))
    // An editor may hand over every YAML file; of a foreign one there is nothing to say.
    diagnostics = text.isForeign ? [] : Validator.diagnostics(loaded, run)
    bases = files.identitiesRead
  }

  var document: ParsedDocument { loaded.document }
  var file: SourceFile { loaded.document.file }
  var spelling: any Spelling { loaded.spelling }
  var config: LaunchConfig { loaded.resolution.config }
  var positions: TextPositions { TextPositions(file: file) }
  var derived: DerivedValues? { document.isForeign ? nil : DerivedValues(run, diagnostics) }

  /// What the document says of a field, in its own spelling.
  func node(of path: FieldPath) -> Node? { entry(of: path)?.value }

  func entry(of path: FieldPath) -> Node.Entry? {
    guard let keys = spelling.keys(of: path), let last = keys.last else { return nil }
    let parent = keys.dropLast().reduce(document.root) { $0?[$1] }
    return parent?.entries?.first { $0.key == last }
  }
}
