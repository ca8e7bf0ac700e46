#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Files beside the tests.
enum Fixture {
  /// The bytes of a file, by its path from Tests/Fixtures; empty where it cannot be read.
  static func bytes(_ path: String, from here: String = #filePath) -> [UInt8] {
    let tests = here.split(separator: "/", omittingEmptySubsequences: false).dropLast(2).joined(separator: "/")
    guard let file = fopen("\(tests)/Fixtures/\(path)", "rb") else { return [] }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = fread(&buffer, 1, buffer.count, file)
      guard count > 0 else { return bytes }
      bytes += buffer[..<count]
    }
  }
}
