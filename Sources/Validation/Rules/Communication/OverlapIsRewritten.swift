import ConfigDocument
import Diagnostics
import LaunchModel

/// # COMM-01: tensor-parallel overlap needs sequence parallelism
///
/// ## What
/// `comm_overlap.tp_comm_overlap` is switched off where TP is 1 or `sequence_parallel` is off.
///
/// ## Why
/// The overlapped collectives are those of sequence parallelism.
///
/// ## Example
/// ```yaml
/// parallelism: {tensor_model_parallel_size: 1}
/// comm_overlap: {tp_comm_overlap: true}
/// ```
///
/// ## Fix
/// Switch it off.
///
/// ## Source
/// megatron-bridge 0.3.1 `training/comm_overlap.py`, `_get_model_comm_overlap_cfgs`.
enum TensorOverlapIsSwitchedOff: Rule {
  static let code: DiagnosticCode = "COMM-01"
  static let title = "tensor-parallel overlap needs sequence parallelism"

  static func check(_ run: RunFacts, _ report: inout Report) {
    let overlap = run.config.commOverlap
    guard overlap.isPresent, overlap.tpCommOverlap, !run.overlap.effective.tpCommOverlap else { return }
    let isAlone = run.sizes.tensor < 2
    report.note(
      at: Path.commOverlap.tpCommOverlap,
      "Megatron-Bridge switches `tp_comm_overlap` off: \(isAlone ? "TP is 1" : "`sequence_parallel` is off")",
      related: [
        isAlone
          ? (Path.parallelism.tensorModelParallelSize, "TP 1") : (Path.parallelism.sequenceParallel, "off")
      ], fix: .safe("switch it off", (Path.commOverlap.tpCommOverlap, .bool(false))))
  }
}

/// # COMM-02: `comm_overlap` decides how stages communicate
///
/// ## What
/// Where `comm_overlap` is present, `overlap_p2p_comm` and `batch_p2p_comm` of `model` are overwritten: overlap with
/// virtual stages, batches without, neither without a pipeline, unless `comm_overlap` says otherwise itself.
///
/// ## Why
/// What is written in `model` has no effect.
///
/// ## Example
/// ```yaml
/// model: {overlap_p2p_comm: true}
/// comm_overlap: {tp_comm_overlap: false}
/// ```
///
/// ## Fix
/// Write it in `comm_overlap`.
///
/// ## Source
/// megatron-bridge 0.3.1 `training/comm_overlap.py`, `_get_model_comm_overlap_cfgs`.
enum StageTransfersAreRewritten: Rule {
  static let code: DiagnosticCode = "COMM-02"
  static let title = "`comm_overlap` decides how stages communicate"

  static func check(_ run: RunFacts, _ report: inout Report) {
    guard run.sizes.pipeline > 1, run.overlap.isFromSection else { return }
    let effective = run.overlap.effective
    let model = run.config.model
    for (path, written, value, section) in [
      (Path.model.overlapP2PComm, model.overlapP2PComm, effective.overlapP2PComm, Path.commOverlap.overlapP2PComm),
      (Path.model.batchP2PComm, model.batchP2PComm, effective.batchP2PComm, Path.commOverlap.batchP2PComm),
    ] where written != value && isChosen(path, run) {
      report.note(
        at: path, "`\(path)` \(written) has no effect: `comm_overlap` makes it \(value)",
        related: [(section, "decides")],
        fix: .safe("write \(value) here as well", (path, .bool(value))))
    }
  }

  /// Megatron's defaults stand in every emitted config; only another value is somebody's choice.
  private static func isChosen(_ path: FieldPath, _ run: RunFacts) -> Bool {
    path == Path.model.overlapP2PComm ? run.config.model.overlapP2PComm : !run.config.model.batchP2PComm
  }
}

/// # COMM-03: virtual stages that only a layout names are not overlapped
///
/// ## What
/// A layout of more stages than PP makes a virtual pipeline without `virtual_pipeline_model_parallel_size`. But
/// `comm_overlap` has been applied before the layout is read, as if there were none.
///
/// ## Why
/// The interleaved schedule then runs without overlapping its transfers, of which it has more.
///
/// ## Example
/// ```yaml
/// parallelism: {pipeline_model_parallel_size: 2, pipeline_model_parallel_layout: "Et*7|t*7|t*7|t*6L"}
/// ```
///
/// ## Fix
/// Write the virtual size that follows from the layout.
///
/// ## Source
/// megatron-bridge 0.3.1 `training/comm_overlap.py`; megatron-core 0.16.1 `transformer/transformer_config.py`.
enum LayoutsVirtualStagesAreSeen: Rule {
  static let code: DiagnosticCode = "COMM-03"
  static let title = "virtual stages that only a layout names are not overlapped"

  static func check(_ run: RunFacts, _ report: inout Report) {
    guard run.sizes.virtualPipeline == nil, run.layout != nil, let chunks = run.virtualPipelineSize, chunks > 1,
      run.sizes.pipeline > 1, run.overlap.isFromSection, run.config.commOverlap.overlapP2PComm == nil
    else { return }
    report.warning(
      at: Path.parallelism.pipelineModelParallelLayout,
      "this layout makes \(chunks) virtual stages on each of PP \(run.sizes.pipeline) ranks, but `comm_overlap` does not see them: their transfers are not overlapped",
      help: "`virtual_pipeline_model_parallel_size: \(chunks)` makes no other difference",
      related: [
        (Path.parallelism.virtualPipelineModelParallelSize, "null"),
        (Path.parallelism.pipelineModelParallelSize, "PP \(run.sizes.pipeline)"),
      ], fix: .safe("write the virtual size", (Path.parallelism.virtualPipelineModelParallelSize, .int(chunks))))
  }
}

/// # COMM-04: `comm_overlap` decides how replicas communicate
///
/// ## What
/// Where `comm_overlap` is present and `ddp.use_distributed_optimizer` on, the overlap settings of `ddp` are overwritten:
/// with several replicas both overlaps are on and buckets hold 134217728 parameters; with one replica all are off.
/// Values written in `comm_overlap` win.
///
/// ## Why
/// What is written in `ddp` has no effect.
///
/// ## Example
/// ```yaml
/// ddp: {use_distributed_optimizer: true, bucket_size: 40000000}
/// comm_overlap: {tp_comm_overlap: false}
/// ```
///
/// ## Fix
/// Write it in `comm_overlap`.
///
/// ## Source
/// megatron-bridge 0.3.1 `training/comm_overlap.py`, `_get_optimizer_overlap_cfgs`.
enum ReplicaOverlapIsRewritten: Rule {
  static let code: DiagnosticCode = "COMM-04"
  static let title = "`comm_overlap` decides how replicas communicate"

  static func check(_ run: RunFacts, _ report: inout Report) {
    let effective = run.overlap.effective
    guard effective.replacesDDP, let replicas = run.dataParallelSize else { return }
    let ddp = run.config.ddp
    // With one replica nothing is left to overlap, whatever is written.
    if replicas > 1 {
      note(
        Path.ddp.overlapGradReduce, ddp.overlapGradReduce, effective.overlapGradReduce,
        ddp.isWritten(\.overlapGradReduce), Path.commOverlap.overlapGradReduce, &report)
      note(
        Path.ddp.overlapParamGather, ddp.overlapParamGather, effective.overlapParamGather,
        ddp.isWritten(\.overlapParamGather), Path.commOverlap.overlapParamGather, &report)
      note(
        Path.ddp.alignParamGather, ddp.alignParamGather, effective.alignParamGather,
        ddp.alignParamGather, Path.commOverlap.alignParamGather, &report)
    }
    guard let written = ddp.bucketSize, written != effective.bucketSize, effective.overlapGradReduce else { return }
    let value = effective.bucketSize
    report.note(
      at: Path.ddp.bucketSize,
      "buckets of \(written) parameters have no effect: `comm_overlap` makes them \(value.map(String.init) ?? "Megatron's choice")",
      related: [(Path.commOverlap.bucketSize, "decides")],
      fix: .unsafe("write it there", (Path.commOverlap.bucketSize, .int(written)), (Path.ddp.bucketSize, .null)))
  }

  private static func note(
    _ path: FieldPath, _ written: Bool, _ value: Bool, _ isChosen: Bool, _ section: FieldPath, _ report: inout Report
  ) {
    guard written != value, isChosen else { return }
    report.note(
      at: path, "`\(path)` \(written) has no effect: `comm_overlap` makes it \(value)",
      help: "to keep it, write it in `comm_overlap`",
      related: [(section, "decides")], fix: .safe("write \(value) here as well", (path, .bool(value))))
  }
}

/// # COMM-06: stages talk through NCCL or UCC
///
/// ## What
/// `pipeline_model_parallel_comm_backend` is null, `nccl` or `ucc`; and `ucc` needs `CUDA_DEVICE_MAX_CONNECTIONS` other
/// than 1.
///
/// ## Why
/// Megatron checks both when it makes the pipeline's groups.
///
/// ## Example
/// ```yaml
/// parallelism: {pipeline_model_parallel_comm_backend: gloo}
/// ```
///
/// ## Fix
/// Leave it out.
///
/// ## Source
/// megatron-core 0.16.1 `parallel_state.py`, `initialize_model_parallel`.
enum PipelineBackend: Rule {
  static let code: DiagnosticCode = "COMM-06"
  static let title = "stages talk through NCCL or UCC"

  static func check(_ run: RunFacts, _ report: inout Report) {
    guard let backend = run.config.parallelism.pipelineCommunicationBackend else { return }
    let path = Path.parallelism.pipelineCommunicationBackend
    if backend == "ucc" {
      guard run.config.envVars.carried("CUDA_DEVICE_MAX_CONNECTIONS") == .string("1") else { return }
      report.error(
        at: path, "`ucc` needs `CUDA_DEVICE_MAX_CONNECTIONS` other than 1",
        related: [(FieldPath("env_vars", "CUDA_DEVICE_MAX_CONNECTIONS"), "1")])
    } else if backend != "nccl" {
      report.error(
        at: path, "Megatron's stages do not talk through `\(backend)`", help: "`nccl`, `ucc` or null",
        fix: .unsafe("leave it to Megatron", (path, .null)))
    }
  }
}
