import ConfigDocument
import LaunchModel
import MoonlightRecipes
import RecipeKit
import Releases
import Testing
import Training

@testable import Trainer

/// No field of a config is ignored in silence: it is honoured, refused, or listed as without effect.
@Suite struct FieldSupportTests {
  private func support(
    _ settings: [(FieldPath, ConfigValue)] = [], for release: Release = .current
  ) -> FieldSupport {
    var layer = Layer(name: "test")
    for (path, value) in settings { layer.assign(path, value, .program) }
    return FieldSupport(.resolve([Recipe.moonlightTinyPretrain.layer(), layer], for: release))
  }

  @Test func everyFieldStandsInExactlyOneList() {
    let limited = FieldTreatment.limits.map(\.path)
    #expect(Set(limited).count == limited.count)
    for entry in LaunchConfig.sections where entry.schema.name != "peft" {
      for field in entry.schema.fields {
        let path = FieldPath(entry.schema.name, field.name)
        let places = [
          FieldTreatment.used.contains(path), limited.contains(path), FieldTreatment.idleness(path) != nil,
        ]
        #expect(places.filter { $0 }.count == 1, "\(path): used, limited, idle: \(places)")
      }
    }
  }

  @Test(arguments: [
    (Path.model.moeZLossCoefficient, ConfigValue.float(0.001), true),
    (Path.tokenizer.chatTemplate, "{{ messages }}", false),
    (Path.dataset.resetPositionIDs, true, false),
  ])
  func dataAreHonouredWhateverTheModelIs(path: FieldPath, value: ConfigValue, honoursData: Bool) {
    let support = support([(path, value)])
    #expect(!support.refusals.isEmpty)
    #expect(support.honoursData == honoursData)
  }

  @Test func everyListedFieldExists() {
    let carried = { (path: FieldPath) in
      Release.all.contains { CarriedFields.field(path.field, of: path.section, in: $0) != nil }
    }
    for path in FieldTreatment.used.union(FieldTreatment.idle.keys) {
      let isTyped = LaunchConfig.section(named: path.section)?.schema.field(named: path.field) != nil
      #expect(isTyped || carried(path), "\(path)")
    }
  }

  @Test func theShippedRecipesOfTheTinyModelAreHonoured() { #expect(support().refusals == []) }

  @Test(
    arguments: [
      (
        Path.model.multiLatentAttention, false,
        "model.multi_latent_attention is false; the CPU engine has multi-latent attention only"
      ),
      (Path.model.qkLayernorm, false, "model.qk_layernorm is false; the CPU engine always normalises the latents"),
      (
        Path.model.positionEmbeddingType, "learned_absolute",
        "model.position_embedding_type is learned_absolute; the CPU engine has rotary positions only"
      ),
      (Path.model.attentionDropout, 0.1, "model.attention_dropout is 0.1; the CPU engine has no dropout"),
      (Path.model.hiddenDropout, 0.1, "model.hidden_dropout is 0.1; the CPU engine has no dropout"),
      (Path.model.mtpNumLayers, 1, "model.mtp_num_layers is 1; the CPU engine has no multi-token prediction"),
      (
        Path.model.moeRouterLoadBalancingType, "sinkhorn",
        "model.moe_router_load_balancing_type is sinkhorn; the CPU engine has seq_aux_loss only"
      ),
      (
        Path.model.moeRouterLoadBalancingType, "aux_loss",
        "model.moe_router_load_balancing_type is aux_loss; the CPU engine has seq_aux_loss only"
      ),
      (Path.model.moeZLossCoefficient, 0.001, "model.moe_z_loss_coeff is 0.001; the CPU engine has no z-loss"),
      (
        Path.model.moeExpertCapacityFactor, 1.0,
        "model.moe_expert_capacity_factor is 1.0; the CPU engine drops no tokens"
      ),
      (Path.mixedPrecision.fp8, "hybrid", "mixed_precision.fp8 is hybrid; the CPU engine has bf16 and fp32"),
      (
        Path.optimizer.decoupledWeightDecay, false,
        "optimizer.decoupled_weight_decay is false; the CPU engine's AdamW and Muon decay weights apart from gradients"
      ),
      (
        Path.dataset.resetPositionIDs, true,
        "dataset.reset_position_ids is true; rotary positions are relative: set dataset.reset_attention_mask as well"
      ),
      (
        Path.dataset.dataloaderType, "cyclic",
        "dataset.dataloader_type is cyclic; the CPU engine reads samples in the order of dataset.shuffle"
      ),
      (
        Path.checkpoint.finetune, true,
        "checkpoint.finetune is true; name the weights in checkpoint.pretrained_checkpoint"
      ),
      (
        FieldPath("model", "window_size"), [128, 0],
        "model.window_size is [128, 0]; the CPU engine knows its default only"
      ),
      (
        FieldPath("optimizer", "decoupled_lr"), 0.1,
        "optimizer.decoupled_lr is 0.1; the CPU engine knows its default only"
      ),
      (
        FieldPath("train", "iterations_to_skip"), [3],
        "train.iterations_to_skip is [3]; the CPU engine knows its default only"
      ),
    ] as [(FieldPath, ConfigValue, String)])
  func aValueThatCannotBeHonouredIsRefused(path: FieldPath, value: ConfigValue, reason: String) {
    #expect(support([(path, value)]).refusals == [reason])
  }

  @Test func aRampUpIsAskedWhereTheReleaseAppliesIt() {
    let uneven: [(FieldPath, ConfigValue)] = [(Path.train.rampupBatchSize, [4, 3, 100])]
    #expect(
      support(uneven, for: .bridge031).refusals == [
        "train.rampup_batch_size is [4, 3, 100]; it must lead to global_batch_size in whole increments"
      ])
    #expect(support(uneven, for: .bridge062).refusals == [])
  }

  @Test(
    arguments: [
      (FieldPath("model", "window_size"), ConfigValue.null), (FieldPath("train", "iterations_to_skip"), .list([])),
      (FieldPath("model", "softmax_type"), "vanilla"), (Path.checkpoint.ckptStep, 3),
    ] as [(FieldPath, ConfigValue)])
  func aDefaultThatIsWrittenIsNoMatter(path: FieldPath, value: ConfigValue) {
    #expect(support([(path, value)]).refusals == [])
  }

  @Test func aFieldThatTheEngineHonoursNeedsNoProperty() {
    let fields = [
      FieldPath("rerun_state_machine", "check_for_nan_in_loss"), FieldPath("checkpoint", "exit_on_missing_checkpoint"),
    ]
    for path in fields { for value in [true, false] { #expect(support([(path, .bool(value))]).refusals == []) } }
  }

  @Test func momentsMustShareAFormatThatTheEngineHas() {
    let bf16: [(FieldPath, ConfigValue)] = [
      (Path.mixedPrecision.bf16, true), (Path.optimizer.usePrecisionAwareOptimizer, true),
    ]
    func refusals(_ first: String, _ second: String) -> Int {
      let moments: [(FieldPath, ConfigValue)] = [
        (Path.optimizer.expAvgDtype, .string(first)), (Path.optimizer.expAvgSqDtype, .string(second)),
      ]
      return support(bf16 + moments).refusals.count
    }
    #expect(refusals("bf16", "bf16") == 0 && refusals("fp32", "fp32") == 0)
    #expect(refusals("bf16", "fp32") == 1 && refusals("fp16", "fp16") == 1)
  }

  @Test func whatHasNoEffectIsListedByReason() {
    let groups = support([(Path.model.moePermuteFusion, true), (Path.logger.wandbProject, "moon")]).withoutEffect
    #expect(
      groups.first { $0.reason == "kernels and memory of GPUs" }?.fields.contains(Path.model.moePermuteFusion) == true)
    #expect(
      groups.first { $0.reason == "other reports than metrics.jsonl and TensorBoard" }?.fields
        .contains(Path.logger.wandbProject) == true)
    #expect(groups.flatMap(\.fields).allSatisfy { !FieldTreatment.used.contains($0) })
  }
}
