import Diagnostics
import LaunchModel

/// # DDP-09: weights on the meta device need Megatron-FSDP
///
/// ## What
/// `model.init_model_with_meta_device` comes with Megatron-FSDP.
///
/// ## Why
/// It makes the weights without memory. Megatron-FSDP gives them some, shard by shard; nothing else in Megatron-Bridge does,
/// and the model is not moved to the GPU either. The distributed optimizer then stops with "Cannot copy out of meta tensor"
/// where it moves the weights into its buffers.
///
/// ## Example
/// ```yaml
/// model: {init_model_with_meta_device: true}   # ddp.use_megatron_fsdp: false
/// ```
///
/// ## Fix
/// Leave it out.
///
/// ## Source
/// - 0.3.1: megatron-bridge 0.3.1 `models/model_provider.py`, `get_model`, line 580, and `models/gpt_provider.py`, line 254;
///   megatron-core 0.16.1 `extensions/transformer_engine.py`, `_get_extra_te_kwargs`, and
///   `distributed/param_and_grad_buffer.py`, line 834.
/// - 0.5.1: megatron-bridge 0.5.1, the same in lines 629 and 269; megatron-core 0.18.2.
/// - 0.6.2: megatron-bridge 0.6.2, the same in lines 686 and 274; megatron-core 0.19.2.
enum MetaDeviceNeedsFSDP: Rule {
  static let code: DiagnosticCode = "DDP-09"
  static let title = "weights on the meta device need Megatron-FSDP"
  static let errorsDependOn: PlanAspects = []

  private static let path = FieldPath("model", "init_model_with_meta_device")

  static func check(_ run: RunFacts, _ report: inout Report) {
    // PyTorch's FSDP2 does not start at all: CKPT-04.
    let config = run.config
    guard config.model.isOn(path.field), !config.usesMegatronFSDP, !config.dist.useTorchFSDP2 else { return }
    report.error(
      at: path, "weights are made on the meta device, where they have no memory; only Megatron-FSDP gives them some",
      help: "leave it out", related: [(Path.ddp.useMegatronFSDP, "off")],
      fix: .unsafe("switch it off", (path, .bool(false))))
  }
}
