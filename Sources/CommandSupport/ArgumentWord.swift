package import ArgumentParser

/// What an option takes that is one of so many words: the raw values of a type.
///
/// ArgumentParser does the same for any such type, by code for all of them: a process then looks through all conformances
/// of the program for this one, about 0.1 ms each time.
package protocol ArgumentWord: ExpressibleByArgument, CaseIterable, RawRepresentable where RawValue == String {}

extension ArgumentWord {
  package init?(argument: String) { self.init(rawValue: argument) }

  package var defaultValueDescription: String { rawValue }

  package static var allValueStrings: [String] { allCases.map { $0.rawValue } }

  /// None: the words say it.
  package static var allValueDescriptions: [String: String] { [:] }

  package static var defaultCompletionKind: CompletionKind { .list(allValueStrings) }
}
