/// What an estimate takes for granted; printed with every result, and changed by flags.
package struct Assumptions: Hashable, Sendable {
  /// Peak of one GPU in bf16, FLOP/s, dense. 989 TFLOP/s: H100 SXM data sheet.
  package var peakFLOPs = 989e12
  /// Share of the peak that the model's own operations reach. 0.39: Megatron-Bridge's verification card for
  /// Moonlight reports 386.6 TFLOP/s a GPU on 16 H100.
  package var modelFLOPsUtilization = 0.39
  /// Share of the peak that matrix products reach by themselves, before weights, traffic and bubbles: what `plan` ranks
  /// by. 0.45: chosen so that the verification card's run (TP 1, EP 8, micro batch 2, 16 GPUs) takes its measured 11.6
  /// s a step.
  package var computeUtilization = 0.45
  /// Bytes a second of a GPU's own memory. 3.35e12: H100 SXM data sheet.
  package var memoryBandwidth = 3.35e12
  /// Attention keeps no scores for the backward pass.
  package var flashAttention = true
  /// GiB that CUDA, NCCL, the allocator's slack and workspaces take beside what is counted. 6: a guess from common
  /// practice; measure your own with `nvidia-smi` and give it.
  package var reservedGiB = 6.0
  /// Bytes a second between GPUs of one node, one direction. 450e9: NVLink 4 of an H100 SXM, data sheet.
  package var nodeBandwidth = 450e9
  /// Bytes a second and GPU between nodes, one direction. 50e9: one 400 Gbit/s port a GPU, as in DGX H100.
  package var networkBandwidth = 50e9

  package init() {}
}
