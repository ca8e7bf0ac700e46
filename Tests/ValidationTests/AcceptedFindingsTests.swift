import ConfigDocument
import Diagnostics
import LaunchModel
import MoonlightRecipes
import RecipeKit
import Releases
import Testing

@testable import Validation

@Suite("Findings that a team accepts")
struct AcceptedFindingsTests {
  /// What is found, as `CODE severity line`, and what a note says of an ignore itself.
  private func found(_ text: String, name: String = "config.yaml", base: String = "") -> [String] {
    let loader = ConfigLoader(recipes: RecipeBook.shipped, release: .bridge051) { _ in Array(base.utf8) }
    let loaded = loader.load(DocumentReader.read(text: text, name: name), path: name)
    return Validator.diagnostics(loaded, RunFacts(loaded.resolution.config)).map { diagnostic in
      let line = diagnostic.location.map { "\($0.start.line)" } ?? "-"
      return "\(diagnostic.code) \(diagnostic.severity) \(line)"
        + (diagnostic.code == "DOC-15" ? ": \(diagnostic.message)" : "")
    }
  }

  /// A note on line 3, a warning on line 5 and an error on line 7.
  private static func config(
    note: String = "", warning: String = "", error: String = "", seed: Int = 0, before: String = ""
  ) -> String {
    """
    extends: moonlight_16b_pretrain_config
    validation:
      eval_interval: 600000\(note)
    optimizer:
    \(before)  min_lr: 1e-6\(warning)
    rng:
      seed: \(seed)\(error)

    """
  }

  @Test("What stands there without a comment")
  func withoutComment() {
    #expect(found(Self.config()) == ["EVAL-02 note 3", "FIELD-06 warning 5", "TRAIN-04 error 7"])
  }

  @Test(
    "A comment at the end of a line, or before it, leaves out the codes that it names",
    arguments: [
      config(note: " # moonlight: ignore EVAL-02", warning: " #moonlight:ignore FIELD-06", seed: 1),
      config(
        note: "  # moonlight: ignore PIPE-01, EVAL-02: only the end counts",
        warning: "   #  moonlight: ignore FIELD-06 ok",
        error: " # moonlight: ignore", seed: 1),
      config(
        note: " # moonlight: ignore EVAL-02", seed: 1,
        before: "# moonlight: ignore FIELD-06\n\n  # moonlight: ignore FIELD-06\n"),
    ])
  func leavesOut(text: String) {
    #expect(found(text).allSatisfy { $0.hasPrefix("DOC-15 note") })
  }

  @Test("The innermost key of a value that begins on another line is a place for it, too")
  func keyOfTheValue() {
    let text = Self.config(seed: 1)
      .replacing("eval_interval: 600000", with: "eval_interval: # moonlight: ignore EVAL-02\n    600000")
    #expect(found(text) == ["FIELD-06 warning 6"])
  }

  @Test("A section's line is the place of a field that is not written, and the first line that of a whole file")
  func unwritten() {
    let text = "train: # moonlight: ignore EVAL-02\n  train_iters: 100\n"
    let begin = "extends: moonlight_16b_pretrain_config\n"
    #expect(found(begin + text).contains("EVAL-02 note 1"))
    #expect(!found("# moonlight: ignore EVAL-02\n" + begin + text).contains { $0.hasPrefix("EVAL-02") })
    #expect(
      !found(begin + text + "validation: # moonlight: ignore EVAL-02\n  eval_iters: 8\n")
        .contains { $0.hasPrefix("EVAL-02") })
  }

  @Test("An error is not left out, and a note says so")
  func errors() {
    #expect(
      found(Self.config(note: " # moonlight: ignore EVAL-02", error: " # moonlight: ignore TRAIN-04")) == [
        "FIELD-06 warning 5", "TRAIN-04 error 7",
        "DOC-15 note 7: TRAIN-04 is an error here, and errors are not ignored",
      ])
  }

  @Test("Text inside quotes and blocks is text")
  func text() {
    let text = Self.config(seed: 1).replacing(
      "optimizer:", with: "recipe:\n  description: |\n    # moonlight: ignore EVAL-02, FIELD-06\noptimizer:")
    #expect(found(text) == ["EVAL-02 note 3", "FIELD-06 warning 8"])
  }

  @Test("An ignore that leaves out nothing is a note, which a fix removes")
  func idle() throws {
    let text = Self.config(
      note: " # moonlight: ignore EVAL-02, PIPE-01", warning: " # moonlight: ignore FIELD-60", seed: 1)
    #expect(
      found(text) == [
        "DOC-15 note 3: there is no PIPE-01 to ignore on this line", "FIELD-06 warning 5",
        "DOC-15 note 5: there is no rule FIELD-60",
      ])
    let document = DocumentReader.read(text: Self.config(before: "  # moonlight: ignore PIPE-01\n"), name: "a.yaml")
    let notes = AcceptedFindings(document).removed(from: [], notesIdle: true)
    #expect(document.file.applying(notes.compactMap(\.fix)).text == Self.config())
  }

  @Test("Behind an error of reading nobody knows what an ignore is for")
  func incomplete() {
    #expect(
      found(Self.config(note: " # moonlight: ignore PIPE-01", seed: 1) + "trian:\n  x: 1\n") == [
        "EVAL-02 note 3", "FIELD-06 warning 5", "FIELD-07 error 8",
      ])
  }

  @Test("JSON names the codes at its top")
  func json() {
    let rest = #""extends": "moonlight_16b_pretrain_config", "validation": {"eval_interval": 600000}}"#
    #expect(found("{" + rest, name: "a.json") == ["EVAL-02 note 1"])
    #expect(found(#"{"$ignore": ["EVAL-02"], "# + rest, name: "a.json") == [])
    #expect(
      found(#"{"$ignore": ["EVAL-02", "PIPE-01"], "# + rest, name: "a.json") == [
        "DOC-15 note 1: there is no PIPE-01 to ignore in this file"
      ])
    #expect(found(#"{"$ignore": "EVAL-02", "# + rest, name: "a.json") == ["FIELD-02 error 1", "EVAL-02 note 1"])
    #expect(found("$ignore: [EVAL-02]\n" + Self.config(seed: 1)).contains("FIELD-07 error 1"))
  }

  @Test("What a base accepts stays accepted")
  func base() {
    let base = Self.config(note: " # moonlight: ignore EVAL-02, PIPE-01", seed: 1)
    #expect(found("extends: base.yaml\n", base: base) == ["FIELD-06 warning 5"])
  }

  @Test(
    "Of a file of some other kind there is one thing to say",
    arguments: [
      ("services:\n  web:\n    image: x\nvolumes: {}\nnetworks: {}\nversion: 3\n", "docker.yaml"),
      ("name: ci\non: [push]\nenv: {A: b}\njobs: {}\n", "workflow.yaml"),
      (#"{"name": "x", "scripts": {}, "dependencies": {}}"#, "package.json"),
      (#"{"hidden_size": 2048, "num_hidden_layers": 27}"#, "config.json"),
    ])
  func foreign(text: String, name: String) {
    #expect(found(text, name: name) == ["FIELD-07 error 1"])
  }

  @Test("A misspelt section with fields beneath is no other kind of file")
  func misspelt() {
    #expect(found("trainer:\n  train_iters: 10\n").contains("FIELD-05 error 1"))
  }
}
