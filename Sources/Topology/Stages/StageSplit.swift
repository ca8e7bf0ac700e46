/// How the layers are dealt to the stages: one of Megatron's four ways.
package enum StageSplit: Hashable, Sendable {
  /// The same number for every chunk.
  case even
  /// `num_layers_in_first_pipeline_stage` and `num_layers_in_last_pipeline_stage`; what is left is split evenly.
  case edges(first: Int?, last: Int?)
  /// `account_for_embedding_in_pipeline_split` and `account_for_loss_in_pipeline_split`: an even split in which the
  /// embedding or the loss takes the slot of a layer.
  case accounting(embedding: Bool, loss: Bool)
  /// `pipeline_model_parallel_layout`.
  case layout(PipelineLayout)

  /// The way that a config chooses, as Megatron does.
  ///
  /// - Throws: where the config chooses two.
  package init(
    layout: PipelineLayout?, first: Int?, last: Int?, accountForEmbedding: Bool, accountForLoss: Bool
  ) throws(PipelineViolation) {
    let hasEdges = first != nil || last != nil
    let hasAccounting = accountForEmbedding || accountForLoss
    if hasEdges, hasAccounting { throw .edgesWithAccounting }
    if let layout {
      if hasEdges || hasAccounting { throw .layoutWithOtherSplit }
      self = .layout(layout)
    } else if hasEdges {
      self = .edges(first: first, last: last)
    } else if hasAccounting {
      self = .accounting(embedding: accountForEmbedding, loss: accountForLoss)
    } else {
      self = .even
    }
  }
}
