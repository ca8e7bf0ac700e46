"""A tiny Moonlight as a Hugging Face folder, and data that both engines read: python tiny_model.py FOLDER

The architecture is the released model's (DeepSeek-V3 without a query latent, one dense layer, a shared expert of two, the
sigmoid router with a bias), only smaller. The weights are bf16, as released, so that what a run in fp32 starts from is exact.
Runs with transformers 4.57 (`requirements/0.3.1.txt`), which writes one tensor an expert, as the released checkpoint does.
"""

import json
import random
import sys
from pathlib import Path

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import DeepseekV3Config, DeepseekV3ForCausalLM, PreTrainedTokenizerFast

VOCABULARY = 512
# Of conversations, and of prompts: one batch of `prepare.py` has all of them.
ROWS = 16
SHAPE = dict(
    vocab_size=VOCABULARY, hidden_size=256, intermediate_size=768, moe_intermediate_size=128, num_hidden_layers=4,
    num_attention_heads=4, num_key_value_heads=4, n_shared_experts=2, n_routed_experts=8, num_experts_per_tok=2,
    first_k_dense_replace=1, q_lora_rank=None, kv_lora_rank=64, qk_nope_head_dim=64, qk_rope_head_dim=32, v_head_dim=64,
    n_group=1, topk_group=1, norm_topk_prob=True, routed_scaling_factor=2.446, rms_norm_eps=1e-5, rope_theta=50000.0,
    max_position_embeddings=1024, tie_word_embeddings=False, rope_scaling=None, attention_bias=False,
    hidden_act="silu", bos_token_id=0, eos_token_id=0,
)
CHAT_TEMPLATE = (
    "{% for message in messages %}<|{{ message['role'] }}|>{{ message['content'] }}<|end|>{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>{% endif %}"
)
SPECIAL = ["<|end|>", "<|system|>", "<|user|>", "<|assistant|>", "<|pad|>"]
WORDS = "the cat sat on a mat and saw one red bird fly over two old houses near green water while rain fell".split()


def sentence(generator):
    """Words that follow each other by a rule with some noise, so that a few steps of training lower the loss."""
    at, words = generator.randrange(len(WORDS)), []
    for _ in range(generator.randrange(6, 24)):
        words.append(WORDS[at])
        at = (at * 3 + 1) % len(WORDS) if generator.random() < 0.8 else generator.randrange(len(WORDS))
    return " ".join(words)


def tokenizer(folder, texts):
    result = Tokenizer(models.BPE())
    result.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    result.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=VOCABULARY, special_tokens=SPECIAL, initial_alphabet=alphabet)
    result.train_from_iterator(texts, trainer)
    fast = PreTrainedTokenizerFast(tokenizer_object=result, eos_token="<|end|>", pad_token="<|pad|>")
    fast.chat_template = CHAT_TEMPLATE
    fast.save_pretrained(folder)


def weights(folder):
    torch.manual_seed(1)
    model = DeepseekV3ForCausalLM(DeepseekV3Config(**SHAPE))
    for name, parameter in model.named_parameters():
        # Norms that are not one and a larger head make a mistake in either visible in the first loss.
        if name.endswith("norm.weight") or name.endswith("layernorm.weight"):
            parameter.data.uniform_(0.8, 1.2)
        elif name == "lm_head.weight":
            parameter.data.normal_(0, 0.05)
    for name, buffer in model.named_buffers():
        if name.endswith("e_score_correction_bias"):
            buffer.data.uniform_(-0.1, 0.1)
            buffer.data.copy_(buffer.bfloat16())
    model.to(torch.bfloat16).save_pretrained(folder)
    config = json.loads((folder / "config.json").read_text())
    # What the released file says too, and transformers leaves out.
    config.update(scoring_func="sigmoid", topk_method="noaux_tc", aux_loss_alpha=0.001, seq_aux=True, moe_layer_freq=1)
    (folder / "config.json").write_text(json.dumps(config, indent=2) + "\n")


def main():
    folder = Path(sys.argv[1])
    model = folder / "hf"
    model.mkdir(parents=True, exist_ok=True)
    generator = random.Random(7)
    documents = [". ".join(sentence(generator) for _ in range(generator.randrange(3, 30))) for _ in range(400)]
    tokenizer(model, documents)
    weights(model)
    with open(folder / "text.jsonl", "w") as file:
        file.writelines(json.dumps({"text": text}) + "\n" for text in documents)
    with open(folder / "chat.jsonl", "w") as chat, open(folder / "prompts.jsonl", "w") as prompts:
        for _ in range(ROWS):
            question, answer = sentence(generator), sentence(generator)
            turns = [{"role": "user", "content": question}, {"role": "assistant", "content": answer}]
            chat.write(json.dumps({"messages": turns}) + "\n")
            prompts.write(json.dumps({"prompt": question, "completion": answer}) + "\n")


if __name__ == "__main__":
    main()
