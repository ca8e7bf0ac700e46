/// What a search for a layout varies: the parts of a choice that a rule can depend on.
package struct PlanAspects: OptionSet, Hashable, Sendable {
  package let rawValue: Int

  package init(rawValue: Int) { self.rawValue = rawValue }

  /// Asked for every aspect of every choice; in a debug build OptionSet's own goes through six generic functions.
  package func contains(_ other: PlanAspects) -> Bool { rawValue & other.rawValue == other.rawValue }

  package static let tensor = PlanAspects(rawValue: 1)
  package static let pipeline = PlanAspects(rawValue: 2)
  package static let context = PlanAspects(rawValue: 4)
  /// Virtual stages, and with them the layout.
  package static let virtualPipeline = PlanAspects(rawValue: 8)
  package static let microBatch = PlanAspects(rawValue: 16)
  package static let recompute = PlanAspects(rawValue: 32)
  package static let expert = PlanAspects(rawValue: 64)
  package static let expertTensor = PlanAspects(rawValue: 128)
  /// Replicas of the dense layers: the GPUs over TP, PP and CP.
  package static let replicas = PlanAspects(rawValue: 256)
  /// Micro-batches of a step.
  package static let numMicrobatches = PlanAspects(rawValue: 512)

  /// What changes where the same layout runs on more GPUs: a multiple of those that it fills.
  package static let gpuCount: PlanAspects = [.replicas, .numMicrobatches]
}
