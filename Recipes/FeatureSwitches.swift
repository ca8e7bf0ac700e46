import RecipeKit
import Releases

/// Switches that entail several settings; `generate` has a flag for each.
public enum FeatureSwitch {
  /// DeepEP kernels for the experts' all-to-all: the `flex` dispatcher, which excludes overlapped shared experts.
  public static var deepEP: RecipeGroup {
    RecipeGroup {
      Model()
        .moeTokenDispatcherType(.flex)
        .moeEnableDeepEP(true)
        .moeFlexDispatcherBackend(.deepep)
        .moeSharedExpertOverlap(false)
    }
  }

  /// Fused rotation for MLA: needs YaRN's rope type and Megatron-Core's experimental features.
  public static var ropeFusion: RecipeGroup {
    RecipeGroup {
      Model()
        .applyRopeFusion(true)
        .ropeType(.yarn)
      Distributed()
        .enableMegatronCoreExperimental(true)
    }
  }

  /// Muon in place of AdamW, with everything that Megatron wants changed for it.
  public static func muon(for release: Release) -> RecipeGroup { MoonlightDefaults.muon(for: release) }
}
