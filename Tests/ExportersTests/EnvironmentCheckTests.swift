import Exporters
import LaunchModel
import Testing

@Suite struct EnvironmentCheckTests {
  /// A machine with everything; each case takes something away.
  struct Machine: Sendable {
    var python: String? = "3.12.3"
    var packages = [
      "torch": "2.9.0+cu130", "megatron-core": "0.19.2", "megatron-bridge": "0.6.2", "transformer-engine": "2.17.0",
      "emerging-optimizers": "0.1",
    ]
    var programs: Set<String> = ["torchrun", "docker"]
    var gpus = 8

    func run(_ arguments: [String]) -> ProgramAnswer {
      let none = ProgramAnswer(status: 127, output: "")
      switch arguments[0] {
      case "python3":
        guard let python else { return none }
        let lines = ["python\t\(python)"] + arguments.dropFirst(3).map { "\($0)\t\(packages[$0] ?? "")" }
        return ProgramAnswer(status: 0, output: lines.joined(separator: "\n") + "\n")
      case "nvidia-smi":
        return gpus == 0
          ? none
          : ProgramAnswer(
            status: 0, output: (0..<gpus).map { "GPU \($0): NVIDIA H100 (UUID: GPU-\($0))\n" }.joined())
      case "sh": return ProgramAnswer(status: programs.contains(arguments.last ?? "") ? 0 : 127, output: "")
      default: return none
      }
    }
  }

  private func shortfalls(
    _ machine: Machine, _ example: String = "pretrain", _ settings: [String] = [], variables: [String: String] = [:]
  ) throws -> [EnvironmentCheck.Shortfall] {
    let config = try ExportCase.named(example).config.with(settings)
    return EnvironmentCheck(config, variables: variables) { machine.run($0) }.shortfalls
  }

  @Test func nothingIsMissing() throws {
    #expect(try shortfalls(Machine()).isEmpty)
    #expect(try shortfalls(Machine(), "pretrain-muon").isEmpty)
  }

  @Test func whatIsMissingIsNamed() throws {
    var machine = Machine()
    machine.packages["megatron-bridge"] = nil
    machine.gpus = 4
    #expect(
      try shortfalls(machine).map(\.message) == [
        "the Python package megatron-bridge is not installed", "4 GPUs are visible, and the config asks for 8 a node",
      ])
  }

  @Test func noPython() throws {
    var machine = Machine()
    machine.python = nil
    machine.gpus = 0
    #expect(
      try shortfalls(machine).map(\.message) == [
        "python3 is not installed", "no GPU is visible (nvidia-smi finds none), and the config asks for 8",
      ])
  }

  @Test func oldPython() throws {
    var machine = Machine()
    machine.python = "3.9.18"
    #expect(try shortfalls(machine).map(\.message) == ["Python is 3.9.18; megatron-bridge needs 3.12 or newer"])
  }

  /// The programs of the launch would refuse it.
  @Test func anotherVersion() throws {
    var machine = Machine()
    machine.packages["megatron-core"] = "0.15.0"
    #expect(try shortfalls(machine).map(\.message) == ["megatron-core is 0.15.0; this config is for 0.19.2"])
    machine.packages["megatron-core"] = "0.19.2+local.2"
    #expect(try self.shortfalls(machine).isEmpty)
  }

  @Test(arguments: [
    ("pretrain-muon", "emerging-optimizers", []), ("deepep", "deep-ep", []),
    ("pretrain", "wandb", ["logger.wandb_project=p"]),
    ("pretrain", "transformer-engine", []),
  ])
  func theConfigDecidesWhatIsNeeded(example: String, package: String, settings: [String]) throws {
    var machine = Machine()
    machine.packages[package] = nil
    #expect(
      try shortfalls(machine, example, settings).map(\.message).contains(
        "the Python package \(package) is not installed")
    )
  }

  @Test func torchrunIsMissing() throws {
    var machine = Machine()
    machine.programs = []
    #expect(try shortfalls(machine).map(\.message) == ["torchrun, which comes with torch, is not on the path"])
  }

  /// A container brings its own Python.
  @Test func containersNeedOnlyTheirRuntime() throws {
    var machine = Machine()
    machine.python = nil
    #expect(try shortfalls(machine, "pretrain", ["cluster.container_image=x"]).isEmpty)
    machine.programs = []
    #expect(
      try shortfalls(machine, "pretrain", ["cluster.container_image=x"]).map(\.message)
        == ["`docker` is not installed, and cluster.container_image needs it"])
  }

  @Test(arguments: [
    ("0,1", "2 GPUs are visible (CUDA_VISIBLE_DEVICES, of 8), and the config asks for 8 a node"),
    ("", "0 GPUs are visible (CUDA_VISIBLE_DEVICES, of 8), and the config asks for 8 a node"),
    ("0,-1,1", "1 GPU is visible (CUDA_VISIBLE_DEVICES, of 8), and the config asks for 8 a node"),
  ])
  func hiddenGPUsDoNotCount(chosen: String, message: String) throws {
    #expect(try shortfalls(Machine(), variables: ["CUDA_VISIBLE_DEVICES": chosen]).map(\.message) == [message])
  }

  @Test func chosenGPUsAreEnough() throws {
    #expect(try shortfalls(Machine(), variables: ["CUDA_VISIBLE_DEVICES": "7,6,5,4,3,2,1,0"]).isEmpty)
  }

  /// What a setup command brings counts: every question is asked behind it.
  @Test func questionsAreAskedBehindTheSetup() throws {
    let config = try ExportCase.named("pretrain").config.with([
      "cluster.setup_commands=[\"python3() { printf 'python\\t3.9.1\\n'; }; export -f python3\"]"
    ])
    let check = EnvironmentCheck(config, variables: [:]) { command in
      // The setup is real, the program behind it a fake of its own.
      switch command.dropFirst(4).first {
      case "true": ProgramRunner.run(command)
      case "python3": ProgramRunner.run(command.prefix(4) + ["bash", "-c", "python3"])
      default: ProgramAnswer(status: 127, output: "")
      }
    }
    #expect(check.shortfalls.map(\.message).contains("Python is 3.9.1; megatron-bridge needs 3.12 or newer"))
  }

  // MARK: Real programs

  @Test func programsAreRunForReal() {
    #expect(ProgramRunner.run(["printf", "%s|", "a b", "$(x)"]) == ProgramAnswer(status: 0, output: "a b|$(x)|"))
    #expect(ProgramRunner.run(["false"]).status == 1)
    #expect(ProgramRunner.run(["no such program"]).status == 127)
    #expect(ProgramRunner.run([]).status == 127)
    #expect(ProgramRunner.run(["bash", "-c", "kill -9 $$"]).status == 137)
    let endless = ProgramRunner.run(["bash", "-c", "head -c 3000000 /dev/zero | tr '\\0' x"])
    let longest = (1 << 20) + (1 << 14)
    #expect(endless.output.utf8.count <= longest)
  }

  @Test func theProbeIsPython() {
    guard ProgramRunner.run(["python3", "--version"]).status == 0 else { return }
    let answer = ProgramRunner.run(["python3", "-c", EnvironmentCheck.probe, "no-such-package"])
    #expect(answer.status == 0)
    #expect(answer.output.hasPrefix("python\t3."))
    #expect(answer.output.hasSuffix("no-such-package\t\n"))
  }
}
