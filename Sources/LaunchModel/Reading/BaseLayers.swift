import ConfigDocument
import Diagnostics
import Releases

/// What a config builds on: the recipes and files of `extends`, of what these build on, and so on.
///
/// Each of them counts once, where it first stands. So of two bases with a base in common the second one does not undo
/// the first, no file is read twice, and the time it takes grows with the number of files, not with that of the ways
/// to them.
struct BaseLayers {
  /// Limits that no config comes near.
  private enum Limit {
    /// Recipes and files.
    static let count = 64
    /// Files that lead to one another.
    static let depth = 32
    static let byteCount = 64 << 20
  }

  private let recipes: any RecipeSource
  private let files: any ConfigFiles
  /// Lowest first.
  private var parts: [Part] = []
  private(set) var diagnostics: [Diagnostic] = []
  /// The files that led here.
  private var chain: [(identity: String, path: String)] = []
  private var taken: Set<Base> = []
  private var byteCount = 0
  private var isOverLimit = false

  /// Something that layers are made of, once the release is known.
  private enum Part {
    /// With the place that names it.
    case recipe(String, SourceLocation, in: ParsedDocument)
    case document(ParsedDocument, DocumentHead)
  }

  private enum Base: Hashable {
    case recipe(String)
    case file(identity: String)
  }

  /// A document with everything it builds on.
  init(_ document: ParsedDocument, path: String, _ recipes: any RecipeSource, _ files: any ConfigFiles) {
    self.recipes = recipes
    self.files = files
    add(document, path: path.withoutDots, identity: files.identity(of: path.withoutDots))
  }

  /// What each document says of the whole, lowest first.
  var heads: [DocumentHead] {
    parts.compactMap { part in
      if case .document(_, let head) = part { head } else { nil }
    }
  }

  /// The layers, lowest first, and what is wrong in the fields of any of them.
  func layers(for release: Release) -> (layers: [Layer], diagnostics: [Diagnostic]) {
    var layers: [Layer] = []
    var diagnostics: [Diagnostic] = []
    for (index, part) in parts.enumerated() {
      switch part {
      case .recipe(let name, let place, let document):
        layers += recipes.layers(ofRecipe: name, for: release) ?? []
        if let releases = recipes.releases(ofRecipe: name), !releases.contains(release) {
          diagnostics.append(diagnostic(.error, unsuited(name, releases, release), place, in: document))
        }
      case .document(let document, let head):
        // A base may be a ConfigContainer as well; its own release knows its classes.
        let container = head.container.map { BridgeReader.read(document, $0.fits(release) ? release : $0.release) }
        let reader = LayerReader(container?.document ?? document, for: release, spelling: .native(release))
        // The last one is what was asked for, and everything else a base.
        let isBase = index < parts.count - 1
        layers.append(isBase ? reader.layer.withoutDerivedCopies(below: layers, for: release) : reader.layer)
        diagnostics += document.file.isWithheld ? reader.diagnostics.map(\.withoutText) : reader.diagnostics
      }
    }
    return (layers, diagnostics)
  }

  private mutating func add(_ document: ParsedDocument, path: String, identity: String) {
    let head = DocumentHead(document)
    diagnostics += document.file.isWithheld ? head.diagnostics.map(\.withoutText) : head.diagnostics
    chain.append((identity, path))
    var named: Set<String> = []
    var isRepetitionTold = false
    for base in head.bases {
      let place = SourceLocation(document.file, base.range)
      if !named.insert(base.name).inserted, !isRepetitionTold {
        isRepetitionTold = true
        report(
          .warning, "`\(base.name)` stands in this list twice; it counts once, where it first stands", place,
          in: document)
      }
      if base.name.isPath {
        addFile(base.name, of: document, path: path, place)
      } else {
        addRecipe(base.name, of: document, place)
      }
      // One message about it is enough.
      if isOverLimit { break }
    }
    chain.removeLast()
    parts.append(.document(document, head))
  }

  private mutating func addRecipe(_ name: String, of document: ParsedDocument, _ place: SourceLocation) {
    guard take(.recipe(name), of: document, place) else { return }
    if recipes.releases(ofRecipe: name) != nil {
      parts.append(.recipe(name, place, in: document))
      return
    }
    let nearest = nearestName(to: name, among: recipes.recipeNames)
    report(
      .error, "there is no recipe `\(name)`", place, in: document,
      help: nearest.map { "did you mean `\($0)`?" } ?? "recipes: \(recipes.recipeNames.joined(separator: ", "))")
  }

  private mutating func addFile(_ name: String, of document: ParsedDocument, path: String, _ place: SourceLocation) {
    guard name.hasConfigEnding else {
      return report(
        .error, "`\(name)` is no config: the name of one ends in \(String.configEndings)", place, in: document)
    }
    let basePath = name.resolved(against: path)
    let identity = files.identity(of: basePath)
    if let index = chain.firstIndex(where: { $0.identity == identity }) {
      let cycle = (chain[index...].map(\.path) + [basePath]).joined(separator: " -> ")
      return report(.error, "`extends` goes in a circle: \(cycle)", place, in: document)
    }
    guard take(.file(identity: identity), of: document, place) else { return }
    guard chain.count < Limit.depth else {
      return report(.error, "`extends` is more than \(Limit.depth) files deep", place, in: document)
    }
    let text: BaseText
    do { text = try files.readBase(basePath) } catch {
      return report(.error, "`\(name)` cannot be read: \(error)", place, in: document)
    }
    byteCount += text.bytes.count
    guard byteCount <= Limit.byteCount else {
      isOverLimit = true
      return report(
        .error, "what this config builds on has more than \(Limit.byteCount >> 20) MiB of text", place, in: document)
    }
    let base = DocumentReader.read(bytes: text.bytes, name: basePath, format: nil, isWithheld: text.isWithheld)
    add(base, path: basePath, identity: identity)
  }

  /// Whether a base is still to be added: it is new, and not one too many.
  private mutating func take(_ base: Base, of document: ParsedDocument, _ place: SourceLocation) -> Bool {
    guard !isOverLimit, taken.insert(base).inserted else { return false }
    guard taken.count <= Limit.count else {
      isOverLimit = true
      report(.error, "`extends` leads to more than \(Limit.count) recipes and files", place, in: document)
      return false
    }
    return true
  }

  private mutating func report(
    _ severity: Severity, _ message: String, _ place: SourceLocation, in document: ParsedDocument, help: String? = nil
  ) {
    diagnostics.append(diagnostic(severity, message, place, in: document, help: help))
  }

  private func diagnostic(
    _ severity: Severity, _ message: String, _ place: SourceLocation, in document: ParsedDocument, help: String? = nil
  ) -> Diagnostic {
    let diagnostic = Diagnostic(FieldRule.extends.code, severity, message, help: help, path: "extends", at: place)
    return document.file.isWithheld ? diagnostic.withoutText : diagnostic
  }

  private func unsuited(_ name: String, _ releases: ReleaseSet, _ release: Release) -> String {
    "`\(name)` is a recipe of Megatron-Bridge \(releases.versions), and the config is for \(release.megatronBridge)"
  }
}

extension ConfigLoader {
  /// The path of the file that `extends` names in a config; `nil` for the name of a recipe.
  package static func basePath(named name: String, in path: String) -> String? {
    name.isPath ? name.resolved(against: path.withoutDots) : nil
  }

  /// The path of the file that a script sources by a name.
  package static func sourcedPath(_ name: String, in path: String) -> String {
    name.resolved(against: path.withoutDots)
  }
}

extension Diagnostic {
  /// The same without a word of the text that it is about: what it breaks and where, and nothing that stands there.
  fileprivate var withoutText: Diagnostic {
    let title =
      FieldRule.all.first { $0.code == code }?.title ?? DocumentRule.all.first { $0.code == code }?.title
      ?? code.rawValue
    return Diagnostic(
      code, severity, title,
      help: "the file lies outside the config's project: `--show-external` shows what stands there",
      at: location)
  }
}

extension String {
  fileprivate static let configEndings = ".yaml, .yml or .json"

  fileprivate var hasConfigEnding: Bool { [".yaml", ".yml", ".json"].contains { hasSuffix($0) } }

  /// A base with a slash or a file ending is a path, anything else a recipe.
  fileprivate var isPath: Bool { utf8.contains(UInt8(ascii: "/")) || hasConfigEnding }

  /// Relative paths start at the folder of the file that names them.
  fileprivate func resolved(against file: String) -> String {
    guard !hasPrefix("/"), let slash = file.lastIndex(of: "/") else { return withoutDots }
    return (String(file[...slash]) + self).withoutDots
  }

  /// `./a/./b` is `a/b`. What `..` leads to depends on links, so it stays.
  fileprivate var withoutDots: String {
    // Nearly every path has neither a dot by itself nor a slash too many.
    let bytes = utf8
    let isPlain = zip(bytes, bytes.dropFirst()).allSatisfy {
      $0 != UInt8(ascii: "/") || $1 != $0 && $1 != UInt8(ascii: ".")
    }
    if isPlain, bytes.first != UInt8(ascii: "."), bytes.last != UInt8(ascii: "/") { return self }
    let parts = split(separator: "/").filter { $0 != "." }.joined(separator: "/")
    return hasPrefix("/") ? "/" + parts : parts
  }
}
