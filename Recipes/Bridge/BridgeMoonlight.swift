import LaunchModel
import RecipeKit

// `recipes/moonlight/` of Megatron-Bridge, as far as its releases agree.

extension BridgeRecipes {
  static let moonlightName = "moonshotai/Moonlight-16B-A3B"

  /// The pretraining functions beside the model and the number of GPUs.
  static var moonlightPretraining: RecipeGroup {
    RecipeGroup {
      preciseOptimizer
      frequentCollection
      layout(nil)
      Model()
        .seqLength(4096)
      Dataset()
        .split("99990,8,2")
    }
  }

  /// As few GPUs as hold TP 2 and EP 8.
  static var moonlightOnEightGPUs: RecipeGroup {
    RecipeGroup {
      Cluster()
        .numNodes(1)
        .gpusPerNode(8)
      Parallelism()
        .tensorModelParallelSize(2)
        .expertModelParallelSize(8)
      Recompute()
        .recomputeGranularity(.selective)
      Train()
        .trainIters(500_000)
        .globalBatchSize(2048)
    }
  }

  /// The finetuning functions of 0.5.1 and before, and the one for two GPUs of 0.6.2, beside the model and the number of
  /// GPUs.
  static func moonlightFinetuning(_ choices: RecipeChoices) -> RecipeGroup {
    RecipeGroup {
      adapters(choices)
      packed(into: 4096, multiple: 1)
      layout(nil)
      preciseOptimizer
      frequentCollection
      Recompute()
        .recomputeGranularity(.selective)
      Optimizer()
        .adamEps(1e-5)
      Checkpoint()
        .saveInterval(50)
    }
  }

  static var adaptersOnTwoGPUs: RecipeGroup {
    RecipeGroup {
      Cluster()
        .numNodes(1)
        .gpusPerNode(2)
      Parallelism()
        .expertModelParallelSize(2)
      Optimizer()
        .lr(1e-4)
    }
  }

  /// Examples packed beforehand into sequences of one length.
  ///
  /// - Parameter multiple: what each example is padded to.
  static func packed(into length: Int, multiple: Int) -> RecipeGroup {
    RecipeGroup {
      Model()
        .seqLength(length)
      Dataset()
        .packedSequenceSize(length)
        .padSeqToMult(multiple)
    }
  }
}
