import ArgumentParser

/// The recipe under a file that says a part of a config: `--recipe`.
enum BaseRecipe {
  static let help = ArgumentHelp(
    "The recipe that overrides and parts of a config are laid over; `moonlight recipes` lists them.",
    valueName: "name")
}
