/// Who in a launch gives a variable of the environment its value, so that a value in `env_vars` breaks it or is lost.
///
/// One table for the rules and for the exporters.
package enum VariableOwner: String, Sendable, CaseIterable {
  /// bash, which runs the launch scripts: variables that it keeps read-only, computes, or reads for its own behaviour.
  case shell = "bash"
  /// The dynamic linker, which would load other code into every program of the launch.
  case loader = "the dynamic linker"
  /// torchrun, which tells each process its rank.
  case launcher = "torchrun"
  case scheduler = "Slurm"
  /// SkyPilot, which tells each node its rank and the addresses of all.
  case skyPilot = "SkyPilot"
  /// Our launch scripts themselves.
  case script = "the launch script"

  /// The owner of a variable; `nil` for one that is the user's.
  package init?(of name: String) {
    for owner in Self.allCases {
      if owner.names.contains(name) || owner.prefixes.contains(where: { name.hasPrefix($0) }) {
        self = owner
        return
      }
    }
    return nil
  }

  /// What becomes of a value that somebody else gives it.
  package var consequence: String {
    switch self {
    case .shell: "the launch script stops at it, or does something else"
    case .loader: "it would change every program of the launch, the shell included"
    case .launcher, .scheduler, .skyPilot: "the processes would not find each other"
    case .script: "the script would look for its files elsewhere"
    }
  }

  private var names: Set<String> {
    switch self {
    case .shell: Self.bashNames
    case .loader: ["GLIBC_TUNABLES", "GCONV_PATH"]
    case .launcher:
      [
        "RANK", "LOCAL_RANK", "WORLD_SIZE", "LOCAL_WORLD_SIZE", "GROUP_RANK", "GROUP_WORLD_SIZE", "ROLE_RANK",
        "ROLE_NAME", "ROLE_WORLD_SIZE", "MASTER_ADDR", "MASTER_PORT", "NODE_RANK",
      ]
    case .scheduler, .skyPilot: []
    case .script: ["LAUNCH_DIR", "launch_dir"]
    }
  }

  private var prefixes: [String] {
    switch self {
    case .shell: ["BASH_", "COMP_", "READLINE_"]
    // All but the path of libraries, which people do have to set: see ``VariableEffect``.
    case .loader:
      [
        "LD_PRELOAD", "LD_AUDIT", "LD_BIND", "LD_DEBUG", "LD_DYNAMIC", "LD_HWCAP", "LD_ORIGIN", "LD_PROFILE",
        "LD_SHOW", "LD_TRACE", "LD_USE", "LD_VERBOSE", "LD_WARN", "DYLD_",
      ]
    case .launcher: ["TORCHELASTIC_", "PET_"]
    case .scheduler: ["SLURM_", "SLURMD_", "SBATCH_", "SRUN_", "PMI_", "PMIX_"]
    case .skyPilot: ["SKYPILOT_"]
    case .script: []
    }
  }

  /// GNU bash 5.2, section "Shell Variables" of its manual, and `_`.
  private static let bashNames: Set<String> = [
    // Read-only: an assignment ends the script.
    "BASHOPTS", "EUID", "PPID", "SHELLOPTS", "UID",
    // Computed: an assignment is lost, or changes what the script does next.
    "BASH", "BASHPID", "DIRSTACK", "EPOCHREALTIME", "EPOCHSECONDS", "FUNCNAME", "GROUPS", "HISTCMD", "LINENO", "OLDPWD",
    "OPTARG", "OPTERR", "OPTIND", "PIPESTATUS", "PWD", "RANDOM", "REPLY", "SECONDS", "SHLVL", "SRANDOM", "_",
    // Read: how words are split, where commands are found, what runs first.
    "CDPATH", "ENV", "EXECIGNORE", "FUNCNEST", "GLOBIGNORE", "IFS", "PATH", "POSIXLY_CORRECT", "PS4", "TIMEFORMAT",
    "TMOUT",
  ]
}

/// What a variable changes that is the user's to set and rarely meant.
package enum VariableEffect {
  /// `nil` for a variable that only programs of the run read.
  package static func description(of name: String) -> String? { effects[name] }

  private static let effects: [String: String] = [
    "HOME": "where every program looks for its settings and caches",
    "LD_LIBRARY_PATH": "which libraries every program of the launch loads",
    "PYTHONPATH": "which packages Python finds, before those of its environment",
    "PYTHONHOME": "where Python finds its own library",
    "PYTHONSTARTUP": "what Python runs first",
    "CUDA_VISIBLE_DEVICES": "which GPUs a process sees; each rank takes the one of its own number among them",
    "NVIDIA_VISIBLE_DEVICES": "which GPUs the container gets",
  ]
}

/// Whether a text can name an environment variable that a shell can set.
package func isVariableName(_ name: String) -> Bool {
  let bytes = name.utf8
  func isLetter(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20) || byte == UInt8(ascii: "_")
  }
  guard let first = bytes.first, isLetter(first) else { return false }
  return bytes.allSatisfy { isLetter($0) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
}
