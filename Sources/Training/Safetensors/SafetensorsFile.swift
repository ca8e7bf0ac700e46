/// One safetensors file, memory-mapped: its tensors are read, converted and checked one at a time, straight from the
/// file, so that loading never holds two copies of the weights.
package struct SafetensorsFile: Sendable {
  package let path: String
  private let file: MappedFile
  private let header: SafetensorsHeader
  private let places: [String: Int]

  /// Maps a file and checks its header.
  /// - Throws: ``SystemError``, ``SafetensorsError``.
  package init(_ path: String) throws {
    self.path = path
    file = try MappedFile(path)
    header = try file.withBytes { try SafetensorsHeader($0, file: path) }
    places = Dictionary(uniqueKeysWithValues: header.entries.enumerated().map { ($1.name, $0) })
  }

  /// The tensors in the order in which they lie in the file.
  package var entries: [SafetensorsEntry] { header.entries }
  package var metadata: [String: String] { header.metadata }

  package subscript(_ name: String) -> SafetensorsEntry? { places[name].map { header.entries[$0] } }

  private func fail(_ problem: SafetensorsError.Problem, _ name: String) -> SafetensorsError {
    SafetensorsError(problem, file: path, tensor: name)
  }

  private func entry(_ name: String, shape: [Int]?) throws -> SafetensorsEntry {
    guard let entry = self[name] else { throw fail(.missingTensor, name) }
    if let shape, shape != entry.shape { throw fail(.wrongShape(expected: shape, found: entry.shape), name) }
    return entry
  }

  /// The stored bytes of a tensor, little-endian and possibly unaligned; valid within `body`.
  package func withBytes<Result>(
    of name: String, type: SafetensorsType? = nil, shape: [Int]? = nil,
    _ body: (UnsafeRawBufferPointer) throws -> Result
  ) throws -> Result {
    let entry = try entry(name, shape: shape)
    if let type, type != entry.type { throw fail(.wrongType(expected: type.rawValue, found: entry.type), name) }
    let start = header.dataStart + entry.range.lowerBound
    return try file.withBytes { try body(UnsafeRawBufferPointer(rebasing: $0[start..<(start + entry.range.count)])) }
  }

  /// Reads a floating-point tensor of any stored width as fp32.
  /// - Parameters:
  ///   - shape: what the model needs; `nil` accepts any.
  ///   - destination: as many elements as the shape holds.
  ///   - finite: refuse NaN and infinities.
  /// - Throws: ``SafetensorsError``, naming file and tensor.
  package func readFloats(
    _ name: String, shape: [Int]? = nil, into destination: UnsafeMutableBufferPointer<Float>, finite: Bool = true
  ) throws {
    try readWeights(name, shape: shape, count: destination.count, finite: finite) { index, value in
      destination[index] = value
    }
  }

  /// Reads a floating-point tensor as bf16 bit patterns; wider types are rounded to nearest even.
  package func readBFloat16(
    _ name: String, shape: [Int]? = nil, into destination: UnsafeMutableBufferPointer<UInt16>, finite: Bool = true
  ) throws {
    try readWeights(name, shape: shape, count: destination.count, finite: finite) { index, value in
      destination[index] = ElementConversion.bfloat16(value)
    }
  }

  /// Reads a floating-point tensor into a new array.
  package func floats(_ name: String, shape: [Int]? = nil, finite: Bool = true) throws -> [Float] {
    let count = try entry(name, shape: shape).elementCount
    return try [Float](unsafeUninitializedCapacity: count) { buffer, initialized in
      try readFloats(name, shape: shape, into: UnsafeMutableBufferPointer(rebasing: buffer[..<count]), finite: finite)
      initialized = count
    }
  }

  @inline(__always)
  private func readWeights(
    _ name: String, shape: [Int]?, count: Int, finite: Bool, _ store: (Int, Float) -> Void
  ) throws {
    let entry = try entry(name, shape: shape)
    guard entry.elementCount == count else {
      throw fail(.wrongElementCount(expected: entry.range.count, given: count * entry.type.size), name)
    }
    let start = header.dataStart + entry.range.lowerBound
    file.advise(start..<(start + entry.range.count), willNeed: true)
    try file.withBytes { content in
      let bytes = UnsafeRawBufferPointer(rebasing: content[start..<(start + entry.range.count)])
      for first in stride(from: 0, to: count, by: Self.elementsAtATime) {
        let part = first..<min(first + Self.elementsAtATime, count)
        if try convert(entry, bytes, part, store), finite { try reportNonFinite(entry, bytes) }
        file.advise(start + part.lowerBound * entry.type.size..<start + part.upperBound * entry.type.size, willNeed: false)
      }
    }
  }

  /// Of a large tensor only so much of the file is in memory beside what is read from it.
  private static let elementsAtATime = 1 << 22

  /// Hands some elements to `store`; true where one of them is not finite.
  @inline(__always)
  private func convert(
    _ entry: SafetensorsEntry, _ bytes: UnsafeRawBufferPointer, _ part: Range<Int>, _ store: (Int, Float) -> Void
  ) throws -> Bool {
    var suspicious = false
    switch entry.type {
    case .float32:
      for index in part {
        let value = Float(
          bitPattern: UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: index * 4, as: UInt32.self)))
        suspicious = suspicious || !value.isFinite
        store(index, value)
      }
    case .bfloat16:
      for index in part {
        let value = ElementConversion.float(
          bfloat16: UInt16(littleEndian: bytes.loadUnaligned(fromByteOffset: index * 2, as: UInt16.self)))
        suspicious = suspicious || !value.isFinite
        store(index, value)
      }
    case .float16:
      for index in part {
        let value = ElementConversion.float(
          float16: UInt16(littleEndian: bytes.loadUnaligned(fromByteOffset: index * 2, as: UInt16.self)))
        suspicious = suspicious || !value.isFinite
        store(index, value)
      }
    case .float64:
      for index in part {
        let value = Float(
          Double(bitPattern: UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: index * 8, as: UInt64.self))))
        suspicious = suspicious || !value.isFinite
        store(index, value)
      }
    default: throw fail(.wrongType(expected: "F32, BF16, F16 or F64", found: entry.type), entry.name)
    }
    return suspicious
  }

  /// Finds the first element that is no finite number, for the message.
  private func reportNonFinite(_ entry: SafetensorsEntry, _ bytes: UnsafeRawBufferPointer) throws {
    for index in 0..<entry.elementCount {
      let value: Double =
        switch entry.type {
        case .float32: Double(Float(bitPattern: bytes.loadUnaligned(fromByteOffset: index * 4, as: UInt32.self)))
        case .float64: Double(bitPattern: bytes.loadUnaligned(fromByteOffset: index * 8, as: UInt64.self))
        case .float16:
          Double(ElementConversion.float(float16: bytes.loadUnaligned(fromByteOffset: index * 2, as: UInt16.self)))
        default:
          Double(ElementConversion.float(bfloat16: bytes.loadUnaligned(fromByteOffset: index * 2, as: UInt16.self)))
        }
      if !Float(value).isFinite { throw fail(.notANumber(index: index, value: "\(value)"), entry.name) }
    }
  }

  /// Lets the kernel drop the pages of a tensor that is not needed again.
  package func release(_ name: String) {
    guard let entry = self[name] else { return }
    let start = header.dataStart + entry.range.lowerBound
    file.advise(start..<(start + entry.range.count), willNeed: false)
  }
}
