import ArgumentParser
import CommandSupport
import ConfigDocument
import LaunchModel
import RecipeKit
import Releases
import Reporting

/// `moonlight recipes`: what there is to start from.
struct Recipes: SessionCommand {
  static let configuration = CommandConfiguration(
    commandName: "recipes",
    abstract: "Lists recipes and model presets, or shows what one of them sets.",
    discussion: """
      EXAMPLES
        moonlight recipes
        moonlight recipes moonlight_16b_pretrain_config
        moonlight recipes moonlight-16b-a3b-documented
        moonlight recipes --format json
      """)

  enum Format: String, ArgumentWord {
    case text, json
  }

  @Argument(
    help: ArgumentHelp("A recipe or a preset to show.", valueName: "name"), completion: Completions.recipeOrModel)
  var name: String?

  @Option(help: "How it is written.")
  var format = Format.text

  @Option(
    help: ArgumentHelp("The release that a recipe is shown for; `moonlight releases` lists them.", valueName: "release")
  )
  var megatronBridge: Release?

  var release: Release? { megatronBridge }

  func run(in session: Session) throws -> ExitStatus {
    let book = session.recipes
    let description: RecipeDescription?
    if let name {
      description =
        book.recipe(named: name, for: session.release).map { RecipeDescription($0, for: session.release) }
        ?? book.model(named: name).map(RecipeDescription.init)
      guard description != nil else {
        throw CommandFailure.usage(
          "there is no recipe or preset `\(name)`",
          help: suggestion(for: name, among: book.recipeNames + book.models.map(\.name), "known"))
      }
    } else {
      description = nil
    }
    switch format {
    case .text:
      let style = session.console.outputStyle
      session.console.write(description?.text(style: style) ?? list(of: book, style: style))
    case .json:
      session.console.write(document: try JSONEmitter().emit(description?.tree ?? tree(of: book, for: session.release)))
    }
    return .success
  }

  private func list(of book: RecipeBook, style: TerminalStyle) -> String {
    var text = style.paint("Recipes", .strong) + " (generate --recipe NAME, extends: NAME)\n"
    for recipe in book.recipes {
      text +=
        "\n  \(style.paint(recipe.name, .help))\n" + wrapped(recipe.summary, width: style.textWidth, indent: "    ")
      if recipe.releases != .all { text += "    for Megatron-Bridge \(recipe.releases.versions)\n" }
      if !recipe.aliases.isEmpty { text += "    also: \(recipe.aliases.joined(separator: ", "))\n" }
    }
    text += "\n" + style.paint("Model presets", .strong) + " (generate --model NAME)\n"
    for model in book.models {
      text += "\n  \(style.paint(model.name, .help))\n" + wrapped(model.summary, width: style.textWidth, indent: "    ")
      text += wrapped("from: " + model.source, width: style.textWidth, indent: "    ")
    }
    return text
  }

  private func tree(of book: RecipeBook, for release: Release) -> ConfigValue {
    [
      "recipes": .list(book.recipes.map { .mapping(RecipeDescription($0, for: release).summaryTree) }),
      "models": .list(book.models.map { .mapping(RecipeDescription($0).summaryTree) }),
    ]
  }
}
