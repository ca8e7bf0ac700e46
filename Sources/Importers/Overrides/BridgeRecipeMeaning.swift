import Diagnostics
import LaunchModel
package import Releases

/// What the recipe is called here that a name means to Megatron-Bridge of a release; `nil` for one that is not here.
package typealias BridgeRecipeNames = (_ name: String, _ release: Release) -> String?

/// A recipe that overrides are laid over, where its name means another one to Megatron-Bridge than in a launch config.
struct BridgeRecipeMeaning {
  private let written: String
  let name: String
  private let release: Release

  init?(_ written: String, in release: Release, _ naming: BridgeRecipeNames) {
    guard let name = naming(written, release), name != written else { return nil }
    (self.written, self.name, self.release) = (written, name, release)
  }

  func note(at place: SourceLocation) -> Diagnostic {
    Diagnostic(
      FieldRule.extends.code, .note,
      "`\(written)` is what megatron-bridge \(release.megatronBridge) means by it: `\(name)`", path: "extends",
      at: place)
  }
}
