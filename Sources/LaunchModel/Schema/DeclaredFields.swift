import ConfigDocument
import Releases

/// What a release's classes make of the fields that are declared here: which of them it does not have, and where its
/// default is not the declaration's.
///
/// Written out by `moonlight-dev generate`: following it from the classes means reading the tables of two releases, which
/// takes a third of the time of a whole `moonlight validate`.
struct DeclaredFields: Sendable {
  /// A handful: looking through them takes less than finding them by hashes.
  private let absent: [FieldPath]
  /// In no particular order.
  let defaults: [Default]

  struct Default: Sendable {
    let section: String
    let field: String
    let value: ConfigValue
  }

  /// - Parameter text: a line for each field: section, name and, behind another tab, the default as JSON. Without one it is
  ///   not there.
  init(_ text: String) {
    var absent: [FieldPath] = []
    var defaults: [Default] = []
    for line in text.split(separator: "\n") {
      let columns = line.split(separator: "\t", maxSplits: 2).map(String.init)
      guard columns.count > 1 else { continue }
      guard columns.count == 3 else {
        absent.append(FieldPath(columns[0], columns[1]))
        continue
      }
      guard let value = ConfigValue(json: columns[2]) else { continue }
      defaults.append(Default(section: columns[0], field: columns[1], value: value))
    }
    self.absent = absent
    self.defaults = defaults
  }

  func has(_ field: String, in section: String) -> Bool {
    !absent.contains { $0.field == field && $0.section == section }
  }

  static func of(_ release: Release) -> DeclaredFields { byRelease[release] }

  private static let byRelease = PerRelease { DeclaredFields(texts[$0.megatronBridge] ?? "") }
}
