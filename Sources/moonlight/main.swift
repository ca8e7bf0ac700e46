import MoonlightCLI
import MoonlightRecipes
import RecipeKit

MoonlightTool(recipes: .shipped).main()
