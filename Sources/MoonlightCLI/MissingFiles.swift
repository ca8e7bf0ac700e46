import Diagnostics

extension DiagnosticCode {
  /// Whether it speaks of files alone: data, tokenizer, checkpoints. Estimates and plans do not depend on them, so they
  /// may be missing still.
  var concernsFilesOnly: Bool {
    ["DATA", "TOK", "CKPT"].contains(family) || self == "PEFT-01" || self == "PEFT-03"
  }
}
