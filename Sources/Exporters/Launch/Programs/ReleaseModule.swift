import Releases

// What every program of a launch begins with.
extension PythonPrograms {
  var commonText: String {
    let mends = release.normsQueriesWithoutLatent
    return """
      \"""What the programs of this launch share; nothing of Megatron may be imported before it is asked.\"""

      import importlib.metadata
      import os
      import sys

      PACKAGES = {"megatron-bridge": "\(release.megatronBridge)", "megatron-core": "\(release.megatronCore)"}


      def set_up():
          \"""What comes before anything that builds a model.\"""
          check_packages()
          use_built_helpers()
      \(mends ? "    mend_query_projection()\n" : "")
      \(Self.check)\(Self.helpers)\(mends ? "\n\n" + Self.mend : "")
      """
  }

  private static let check = #"""

    def check_packages():
        """Ends the program where other packages are installed than it is written for."""
        found = {package: version(package) for package in PACKAGES}
        if found == PACKAGES:
            return
        # One line a node is enough.
        if os.environ.get("LOCAL_RANK", "0") == "0":
            program = os.path.basename(sys.argv[0])
            print(f"{program}: this launch is for {pair(PACKAGES)}; installed is {pair(found)}", file=sys.stderr)
        sys.exit(os.EX_UNAVAILABLE)


    def version(package):
        """The installed version without what a builder has added to it (`+cu13`)."""
        try:
            return importlib.metadata.version(package).partition("+")[0]
        except importlib.metadata.PackageNotFoundError:
            return None


    def pair(versions):
        return " with ".join(f"{package} {version}" if version else f"no {package}" for package, version in versions.items())

    """#

  private static let helpers = #"""

    def use_built_helpers():
        """Takes the library for data as the wheel brings it, built: its folder has no Makefile, which start-up runs."""
        from megatron.core.datasets import utils

        if not os.path.exists(os.path.join(os.path.dirname(utils.__file__), "Makefile")):
            utils.compile_helpers = lambda: None

    """#

  private static let mend = #"""
    def mend_query_projection():
        """Builds latent attention without a query latent as DeepSeek's models have it.

        With qk_layernorm this megatron-core puts a second norm into the query projection
        (megatron/core/transformer/mla_qk_norm_config.py), for which a released checkpoint has no weights. Here the
        projection stays what the layer's specification names.
        """
        from megatron.core.transformer.multi_latent_attention import MLASelfAttention

        resolve = MLASelfAttention._resolve_qk_norm_config

        def resolve_without_query_norm(self, submodules):
            classes = resolve(self, submodules)
            if self.config.q_lora_rank is None and submodules.linear_q_proj is not None:
                classes["linear_q_proj"] = submodules.linear_q_proj
            return classes

        MLASelfAttention._resolve_qk_norm_config = resolve_without_query_norm

    """#
}
