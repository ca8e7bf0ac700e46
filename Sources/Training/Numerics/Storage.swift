#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// A zeroed, cache-line aligned array that lives outside Swift's heap, so that kernels may keep pointers into it.
///
/// Pages are touched on first use: what is never written costs no memory.
package final class Storage<Element: BitwiseCopyable>: @unchecked Sendable {
  package let base: UnsafeMutablePointer<Element>
  package let count: Int

  /// - Parameter isStreamed: asks the system for large pages, for what is written whole and read over and over from one end to
  ///   the other. Nothing of a large page is there without the rest.
  /// - Throws: `EngineError.outOfMemory`
  package init(count: Int, isStreamed: Bool = false) throws(EngineError) {
    let (bytes, overflow) = max(count, 1).multipliedReportingOverflow(by: MemoryLayout<Element>.stride)
    guard !overflow else { throw .outOfMemory(bytes: Int.max) }
    // Anonymous memory is zero, page aligned, and returned to the system at once when released.
    guard
      let memory = mmap(nil, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | Int32(MAP_ANONYMOUS), -1, 0),
      memory != MAP_FAILED
    else { throw .outOfMemory(bytes: bytes) }
    #if os(Linux)
      if isStreamed { madvise(memory, bytes, MADV_HUGEPAGE) }
    #endif
    self.base = memory.bindMemory(to: Element.self, capacity: max(count, 1))
    self.count = count
  }

  deinit { munmap(base, max(count, 1) * MemoryLayout<Element>.stride) }

  package var buffer: UnsafeMutableBufferPointer<Element> { UnsafeMutableBufferPointer(start: base, count: count) }
}

/// Hands out consecutive aligned pieces of one array; sized by a dry run of the same sequence of requests.
struct Arena {
  private(set) var used = 0
  private let base: UnsafeMutablePointer<Float>?

  /// A dry run that only counts.
  static var measuring: Arena { Arena(base: nil) }

  init(_ storage: Storage<Float>) { base = storage.base }

  private init(base: UnsafeMutablePointer<Float>?) { self.base = base }

  /// `count` floats; in a dry run a pointer that must not be followed.
  mutating func floats(_ count: Int) -> UnsafeMutablePointer<Float> {
    let start = used
    used += (count + 15) / 16 * 16
    return base.map { $0 + start } ?? Self.placeholder
  }

  mutating func integers(_ count: Int) -> UnsafeMutablePointer<Int32> {
    UnsafeMutableRawPointer(floats(count)).assumingMemoryBound(to: Int32.self)
  }

  mutating func bfloats(_ count: Int) -> UnsafeMutablePointer<UInt16> {
    UnsafeMutableRawPointer(floats((count + 1) / 2)).assumingMemoryBound(to: UInt16.self)
  }

  private static var placeholder: UnsafeMutablePointer<Float> {
    guard let pointer = UnsafeMutablePointer<Float>(bitPattern: 64) else { preconditionFailure("64 is not null") }
    return pointer
  }
}
