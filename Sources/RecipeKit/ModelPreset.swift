/// The architecture of a published model, with where its numbers come from.
public struct ModelPreset: RecipePart {
  /// What `--model` takes, such as `moonlight-16b-a3b`.
  public let name: String
  /// One line for people.
  public let summary: String
  /// Where the numbers come from.
  public let source: String
  public let settings: [RecipeSetting]

  public init(_ name: String, _ summary: String, source: String, @RecipeBuilder parts: () -> [RecipeSetting]) {
    self.name = name
    self.summary = summary
    self.source = source
    self.settings = parts()
  }
}
