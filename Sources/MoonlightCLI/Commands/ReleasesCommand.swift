import ArgumentParser
import CommandSupport
import ConfigDocument
import LaunchModel
import RecipeKit
import Releases
import Reporting

/// `moonlight releases`: the releases of Megatron that a config can be for.
struct ReleasesCommand: SessionCommand {
  static let configuration = CommandConfiguration(
    commandName: "releases",
    abstract: "Lists the releases of Megatron that configs are for, or shows what to install for one.",
    discussion: """
      EXAMPLES
        moonlight releases
        moonlight releases \(Release.current.megatronBridge)
        moonlight releases \(Release.current.megatronBridge) --requirements > requirements.txt
        moonlight releases --format json
      """)

  enum Format: String, ArgumentWord {
    case text, json
  }

  @Argument(help: ArgumentHelp("The version of Megatron-Bridge.", valueName: "release"))
  var name: Release?

  @Option(help: "How it is written.")
  var format = Format.text

  @Flag(help: "Writes the requirements file for pip, and nothing else.")
  var requirements = false

  func validate() throws {
    if requirements, name == nil { throw ValidationError("--requirements needs the name of a release.") }
  }

  func run(in session: Session) throws -> ExitStatus {
    let console = session.console
    if requirements, let name {
      console.write(document: name.requirements)
      return .success
    }
    let book = session.recipes
    switch format {
    case .text:
      let style = console.outputStyle
      console.write(name.map { Self.text(of: $0, book, style) } ?? Self.list(style))
    case .json:
      let tree = name.map { Self.tree(of: $0, book) } ?? .list(Self.newestFirst.map { Self.tree(of: $0, book) })
      console.write(document: try JSONEmitter().emit(tree))
    }
    return .success
  }

  private static var newestFirst: [Release] { Release.all.reversed() }

  private static func list(_ style: TerminalStyle) -> String {
    newestFirst.map { release in
      "  \(style.paint(release.megatronBridge, .help))  megatron-core \(release.megatronCore), "
        + "Python \(release.pythonVersions): \(state(of: release))\n"
    }.joined()
  }

  private static func state(of release: Release) -> String {
    release.state + (release == .current ? "; what is taken where a config names none" : "")
  }

  private static func text(of release: Release, _ book: RecipeBook, _ style: TerminalStyle) -> String {
    var text = style.paint("Megatron-Bridge \(release.megatronBridge)", .strong) + "\n"
    text += "  megatron-core: \(release.megatronCore)\n  Python: \(release.pythonVersions)\n"
    text += "  container: \(release.containerImage ?? ReleaseDescription.noContainer)\n"
    text += "  \(state(of: release))\n"
    text += "\n" + style.paint("Recipes", .strong) + "\n"
    text += recipes(of: release, book).map { "  \($0)\n" }.joined()
    let names = meanings(of: release, book)
    if !names.isEmpty {
      text += "\n" + style.paint("Names that Megatron-Bridge itself has for them", .strong) + "\n"
      text += names.map { "  \($0.name)\n    \($0.recipe)\n" }.joined()
    }
    text += "\n" + style.paint("To install", .strong) + " (--requirements writes it)\n"
    for line in release.requirements.split(separator: "\n") { text += "  \(line)\n" }
    return text
  }

  private static func tree(of release: Release, _ book: RecipeBook) -> ConfigValue {
    [
      "megatron_bridge": .string(release.megatronBridge), "megatron_core": .string(release.megatronCore),
      "python": .list(release.pythonMinors.map { .string("3.\($0)") }),
      "container_image": release.containerImage.map { .string($0) } ?? .null, "state": .string(release.state),
      "is_default": .bool(release == .current), "recipes": .list(recipes(of: release, book).map { .string($0) }),
      "recipe_names": .mapping(
        ConfigMapping(meanings(of: release, book).map { ConfigMapping.Entry($0.name, .string($0.recipe)) })),
      "requirements": .list(release.pins.map { .string($0) }),
    ]
  }

  private static func recipes(of release: Release, _ book: RecipeBook) -> [String] {
    book.recipes.filter { $0.releases.contains(release) }.map(\.name)
  }

  /// The names by which the release's own files and command lines call a recipe of another name here.
  private static func meanings(of release: Release, _ book: RecipeBook) -> [(name: String, recipe: String)] {
    (release.recipes.functions + release.recipes.shortNames.map(\.name)).compactMap { name in
      book.recipe(named: name, by: release).flatMap { $0.name == name ? nil : (name, $0.name) }
    }
  }
}
