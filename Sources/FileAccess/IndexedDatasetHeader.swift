#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// One of Megatron's indexed datasets by the beginning of its `.idx` and the size of its `.bin`.
///
/// Source: megatron-core 0.19.2 `datasets/indexed_dataset.py`, `_IndexReader`, `DType`.
package struct IndexedDatasetHeader: Hashable, Sendable {
  package let sequenceCount: Int
  /// `nil` where its tokens are not here.
  package let tokenCount: Int?

  private static let magic = Array("MMIDIDX\0\0".utf8)
  /// Magic, version, type, number of sequences.
  private static let byteCount = 9 + 8 + 1 + 8
  /// Of a token, by the code of its type.
  private static let tokenSizes: [UInt8: Int] = [1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 8, 7: 4, 8: 2]

  /// - Parameter path: as in `data_paths`, with or without `.bin` or `.idx`.
  /// - Returns: `nil` where there is no such file here, or it is no index.
  package init?(of path: String) {
    let prefix = path.hasSuffix(".bin") || path.hasSuffix(".idx") ? String(path.dropLast(4)) : path
    let descriptor = open(prefix + ".idx", O_RDONLY | O_NONBLOCK)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
    var bytes = [UInt8](repeating: 0, count: Self.byteCount)
    guard read(descriptor, &bytes, bytes.count) == bytes.count, bytes.starts(with: Self.magic),
      let sequences = Int(exactly: bytes[18...].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) })
    else { return nil }
    sequenceCount = sequences
    let hasTokens = stat(prefix + ".bin", &status) == 0 && status.st_mode & S_IFMT == S_IFREG
    tokenCount = hasTokens ? Self.tokenSizes[bytes[17]].map { Int(status.st_size) / $0 } : nil
  }
}
