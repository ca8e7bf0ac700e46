import ArgumentParser
import ConfigDocument
import LaunchModel

/// The machines, and how the model is spread over them.
struct ParallelismOptions: ParsableArguments {
  @Option(help: GPUCount.help)
  var gpus: Int?

  @Option(help: ArgumentHelp("Machines.", valueName: "n"))
  var numNodes: Int?

  @Option(help: ArgumentHelp("GPUs of each machine.", valueName: "n"))
  var gpusPerNode: Int?

  @Option(
    name: [.long, .customLong("tp")], help: ArgumentHelp("Ranks that share each dense matrix (TP).", valueName: "n"))
  var tensorModelParallelSize: Int?

  @Option(
    name: [.long, .customLong("pp")], help: ArgumentHelp("Ranks that share the layers (PP).", valueName: "n"))
  var pipelineModelParallelSize: Int?

  @Option(
    name: [.long, .customLong("vp")], help: ArgumentHelp("Chunks of layers on each of them (VP).", valueName: "n"))
  var virtualPipelineModelParallelSize: Int?

  @Option(
    name: [.long, .customLong("cp")], help: ArgumentHelp("Ranks that share each sequence (CP).", valueName: "n"))
  var contextParallelSize: Int?

  @Option(
    name: [.long, .customLong("ep")], help: ArgumentHelp("Ranks that share the routed experts (EP).", valueName: "n"))
  var expertModelParallelSize: Int?

  @Option(
    name: [.long, .customLong("etp")], help: ArgumentHelp("Ranks that share each routed expert (ETP).", valueName: "n"))
  var expertTensorParallelSize: Int?

  @Flag(inversion: .prefixedNo, help: "Splits norms along the sequence; on by itself with TP above 1.")
  var sequenceParallel: Bool?

  @Option(
    help: ArgumentHelp(
      "Which layers each stage holds: `balanced` by cost, `documented`, `even`, counts (`8+7+7+6`) or Megatron's string.",
      valueName: "layout"))
  var layout: String?

  @Option(help: WeightInput.help)
  var weights: String?

  @Flag(help: "Lets `balanced` make stages without layers, such as one for the output head alone.")
  var allowEmptyStages = false

  /// Whether the balanced layout is to be another one than by default.
  var hasBalancing: Bool { weights != nil || allowEmptyStages }

  @Option(help: ArgumentHelp("Format between stages: bf16, fp16 or fp32.", valueName: "dtype"))
  var pipelineDtype: String?

  @Option(help: ArgumentHelp("Recompute `full` layers or `selective` parts; `none` keeps all.", valueName: "kind"))
  var recomputeGranularity: String?

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "With `selective`: core_attn, moe, moe_act, mla_up_proj, layernorm, mlp, ...", valueName: "module"))
  var recomputeModules: [String] = []

  @Option(help: ArgumentHelp("With `full`: `uniform` or `block`.", valueName: "method"))
  var recomputeMethod: String?

  @Option(help: ArgumentHelp("With `full`: layers of a group or stage.", valueName: "n"))
  var recomputeNumLayers: Int?

  @Flag(name: .customLong("enable-deepep"), help: "DeepEP kernels for the experts' all-to-all.")
  var enableDeepEP = false

  @Flag(help: "Fused rotary embedding for MLA.")
  var applyRopeFusion = false

  private var gpuCount: GPUCount { GPUCount(gpus: gpus, numNodes: numNodes, gpusPerNode: gpusPerNode) }

  func validate() throws { try gpuCount.check() }

  func contribute(to flags: inout FlagLayer) {
    gpuCount.contribute(to: &flags)
    let parallelism = Path.parallelism
    let sizes: [(String, FieldPath, Int?)] = [
      ("--tensor-model-parallel-size", parallelism.tensorModelParallelSize, tensorModelParallelSize),
      ("--pipeline-model-parallel-size", parallelism.pipelineModelParallelSize, pipelineModelParallelSize),
      (
        "--virtual-pipeline-model-parallel-size", parallelism.virtualPipelineModelParallelSize,
        virtualPipelineModelParallelSize
      ),
      ("--context-parallel-size", parallelism.contextParallelSize, contextParallelSize),
      ("--expert-model-parallel-size", parallelism.expertModelParallelSize, expertModelParallelSize),
      ("--expert-tensor-parallel-size", parallelism.expertTensorParallelSize, expertTensorParallelSize),
      ("--recompute-num-layers", Path.recompute.recomputeNumLayers, recomputeNumLayers),
    ]
    for (flag, path, size) in sizes { flags.set(flag, path, size.map { .int($0) }) }
    if let sequenceParallel {
      flags.set(
        sequenceParallel ? "--sequence-parallel" : "--no-sequence-parallel", parallelism.sequenceParallel,
        .bool(sequenceParallel))
    }
    flags.set("--pipeline-dtype", parallelism.pipelineDataType, pipelineDtype.map { .string(Self.dtype($0)) })
    flags.set("--pipeline-dtype", Path.mixedPrecision.pipelineDtype, pipelineDtype.map { .string(Self.dtype($0)) })
    flags.set(
      "--recompute-granularity", Path.recompute.recomputeGranularity,
      recomputeGranularity.map { $0 == "none" ? .null : .string($0) })
    flags.set("--recompute-method", Path.recompute.recomputeMethod, recomputeMethod.map { .string($0) })
    if !recomputeModules.isEmpty {
      flags.set("--recompute-modules", Path.recompute.recomputeModules, .list(recomputeModules.map { .string($0) }))
    }
  }

  /// PyTorch's names are the ones that the Python keyword takes.
  private static func dtype(_ name: String) -> String {
    switch name.hasPrefix("torch.") ? String(name.dropFirst(6)) : name {
    case "bfloat16": "bf16"
    case "float16", "half": "fp16"
    case "float32", "float": "fp32"
    case let name: name
    }
  }
}
