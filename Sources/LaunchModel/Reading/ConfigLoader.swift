package import ConfigDocument
import Diagnostics

/// Finds the layers of a recipe by its name.
public protocol RecipeSource: Sendable {
  var recipeNames: [String] { get }
  /// Lowest first; `nil` for a name it does not know.
  func layers(ofRecipe name: String) -> [Layer]?
}

/// Reads a config file with everything it builds on.
package struct ConfigLoader {
  package let recipes: any RecipeSource
  /// Reads a file's bytes by path; `-` is standard input.
  package let read: (String) throws -> [UInt8]

  package init(recipes: any RecipeSource, read: @escaping (String) throws -> [UInt8]) {
    self.recipes = recipes
    self.read = read
  }

  /// A file that was read, with the config it makes.
  package struct LoadedConfig {
    package let document: ParsedDocument
    package internal(set) var resolution: Resolution
    /// How the file spells things, where it is a ConfigContainer of Megatron-Bridge.
    package internal(set) var bridge: BridgeForm?
  }

  /// - Parameters:
  ///   - path: what messages call the file; `-` is standard input.
  ///   - overrides: wins over every file.
  /// - Throws: what ``read`` throws for the file itself; a base that cannot be read is a diagnostic.
  package func load(_ path: String, overrides: Overrides = Overrides(), format: TextFormat? = nil) throws
    -> LoadedConfig
  {
    let document = DocumentReader.read(bytes: try read(path), name: path == "-" ? "<stdin>" : path, format: format)
    return load(document, path: path, overrides: overrides)
  }

  package func load(_ document: ParsedDocument, path: String, overrides: Overrides = Overrides()) -> LoadedConfig {
    if BridgeReader.reads(document) { return loadContainer(document, overrides) }
    var diagnostics: [Diagnostic] = []
    var layers: [Layer] = []
    collect(document, path: path, chain: [path.withoutDots], into: &layers, &diagnostics)
    if !overrides.layer.assignments.isEmpty, let top = layers.popLast() {
      layers += [top.withoutDerivedCopies(below: layers), overrides.layer]
    }
    diagnostics += overrides.diagnostics
    var resolution = Resolution(config: .resolve(layers), layers: layers, diagnostics: diagnostics)
    // Without sections, or with a base that cannot be had, it is clear why fields are missing.
    if document.root?.entries != nil, !diagnostics.contains(where: { $0.code == FieldRule.extends.code }) {
      resolution.diagnostics += missingFields(resolution.config, in: document)
    }
    return LoadedConfig(document: document, resolution: resolution)
  }

  // MARK: Files of Megatron-Bridge

  /// A container says everything itself: nothing is built on, and what it leaves out has its class's default instead of
  /// a derived value.
  private func loadContainer(_ document: ParsedDocument, _ overrides: Overrides) -> LoadedConfig {
    let (translated, form) = BridgeReader.read(document)
    let reader = LayerReader(translated)
    let layers = [reader.layer, overrides.layer]
    var config = LaunchConfig()
    for layer in layers { config.apply(layer) }
    var resolution = Resolution(
      config: config, layers: layers, diagnostics: reader.diagnostics + overrides.diagnostics)
    resolution.diagnostics += missingFields(resolution.config, in: translated, help: nil)
    return LoadedConfig(document: document, resolution: resolution, bridge: form).assumingGPUs(replicas: 1)
  }

  // MARK: Bases

  private func collect(
    _ document: ParsedDocument, path: String, chain: [String], into layers: inout [Layer],
    _ diagnostics: inout [Diagnostic]
  ) {
    // A base may be a ConfigContainer as well.
    let reader = LayerReader(BridgeReader.reads(document) ? BridgeReader.read(document).document : document)
    for base in reader.bases {
      let place = SourceLocation(document.file, base.range)
      if !base.name.isPath {
        if let recipe = recipes.layers(ofRecipe: base.name) {
          layers += recipe
        } else {
          let nearest = nearestName(to: base.name, among: recipes.recipeNames)
          diagnostics.append(
            extendsError(
              "there is no recipe `\(base.name)`", place,
              help: nearest.map { "did you mean `\($0)`?" } ?? "recipes: \(recipes.recipeNames.joined(separator: ", "))"
            ))
        }
        continue
      }
      let basePath = base.name.resolved(against: path)
      if let index = chain.firstIndex(of: basePath) {
        let cycle = (chain[index...] + [basePath]).joined(separator: " -> ")
        diagnostics.append(extendsError("`extends` goes in a circle: \(cycle)", place))
        continue
      }
      guard chain.count < 32 else {
        diagnostics.append(extendsError("`extends` is more than 32 files deep", place))
        continue
      }
      do {
        let text = DocumentReader.read(bytes: try read(basePath), name: basePath, format: nil)
        collect(text, path: basePath, chain: chain + [basePath], into: &layers, &diagnostics)
        if let top = layers.popLast() { layers.append(top.withoutDerivedCopies(below: layers)) }
      } catch {
        diagnostics.append(extendsError("`\(base.name)` cannot be read: \(error)", place))
      }
    }
    layers.append(reader.layer)
    diagnostics += reader.diagnostics
  }

  private func extendsError(_ message: String, _ place: SourceLocation, help: String? = nil) -> Diagnostic {
    Diagnostic(FieldRule.extends.code, .error, message, help: help, path: "extends", at: place)
  }

  // MARK: Missing fields

  /// Required fields that no layer has written.
  private func missingFields(
    _ config: LaunchConfig, in document: ParsedDocument,
    help: String? = "write it, or begin with `extends: moonlight_16b_pretrain_config`"
  ) -> [Diagnostic] {
    LaunchConfig.sections.flatMap { section -> [Diagnostic] in
      let storage = config[keyPath: section.storage]
      return section.schema.fields.compactMap { field in
        guard field.isRequired, case .schemaDefault = storage.origins[field.index] else { return nil }
        // A value that was written and refused has its own error.
        let attempted = document.root?[section.schema.name]?[field.name]
        guard attempted == nil else { return nil }
        let path = FieldPath(section.schema.name, field.name)
        let place = storage.sectionOrigin.location ?? SourceLocation(document.file, SourceRange(0, 0))
        return Diagnostic(
          FieldRule.missing.code, .error, "`\(path)` is missing: \(field.documentation)",
          help: help, path: path.description,
          at: SourceLocation(place.file, SourceRange(place.range.start, place.range.start)))
      }
    }
  }
}

extension String {
  /// A base with a slash or a file ending is a path, anything else a recipe.
  fileprivate var isPath: Bool {
    utf8.contains(UInt8(ascii: "/")) || [".yaml", ".yml", ".json"].contains { hasSuffix($0) }
  }

  /// Relative paths start at the folder of the file that names them.
  fileprivate func resolved(against file: String) -> String {
    guard !hasPrefix("/"), let slash = file.lastIndex(of: "/") else { return withoutDots }
    return (String(file[...slash]) + self).withoutDots
  }

  /// `./a/./b` is `a/b`. What `..` leads to depends on links, so it stays.
  fileprivate var withoutDots: String {
    let parts = split(separator: "/").filter { $0 != "." }.joined(separator: "/")
    return hasPrefix("/") ? "/" + parts : parts
  }
}
