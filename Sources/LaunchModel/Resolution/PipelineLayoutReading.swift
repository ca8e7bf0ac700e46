package import Topology

extension LaunchConfig {
  /// The layout as written, read in whichever notation it is in; `nil` where none is written.
  ///
  /// - Throws: where it is no layout at all. Whether it fits the model and the pipeline is for the rules.
  package func resolvedLayout() throws(LayoutError) -> ResolvedLayout? {
    let notation: LayoutNotation
    switch parallelism.pipelineModelParallelLayout {
    case .none: return nil
    case .text(let text): notation = LayoutNotation(text)
    case .stages(let lists): notation = .lists(lists)
    }
    return try notation.resolve(
      numLayers: model.numLayers, mtpNumLayers: model.mtpNumLayers ?? 0, balanced: nil)
  }

  /// The same config with its layout in Megatron's string; one that cannot be read is left as it is.
  package func withCanonicalLayout() -> LaunchConfig {
    guard let layout = try? resolvedLayout()?.layout else { return self }
    var copy = self
    let origin = parallelism.origin(of: \.pipelineModelParallelLayout)
    copy.parallelism.set(\.pipelineModelParallelLayout, to: .text(layout.megatronString), origin)
    return copy
  }
}
