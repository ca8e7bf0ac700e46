extension FieldRule {
  package static let unknownOption = FieldRule(
    "ARGS-01", "unknown option of Megatron-LM",
    """
    The parser of `pretrain_gpt.py` takes no abbreviations and ends with an error at an option that it does not know, or \
    at a word that belongs to none. Options differ between releases: `--megatron-bridge` says which one is meant.
    """)

  package static let optionValue = FieldRule(
    "ARGS-02", "value of an option of Megatron-LM",
    "The option has no value, too many, or one that Megatron-LM's parser does not take: a word where a number belongs.")

  package static let unknownVariable = FieldRule(
    "ARGS-03", "argument that only a running shell knows",
    """
    The argument comes from a command, from the script's own arguments or from a variable that the script does not set, or \
    one of these chooses which branch sets it. What it says cannot be checked here. A loop over the script's own arguments \
    is read as if there were none.
    """)

  package static let repeatedOption = FieldRule(
    "ARGS-04", "option given twice", "Megatron-LM takes the last of them, without a word.")

  package static let argumentForm = FieldRule(
    "ARGS-05", "script without arguments that can be read",
    """
    Arguments of Megatron-LM are read from a shell script's call of a Python program with all that the script and what it \
    sources set, its loops and functions included, from a list (one argument a line, or a list of YAML or JSON), or from \
    the `MODEL_ARGS` of Megatron-LM's own tests. So are those of MindSpeed, of slime, of ms-swift's `megatron` commands and \
    of verl. A loop goes round a thousand times at most.
    """)

  package static let foreignOption = FieldRule(
    "ARGS-06", "option without a field",
    """
    Megatron-LM knows the option, and launch configs have nothing that says the same. It is left out of what is read.
    """)

  package static let foreignProgram = FieldRule(
    "ARGS-07", "options of another program",
    """
    MindSpeed, slime, ms-swift and verl train on Megatron-Core and have options of their own beside its: data, generation, rewards. \
    These are left out; what remains is checked.
    """)

  package static let overrideForm = FieldRule(
    "ARGS-08", "overrides of a recipe",
    """
    Overrides of Megatron-Bridge (a file with sections of a ConfigContainer, or `train.train_iters=100` on a command \
    line) and the command lines of ms-swift and verl say a part of a config only: `--recipe NAME` says what they are laid \
    over. A key that the recipe's classes do not have needs a `+` before it, and `~` deletes nothing: Megatron-Bridge keeps \
    the recipe's value of a deleted key.
    """)

  /// The rules of the family, by number.
  static let arguments = [
    unknownOption, optionValue, unknownVariable, repeatedOption, argumentForm, foreignOption, foreignProgram,
    overrideForm,
  ]
}
