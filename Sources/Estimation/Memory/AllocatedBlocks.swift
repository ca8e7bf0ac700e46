/// What PyTorch's caching allocator takes beside the bytes that it is asked for.
///
/// A block from 10 MiB on is cut from memory in units of 2 MiB, and what is left of it is split off only above 1 MiB
/// (PyTorch 2.11, `c10/cuda/CUDACachingAllocator.cpp`). A matrix of 11 MiB, as a routed expert of Moonlight has one,
/// therefore takes 12.
package enum AllocatedBlocks {
  /// Workspaces of cuBLAS on Hopper and later: PyTorch's own, Transformer Engine's, and one for each of the four
  /// streams of its grouped products, 32 MiB each.
  package static let workspaces = 6 * 32 * mebibyte

  /// Bytes lost by one tensor of so many.
  static func lost(by bytes: Double) -> Double {
    guard bytes >= 10 * mebibyte else { return 0 }
    let left = (bytes / (2 * mebibyte)).rounded(.up) * 2 * mebibyte - bytes
    return left <= mebibyte ? left : 0
  }

  private static let mebibyte = 1_048_576.0
}
