/// The pipeline layouts of Megatron-Bridge's Moonlight documentation, for 27 layers.
public enum DocumentedLayouts {
  public enum Lookup: Sendable, Equatable {
    /// Counts as they are documented; the embedding is the eighth slot of `8+7+7+6`.
    case counts(String)
    /// Documented, but Megatron-Core refuses it.
    case refused(counts: String, slots: Int)
    case undocumented
  }

  public static let numLayers = 27

  /// - Parameters:
  ///   - pipeline: stages.
  ///   - virtualPipeline: chunks of each; 1 for the plain schedule.
  public static func lookup(pipeline: Int, virtualPipeline: Int) -> Lookup {
    switch (pipeline, virtualPipeline) {
    case (2, 1): .counts("14+13")
    case (4, 1), (2, 2): .counts("8+7+7+6")
    case (8, 1), (4, 2): .refused(counts: "5+4+4+4+4+4+4+4", slots: 33)
    default: .undocumented
    }
  }
}
