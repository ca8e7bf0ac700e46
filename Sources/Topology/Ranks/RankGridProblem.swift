/// Why no rank grid can be made from a world size and parallel sizes.
package enum RankGridProblem: Error, Hashable, Sendable {
  /// A size that is zero or negative.
  case sizeNotPositive(SizeName, Int)
  /// `tensor * pipeline * context` does not divide the world.
  case denseDivision(worldSize: Int, tensor: Int, pipeline: Int, context: Int)
  /// `expertTensor * expert * pipeline` does not divide the world.
  case expertDivision(worldSize: Int, expertTensor: Int, expert: Int, pipeline: Int)
  /// Ranks ordered with data parallelism last need the same data-parallel size for dense and expert layers.
  case unequalDataParallel(dataParallel: Int, expertDataParallel: Int)
}
