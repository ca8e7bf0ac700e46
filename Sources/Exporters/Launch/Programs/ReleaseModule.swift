import Releases

// What every program of a launch begins with.
extension PythonPrograms {
  var commonText: String {
    let mends = release.normsQueriesWithoutLatent
    return """
      \"""What the programs of this launch share; nothing of Megatron may be imported before it is asked.\"""

      import importlib
      import importlib.metadata
      import os
      import re
      import sys

      PACKAGES = {"megatron-bridge": "\(release.megatronBridge)", "megatron-core": "\(release.megatronCore)"}


      def set_up():
          \"""What comes before anything that builds a model.\"""
          check_packages()
          use_built_helpers()
      \(mends ? "    mend_query_projection()\n" : "")
      \(Self.check)\(Self.helpers)\(mends ? "\n\n" + Self.mend : "")
      \(Self.conversations(release.conversationModule))
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

  private static func conversations(_ module: String) -> String {
    """

    def mark_what_assistants_say():
        \"""Tells the assistant's turns from the others by what each adds to the conversation before it.

        The packages read it off `{% generation %}` in a tokenizer's template. Without it they refuse a conversation, know
        some templates by their markers, or take all of it for the assistant's, by release.
        \"""
        datasets = importlib.import_module("\(module)")
        theirs = datasets._chat_preprocess

        def preprocess(source, tokenizer, tool_schemas=None, **keywords):
            template = hugging_face(tokenizer)
            if re.search(r"\\{%-?\\s*generation\\s*-?%\\}", str(template.chat_template)):
                return theirs(source, tokenizer, tool_schemas, **keywords)
            return conversation(source, template, tool_schemas, **keywords)

        datasets._chat_preprocess = preprocess


    def hugging_face(tokenizer):
        \"""The tokenizer of transformers within Megatron's.\"""
        while not hasattr(tokenizer, "added_tokens_decoder"):
            inner = getattr(tokenizer, "_tokenizer", None) or getattr(tokenizer, "tokenizer", None)
            if inner is None:
                raise ValueError("conversations need a tokenizer of Hugging Face's")
            tokenizer = inner
        return tokenizer


    def conversation(source, tokenizer, tool_schemas, loss_mode="assistant"):
        \"""A row's tokens, and which of them the assistant says.\"""
        import torch

        turns = next(source[name] for name in ("messages", "conversations", "conversation") if source.get(name))
        aliases = {"human": "user", "gpt": "assistant"}
        messages = [
            turn if "role" in turn
            else {"role": aliases.get(turn["from"].lower(), turn["from"].lower()), "content": turn["value"]}
            for turn in turns
        ]
        if source.get("system") and messages[0]["role"] != "system":
            messages.insert(0, {"role": "system", "content": source["system"]})
        tools = source.get("tools") or tool_schemas

        def tokens(count, begins_turn=False):
            return tokenizer.apply_chat_template(
                messages[:count], tools=tools, tokenize=True, return_dict=True, add_generation_prompt=begins_turn)["input_ids"]

        whole = list(tokens(len(messages)))
        mask, last = [loss_mode == "full"] * len(whole), len(whole)
        for index, message in reversed(list(enumerate(messages))):
            if message["role"] != "assistant":
                continue
            before, behind = tokens(index, begins_turn=True), tokens(index + 1)
            if whole[:len(before)] != list(before) or whole[:len(behind)] != list(behind):
                raise ValueError(f"what turn {index + 1} adds cannot be told: later turns change those before them")
            if last == len(whole):
                last = len(before)
            if loss_mode == "assistant" or loss_mode == "last_turn" and last == len(before):
                mask[len(before):len(behind)] = [True] * (len(behind) - len(before))
        return {
            "input_ids": torch.LongTensor(whole), "loss_mask": torch.BoolTensor(mask),
            "context_ids": torch.LongTensor(whole[:last]), "answer_ids": torch.LongTensor(whole[last:]),
        }

    """
  }

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
