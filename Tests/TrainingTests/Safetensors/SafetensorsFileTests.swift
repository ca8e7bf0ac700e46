import Foundation
import Testing

@testable import Training

@Suite("Reading safetensors files")
struct SafetensorsFileTests {
  @Test("Every element type of the reference's file is listed with its shape")
  func listsEntries() throws {
    let file = try SafetensorsFile(fixture("safetensors/mixed.safetensors"))
    let listed = Dictionary(uniqueKeysWithValues: file.entries.map { ($0.name, "\($0.type.rawValue) \($0.shape)") })
    #expect(
      listed == [
        "weights.f32": "F32 [3, 5]", "weights.bf16": "BF16 [2, 3, 4]", "weights.f16": "F16 [7]",
        "weights.f64": "F64 [2, 2]", "ids": "I64 [2]", "small": "I32 [2]", "flags": "BOOL [3]", "bytes": "U8 [5]",
        "scalar": "F32 []", "empty": "F32 [0, 4]", "name with \"quotes\" and ü": "F32 [1]",
      ])
    #expect(file.metadata == ["format": "pt"])
  }

  @Test("Floating-point tensors of each width read as the reference's fp32 values")
  func readsFloats() throws {
    let file = try SafetensorsFile(fixture("safetensors/mixed.safetensors"))
    let expected = try FixtureJSON.load("safetensors/mixed.json")["floats"].entries
    #expect(expected.count == 7)
    for entry in expected {
      #expect(try file.floats(entry.key) == entry.value.doubles.map(Float.init), "\(entry.key)")
    }
  }

  @Test("Integers are read as stored bytes")
  func readsIntegers() throws {
    let file = try SafetensorsFile(fixture("safetensors/mixed.safetensors"))
    let ids = try file.bytes(of: "ids", type: .int64, shape: [2]).withUnsafeBytes { bytes in
      (0..<2).map { bytes.loadUnaligned(fromByteOffset: $0 * 8, as: Int64.self) }
    }
    #expect(ids == [-1, 1 << 40])
  }

  @Test("bf16 reads keep bf16 bits and round wider types")
  func readsBFloat16() throws {
    let file = try SafetensorsFile(fixture("safetensors/mixed.safetensors"))
    for name in ["weights.bf16", "weights.f32"] {
      let floats = try file.floats(name)
      var halves = [UInt16](repeating: 0, count: floats.count)
      try halves.withUnsafeMutableBufferPointer { try file.readBFloat16(name, into: $0) }
      #expect(halves == floats.map(ElementConversion.bfloat16), "\(name)")
    }
  }

  @Test("What is asked for and is not there is named")
  func namesMissing() throws {
    let path = fixture("safetensors/mixed.safetensors")
    let file = try SafetensorsFile(path)
    #expect(message { _ = try file.floats("nothing") } == "\(path), tensor nothing: is missing")
    #expect(
      message { _ = try file.floats("scalar", shape: [4]) }
        == "\(path), tensor scalar: has shape [], the model needs [4]")
    #expect(
      message { _ = try file.floats("ids") } == "\(path), tensor ids: has type I64, F32, BF16, F16 or F64 is needed")
  }

  struct Header: CustomTestStringConvertible {
    let json: String
    let data: Int
    let problem: String
    var testDescription: String { problem }

    init(_ json: String, data: Int = 0, _ problem: String) {
      self.json = json
      self.data = data
      self.problem = problem
    }
  }

  @Test(
    "Hostile headers are refused with the tensor's name",
    arguments: [
      Header("", "the text ends"),
      Header("[]", "expected object"),
      Header("{", "the text ends"),
      Header("{} x", "text follows"),
      Header(#"{"a":1}"#, "expected object"),
      Header(#"{"a":{"dtype":"F32","shape":[2]}}"#, "tensor a: the header is malformed: dtype, shape and two"),
      Header(#"{"a":{"dtype":"X4","shape":[2],"data_offsets":[0,1]}}"#, #"tensor a: the element type "X4""#),
      Header(#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}"#, data: 4, "tensor a: the offsets 0..<4 hold 4"),
      Header(#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}"#, data: 8, "run backwards"),
      Header(
        #"{"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}}"#, data: 8, "a whole number of 64 bits, from 0 on"),
      Header(
        #"{"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,0]}}"#, "is impossible"),
      Header(
        #"{"a":{"dtype":"F32","shape":[99999999999999999999],"data_offsets":[0,0]}}"#, "a whole number of 64 bits"),
      Header(#"{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}}"#, data: 1, "tensor a: the data ends at byte 2"),
      Header(#"{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}}"#, data: 3, "1 bytes belong to no tensor"),
      Header(
        #"{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}}"#,
        data: 3, "tensor b: the offsets 1..<3 overlap"),
      Header(
        #"{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"U8","shape":[1],"data_offsets":[3,4]}}"#,
        data: 4, "tensor b: the offsets 3..<4 overlap another tensor or leave a gap; 2"),
      Header(#"{"a":{"dtype":"U8","shape":[1.0],"data_offsets":[0,1]}}"#, data: 1, "whole number"),
      Header(#"{"a":{"dtype":"U8","shape":"# + String(repeating: "[", count: 100), "expected number"),
    ])
  func refusesHostileHeaders(_ header: Header) throws {
    let folder = try TemporaryFolder()
    let bytes = withUnsafeBytes(of: UInt64(header.json.utf8.count).littleEndian) { Array($0) }
    let path = try folder.write(
      "bad.safetensors", bytes + Array(header.json.utf8) + [UInt8](repeating: 0, count: header.data))
    let problem = try #require(message { _ = try SafetensorsFile(path) })
    #expect(problem.hasPrefix(path))
    #expect(problem.contains(header.problem), "\(problem)")
  }

  struct Case: Decodable, Sendable, CustomTestStringConvertible {
    let name: String
    let header: String?
    /// Where the header is no UTF-8.
    let hex: String?
    /// What the file says is the header's length, where it is not.
    let length: String?
    /// The whole file is so many zero bytes.
    let raw: Int?
    let data: Int?
    /// Type and shape by name; `nil` where the reference implementation refuses the file.
    let tensors: [String: Tensor]?
    var testDescription: String { name }

    struct Tensor: Decodable, Sendable, Equatable {
      let type: String
      let shape: [Int]

      init(type: String, shape: [Int]) {
        self.type = type
        self.shape = shape
      }

      init(from decoder: any Decoder) throws {
        var values = try decoder.unkeyedContainer()
        self.init(type: try values.decode(String.self), shape: try values.decode([Int].self))
      }
    }

    static func all() throws -> [Case] {
      try JSONDecoder().decode([Case].self, from: Data(try fixtureBytes("safetensors/cases.json")))
    }

    var content: [UInt8] {
      guard raw == nil else { return [UInt8](repeating: 0, count: raw ?? 0) }
      let digits = Array(hex ?? "")
      let text =
        hex == nil
        ? Array((header ?? "").utf8)
        : stride(from: 0, to: digits.count, by: 2).compactMap { UInt8(String(digits[$0...$0 + 1]), radix: 16) }
      let length = length.flatMap { UInt64($0) } ?? UInt64(text.count)
      return withUnsafeBytes(of: length.littleEndian) { Array($0) } + text + [UInt8](repeating: 0, count: data ?? 0)
    }
  }

  @Test("Files at the border of the format are taken as the reference implementation takes them")
  func agreesWithTheReference() throws {
    let folder = try TemporaryFolder()
    let cases = try Case.all()
    #expect(cases.count > 110)
    for item in cases {
      let path = try folder.write("case.safetensors", item.content)
      let found = try? SafetensorsFile(path).entries.map {
        ($0.name, Case.Tensor(type: $0.type.rawValue, shape: $0.shape))
      }
      #expect(found.map { Dictionary(uniqueKeysWithValues: $0) } == item.tensors, "\(item.name)")
    }
  }

  @Test("Truncated files and absurd header lengths are refused", arguments: [0, 3, 8, 100, 940])
  func refusesTruncation(length: Int) throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("cut.safetensors", try fixtureBytes("safetensors/mixed.safetensors").prefix(length))
    #expect(message { _ = try SafetensorsFile(path) } != nil)
  }

  @Test("A header length of almost 2^64 is refused")
  func refusesHugeLength() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("huge.safetensors", [UInt8](repeating: 0xFF, count: 16))
    #expect(try #require(message { _ = try SafetensorsFile(path) }).contains("18446744073709551615"))
  }

  @Test("NaN and infinite weights are found, with their place", arguments: [Float.nan, .infinity])
  func findsNaN(bad: Float) throws {
    let folder = try TemporaryFolder()
    let path = folder.file("nan.safetensors")
    for type in [SafetensorsType.float32, .bfloat16, .float16, .float64] {
      try SafetensorsWriter.write([TensorToWrite("w", [1, 2, bad, 4], as: type, shape: [4])], to: path)
      let file = try SafetensorsFile(path)
      #expect(message { _ = try file.floats("w") } == "\(path), tensor w: element 2 is \(bad)", "\(type)")
      #expect(try file.floats("w", finite: false).count == 4)
    }
  }

  @Test("A missing file and a folder are errors")
  func refusesNonFiles() throws {
    let folder = try TemporaryFolder()
    #expect(message { _ = try SafetensorsFile(folder.path) }?.contains("Is a directory") == true)
    #expect(message { _ = try SafetensorsFile(folder.file("no")) }?.contains("No such file") == true)
  }

  @Test("Damaged files never crash the reader")
  func survivesDamage() throws {
    let folder = try TemporaryFolder()
    let original = try fixtureBytes("safetensors/mixed.safetensors")
    var mutator = Mutator(seed: 11)
    var refused = 0
    for _ in 0..<400 {
      let path = try folder.write(
        "fuzz.safetensors",
        mutator.mutate(original, inserting: ["[", "{", "\"", "-1", "9223372036854775807", "\"shape\":", "e9", "\\u"]))
      do {
        let file = try SafetensorsFile(path)
        for entry in file.entries where entry.type.isWeightType { _ = try file.floats(entry.name) }
      } catch { refused += 1 }
    }
    #expect(refused > 200)
  }
}
