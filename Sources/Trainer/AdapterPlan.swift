package import LaunchModel
package import Training

/// The adapters of a run: which matrices of the model get one, and by which target.
package struct AdapterPlan: Sendable {
  /// What one entry of `peft.target_modules` means; without entries, each matrix that Bridge adapts by itself.
  package struct Target: Hashable, Sendable {
    package let name: String
    /// Hugging Face's names within a layer, as in `mlp.experts.*.gate_proj`.
    package let modules: [String]
    package let layers: Int
    package let matrices: Int
    /// Weights that are trained.
    package let parameters: Int
  }

  package private(set) var settings: AdapterSettings
  package let targets: [Target]
  /// Weights that are trained; those that several targets mean count once.
  package let parameterCount: Int

  /// - Parameter shape: of the model.
  /// - Throws: ``TrainerError`` with everything about the adapters that the engine has no way to compute.
  package init(_ config: LaunchConfig, _ shape: ModelShape) throws(TrainerError) {
    let peft = config.peft
    let reasons = Self.unsupported(peft)
    guard reasons.isEmpty else { throw TrainerError(reasons) }
    let layout: ParameterLayout
    do { layout = try ParameterLayout(shape: shape) } catch { throw TrainerError("\(error)") }
    let resolver = AdapterTargets(config)
    // By target: what one means of a module's layers and another of its matrices is not the product of both.
    let selected: [(name: String, matches: [AdapterMatch])] =
      peft.targetModules.isEmpty
      ? resolver.selection(peft).map { ($0.module.path, [$0]) }
      : peft.targetModules.map { ($0, resolver.matches(of: $0).filter(\.module.isLinear)) }
    for match in selected.flatMap(\.matches) {
      guard case .layers = match.module.place else {
        throw TrainerError(
          "peft.target_modules matches \(match.module.path), but the CPU engine adapts projections of decoder layers only"
        )
      }
    }
    let dead = selected.filter(\.matches.isEmpty).map { "`\($0.name)`" }
    guard dead.isEmpty else {
      let known = Set(resolver.modules.filter(\.isLinear).map(\.name)).sorted()
      throw TrainerError(
        "peft.target_modules: \(dead.joined(separator: ", ")) matches no linear of this model; it has "
          + known.joined(separator: ", "))
    }
    let useDora = peft.peftScheme == .dora
    let wanted = Set(selected.flatMap(\.matches).flatMap { Self.names(of: $0, shape) })
    let matrices = layout.tensors.filter { wanted.contains($0.name) }
    guard matrices.count == wanted.count, !matrices.isEmpty else {
      throw TrainerError(
        wanted.isEmpty
          ? "peft.exclude_modules leaves no linear of this model"
          : "the model has no \(wanted.subtracting(matrices.map(\.name)).min() ?? "such matrix")")
    }
    var settings = AdapterSettings(
      dim: peft.dim, alpha: Double(peft.alpha), useDora: useDora, targets: matrices.map(\.name))
    settings.start = AdapterStart(peft.loraAInitMethod)
    settings.dropout = peft.dropout
    settings.dropoutPosition = peft.dropoutPosition == .post ? .post : .pre
    settings.dropoutSeed = UInt64(bitPattern: Int64(config.rng.seed))
    self.settings = settings

    targets = selected.map { name, matches in
      let names = Set(matches.flatMap { Self.names(of: $0, shape) })
      let hit = matrices.filter { names.contains($0.name) }
      var modules: [String] = []
      for path in matches.flatMap(\.huggingFacePaths) where !modules.contains(path) { modules.append(path) }
      return Target(
        name: name, modules: modules, layers: Set(hit.compactMap(\.layer)).count, matrices: hit.count,
        parameters: hit.reduce(0) { $0 + Self.parameters($1.shape, peft.dim, useDora) })
    }
    parameterCount = matrices.reduce(0) { $0 + Self.parameters($1.shape, peft.dim, useDora) }
  }

  private static func parameters(_ shape: [Int], _ dim: Int, _ useDora: Bool) -> Int {
    dim * (shape[0] + shape[1]) + (useDora ? shape[0] : 0)
  }

  private static func unsupported(_ peft: Section<PEFTFields>) -> [String] {
    var reasons: [String] = []
    if peft.loraBInitMethod != .zero {
      reasons.append("peft.lora_B_init_method is \(peft.loraBInitMethod.rawValue); the CPU engine starts at zero")
    }
    return reasons
  }

  /// The names of a match's matrices in a Hugging Face model.
  private static func names(of match: AdapterMatch, _ shape: ModelShape) -> [String] {
    match.layers.flatMap { layer in
      match.huggingFacePaths.flatMap { path -> [String] in
        guard match.module.isExpert else { return ["model.layers.\(layer).\(path).weight"] }
        let parts = path.split(separator: "*", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2 else { return [] }
        return (match.experts ?? Array(0..<shape.nRoutedExperts)).map {
          "model.layers.\(layer).\(parts[0])\($0)\(parts[1]).weight"
        }
      }
    }
  }
}

extension AdapterStart {
  fileprivate init(_ method: LaunchModel.AdapterInitialization) {
    self =
      switch method {
      case .xavier: .xavier
      case .normal: .normal
      case .kaiming: .kaiming
      case .zero: .zero
      }
  }
}
