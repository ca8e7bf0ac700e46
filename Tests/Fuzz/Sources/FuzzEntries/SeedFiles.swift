import Foundation

/// Files of this repository to begin with.
enum SeedFiles {
  /// The root of the repository, or what stands for it on a machine without the sources.
  private static let root =
    ProcessInfo.processInfo.environment["FUZZ_ROOT"].map { URL(fileURLWithPath: $0) }
    ?? URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  /// The bytes of every file below a folder whose name ends so, in the order of their paths.
  static func all(in folder: String, endings: [String]) -> [[UInt8]] {
    let base = root.appendingPathComponent(folder)
    let names = FileManager.default.enumerator(atPath: base.path)?.compactMap { $0 as? String } ?? []
    return names.filter { name in endings.contains { name.hasSuffix($0) } }.sorted()
      .compactMap { try? Data(contentsOf: base.appendingPathComponent($0)) }.filter { $0.count <= 1 << 16 }
      .map { Array($0) }
  }

  static func file(_ path: String) -> [UInt8] {
    (try? Data(contentsOf: root.appendingPathComponent(path))).map { Array($0) } ?? []
  }
}
