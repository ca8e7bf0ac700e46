import Exporters
import LaunchModel
import Testing

/// What of the machine is in the container.
@Suite struct MountTests {
  @Test("folders of the config's paths are in the container")
  func mounts() throws {
    let settings = [
      "cluster.num_nodes=1", "cluster.container_image=image", "cluster.container_mounts=[\"/shared:/data\"]",
      "recipe.dir=/results", "dataset.data_paths=[/data/a.jsonl, /corpora/b/c.jsonl, here.jsonl]",
      "checkpoint.pretrained_checkpoint=/corpora/base", "tokenizer.tokenizer_model=/tokenizers/t",
    ]
    let config = try ExportCase.named("examples-files").config.with(settings)
    let stage = try Stage(config, TorchrunLauncher())
    #expect(try stage.run(["train"]).status == 0)
    let mounts = try #require(stage.calls("docker").first).arguments.filter { $0.hasPrefix("--volume=") }.dropFirst()
    #expect(
      mounts == [
        "--volume=/corpora:/corpora", "--volume=/results:/results", "--volume=/tokenizers:/tokenizers",
        "--volume=/shared:/data",
      ])
  }

  /// A mount of the config's within a folder that is mounted beside it stands behind that, which would hide it.
  @Test(arguments: ["docker", "apptainer"])
  func aNeededFolderHidesNothing(runtime: String) throws {
    let config = try ExportCase.named("examples-files").config.with([
      "cluster.num_nodes=1", "cluster.container_image=image", "cluster.container_runtime=\(runtime)",
      "cluster.container_mounts=[\"/fast:/data/cache\"]", "dataset.data_paths=[/data/a.jsonl]",
      "tokenizer.tokenizer_model=/data/tokenizer", "checkpoint.pretrained_checkpoint=/data/base",
      "recipe.dir=/data/runs",
    ])
    let stage = try Stage(config, TorchrunLauncher())
    #expect(try stage.run(["train"]).status == 0)
    let mounts = try #require(stage.calls(runtime).first).arguments.filter { $0.contains("/data") && $0.contains(":") }
    #expect(mounts.map { $0.drop { $0 != "/" } }.prefix(2) == ["/data:/data", "/fast:/data/cache"])
  }

  @Test(arguments: [
    ([#"cluster.container_mounts=["/a:/data", "/b:/data"]"#], "two mounts stand at `/data`"),
    ([#"cluster.container_mounts=["/a:/"]"#], "a mount at `/` would hide all that the container holds"),
    (
      [#"cluster.container_mounts=["/a:/data/sub", "/b:/data"]"#],
      "the mount at `/data` would hide the one at `/data/sub`"
    ),
    ([#"dataset.data_paths=["/data:1/a.jsonl"]"#], "`/data:1/a.jsonl` is not in the container"),
  ])
  func mountsThatCannotBe(settings: [String], problem: String) throws {
    let config = try ExportCase.named("examples-files").config.with(["cluster.container_image=image"] + settings)
    let problems = Launch.launch(of: config, by: TorchrunLauncher(), directory: "launch").problems
    #expect(problems.count == 1 && problems[0].message.text.hasPrefix(problem), "\(problems)")
  }
}
