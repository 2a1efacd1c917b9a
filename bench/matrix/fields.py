"""Cases of config fields: each left out, null, and with unusual values."""

# What is not a choice of the computation: names, heads' labels, how numbers are stored.
NOT_FIELDS = {"_name_or_path", "architectures", "dtype", "id2label", "label2id", "model_type", "torch_dtype",
              "transformers_version", "label_names", "label_descriptions", "pretrained_cfg", "model_args", "architecture",
              "num_classes", "num_features", "global_pool", "head_dropout"}

ACTIVATIONS = ["relu", "gelu", "gelu_new", "gelu_fast", "gelu_python", "silu"]

UNUSUAL = {
    "hidden_act": ACTIVATIONS, "hidden_activation": ACTIVATIONS, "activation_function": ACTIVATIONS,
    "activation": ACTIVATIONS,
    "rms_norm_eps": [0.05], "layer_norm_eps": [0.05], "layer_norm_epsilon": [0.05], "norm_eps": [0.05],
    "sliding_window": [3, 100], "window_size": [2], "query_pre_attn_scalar": [7], "attn_logit_softcapping": [1.5],
    "final_logit_softcapping": [2.0], "rope_theta": [50.0], "rotary_emb_base": [50.0], "rotary_pct": [0.25],
    "partial_rotary_factor": [0.25], "rope_local_base_freq": [50.0], "rotary_dim": [2], "pad_token_id": [0],
    "embedding_multiplier": [3.0], "logits_scaling": [3.0], "residual_multiplier": [0.5],
    "attention_multiplier": [0.25], "layerscale_value": [0.5], "clip_qkv": [0.3],
}

LINEAR = {"type": "linear", "factor": 3.0}
DYNAMIC = {"rope_type": "dynamic", "factor": 2.0}
LLAMA3 = {"rope_type": "llama3", "factor": 4.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0}
YARN = {"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 16}

ROPES = {
    "linear": LINEAR,
    "linear, rope_theta beside it": {**LINEAR, "rope_theta": 70.0},
    "dynamic": DYNAMIC,
    "llama3": {**LLAMA3, "original_max_position_embeddings": 16},
    "llama3, its context left out": LLAMA3,
    "yarn": YARN,
    "yarn, its context left out": {"rope_type": "yarn", "factor": 2.0},
    "yarn, betas": {**YARN, "beta_fast": 4.0, "beta_slow": 0.5},
    "yarn, attention_factor": {**YARN, "attention_factor": 1.7},
    "yarn, mscale": {**YARN, "mscale": 0.7, "mscale_all_dim": 0.4},
    "yarn, not truncated": {**YARN, "truncate": False},
}


def cases(config, known, inert, first):
    """Cases of one tiny model; unusual values only where it is the first of its model_type."""
    yield {"case": "as it is"}
    names = [name for name in sorted({*config, *known}) if name not in NOT_FIELDS and name not in inert]
    for name in names:
        if name in config:
            yield {"case": f"{name} left out", "field": name, "remove": [name]}
            if config[name] is not None:
                yield {"case": f"{name} null", "field": name, "set": {name: None}}
        if first:
            for value in unusual(name, config.get(name, known.get(name))):
                yield {"case": f"{name} {value}", "field": name, "set": {name: value}}
    if first:
        yield from ropes(config, known)
        yield from FAMILY.get(config.get("model_type"), lambda config: [])(config)


def unusual(name, value):
    if name in UNUSUAL:
        return [other for other in UNUSUAL[name] if other != value]
    if isinstance(value, bool):
        return [not value]
    if isinstance(value, int):
        return [value + 1]
    return []


def ropes(config, known):
    """Scaled positions, in the older place, the newer one, and both."""
    if "rope_parameters" not in known:
        return
    left = [name for name in ("rope_parameters", "rope_scaling") if name in config]
    for name, rope in ROPES.items():
        yield {"case": f"rope_scaling {name}", "field": "rope_scaling", "remove": left, "set": {"rope_scaling": rope}}
    flat = "rope_parameters" in config and "rope_theta" in (config["rope_parameters"] or {})
    if "layer_types" in known and isinstance(config.get("rope_parameters"), dict) and not flat:
        yield {"case": "rope_theta outside the parts", "field": "rope_theta", "remove": left, "set": {"rope_theta": 80.0}}
    rope = {"rope_type": "linear", "factor": 2.0, "rope_theta": 60.0}
    yield {"case": "rope_parameters linear", "field": "rope_parameters", "remove": left, "set": {"rope_parameters": rope}}
    yield {"case": "rope_parameters and rope_scaling", "field": "rope_scaling", "remove": left,
           "set": {"rope_parameters": rope, "rope_scaling": LINEAR}}
    yield {"case": "rope_theta alone", "field": "rope_theta", "remove": left, "set": {"rope_theta": 80.0}}
    if flat:
        yield {"case": "rope_theta beside rope_parameters", "field": "rope_theta", "set": {"rope_theta": 80.0}}


def windows(config):
    """A window in some layers, as the fields of Qwen and SmolLM3 say it."""
    layers = config["num_hidden_layers"]
    mixed = ["full_attention"] + ["sliding_attention"] * (layers - 1)
    used = {"use_sliding_window": True, "sliding_window": 3}
    yield {"case": "a window", "field": "use_sliding_window", "remove": ["layer_types"],
           "set": {**used, "max_window_layers": 1}}
    yield {"case": "a window, layer_types", "field": "layer_types", "set": {**used, "layer_types": mixed}}
    yield {"case": "layer_types without a window", "field": "layer_types",
           "set": {"use_sliding_window": False, "layer_types": mixed}}


def layer_types(config):
    mixed = ["full_attention"] + ["sliding_attention"] * (config["num_hidden_layers"] - 1)
    yield {"case": "layer_types", "field": "layer_types", "set": {"layer_types": mixed, "sliding_window": 3}}


def gemma2(config):
    yield from layer_types(config)
    yield {"case": "hidden_act instead of hidden_activation", "field": "hidden_act", "remove": ["hidden_activation"],
           "set": {"hidden_act": "relu"}}


def gemma3(config):
    yield from gemma2(config)
    yield {"case": "sliding_window_pattern", "field": "sliding_window_pattern", "remove": ["layer_types"],
           "set": {"sliding_window_pattern": 2}}
    yield {"case": "rope_local_base_freq", "field": "rope_local_base_freq", "remove": ["rope_parameters"],
           "set": {"rope_local_base_freq": 30.0, "rope_theta": 300.0}}
    yield {"case": "rope_parameters with one part", "field": "rope_parameters",
           "set": {"rope_parameters": {"full_attention": {"rope_type": "default", "rope_theta": 44.0}}}}


def phi3(config):
    part = config["partial_rotary_factor"]
    pairs = int(config["hidden_size"] // config["num_attention_heads"] * part) // 2
    longrope = {"type": "longrope", "short_factor": [1.5] * pairs, "long_factor": [4.0] * pairs}
    for kind in ("longrope", "su", "yarn"):
        yield {"case": f"rope_scaling {kind} with factors", "field": "rope_scaling", "remove": ["rope_parameters"],
               "set": {"rope_scaling": {**longrope, "type": kind}, "original_max_position_embeddings": 16}}


def gpt_neox(config):
    yield {"case": "rotary_pct alone", "field": "rotary_pct", "remove": ["rope_parameters"],
           "set": {"rotary_pct": 0.5}}


def smollm3(config):
    yield from windows(config)
    yield {"case": "no_rope_layers", "field": "no_rope_layers",
           "set": {"no_rope_layers": [layer % 2 for layer in range(config["num_hidden_layers"])]}}
    yield {"case": "no_rope_layer_interval alone", "field": "no_rope_layer_interval", "remove": ["no_rope_layers"],
           "set": {"no_rope_layer_interval": 2}}


def gpt_neo(config):
    yield {"case": "attention_types alone", "field": "attention_types", "remove": ["attention_layers"],
           "set": {"attention_types": [[["local"], config["num_layers"]]]}}


def modernbert(config):
    older = ["layer_types", "rope_parameters"]
    yield {"case": "global_attn_every_n_layers", "field": "global_attn_every_n_layers", "remove": ["layer_types"],
           "set": {"global_attn_every_n_layers": 1}}
    yield {"case": "global_rope_theta and local_rope_theta", "field": "global_rope_theta", "remove": older,
           "set": {"global_attn_every_n_layers": 2, "global_rope_theta": 70.0, "local_rope_theta": 30.0}}
    yield {"case": "rope_parameters with one part", "field": "rope_parameters",
           "set": {"rope_parameters": {"full_attention": {"rope_type": "default", "rope_theta": 44.0}}}}


def deberta(config):
    """What scores have added; of version 2, its embeddings of distances, and fields that its class does not list."""
    for terms in ("c2p", "p2c", "p2c | C2P", None, [], ["c2p"], ["C2P"], "c2p|p2p", "p2c|p2c"):
        yield {"case": f"pos_att_type {terms}", "field": "pos_att_type", "set": {"pos_att_type": terms}}
    for value in (4, 40, 0):
        yield {"case": f"max_relative_positions {value}", "field": "max_relative_positions",
               "set": {"max_relative_positions": value}}
    yield {"case": "relative_attention false, no terms", "field": "relative_attention",
           "set": {"relative_attention": False, "pos_att_type": None}}
    width = config["hidden_size"] // config["num_attention_heads"]
    others = {"attention_head_size": [width, width + 1, None], "pooler_hidden_size": [config["hidden_size"], 5, None],
              "embedding_size": [config["hidden_size"], None], "share_att_key": [True, False, None],
              "talking_head": [False, True, None], "position_buckets": [-1, 0, 1, 4, 5, 9, 40, None],
              "norm_rel_ebd": ["none", "layer_norm", "none|layer_norm", " LAYER_NORM | none", "rms_norm", None],
              "conv_kernel_size": [0, 3, None], "pooler_hidden_act": ["tanh", "relu"], "cls_dropout": [0.5, None]}
    for name, values in others.items():
        for value in values:
            yield {"case": f"{name} {value}", "field": name, "set": {name: value}}


FAMILY = {"deberta": deberta, "deberta-v2": deberta, "modernbert": modernbert, "qwen2": windows, "qwen3": windows, "smollm3": smollm3, "mistral": layer_types, "gemma2": gemma2,
          "gemma3_text": gemma3, "olmo3": layer_types, "phi3": phi3, "gpt_neox": gpt_neox, "gpt_neo": gpt_neo}
