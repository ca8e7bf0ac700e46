import ArgumentParser
import CommandSupport
import Trainer
import Training

/// `moonlight-trainer prepare`.
struct Prepare: TrainerCommand {
  static let configuration = CommandConfiguration(
    commandName: "prepare",
    abstract: "Tokenizes JSON lines into Megatron's .bin and .idx.",
    discussion: """
      Writes PREFIX_KEY_document.bin and .idx, as Megatron's preprocess_data.py does.

      EXAMPLES
        moonlight-trainer prepare pile.jsonl --output-prefix data/pile
        moonlight-trainer prepare pile.jsonl --output-prefix data/pile --tokenizer tiktoken.model
      """)

  @Argument(help: ArgumentHelp("One JSON object a line.", valueName: "file"))
  var file: String

  @Option(help: "Where the two files go.")
  var outputPrefix: String

  @Option(help: "The field that holds the text.")
  var key = "text"

  @Option(help: "A tiktoken file, a tokenizer.json, or a folder with either; bytes if not given.")
  var tokenizer: String?

  @Flag(inversion: .prefixedNo, help: "Ends each document with the end token.")
  var appendEod = true

  func run(in session: TrainerSession) throws -> ExitStatus {
    let tokens: any Tokenizer = try tokenizer.map { try RunTokenizer.file($0) } ?? ByteTokenizer()
    let prefix = IndexedDatasetPreparation.outputPrefix(outputPrefix, key: key)
    let written = try IndexedDatasetPreparation.run(
      inputs: [file], prefix: prefix, key: key, tokenizer: tokens, appendEOD: appendEod)
    session.console.write("\(prefix): \(written.documents) documents, \(written.tokens) tokens\n")
    return .success
  }
}
