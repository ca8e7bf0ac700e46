internal import CKernels

/// The engine's threads. Work is split statically, so a result depends on the thread count alone, or taken in turn where a
/// result does not depend on who computes it.
///
/// Not for concurrent use: one body runs at a time, handed out by one caller.
package final class WorkerPool: @unchecked Sendable {
  package let threads: Int
  private let pool: OpaquePointer

  /// - Throws: `EngineError.cannotStartThreads` when the system refuses, or `threads` is not within 1...256.
  package init(threads: Int) throws(EngineError) {
    guard let pool = worker_pool_create(Int32(clamping: threads)) else {
      throw .cannotStartThreads(threads)
    }
    MatrixProduct.useCallingThreadOnly()
    self.pool = pool
    self.threads = threads
  }

  deinit { worker_pool_destroy(pool) }

  /// Runs `body(t)` on every thread t and waits for all. Within a body numbers below fp32's smallest normal one count as zero.
  func run(_ body: (Int) -> Void) {
    withoutActuallyEscaping(body) { escapable in
      var context = escapable
      withUnsafeMutablePointer(to: &context) { pointer in
        worker_pool_run(
          pool,
          { context, thread in
            context.assumingMemoryBound(to: ((Int) -> Void).self).pointee(Int(thread))
          }, pointer)
      }
    }
  }

  /// Within a body: the next of a queue's numbers from 0 on, each of which one thread gets. There is a queue for each thread.
  func take(from queue: Int) -> Int { Int(worker_pool_take(pool, Int32(queue))) }

  /// Within a body, on every thread: waits until all have come here.
  func barrier() { worker_pool_barrier(pool) }

  /// Splits `0..<count` into one contiguous range a thread, cut at multiples of `grain`.
  func forRanges(_ count: Int, grain: Int = 1, _ body: (Range<Int>) -> Void) {
    run { thread in
      let range = share(of: count, grain: grain, thread: thread)
      if !range.isEmpty { body(range) }
    }
  }

  /// The part of `0..<count` that belongs to `thread`.
  func share(of count: Int, grain: Int = 1, thread: Int) -> Range<Int> {
    let grains = (count + grain - 1) / grain
    let start = min(count, grains * thread / threads * grain)
    let end = min(count, grains * (thread + 1) / threads * grain)
    return start..<end
  }

  /// The part of a range of floats that belongs to `thread`: whole lines of the cache.
  func share(of range: Range<Int>, thread: Int) -> Range<Int> {
    let part = share(of: range.count, grain: 16, thread: thread)
    return range.lowerBound + part.lowerBound..<range.lowerBound + part.upperBound
  }
}
