import ConfigDocument
import Diagnostics
import LaunchModel

/// # MUON-10: Muon is not set as in the paper
///
/// ## What
/// "Muon is Scalable for LLM Training", from which Moonlight comes, takes momentum 0.95 with Nesterov, five
/// Newton-Schulz steps, and updates scaled by 0.2 √max(rows, columns), each over a whole matrix.
///
/// ## Why
/// Megatron's defaults are others: no Nesterov, a scale of 1, and blockwise, which orthogonalises the piece of each
/// tensor-parallel rank by itself. With a scale of 1 the updates are five times those that Moonlight's learning
/// rates were chosen for.
///
/// ## Example
/// ```yaml
/// optimizer: {optimizer: muon, lr: 4.2e-4}   # muon_extra_scale_factor 1, muon_use_nesterov false
/// ```
///
/// ## Fix
/// Begin with `extends: moonlight_16b_pretrain_muon_config`.
///
/// ## Source
/// arXiv 2502.16982, sections 2.2 and 3.
/// - 0.3.1: megatron-core 0.16.1 `optimizer/optimizer_config.py`.
/// - 0.5.1: megatron-core 0.18.2, the same.
/// - 0.6.2: megatron-core 0.19.2, the same.
enum MuonIsThePapers: Rule {
  static let code: DiagnosticCode = "MUON-10"
  static let title = "Muon is not set as in the paper"
  static let errorsDependOn: PlanAspects = []

  /// The recipe that has all that Muon wants.
  static let recipe = "moonlight_16b_pretrain_muon_config"

  static func check(_ run: RunFacts, _ report: inout Report) {
    let optimizer = run.config.optimizer
    guard optimizer.optimizer.isMuon else { return }
    let splitsMatrices = run.sizes.tensor > 1 && optimizer.muonTPMode == .blockwise
    if optimizer.muonMomentum == 0.95, optimizer.muonUseNesterov,
      optimizer.muonNumNSSteps == 5 || optimizer.muonNumNSSteps < 1,
      optimizer.muonScaleMode == .spectral, optimizer.muonExtraScaleFactor == 0.2, !splitsMatrices
    {
      return
    }
    typealias Difference = (path: FieldPath, is: Message, paper: Message, value: ConfigValue)
    var differences: [Difference] = []
    if optimizer.muonMomentum != 0.95 {
      differences.append((Path.optimizer.muonMomentum, "\(optimizer.muonMomentum)", "0.95", .float(0.95)))
    }
    if !optimizer.muonUseNesterov {
      differences.append((Path.optimizer.muonUseNesterov, "false", "true", .bool(true)))
    }
    if optimizer.muonNumNSSteps != 5, optimizer.muonNumNSSteps > 0 {
      differences.append((Path.optimizer.muonNumNSSteps, "\(optimizer.muonNumNSSteps)", "5", .int(5)))
    }
    if optimizer.muonScaleMode != .spectral {
      differences.append(
        (Path.optimizer.muonScaleMode, "\(optimizer.muonScaleMode.rawValue)", "spectral", .string("spectral")))
    }
    if optimizer.muonExtraScaleFactor != 0.2 {
      differences.append((Path.optimizer.muonExtraScaleFactor, "\(optimizer.muonExtraScaleFactor)", "0.2", .float(0.2)))
    }
    if splitsMatrices {
      differences.append((Path.optimizer.muonTPMode, "blockwise", "duplicated", .string("duplicated")))
    }
    guard let first = differences.first else { return }
    let comparisons = differences.map { difference -> Message in
      "`\(name: difference.path)` \(difference.is), there \(difference.paper)"
    }
    report.warning(
      at: first.path,
      "Muon is not the paper's: \(comparisons.joined(separator: "; "))",
      help: splitsMatrices
        ? "blockwise orthogonalises each tensor-parallel rank's piece of a matrix by itself" : nil,
      related: differences.dropFirst().map { ($0.path, $0.is) },
      fix: FieldFix(
        title: "set it as in the paper", applicability: .unsafe,
        changes: differences.map { (path: $0.path, value: $0.value) }))
  }
}
