/// One safetensors file: its tensors are read, converted and checked one at a time, a piece after the other, so that
/// loading never holds two copies of the weights.
package struct SafetensorsFile: Sendable {
  package let path: String
  private let file: FileReader
  private let header: SafetensorsHeader
  private let places: [String: Int]

  /// Opens a file and checks its header.
  /// - Parameter verification: sums what is read, where the file is one of its.
  /// - Throws: ``SystemError``, ``SafetensorsError``.
  package init(_ path: String, _ verification: ChecksumVerification? = nil) throws {
    self.path = path
    file = try FileReader(path, summing: verification?.pieces(of: path))
    header = try SafetensorsHeader(file)
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

  /// The stored bytes of a tensor, little-endian.
  package func bytes(of name: String, type: SafetensorsType? = nil, shape: [Int]? = nil) throws -> [UInt8] {
    let entry = try entry(name, shape: shape)
    if let type, type != entry.type { throw fail(.wrongType(expected: type.rawValue, found: entry.type), name) }
    let start = header.dataStart + entry.range.lowerBound
    return try file.bytes(start..<(start + entry.range.count))
  }

  /// Reads a floating-point tensor of any stored width as fp32.
  /// - Parameters:
  ///   - shape: what the model needs; `nil` accepts any.
  ///   - elements: reads these alone; all if not given.
  ///   - destination: as many elements as are read.
  ///   - finite: refuse NaN and infinities.
  /// - Throws: ``SafetensorsError``, naming file and tensor.
  package func readFloats(
    _ name: String, shape: [Int]? = nil, elements: Range<Int>? = nil,
    into destination: UnsafeMutableBufferPointer<Float>, finite: Bool = true
  ) throws {
    try readWeights(name, shape: shape, elements: elements, count: destination.count, finite: finite) { index, value in
      destination[index] = value
    }
  }

  /// Reads a floating-point tensor as bf16 bit patterns; wider types are rounded to nearest even.
  package func readBFloat16(
    _ name: String, shape: [Int]? = nil, elements: Range<Int>? = nil,
    into destination: UnsafeMutableBufferPointer<UInt16>, finite: Bool = true
  ) throws {
    try readWeights(name, shape: shape, elements: elements, count: destination.count, finite: finite) { index, value in
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
    _ name: String, shape: [Int]?, elements: Range<Int>?, count: Int, finite: Bool, _ store: (Int, Float) -> Void
  ) throws {
    let entry = try entry(name, shape: shape)
    let elements = elements ?? 0..<entry.elementCount
    guard elements.count == count, elements.upperBound <= entry.elementCount else {
      throw fail(.wrongElementCount(expected: elements.count, given: count), name)
    }
    let size = entry.type.size
    let start = header.dataStart + entry.range.lowerBound + elements.lowerBound * size
    var piece = [UInt8](repeating: 0, count: min(count, Self.elementsAtATime) * size)
    try piece.withUnsafeMutableBytes { piece in
      for first in stride(from: 0, to: count, by: Self.elementsAtATime) {
        let bytes = UnsafeMutableRawBufferPointer(rebasing: piece[..<(min(Self.elementsAtATime, count - first) * size)])
        try file.read(into: bytes, at: start + first * size)
        let content = UnsafeRawBufferPointer(bytes)
        if try convert(entry, content, from: first, store), finite { try reportNonFinite(entry, content, from: first) }
      }
    }
  }

  /// Only so much of a tensor is in memory beside what is read from it: what a core's own cache holds from reading over
  /// summing to converting.
  private static let elementsAtATime = 1 << 15

  /// Hands a piece's elements, the first of which has the number `first`, to `store`; true where one of them is not
  /// finite.
  @inline(__always)
  private func convert(
    _ entry: SafetensorsEntry, _ bytes: UnsafeRawBufferPointer, from first: Int, _ store: (Int, Float) -> Void
  ) throws -> Bool {
    var suspicious = false
    let part = 0..<bytes.count / entry.type.size
    switch entry.type {
    case .float32:
      for index in part {
        let value = Float(
          bitPattern: UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: index * 4, as: UInt32.self)))
        suspicious = suspicious || !value.isFinite
        store(first + index, value)
      }
    case .bfloat16:
      for index in part {
        let value = ElementConversion.float(
          bfloat16: UInt16(littleEndian: bytes.loadUnaligned(fromByteOffset: index * 2, as: UInt16.self)))
        suspicious = suspicious || !value.isFinite
        store(first + index, value)
      }
    case .float16:
      for index in part {
        let value = ElementConversion.float(
          float16: UInt16(littleEndian: bytes.loadUnaligned(fromByteOffset: index * 2, as: UInt16.self)))
        suspicious = suspicious || !value.isFinite
        store(first + index, value)
      }
    case .float64:
      for index in part {
        let value = Float(
          Double(bitPattern: UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: index * 8, as: UInt64.self))))
        suspicious = suspicious || !value.isFinite
        store(first + index, value)
      }
    default: throw fail(.wrongType(expected: "F32, BF16, F16 or F64", found: entry.type), entry.name)
    }
    return suspicious
  }

  /// Finds a piece's first element that is no finite number, for the message.
  private func reportNonFinite(_ entry: SafetensorsEntry, _ bytes: UnsafeRawBufferPointer, from first: Int) throws {
    for index in 0..<bytes.count / entry.type.size {
      let value: Double =
        switch entry.type {
        case .float32: Double(Float(bitPattern: bytes.loadUnaligned(fromByteOffset: index * 4, as: UInt32.self)))
        case .float64: Double(bitPattern: bytes.loadUnaligned(fromByteOffset: index * 8, as: UInt64.self))
        case .float16:
          Double(ElementConversion.float(float16: bytes.loadUnaligned(fromByteOffset: index * 2, as: UInt16.self)))
        default:
          Double(ElementConversion.float(bfloat16: bytes.loadUnaligned(fromByteOffset: index * 2, as: UInt16.self)))
        }
      if !Float(value).isFinite { throw fail(.notANumber(index: first + index, value: "\(value)"), entry.name) }
    }
  }
}
