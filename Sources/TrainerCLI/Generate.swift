import ArgumentParser
import CommandSupport
import Trainer
import Training

/// `moonlight-trainer generate`.
struct Generate: TrainerCommand {
  static let configuration = CommandConfiguration(
    abstract: "Continues a text with a checkpoint, so that one sees what it learned.",
    discussion: """
      EXAMPLES
        moonlight-trainer generate nemo_experiments/default/checkpoints --prompt "func "
        moonlight-trainer generate exported/ --prompt "Q: " --temperature 0.8 --seed 1
      """)

  @Argument(help: ArgumentHelp("A folder of checkpoints, one of them, or a Hugging Face directory.", valueName: "checkpoint"))
  var checkpoint: String

  @Option(help: ArgumentHelp("The weights below an adapter; those it names if not given.", valueName: "checkpoint"))
  var base: String?

  @Option(help: "The text to go on from.")
  var prompt: String

  @Option(help: "At most so many tokens.")
  var maxTokens = 200

  @Option(help: "0 takes the likeliest token; 1 draws from the model's probabilities.")
  var temperature = 0.0

  @Option(help: "Seed of the drawing.")
  var seed = 1234

  @Option(help: "Only so many of the likeliest tokens are drawn from.")
  var topK: Int?

  @Option(help: "A tiktoken file; bytes if not given.")
  var tokenizer: String?

  @Option(help: "Threads of the CPU engine.")
  var threads = 2

  func run(in session: TrainerSession) throws -> ExitStatus {
    guard temperature >= 0, temperature.isFinite, maxTokens > 0, topK ?? 1 > 0, (1...256).contains(threads) else {
      throw CommandFailure.usage("--temperature must be at least 0, the other numbers at least 1")
    }
    let console = session.console
    let tokens = try tokenizer.map { try TiktokenTokenizer($0) as any Tokenizer }
    let generator = try CheckpointGenerator(
      try WeightSource(checkpoint, base: base), tokenizer: tokens, threads: threads)
    console.write(prompt)
    // Bytes of one character come one by one: what is whole is written.
    var pending: [Int32] = []
    try generator.generate(
      from: try generator.tokenizer.encode(prompt), maximumTokens: maxTokens,
      SamplingSettings(
        temperature: Float(temperature), topK: topK, seed: UInt64(bitPattern: Int64(seed)))
    ) { token in
      pending.append(token)
      let text = generator.tokenizer.decode(pending)
      guard !text.hasSuffix("\u{FFFD}") || pending.count > 4 else { return }
      console.write(text)
      pending = []
    }
    console.write(generator.tokenizer.decode(pending) + "\n")
    return .success
  }
}
