import ConfigDocument
import Diagnostics
import LaunchModel

/// # CKPT-12: the checkpoint holds the model
///
/// ## What
/// Where the checkpoint in `load` or `pretrained_checkpoint` is at hand, the model section must describe the weights in it:
/// layers, widths, heads, ranks, experts, which layers have them, tied embeddings, and no MTP layers or learned positions
/// that it lacks. Rows of the vocabulary may be others:
/// then the common ones are loaded, which is a warning. The CPU engine's own checkpoints take neither other rows, nor
/// adapters where all weights are trained, or the other way round.
///
/// ## Why
/// Each tensor is asked for by name and shape: Megatron-Core's loader raises where a shape or a name is another. The
/// embeddings alone are saved so that they may be padded otherwise. The CPU engine loads whole tensors as they are.
///
/// ## Example
/// ```yaml
/// model: {num_moe_experts: 32}
/// checkpoint: {load: ck}   # written with 64 experts
/// ```
///
/// ## Fix
/// The checkpoint's values, which its `run_config.yaml` has, or its `trainer_state.json`. A run that is to begin anew has
/// another `recipe.name`, or `--no-resume`.
///
/// ## Source
/// - 0.3.1: megatron-core 0.16.1 `dist_checkpointing/strategies/torch.py` and `dist_checkpointing/validation.py`;
///   `tensor_parallel/layers.py`, `allow_shape_mismatch`.
/// - 0.5.1: megatron-core 0.18.2, the same.
/// - 0.6.2: megatron-core 0.19.2, the same.
enum CheckpointHoldsTheModel: Rule {
  static let code: DiagnosticCode = "CKPT-12"
  static let title = "the checkpoint holds the model"
  static let errorsDependOn: PlanAspects = []

  /// Fields that shapes and names of tensors depend on.
  private static let shape: [FieldPath] = [
    Path.model.numLayers, Path.model.hiddenSize, Path.model.ffnHiddenSize, Path.model.numAttentionHeads,
    Path.model.numQueryGroups, Path.model.kvChannels, Path.model.multiLatentAttention, Path.model.qLoraRank,
    Path.model.kvLoraRank, Path.model.qkHeadDim, Path.model.qkPosEmbHeadDim, Path.model.vHeadDim,
    Path.model.qkLayernorm, Path.model.normalization, Path.model.addBiasLinear, Path.model.addQKVBias,
    Path.model.gatedLinearUnit, Path.model.numMoEExperts, Path.model.moeFFNHiddenSize,
    Path.model.moeSharedExpertIntermediateSize, Path.model.moeLayerFrequency, Path.model.moeRouterEnableExpertBias,
    Path.model.shareEmbeddingsAndOutputWeights, Path.model.mtpNumLayers, Path.model.positionEmbeddingType,
  ]

  static func check(_ run: RunFacts, _ report: inout Report) {
    guard let saved = run.loaded else { return }
    for path in shape {
      guard let now = run.config.value(at: path)?.value, let then = saved.config.value(at: path)?.value,
        !isSame(now, then, path, run, saved)
      else { continue }
      report.error(
        at: path, "the checkpoint was saved with \(then.short), and its weights are of that shape",
        help: "write \(then.short)", related: [(saved.path, "the checkpoint")])
    }
    let adapts = run.config.peft.isPresent
    if saved.writer == .cpuEngine, saved.path == Path.checkpoint.load, saved.config.peft.isPresent != adapts {
      let message: Message =
        adapts ? "the checkpoint holds all weights, and adapters are trained" : "the checkpoint holds adapters alone"
      report.error(
        at: adapts ? Path.peft.whole : saved.path, message,
        help: "give the run another \(Path.recipe.name), or start it with --no-resume",
        related: adapts ? [(saved.path, Message("the checkpoint"))] : [])
    } else {
      checkVocabulary(run, saved, &report)
    }
  }

  private static func isSame(
    _ now: ConfigValue, _ then: ConfigValue, _ path: FieldPath, _ run: RunFacts, _ saved: SavedRun
  ) -> Bool {
    switch path {
    // A pattern can be written in several ways.
    case Path.model.moeLayerFrequency: run.architecture.moeLayers == Architecture(saved.config).moeLayers
    // What is not set follows from the width and the heads.
    case Path.model.kvChannels, Path.model.numQueryGroups: now == .null || then == .null || now == then
    // Layers and embeddings that a checkpoint has beyond the model's are left where they are.
    case Path.model.mtpNumLayers: (Int(now) ?? 0) <= (Int(then) ?? 0)
    case Path.model.positionEmbeddingType: now == then || String(now) != PositionEmbedding.learnedAbsolute.rawValue
    default: now == then
    }
  }

  private static func checkVocabulary(_ run: RunFacts, _ saved: SavedRun, _ report: inout Report) {
    guard let now = run.paddedVocabSize, let then = RunFacts(saved.config).paddedVocabSize, now != then else { return }
    let rows: Message = "the checkpoint has \(then) rows of the vocabulary, and the model \(now)"
    switch saved.writer {
    case .megatron:
      report.warning(
        at: Path.model.vocabSize,
        "\(rows): \(now > then ? "the others keep their initial values" : "the last ones are dropped")",
        related: [(saved.path, "the checkpoint")])
    case .cpuEngine:
      report.error(
        at: Path.model.vocabSize, rows, help: "write \(then)", related: [(saved.path, "the checkpoint")])
    }
  }
}
