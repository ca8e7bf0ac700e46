/// The CUDA graphs of a model: their kind, and the parts of a layer that they hold.
///
/// Source: megatron-core 0.16.1 `transformer/transformer_config.py`; megatron-core 0.18.2 and 0.19.2
/// `transformer/cuda_graph_config.py`.
package struct CudaGraphs: Sendable {
  package enum Kind: String, Sendable {
    case none, local
    case transformerEngine = "transformer_engine"
    case fullIteration = "full_iteration"
  }

  package let kind: Kind
  /// Parts of a layer, or a scope of an older release; none for whole layers.
  package let modules: Set<String>

  /// The switches that were a kind each before `cuda_graph_impl`.
  package static let switches: [(name: String, kind: Kind)] = [
    ("enable_cuda_graph", .local), ("external_cuda_graph", .transformerEngine),
  ]

  package init(kind: Kind, modules: Set<String>) {
    self.kind = kind
    self.modules = modules
  }

  /// As a config says it: what contradicts itself is for the rules.
  package init(_ model: Section<ModelFields>) {
    kind = Self.switches.first { model.isOn($0.name) }?.kind ?? Kind(rawValue: model.cudaGraphImplementation) ?? .none
    modules = Set(model.words("cuda_graph_scope") + model.words("cuda_graph_modules"))
  }

  /// Whether one graph holds a whole training step: a kind since megatron-core 0.18.2, a scope of the kind `local` before.
  package var holdWholeIteration: Bool {
    kind == .fullIteration || modules.contains(Kind.fullIteration.rawValue)
  }
}
