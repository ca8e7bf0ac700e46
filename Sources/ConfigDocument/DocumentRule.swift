import Diagnostics

/// One thing that can be wrong with a text before anybody asks what its values mean.
package struct DocumentRule: Sendable {
  package let code: DiagnosticCode
  /// A few words, as in a list of rules.
  package let title: String
  /// What `moonlight explain CODE` prints: what it means, why it is refused, what to do.
  package let explanation: String

  private init(_ code: DiagnosticCode, _ title: String, _ explanation: String) {
    self.code = code
    self.title = title
    self.explanation = explanation
  }

  /// Bytes that are no UTF-8.
  package static let notUTF8 = DocumentRule(
    "DOC-01", "not UTF-8",
    """
    YAML and JSON files are read as UTF-8, with or without a byte order mark. This file holds bytes that are not UTF-8: \
    it may be UTF-16, Latin-1, or no text at all. Save it again as UTF-8, for example with `iconv -f UTF-16 -t UTF-8`.
    """)

  /// Text that breaks the grammar of YAML or JSON.
  package static let syntaxError = DocumentRule(
    "DOC-02", "syntax error",
    """
    The text breaks the grammar of its format, so nothing after this place can be understood. Files whose name ends in \
    `.json` are read as strict JSON (RFC 8259: no comments, no trailing commas), all others as YAML.
    """)

  /// A key that stands twice in one mapping.
  package static let duplicateKey = DocumentRule(
    "DOC-03", "duplicate key",
    """
    A key stands twice in one mapping. Most YAML and JSON readers silently keep the last value, some keep the first, \
    so the file means different things to different tools. Remove one of the two. Checking goes on with the first.
    """)

  /// More than one YAML document in one file.
  package static let severalDocuments = DocumentRule(
    "DOC-04", "several documents",
    """
    A launch config is one YAML document. A line `---` in the middle of a file begins a second one, which readers \
    either refuse or drop. Put it into a file of its own. Checking goes on with the first document.
    """)

  /// More bytes or values than a config ever has.
  package static let tooLarge = DocumentRule(
    "DOC-05", "too large",
    """
    A config may have 16 MiB of text and a million values. What is larger is some other file, or a data list that \
    belongs into a file of its own.
    """)

  /// Collections inside collections inside collections.
  package static let tooDeep = DocumentRule(
    "DOC-06", "nested too deeply",
    "Mappings and lists may stand 64 levels deep inside each other. A launch config needs about five.")

  /// Aliases of aliases that unfold to an enormous tree.
  package static let aliasExpansion = DocumentRule(
    "DOC-07", "alias expansion too large",
    """
    Each alias (`*name`) stands for a copy of its anchor's value, and aliases of aliases multiply. Together they may \
    unfold to 100,000 values. Write out what is meant.
    """)

  /// An alias whose anchor does not stand before it.
  package static let undefinedAlias = DocumentRule(
    "DOC-08", "undefined alias",
    """
    `*name` repeats the value that was marked `&name` earlier in the same file. No such mark stands before it. A text \
    that begins with an asterisk must be quoted.
    """)

  /// A merge key whose value is no mapping.
  package static let badMergeKey = DocumentRule(
    "DOC-09", "bad merge key",
    """
    `<<` takes over the keys of another mapping, so its value must be a mapping or a list of mappings, mostly written \
    as an alias: `<<: *defaults`. Keys that stand beside it win.
    """)

  /// A key that is no string, or that readers would not take for one.
  package static let badKey = DocumentRule(
    "DOC-10", "key is not a string",
    """
    Keys of a config are strings. A list or a mapping as a key is refused and left out. A bare key such as `1`, `on` \
    or `null` is something else than a string to YAML readers, and should be quoted.
    """)

  /// A text without any value.
  package static let emptyDocument = DocumentRule(
    "DOC-11", "empty document",
    """
    The file holds nothing, or nothing but comments. `moonlight generate` writes a complete config to begin with.
    """)

  /// A tab where YAML wants spaces.
  package static let tabIndentation = DocumentRule(
    "DOC-12", "tab used as indentation",
    "YAML allows only spaces at the beginning of a line. Editors can be told to write spaces when Tab is pressed.")

  /// An explicit tag that is unknown or does not fit its value.
  package static let badTag = DocumentRule(
    "DOC-13", "unusable tag",
    """
    A tag such as `!!float` fixes what a value is. Known are `!!str`, `!!int`, `!!float`, `!!bool`, `!!null`, `!!seq` \
    and `!!map`, and the value has to fit. Tags that construct objects of a program are refused.
    """)

  /// A control character that YAML does not allow.
  package static let controlCharacter = DocumentRule(
    "DOC-14", "control character",
    """
    YAML texts may not hold control characters other than tab and line ends. Inside double quotes they can be written \
    as an escape such as `\\x1b`. Zero bytes mean that the file is binary or UTF-16.
    """)

  /// A finding that is accepted, and is not there.
  package static let idleIgnore = DocumentRule(
    "DOC-15", "nothing to ignore",
    """
    `# moonlight: ignore CODE[, CODE]` at the end of a line, or on a line of its own before one, leaves out the warnings \
    and notes of these codes there; JSON files take `"$ignore": ["CODE"]` at the top, for the whole file. This one leaves \
    out nothing: what it was for is mended, stands elsewhere, or is an error, which is never left out. Remove it, so that \
    it does not hide what comes later.
    """)

  /// A tab between tokens, which readers of YAML disagree about.
  package static let tabSeparator = DocumentRule(
    "DOC-16", "tab between tokens",
    """
    A tab stands where a space is usual: behind a colon, a value or a comma. YAML allows it and this program reads it, \
    but PyYAML, which Megatron reads its files with, says "found character '\\t' that cannot start any token". In a file \
    of Megatron-Bridge it is therefore an error. The fix writes a space.
    """)

  package static let questionMark = DocumentRule(
    "DOC-17", "question mark within brackets",
    """
    A text without quotes in `[…]` or `{…}` holds a question mark, as in `[http://host/file?v=1]`. YAML allows it and this \
    program reads it, but to PyYAML, which Megatron reads its files with, the text ends there. In a file of \
    Megatron-Bridge it is therefore an error. The fix quotes the text.
    """)

  /// What libyaml, which this program reads with, takes and PyYAML refuses.
  package static let refusedByPyYAML = [tabSeparator, questionMark]

  /// Every rule of the family, by number.
  package static let all = [
    notUTF8, syntaxError, duplicateKey, severalDocuments, tooLarge, tooDeep, aliasExpansion, undefinedAlias,
    badMergeKey, badKey, emptyDocument, tabIndentation, badTag, controlCharacter, idleIgnore, tabSeparator,
    questionMark,
  ]
}

extension [Diagnostic] {
  /// Adds a problem, unless there are more than anybody reads already.
  mutating func note(_ diagnostic: Diagnostic) {
    if count < DocumentLimit.diagnosticCount { append(diagnostic) }
  }
}

/// Thrown inside a reader where nothing sensible can be made of a text.
struct Unreadable: Error {
  let diagnostic: Diagnostic
}
