import ConfigDocument
import Diagnostics
import LaunchModel

/// `textDocument/definition`: from a base to its file, from a field to the places in other files that give it a value
/// below this one, and from what would follow by itself to the values that it follows from.
enum DefinitionRequest: DocumentRequest {
  static let method = "textDocument/definition"
  static let capability = (name: "definitionProvider", value: ConfigValue.bool(true))

  static func answer(_ subject: RequestSubject) throws(CallError) -> ConfigValue {
    let analysis = subject.analysis
    guard let place = CursorPlace(try subject.offset(), in: analysis.document.root) else { return .null }
    if place.keys == ["extends"] { return base(named: place.scalar, subject) }
    guard let path = place.path(in: analysis.spelling), !path.field.isEmpty else { return .null }
    let own = analysis.config.value(at: path)?.origin.location
    let below = analysis.loaded.resolution.history(of: path).compactMap(\.origin.location).reversed()
      .filter { $0 != own || own?.file !== analysis.file }
    let sources = below.isEmpty ? analysis.config.sources(of: path) : []
    let places = below + sources.compactMap { analysis.config.value(at: $0)?.origin.location }
    // Flags stand in no file that an editor could open.
    return .list(places.filter { !$0.file.name.hasPrefix("--") }.map(subject.forms.location))
  }

  private static func base(named scalar: Node?, _ subject: RequestSubject) -> ConfigValue {
    guard let name = scalar?.scalar?.text,
      let path = ConfigLoader.basePath(named: name, in: subject.analysis.address.path)
    else { return .null }
    let start: ConfigValue = ["line": 0, "character": 0]
    let uri = subject.workspace.address(ofFile: path).uri
    return [["uri": .string(uri), "range": ["start": start, "end": start]]]
  }
}
