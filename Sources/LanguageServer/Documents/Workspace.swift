import ConfigDocument
import Diagnostics
package import LaunchModel
package import Releases

/// What a server needs of its surroundings.
package struct ServerSurroundings {
  package let recipes: any RecipeSource
  /// The disk, as the config of a path sees it.
  package let files: (_ path: String) -> any ConfigFiles
  /// What lies in a folder, for completion; empty for one that cannot be read.
  package let folder: (_ path: String) -> [FolderEntry]
  /// That of configs that name none, where whoever started the server says it.
  package let release: Release?

  package struct FolderEntry {
    package let name: String
    package let isFolder: Bool

    package init(name: String, isFolder: Bool) {
      self.name = name
      self.isFolder = isFolder
    }
  }

  package init(
    recipes: any RecipeSource, files: @escaping (String) -> any ConfigFiles,
    folder: @escaping (String) -> [FolderEntry], release: Release? = nil
  ) {
    self.recipes = recipes
    self.files = files
    self.folder = folder
    self.release = release
  }
}

/// The open documents.
struct Workspace {
  let surroundings: ServerSurroundings
  /// What was agreed on with the client.
  var encoding = PositionEncoding.utf16
  private var documents: [String: OpenDocument] = [:]
  /// The files that each document builds on, and its own; as identities.
  private var identities: [String: String] = [:]
  private var bases: [String: Set<String>] = [:]
  /// The latest analyses, the last one used at the end. Few are kept, since a config with all its layers is large.
  private var analyses: [(uri: String, analysis: Analysis)] = []
  private static let mostAnalyses = 4
  private var forms: [String: ReadableForm] = [:]
  /// Whose findings are not published yet: first what was edited last, then what builds on it.
  private(set) var changed: [String] = []
  /// Whether a document has changed by what it builds on, of which a client knows nothing.
  private(set) var hasChangedByBases = false

  init(_ surroundings: ServerSurroundings) { self.surroundings = surroundings }

  func document(_ uri: String) -> OpenDocument? { documents[uri] }

  mutating func open(_ document: OpenDocument) {
    let uri = document.address.uri
    documents[uri] = document
    identities[uri] = files(for: document.address.path).identity(of: document.address.path)
    noteChange(of: uri)
  }

  mutating func change(_ uri: String, _ changes: [ConfigValue], version: ConfigValue) throws(CallError) {
    guard var document = documents[uri] else { throw notOpen(uri) }
    defer {
      documents[uri] = document
      noteChange(of: uri)
    }
    try document.apply(changes, version: version)
  }

  mutating func close(_ uri: String) {
    documents[uri] = nil
    bases[uri] = nil
    forms[uri] = nil
    changed.removeAll { $0 == uri }
    // What builds on it goes by the disk again.
    noteChange(of: uri)
    identities[uri] = nil
  }

  /// Files on the disk have changed.
  mutating func noteChange(ofFiles uris: [String]) {
    for uri in uris {
      let path = DocumentAddress(uri: uri).path
      noteChange(ofIdentity: files(for: path).identity(of: path))
    }
  }

  mutating func takeChanged() -> String? { changed.isEmpty ? nil : changed.removeFirst() }

  mutating func takeChangedByBases() -> Bool {
    defer { hasChangedByBases = false }
    return hasChangedByBases
  }

  private mutating func noteChange(of uri: String) {
    forget(uri)
    if documents[uri] != nil {
      changed.removeAll { $0 == uri }
      changed.insert(uri, at: 0)
    }
    if let identity = identities[uri] { noteChange(ofIdentity: identity) }
  }

  private mutating func noteChange(ofIdentity identity: String) {
    for (other, bases) in bases.sorted(by: { $0.key < $1.key }) where bases.contains(identity) {
      forget(other)
      guard documents[other] != nil else { continue }
      if !changed.contains(other) { changed.append(other) }
      hasChangedByBases = true
    }
  }

  private mutating func forget(_ uri: String) { analyses.removeAll { $0.uri == uri } }

  /// - Throws: `invalidParams` for a document that is not open.
  mutating func analysis(of uri: String) throws(CallError) -> Analysis {
    if let index = analyses.firstIndex(where: { $0.uri == uri }) {
      let known = analyses.remove(at: index)
      analyses.append(known)
      return known.analysis
    }
    guard let document = documents[uri] else { throw notOpen(uri) }
    var open: [String: String] = [:]
    for (other, document) in documents where other != uri {
      if let identity = identities[other] { open[identity] = document.file.text }
    }
    let analysis = Analysis(
      document, surroundings.recipes, OpenFiles(open: open, disk: files(for: document.address.path)),
      release: surroundings.release, lastForm: forms[uri])
    forms[uri] = analysis.form
    bases[uri] = analysis.bases
    analyses.append((uri, analysis))
    if analyses.count > Self.mostAnalyses { analyses.removeFirst() }
    return analysis
  }

  /// The address of a file that a finding or a value stands in: as the client spells it, where it is open.
  func address(ofFile path: String) -> DocumentAddress {
    if let document = documents.values.first(where: { $0.address.path == path }) { return document.address }
    let identity = files(for: path).identity(of: path)
    if let uri = identities.filter({ $0.value == identity }).map(\.key).min() { return DocumentAddress(uri: uri) }
    return DocumentAddress(path: identity)
  }

  private func files(for path: String) -> any ConfigFiles { surroundings.files(path) }

  private func notOpen(_ uri: String) -> CallError { CallError(.invalidParams, "`\(uri)` is not open") }
}
