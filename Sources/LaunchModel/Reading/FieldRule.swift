package import Diagnostics

/// One thing that can be wrong with a field by itself, whatever the others say.
package struct FieldRule: Sendable {
  package let code: DiagnosticCode
  /// A few words, as in a list of rules.
  package let title: String
  /// What `moonlight explain CODE` prints.
  package let explanation: String

  init(_ code: DiagnosticCode, _ title: String, _ explanation: String) {
    self.code = code
    self.title = title
    self.explanation = explanation
  }

  package static let unknownField = FieldRule(
    "FIELD-01", "unknown field",
    """
    A key that neither this package nor Megatron knows in its section. Megatron-Bridge logs such a key and goes on \
    without it, so a misspelt setting silently has no effect. The nearest known name is offered, names of other tools \
    (`tp`, `num_hidden_layers`, `learning_rate`, …) included.
    """)

  package static let wrongType = FieldRule(
    "FIELD-02", "wrong type",
    """
    The value is not of the field's type: a word where a number belongs, a number in quotes, a single value where a \
    list belongs, `null` where there must be a value.
    """)

  package static let unknownChoice = FieldRule(
    "FIELD-03", "unknown value",
    "The field takes one of a few words, and this is none of them. Case counts, as it does in Megatron.")

  package static let outOfRange = FieldRule(
    "FIELD-04", "value out of range",
    """
    The number has no meaning for the field: a negative layer count, a probability above 1, an infinite learning rate. \
    Megatron may not look, and fail later or train something else.
    """)

  package static let missing = FieldRule(
    "FIELD-05", "missing field",
    """
    The field has no usable default. Write it, or begin the file with `extends: moonlight_16b_pretrain_config` to take \
    everything that is not written from a recipe.
    """)

  package static let ambiguousScalar = FieldRule(
    "FIELD-06", "value read differently by YAML 1.1 and 1.2",
    """
    PyYAML, which Megatron uses, reads YAML 1.1; most other readers 1.2. They take this value for different things: \
    `1e-5` is a string to PyYAML, `on` a boolean to it and a string to others, `0o17` and `1_000` likewise. The form \
    that the fix writes is read alike by all.
    """)

  package static let unknownSection = FieldRule(
    "FIELD-07", "unknown section",
    "The top level of a launch config holds `schema_version`, `extends` and the sections that `moonlight schema` lists."
  )

  package static let schemaVersion = FieldRule(
    "FIELD-08", "schema version",
    "The file says which version of the format it is written in. This program reads version 1.")

  package static let extends = FieldRule(
    "FIELD-09", "base config cannot be read",
    """
    `extends` names the configs that this one builds on, the later ones winning: recipes, or paths relative to this \
    file. A path leads to a regular file, through links if need be, whose name ends in `.yaml`, `.yml` or `.json`, \
    and not back to this file. Each base counts once, where it first stands; there may be 64. Lines of a base \
    outside the git root of the config that was named (without one: outside its folder) are shown in no diagnostic; \
    `--show-external` shows them.
    """)

  package static let override = FieldRule(
    "FIELD-10", "bad override",
    """
    `--set` takes `section.field=value`; the value is read like YAML. Quote it for the shell where it holds blanks, \
    brackets or dollar signs: `--set 'peft.target_modules=[linear_q_proj, linear_proj]'`.
    """)

  package static let release = FieldRule(
    "FIELD-11", "release of a config",
    """
    A config is for one release of Megatron-Bridge: `software.megatron_bridge` names it. Fields, defaults, checks and \
    exports are those of that release. `--megatron-bridge` names it for a config that does not; where both are there they \
    must agree.
    """)

  /// Every rule about reading, by family and number.
  package static let all: [FieldRule] =
    [
      unknownField, wrongType, unknownChoice, outOfRange, missing, ambiguousScalar, unknownSection, schemaVersion,
      extends, override, release,
    ] + bridge + arguments
}
