/// What a step costs beside the peaks of a data sheet.
///
/// Found together, in November 2026, as one set that comes closest to twenty steps of Moonlight measured on H200 of three
/// machines (megatron-core 0.19.2, Transformer Engine 2.17.1, PyTorch 2.11, bf16, TP = PP = EP = 1, micro batch 1 to 4, one
/// to eight micro-batches, with and without recomputation and adapters, by hand and by Megatron-Bridge 0.6.2 from exported
/// launches) and three of the four that Megatron-Bridge publishes for 4 to 16 H100 (its verification card of Moonlight, July
/// 2026): `Tests/Fixtures/estimation/measured`. Of sets about as close in the mean square it is the one whose worst miss of a
/// run on one GPU is smallest, 15 %. None serves one of them alone. The same launch took 31 % longer on one machine than on
/// another, by the host. Seven layouts on two H200, measured afterwards, are within 23 %, in the order
/// estimated; nothing was fitted to them. For other GPUs, formats and hosts they are assumed.
package struct KernelConstants: Hashable, Sendable {
  // MARK: Shares of the peak, fitted

  /// Of the head's products, over that of other products.
  package var headUtilization = 0.8
  /// Of fused attention's, forward and backward, likewise.
  package var attentionUtilization = 0.46
  /// Of grouped experts' with many tokens each, likewise.
  package var expertUtilization = 1.45
  /// Tokens an expert at which its products reach half of that.
  package var tokensOfHalfUtilization = 3050.0
  /// Share of the memory's bandwidth.
  package var memoryUtilization = 0.8
  /// Times that operations between products move, forward and backward, what a layer keeps of them.
  package var passesOverActivations = 4.0

  // MARK: Seconds of the host, fitted

  /// To launch a dense layer forward and backward.
  package var denseLayer = 6.45e-3
  /// A MoE layer, but for its experts.
  package var moeLayer = 5.6e-3
  /// For each of a rank's experts in a layer.
  package var expert = 0.21e-3
  /// For shared experts on a stream of their own (`moe_shared_expert_overlap`), in a layer.
  package var sharedExpertOverlap = 5e-3
  /// For what a layer checkpoints as a whole (attention, MLP, the layer): the states of all random generators are kept
  /// and put back.
  package var checkpoint = 3e-3
  /// For each adapter.
  package var adapter = 1.3e-3
  /// For each trained tensor, once a micro-batch: its gradient is handed over.
  package var gradientTensor = 59e-6
  /// For each trained tensor, once a step.
  package var optimizerTensor = 25e-6
  /// For each collective of tensor or context parallelism. Assumed; the published run with both shows that it is rather
  /// more.
  package var collective = 0.2e-3
  /// The forward pass's share of a layer's.
  package var forwardShare = 0.675

  // MARK: Traffic

  /// Share of NVLink's and the network's bandwidth that collectives reach. Assumed.
  package var linkUtilization = 0.9

  // MARK: The host's memory, assumed

  /// Bytes a second that an optimizer in host memory gets through for one GPU.
  package var hostBandwidth = 50e9

  package init() {}
}
