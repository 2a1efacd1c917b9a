"""Tiny random models of every family, and the value of every hook point in them.

Models are made and run by the reference libraries (transformers, timm). Activations that no module
returns (scores, rotated queries, what each head writes) are computed by plain maths from those that
are, and each is held against the next thing that the library itself computed: see points.py.

Names and shapes are TransformerLens's, less the batch axis. What the names mean, by the source of
TransformerLens 4.3.0 (transformer_lens/model_bridge/generalized_components):

* hook_scale is the denominator, [pos, 1]: sqrt(mean(x^2) + eps), where x has its mean taken off
  first in LayerNorm but not in RMSNorm (normalization.py).
* hook_normalized is x / scale BEFORE the gain and the bias, for both norms (the same file).
* ln1_post, ln2_post: norms between attention or MLP and the residual stream. hook_attn_out and
  hook_mlp_out are what is added to the stream, so they come after these (block.py).
* hook_q, hook_k, hook_v: as projected, before any norm of queries and keys and before rotation,
  [pos, heads or kv_heads, d_head]. hook_q_normed, hook_k_normed: after that norm. q_norm and k_norm
  have hook_scale and hook_normalized too: per head ([pos, head, 1]) or, where one norm spans all
  heads, [pos, 1] and [pos, heads * d_head]. hook_rot_q, hook_rot_k: after rotation, in the layout
  of Hugging Face's own code; equal to what went in where a layer does not rotate
  (position_embeddings_attention.py).
* hook_attn_scores: scaled, soft-capped and masked, before softmax, [head, query, key]. Masked
  entries are the lowest float32 here; TransformerLens has that or -inf, by its mode.
* hook_result: what each head writes, [pos, head, d_model], without the output bias (attention.py).
  Where a layer scale follows the output projection it is part of what is written.
* hook_mlp_in: the residual stream as the MLP's branch sees it, before ln2.
* A block with attention and MLP in parallel has no hook_resid_mid; both read hook_resid_pre. Where
  they share a norm, ln1 and ln2 are that norm twice (HookedTransformer).
* hook_embed, hook_pos_embed, hook_token_type_embed: what is added up before the first block; in a
  vision model one row per position, zeros where a token has no position embedding. HookedEncoder
  had these three below embed. Where a norm follows (BERT), it is embed.ln and its output
  hook_full_embed.
* ln_final: the norm right before the unembedding or classifier. mlm_head.hook_pre and hook_post:
  around the activation of a masked-LM head. pooler.hook_pooler_out: the row that a classifier reads,
  where it is not simply a row of ln_final's output.
* Post-norm encoders, as HookedEncoder had it (components/bert_block.py): resid_mid = resid_pre +
  attn_out, ln1 reads it; resid_post = ln1's output + mlp_out, ln2 reads it;
  hook_normalized_resid_post is ln2's output, and the next block's resid_pre.
"""
