import Exporters
import Foundation
import TestSupport
import Testing

/// What the launchers write is bash, whatever the config holds.
@Suite struct ScriptFormTests {
  /// A script of one or more cases.
  struct Script: Sendable, CustomTestStringConvertible {
    let text: String
    /// The first of them, and the launcher.
    let testDescription: String
  }

  @Test func scriptsAreThere() throws { #expect(try Self.scripts.get().count > 50) }

  @Test(arguments: (try? scripts.get()) ?? [])
  func scriptsAreValidBash(_ script: Script) throws {
    let answer = try Bash.run(["-n", "-s"], input: script.text)
    #expect(answer.status == 0, "\(answer.errors)")
  }

  /// Where shellcheck is installed; it is not needed to build or to run.
  @Test(.enabled(if: Self.shellcheck != nil), arguments: (try? scripts.get()) ?? [])
  func shellcheckHasNothingToSay(_ script: Script) throws {
    let shellcheck = try #require(Self.shellcheck)
    let answer = try Bash.run(["-c", "exec \(shellQuoted(shellcheck)) --shell=bash -"], input: script.text)
    #expect(answer.status == 0, "\(answer.text)")
  }

  private static let shellcheck: String? = {
    if let path = ProcessInfo.processInfo.environment["SHELLCHECK"] { return path }
    let answer = try? Bash.run(["-c", "command -v shellcheck"])
    return answer?.status == 0 ? answer?.text.trimmingCharacters(in: .newlines) : nil
  }()

  @Test func scriptsWithinFilesAreThere() throws { #expect(try Self.innerScripts.get().count > 20) }

  @Test(arguments: (try? innerScripts.get()) ?? [])
  func scriptsWithinFilesAreValidBash(_ script: Script) throws {
    let answer = try Bash.run(["-n", "-s"], input: script.text)
    #expect(answer.status == 0, "\(answer.errors)")
  }

  // MARK: Scripts

  private static let scripts = Result { try scripts(of: ExportCase.all, launches) { $0.file.text } }
  private static let innerScripts = Result {
    try scripts(of: ExportCase.all, innerLaunches) { try $0.innerScript() }
  }

  /// Those of all cases. Most differ in nothing but the release that the header names: each text stands here once.
  private static func scripts(
    of cases: [ExportCase], _ launches: @Sendable (ExportCase) throws -> [Launch],
    _ text: @Sendable (Launch) throws -> String
  ) throws -> [Script] {
    let all = cases.concurrentMap { example in
      Result {
        try launches(example).map { try Script(text: text($0), testDescription: "\(example.folder), \($0.file.name)") }
      }
    }
    var known: Set<String> = []
    return try all.flatMap { try $0.get() }.filter { script in
      let lines = script.text.components(separatedBy: "\n").filter { !$0.hasPrefix("# For ") }
      return known.insert(lines.joined(separator: "\n")).inserted
    }
  }

  @Sendable private static func launches(_ example: ExportCase) throws -> [Launch] {
    let hostile = [
      "cluster.container_mounts=[\"/data $(x)\", \"/it's:/b:ro\"]",
      #"cluster.setup_commands=["module load 'a", "source x"]"#,
      "cluster.qos=\"q q\"", "cluster.gpu_request=gres", "cluster.gpu_type=h100", "cluster.partition=p",
    ]
    let slurm = try [
      example.onCluster(), example.onCluster(hostile), example.onCluster(["cluster.container_runtime=apptainer"]),
    ].map { try Launch($0, SlurmLauncher(), directory: "launch") }
    let config = example.config.with(["cluster.requeue=false"])
    let onNodes = config.with(["cluster.container_image=image", "cluster.num_nodes=3"])
    return try slurm + [
      Launch(config, TorchrunLauncher(), directory: "launch"), Launch(onNodes, TorchrunLauncher(), directory: "l"),
    ]
  }

  @Sendable private static func innerLaunches(_ example: ExportCase) throws -> [Launch] {
    let config = example.config.with([
      "cluster.container_image=image", "cluster.gpu_type=H100", "recipe.dir=/runs", "cluster.requeue=false",
      "checkpoint.save=/runs/saved", "checkpoint.load=/runs/saved",
    ])
    return try [KubernetesLauncher(), SkyPilotLauncher()].map { (launcher: any Launcher) in
      try Launch(config, launcher, directory: "launch")
    }
  }
}
