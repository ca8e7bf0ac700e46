#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The beginning of the `.idx` of one of Megatron's indexed datasets: how many sequences it has.
///
/// Source: megatron-core 0.19.2 `datasets/indexed_dataset.py`, `_IndexReader`.
package enum IndexedDatasetHeader {
  private static let magic = Array("MMIDIDX\0\0".utf8)
  /// Magic, version, type, number of sequences.
  private static let byteCount = 9 + 8 + 1 + 8

  /// - Parameter path: as in `data_paths`, with or without `.bin` or `.idx`.
  /// - Returns: `nil` where there is no such file here, or it is no index.
  package static func sequenceCount(of path: String) -> Int? {
    let prefix = path.hasSuffix(".bin") || path.hasSuffix(".idx") ? String(path.dropLast(4)) : path
    let descriptor = open(prefix + ".idx", O_RDONLY | O_NONBLOCK)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
    var bytes = [UInt8](repeating: 0, count: byteCount)
    guard read(descriptor, &bytes, byteCount) == byteCount, bytes.starts(with: magic) else { return nil }
    return Int(exactly: bytes[18...].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) })
  }
}
