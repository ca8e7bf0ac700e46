package import ConfigDocument
import Diagnostics
package import LaunchModel
package import Releases

/// What people have already, as a launch config: arguments of a training program, or overrides of a recipe.
///
/// What is given becomes the field that says it. Where a program's command line says everything, what is not given has
/// Megatron-LM's default, which is written out where it is not the field's own.
package struct ImportedConfig {
  /// The config as a tree whose values stand in the file that was read.
  package let document: ParsedDocument
  /// Where each value comes from, by section and field.
  package let comments: [[String]: String]
  /// How messages about it call its fields.
  package let spelling: any Spelling
  /// Fields that are set to what only a running shell knows: nothing can be said of their absence.
  package let unknown: Set<FieldPath>

  /// Whether a text is one of the forms, and no config: arguments, a script that gives them, or overrides.
  ///
  /// - Parameter recipe: what it is to be laid over; then any mapping of sections is one that does not build on something
  ///   itself.
  package static func recognises(_ document: ParsedDocument, on recipe: String? = nil) -> Bool {
    ArgumentFile.recognises(document) || BridgeOverrideFile.recognises(document)
      || recipe != nil && BridgeOverrideFile.canBeLaidOverRecipe(document)
  }

  /// - Parameters:
  ///   - source: a text that ``recognises(_:)`` takes.
  ///   - asked: for which release it is; `nil` where nobody says, as such files do not.
  ///   - recipe: what it is laid over.
  ///   - sourcedTexts: what a script sources.
  ///   - naming: what the recipe is called here that a name means to Megatron-Bridge.
  package init(
    _ source: ParsedDocument, for asked: Release?, on recipe: String? = nil,
    sourcing sourcedTexts: @escaping SourcedTexts = { _ in nil }, naming: BridgeRecipeNames = { _, _ in nil }
  ) {
    if !ArgumentFile.recognises(source) {
      let file = BridgeOverrideFile(source, for: asked, on: recipe, naming)
      (document, comments, spelling, unknown) = (file.document, file.comments, file.spelling, [])
      return
    }
    let release = asked ?? .current
    let file = ArgumentFile(source, sourcing: sourcedTexts)
    var fields: ImportedFields
    var diagnostics = asked == nil ? [Self.assumption(release, file)] : []
    diagnostics += file.diagnostics
    if file.program.takesOverrides {
      let reader = OverrideReader(file, for: release)
      let written = recipe ?? (file.program == .bridge ? reader.recipe?.text : nil)
      let meant = file.program == .bridge ? written.flatMap { BridgeRecipeMeaning($0, in: release, naming) } : nil
      if let meant { diagnostics.append(meant.note(at: file.sources.location(of: file.place))) }
      fields = ImportedFields(file, overrides: reader, on: meant?.name ?? written, for: release)
      fields.addOverrides(reader.values)
      diagnostics += reader.diagnostics
    } else {
      let reader = OptionReader(file, for: release)
      fields = ImportedFields(file, options: reader, on: recipe, for: release)
      if !file.arguments.isEmpty {
        fields.addListedOptions()
        fields.addSharedOptions()
        fields.addNamed(reader.named)
      }
      diagnostics += reader.diagnostics
    }
    if !file.arguments.isEmpty {
      fields.addLauncher(file.launcher)
      fields.addEnvironment(file.environment)
      fields.addOtherPrograms()
    }
    document = ParsedDocument(
      file: source.file, root: fields.root, diagnostics: diagnostics + fields.leftOut + fields.missingRecipe)
    comments = fields.comments
    unknown = fields.unknown
    spelling =
      file.program == .bridge
      ? BridgeSpelling(release, dataset: nil) : ArgumentSpelling(release, namesGPUs: fields.namesGPUs)
  }

  private static func assumption(_ release: Release, _ file: ArgumentFile) -> Diagnostic {
    let what =
      file.program == .bridge
      ? "Megatron-Bridge \(release.megatronBridge); overrides do not say for which they are"
      : "the Megatron-LM of megatron-core \(release.megatronCore) (Megatron-Bridge \(release.megatronBridge)); "
        + "arguments do not say for which they are"
    return Diagnostic(
      FieldRule.release.code, .note, "read for " + what,
      help: "say another release with --megatron-bridge", path: Path.software.megatronBridge.description,
      at: file.sources.location(of: file.place))
  }

  /// The text of a native config.
  ///
  /// - Parameter header: comment lines at its top.
  package func yaml(header: [String]) -> String {
    guard let root = document.root else { return "" }
    return YAMLEmitter(header: header, comments: comments).emit(root.plainValue)
  }
}
