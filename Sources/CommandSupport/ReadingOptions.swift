public import ArgumentParser
import LaunchModel
public import Releases

/// How the configs that a command is given are read and shown.
package struct ReadingOptions: ParsableArguments {
  @Flag(
    help: """
      Shows lines of base configs outside the config's git root (or, without one, its folder) in diagnostics, too.
      """)
  package var showExternal = false

  @Option(
    help: ArgumentHelp(
      "The release that a config is for which names none; `moonlight releases` lists them.", valueName: "release"))
  package var megatronBridge: Release?

  package init() {}
}

extension Release: ExpressibleByArgument {
  public init?(argument: String) {
    guard let release = Release.named(argument) else { return nil }
    self = release
  }

  public static var allValueStrings: [String] { all.map { $0.megatronBridge } }

  // Of its case names, which are not what one writes, the help would make a list.
  public static var allValueDescriptions: [String: String] { [:] }

  public var defaultValueDescription: String { self.megatronBridge }
}

/// A command of one of the tools.
package protocol ToolCommand: ParsableCommand {
  /// The release that its answer is for; `nil` where the command line does not say it.
  var release: Release? { get }
  /// Whether lines of base configs outside the project are shown in diagnostics.
  var showsExternal: Bool { get }
}

extension ToolCommand {
  package var release: Release? { nil }
  package var showsExternal: Bool { false }
}

/// A command that opens configs.
package protocol ReadingCommand: ToolCommand {
  var reading: ReadingOptions { get }
}

extension ReadingCommand {
  package var showsExternal: Bool { reading.showExternal }
  package var release: Release? { reading.megatronBridge }
}
