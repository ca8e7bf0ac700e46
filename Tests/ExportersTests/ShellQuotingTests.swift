import Exporters
import Foundation
import LaunchModel
import TestSupport
import Testing

@Suite struct ShellQuotingTests {
  /// Bash reads every quoted text as one argument, and as the same text.
  @Test func bashReadsBackWhatWasQuoted() throws {
    try check(Bash.hostileTexts)
  }

  @Test(arguments: 0..<5)
  func bashReadsBackRandomTexts(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed &* 7919 &+ 1)
    let alphabet = Array("abz019 -_=/.:,+@%'\"`$\\\n\t\r!#&*()[]{}<>|;?~^ü漢\u{301}\u{1}\u{7F}".unicodeScalars)
    try check(
      (0..<400).map { _ in
        String(
          String.UnicodeScalarView(
            (0..<Int.random(in: 0...12, using: &generator)).map { _ in
              alphabet.randomElement(using: &generator) ?? "a"
            }))
      })
  }

  private func check(_ texts: [String]) throws {
    let script = "printf '%s\\0' " + texts.map(shellQuoted).joined(separator: " ")
    let answer = try Bash.run(["--norc", "-s"], input: script)
    #expect(answer.status == 0, "\(answer.errors)")
    let read = answer.output.split(separator: 0, omittingEmptySubsequences: false).dropLast()
    #expect(read.count == texts.count)
    for (got, text) in zip(read, texts) { #expect(Array(got) == Array(text.utf8), "\(text.debugDescription)") }
  }

  @Test(arguments: ["plain", "/a/b.c", "--x=1,2", "a_b@c%d+e:f"])
  func plainTextsStayPlain(text: String) { #expect(shellQuoted(text) == text) }

  @Test func nulIsLeftOut() {
    #expect(shellQuoted("a\0b c") == "'ab c'")
    #expect(unfitForShell("a\0b"))
  }

  @Test func operandsAreNoOptions() {
    #expect(asOperand("-rf") == "./-rf")
    #expect(asOperand("rf") == "rf")
  }

  /// A shell reads words of sbatch's kind the same way, as long as they are one line.
  @Test func sbatchWordsAreOneWord() throws {
    let texts = Bash.hostileTexts.filter { !unfitForOneLine($0) && !$0.isEmpty }
    for text in texts {
      let answer = try Bash.run(["--norc", "-s"], input: "printf '%s\\0' --x=\(sbatchQuoted(text))")
      #expect(answer.text == "--x=\(text)\0", "\(text.debugDescription)")
    }
  }

  @Test(arguments: ["a\nb", "a\rb", "a\u{0}b", "a\u{2028}b", "a\u{85}b"])
  func lineBreaksAreFound(text: String) { #expect(unfitForOneLine(text)) }

  @Test(arguments: [
    ("A", true), ("_a1", true), ("1a", false), ("", false), ("a b", false), ("a=b", false), ("é", false),
    ("a\n", false),
  ])
  func variableNames(text: String, isName: Bool) { #expect(isVariableName(text) == isName) }

  @Test func wordsWithVariables() throws {
    let word: ShellWord = "--to=\(variable: "dir")/\("it's")/x"
    #expect(word.text == #"--to="${dir}"'/it'\''s/x'"#)
    #expect(try word.value(["dir": "a b"]).get() == "--to=a b/it's/x")
    #expect(throws: MissingVariable(name: "dir")) { try word.value([:]).get() }
    #expect(ShellWord("").text == "''")
  }
}
