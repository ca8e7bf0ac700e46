/// A release of Megatron-Bridge with the Megatron-Core that belongs to it: what a config is for.
///
/// What differs between releases is a property here, or a set of releases that a rule or a choice names.
/// A new release is a folder with its ``ReleaseDescription`` and its generated fields, a case, and a line in
/// `descriptions`.
@dynamicMemberLookup
public enum Release: Int, CaseIterable, Sendable {
  // In the order of time: `since` and `until` go by it.
  case bridge031, bridge051, bridge062

  /// Every release, the oldest first.
  public static var all: [Release] { allCases }

  /// The release of a config that names none.
  public static let current = Release.bridge062

  /// The release of the configs that this package wrote before they named one.
  public static let beforeNaming = Release.bridge031

  /// The release of a version of Megatron-Bridge, as in `0.3.1`.
  public static func named(_ megatronBridge: String) -> Release? { all.first { $0.megatronBridge == megatronBridge } }

  // At hand in one place, so that a rule reads its one fact there, rather than copies all of them.
  @usableFromInline static let descriptions: [ReleaseDescription] = allCases.map {
    switch $0 {
    case .bridge031: .bridge031
    case .bridge051: .bridge051
    case .bridge062: .bridge062
    }
  }

  @inlinable public var description: ReleaseDescription { Self.descriptions[rawValue] }

  /// `release.megatronCore` for `release.description.megatronCore`.
  @inlinable public subscript<Value>(dynamicMember property: KeyPath<ReleaseDescription, Value>) -> Value {
    Self.descriptions[rawValue][keyPath: property]
  }

  /// The pair in words: `megatron-bridge 0.6.2 with megatron-core 0.19.2`.
  public var packages: String {
    "megatron-bridge \(description.megatronBridge) with megatron-core \(description.megatronCore)"
  }

  /// Every field of the release's classes; read from its text when the first one is asked for.
  public var fields: FieldTable { description.fieldTable() }

  /// Every option of the command line of the release's Megatron-LM; read from its text when the first one is asked for.
  public var options: OptionTable { description.optionTable() }
}

extension Release: Comparable {
  /// Whether a release is the older one.
  public static func < (left: Release, right: Release) -> Bool { left.rawValue < right.rawValue }
}
