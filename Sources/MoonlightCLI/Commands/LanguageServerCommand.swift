import ArgumentParser
import CommandSupport
import FileAccess
import LanguageServer
import LaunchModel
import Releases

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// `moonlight lsp`: checks and explains configs while they are written.
struct LanguageServerCommand: SessionCommand {
  static let configuration = CommandConfiguration(
    commandName: "lsp",
    abstract: "Runs a language server for editors.",
    discussion: """
      An editor starts it and talks to it over standard input and output (Language Server Protocol 3.17): findings and \
      their fixes as one types, hover, completion, go to definition, symbols, and what follows from the values beside \
      them. Examples/editors shows the settings of some editors.

      Exit status: 0 after `shutdown` and `exit`, 1 where the editor goes away without them.
      """)

  @Option(
    help: ArgumentHelp(
      "The release that a config is for which names none; `moonlight releases` lists them.", valueName: "release"))
  var megatronBridge: Release?

  var release: Release? { megatronBridge }

  /// Milliseconds without another message after which changes are checked, and those after which they are anyway.
  private static let pause: Int32 = 5
  private static let longestPause = 100

  func run(in session: Session) throws -> ExitStatus {
    var stream = MessageStream()
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    var server = ConfigServer(
      ServerSurroundings(
        recipes: session.recipes, files: { ConfigInputs.files(for: $0) }, folder: Self.entries, release: release),
      version: toolVersion)
    var waited: ContinuousClock.Instant?
    var pause = Self.pause
    while server.endsOrderly == nil {
      var input = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
      let isOverdue = waited.map { $0.duration(to: .now) > .milliseconds(Self.longestPause) } ?? false
      let count = isOverdue ? 0 : poll(&input, 1, server.hasChanges ? pause : -1)
      if count == 0 {
        (waited, pause) = (nil, 0)
        guard send(server.publishNext()) else { return .failure }
        continue
      }
      let length = readInput(&buffer)
      if length < 0, errno == EINTR || errno == EAGAIN { continue }
      guard length > 0 else { return .failure }
      stream.append(buffer[..<length])
      var items: [MessageStream.Item] = []
      while let item = stream.next() { items.append(item) }
      guard send(server.receive(items)) else { return .failure }
      pause = Self.pause
      if server.hasChanges, waited == nil { waited = .now }
    }
    return server.endsOrderly == true ? .success : .failure
  }

  /// - Returns: whether anybody still listens.
  private func send(_ messages: [ServerMessage]) -> Bool {
    messages.allSatisfy { writeBytes(of: $0.framed, to: STDOUT_FILENO) == 0 }
  }

  /// What lies in a folder, in the order of the alphabet.
  private static func entries(of path: String) -> [ServerSurroundings.FolderEntry] {
    FolderListing.entries(of: path).map { ServerSurroundings.FolderEntry(name: $0.name, isFolder: $0.isFolder) }
  }
}

/// Reads what there is of standard input; outside of the command, whose own `read` is another one.
private func readInput(_ buffer: inout [UInt8]) -> Int { read(STDIN_FILENO, &buffer, buffer.count) }
