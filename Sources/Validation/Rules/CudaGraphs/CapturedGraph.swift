import Diagnostics
import LaunchModel
import Releases

/// What is captured in CUDA graphs, older names read as Megatron-Core reads them, or why nothing can be.
///
/// Source: that of ``CudaGraphs``; megatron-bridge 0.6.2 `utils/cuda_graph.py`.
struct CapturedGraph {
  typealias Kind = CudaGraphs.Kind

  /// Why nothing can be captured as it is written.
  struct Problem: Error {
    let path: FieldPath
    let message: Message
    var help: Message?
    var related: [RelatedField] = []
    var fix: FieldFix?
  }

  private let graphs: CudaGraphs
  /// The field that names the parts.
  let modulesPath: FieldPath

  static let scopePath = FieldPath("model", "cuda_graph_scope")
  static let modulesPath = FieldPath("model", "cuda_graph_modules")
  static let inferencePath = FieldPath("model", "inference_cuda_graph_scope")

  private static let parts: Set<String> = ["attn", "mlp", "moe", "moe_router", "moe_preprocess", "mamba"]
  /// Scopes that are kinds of their own since 0.5.1.
  private static let whole: Set<String> = ["full_iteration", "full_iteration_inference"]
  /// Where the kind and the parts are apart.
  private static let namesKinds = ReleaseSet.since(.bridge051)
  /// Where Megatron-Bridge forgets the parts of a graph that is not made, before anybody reads them.
  private static let forgetsIdleParts = ReleaseSet.since(.bridge062)
  /// Where Megatron-Bridge captures whole iterations alone with `local`.
  private static let limitsLocal = ReleaseSet.since(.bridge062)

  var kind: Kind { graphs.kind }
  /// Parts of a layer; none for whole layers.
  var modules: Set<String> { graphs.modules }
  /// Whether a whole training step is captured.
  var isFullIteration: Bool { graphs.holdWholeIteration }
  /// Whether layers are captured as a whole.
  var isWhole: Bool { modules.isEmpty || isFullIteration }
  /// Whether fully recomputed layers can be in it.
  var takesFullRecomputation: Bool { kind == .fullIteration || modules == ["full_iteration"] }

  init(_ run: RunFacts) throws(Problem) {
    let model = run.config.model
    let written = try Self.writtenKind(model)
    let namesKinds = Self.namesKinds.contains(run.release)
    let isIdle = model.cudaGraphImplementation == Kind.none.rawValue && Self.forgetsIdleParts.contains(run.release)
    if !isIdle, model.isSet(Self.scopePath.field), ![[], ["full"]].contains(model.words(Self.modulesPath.field)) {
      throw Problem(
        path: Self.modulesPath, message: "the parts to capture are given twice",
        help: "`\(name: Self.scopePath)` is the old name of `\(name: Self.modulesPath)`",
        related: [(Self.scopePath, "given as well")], fix: .unsafe("remove the old one", (Self.scopePath, nil)))
    }
    modulesPath = model.isSet(Self.scopePath.field) ? Self.scopePath : Self.modulesPath
    var names = isIdle ? [] : Set(model.words(modulesPath.field))
    if names.contains("full") {
      guard names.count == 1 else {
        throw Problem(
          path: modulesPath,
          message: "the scope `full` stands alone, not beside \(Self.list(names.subtracting(["full"])))")
      }
      names = []
    }
    let known = namesKinds ? Self.parts.union(Self.whole) : Self.parts.union(["full_iteration"])
    if let unknown = names.sorted().first(where: { !known.contains($0) }) {
      throw Problem(
        path: modulesPath, message: "`\(unknown)` is no scope of a CUDA graph", help: "\(Self.list(Self.parts))")
    }
    let kinds =
      namesKinds
      ? "`none`, `local`, `transformer_engine` or `full_iteration`" : "`none`, `local` or `transformer_engine`"
    guard let kind = Kind(rawValue: written), namesKinds || kind != .fullIteration else {
      throw Problem(
        path: Path.model.cudaGraphImplementation, message: "`\(written)` makes no CUDA graphs", help: "\(kinds)")
    }
    if Self.limitsLocal.contains(run.release) { try Self.checkLocal(run, names, modulesPath) }
    guard namesKinds else {
      graphs = CudaGraphs(kind: kind, modules: names)
      return
    }
    let parts = names.subtracting(Self.whole)
    graphs = CudaGraphs(kind: try Self.migrated(kind, names, model, modulesPath), modules: parts)
    if graphs.kind == .fullIteration, !parts.isEmpty {
      throw Problem(
        path: modulesPath, message: "a graph of the full iteration holds \(Self.list(parts)) already",
        help: "name no parts", related: [(Path.model.cudaGraphImplementation, "full_iteration")])
    }
  }

  static func list(_ names: Set<String>) -> String { names.sorted().map { "`\($0)`" }.joined(separator: ", ") }

  private static func writtenKind(_ model: Section<ModelFields>) throws(Problem) -> String {
    let old = CudaGraphs.switches.filter { model.isOn($0.name) }
    guard let first = old.first else { return model.cudaGraphImplementation }
    guard old.count == 1, model.cudaGraphImplementation == Kind.none.rawValue else {
      let related: [RelatedField] = old.dropFirst().map { (FieldPath("model", $0.name), "on") }
      throw Problem(
        path: FieldPath("model", first.name), message: "the kind of CUDA graphs is given twice",
        help: "write `cuda_graph_impl` alone",
        related: related + [(Path.model.cudaGraphImplementation, "\(model.cudaGraphImplementation)")])
    }
    return first.kind.rawValue
  }

  /// The kind that a scope of an older release stands for.
  private static func migrated(
    _ kind: Kind, _ names: Set<String>, _ model: Section<ModelFields>, _ path: FieldPath
  ) throws(Problem) -> Kind {
    let old = names.intersection(whole)
    guard let scope = old.first else { return kind }
    let inference = model.text(inferencePath.field)
    let isFull = scope == "full_iteration"
    let fits = isFull ? kind != .transformerEngine : kind == .none || kind == .local
    let fitsInference = inference == nil || inference == (isFull ? "none" : "block")
    guard old.count == 1, fits, fitsInference else {
      throw Problem(
        path: path, message: "\(list(old)) \(old.count > 1 ? "exclude each other" : "is a kind of graph by itself")",
        help: isFull ? "write `cuda_graph_impl: full_iteration`" : "write `inference_cuda_graph_scope: block`",
        related: [
          (Path.model.cudaGraphImplementation, "\(kind.rawValue)"), (inferencePath, "\(inference ?? "null")"),
        ])
    }
    return isFull ? .fullIteration : kind
  }

  private static func checkLocal(_ run: RunFacts, _ names: Set<String>, _ path: FieldPath) throws(Problem) {
    let model = run.config.model
    let kind = Path.model.cudaGraphImplementation
    guard model.cudaGraphImplementation == Kind.local.rawValue, !names.contains("full_iteration") else { return }
    let isForInference = ["layer", "block"].contains(model.text(inferencePath.field))
    guard !isForInference || !names.subtracting(whole).isEmpty else { return }
    throw Problem(
      path: kind,
      message:
        "Megatron-Bridge \(run.release.megatronBridge) makes graphs of `local` for whole iterations and inference alone",
      help: "`transformer_engine` captures layers",
      related: [(path, names.isEmpty ? "whole layers" : "\(list(names))")],
      fix: .unsafe("take `transformer_engine`", (kind, .string(Kind.transformerEngine.rawValue))))
  }
}
