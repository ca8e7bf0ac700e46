import Diagnostics
import LaunchModel

/// # CKPT-04: Megatron-FSDP and its format come together
///
/// ## What
/// Where anything is saved or loaded, Megatron-FSDP needs `ckpt_format: fsdp_dtensor`, and that format needs Megatron-FSDP.
/// Megatron-FSDP excludes PyTorch's FSDP2 (which does not start at all with these releases) and `dist.use_tp_pp_dp_mapping`, and switches `average_in_collective` and
/// `gradient_accumulation_fusion` off.
///
/// ## Why
/// Its weights are DTensors, which the other formats do not hold.
///
/// ## Example
/// ```yaml
/// ddp: {use_megatron_fsdp: true}
/// checkpoint: {ckpt_format: torch_dist}
/// ```
///
/// ## Fix
/// Change the format with the sharding.
///
/// ## Source
/// - 0.3.1: megatron-bridge 0.3.1 `training/config.py`, `ConfigContainer.validate`.
/// - 0.5.1: megatron-bridge 0.5.1, the same.
/// - 0.6.2: megatron-bridge 0.6.2, the same.
enum FSDPHasItsFormat: Rule {
  static let code: DiagnosticCode = "CKPT-04"
  static let title = "Megatron-FSDP and its format come together"
  static let errorsDependOn: PlanAspects = []

  static func check(_ run: RunFacts, _ report: inout Report) {
    let (checkpoint, dist, ddp) = (run.config.checkpoint, run.config.dist, run.config.ddp)
    let (isFSDP, fsdp) = (run.config.usesMegatronFSDP, run.config.megatronFSDPPath)
    let isItsFormat = checkpoint.ckptFormat == .fsdpDTensor
    if dist.useTorchFSDP2 {
      report.error(
        at: Path.dist.useTorchFSDP2,
        isFSDP
          ? "Megatron-FSDP and PyTorch's FSDP2 exclude each other"
          : """
          PyTorch's FSDP2 does not start with Megatron-Core \(run.release.megatronCore) and Megatron-Bridge \
          \(run.release.megatronBridge): one does not take the other's arguments
          """,
        related: isFSDP ? [(fsdp, "Megatron's" as Message)] : [],
        fix: .unsafe("switch it off", (Path.dist.useTorchFSDP2, .bool(false))))
      return
    }
    guard isFSDP || isItsFormat else { return }
    let isKept = checkpoint.save != nil || checkpoint.load != nil
    guard isFSDP else {
      guard isKept, !checkpoint.asyncSave else { return }
      report.error(
        at: Path.checkpoint.ckptFormat, "`fsdp_dtensor` holds the weights of Megatron-FSDP, which is off",
        help: "`torch_dist`, or `\(Path.ddp.useMegatronFSDP): true`", related: [(fsdp, "off")],
        fix: .unsafe("make it `torch_dist`", (Path.checkpoint.ckptFormat, .string("torch_dist"))))
      return
    }
    if dist.useTPPPDPMapping {
      report.error(
        at: Path.dist.useTPPPDPMapping, "Megatron-FSDP wants ranks in the usual order", related: [(fsdp, "on")],
        fix: .unsafe("switch it off", (Path.dist.useTPPPDPMapping, .bool(false))))
    }
    if isKept, !isItsFormat {
      report.error(
        at: Path.checkpoint.ckptFormat,
        "Megatron-FSDP is kept as `fsdp_dtensor`, not `\(checkpoint.ckptFormat.rawValue)`", related: [(fsdp, "on")],
        fix: .unsafe("make it `fsdp_dtensor`", (Path.checkpoint.ckptFormat, .string("fsdp_dtensor"))))
    }
    if ddp.averageInCollective, ddp.isWritten(\.averageInCollective) {
      report.note(
        at: Path.ddp.averageInCollective, "Megatron-FSDP switches `average_in_collective` off", related: [(fsdp, "on")],
        fix: .safe("switch it off", (Path.ddp.averageInCollective, .bool(false))))
    }
  }
}
