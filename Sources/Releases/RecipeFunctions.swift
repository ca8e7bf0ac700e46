/// The recipes for Moonlight and its relatives that a release brings: functions, and further names of some of them.
public struct RecipeFunctions: Sendable {
  /// The functions, by their names.
  public let functions: [String]
  /// Short names, each with the function that it stands for.
  public let shortNames: [(name: String, function: String)]

  init(_ functions: [String], shortNames: [(name: String, function: String)] = []) {
    self.functions = functions
    self.shortNames = shortNames
  }
}

extension Release {
  /// The function that a name means on the release's own command lines and in its files; `nil` for a name of none of those
  /// that are listed.
  public func recipeFunction(named name: String) -> String? {
    let recipes = description.recipes
    return recipes.functions.contains(name) ? name : recipes.shortNames.first { $0.name == name }?.function
  }
}
