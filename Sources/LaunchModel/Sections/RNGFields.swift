/// Random numbers.
public struct RNGFields: SectionFields {
  public static let fields = RNGFields()
  public static let schema = SectionSchema("rng", fields.declarations, "Random numbers.")
  let declarations: [FieldDeclaration]

  public let seed: Field<Int>
  public let teRNGTracker: Field<Bool>
  public let inferenceRNGTracker: Field<Bool>
  public let dataParallelRandomInit: Field<Bool>

  private init() {
    var list = FieldList()
    seed = list.add(
      "seed", default: 1234, in: Bounds(lower: -9_007_199_254_740_992, upper: 9_007_199_254_740_992),
      aliases: ["random_seed"], "Seed of weights and dropout; must be above 0.")
    teRNGTracker = list.add("te_rng_tracker", default: false, "Transformer Engine's tracker, for CUDA graphs.")
    inferenceRNGTracker = list.add("inference_rng_tracker", default: false, "A tracker for inference.")
    dataParallelRandomInit = list.add(
      "data_parallel_random_init", default: false, "Replicas start from different weights.")
    declarations = list.declarations
  }
}
