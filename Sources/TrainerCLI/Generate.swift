import ArgumentParser
import CommandSupport
import FileAccess
import Reporting
import Trainer
import Training

/// `moonlight-trainer generate`.
struct Generate: TrainerCommand {
  static let configuration = CommandConfiguration(
    commandName: "generate",
    abstract: "Continues a text with a checkpoint, so that one sees what it learned.",
    discussion: """
      EXAMPLES
        moonlight-trainer generate nemo_experiments/default/checkpoints --prompt "func "
        moonlight-trainer generate exported/ --prompt "Q: " --temperature 0.8 --top-p 0.95 --seed 1
        head -3 chapter.txt | moonlight-trainer generate exported/ --prompt -
      """)

  @Argument(
    help: ArgumentHelp(
      "A run's directory, its folder of checkpoints, one of them, or a Hugging Face directory.",
      valueName: "checkpoint"))
  var checkpoint: String

  @Option(help: ArgumentHelp("The weights below an adapter; those it names if not given.", valueName: "checkpoint"))
  var base: String?

  @Option(help: "The text to go on from; `-` reads standard input, without its last line end.")
  var prompt: String

  @Option(help: "At most so many tokens.")
  var maxTokens = 200

  @Option(help: "0 takes the likeliest token; 1 draws from the model's probabilities.")
  var temperature = 0.0

  @Option(help: "Seed of the drawing.")
  var seed = 1234

  @Option(help: "Only so many of the likeliest tokens are drawn from.")
  var topK: Int?

  @Option(help: "Only the likeliest tokens that together have this probability are drawn from.")
  var topP = 1.0

  @Option(
    help: """
      A tiktoken file, a tokenizer.json, or a folder with either; if not given, the one beside the weights, or bytes.
      """)
  var tokenizer: String?

  @Option(help: "Threads of the CPU engine.")
  var threads = 2

  func validate() throws {
    let numbers = [("--max-tokens", maxTokens), ("--top-k", topK ?? 1), ("--threads", threads)]
    if let (name, value) = numbers.first(where: { $0.1 < 1 }) {
      throw ValidationError("\(name) must be at least 1, but is \(value).")
    }
    if threads > 256 { throw ValidationError("--threads must be at most 256, but is \(threads).") }
    if !(temperature >= 0 && temperature.isFinite) {
      throw ValidationError("--temperature must be at least 0, but is \(temperature).")
    }
    if !(topP > 0 && topP <= 1) { throw ValidationError("--top-p must be above 0 and at most 1, but is \(topP).") }
  }

  func run(in session: TrainerSession) throws -> ExitStatus {
    let console = session.console
    let prompt = try promptText()
    let tokens = try tokenizer.map { try RunTokenizer.file($0) }
    let generator = try makeGenerator(tokens)
    let encoded = try generator.tokenizer.encode(prompt)
    let length = try generator.length(of: encoded, maximumTokens: maxTokens)
    console.show(prompt)
    // Bytes of one character come one by one: what is whole is written.
    var pending: [Int32] = []
    try generator.generate(
      from: encoded, length: length,
      SamplingSettings(
        temperature: Float(temperature), topK: topK, topP: Float(topP), seed: UInt64(bitPattern: Int64(seed)))
    ) { token in
      pending.append(token)
      let text = generator.tokenizer.decode(pending)
      guard !text.hasSuffix("\u{FFFD}") || pending.count > 4 else { return true }
      pending = []
      return console.show(text)
    }
    console.write(generator.tokenizer.decode(pending) + "\n")
    return .success
  }

  private func promptText() throws -> String {
    guard prompt == "-" else { return prompt }
    let bytes: [UInt8]
    do { bytes = try InputFile.read("-", limit: 1 << 24) } catch {
      throw CommandFailure("standard input cannot be read: \(error)", status: .noInput)
    }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw CommandFailure("the prompt on standard input is no UTF-8", status: .noInput)
    }
    return text.hasSuffix("\n") ? String(text.dropLast()) : text
  }

  private func makeGenerator(_ tokens: (any Tokenizer)?) throws -> CheckpointGenerator {
    let memory = HostMachine.current.memoryBytes
    do {
      return try CheckpointGenerator(
        try WeightSource(checkpoint, base: base), tokenizer: tokens, threads: threads, memoryLimit: memory)
    } catch let error as CheckpointGenerator.TooLarge {
      let numbers = "\(Numbers.bytes(error.bytes)), but this machine has \(Numbers.bytes(memory ?? 0))"
      throw CommandFailure("the model in \(error.folder) takes \(numbers)", status: .failure)
    }
  }
}
