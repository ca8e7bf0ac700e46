package import ConfigDocument
import LaunchModel
package import Releases

/// For which releases the files are that a config builds on. They are told about, and not edited.
struct BaseReleases {
  let files: any ConfigFiles
  /// Every file with the release that it names.
  private(set) var named: [(path: String, release: Release)] = []
  private var seen: Set<String> = []

  init(of document: ParsedDocument, path: String, _ files: any ConfigFiles) {
    self.files = files
    add(document, path)
  }

  private mutating func add(_ document: ParsedDocument, _ path: String) {
    guard let extends = document.root?["extends"] else { return }
    for item in extends.items ?? [extends] {
      guard let name = item.scalar?.text, let base = ConfigLoader.basePath(named: name, in: path),
        seen.insert(files.identity(of: base)).inserted, let text = try? files.readBase(base)
      else { continue }
      let document = DocumentReader.read(bytes: text.bytes, name: base)
      if let release = document.namedRelease { named.append((base, release)) }
      add(document, base)
    }
  }
}

extension ParsedDocument {
  /// The release that a launch config names itself.
  package var namedRelease: Release? {
    let path = Path.software.megatronBridge
    return root?[path.section]?[path.field]?.scalar.flatMap { Release.named($0.text) }
  }
}
