import Exporters
import Foundation
import Testing

/// What the launchers write is bash, whatever the config holds.
@Suite struct ScriptFormTests {
  @Test(arguments: ExportCase.all)
  func scriptsAreValidBash(_ example: ExportCase) throws {
    for script in try scripts(example) {
      let answer = try Bash.run(["-n", "-s"], input: script)
      #expect(answer.status == 0, "\(answer.errors)")
    }
  }

  /// Where shellcheck is installed; it is not needed to build or to run.
  @Test(.enabled(if: Self.shellcheck != nil), arguments: ExportCase.all)
  func shellcheckHasNothingToSay(_ example: ExportCase) throws {
    let shellcheck = try #require(Self.shellcheck)
    for script in try scripts(example) {
      let answer = try Bash.run(["-c", "exec \(shellQuoted(shellcheck)) --shell=bash -"], input: script)
      #expect(answer.status == 0, "\(answer.text)")
    }
  }

  private static let shellcheck: String? = {
    if let path = ProcessInfo.processInfo.environment["SHELLCHECK"] { return path }
    let answer = try? Bash.run(["-c", "command -v shellcheck"])
    return answer?.status == 0 ? answer?.text.trimmingCharacters(in: .newlines) : nil
  }()

  private func scripts(_ example: ExportCase) throws -> [String] {
    let hostile = [
      "cluster.container_mounts=[\"/data $(x)\", \"/it's:/b:ro\"]",
      #"cluster.setup_commands=["module load 'a", "source x"]"#,
      "cluster.qos=\"q q\"", "cluster.gpu_request=gres", "cluster.gpu_type=h100", "cluster.partition=p",
    ]
    var result: [String] = []
    for config in [
      example.onCluster(), example.onCluster(hostile), example.onCluster(["cluster.container_runtime=apptainer"]),
    ] {
      result.append(try Launch(config, SlurmLauncher(), directory: "launch").file.text)
    }
    let config = example.config.with(["cluster.requeue=false"])
    result.append(try Launch(config, TorchrunLauncher(), directory: "launch").file.text)
    result.append(
      try Launch(
        config.with(["cluster.container_image=image", "cluster.num_nodes=3"]), TorchrunLauncher(), directory: "l"
      ).file.text)
    return result
  }

  @Test(arguments: ExportCase.all)
  func scriptsWithinFilesAreValidBash(_ example: ExportCase) throws {
    for launcher in [KubernetesLauncher(), SkyPilotLauncher()] as [any Launcher] {
      let config = example.config.with([
        "cluster.container_image=image", "cluster.gpu_type=H100", "recipe.dir=/runs", "cluster.requeue=false",
        "checkpoint.save=/runs/saved", "checkpoint.load=/runs/saved",
      ])
      let script = try Launch(config, launcher, directory: "launch").innerScript()
      let answer = try Bash.run(["-n", "-s"], input: script)
      #expect(answer.status == 0, "\(answer.errors)")
    }
  }
}
