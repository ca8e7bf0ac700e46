import RecipeKit

extension RecipeBook {
  /// Everything that ships with the package; a new recipe or preset needs its file and its line here.
  public static let shipped = RecipeBook(
    recipes: [
      .moonlight16BPretrain,
      .moonlight16BPretrainMuon,
      .moonlight16BFinetune,
      .moonlight16BSFT,
      .moonlight16BPretrain8GPU,
      .moonlight16BPretrain16GPU,
      .moonlight16BSFT8GPU,
      .moonlight16BSFT8GPUTP1,
      .moonlight16BSFT8GPU8K,
      .moonlight16BPEFT2GPU,
      .moonlight16BPEFT4GPU,
      .deepSeekV2LitePretrain8GPU,
      .deepSeekV3Pretrain1024GPU,
      .deepSeekV3Pretrain256GPU,
      .kimiK2Pretrain512GPU,
      .bridgeMoonlight16BPretrain,
      .bridgeMoonlight16BSFT,
      .bridgeMoonlight16BPEFT,
      .deepSeekV2LitePretrain,
      .deepSeekV3Pretrain,
      .deepSeekV3Pretrain32Nodes,
      .kimiK2Pretrain,
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
