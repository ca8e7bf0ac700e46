import Foundation
import LaunchModel
import Testing

/// A message names a field by its path, never by text: other files spell it otherwise.
@Suite("No field is named by text")
struct LiteralFieldNameTests {
  private static let sources = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "Sources")

  /// Python, where `tokenizer.vocab_size` is an attribute.
  private static let programs = "Launch/Programs/"

  @Test("no text of a source names a section with its field", arguments: ["Validation", "Exporters"])
  func literals(folder: String) throws {
    let root = Self.sources.appending(path: folder)
    let names = try #require(FileManager.default.enumerator(atPath: root.path))
    var (found, count) = ([String](), 0)
    for case let name as String in names where name.hasSuffix(".swift") && !name.hasSuffix(".generated.swift") {
      guard !name.hasPrefix(Self.programs) else { continue }
      let literals = SourceLiterals(try String(contentsOf: root.appending(path: name), encoding: .utf8)).texts
      count += literals.count
      for text in literals { found += Self.fieldNames(in: text).map { "\(name): \($0) in \"\(text)\"" } }
    }
    #expect(count > 300)
    #expect(found.isEmpty, "\(found.joined(separator: "\n"))")
  }

  @Test(
    "such names are seen",
    arguments: [
      (#"let a = "set train.train_iters" // optimizer.lr"#, ["train.train_iters"]),
      (#"let a = "\(Path.train.trainIters) \(f("ddp.x")) of `ddp.overlap_grad_reduce`""#, ["ddp.overlap_grad_reduce"]),
      ("let a = \"\"\"\n  optimizer.lr \\\n  and \"lr\" \n  \"\"\"", ["optimizer.lr"]),
      (#"let a = config.model.hidden + "train.py, a.train.train_iters, model.fp8_margin""#, ["model.fp8_margin"]),
    ])
  func scanner(source: String, names: [String]) {
    #expect(SourceLiterals(source).texts.flatMap(Self.fieldNames) == names)
  }

  private static func fieldNames(in text: String) -> [String] {
    let words = text.split { !($0.isLetter || $0.isNumber || $0 == "_" || $0 == "." || $0 == "/" || $0 == "-") }
    return words.map { $0.trimmingCharacters(in: ["."]) }.filter { word in
      let keys = word.split(separator: ".").map(String.init)
      return keys.count == 2 && keys[0] != "env_vars" && NativeSpelling(.current).path(ofKeys: keys) != nil
    }
  }
}

/// The texts between quotes in a Swift source, without what is interpolated.
private struct SourceLiterals {
  private(set) var texts: [String] = []
  private let source: [UInt8]
  private var index = 0

  init(_ text: String) {
    source = Array(text.utf8)
    while index < source.count {
      if starts(with: "//") {
        while index < source.count, source[index] != UInt8(ascii: "\n") { index += 1 }
      } else if starts(with: "\"\"\"") {
        read(to: "\"\"\"")
      } else if starts(with: "\"") {
        read(to: "\"")
      } else {
        index += 1
      }
    }
  }

  private func starts(with text: String) -> Bool { source[index...].starts(with: text.utf8) }

  private mutating func read(to quote: String) {
    index += quote.utf8.count
    var bytes: [UInt8] = []
    while index < source.count, !starts(with: quote) {
      if starts(with: "\\(") {
        skipInterpolation()
        bytes.append(UInt8(ascii: "|"))
      } else {
        let length = source[index] == UInt8(ascii: "\\") ? 2 : 1
        bytes += source[index..<min(index + length, source.count)]
        index += length
      }
    }
    index += quote.utf8.count
    texts.append(String(decoding: bytes, as: UTF8.self))
  }

  private mutating func skipInterpolation() {
    var depth = 0
    index += 1
    repeat {
      switch source[index] {
      case UInt8(ascii: "("): depth += 1
      case UInt8(ascii: ")"): depth -= 1
      default: break
      }
      index += 1
    } while index < source.count && depth > 0
  }
}
