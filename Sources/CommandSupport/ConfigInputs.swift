package import ConfigDocument
package import Diagnostics
import Estimation
import FileAccess
package import Importers
package import LaunchModel
package import Releases
package import Validation

/// Opens the configs that a command is given.
package struct ConfigInputs {
  private let recipes: LateRecipes
  private let showsExternal: Bool
  private let release: Release?
  private let recipe: String?
  /// Whether what lies in `checkpoint.load` is gone on from.
  private var resumes = true

  /// - Parameters:
  ///   - recipes: made when a config names one.
  ///   - showsExternal: reports show the lines of base configs outside the project of a config, too.
  ///   - release: that of configs that name none, where the command line says it.
  ///   - recipe: what files are laid over that say a part of a config.
  package init(
    recipes: @escaping @autoclosure @Sendable () -> any RecipeSource, showsExternal: Bool = false,
    release: Release? = nil, recipe: String? = nil
  ) {
    self.recipe = recipe
    self.recipes = LateRecipes(make: recipes)
    self.showsExternal = showsExternal
    self.release = release
  }

  /// The same for runs that begin anew, whatever lies in their folders.
  package var beginningAnew: ConfigInputs {
    var result = self
    result.resumes = false
    return result
  }

  private struct LateRecipes: RecipeSource {
    let make: @Sendable () -> any RecipeSource

    var recipeNames: [String] { make().recipeNames }

    func releases(ofRecipe name: String) -> ReleaseSet? { make().releases(ofRecipe: name) }

    func layers(ofRecipe name: String, for release: Release) -> [Layer]? {
      make().layers(ofRecipe: name, for: release)
    }

    func name(ofBridgeRecipe name: String, in release: Release) -> String? {
      make().name(ofBridgeRecipe: name, in: release)
    }
  }

  /// A config that was opened, whatever is wrong with it.
  package struct Opened: CheckedText {
    package let name: String
    package let loaded: ConfigLoader.LoadedConfig
    package let run: RunFacts
    /// Everything that is wrong with it, in the order of the text.
    package let diagnostics: [Diagnostic]

    package var config: LaunchConfig { loaded.resolution.config }

    package var file: SourceFile { loaded.document.file }

    package var hasErrors: Bool { diagnostics.contains { $0.severity == .error } }

    /// The same without fixes, and without errors about fields whose values nobody knows.
    fileprivate func ofImport(unknown: Set<FieldPath>) -> Opened {
      let names = unknown.flatMap { path in
        [path.description, loaded.spelling.keys(of: path)?.joined(separator: ".") ?? path.description]
      }
      return Opened(
        name: name, loaded: loaded, run: run,
        diagnostics: diagnostics.compactMap { diagnostic in
          let paths = [diagnostic.path] + diagnostic.related.map(\.path)
          if diagnostic.severity == .error, paths.contains(where: names.contains) { return nil }
          var result = diagnostic
          result.fix = nil
          return result
        })
    }

    /// What a command ends with that needs no more than this file.
    package var status: ExitStatus {
      loaded.document.isUnreadable ? .notAConfig : hasErrors ? .failure : .success
    }
  }

  /// - Parameters:
  ///   - path: a file, `-` for standard input, or the name of a recipe where there is no such file.
  /// - Throws: `CommandFailure` with status 66 where there is nothing to read.
  package func open(_ path: String, overrides: Overrides = Overrides(), acceptsRecipes: Bool = true) throws -> Opened {
    let loaded: ConfigLoader.LoadedConfig
    if acceptsRecipes, !path.utf8.contains(UInt8(ascii: "/")), !InputFile.exists(path),
      recipes.releases(ofRecipe: path) != nil
    {
      let document = DocumentReader.read(text: "extends: \(path)\n", name: path, format: .yaml)
      // A recipe is one for every release; there is no file that could name it.
      let loader = loader(of: path, for: release ?? overrides.release?.release ?? .current)
      loaded = loader.load(document, path: path, overrides: overrides)
    } else {
      let loader = loader(of: path, for: release)
      do {
        return opened(try loader.document(path), path, loader, overrides)
      } catch InputError.tooLarge(let count) {
        let document = DocumentReader.refusal(ofByteCount: count, name: path == "-" ? "<stdin>" : path)
        loaded = loader.load(document, path: path, overrides: overrides)
      }
    }
    return opened(loaded)
  }

  /// The same for a text at hand, in place of the file's.
  package func open(text: String, as opened: Opened, path: String, overrides: Overrides) -> Opened {
    let document = DocumentReader.read(
      text: text, name: opened.loaded.document.file.name, format: opened.loaded.document.format)
    return self.opened(document, path, loader(of: path, for: release), overrides)
  }

  /// Arguments of Megatron-LM are read as the config that they say; fixes are for texts of configs.
  private func opened(
    _ document: ParsedDocument, _ path: String, _ loader: ConfigLoader, _ overrides: Overrides
  ) -> Opened {
    guard let imported = imported(document, path: path) else {
      return opened(loader.load(document, path: path, overrides: overrides))
    }
    let loaded = loader.load(
      imported.document, path: path, overrides: overrides, spelling: imported.spelling)
    return opened(loaded.assumingGPUs(replicas: 1)).ofImport(unknown: imported.unknown)
  }

  /// What a text says that is no config by itself: arguments of a training program, or overrides; `nil` for a config.
  ///
  /// - Parameter path: that of its file, beside which a script finds what it sources.
  package func imported(_ document: ParsedDocument, path: String) -> ImportedConfig? {
    guard ImportedConfig.recognises(document, on: recipe) else { return nil }
    let files = Self.files(for: path, showsExternal: showsExternal)
    return ImportedConfig(document, for: release, on: recipe) { sourced in
      guard let text = try? files.readBase(ConfigLoader.sourcedPath(sourced, in: path)), !text.isWithheld else {
        return nil
      }
      return SourceFile(
        name: ConfigLoader.sourcedPath(sourced, in: path), text: String(decoding: text.bytes, as: UTF8.self))
    } naming: { name, release in
      recipes.name(ofBridgeRecipe: name, in: release)
    }
  }

  private func opened(_ loaded: ConfigLoader.LoadedConfig) -> Opened {
    let (loaded, likely) = Validator.onLikelyGPUs(loaded)
    var run = likely
    let dataset = run.config.dataset
    if dataset.kind == .indexed {
      run.documentCounts = dataset.dataPaths.compactMap { path in
        IndexedDatasetHeader(of: path.path).map { (path.path, $0.sequenceCount) }
      }
    }
    let reader = SavedRunReader(file: loaded.document.file.name) { self.loader(of: $0, for: nil) }
    run.saved = reader.savedRun(of: run.config, resumes: resumes)
    // Examples of finetuning are drawn in another way, and the CPU engine shuffles each epoch by itself.
    if let saved = run.resumed, saved.writer == .megatron,
      dataset.kind == .indexed, saved.config.dataset.kind == .indexed
    {
      run.saved?.passes = EpochCount(countingDataOf: saved.config)?.passes
      run.passes = EpochCount(countingDataOf: run.config)?.passes
    }
    return Opened(
      name: loaded.document.file.name, loaded: loaded, run: run, diagnostics: Validator.diagnostics(loaded, run))
  }

  private func loader(of path: String, for release: Release?) -> ConfigLoader {
    ConfigLoader(
      recipes: recipes, files: Self.files(for: path, showsExternal: showsExternal), release: release)
  }

  /// The file system, as a config sees it.
  package static func files(for path: String, showsExternal: Bool = false) -> any ConfigFiles {
    FilesOfProject(folder: ProjectFolder(of: path), showsExternal: showsExternal)
  }
}

/// The file system, as a config of one project sees it.
private struct FilesOfProject: ConfigFiles {
  let folder: ProjectFolder
  let showsExternal: Bool

  func read(_ path: String) throws -> [UInt8] { try InputFile.read(path, limit: DocumentLimit.byteCount) }

  func readBase(_ path: String) throws -> BaseText {
    let (bytes, realPath) = try InputFile.readRegular(path, limit: DocumentLimit.byteCount)
    return BaseText(bytes, isWithheld: !showsExternal && !folder.contains(realPath: realPath))
  }

  func identity(of path: String) -> String { realPath(path) ?? path }
}
