import ConfigDocument
import Diagnostics
import LaunchModel
import Testing

@testable import Validation

@Suite("What the CPU engine refuses before it starts")
struct StartTests {
  private func findings(_ targets: [String], _ differences: [StartFacts.Problem]) throws -> [Finding] {
    var run = RunFacts(try GoodConfig.lora.config(["peft.target_modules": .list(targets.map { .string($0) })]))
    run.start = StartFacts(baseDifferences: differences)
    return Validator.findings(run).filter { $0.severity == .error }
  }

  @Test(
    "a dead target is an error that names its neighbours",
    arguments: [["linear_q_prj"], ["linear_q_prj", "linear_proj"]])
  func deadTarget(targets: [String]) throws {
    let errors = try findings(targets, [])
    #expect(errors.map(\.code) == ["PEFT-10"])
    let error = try #require(errors.first)
    #expect(error.message.text.contains("`linear_q_prj`") && !error.message.text.contains("passed over"))
    #expect(
      error.help?.text.hasPrefix("did you mean `linear_q_proj`? linears of this model: ") == true, "\(error.help ?? "")"
    )
  }

  @Test("each difference from the base stands at its field")
  func differences() throws {
    let errors = try findings(
      ["linear_proj"],
      [.init(Path.model.rotaryBase, "one"), .init(Path.model.layernormEpsilon, "two")])
    #expect(errors.map(\.path) == [Path.model.rotaryBase, Path.model.layernormEpsilon])
    #expect(errors.allSatisfy { $0.code == "CKPT-09" })
  }

  @Test("an input that is not there stands at the field that names it")
  func missingInput() throws {
    var run = RunFacts(try GoodConfig.lora.config())
    run.start = StartFacts(missingInputs: [.init(Path.dataset.dataPaths, "cannot open no.jsonl")])
    let errors = Validator.findings(run).filter { $0.severity == .error }
    #expect(errors.map(\.code) == ["DATA-14"] && errors.map(\.path) == [Path.dataset.dataPaths])
  }
}
