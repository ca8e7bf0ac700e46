import Releases
import Testing

@Suite struct ReleaseTests {
  @Test func everyReleaseIsFoundByItsName() {
    #expect(Release.all.contains(.current))
    for release in Release.all { #expect(Release.named(release.megatronBridge) == release) }
    #expect(Release.named("0.3") == nil)
  }

  @Test func setsGoByTheOrderOfReleases() throws {
    let (oldest, newest) = (try #require(Release.all.first), try #require(Release.all.last))
    #expect(ReleaseSet.all.releases == Release.all)
    #expect(ReleaseSet.since(oldest) == .all)
    #expect(ReleaseSet.until(newest) == .all)
    #expect(ReleaseSet.since(newest).releases == [newest])
    #expect(ReleaseSet.until(oldest).releases == [oldest])
    #expect(ReleaseSet.only(oldest).contains(oldest))
    #expect(ReleaseSet.where { $0.rampUp == .applied }.contains(.bridge031))
    #expect(ReleaseSet.where { _ in false }.releases == [])
  }

  @Test(arguments: [
    (UnsetExpertTensor.followsTensor, 2, 8, 2), (.followsTensor, 2, 1, 2), (.one, 2, 8, 1), (.one, 2, 1, 2),
  ])
  func anUnsetExpertTensorSize(fact: UnsetExpertTensor, tensor: Int, expert: Int, expected: Int) {
    #expect(fact.size(tensor: tensor, expert: expert) == expected)
  }

  /// What the loaders of 0.3.1 and of the newer releases make objects of.
  @Test(arguments: [
    ("megatron.bridge.peft.lora.LoRA", "peft", ObjectsInFiles.Verdict.taken),
    ("torch.bfloat16", "params_dtype", .taken), ("signal.Signals", "exit_signal", .taken),
    ("torch._C._nn.gelu", "activation_func", .taken),
    ("torch._C._nn.silu", "activation_func", .refusedName),
    ("megatron.bridge.data.hf_processors.squad.process_squad_example", "process_example_fn", .refusedField),
    ("ours.models.Provider", "model", .needsRegistration(package: "ours")),
    ("megatrons.Provider", "model", .needsRegistration(package: "megatrons")),
    ("torch", "model", .needsRegistration(package: "torch")),
  ])
  func objectsInFiles(name: String, field: String, verdict: ObjectsInFiles.Verdict) {
    #expect(Release.bridge031.objectsInFiles.verdict(on: name, in: field) == .taken)
    #expect(Release.bridge062.objectsInFiles.verdict(on: name, in: field) == verdict)
  }

  @Test(arguments: Release.all)
  func everyAttributeHasItsFieldsInTheTable(release: Release) {
    for attribute in release.classes.attributes {
      for key in attribute.fieldClasses {
        #expect(!release.fields.fields(of: key).isEmpty, "\(attribute.name): \(key)")
      }
    }
  }

  @Test(arguments: Release.all)
  func everyAttributeHasAClass(release: Release) {
    for attribute in release.classes.attributes {
      let name = release.className(of: attribute)
      #expect(name.hasPrefix("megatron."), "\(attribute.name)")
      #expect(release.isOwn(name, of: attribute) && !attribute.sameClasses.contains(name), "\(attribute.name)")
    }
  }

  @Test(arguments: [
    (Release.bridge031, "rng", "megatron.bridge.training.config.RNGConfig"),
    (.bridge051, "rng", "megatron.training.config.common_config.RNGConfig"),
    (.bridge062, "validation", "megatron.training.config.training_config.ValidationConfig"),
    (.bridge062, "model", "megatron.bridge.models.mla_provider.MLAModelProvider"),
    (.bridge062, "ddp", "megatron.bridge.training.config.DistributedDataParallelConfig"),
  ])
  func theClassOfAnAttribute(release: Release, name: String, expected: String) throws {
    let attribute = try #require(release.classes.attribute(named: name))
    #expect(release.className(of: attribute) == expected)
  }

  @Test(arguments: [
    (Release.bridge031, "muon_nesterov", "optimizer", String?.some("muon_use_nesterov")),
    (.bridge062, "muon_use_nesterov", "optimizer", "muon_nesterov"),
    (.bridge051, "lazy_init", "dist", "lazy_mpu_init"), (.bridge062, "lr", "optimizer", "lr"),
    (.bridge051, "hf_rewrite", "dataset", "rewrite"), (.bridge062, "recompute_method", "recompute", "recompute_method"),
    (.bridge062, "moe_use_legacy_grouped_gemm", "model", nil), (.bridge062, "lr", "no_section", nil),
  ])
  func aFieldIsCalledAsTheReleaseCallsIt(release: Release, name: String, section: String, expected: String?) {
    #expect(release.ownName(of: name, in: section) == expected)
  }

  /// Each release has one name of a renamed field, or none, never two.
  @Test(arguments: Release.all)
  func aRenamedFieldHasOneName(release: Release) throws {
    for field in FieldRename.all {
      let attribute = try #require(release.classes.attribute(ofSection: field.section))
      let present = [field.oldName, field.newName].filter { name in
        attribute.fieldClasses.contains { release.fields.field(name, of: $0) != nil }
      }
      #expect(present.count <= 1, "\(field.oldName)")
    }
  }

  @Test func theContainerSaysWhichAttributesItMustHave() {
    let release = Release.bridge031
    #expect(
      release.requiredAttributes == [
        "train", "model", "optimizer", "scheduler", "dataset", "logger", "tokenizer", "checkpoint",
      ])
    #expect(
      release.unmodelledAttributes == [
        "optimizer_config_override_provider", "ft", "straggler", "nvrx_straggler", "tensor_inspect",
        "inprocess_restart",
      ])
  }

  @Test func aFieldHasItsTypeAndDefault() {
    let fields = Release.bridge031.fields
    #expect(fields.field("lr", of: "optimizer") == ClassField(name: "lr", type: "float?", defaultText: "null"))
    #expect(fields.field("timers", of: "optimizer")?.type == nil)
    #expect(fields.field("lr", of: "scheduler") == nil)
    #expect(fields.field("lr", of: "no_class") == nil)
  }
}
