import Releases
import Testing

@testable import LaunchModel

/// Sentences whose names follow the file that they are about.
@Suite("Messages")
struct MessageTests {
  private let bridge = BridgeSpelling(.bridge031, dataset: Release.bridge031.dataset(of: .files))

  struct Case: Sendable, CustomTestStringConvertible {
    let message: Message
    let native: String
    let bridge: String
    var testDescription: String { native }

    init(_ message: Message, _ native: String, bridge: String) {
      (self.message, self.native, self.bridge) = (message, native, bridge)
    }
  }

  static let cases = [
    Case("no names, just 27 layers", "no names, just 27 layers", bridge: "no names, just 27 layers"),
    Case(
      "\(Path.parallelism.tensorModelParallelSize) is \(3)", "parallelism.tensor_model_parallel_size is 3",
      bridge: "model.tensor_model_parallel_size is 3"),
    Case(
      "set \(Path.validation.evalIters) and \(name: Path.dataset.randomSeed)",
      "set validation.eval_iters and random_seed", bridge: "set train.eval_iters and seed"),
    Case(
      "`\(Path.dataset.packedSequenceSize)`", "`dataset.packed_sequence_size`",
      bridge: "`dataset.packed_sequence_specs.packed_sequence_size`"),
    Case("\(Path.recompute.whole) ü", "recompute ü", bridge: "model ü"),
    Case("ü \(Path.cluster.numNodes)", "ü cluster.num_nodes", bridge: "ü cluster.num_nodes"),
    Case(
      "a layout \(automaticLayout: "`auto`") balances", "a layout `auto` balances",
      bridge: "a layout from `moonlight stages --layout balanced` balances"),
    Case(
      "\(names: [Path.dataset.randomSeed, Path.dataset.split], separator: " and ")", "`random_seed` and `split`",
      bridge: "`seed` and `split`"),
    Case(
      "derived from \(list: [Path.recompute.recomputeMethod, Path.model.numLayers])",
      "derived from recompute.recompute_method, model.num_layers",
      bridge: "derived from model.recompute_method, model.num_layers"),
    Case(
      "also PIPE-01: \(inner); \(inner)", "also PIPE-01: validation.eval_iters; validation.eval_iters",
      bridge: "also PIPE-01: train.eval_iters; train.eval_iters"),
    Case(
      inner + " " + inner, "validation.eval_iters validation.eval_iters", bridge: "train.eval_iters train.eval_iters"),
    Case(
      [inner, "b", inner].joined(separator: " or "), "validation.eval_iters or b or validation.eval_iters",
      bridge: "train.eval_iters or b or train.eval_iters"),
    // A text of the user's is no reference.
    Case(
      "the value `validation.eval_iters`", "the value `validation.eval_iters`",
      bridge: "the value `validation.eval_iters`"),
  ]

  private static let inner: Message = "\(Path.validation.evalIters)"

  @Test("each kind of file has its own names", arguments: cases)
  func spellings(_ item: Case) {
    #expect(item.message.text == item.native)
    #expect(item.message.text(in: .native(.current)) == item.native)
    #expect(item.message.text(in: bridge) == item.bridge)
  }

  @Test("where a value comes from is a message, too")
  func origins() {
    let origin = Origin.derived(reason: "one each", from: [Path.parallelism.contextParallelSize])
    #expect(origin.description == "derived from parallelism.context_parallel_size: one each")
    #expect(origin.message.text(in: bridge) == "derived from model.context_parallel_size: one each")
  }
}
