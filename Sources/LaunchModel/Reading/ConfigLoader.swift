package import ConfigDocument
package import Diagnostics
public import Releases

/// Finds the layers of a recipe by its name.
public protocol RecipeSource: Sendable {
  var recipeNames: [String] { get }
  /// The releases that a recipe is for; `nil` for a name that it does not know.
  func releases(ofRecipe name: String) -> ReleaseSet?
  /// The recipe as it is for a release, lowest first; `nil` for a name it does not know.
  func layers(ofRecipe name: String, for release: Release) -> [Layer]?
  /// What the recipe is called here that a name means to Megatron-Bridge of a release; `nil` for one that is not here.
  func name(ofBridgeRecipe name: String, in release: Release) -> String?
}

/// Reads a config file with everything it builds on.
package struct ConfigLoader {
  package let recipes: any RecipeSource
  private let files: any ConfigFiles
  private let release: Release?

  /// - Parameter release: that of configs that name none, where a person has said it.
  package init(recipes: any RecipeSource, files: any ConfigFiles, release: Release? = nil) {
    self.recipes = recipes
    self.files = files
    self.release = release
  }

  /// - Parameter read: a file's bytes by path, whoever names it.
  package init(
    recipes: any RecipeSource, release: Release? = nil, read: @escaping (String) throws -> [UInt8]
  ) {
    self.init(recipes: recipes, files: TextsByName(read: read), release: release)
  }

  /// A file that was read, with the config it makes.
  package struct LoadedConfig {
    package let document: ParsedDocument
    package internal(set) var resolution: Resolution
    /// How the file spells things.
    package let spelling: any Spelling
    package let choice: ReleaseChoice
    /// Whether this is a part of a config that nothing stands below: of all that is missing, the rest is the one thing to
    /// say.
    package let isPart: Bool

    init(
      document: ParsedDocument, resolution: Resolution, spelling: any Spelling, choice: ReleaseChoice,
      isPart: Bool = false
    ) {
      self.document = document
      self.resolution = resolution
      self.spelling = spelling
      self.choice = choice
      self.isPart = isPart
    }

    /// What was taken for granted, for the reader of a report: the release, the number of GPUs.
    package var assumptions: [Diagnostic] {
      [spelling is NativeSpelling ? choice.note(in: document) : nil, assumption].compactMap { $0 }
    }
  }

  /// - Parameters:
  ///   - path: what messages call the file; `-` is standard input.
  ///   - overrides: wins over every file.
  /// - Throws: what reading the file itself throws; a base that cannot be read is a diagnostic.
  package func load(_ path: String, overrides: Overrides = Overrides(), format: TextFormat? = nil) throws
    -> LoadedConfig
  {
    load(try document(path, format: format), path: path, overrides: overrides)
  }

  /// The text of a file and its form, before anybody asks what it means.
  package func document(_ path: String, format: TextFormat? = nil) throws -> ParsedDocument {
    DocumentReader.read(bytes: try files.read(path), name: path == "-" ? "<stdin>" : path, format: format)
  }

  /// - Parameter spelling: how messages call its fields; `nil` for the names of launch configs.
  package func load(
    _ document: ParsedDocument, path: String, overrides: Overrides = Overrides(), spelling: (any Spelling)? = nil
  ) -> LoadedConfig {
    if BridgeReader.reads(document) { return loadContainer(document, overrides) }
    let bases = BaseLayers(document, path: path, recipes, files)
    let (choice, conflict) = ReleaseChoice.choose(bases.heads, asked: asked(overrides))
    let release = choice.release
    var (layers, diagnostics) = bases.layers(for: release)
    let set = overrides.reading(for: release)
    if !set.layer.assignments.isEmpty, let top = layers.popLast() {
      layers += [top.withoutDerivedCopies(below: layers, for: release), set.layer]
    }
    diagnostics = bases.diagnostics + (conflict.map { [$0] } ?? []) + diagnostics + set.diagnostics
    var resolution = Resolution(
      config: .resolve(layers, for: release), layers: layers, diagnostics: diagnostics)
    // Without sections, or with a base that cannot be had, it is clear why fields are missing.
    var isPart = false
    if let entries = document.root?.entries, !document.isForeign,
      !diagnostics.contains(where: { $0.code == FieldRule.extends.code })
    {
      let missing = missingFields(resolution.config, in: document, .native(release))
      isPart =
        spelling == nil && document.root?["extends"] == nil && missing.count > 1 && missing.count == Self.requiredCount
      if !isPart {
        resolution.diagnostics += missing
      } else if !entries.isEmpty || !document.diagnostics.contains(where: { $0.severity == .error }) {
        resolution.diagnostics.append(partOfConfig(document))
      }
    }
    return LoadedConfig(
      document: document, resolution: resolution, spelling: spelling ?? NativeSpelling(release), choice: choice,
      isPart: isPart)
  }

  /// What the command line says of the release.
  private func asked(_ overrides: Overrides) -> (release: Release, flag: String)? {
    release.map { ($0, "--megatron-bridge \($0.megatronBridge)") } ?? overrides.release.map { ($0.release, $0.flag) }
  }

  // MARK: Files of Megatron-Bridge

  /// A container says everything itself: nothing is built on, and what it leaves out has its class's default instead of
  /// a derived value.
  private func loadContainer(_ document: ParsedDocument, _ overrides: Overrides) -> LoadedConfig {
    let asked = asked(overrides)
    let recognition = BridgeRecognition(document, asked: asked?.release)
    let release = recognition.release
    let choice = ReleaseChoice(release: release, source: asked.map { .asked($0.flag) } ?? .assumed)
    let container = BridgeReader.read(document, release)
    let reader = LayerReader(container.document, for: release, spelling: container.spelling)
    let set = overrides.reading(for: release)
    let layers = [reader.layer, set.layer]
    var config = LaunchConfig(for: release)
    config.isContainer = true
    for layer in layers { config.apply(layer) }
    var resolution = Resolution(
      config: config, layers: layers,
      diagnostics: [recognition.note(in: document)] + reader.diagnostics.map(container.objects.asWritten)
        + set.diagnostics)
    resolution.diagnostics += missingFields(
      resolution.config, in: container.document, container.spelling, help: nil)
    return LoadedConfig(
      document: document, resolution: resolution, spelling: container.spelling, choice: choice
    ).assumingGPUs(replicas: 1)
  }

  // MARK: Missing fields

  /// Fields that every config has to write.
  private static let requiredCount = LaunchConfig.sections.reduce(0) { $0 + $1.schema.fields.count { $0.isRequired } }

  private func partOfConfig(_ document: ParsedDocument) -> Diagnostic {
    let written = (document.root?.entries ?? []).map { "`\($0.key)`" }.joined(separator: ", ")
    let start = document.root?.range.start ?? 0
    return Diagnostic(
      FieldRule.missing.code, .error,
      "this is a part of a config: it says \(written.isEmpty ? "nothing" : "only \(written)"), and builds on nothing",
      help: "begin with `extends: moonlight_16b_pretrain_config`, or another recipe or file", path: "extends",
      at: SourceLocation(document.file, document.root?.entries?.first?.keyRange ?? SourceRange(start, start)))
  }

  /// Required fields that no layer has written.
  private func missingFields(
    _ config: LaunchConfig, in document: ParsedDocument, _ spelling: some Spelling,
    help: String? = "write it, or begin with `extends: moonlight_16b_pretrain_config`"
  ) -> [Diagnostic] {
    LaunchConfig.sections.flatMap { section -> [Diagnostic] in
      let storage = config[keyPath: section.storage]
      return section.schema.requiredFields.compactMap { field in
        guard case .schemaDefault = storage.origins[field.index] else { return nil }
        // A value that was written and refused has its own error.
        let attempted = document.root?[section.schema.name]?[field.name]
        guard attempted == nil else { return nil }
        let name = spelling.name(of: FieldPath(section.schema.name, field.name))
        let place = storage.sectionOrigin.location ?? SourceLocation(document.file, SourceRange(0, 0))
        return Diagnostic(
          FieldRule.missing.code, .error, "`\(name)` is missing: \(field.documentation)",
          help: help, path: name,
          at: SourceLocation(place.file, SourceRange(place.range.start, place.range.start)))
      }
    }
  }
}
