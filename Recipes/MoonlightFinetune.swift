import LaunchModel
import RecipeKit

extension Recipe {
  /// The documented finetuning runs: adapters on 8 GPUs without tensor and expert parallelism, or all weights.
  public static let moonlight16BFinetune = Recipe(
    "moonlight_16b_finetune_config",
    """
    Finetunes Moonlight-16B-A3B as documented, whatever a release means by these names: LoRA, DoRA or all weights.
    """, mode: .peft, model: .moonlight16BA3B, peft: .lora, aliases: ["moonlight_16b_peft_config"]
  ) { choices in
    documentedFinetuning(choices)
  }

  /// The documented finetuning run of all weights: 16 GPUs with TP 2 and EP 8.
  public static let moonlight16BSFT = Recipe(
    "moonlight_16b_sft_config",
    """
    Finetunes all weights of Moonlight-16B-A3B as documented (16 GPUs, TP 2, EP 8), whatever a release means by the name.
    """, mode: .sft, model: .moonlight16BA3B
  ) { choices in
    documentedFinetuning(choices)
  }

  private static func documentedFinetuning(_ choices: RecipeChoices) -> RecipeGroup {
    RecipeGroup {
      MoonlightDefaults.finetuning(choices)
      MoonlightDefaults.rowsOfTokenizer(choices)
      Tokenizer()
        .tokenizerType(.huggingFace)
        .tokenizerModel("moonshotai/Moonlight-16B-A3B")
        .hfTokenizerKwargs(["trust_remote_code": true])
      if choices.peft == nil {
        Cluster()
          .numNodes(2)
          .gpusPerNode(8)
        Parallelism()
          .tensorModelParallelSize(2)
          .pipelineModelParallelSize(1)
          .expertModelParallelSize(8)
        Optimizer()
          .lr(5e-6)
      } else {
        Cluster()
          .numNodes(1)
          .gpusPerNode(8)
        Parallelism()
          .tensorModelParallelSize(1)
          .pipelineModelParallelSize(1)
          .expertModelParallelSize(1)
        Optimizer()
          .lr(1e-4)
      }
    }
  }

  /// The tiny model, finetuned on one processor.
  public static let moonlightTinyFinetune = Recipe(
    "moonlight_tiny_finetune_config", "Finetunes the 6M model on the CPU engine: LoRA, DoRA or all weights.",
    mode: .peft, model: .moonlightTiny, peft: .lora, aliases: ["moonlight_tiny_finetune"]
  ) { choices in
    MoonlightDefaults.finetuning(choices)
    MoonlightDefaults.oneProcessor
    if let scheme = choices.peft {
      PEFT()
        .peftScheme(scheme)
        .dim(8)
        .alpha(16)
    }
    Train()
      .trainIters(200)
      .globalBatchSize(8)
    Evaluation()
      .evalInterval(50)
      .evalIters(4)
    Optimizer()
      .lr(choices.peft == nil ? 5e-4 : 5e-3)
    Scheduler()
      .lrWarmupIters(10)
  }
}
