import Testing

@testable import Diagnostics

/// Fixes come to rest: what they leave behind they leave alone the next time.
@Suite struct FixApplicationTests {
  /// A text of one word, in which each word has a fix that writes another.
  private struct Words: CheckedText {
    let file: SourceFile
    let next: [String: String]
    var severity = Severity.error
    var applicability = Fix.Applicability.unsafe

    var diagnostics: [Diagnostic] {
      guard let word = next[file.text] else { return [] }
      let edit = TextEdit(SourceRange(0, file.text.utf8.count), word)
      return [Diagnostic("X-01", severity, "wrong", fix: Fix("write \(word)", applicability, in: file, edits: [edit]))]
    }

    func mended(takingUnsafe: Bool) -> (word: String, count: Int) {
      let (last, count) = self.mended(takingUnsafe: takingUnsafe) { text, words in
        Words(
          file: SourceFile(name: "f", text: text), next: words.next, severity: words.severity,
          applicability: words.applicability)
      }
      return (last.file.text, count)
    }
  }

  private func words(_ first: String, _ next: [String: String]) -> Words {
    Words(file: SourceFile(name: "f", text: first), next: next)
  }

  @Test func oneFixMakesRoomForTheNext() {
    let result = words("a", ["a": "b", "b": "c"]).mended(takingUnsafe: true)
    #expect(result.word == "c" && result.count == 2)
  }

  @Test(arguments: ["a", "b", "c", "d"]) func aCircleEndsInOneTextWhereverItIsEntered(first: String) {
    let circle = ["d": "c", "c": "b", "b": "a", "a": "c"]
    let result = words(first, circle).mended(takingUnsafe: true)
    #expect(result.word == "a")
    #expect(words(result.word, circle).mended(takingUnsafe: true) == ("a", 0))
  }

  @Test func ofACircleTheTextWithTheFewestErrorsIsTaken() {
    // `b` is wrong, too, and has no fix that leads out.
    let result = words("z", ["z": "b", "b": "z"]).mended(takingUnsafe: true)
    #expect(result.word == "b")
  }

  @Test func guessesAreTakenOnlyWhereAskedFor() {
    #expect(words("a", ["a": "b"]).mended(takingUnsafe: false) == ("a", 0))
  }

  @Test func notesAreLeftAlone() {
    var words = words("a", ["a": "b"])
    (words.severity, words.applicability) = (.note, .safe)
    #expect(words.mended(takingUnsafe: true) == ("a", 0))
    words.severity = .warning
    #expect(words.mended(takingUnsafe: false) == ("b", 1))
  }

  @Test(
    arguments: [
      ("hiden_size", ["hidden_size", "num_layers"], "hidden_size"), ("adam_beta3", ["adam_beta1", "adam_beta2"], nil),
      ("global_batch_size_old", ["global_batch_size", "micro_batch_size"], nil), ("lr", ["lm"], nil),
      ("hidden_size_mlp", ["hidden_size", "ffn_hidden_size"], nil), ("num-layers", ["num_layers"], "num_layers"),
      ("tensor_model_parallell_sise", ["tensor_model_parallel_size"], "tensor_model_parallel_size"),
      ("alltoal", ["alltoall", "allgather"], "alltoall"),
    ] as [(String, [String], String?)])
  func aTypoHasOneSource(written: String, names: [String], meant: String?) {
    #expect(typo(written, among: names) == meant)
  }
}
