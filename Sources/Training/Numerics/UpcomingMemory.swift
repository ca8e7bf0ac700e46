internal import CKernels

/// Memory that a thread reads soon: a hint for the product before. An address alone, since nothing is read through it.
struct UpcomingMemory: Sendable {
  private let address: UInt
  private let bytes: Int

  init(_ start: UnsafeRawPointer, bytes: Int) {
    address = UInt(bitPattern: start)
    self.bytes = bytes
  }

  init<Element>(_ start: UnsafePointer<Element>, count: Int) {
    self.init(start, bytes: count * MemoryLayout<Element>.stride)
  }

  /// Some rows of `matrix` [., width].
  init(_ rows: Range<Int>, of matrix: UnsafeMutablePointer<Float>, width: Int) {
    self.init(UnsafePointer(matrix) + rows.lowerBound * width, count: rows.count * width)
  }

  static func forKernel(_ memory: UpcomingMemory?) -> memory_region {
    guard let memory else { return memory_region() }
    return memory_region(start: UnsafeRawPointer(bitPattern: memory.address), bytes: memory.bytes)
  }
}
