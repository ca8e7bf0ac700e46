/// Where a loader finds texts.
package protocol ConfigFiles {
  /// The bytes of a file that the user named; `-` is standard input.
  func read(_ path: String) throws -> [UInt8]
  /// A file that `extends` names. Whoever wrote the config chose it, not the one who reads the config.
  func readBase(_ path: String) throws -> BaseText
  /// What all names of one file have in common, however many `..` and links lead to it.
  func identity(of path: String) -> String
}

/// The text of a base config.
package struct BaseText: Sendable {
  package let bytes: [UInt8]
  /// Whether it lies outside the project of the config that the user named, so that its lines are not shown.
  package let isWithheld: Bool

  package init(_ bytes: [UInt8], isWithheld: Bool = false) {
    self.bytes = bytes
    self.isWithheld = isWithheld
  }
}

/// Texts that are where their names say, such as those of a test.
struct TextsByName: ConfigFiles {
  let bytes: (String) throws -> [UInt8]

  init(read: @escaping (String) throws -> [UInt8]) { bytes = read }

  func read(_ path: String) throws -> [UInt8] { try bytes(path) }
  func readBase(_ path: String) throws -> BaseText { BaseText(try bytes(path)) }
  func identity(of path: String) -> String { path }
}
