/// For which generation of transformers peft's files are written.
package enum AdapterFormat: String, Sendable, CaseIterable {
  /// Where there is one, the form that peft reads on both; else that of the generation in which the adapter was trained.
  case common
  /// Modules for all matrices, routed experts one by one.
  case transformers4 = "4"
  /// Parameters for all of the MLPs, routed experts fused.
  case transformers5 = "5"
}

/// An adapter in peft's form, ready to be written.
package struct AdapterFiles {
  package let config: AdapterConfig
  package let tensors: [TensorToWrite]
  /// Where peft does not read it rightly; `nil` where it does on both generations, or where one was asked for.
  package let limitation: Limitation?

  package struct Limitation: Hashable, Sendable, CustomStringConvertible {
    /// Of transformers, which peft does not read it on.
    package let generation: Int
    package let reason: String

    package var description: String { "peft on transformers \(generation) does not read this adapter: \(reason)" }
  }

  /// - Parameters:
  ///   - factors: of the adapters, asked for while they are written.
  ///   - base: where the weights are that it was trained on.
  /// - Throws: ``AdapterError`` where peft has no such form of these adapters.
  package init(
    _ settings: AdapterSettings, _ layout: ParameterLayout, as format: AdapterFormat, base: String?,
    _ factors: any AdapterFactors
  ) throws {
    let writing = AdapterWriting(settings: settings, layout: layout, factors: factors)
    let reason = writing.reasonAgainstCommonForm
    var config = AdapterConfig(rank: settings.dim, alpha: settings.alpha, base: base)
    config.useDora = settings.useDora
    config.dropout = settings.dropout
    config.useRslora = settings.useRslora
    config.initialization = settings.initialization
    let isJoined = settings.targets.contains(where: \.isJoined)
    switch format {
    case .common where reason == nil: tensors = writing.common(&config)
    case .common where isJoined, .transformers5:
      if let reason = writing.reasonAgainstFusedForm {
        throw AdapterError(file: AdapterConfig.fileName, message: reason)
      }
      tensors = writing.fused(&config)
    case .common, .transformers4: tensors = writing.separate(&config)
    }
    self.config = config
    limitation =
      format == .common ? reason.map { Limitation(generation: isJoined ? 4 : 5, reason: $0) } : nil
  }

  /// Writes both files into a folder.
  package func write(to folder: String, _ fileSystem: any FileSystem = POSIXFileSystem()) throws {
    try SafetensorsWriter.write(tensors, to: FilePath.join(folder, AdapterWeights.fileName), fileSystem)
    try config.write(to: folder, fileSystem)
  }
}

/// The forms of one set of adapters.
private struct AdapterWriting {
  let settings: AdapterSettings
  let layout: ParameterLayout
  let factors: any AdapterFactors

  // MARK: What there is no form for

  private static let mlpNames = ["gate_proj.weight", "up_proj.weight", "down_proj.weight"]

  private func isMLP(_ target: AdapterTarget) -> Bool { Self.mlpNames.contains { target.name.hasSuffix("." + $0) } }

  /// What is a parameter of its own in the forms for transformers 5: dense and shared MLPs, and routers, which are none but that
  /// anywhere.
  private func isParameter(_ target: AdapterTarget) -> Bool {
    target.isRouter || isMLP(target) && !target.isRoutedExpert
  }

  /// peft on transformers 5 makes parameters of everything that is called like an expert's matrix, and parameters have
  /// neither DoRA nor dropout (peft 0.21.2, tuners/lora/layer.py, `ParamWrapper`).
  private var reasonAgainstParameters: String? {
    guard settings.targets.contains(where: { isMLP($0) || $0.isRouter }) else { return nil }
    if settings.useDora { return "peft computes DoRA on modules alone, and adapts MLPs as parameters there" }
    if settings.dropout > 0 { return "peft computes dropout on modules alone, and adapts MLPs as parameters there" }
    if settings.initialization.changesBase {
      return "peft computes \(settings.initialization.name) on modules alone, and adapts MLPs as parameters there"
    }
    return nil
  }

  var reasonAgainstCommonForm: String? {
    if let reason = reasonAgainstParameters { return reason }
    let routed = settings.targets.filter(\.isRoutedExpert)
    guard !routed.isEmpty else { return nil }
    if routed.contains(where: \.isJoined) { return "gate and up of the routed experts share their A" }
    guard routed.allSatisfy({ $0.rank == settings.dim && $0.scaling == settings.scaling }) else {
      return "the routed experts' adapters have ranks or scalings of their own"
    }
    return reasonAgainstWholeExperts(routed, layers: layout.shape.firstKDenseReplace..<layout.shape.numHiddenLayers)
  }

  var reasonAgainstFusedForm: String? {
    if let reason = reasonAgainstParameters { return reason }
    let routed = settings.targets.filter(\.isRoutedExpert)
    let layers = Set(routed.compactMap { layout[$0.name]?.layer })
    return reasonAgainstWholeExperts(routed, layers: layers)
  }

  /// Fused, the experts of a layer are adapted all or not at all, and so are gate and up.
  private func reasonAgainstWholeExperts(_ routed: [AdapterTarget], layers: some Collection<Int>) -> String? {
    let names = Set(routed.flatMap(\.matrices))
    for kind in [["gate_proj", "up_proj"], ["down_proj"]] {
      let wanted = layers.flatMap { layer in
        (0..<layout.shape.nRoutedExperts).flatMap { expert in
          kind.map { "model.layers.\(layer).mlp.experts.\(expert).\($0).weight" }
        }
      }
      let present = wanted.filter(names.contains).count
      guard present == 0 || present == wanted.count else {
        return "only some of the routed experts' \(kind.joined(separator: " and ")) are adapted"
      }
    }
    return nil
  }

  // MARK: The forms

  /// Today's modules everywhere, read by peft on transformers 4.
  func separate(_ config: inout AdapterConfig) -> [TensorToWrite] {
    let routers = settings.targets.filter(\.isRouter)
    let modules = settings.targets.filter { !$0.isRouter }
    config.targetModules = .list(AdapterConfig.targetModules(of: modules.flatMap(\.matrices), in: layout))
    config.targetParameters = parameterNames(routers)
    setExceptions(
      &config,
      modules.flatMap { target in target.matrices.map { (module($0), target) } } + routers.map { ($0.name, $0) })
    return settings.targets.flatMap(separateTensors)
  }

  /// Attention as modules, dense and shared MLPs as parameters, routed experts as modules that peft fuses where it must.
  func common(_ config: inout AdapterConfig) -> [TensorToWrite] {
    let parameters = settings.targets.filter(isParameter)
    let modules = settings.targets.filter { !isParameter($0) }
    config.targetModules = .list(
      AdapterConfig.targetModules(of: modules.filter { !$0.isRoutedExpert }.map(\.name), in: layout)
        + AdapterConfig.targetModules(of: modules.filter(\.isRoutedExpert).map(\.name), in: layout, from: "experts"))
    config.targetParameters = parameterNames(parameters)
    if config.useRslora, modules.contains(where: \.isRoutedExpert) {
      // Fusing doubles rank and alpha, which leaves alpha / rank as it is, but not alpha / sqrt(rank).
      config.useRslora = false
      config.alpha = Self.alpha(settings.scaling, settings.dim, false)
    }
    setExceptions(&config, modules.map { (module($0.name), $0) } + parameters.map { ($0.name, $0) })
    return settings.targets.flatMap(separateTensors)
  }

  /// Everything of the MLPs as parameters, read by peft on transformers 5.
  func fused(_ config: inout AdapterConfig) -> [TensorToWrite] {
    let parameters = settings.targets.filter(isParameter)
    let modules = settings.targets.filter { !isParameter($0) && !$0.isRoutedExpert }
    config.targetModules = .list(AdapterConfig.targetModules(of: modules.map(\.name), in: layout))
    config.targetParameters = parameterNames(parameters)
    var tensors = (parameters + modules).flatMap(separateTensors)
    var experts: [String: [(name: String, target: AdapterTarget)]] = [:]
    let byName = Dictionary(uniqueKeysWithValues: settings.targets.map { ($0.name, $0) })
    for fused in layout.fusedExperts {
      let members = fused.parts.compactMap { byName[$0.name] }
      guard let first = members.first else { continue }
      let isGateUp = fused.name.hasSuffix(".gate_up_proj")
      // Gate and up that were trained apart become one of twice the rank.
      let rank = isGateUp && !first.isJoined ? 2 * first.rank : first.rank
      experts[isGateUp ? "gate_up_proj" : "down_proj", default: []].append(
        (fused.name, AdapterTarget(first.name, rank: rank, scaling: first.scaling)))
      let container = fused.name.prefix(upTo: fused.name.lastIndex(of: ".") ?? fused.name.endIndex)
      let hasDown = byName["\(container).0.down_proj.weight"] != nil
      tensors += FusedFactors(fused, members, rank: rank, factors).tensors(
        AdapterWeights.prefix + container + (isGateUp && hasDown ? ".base_layer" : ""))
    }
    var exceptions = modules.map { (module($0.name), $0) } + parameters.map { ($0.name, $0) }
    for (kind, members) in experts.sorted(by: { $0.key < $1.key }) {
      // One end for all layers where they are alike.
      let first = members[0].target
      let areAlike = members.allSatisfy { $0.target.rank == first.rank && $0.target.scaling == first.scaling }
      let isEverywhere = areAlike && members.count == layout.shape.numHiddenLayers - layout.shape.firstKDenseReplace
      let names = isEverywhere ? [("mlp.experts.\(kind)", first)] : members
      config.targetParameters += names.map(\.0)
      exceptions += names
    }
    setExceptions(&config, exceptions)
    return tensors
  }

  private func module(_ matrix: String) -> String { String(matrix.dropLast(".weight".utf8.count)) }

  private func parameterNames(_ targets: [AdapterTarget]) -> [String] {
    AdapterConfig.targetModules(of: targets.map(\.name), in: layout, from: "mlp").map { $0 + ".weight" }
  }

  /// Each matrix under its own name; of a joined target both with the same `A`.
  private func separateTensors(_ target: AdapterTarget) -> [TensorToWrite] {
    target.matrices.enumerated().flatMap { index, matrix -> [TensorToWrite] in
      guard let shape = layout[matrix]?.shape else { return [] }
      let prefix = AdapterWeights.prefix + module(matrix)
      let rows = index * shape[0]..<(index + 1) * shape[0]
      var tensors = [
        tensor(prefix + AdapterTensor.a.rawValue, [target.rank, shape[1]], target) { $0.a },
        tensor(prefix + AdapterTensor.b.rawValue, [shape[0], target.rank], target) {
          Array($0.b[rows.lowerBound * target.rank..<rows.upperBound * target.rank])
        },
      ]
      if settings.useDora {
        tensors.append(tensor(prefix + AdapterTensor.magnitude.rawValue, [shape[0]], target) { $0.magnitudes ?? [] })
      }
      return tensors
    }
  }

  private func tensor(
    _ name: String, _ shape: [Int], _ target: AdapterTarget, _ values: @escaping (LowRankFactors) -> [Float]
  ) -> TensorToWrite {
    let kept = Kept { values(try factors.factors(of: target)) }
    return TensorToWrite(name, .float32, shape: shape, .floats(kept.copy))
  }

  /// Ranks and alphas of their own for the names whose target has them.
  private func setExceptions(_ config: inout AdapterConfig, _ names: [(name: String, target: AdapterTarget)]) {
    for (name, target) in names {
      let isOther = target.rank != config.rank || target.scaling != config.scaling
      guard isOther else { continue }
      let expression = name.replacingDots()
      config.ranks.append(AdapterConfig.Exception(name: expression, value: target.rank))
      config.alphas.append(
        AdapterConfig.Exception(
          name: expression, value: Self.alpha(target.scaling, target.rank, config.useRslora)))
    }
  }

  /// The alpha of a scaling: whole where a whole one gives it.
  private static func alpha(_ scaling: Float, _ rank: Int, _ useRslora: Bool) -> Double {
    let exact = Double(scaling) * (useRslora ? Double(rank).squareRoot() : Double(rank))
    let whole = exact.rounded()
    return AdapterSettings.scaling(alpha: whole, rank: rank, useRslora: useRslora) == scaling ? whole : exact
  }
}

extension String {
  /// As an expression that matches the name alone.
  fileprivate func replacingDots() -> String { split(separator: ".").joined(separator: "\\.") }
}

/// The factors of all experts of a layer as peft holds them: `A` [experts * rank, in], expert after expert, and `B`
/// [out, rank * experts], for each rank all experts.
private struct FusedFactors {
  private let fused: FusedExperts
  private let members: [AdapterTarget]
  private let rank: Int
  private let factors: any AdapterFactors

  init(_ fused: FusedExperts, _ members: [AdapterTarget], rank: Int, _ factors: any AdapterFactors) {
    self.fused = fused
    self.members = members
    self.rank = rank
    self.factors = factors
  }

  func tensors(_ prefix: String) -> [TensorToWrite] {
    let (experts, outputs, inputs) = (fused.shape[0], fused.shape[1], fused.shape[2])
    let perExpert = members.count / experts
    let a = Kept { try members.flatMap { try factors.factors(of: $0).a } }
    let b = Kept {
      var values = [Float](repeating: 0, count: outputs * rank * experts)
      for (index, member) in members.enumerated() {
        let (expert, part) = (index / perExpert, index % perExpert)
        let own = try factors.factors(of: member).b
        let rows = own.count / member.rank
        for row in 0..<rows {
          for column in 0..<member.rank {
            // The second of two lies below and to the right of the first.
            let (place, rankPlace) = (part * rows + row, part * member.rank + column)
            values[(place * rank + rankPlace) * experts + expert] = own[row * member.rank + column]
          }
        }
      }
      return values
    }
    return [
      TensorToWrite(
        prefix + AdapterTensor.a.rawValue, .float32, shape: [rank * experts, inputs], .floats(a.copy)),
      TensorToWrite(
        prefix + AdapterTensor.b.rawValue, .float32, shape: [outputs, rank * experts], .floats(b.copy)),
    ]
  }
}

/// Values that are made when the first of them is asked for, and given up behind the last.
private final class Kept {
  private let make: () throws -> [Float]
  private var values: [Float]?

  init(_ make: @escaping () throws -> [Float]) { self.make = make }

  func copy(_ range: Range<Int>, to destination: UnsafeMutableBufferPointer<Float>) throws {
    let values = try values ?? make()
    self.values = range.upperBound < values.count ? values : nil
    for (offset, index) in range.enumerated() { destination[offset] = values[index] }
  }
}
