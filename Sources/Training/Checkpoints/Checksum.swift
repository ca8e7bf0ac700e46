internal import CKernels

/// CRC-32C of a run of bytes. It notices every change of up to 32 neighbouring bits, and every flip of one, two or three bits
/// anywhere in 256 MiB.
package struct Checksum: Hashable, Sendable, CustomStringConvertible {
  package private(set) var value: UInt32 = 0
  /// Bytes.
  package private(set) var count = 0

  /// Of no bytes.
  package init() {}

  package init(_ bytes: UnsafeRawBufferPointer) { append(bytes) }

  package mutating func append(_ bytes: UnsafeRawBufferPointer) {
    guard let base = bytes.baseAddress else { return }
    value = kernel_crc32c(value, base, bytes.count)
    count += bytes.count
  }

  /// Appends bytes of which the checksum alone is known.
  package mutating func append(_ other: Checksum) {
    value = kernel_crc32c_joined(value, other.value, other.count)
    count += other.count
  }

  /// - Parameter text: as ``description`` gives it.
  init?(_ text: some StringProtocol, count: Int) {
    guard text.utf8.count == 8, let value = UInt32(text, radix: 16) else { return nil }
    self.value = value
    self.count = count
  }

  /// Eight hexadecimal digits.
  package var description: String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 8 - digits.utf8.count) + digits
  }
}
