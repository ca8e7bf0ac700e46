/// The options of the command line of a release's Megatron-LM, as `Tests/Reference` reads them from the real parser.
///
/// Its text has a line for each option: name, destination, what it takes (`=true` or `=false` for a switch that sets
/// that), default as JSON, and its words where it takes one of a few. An option that is only another spelling has the
/// first one's name behind it and nothing else.
public struct OptionTable: Sendable {
  private let options: [String: CommandLineOption]
  private let spellings: [String: String]
  /// The option that sets a destination; of several, one that sets it to true.
  private let byDestination: [String: String]
  /// All spellings of all options, in no order.
  public let names: [String]

  init(_ text: String) {
    var options: [String: CommandLineOption] = [:]
    var spellings: [String: String] = [:]
    TableLines.forEach(of: text) { columns in
      if columns.count == 2 {
        spellings[columns.text(0)] = columns.text(1)
      } else if columns.count == 5 {
        let name = columns.text(0)
        options[name] = CommandLineOption(
          name: name, destination: columns.text(1), type: columns.text(2), defaultText: columns.text(3),
          words: columns.text(4).split(separator: "|").map(String.init))
      }
    }
    var byDestination: [String: String] = [:]
    for option in options.values.sorted(by: { $0.name < $1.name })
    where byDestination[option.destination] == nil || option.sets == true {
      byDestination[option.destination] = option.name
    }
    self.options = options
    self.byDestination = byDestination
    self.spellings = spellings
    names = Array(options.keys) + spellings.keys
  }

  /// An option by any of its spellings.
  public subscript(_ name: String) -> CommandLineOption? { options[name] ?? spellings[name].flatMap { options[$0] } }

  /// The option that sets an attribute of the parsed arguments.
  public func option(setting destination: String) -> CommandLineOption? {
    byDestination[destination].flatMap { options[$0] }
  }
}

/// An option of a command line.
public struct CommandLineOption: Hashable, Sendable {
  /// The first spelling: `--num-layers`.
  public let name: String
  /// The attribute of the parsed arguments that it sets; several options may set the same one.
  public let destination: String
  public let takes: Taken
  /// What a switch sets; `nil` for an option with a value.
  public let sets: Bool?
  /// Whether its value is an expression of layers, `([0]*1+[1]*26)`.
  public let isLayerPattern: Bool
  /// Whether its value is several numbers in one word, `1,2`.
  public let isTuple: Bool
  /// As JSON.
  public let defaultText: String
  /// Those that it takes, where it does not take any.
  public let words: [String]

  init(name: String, destination: String, type: String, defaultText: String, words: [String]) {
    (self.name, self.destination, self.defaultText, self.words) = (name, destination, defaultText, words)
    takes = Taken(type)
    sets = type == "=true" ? true : type == "=false" ? false : nil
    isLayerPattern = type.hasSuffix("freq_type")
    isTuple = type == "tuple_type"
  }

  /// What stands behind an option.
  public struct Taken: Hashable, Sendable {
    public enum Kind: Hashable, Sendable {
      case int, float, text
    }

    public let kind: Kind
    /// How many values; none for a switch.
    public let count: ClosedRange<Int>

    /// - Parameter text: `=true` or `=false` for a switch, otherwise the name of Python's type, with `*`, `+` or a number
    ///   behind it.
    init(_ text: String) {
      let parts = text.split(separator: " ")
      kind =
        switch parts.first {
        case "int": .int
        case "float": .float
        default: .text
        }
      guard !text.hasPrefix("=") else {
        count = 0...0
        return
      }
      guard parts.count > 1 else {
        count = 1...1
        return
      }
      switch parts[1] {
      case "*": count = 0...Int.max
      case "+": count = 1...Int.max
      default:
        let number = Int(parts[1]) ?? 1
        count = number...number
      }
    }
  }
}
