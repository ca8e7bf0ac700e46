/// Every rule, by family, in the order of Megatron's own checks; a new one needs its file and its line here.
package enum RuleRegistry {
  package static let rules: [any Rule.Type] = [
    // GPU: world size and process groups
    DenseGroupsFillWorld.self,
    ExpertGroupsFillWorld.self,

    // BATCH: batch sizes and ramp-up
    GlobalBatchDividesReplicas.self,

    // MEM: what fits
    ModelStateFitsGPU.self,
  ]
}
