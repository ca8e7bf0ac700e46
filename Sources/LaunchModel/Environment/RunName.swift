/// The rule for `recipe.name`: it names one folder below `recipe.dir`.
package enum RunName {
  /// Bytes that file systems take in one name.
  private static let longest = 255

  /// Why a name cannot be that of a folder, as the end of a sentence; `nil` where it can.
  package static func problem(_ name: String) -> String? {
    if name.isEmpty { return "is empty" }
    if name == "." || name == ".." { return "is `\(name)`, which names no folder of its own" }
    if name.utf8.contains(UInt8(ascii: "/")) { return "holds a `/`, which would lead to another folder" }
    if name.unicodeScalars.contains(where: { $0.value < 0x20 || (0x7F..<0xA0).contains($0.value) }) {
      return "holds a control character"
    }
    if name.utf8.count > longest { return "has \(name.utf8.count) bytes; a folder's name has at most \(longest)" }
    return nil
  }
}
