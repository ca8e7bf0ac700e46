import MoonlightRecipes
import RecipeKit
import TrainerCLI

TrainerTool(recipes: RecipeBook.shipped).main()
