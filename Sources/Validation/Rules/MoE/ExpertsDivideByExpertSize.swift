import Diagnostics
import LaunchModel

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
    report.error(
      at: Path.parallelism.expertModelParallelSize,
      "\(experts) routed experts / EP \(size) = \(Help.quotient(experts, size)), but each GPU holds whole experts",
      help: Message(ParallelSize.expert.divisorHelp(of: experts, "\(experts) experts", run)),
      related: [run.expertsRelated])
  }
}
