/// Random numbers.
public final class RNGFields: SectionFields {
  public static let fields = RNGFields()
  public static let schema = SectionSchema("rng", of: fields, "Random numbers.")

  public let seed = Field<Int>(
    "seed", default: 1234, in: Bounds(lower: -9_007_199_254_740_992, upper: 9_007_199_254_740_992),
    aliases: ["random_seed"], "Seed of weights and dropout; must be above 0.")
  public let teRNGTracker = Field<Bool>(
    "te_rng_tracker", default: false, "Transformer Engine's tracker, for CUDA graphs.")
  public let inferenceRNGTracker = Field<Bool>("inference_rng_tracker", default: false, "A tracker for inference.")
  public let dataParallelRandomInit = Field<Bool>(
    "data_parallel_random_init", default: false, "Replicas start from different weights.")
}
