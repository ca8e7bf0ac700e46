import Diagnostics
import LaunchModel

/// # PEFT-28: the routers' bias stays where the adapters were trained on it
///
/// ## What
/// Where adapters are trained, a router's expert bias goes on moving by `moe_router_bias_update_rate` a step, though the rest
/// of the base is frozen.
///
/// ## Why
/// The bias is no parameter, so freezing the model does not hold it, and a checkpoint of adapters does not have it. What is
/// trained chooses its experts by a bias that is lost with the run: loaded or merged, the adapters stand on the old one. Each
/// step moves an entry by the whole rate, up or down, and it is added to scores between 0 and 1.
///
/// ## Example
/// ```yaml
/// model: {moe_router_enable_expert_bias: true, moe_router_bias_update_rate: 0.001}
/// peft: {peft_scheme: lora}
/// ```
///
/// ## Fix
/// `moe_router_bias_update_rate: 0`.
///
/// ## Source
/// - 0.3.1: megatron-core 0.16.1 `distributed/finalize_model_grads.py`, `_update_router_expert_bias`; megatron-bridge 0.3.1
///   `peft/base.py`, `freeze_model`, and `training/checkpointing.py`, which keeps adapters alone.
/// - 0.5.1: megatron-core 0.18.2 and megatron-bridge 0.5.1, the same.
/// - 0.6.2: megatron-core 0.19.2 and megatron-bridge 0.6.2, the same; `frozen_expert_bias` is set by Megatron-LM's own
///   `--freeze-all-layers` alone.
enum RouterBiasStaysWithAdapters: Rule {
  static let code: DiagnosticCode = "PEFT-28"
  static let title = "the routers' bias stays where the adapters were trained on it"
  static let errorsDependOn: PlanAspects = []

  static func check(_ run: RunFacts, _ report: inout Report) {
    let (model, path) = (run.config.model, Path.model.moeRouterBiasUpdateRate)
    let rate = model.moeRouterBiasUpdateRate
    guard run.config.peft.isPresent, model.moeRouterEnableExpertBias, model.numMoEExperts ?? 0 > 0, rate != 0 else {
      return
    }
    report.warning(
      at: path, "the routers' bias moves while adapters are trained, and their checkpoint does not hold it",
      help: "write 0; each step moves an entry by \(rate), beside scores between 0 and 1",
      related: [(Path.model.moeRouterEnableExpertBias, "on"), (Path.peft.whole, "the rest of the base is frozen")],
      fix: .unsafe("keep the bias", (path, .int(0))))
  }
}
