/// What adapters are put on: the modules of a config's model, and which of them each target means.
package struct AdapterTargets: Sendable {
  package let modules: [AdapterModule]
  private let allLayers: [Int]
  private let denseLayers: [Int]
  private let moeLayers: [Int]
  private let mtpLayers: Int
  /// Routed experts of a layer.
  package let numExperts: Int

  /// So many layers or experts are looked at one by one; a pattern that tells more of them apart is not followed.
  private static let limit = 1024

  package init(_ config: borrowing LaunchConfig) { self.init(config, Architecture(config)) }

  package init(_ config: borrowing LaunchConfig, _ shape: Architecture) {
    modules = AdapterModule.all(of: config)
    var all: [Int] = []
    var dense: [Int] = []
    var moe: [Int] = []
    for (layer, isMoE) in (shape.moeLayers ?? []).enumerated() {
      all.append(layer)
      if isMoE { moe.append(layer) } else { dense.append(layer) }
    }
    (allLayers, denseLayers, moeLayers) = (all, dense, moe)
    mtpLayers = min(shape.mtpNumLayers, Self.limit)
    numExperts = shape.numMoEExperts
  }

  /// The layers that hold a module, counted through the whole model; empty for one that stands outside of them.
  package func layers(of module: AdapterModule) -> [Int] {
    switch module.place {
    case .model: []
    case .layers(.dense): denseLayers
    case .layers(.moe): moeLayers
    case .layers(.all): allLayers
    case .mtpLayers: Array(0..<mtpLayers)
    }
  }

  /// Everything that a target matches, linear or not, in the order of ``modules``: by Megatron's names, or, where it
  /// matches none of them, by Hugging Face's.
  package func matches(of target: String) -> [AdapterMatch] {
    let pattern = TargetPattern(target)
    let found = matches(of: pattern, by: .megatron)
    return found.isEmpty ? matches(of: pattern, by: .huggingFace) : found
  }

  /// Whether a target means modules by Hugging Face's names alone, which only the CPU engine knows.
  package func isHuggingFaceName(_ target: String) -> Bool {
    // Nothing of Hugging Face's is called so, and nearly every target is.
    if target.hasPrefix("linear_") { return false }
    let pattern = TargetPattern(target)
    return !matchesAny(pattern, by: .megatron) && matchesAny(pattern, by: .huggingFace)
  }

  private func matches(of pattern: TargetPattern, by naming: ModuleNaming) -> [AdapterMatch] {
    modules.indices.compactMap { match(pattern, $0, naming) }
  }

  /// Whether there is a match, of which the first will do.
  private func matchesAny(_ pattern: TargetPattern, by naming: ModuleNaming) -> Bool {
    modules.indices.contains { match(pattern, $0, naming) != nil }
  }

  /// By index, and by name before all else: validation asks this of every module a few times over.
  private func match(_ pattern: TargetPattern, _ index: Int, _ naming: ModuleNaming) -> AdapterMatch? {
    guard pattern.isBare, modules[index].hasFixedName || !pattern.isNumber else {
      return match(pattern, modules[index], naming)
    }
    guard modules[index].hasFixedName, modules[index].isNamed(pattern.text, by: naming) else { return nil }
    return matchBare(pattern.text, modules[index], naming)
  }

  /// What gets an adapter: what any target matches; without targets every linear that Bridge counts as one (not the
  /// duplicated projections, the router and grouped experts), except the excluded.
  ///
  /// Modules that are no linears are left out; that they are matched is a rule's business.
  package func selection(_ peft: Section<PEFTFields>) -> [AdapterMatch] {
    let targets = peft.targetModules
    if !targets.isEmpty { return Self.selection(from: targets.map { matches(of: $0) }) }
    let excluded = peft.excludeModules.flatMap { matches(of: $0) }
    return modules.compactMap { module in
      guard module.kind == .columnParallel || module.kind == .rowParallel, !module.isGrouped else { return nil }
      return excluded.filter { $0.module == module }.reduce(whole(module)) { $0?.subtracting($1) }
    }
  }

  /// What several targets together put adapters on, from what each of them matches.
  package static func selection(from matches: [[AdapterMatch]]) -> [AdapterMatch] {
    var result: [AdapterMatch] = []
    for match in matches.joined() where match.module.isLinear {
      if let index = result.firstIndex(where: {
        $0.module.path == match.module.path && $0.module.place == match.module.place
      }) {
        result[index] = result[index].union(match)
      } else {
        result.append(match)
      }
    }
    return result
  }

  /// Matrices that get an adapter of their own in a Hugging Face model: gate and up apart, each expert apart.
  package func matrices(of match: AdapterMatch) -> Int {
    let perLayer = match.huggingFacePaths.count * (match.module.isExpert ? match.experts?.count ?? numExperts : 1)
    return perLayer * (match.module.place == .model ? 1 : match.layers.count)
  }

  /// The full names in Megatron of what a match holds, by layer; experts apart by their number.
  package func megatronNames(of match: AdapterMatch) -> [String] {
    let path = match.module.path
    let places =
      switch match.module.place {
      case .model: [path]
      case .layers: match.layers.map { path.isEmpty ? "decoder.layers.\($0)" : "decoder.layers.\($0).\(path)" }
      case .mtpLayers: match.layers.map { path.isEmpty ? "mtp.layers.\($0)" : "mtp.layers.\($0).\(path)" }
      }
    guard path.utf8.contains(UInt8(ascii: "#")) else { return places }
    let experts = match.experts ?? Array(0..<min(numExperts, Self.limit))
    return places.flatMap { name in
      experts.map { number in
        name.split(separator: "#", omittingEmptySubsequences: false).joined(separator: "\(number)")
      }
    }
  }

  // MARK: Matching

  private func whole(_ module: AdapterModule) -> AdapterMatch? {
    let layers = layers(of: module)
    guard module.place == .model || !layers.isEmpty else { return nil }
    return AdapterMatch(module: module, layers: layers, huggingFacePaths: module.huggingFacePaths, experts: nil)
  }

  private func match(_ pattern: TargetPattern, _ module: AdapterModule, _ naming: ModuleNaming) -> AdapterMatch? {
    let layers = layers(of: module)
    guard module.place == .model || !layers.isEmpty else { return nil }
    let counted = module.place == .model ? [0] : pattern.mayCount ? layers.prefix(Self.limit) : layers.prefix(1)
    var name = ModuleName()
    var found: [Int] = []
    var paths: [String] = []
    var experts: [Int]?
    for layer in counted {
      let matched =
        naming == .megatron
        ? matchMegatron(pattern, module, layer: layer, &name) : matchHuggingFace(pattern, module, layer: layer, &name)
      guard let matched else { continue }
      found.append(layer)
      for path in matched.paths where !paths.contains(path) { paths.append(path) }
      experts = matched.experts
    }
    guard !found.isEmpty else { return nil }
    return AdapterMatch(
      module: module, layers: module.place == .model ? [] : pattern.mayCount ? found : layers,
      huggingFacePaths: module.huggingFacePaths.filter(paths.contains), experts: experts)
  }

  /// The common case: a name alone means every module of the name, and of Hugging Face's those matrices that have it.
  private func matchBare(_ text: String, _ module: AdapterModule, _ naming: ModuleNaming) -> AdapterMatch? {
    guard let whole = whole(module) else { return nil }
    guard naming == .huggingFace else { return whole }
    let paths = zip(module.huggingFacePaths, module.huggingFaceNames).filter { $0.1 == text }.map(\.0)
    return AdapterMatch(module: module, layers: whole.layers, huggingFacePaths: paths, experts: nil)
  }

  /// Which matrices of one instance are matched, and which experts (`nil` for all); `nil` for none.
  private func matchMegatron(
    _ pattern: TargetPattern, _ module: AdapterModule, layer: Int, _ name: inout ModuleName
  ) -> (paths: [String], experts: [Int]?)? {
    name.clear()
    switch module.place {
    case .model: break
    case .layers: name.append("decoder.layers.")
    case .mtpLayers: name.append("mtp.layers.")
    }
    if module.place != .model {
      name.append(layer)
      if !module.path.isEmpty { name.append(".") }
    }
    guard let sign = module.path.utf8.firstIndex(of: UInt8(ascii: "#")) else {
      name.append(module.path)
      return pattern.matchesMegatron(name) ? (module.huggingFacePaths, nil) : nil
    }
    name.append(module.path[..<sign])
    let tail = module.path[module.path.utf8.index(after: sign)...]
    let numbers = numbersOfExperts(pattern)
    let hits = matches(numbers, tail, &name) { pattern.matchesMegatron($0) }
    return hits.isEmpty ? nil : (module.huggingFacePaths, hits.count == numbers.count ? nil : hits)
  }

  private func matchHuggingFace(
    _ pattern: TargetPattern, _ module: AdapterModule, layer: Int, _ name: inout ModuleName
  ) -> (paths: [String], experts: [Int]?)? {
    var paths: [String] = []
    var experts: [Int]?
    for path in module.huggingFacePaths {
      name.clear()
      switch module.place {
      case .model: name.append(path == "lm_head" ? "" : "model.")
      case .layers, .mtpLayers:
        name.append("model.layers.")
        name.append(module.place == .mtpLayers ? allLayers.count + layer : layer)
        name.append(".")
      }
      guard module.isExpert, let star = path.utf8.firstIndex(of: UInt8(ascii: "*")) else {
        name.append(path)
        if pattern.matchesHuggingFace(name) { paths.append(path) }
        continue
      }
      name.append(path[..<star])
      let tail = path[path.utf8.index(after: star)...]
      let numbers = numbersOfExperts(pattern)
      let hits = matches(numbers, tail, &name) { pattern.matchesHuggingFace($0) }
      guard !hits.isEmpty else { continue }
      paths.append(path)
      experts = hits.count == numbers.count ? nil : hits
    }
    return paths.isEmpty ? nil : (paths, experts)
  }

  /// The experts that a pattern could tell apart, or one that stands for all.
  private func numbersOfExperts(_ pattern: TargetPattern) -> Range<Int> {
    0..<(pattern.mayCount ? min(numExperts, Self.limit) : 1)
  }

  /// Those of some experts whose names, which begin and end so, are matched.
  private func matches(
    _ experts: Range<Int>, _ tail: Substring, _ name: inout ModuleName, _ isMatched: (ModuleName) -> Bool
  ) -> [Int] {
    let head = name.bytes.count
    return experts.filter { number in
      name.cut(to: head)
      name.append(number)
      name.append(tail)
      return isMatched(name)
    }
  }
}

/// What one target, or all of them, match of a module.
package struct AdapterMatch: Hashable, Sendable {
  package let module: AdapterModule
  /// Counted through the whole model; empty for a module outside the layers.
  package let layers: [Int]
  /// Those of the module's matrices that are meant: one alone where the target is Hugging Face's `gate_proj`.
  package let huggingFacePaths: [String]
  /// The experts meant; `nil` for all.
  package let experts: [Int]?

  fileprivate func union(_ other: AdapterMatch) -> AdapterMatch {
    AdapterMatch(
      module: module, layers: layers == other.layers ? layers : Set(layers).union(other.layers).sorted(),
      huggingFacePaths: module.huggingFacePaths.filter {
        huggingFacePaths.contains($0) || other.huggingFacePaths.contains($0)
      },
      experts: experts.flatMap { own in other.experts.map { Set(own).union($0).sorted() } })
  }

  /// `nil` where nothing is left. Some of a module's matrices are taken from all of its layers.
  fileprivate func subtracting(_ other: AdapterMatch) -> AdapterMatch? {
    let paths = huggingFacePaths.filter { !other.huggingFacePaths.contains($0) }
    let gone = Set(other.layers)
    let rest = paths.isEmpty ? layers.filter { !gone.contains($0) } : layers
    guard !paths.isEmpty || !rest.isEmpty else { return nil }
    return AdapterMatch(
      module: module, layers: rest, huggingFacePaths: paths.isEmpty ? huggingFacePaths : paths, experts: experts)
  }
}
