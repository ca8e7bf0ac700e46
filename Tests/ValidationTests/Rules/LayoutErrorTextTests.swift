import Testing
import Topology

@testable import Validation

@Suite("what is said of a layout that cannot be read")
struct LayoutErrorTextTests {
  /// The text of a layout for 27 layers, what is wrong, and what would be right.
  @Test(
    arguments: [
      ("EtqtL", "'q' is not a layer: a layout is made of E, t, m, L, | and repetitions", "E is the embedding, "),
      ("ettL", "'e' is not a layer: a layout is made of E, t, m, L, | and repetitions", "write 'E'"),
      ("Et tL", "a layout contains no blanks or line breaks", "remove it; "),
      ("E(tt)|L", "the group '(tt)' has no '*n' behind it", "write how often it is repeated"),
      ("E((t|)*2)*3L", "groups cannot stand inside groups", "write the inner group out"),
      ("E()*3L", "the group '()' is empty", "put at least one element into it"),
      ("E(tt*3L", "'(' is never closed", "close it and say how often"),
      ("Ett)L", "')' closes no group", "remove it, or open the group"),
      ("Et*L", "'*' needs a number behind it", "write how often, as in 't*4'"),
      ("*3tL", "'*' repeats nothing: no character stands before it", "write what is repeated"),
      ("Et*2*3L", "a repetition cannot be repeated again", "multiply the numbers: "),
      ("Et14|t*13L", "the number '14' does not follow '*'", "write 't*14' for 14 decoder layers"),
      ("Et*100001L", "'t' unrolls to more than 100000 layers", nil),
      ("|*5000", "the layout has more than 4096 stages", nil),
      ("8+x", "counts are numbers joined by '+'", "write one number a stage"),
      ("8+100001", "a stage of more than 100000 layers", nil),
      (
        "7+7+7+5", "the counts add up to 26, 1 less than num_layers 27",
        "nearest: 7+7+7+6 (decoders), 7+7+7+7 (decoders and embedding), 8+7+7+7 (decoders, embedding and loss)"
      ),
      (
        "7+7+8+8",
        "the counts add up to 30, 3 more than num_layers 27 (1 more than layers, embedding and loss together)",
        "nearest: "
      ),
      (
        "0+28", "the counts add up to decoders and embedding, but the first stage has no slot for the embedding",
        "nearest: "
      ),
    ] as [(String, String, String?)])
  func texts(text: String, message: String, help: String?) {
    expect(LayoutNotation(text), message, help)
  }

  /// Stages by the names of what they hold.
  @Test(
    arguments: [
      ([["t"]], "'t' is not a layer", "letters are for the string form: write 'decoder'"),
      ([["head"]], "'head' is not a layer", "the names are embedding, decoder, mtp, loss"),
      ([["encoder"]], "Megatron supports no encoder layers in a pipeline layout", nil),
    ] as [([[String]], String, String?)])
  func lists(lists: [[String]], message: String, help: String?) {
    expect(.lists(lists), message, help)
  }

  private func expect(_ notation: LayoutNotation, _ message: String, _ help: String?) {
    let error = #expect(throws: LayoutError.self) { try notation.resolve(numLayers: 27) }
    #expect(error?.message == message)
    #expect(error?.help?.hasPrefix(help ?? "") == (help == nil ? nil : true))
  }
}
