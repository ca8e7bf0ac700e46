/// Sizes that a search leaves as they are said; `nil` for those that it tries all values of.
package struct HeldSizes: Hashable, Sendable {
  package var tensor: Int?
  package var pipeline: Int?
  /// 1 for none.
  package var virtualPipeline: Int?
  package var context: Int?
  package var expert: Int?
  package var expertTensor: Int?
  package var microBatchSize: Int?

  package init(
    tensor: Int? = nil, pipeline: Int? = nil, virtualPipeline: Int? = nil, context: Int? = nil, expert: Int? = nil,
    expertTensor: Int? = nil, microBatchSize: Int? = nil
  ) {
    self.tensor = tensor
    self.pipeline = pipeline
    self.virtualPipeline = virtualPipeline
    self.context = context
    self.expert = expert
    self.expertTensor = expertTensor
    self.microBatchSize = microBatchSize
  }
}
