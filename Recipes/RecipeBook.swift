import RecipeKit

extension RecipeBook {
  /// Everything that ships with the package; a new recipe or preset needs its file and its line here.
  public static let shipped = RecipeBook(
    recipes: [
      .moonlight16BPretrain,
      .moonlight16BPretrainMuon,
      .moonlight16BFinetune,
      .moonlightTinyPretrain,
      .moonlightTinyPretrainMuon,
      .moonlightTinyFinetune,
    ],
    models: [
      .moonlight16BA3B,
      .moonlight16BA3BDocumented,
      .moonlightTiny,
      .kimiK2,
      .deepSeekV2Lite,
      .deepSeekV3,
    ])
}
