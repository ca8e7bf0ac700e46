import LaunchModel
import Testing

/// A text that this program wrote knows whether it was edited since.
@Suite struct TextSealTests {
  static let texts = [
    "# one\nmodel: {}\n",
    "# one\n# two\n\nmodel: {}\n",
    "#!/usr/bin/env bash\n# for a release\nset -e\n",
    "# for a release\n\"\"\"A program.\"\"\"\n",
    "{\n  \"$schema\": \"s\",\n  \"model\": {}\n}\n",
  ]

  @Test(arguments: texts)
  func sealed(_ text: String) {
    let sealed = TextSeal.sealed(text)
    #expect(TextSeal.state(of: text) == .missing)
    #expect(TextSeal.state(of: sealed) == .intact)
    #expect(TextSeal.state(of: sealed + " ") == .broken)
    #expect(TextSeal.state(of: sealed.replacing("\n", with: "\r\n")) != .intact)
    let (lines, sealedLines) = (text.split(separator: "\n"), sealed.split(separator: "\n"))
    #expect(sealedLines.count == lines.count + 1)
    // What a shell or an editor looks for in the first line stays there.
    #expect(sealedLines[0] == lines[0])
  }

  @Test func aTextWithoutRoomForASealIsAsItWas() {
    for text in ["", "--num-layers\n27\n", "model: {}\n"] { #expect(TextSeal.sealed(text) == text) }
  }
}
