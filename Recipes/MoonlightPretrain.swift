import RecipeKit

extension Recipe {
  /// The documented pretraining run: AdamW, 16 GPUs, TP 2 and EP 8.
  public static let moonlight16BPretrain = Recipe(
    "moonlight_16b_pretrain_config",
    """
    Pretrains Moonlight-16B-A3B with AdamW as documented (16 GPUs, TP 2, EP 8), whatever a release means by the name.
    """, mode: .pretrain, model: .moonlight16BA3B, aliases: ["moonlight_16b_pretrain"]
  ) { choices in
    MoonlightDefaults.pretraining(choices)
  }

  /// The paper's run: Muon, its schedule of the first 200B tokens, 8K context.
  public static let moonlight16BPretrainMuon = Recipe(
    "moonlight_16b_pretrain_muon_config", "Pretrains Moonlight-16B-A3B with Muon as in the paper.",
    mode: .pretrain, model: .moonlight16BA3B, aliases: ["moonlight_16b_pretrain_muon"]
  ) { choices in
    MoonlightDefaults.pretraining(choices)
    Model()
      .seqLength(8192)
    Train()
      .trainIters(160_933)
      .globalBatchSize(2048)
    MoonlightDefaults.muon(for: choices.release)
    Optimizer()
      .lr(4.2e-4)
      .minLR(4.2e-5)
      .weightDecay(0.1)
    Scheduler()
      .lrDecayStyle(.cosine)
      .lrWarmupIters(2000)
      .startWeightDecay(0.1)
      .endWeightDecay(0.1)
  }

  /// The tiny model on one processor; any text file will do.
  public static let moonlightTinyPretrain = Recipe(
    "moonlight_tiny_pretrain_config", "Pretrains a 6M model of Moonlight's architecture on the CPU engine.",
    mode: .pretrain, model: .moonlightTiny, aliases: ["moonlight_tiny_pretrain"]
  ) { choices in
    tinyPretraining(choices)
    Optimizer()
      .lr(3e-3)
      .minLR(3e-4)
  }

  /// The same with Muon, for which a higher rate serves best here: its updates are as large as its matrices are wide.
  public static let moonlightTinyPretrainMuon = Recipe(
    "moonlight_tiny_pretrain_muon_config", "Pretrains the 6M model with Muon as in the paper, on the CPU engine.",
    mode: .pretrain, model: .moonlightTiny, aliases: ["moonlight_tiny_pretrain_muon"]
  ) { choices in
    tinyPretraining(choices)
    MoonlightDefaults.muon(for: choices.release)
    Optimizer()
      .lr(1e-2)
      .minLR(1e-3)
  }

  private static func tinyPretraining(_ choices: RecipeChoices) -> RecipeGroup {
    RecipeGroup {
      MoonlightDefaults.pretraining(choices)
      MoonlightDefaults.oneProcessor
      Train()
        .trainIters(400)
        .globalBatchSize(8)
      Evaluation()
        .evalInterval(100)
        .evalIters(4)
      Scheduler()
        .lrWarmupIters(20)
      Checkpoint()
        .saveInterval(200)
    }
  }
}
