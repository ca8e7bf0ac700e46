import Diagnostics
import LaunchModel
import Topology

/// # MOE-02: experts divide by the expert-parallel size
///
/// ## What
/// `num_moe_experts` must be a multiple of `expert_model_parallel_size`.
///
/// ## Why
/// Each expert-parallel GPU holds equally many whole experts. Megatron-Bridge notices when it builds the first MoE
/// layer, with an assertion that has no message.
///
/// ## Example
/// ```yaml
/// model: {num_moe_experts: 60}
/// parallelism: {expert_model_parallel_size: 8}   # 7.5 experts a GPU
/// ```
///
/// ## Fix
/// Take an EP that divides the experts.
///
/// ## Source
/// - 0.3.1: megatron-core 0.16.1 `moe/moe_layer.py`, `BaseMoELayer.__init__`.
/// - 0.5.1: megatron-core 0.18.2, the same.
/// - 0.6.2: megatron-core 0.19.2, the same.
enum ExpertsDivideByExpertSize: Rule {
  static let code: DiagnosticCode = "MOE-02"
  static let title = "experts divide by the expert-parallel size"
  static let errorsDependOn: PlanAspects = .expert

  static func check(_ run: RunFacts, _ report: inout Report) {
    let (experts, size) = (run.architecture.numMoEExperts, run.sizes.expert)
    guard run.hasMoELayer, experts % size != 0 else { return }
    let fitting = sizesOnTheGPUs(run, experts)
    let offered = [fitting.last { $0 <= size }, fitting.first { $0 >= size }].compactMap { $0 }
    report.error(
      at: Path.parallelism.expertModelParallelSize,
      "\(experts) routed experts / EP \(size) = \(Help.quotient(experts, size)), but each GPU holds whole experts",
      help: fitting.isEmpty
        ? "EP that divides \(experts) experts: \(Help.divisors(of: experts, near: size))"
        : "EP that divides \(experts) experts and the GPUs: \(Help.list(offered))",
      related: [run.expertsRelated])
  }
  /// What divides the experts, and with ETP and PP the GPUs.
  private static func sizesOnTheGPUs(_ run: RunFacts, _ experts: Int) -> [Int] {
    guard experts > 0 else { return [] }
    return divisors(of: experts).filter { size in
      var sizes = run.sizes
      sizes.expert = size
      return sizes.expertDataParallel(of: run.worldSize) != nil
    }
  }
}
