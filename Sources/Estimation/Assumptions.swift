/// What an estimate takes for granted; printed with every result, and changed by flags.
package struct Assumptions: Hashable, Sendable {
  /// Peak of one GPU in bf16, FLOP/s, dense. 989 TFLOP/s: H100 SXM data sheet.
  package var peakFLOPs = 989e12
  /// Share of the peak that the model's own operations reach. 0.39: Megatron-Bridge's verification card for
  /// Moonlight reports 386.6 TFLOP/s a GPU on 16 H100.
  package var modelFLOPsUtilization = 0.39
  /// Share of the peak that compute alone reaches, before any traffic: what `plan` ranks by. 0.45: chosen so that the
  /// verification card's run (TP 1, EP 8, 16 GPUs) comes out near its measured 0.39.
  package var computeUtilization = 0.45
  /// Attention keeps no scores for the backward pass.
  package var flashAttention = true
  /// GiB that CUDA, NCCL, the allocator's slack and workspaces take beside what is counted.
  package var reservedGiB = 6.0
  /// Bytes a second between GPUs of one node, one direction. 450e9: NVLink 4.
  package var nodeBandwidth = 450e9
  /// Bytes a second and GPU between nodes. 50e9: 400 Gbit/s.
  package var networkBandwidth = 50e9

  package init() {}
}
