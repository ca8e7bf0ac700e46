import Testing

@testable import Training

@Suite("Writing safetensors files")
struct SafetensorsWriterTests {
  /// All tensors of a file as raw contents.
  static func rewritten(_ file: SafetensorsFile) -> [TensorToWrite] {
    file.entries.map { entry in
      TensorToWrite(
        entry.name, entry.type, shape: entry.shape,
        .bytes { range, destination in
          destination.copyBytes(from: try file.bytes(of: entry.name)[range])
        })
    }
  }

  @Test("A rewritten file equals the reference's byte for byte, whatever the order given")
  func equalsReference() throws {
    let folder = try TemporaryFolder()
    let tensors = Self.rewritten(try SafetensorsFile(fixture("safetensors/mixed.safetensors")))
    for (index, order) in [tensors, tensors.reversed()].enumerated() {
      let path = folder.file("\(index).safetensors")
      try SafetensorsWriter.write(order, to: path)
      #expect(try contents(path) == fixtureBytes("safetensors/mixed.safetensors"))
    }
  }

  @Test("fp32 rounds to bf16 and fp16 as torch rounds")
  func roundsAsTorch() throws {
    let table = try FixtureJSON.load("safetensors/rounding.json")
    let values = table["fp32"].ints.map { Float(bitPattern: UInt32($0)) }
    #expect(values.count > 200)
    #expect(ElementConversion.float(bfloat16: ElementConversion.bfloat16(Float(bitPattern: 0x7F80_0001))).isNaN)
    #expect(ElementConversion.float(float16: ElementConversion.float16(Float(bitPattern: 0x7F80_0001))).isNaN)
    #expect(values.map { Int(ElementConversion.bfloat16($0)) } == table["bf16"].ints)
    #expect(values.map { Int(ElementConversion.float16($0)) } == table["fp16"].ints)
  }

  #if !(os(macOS) && arch(x86_64))
    @Test("Every fp16 pattern widens and narrows as the hardware's")
    func widensHalves() {
      let wrong = (UInt16.min...UInt16.max).filter { pattern in
        let expected = Float(Float16(bitPattern: pattern))
        let value = ElementConversion.float(float16: pattern)
        if expected.isNaN { return !value.isNaN }
        return value.bitPattern != expected.bitPattern || ElementConversion.float16(value) != pattern
      }
      #expect(wrong.isEmpty)
    }
  #endif

  @Test("Values longer than one piece come back from every type", arguments: [SafetensorsType.float32, .float64])
  func roundTripsLong(type: SafetensorsType) throws {
    let folder = try TemporaryFolder()
    var generator = RandomStream(seed: 5)
    let values = (0..<150_001).map { _ in Float(generator.uniform()) - 0.5 }
    let path = folder.file("long.safetensors")
    try SafetensorsWriter.write([TensorToWrite("w", values, as: type, shape: [values.count])], to: path)
    #expect(try SafetensorsFile(path).floats("w") == values)
  }

  @Test("Impossible tensors are refused by name")
  func refusesImpossible() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("bad.safetensors")
    #expect(
      message { try SafetensorsWriter.write([TensorToWrite("w", [1], shape: [Int.max, 8])], to: path) }?
        .contains("tensor w: the shape") == true)
    #expect(
      message { try SafetensorsWriter.write([TensorToWrite("w", [1], shape: [2])], to: path) }?
        .contains("tensor w: needs room") == true)
    let twice = [TensorToWrite("w", [1], shape: [1]), TensorToWrite("w", [1], shape: [1])]
    #expect(message { try SafetensorsWriter.write(twice, to: path) }?.contains("tensor w: is given twice") == true)
    #expect(
      message { try SafetensorsWriter.write([TensorToWrite("w", [1], as: .int32, shape: [1])], to: path) }?
        .contains("a floating-point type is needed") == true)
  }
}
