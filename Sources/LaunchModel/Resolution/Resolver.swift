public import ConfigDocument
public import Diagnostics
public import Releases

/// A config with its past: what every layer said, and what was wrong with it.
public struct Resolution: Sendable {
  public internal(set) var config: LaunchConfig
  /// Lowest first.
  public let layers: [Layer]
  /// Problems of reading: syntax, names, types, ranges. Rules that span fields are checked elsewhere.
  public var diagnostics: [Diagnostic]

  /// Everything that was said of a field, the winner last.
  public func history(of path: FieldPath) -> [(value: ConfigValue, origin: Origin)] {
    guard let section = LaunchConfig.section(named: path.section) else { return [] }
    var result: [(value: ConfigValue, origin: Origin)] = []
    if let field = section.schema.field(named: path.field) {
      result.append((config[keyPath: section.storage].defaultValue(of: field), .schemaDefault))
    }
    result += layers.compactMap { $0.assignment(of: path) }.map { ($0.value, $0.origin) }
    if case .derived(let reason, let from)? = config.value(at: path)?.origin, let value = config.value(at: path)?.value
    {
      result.append((value, .derived(reason: reason, from: from)))
    }
    return result
  }
}

extension LaunchConfig {
  /// The config that layers make, the lowest first: defaults below them, derived values filled in after them. What a
  /// layer writes displaces the alternative that a recipe below has chosen.
  public static func resolve(_ layers: [Layer], for release: Release = .current) -> LaunchConfig {
    layers.allSatisfy(\.assignments.isEmpty) ? ofNothing[release] : resolve(written: layers, for: release)
  }

  /// What a text makes that cannot be read, or that says nothing yet.
  private static let ofNothing = PerRelease { resolve(written: [], for: $0) }

  private static func resolve(written layers: [Layer], for release: Release) -> LaunchConfig {
    var config = LaunchConfig(for: release)
    var hasRecipe = false
    for layer in layers {
      if hasRecipe { config.makeRoom(for: layer) }
      config.apply(layer)
      hasRecipe = hasRecipe || layer.isRecipe
    }
    if hasRecipe { config.followOverrides() }
    config.derive()
    return config
  }
}

extension Layer {
  /// This layer without what merely repeats a derivation.
  ///
  /// A generated file holds every value, derived ones included. Where it is the base of something that overrides what
  /// they were derived from, the copies must not win as if a person had chosen them.
  func withoutDerivedCopies(below layers: [Layer], for release: Release) -> Layer {
    let copies = (Derivation.all.map(\.path) + [Path.parallelism.pipelineModelParallelLayout]).filter {
      assignment(of: $0) != nil
    }
    guard !copies.isEmpty else { return self }
    let written = LaunchConfig.resolve(layers + [self], for: release)
    var result = self
    for path in copies {
      guard let value = written.value(at: path)?.value else { continue }
      var trial = result
      trial.assignments.removeAll { $0.path == path }
      if path == Path.parallelism.pipelineModelParallelLayout {
        trial.assign(path, PipelineLayoutText.automatic.configValue, .schemaDefault)
      }
      if LaunchConfig.resolve(layers + [trial], for: release).value(at: path)?.value == value { result = trial }
    }
    return result
  }
}
