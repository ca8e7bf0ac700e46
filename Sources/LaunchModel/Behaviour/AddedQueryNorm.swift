package import Releases

/// A norm in front of the query projection of latent attention that a release's Megatron-Core builds with `qk_layernorm`
/// where there is no query latent, and that no released model has. The programs of an exported launch build the projection
/// without it; Megatron-Bridge's own and Megatron-LM's build what the core makes.
package struct AddedQueryNorm: Sendable {
  package let release: Release
  private let numLayers: Int
  private let weightsOfLayer: Int

  /// - Returns: `nil` where the core builds what the config says.
  package init?(_ config: borrowing LaunchConfig) {
    let model = config.model
    guard config.release.normsQueriesWithoutLatent, model.multiLatentAttention, model.qkLayernorm,
      model.qLoraRank == nil
    else { return nil }
    release = config.release
    numLayers = model.numLayers
    weightsOfLayer = model.hiddenSize
  }

  /// What happens to a model that is built so.
  package var consequence: Message {
    """
    megatron-core \(release.megatronCore) puts a second norm in front of the query projection of each of the \
    \(numLayers) layers, \(weightsOfLayer) weights that the released models do not have: importing Hugging Face weights \
    fails, and pretraining makes another model
    """
  }

  /// How to have the released model.
  package var wayOut: Message {
    let launch: Message = "run it by the programs of `moonlight export --to torchrun`, which build it without"
    guard let other = Release.all.last(where: { !$0.normsQueriesWithoutLatent }) else { return launch }
    return launch + ", or use Megatron-Bridge \(other.megatronBridge)"
  }
}
