import ConfigDocument
import Estimation

extension StepTime {
  /// The parts of a step with what people read for them.
  static let namedParts: [(String, KeyPath<StepTime, Double> & Sendable)] = [
    ("matrix products", \.compute), ("memory, between products", \.memory), ("waiting for the host", \.host),
    ("tensor-parallel traffic", \.tensorTraffic), ("expert traffic", \.expertTraffic),
    ("context-parallel traffic", \.contextTraffic), ("traffic between stages", \.pipelineTraffic),
    ("waiting for other stages", \.bubble), ("gradients, where they do not hide", \.gradientTraffic),
    ("optimizer", \.optimizer),
  ]

  /// Seconds by part, for programs.
  var tree: ConfigMapping {
    [
      "compute": .float(compute), "memory": .float(memory), "host": .float(host), "bubble": .float(bubble),
      "tensor_traffic": .float(tensorTraffic), "expert_traffic": .float(expertTraffic),
      "context_traffic": .float(contextTraffic), "pipeline_traffic": .float(pipelineTraffic),
      "gradient_traffic": .float(gradientTraffic), "optimizer": .float(optimizer),
    ]
  }
}

extension Assumptions {
  /// What a time is taken from, and what of it is measured.
  var timeText: String {
    """
    \(gpu.name): products at \(Numbers.decimal(computeUtilization * 100, 0)) % of \
    \(Numbers.decimal(peakFLOPs / 1e12, 0)) TFLOP/s (experts with few tokens less), \
    \(Numbers.decimal(memoryBandwidth / 1e9, 0)) GB/s of memory, \(Numbers.decimal(nodeBandwidth / 1e9, 0)) within a \
    node, \(Numbers.decimal(networkBandwidth / 1e9, 0)) a GPU between nodes: data sheets. Shares of them and the \
    host's time to launch kernels come from runs of Moonlight on one H200 at micro batch 1 to 4 (measured; seven layouts \
    on two are within 23 %) and on 4 to 16 H100 (published); elsewhere they are assumed. The host alone made a measured \
    launch 31 % slower on one machine than on another.
    """
  }

  /// For programs.
  var tree: ConfigMapping {
    [
      "gpu": .string(gpu.rawValue), "peak_flops": .float(peakFLOPs), "compute_utilization": .float(computeUtilization),
      "memory_bandwidth": .float(memoryBandwidth), "node_bandwidth": .float(nodeBandwidth),
      "network_bandwidth": .float(networkBandwidth), "flash_attention": .bool(flashAttention),
      "reserved_gib": .float(reservedGiB),
      "origins": .mapping(ConfigMapping(origins.map { .init($0.name, .string($0.origin.rawValue)) })),
    ]
  }
}
