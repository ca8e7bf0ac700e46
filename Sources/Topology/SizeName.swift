/// Which number of a launch an error is about.
package enum SizeName: Hashable, Sendable {
  case worldSize, tensor, pipeline, virtualPipeline, context, expert, expertTensor
  /// Of one step, on one replica.
  case microbatches
}
