import Diagnostics
import TestSupport
import Testing

@testable import ConfigDocument

/// Whatever the bytes: no crash, and every range within the text.
@Suite struct FuzzTests {
  static let seeds = [
    EditTests.documents[0].0, EditTests.documents[1].0,
    "a: &x {k: 1}\nb: &y [*x, *x]\nc:\n  <<: [*x, {l: 2}]\n  m: !!float 3\n? z\n: |+\n  text\n\n'q': \"\\u00e9\\x41\"\n",
    "\u{FEFF}%YAML 1.1\n---\né: ü\u{85}\u{2028}\n- 😀\n...\n--- {a: b}\n",
    "{\"a\": [1, -2.5e3, \"\\ud83d\\ude00\", {\"b\": null}], \"c\": true}",
  ]

  static let snippets = [
    "[", "]", "{", "}", ":", ": ", "- ", "? ", "#", " #", "&a", "*a", "!!int ", "!x ", "|", ">", "'", "\"", "%", "@",
    "`",
    "\t", "\n", "\r\n", "\r", "  ", ",", "<<: ", "---\n", "...\n", "\\", "\u{85}", "\u{2028}", "\u{FEFF}", "é", "😀",
    "\0", "%TAG ! x\n", "0", "1e5", "~", "=", "\\u12", "\\x", "//", "/*",
  ]

  @Test(arguments: 0..<4) func mutationsOfGoodTexts(seed: Int) {
    var generator = SeededGenerator(seed: UInt64(seed) + 7)
    let end = ContinuousClock.now + .milliseconds(400)
    var count = 0
    while ContinuousClock.now < end, count < 3000 {
      count += 1
      var bytes = Array(Self.seeds[Int.random(in: 0..<Self.seeds.count, using: &generator)].utf8)
      for _ in 0..<Int.random(in: 1...6, using: &generator) { Self.mutate(&bytes, &generator) }
      Self.check(bytes, count % 3 == 0 ? .json : .yaml)
    }
  }

  @Test func randomBytes() {
    var generator = SeededGenerator(seed: 99)
    let end = ContinuousClock.now + .milliseconds(400)
    var count = 0
    while ContinuousClock.now < end, count < 3000 {
      count += 1
      let isASCII = Bool.random(using: &generator)
      let bytes = (0..<Int.random(in: 0...60, using: &generator)).map { _ in
        let byte = UInt8.random(in: 0...255, using: &generator)
        return isASCII ? max(0x20, byte & 0x7F) : byte
      }
      Self.check(bytes, count % 3 == 0 ? .json : .yaml)
    }
  }

  /// An edit that is not refused does what it says in the whole text, though it may have been tried on a part of it.
  @Test(arguments: 0..<4) func editsOfMutatedTexts(seed: Int) throws {
    var generator = SeededGenerator(seed: UInt64(seed) + 70)
    let end = ContinuousClock.now + .milliseconds(400)
    var count = 0
    while ContinuousClock.now < end, count < 1000 {
      count += 1
      var bytes = Array(Self.seeds[Int.random(in: 0..<3, using: &generator)].utf8)
      for _ in 0..<Int.random(in: 0...3, using: &generator) { Self.mutate(&bytes, &generator) }
      let before = DocumentReader.read(bytes: bytes, name: "f")
      guard let root = before.root, let path = root.allPaths.randomElement(using: &generator) else { continue }
      let value = ([7, "a: b", ["new": [1, "x"]], nil] as [ConfigValue]).randomElement(using: &generator)!
      let changes: [DocumentChange] = [
        .replace(path, value), .rename(path, "new"), .remove(path), .insert(path.dropLast() + ["new"], value),
      ]
      for change in changes {
        guard let text = try? EditTests.apply(change, to: before.file.text, before.format) else { continue }
        let after = DocumentReader.read(text: text, name: "f", format: before.format)
        let expected = try change.applied(to: root, format: before.format)
        #expect(after.root?.hasSameContent(as: expected) == true, "\(change) in:\n\(before.file.text)")
        #expect(after.diagnostics.count <= before.diagnostics.count, "\(change) in:\n\(before.file.text)")
      }
    }
  }

  static func mutate(_ bytes: inout [UInt8], _ generator: inout SeededGenerator) {
    let place = Int.random(in: 0...bytes.count, using: &generator)
    let length = min(Int.random(in: 0...8, using: &generator), bytes.count - place)
    switch Int.random(in: 0..<5, using: &generator) {
    case 0: bytes.removeSubrange(place..<place + length)
    case 1: bytes.insert(UInt8.random(in: 0...255, using: &generator), at: place)
    case 2:
      bytes.insert(contentsOf: bytes[place..<place + length], at: Int.random(in: 0...bytes.count, using: &generator))
    case 3: bytes.removeSubrange(place...)
    default:
      bytes.insert(contentsOf: Array(snippets[Int.random(in: 0..<snippets.count, using: &generator)].utf8), at: place)
    }
  }

  static func check(_ bytes: [UInt8], _ format: TextFormat) {
    let document = DocumentReader.read(bytes: bytes, name: "f", format: format)
    let length = document.file.text.utf8.count
    let text = String(decoding: bytes, as: UTF8.self)
    #expect(document.root != nil || !document.diagnostics.isEmpty, "no root and no reason: \(text.debugDescription)")
    for diagnostic in document.diagnostics {
      for location in [diagnostic.location] + diagnostic.related.map(\.location) {
        let range = location?.range ?? SourceRange(-1, -1)
        #expect(range.start >= 0 && range.end <= length, "\(diagnostic.message): \(text.debugDescription)")
      }
      for edit in diagnostic.fix?.edits ?? [] {
        #expect(edit.range.start >= 0 && edit.range.end <= length, "fix: \(text.debugDescription)")
      }
      #expect(!diagnostic.message.isEmpty && diagnostic.message.unicodeScalars.count < 400)
    }
    guard let root = document.root else { return }
    #expect(root.hasSaneRanges(length), "\(text.debugDescription)")
    // What was read can be written, and reads back.
    let value = root.value(in: .v1_2)
    let again = DocumentReader.read(text: YAMLEmitter().emit(value), name: "f.yaml").root?.value(in: .v1_2)
    #expect(again.map { $0.isSame(as: value) } ?? false, "\(text.debugDescription)")
    if let path = root.allPaths.last {
      // Either an edit or an error.
      _ = try? DocumentEditor(document).remove(path)
      _ = try? DocumentEditor(document).replace(path, with: "x: y")
      _ = try? DocumentEditor(document).insert(path + ["new"], 1)
    }
  }
}

extension Node {
  fileprivate func hasSaneRanges(_ length: Int) -> Bool {
    guard range.start >= 0, range.start <= range.end, range.end <= length else { return false }
    switch content {
    case .scalar: return true
    case .sequence(let items): return items.allSatisfy { $0.hasSaneRanges(length) }
    case .mapping(let entries):
      return entries.allSatisfy {
        $0.keyRange.start >= 0 && $0.keyRange.end <= length && $0.value.hasSaneRanges(length)
      }
    }
  }
}
