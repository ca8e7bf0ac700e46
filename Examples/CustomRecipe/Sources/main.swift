// A `moonlight` with a recipe of its own: everything of the shipped pretraining recipe, on 64 GPUs with a pipeline.
//
//     swift run custom-recipe generate pretrain --recipe our_64gpu_pretrain_config -o ours.yaml
//     swift run custom-recipe generate pretrain --model our-47-layers --gpus 64 -o larger.yaml

import MoonlightCLI
import MoonlightRecipes
import RecipeKit

extension Recipe {
  static let ours = Recipe.moonlight16BPretrain.extended(
    "our_64gpu_pretrain_config", "Pretrains Moonlight-16B-A3B on our 64 GPUs."
  ) { _ in
    Cluster()
      .numNodes(8)
      .gpusPerNode(8)
    Parallelism()
      .pipelineModelParallelSize(4)
    Train()
      .trainIters(100_000)
    Optimizer()
      .lr(4.2e-4)
  }
}

let book = RecipeBook(
  recipes: RecipeBook.shipped.recipes + [.ours], models: RecipeBook.shipped.models + [.our47Layers])
MoonlightTool(recipes: book).main()
