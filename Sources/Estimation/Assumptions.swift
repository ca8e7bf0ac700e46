/// What an estimate takes for granted; printed with every result, and changed by flags.
package struct Assumptions: Hashable, Sendable {
  /// Whose data sheet the peaks are from.
  package let gpu: GPUKind
  /// Peak of one GPU in bf16, FLOP/s, dense.
  package var peakFLOPs: Double
  /// Share of the peak that matrix products reach. 0.44: measured, see ``KernelConstants``.
  package var computeUtilization = 0.44
  /// Bytes a second of a GPU's own memory.
  package var memoryBandwidth: Double
  /// Bytes a second between GPUs of one node, one direction.
  package var nodeBandwidth: Double
  /// Bytes a second and GPU between nodes, one direction.
  package var networkBandwidth: Double
  /// What kernels and the host take beside these.
  package var kernels = KernelConstants()
  /// Attention keeps no scores for the backward pass.
  package var flashAttention = true
  /// A norm of its own in front of a query projection without a latent. megatron-core 0.19.0 to 0.19.2 build one
  /// (`transformer/mla_qk_norm_config.py`), which no released model has.
  package var normalizesWholeQuery = false
  /// GiB that the driver shows beside what is allocated: CUDA, NCCL, the caching allocator's reserve. 6: 3.9 to 6.8 were
  /// measured on H200 in November 2026 (PyTorch 2.11, without NCCL), all but one of them below 6.
  package var reservedGiB = 6.0

  /// - Parameter gpu: `nil` for a kind that is not known, for which H100 stands in.
  package init(gpu: GPUKind? = nil) {
    let kind = gpu ?? .h100
    self.gpu = kind
    peakFLOPs = kind.peakFLOPs
    memoryBandwidth = kind.memoryBandwidth
    nodeBandwidth = kind.nodeBandwidth
    networkBandwidth = kind.networkBandwidth
  }
}
