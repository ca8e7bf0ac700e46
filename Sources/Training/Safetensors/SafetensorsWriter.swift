/// A tensor on its way into a file. Its elements are asked for in pieces, so that no second copy of the weights is made.
package struct TensorToWrite {
  package enum Content {
    /// fp32 values, rounded to the stored type; the range counts elements.
    case floats((_ elements: Range<Int>, _ destination: UnsafeMutableBufferPointer<Float>) throws -> Void)
    /// Stored bytes as they are, little-endian; the range counts bytes.
    case bytes((_ bytes: Range<Int>, _ destination: UnsafeMutableRawBufferPointer) throws -> Void)
  }

  package let name: String
  package let type: SafetensorsType
  package let shape: [Int]
  package let content: Content

  package init(_ name: String, _ type: SafetensorsType, shape: [Int], _ content: Content) {
    self.name = name
    self.type = type
    self.shape = shape
    self.content = content
  }

  /// fp32 values that are already an array.
  package init(_ name: String, _ values: [Float], as type: SafetensorsType = .float32, shape: [Int]) {
    self.init(
      name, type, shape: shape,
      .floats { range, destination in
        guard range.upperBound <= values.count else { throw Self.tooShort(name, range.upperBound, values.count) }
        for (offset, value) in values[range].enumerated() { destination[offset] = value }
      })
  }

  /// Values of an integer type, as an array.
  package init<Integer: FixedWidthInteger>(_ name: String, integers: [Integer], as type: SafetensorsType, shape: [Int])
  {
    let stored = integers.map(\.littleEndian)
    self.init(
      name, type, shape: shape,
      .bytes { range, destination in
        try stored.withUnsafeBytes { bytes in
          guard range.upperBound <= bytes.count else { throw Self.tooShort(name, range.upperBound, bytes.count) }
          destination.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[range]))
        }
      })
  }

  private static func tooShort(_ name: String, _ needed: Int, _ given: Int) -> SafetensorsError {
    SafetensorsError(.wrongElementCount(expected: needed, given: given), file: "the tensor to write", tensor: name)
  }
}

/// Writes safetensors files: deterministic to the byte, and equal to what the reference implementation writes.
package enum SafetensorsWriter {
  /// Elements converted at a time.
  private static let chunk = 1 << 16

  /// Writes one file and synchronizes it.
  ///
  /// Tensors are placed as the reference implementation places them: by descending type (larger alignments first),
  /// then by name.
  /// - Throws: ``SystemError``, ``SafetensorsError`` for impossible shapes or repeated names, what a tensor's content throws.
  package static func write(
    _ tensors: [TensorToWrite], to path: String, metadata: [String: String] = ["format": "pt"],
    _ fileSystem: any FileSystem = POSIXFileSystem()
  ) throws {
    let ordered = tensors.sorted {
      $0.type.rank != $1.type.rank
        ? $0.type.rank > $1.type.rank : $0.name.utf8.lexicographicallyPrecedes($1.name.utf8)
    }
    let header = try header(ordered, metadata, path)
    let writer = try FileWriter(path, fileSystem)
    try withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { try writer.write($0) }
    try writer.write(header)
    for tensor in ordered { try write(tensor, to: writer) }
    try writer.finish()
  }

  private static func header(_ tensors: [TensorToWrite], _ metadata: [String: String], _ path: String) throws -> String
  {
    var header = "{"
    if !metadata.isEmpty {
      let pairs = metadata.sorted { $0.key < $1.key }.map { "\(JSONText.quoted($0)):\(JSONText.quoted($1))" }
      header += "\"__metadata__\":{\(pairs.joined(separator: ","))},"
    }
    var offset = 0
    var names: Set<String> = ["__metadata__"]
    for tensor in tensors {
      guard names.insert(tensor.name).inserted else {
        throw SafetensorsError(.repeatedTensor, file: path, tensor: tensor.name)
      }
      let count = try byteCount(tensor, path)
      let shape = tensor.shape.map(String.init).joined(separator: ",")
      header += "\(JSONText.quoted(tensor.name)):{\"dtype\":\"\(tensor.type.rawValue)\",\"shape\":[\(shape)],"
      header += "\"data_offsets\":[\(offset),\(offset + count)]},"
      offset += count
    }
    if header.hasSuffix(",") { header.removeLast() }
    header += "}"
    // The data begins 8-byte aligned.
    return header + String(repeating: " ", count: (8 - header.utf8.count % 8) % 8)
  }

  static func byteCount(_ tensor: TensorToWrite, _ path: String) throws -> Int {
    guard let count = SafetensorsHeader.byteCount(tensor.type, tensor.shape) else {
      throw SafetensorsError(.invalidShape("\(tensor.shape)"), file: path, tensor: tensor.name)
    }
    if case .floats = tensor.content, !tensor.type.isWeightType {
      throw SafetensorsError(
        .wrongType(expected: "a floating-point type", found: tensor.type), file: path, tensor: tensor.name)
    }
    return count
  }

  private static func write(_ tensor: TensorToWrite, to writer: FileWriter) throws {
    let total = try byteCount(tensor, writer.path)
    switch tensor.content {
    case .bytes(let read):
      let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: min(total, chunk * 8), alignment: 16)
      defer { buffer.deallocate() }
      var start = 0
      while start < total {
        let end = min(start + buffer.count, total)
        let piece = UnsafeMutableRawBufferPointer(rebasing: buffer[..<(end - start)])
        try read(start..<end, piece)
        try writer.write(UnsafeRawBufferPointer(piece))
        start = end
      }
    case .floats(let read):
      let count = total / tensor.type.size
      let floats = UnsafeMutableBufferPointer<Float>.allocate(capacity: min(count, chunk))
      let converted = UnsafeMutableRawBufferPointer.allocate(byteCount: floats.count * tensor.type.size, alignment: 16)
      defer {
        floats.deallocate()
        converted.deallocate()
      }
      floats.initialize(repeating: 0)
      var start = 0
      while start < count {
        let end = min(start + floats.count, count)
        let piece = UnsafeMutableBufferPointer(rebasing: floats[..<(end - start)])
        try read(start..<end, piece)
        convert(piece, to: tensor.type, converted)
        try writer.write(UnsafeRawBufferPointer(rebasing: converted[..<(piece.count * tensor.type.size)]))
        start = end
      }
    }
  }

  private static func convert(
    _ values: UnsafeMutableBufferPointer<Float>, to type: SafetensorsType, _ bytes: UnsafeMutableRawBufferPointer
  ) {
    switch type {
    case .bfloat16:
      let target = bytes.bindMemory(to: UInt16.self)
      for index in values.indices { target[index] = ElementConversion.bfloat16(values[index]).littleEndian }
    case .float16:
      let target = bytes.bindMemory(to: UInt16.self)
      for index in values.indices { target[index] = ElementConversion.float16(values[index]).littleEndian }
    case .float64:
      let target = bytes.bindMemory(to: UInt64.self)
      for index in values.indices { target[index] = Double(values[index]).bitPattern.littleEndian }
    default:
      let target = bytes.bindMemory(to: UInt32.self)
      for index in values.indices { target[index] = values[index].bitPattern.littleEndian }
    }
  }
}
