/// A module or parameter of a model that an ``AdapterConfig`` adapts.
struct AdaptedModule {
  enum Subject {
    /// With `.weight`.
    case matrix(ParameterDescriptor)
    case experts(FusedExperts)
  }

  let subject: Subject
  /// What the names of the adapter's tensors begin with, behind `base_model.model.`
  let storedName: String
  let rank: Int
  let scaling: Float

  var isFused: Bool {
    if case .experts = subject { return true }
    return false
  }
}

/// Finds what a config adapts by peft's own rules (peft 0.21.2: `check_target_module_exists` and `_inject_parameters` in
/// tuners/tuners_utils.py, `get_pattern_key` in utils/other.py).
struct AdaptedModules {
  private let config: AdapterConfig
  private let file: String
  private let modules: Matcher?
  private let exclusion: Matcher?
  private let rankExpressions: [(expression: Regex<AnyRegexOutput>, rank: Int)]
  private let alphaExpressions: [(expression: Regex<AnyRegexOutput>, alpha: Double)]
  private let layerExpressions: [Regex<AnyRegexOutput>]

  /// - Parameter file: what messages call the config.
  /// - Throws: ``AdapterError`` for an expression that is none.
  init(_ config: AdapterConfig, file: String) throws {
    func expression(_ text: String) throws -> Regex<AnyRegexOutput> {
      guard let parsed = GivenExpression.parsed(text) else {
        throw AdapterError(file: file, message: "\"\(text)\" is no regular expression, or one of very many brackets")
      }
      return parsed
    }
    func matcher(_ names: AdapterConfig.ModuleNames) throws -> Matcher {
      switch names {
      case .list(let list): .ends(Set(list))
      case .expression(let text): .expression(try expression(text))
      case .allLinear: .allLinear
      }
    }
    self.config = config
    self.file = file
    modules = try matcher(config.targetModules)
    exclusion = try config.excludedModules.map { try matcher($0) }
    rankExpressions = try config.ranks.map { (try expression("(.*\\.)?(\($0.name))"), $0.value) }
    alphaExpressions = try config.alphas.map { (try expression("(.*\\.)?(\($0.name))"), $0.value) }
    layerExpressions =
      try config.layerPatterns.isEmpty
      ? [expression(".*?\\.[^.]*\\.(\\d+)\\..*")]
      : config.layerPatterns.map { try expression("(?:.*?\\.)?(?:\($0))\\.(\\d+)\\..*") }
  }

  private enum Matcher {
    case ends(Set<String>)
    case expression(Regex<AnyRegexOutput>)
    case allLinear

    func matches(_ name: String) -> Bool {
      switch self {
      case .ends(let ends): AdaptedModules.ends(of: name).contains { ends.contains(String($0)) }
      case .expression(let expression): name.wholeMatch(of: expression) != nil
      case .allLinear: name != "lm_head"
      }
    }
  }

  /// A name and what follows each of its dots.
  private static func ends(of name: String) -> [Substring] {
    [name[...]] + name.indices.filter { name[$0] == "." }.map { name[name.index(after: $0)...] }
  }

  /// All that the config adapts of a model.
  ///
  /// - Throws: ``AdapterError`` for what is adapted as module and as parameter.
  func find(in layout: ParameterLayout) throws -> [AdaptedModule] {
    var found: [AdaptedModule] = []
    let parameters = Set(config.targetParameters)
    let isTarget = { (name: String) in Self.ends(of: name).contains { parameters.contains(String($0)) } }
    for tensor in layout.tensors {
      guard tensor.shape.count == 2, tensor.kind != .embedding else { continue }
      let module = String(tensor.name.dropLast(".weight".utf8.count))
      // A router is no linear: peft reaches its weight as a parameter alone.
      let isModule = tensor.kind != .router && isAdapted(module)
      guard isModule || isTarget(tensor.name) else { continue }
      guard !(isModule && isTarget(tensor.name)) else {
        throw AdapterError(file: file, message: "\(module) is a target as a module and as a parameter")
      }
      found.append(adapted(.matrix(tensor), as: module, key: isModule ? module : tensor.name))
    }
    for fused in layout.fusedExperts where isTarget(fused.name) {
      // peft wraps a module once for each of its parameters, in their order: the first lies innermost.
      let container = fused.name.prefix(upTo: fused.name.lastIndex(of: ".") ?? fused.name.endIndex)
      let isInner = fused.name.hasSuffix(".gate_up_proj") && isTarget(container + ".down_proj")
      found.append(adapted(.experts(fused), as: container + (isInner ? ".base_layer" : ""), key: fused.name))
    }
    return found
  }

  private func adapted(_ subject: AdaptedModule.Subject, as name: String, key: String) -> AdaptedModule {
    let rank = rankExpressions.first { key.wholeMatch(of: $0.expression) != nil }?.rank ?? config.rank
    let alpha = alphaExpressions.first { key.wholeMatch(of: $0.expression) != nil }?.alpha ?? config.alpha
    return AdaptedModule(
      subject: subject, storedName: name, rank: rank,
      scaling: AdapterSettings.scaling(alpha: alpha, rank: rank, useRslora: config.useRslora))
  }

  private func isAdapted(_ module: String) -> Bool {
    guard exclusion?.matches(module) != true, modules?.matches(module) == true else { return false }
    // Expressions say the layer themselves; so does a whole name.
    guard let layers = config.layers, case .list(let names) = config.targetModules, !names.contains(module) else {
      return true
    }
    for expression in layerExpressions {
      guard let match = module.wholeMatch(of: expression) else { continue }
      guard let text = match.output.last?.substring, let layer = Int(text) else { return false }
      return layers.contains(layer)
    }
    return false
  }
}
