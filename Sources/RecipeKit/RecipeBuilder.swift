/// Collects the parts of a recipe; `if`, `switch` and `for` work as they read.
@resultBuilder
public enum RecipeBuilder {
  public static func buildExpression(_ part: some RecipePart) -> [RecipeSetting] { part.settings }
  public static func buildExpression(_ settings: [RecipeSetting]) -> [RecipeSetting] { settings }
  public static func buildBlock(_ parts: [RecipeSetting]...) -> [RecipeSetting] { parts.flatMap { $0 } }
  public static func buildOptional(_ part: [RecipeSetting]?) -> [RecipeSetting] { part ?? [] }
  public static func buildEither(first: [RecipeSetting]) -> [RecipeSetting] { first }
  public static func buildEither(second: [RecipeSetting]) -> [RecipeSetting] { second }
  public static func buildArray(_ parts: [[RecipeSetting]]) -> [RecipeSetting] { parts.flatMap { $0 } }
}

/// Parts that belong together and have a name, so that several recipes can share them.
public struct RecipeGroup: RecipePart {
  public let settings: [RecipeSetting]

  public init(@RecipeBuilder _ parts: () -> [RecipeSetting]) { settings = parts() }
}
