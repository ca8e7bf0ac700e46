/// What distinguishes one release from another.
public struct ReleaseDescription: Sendable {
  /// The version of the package megatron-bridge, by which a release is called.
  public let megatronBridge: String
  /// The version of the package megatron-core that the release is made for.
  public let megatronCore: String
  /// The versions of Python that both packages run on: 3.x for each x.
  public let pythonMinors: ClosedRange<Int>
  /// The container image that brings it, as Docker takes it; `nil` where none is named for exactly this version.
  ///
  /// Megatron-Bridge's documentation names the NeMo Framework of each of its versions (`docs/versions1.json` at v0.6.0;
  /// for 0.3.1 also `docs/releases/known-issues.md`), and its README.md the image of a NeMo Framework:
  /// `nvcr.io/nvidia/nemo` with that tag.
  public let containerImage: String?
  /// What is to be known of it, in a few words.
  public let state: String
  /// Whether Transformer Engine is an extra of megatron-bridge, and not among what it always asks for.
  public let hasTransformerEngineExtra: Bool
  /// The classes of a `ConfigContainer`.
  public let classes: ContainerClasses

  /// The recipes for Moonlight and its relatives that it brings.
  public let recipes: RecipeFunctions
  /// The config.json files that it reads.
  public let huggingFaceModels: HuggingFaceModels

  // What differs in value; a new fact needs its property here and its line in every release.

  /// What becomes of `virtual_pipeline_model_parallel_size: 1` on a pipeline.
  public enum SingleVirtualStage: Sendable {
    /// It runs, unless the loader gives whole batches: that one makes no list of iterators for one chunk.
    case failsWithWholeBatches
    /// No loader makes that list, and the first step refuses.
    case fails
  }

  /// What an unset `expert_tensor_parallel_size` becomes.
  public let unsetExpertTensor: UnsetExpertTensor
  /// What `rampup_batch_size` does.
  public let rampUp: RampUp
  /// What a pipeline with a virtual size of one does.
  public let singleVirtualStage: SingleVirtualStage
  /// Whether the last group of uniform recomputation may hold fewer layers than the others.
  public let recomputesPartialGroups: Bool
  /// Whether the flex dispatcher, too, overlaps the shared experts.
  public let flexOverlapsSharedExperts: Bool
  /// Whether a deterministic run may use flash attention.
  public let flashAttentionIsDeterministic: Bool
  /// Whether `a2a+p2p` is refused without the sizes of its levels.
  public let hierarchicalContextNeedsSizes: Bool
  /// Whether multi-latent attention refuses `qk_l2_norm`, instead of passing it over.
  public let latentAttentionRefusesL2Norm: Bool
  /// Whether multi-latent attention with `qk_layernorm` has a norm in front of the query projection where there is no
  /// query latent (`megatron/core/transformer/mla_qk_norm_config.py`). No model of the DeepSeek family has one.
  public let normsQueriesWithoutLatent: Bool
  /// Whether it writes adapters as peft reads them (`AutoBridge.export_adapter_ckpt`), rather than only merge them.
  public let exportsAdapters: Bool
  /// The Python module of the datasets of conversations.
  public let conversationModule: String
  /// Whether plain `muon` is refused on the distributed optimizer, whose gradients are reduced in part on each replica.
  public let refusesMuonOnDistributedOptimizer: Bool
  /// Whether a WSD schedule counted in steps anneals from its start where `lr_wsd_decay_iters` is not set.
  public let annealsThroughoutByDefault: Bool
  /// Whether `use_sharp` for the group `dp` asks for that group before it is made.
  public let asksForSharpGroupTooEarly: Bool

  /// Whether Megatron-LM's command line takes Transformer Engine's fused cross entropy, as Megatron-Bridge does.
  public let commandLineTakesTECrossEntropy: Bool

  /// Of what the loader of files makes objects.
  public let objectsInFiles: ObjectsInFiles

  let fieldTable: @Sendable () -> FieldTable
  let optionTable: @Sendable () -> OptionTable
}

extension Release {
  /// Whether a switch spreads Muon's matrices over replicas, and not the name `dist_muon`, which is then deprecated.
  public var hasLayerWiseSwitch: Bool { ownName(of: "use_layer_wise_distributed_optimizer", in: "optimizer") != nil }
}

/// What an unset `expert_tensor_parallel_size` becomes in Megatron-Bridge.
public enum UnsetExpertTensor: Sendable {
  /// The tensor parallel size.
  case followsTensor
  /// One where experts are spread (`expert_model_parallel_size` > 1), the tensor parallel size where they are not.
  case one

  /// The size of an expert's tensor group, for sizes that may themselves be wrong.
  public func size(tensor: Int, expert: Int) -> Int {
    switch self {
    case .followsTensor: tensor
    case .one: expert > 1 ? 1 : tensor
    }
  }
}

/// What becomes of `rampup_batch_size`.
public enum RampUp: Sendable {
  /// The batch grows in steps, and start-up refuses what cannot.
  case applied
  /// Accepted and passed over with a warning: every step has the whole batch.
  case ignored
}
