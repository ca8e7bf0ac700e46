/// What MindSpeed and MindSpeed-LLM add to Megatron-LM's parser.
///
/// Source: MindSpeed 0.12.1 `mindspeed/arguments.py` and `mindspeed/features_manager`, MindSpeed-LLM 26.0.0
/// `mindspeed_llm/features_manager` and `mindspeed_llm/training/arguments.py`, without what Megatron-LM has by the same name.
enum MindSpeedOptions {
  /// With underscores.
  static let own: Set<String> = Set(
    text.split { $0 == " " || $0 == "\n" }.map { String($0.map { $0 == "-" ? "_" : $0 }) })

  /// Whether a word of a command line is one of them.
  static func isOne(_ word: String) -> Bool {
    word.hasPrefix("--") && own.contains(String(word.dropFirst(2).prefix { $0 != "=" }.map { $0 == "-" ? "_" : $0 }))
  }

  private static let text = """
    adaptive-cp-dynamic-attn-mask adaptive-cp-manually-set-mask-list adaptive-cp-only-reschedule
    adaptive-cp-without-coarse adaptive-memory-optimization adaptive-recompute-device-size
    adaptive-recompute-device-swap adaptive-recompute-profiling-step add-dense-bias add-eos-token
    add-output-layer-bias add-rmsnorm-offset additional-config ai-framework aiqos aiqos-enable-roce aiqos-mode
    aiqos-schedule alibi-diagonal-opposite alibi-fusion-attn-type alternative-prompt ampipe-degree
    ampipe-tp-sp-comm-overlap append-eod apply-rope-no-in-complex async-log-allreduce attention-mask-on-cpu
    attention-mask-type attn-logit-softcapping auto-settings auto-settings-log-level auto-settings-ranks
    auto-settings-type auto-settings-work-dir automated-pipeline automated-pipeline-perf balanced-moe-experts
    balanced-moe-hot-expert-num beta-fast beta-slow broadcast cache-dir chain-of-thought cla-share-factor
    coc-fused-kernel coc-mode coc-parallel-num compress-activation compress-dense compress-optimizer compress-ratios
    compress-rope-theta context-parallel-algo context-parallel-cache-interval context-parallel-kv-cache-policy
    cp-attention-mask-type cp-window-size cut-max-seqlen dataset-additional-keys dataset-dir dataset-impl datasets
    dim-model-base disable-gloo-group dist-train distributed-optimizer-no-replica dpo-beta dpo-label-smoothing
    dpo-loss-type drop-thinking dualpipev-dw-detach dynamic-factor ema-decay embedding-multiplier-scale enable-a2avc
    enable-backward-overlap-ag-with-matmul enable-dsa-indexer enable-elastic-training enable-expert-placement
    enable-fine-grained-expert-placement enable-hbmfault-repair enable-hf2mg-convert enable-high-availability
    enable-mg2hf-convert enable-mhc enable-mla-absorb enable-mla-scale-kv-lora enable-mla-scale-q-lora
    enable-overlap-ag-with-matmul enable-overlap-matmul-with-rs enable-recompute-layers-per-pp-rank enable-seq1f1b
    enable-share-memory enable-thinking enable-token-rearrange-opt enable-worker-reboot enable-zero3 eval-language
    evaluation-batch-size expert-interval expert-placement-freq fc-type fill-neg-inf
    fine-grained-expert-placement-thre first-k-dense-replace fix-router fix-sub-seq-length
    fp8-reuse-quantized-weight fsdp2-config-path full-attention-interval full-shuffle-instruction-dataset geglu
    gelu-tanh gemm-gradient-accumulation-fusion greedy handler-name hc-eps hc-mult hc-sinkhorn-iters
    hccl-ep-group-buffer-adaptive-factor hccl-group-buffer hccl-group-buffer-adaptive hccl-op-mode hccl-slice-size
    hf-cfg-dir hf-chat-template hf-datasets-params hf-save-dir high-freq-factor history-turns index-head-dim
    index-n-heads index-share-for-mtp-iteration index-skip-topk-offset index-topk index-topk-freq index-topk-pattern
    indexer-loss-coeff indexer-qk-quant-scheme init-norm-weight-in-fp32 input-embeds-norm input-jitter
    input-layernorm-in-fp32 instruction-template interleave-probs interleave-sliding-window is-instruction-dataset
    is-pairwise-dataset jit-compile json-keys keep-newlines kl-loss-reduction kl-loss-weight kl-temperature
    kv-compress kv-head-repeat-before-uly-alltoall layerwise-disaggregated-training layerzero layerzero-config
    load-checkpoint-loosely long-factor long-mscale longrope-freqs-type lora-alpha lora-ckpt-filter lora-fusion
    lora-load lora-modules-to-save lora-r lora-register-forward-hook lora-target-modules loss-chunk-size
    loss-compute-mode low-freq-factor lu-lora-final-layer-index lu-lora-lr lu-lora-lr-ratio mamba-chunk-size
    mamba-d-conv mamba-d-ssm mamba-expand map-keys master-port max-batch-size max-eval-samples max-length
    max-new-tokens max-samples mbs-idx megatron-cp-in-bnsd merge-group-keys mg-save-dir mix-strategy
    mla-fa-divide-qk mla-fa-without-pad mla-mm-split mla-swap-core-attn-out mla-up-proj-tp-overlap mla-zero-memory
    moba-calc-method moba-chunk-size moba-topk model-type-hf moe-adaptive-recompute-activation
    moe-adaptive-recompute-activation-scale moe-allgather-overlap-comm moe-alltoall-mc2 moe-alltoall-overlap-comm
    moe-bmm-mc2 moe-comm-aux-loss-coeff moe-device-level-aux-loss-coeff moe-dynamic-padding moe-fb-overlap
    moe-intermediate-size moe-model-type moe-no-drop moe-permutation-async-comm moe-revert-type-after-topk
    moe-tp-extend-ep moe-train-capacity-factor moe-unperm2-mem-optim-swap moe-use-sinkhorn moe-zero-memory
    moe-zero-memory-num-layers mtp-mem-efficient-logits mtp-spec multi-head-latent-attention n-group n-hash-layers
    n-shared-experts n-subs nd1-dim1-size nd2-dim1-size neat-pack next-tockens no-chat-template no-cut-token
    no-enable-linear-qkv no-pad-to-seq-lengths no-post-layer-norm no-qad-enable no-shared-storage no-shuffle
    no-use-gmm-fp8 no-use-rts no-use-sparse-c8-indexer node-rank noisy-gate-policy noop-layers norm-topk-prob
    nproc-per-node npu-datadump npu-deterministic num-layer-list num-zero-experts o-groups o-lora-rank o2-gradient
    o2-optimizer only-convert-last-checkpoint op-cal-tflops optimization-level optimize-send-recv-comm
    optimize-vpp-send-recv-comm optimized-mbs-list optimized-mbs-mode optimizer-selection origin-postprocess
    original-max-position-embeddings original-seq-len output-layer-slice-num output-logit-softcapping
    output-multiplier-scale output-prefix overwrite-cache pack pad-to-multiple-of pad-vocab-size-to
    padded-base-length padded-samples param-and-grad-buffer-pad partial-rotary-factor pipe-experts-multi-data
    pipe-experts-multi-stream pipeline-num-transformer-layers post-norm pp-schedule-list pre-tockens pref-ftx
    print-expert-load prof-file profile-data-simplification profile-export-type profile-level profile-record-shapes
    profile-save-path profile-with-cpu profile-with-memory profile-with-stack prompt-type prompt-type-path
    qad-enable qad-teacher-load qat-quant-block-size qat-scheme qk-nope-head-dim qk-rope-head-dim quant-grads
    quant-states query-pre-attn-scalar reasoning-effort recompute-activation-function
    recompute-activation-function-num-layers recompute-in-advance recompute-in-bubble recompute-mla-up-proj
    recompute-module-list recompute-norm recompute-norm-num-layers recompute-type ref-model refer-model-iter
    reset-bucket-group-order reuse-fp32-param reward-tokens rmsnorm-weight-in-fp32 rope-factor
    rope-scaling-beta-fast rope-scaling-beta-slow rope-scaling-mscale rope-scaling-mscale-all-dim
    rope-scaling-original-max-position-embeddings rope-scaling-type rope-theta routed-scaling-factor
    router-gating-in-fp32 save-layer-by-layer save-lora-to-hf save-memory-ratio scale-depth scale-emb scale-fmt
    schedules-method script-data-dir seq-aux seq1f1b-balance-method seq1f1b-splits shape-order share-kvstates
    shared-expert-gate shared-expert-gate-output-dimension short-factor short-mscale skip-bias-add sliding-window
    sliding-window-size smart-swap sparse-mode split-sentences square-alibi-mask stage streaming swap-attention
    swap-layer-input swap-modules swap-optimizer swap-optimizer-times swiglu-limit target-nnodes task task-data-path
    te-comparison-with-bf16 te-comparison-with-cpu te-gmm-mode temperature tokenizer-name-or-path
    tokenizer-not-use-fast tokenizer-padding-side top-k top-p topk-group topk-softmax-in-fp32 tp-2d tp-x tp-y
    trans-hot-expert-group-num ttp-dump-dir ttp-dump-timeout-seconds ttp-enabled ttp-heartbeat-interval-ms
    ttp-heartbeat-timeout-ms ttp-max-dump-ckpt-to-keep ttp-max-missed-count ttp-save-optimizer ttp-save-rng
    ttp-server-ip ttp-server-port ttp-wait-dump-file-timeout ulysses-degree-in-cp unaligned-linear use-ascend-coc
    use-ascend-mc2 use-cp-send-recv-overlap use-deter-comp use-dsa-absorb use-ema use-fused-lightning-indexer
    use-fused-lightning-indexer-kl-loss use-fused-lightning-indexer-loss use-fused-mhc
    use-fused-moe-token-permute-and-unpermute use-fused-ring-attention-update use-fused-rmsnorm
    use-fused-rotary-pos-emb use-fused-sparse-flash-attention use-fused-swiglu use-fusion-attn-v2 use-glm-rope
    use-global-aux-loss use-kv-cache use-mc2 use-moba-attn use-multiparameter-pipeline-model-parallel use-nanopipe
    use-nanopipe-swap use-nd-matmul use-pipe-experts use-sparse-flash-attn use-triton-gdn use-triton-mhc
    use-triton-swiglu-limit use-ulysses-allgather-kv use-wandb variable-seq-lengths virtual-optimizer workers
    yarn-scaling-factor
    """
}
