#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// Writes scalars as TensorBoard reads them: an event file of `logger.tensorboard_dir`.
///
/// The file is a row of TFRecords: u64 length, masked CRC-32C of it, the message, masked CRC-32C of that. Messages are
/// protocol buffers of type `tensorflow.Event`.
package final class EventFileWriter {
  package let path: String
  private let descriptor: Int32
  private let fileSystem = POSIXFileSystem()

  /// Creates the folder and a new file in it.
  /// - Parameters:
  ///   - time: seconds since 1970, of the file's name and first event.
  ///   - resumedStep: tells TensorBoard to drop what an earlier file of the folder has from the next step on.
  /// - Throws: ``SystemError``.
  package init(
    directory: String, time: Double, resumedStep: Int = 0, host: String = "moonlight", process: Int32 = getpid()
  ) throws {
    try fileSystem.createDirectories(directory)
    let seconds = String(Int64(time.isFinite ? min(max(time, 0), 9e15) : 0))
    let stamp = String(repeating: "0", count: max(0, 10 - seconds.utf8.count)) + seconds
    path = FilePath.join(directory, "events.out.tfevents.\(stamp).\(host).\(process)")
    descriptor = try fileSystem.create(path)
    try write(EventMessage.version(time: time))
    if resumedStep > 0 { try write(EventMessage.start(time: time, step: Int64(resumedStep) + 1)) }
  }

  deinit { try? fileSystem.close(descriptor, path) }

  /// Appends the scalars of one step as one event.
  /// - Throws: ``SystemError``.
  package func append(_ scalars: [(tag: String, value: Double)], step: Int, time: Double) throws {
    try write(EventMessage.scalars(scalars.map { ($0.tag, Float($0.value)) }, step: Int64(step), time: time))
  }

  /// Appends a step's metrics under Megatron's tags where it has them.
  /// - Throws: ``SystemError``.
  package func append(_ metrics: StepMetrics, time: Double) throws {
    var scalars = [
      ("lm loss", metrics.loss), ("learning-rate", metrics.learningRate), ("grad-norm", metrics.gradientNorm),
      ("tokens-per-second", metrics.tokensPerSecond), ("iteration-time", metrics.seconds),
    ]
    if let evalLoss = metrics.evalLoss { scalars.append(("lm loss validation", evalLoss)) }
    scalars += metrics.others.sorted { $0.key < $1.key }
    try append(scalars.map { (tag: $0.0, value: $0.1) }, step: metrics.step, time: time)
  }

  private func write(_ message: [UInt8]) throws {
    try EventMessage.record(message).withUnsafeBytes { try fileSystem.write($0, to: descriptor, path) }
  }
}

/// The bytes of event messages and of their records.
enum EventMessage {
  /// What every file begins with.
  static func version(time: Double) -> [UInt8] {
    var message = ProtocolBuffer()
    message.double(1, time)
    message.bytes(3, Array("brain.Event:2".utf8))
    return message.content
  }

  /// A session that starts at a step.
  static func start(time: Double, step: Int64) -> [UInt8] {
    var session = ProtocolBuffer()
    session.integer(1, 1)  // SessionLog.START
    var message = ProtocolBuffer()
    message.double(1, time)
    message.integer(2, step)
    message.bytes(7, session.content)
    return message.content
  }

  static func scalars(_ scalars: [(tag: String, value: Float)], step: Int64, time: Double) -> [UInt8] {
    var summary = ProtocolBuffer()
    for scalar in scalars {
      var value = ProtocolBuffer()
      value.bytes(1, Array(scalar.tag.utf8))
      value.float(2, scalar.value)
      summary.bytes(1, value.content)
    }
    var message = ProtocolBuffer()
    message.double(1, time)
    message.integer(2, step)
    message.bytes(5, summary.content)
    return message.content
  }

  static func record(_ message: [UInt8]) -> [UInt8] {
    let length = withUnsafeBytes(of: UInt64(message.count).littleEndian) { Array($0) }
    return length + masked(length) + message + masked(message)
  }

  private static func masked(_ bytes: [UInt8]) -> [UInt8] {
    let sum = CRC32C.checksum(bytes)
    return withUnsafeBytes(of: ((sum >> 15 | sum << 17) &+ 0xA282_EAD8).littleEndian) { Array($0) }
  }
}

/// The wire format of protocol buffers, as far as events need it.
private struct ProtocolBuffer {
  private(set) var content: [UInt8] = []

  private mutating func varint(_ value: UInt64) {
    var value = value
    while value >= 0x80 {
      content.append(UInt8(truncatingIfNeeded: value) | 0x80)
      value >>= 7
    }
    content.append(UInt8(value))
  }

  private mutating func key(_ field: UInt64, _ type: UInt64) { varint(field << 3 | type) }

  mutating func integer(_ field: UInt64, _ value: Int64) {
    key(field, 0)
    varint(UInt64(bitPattern: value))
  }

  mutating func double(_ field: UInt64, _ value: Double) {
    key(field, 1)
    withUnsafeBytes(of: value.bitPattern.littleEndian) { content.append(contentsOf: $0) }
  }

  mutating func bytes(_ field: UInt64, _ value: [UInt8]) {
    key(field, 2)
    varint(UInt64(value.count))
    content += value
  }

  mutating func float(_ field: UInt64, _ value: Float) {
    key(field, 5)
    withUnsafeBytes(of: value.bitPattern.littleEndian) { content.append(contentsOf: $0) }
  }
}

/// CRC-32 with Castagnoli's polynomial, reflected.
enum CRC32C {
  private static let table: [UInt32] = (0..<256).map { index in
    (0..<8).reduce(UInt32(index)) { value, _ in value & 1 == 1 ? value >> 1 ^ 0x82F6_3B78 : value >> 1 }
  }

  static func checksum(_ bytes: [UInt8]) -> UInt32 {
    ~bytes.reduce(~UInt32(0)) { $0 >> 8 ^ table[Int(UInt8(truncatingIfNeeded: $0) ^ $1)] }
  }
}
