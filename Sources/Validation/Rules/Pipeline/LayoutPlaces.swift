import Topology

/// Places of a layout, in its text and in words.
extension RunFacts {
  /// Where an element of the layout stands in its text; `nil` where the layout is no such text.
  func layoutExcerpt(_ position: LayoutPosition?) -> Range<Int>? {
    position.flatMap { layout?.written?.range(of: $0) }
  }

  /// `stage 3 (pp 1, vp 1)`, counted from 0 as Megatron does.
  func stageName(_ index: Int) -> String {
    let pipeline = max(sizes.pipeline, 1)
    guard let stages = layout?.layout.stages.count, stages > pipeline else { return "stage \(index)" }
    return "stage \(index) (pp \(index % pipeline), vp \(index / pipeline))"
  }
}
