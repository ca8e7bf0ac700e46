import Foundation
import Testing

/// The rows of a file in Tests/Fixtures/topology, which Tests/Reference/topology_reference.py wrote.
func fixture(_ name: String) throws -> [[Any]] {
  try #require(fixtureValue(name) as? [[Any]])
}

func fixtureValue(_ name: String) throws -> Any {
  let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
  let file = folder.appendingPathComponent("Fixtures/topology/\(name).json")
  return try JSONSerialization.jsonObject(with: Data(contentsOf: file))
}

extension [Any] {
  /// A number of the row; `nil` where the row has `null`.
  func int(_ index: Int) -> Int? { self[index] as? Int }
  func string(_ index: Int) -> String? { self[index] as? String }
}
