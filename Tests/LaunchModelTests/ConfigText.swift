import ConfigDocument
import LaunchModel
import MoonlightRecipes
import RecipeKit
import Releases

/// A config as text, with files beside it that it may extend.
struct ConfigText {
  let text: String
  let name: String
  let files: [String: String]

  init(_ text: String, name: String = "config.yaml", files: [String: String] = [:]) {
    self.text = text
    self.name = name
    self.files = files
  }

  struct NoSuchFile: Error, CustomStringConvertible {
    var description: String { "no such file" }
  }

  /// - Parameter release: what the command line asks for.
  func load(overrides: [String] = [], for release: Release? = nil) -> ConfigLoader.LoadedConfig {
    let loader = ConfigLoader(recipes: RecipeBook.shipped, release: release) { [files] path in
      guard let file = files[path] else { throw NoSuchFile() }
      return Array(file.utf8)
    }
    let document = DocumentReader.read(text: text, name: name)
    return loader.load(document, path: name, overrides: Overrides(overrides))
  }

  /// A config as `generate` writes it.
  static func emitted(_ config: LaunchConfig) -> String {
    YAMLEmitter(comments: config.comments).emit(.mapping(config.withCanonicalLayout().tree))
  }

  static func generated(_ recipe: Recipe) -> String { emitted(.resolve([recipe.layer()])) }
}
