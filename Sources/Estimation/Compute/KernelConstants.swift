/// What a step costs beside the peaks of a data sheet.
///
/// Found together, in November 2026, as one set that comes closest to eleven steps of Moonlight measured on one H200
/// (megatron-core 0.19.2, Transformer Engine 2.17.1, PyTorch 2.11, bf16, TP = PP = EP = 1, micro batch 1 to 4, with and
/// without recomputation and adapters) and three of the four that Megatron-Bridge publishes for 4 to 16 H100 (its
/// verification card of Moonlight, July 2026): `Tests/Fixtures/estimation/measured`. None serves one of them alone. For
/// other GPUs, formats and hosts they are assumed.
package struct KernelConstants: Hashable, Sendable {
  // MARK: Shares of the peak, fitted

  /// Of the head's products, over that of other products.
  package var headUtilization = 1.1
  /// Of attention's, forward and backward, likewise.
  package var attentionUtilization = 0.45
  /// Of grouped experts' with many tokens each, likewise.
  package var expertUtilization = 1.3
  /// Tokens an expert at which its products reach half of that.
  package var tokensOfHalfUtilization = 2300.0
  /// Share of the memory's bandwidth.
  package var memoryUtilization = 0.8
  /// Times that operations between products move, forward and backward, what a layer keeps of them.
  package var passesOverActivations = 4.5

  // MARK: Seconds of the host, fitted

  /// To launch a dense layer forward and backward.
  package var denseLayer = 7e-3
  /// A MoE layer, but for its experts.
  package var moeLayer = 8e-3
  /// For each of a rank's experts in a layer.
  package var expert = 0.21e-3
  /// For each adapter.
  package var adapter = 1.45e-3
  /// For each trained tensor, once a micro-batch: its gradient is handed over.
  package var gradientTensor = 33e-6
  /// For each trained tensor, once a step.
  package var optimizerTensor = 45e-6
  /// For each collective of tensor or context parallelism. Assumed; the published run with both shows that it is rather
  /// more.
  package var collective = 0.2e-3
  /// The forward pass's share of a layer's.
  package var forwardShare = 0.68

  // MARK: Traffic

  /// Share of NVLink's and the network's bandwidth that collectives reach. Assumed.
  package var linkUtilization = 0.9

  // MARK: The host's memory, assumed

  /// Bytes a second that an optimizer in host memory gets through for one GPU.
  package var hostBandwidth = 50e9

  package init() {}
}
