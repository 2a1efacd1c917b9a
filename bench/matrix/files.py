"""Cases of files: tied and untied heads, names of base models, other kinds of numbers, tensors that do not belong."""

UNEMBED = {"gpt_neox": "embed_out.weight", "bert": "cls.predictions.decoder.weight",
           "roberta": "lm_head.decoder.weight", "distilbert": "vocab_projector.weight",
           "electra": "generator_lm_head.weight", "modernbert": "decoder.weight",
           "deberta": "cls.predictions.decoder.weight", "deberta-v2": "cls.predictions.decoder.weight"}
BIASES = {**dict.fromkeys(("bert", "deberta", "deberta-v2"), ("cls.predictions.bias", "cls.predictions.decoder.bias")),
          "roberta": ("lm_head.bias", "lm_head.decoder.bias")}
PREFIXES = {"gpt2": "transformer.", "gptj": "transformer.", "gpt_neo": "transformer.", "gpt_neox": "gpt_neox.",
            "opt": "model.", "bert": "bert.", "roberta": "roberta.", "distilbert": "distilbert.", "electra": "electra.",
            "deberta": "deberta.", "deberta-v2": "deberta."}


def cases(config, tensors):
    """Cases of one tiny model of tokens."""
    kind = config["model_type"]
    yield {"case": "float16", "tensors": [{"edit": "half"}]}
    yield from poolers(config, tensors)
    if not config["architectures"][0].endswith(("ForCausalLM", "LMHeadModel", "ForMaskedLM")):
        return
    unembed = UNEMBED.get(kind, "lm_head.weight")
    embed = next(name for name in tensors if name.endswith(
        ("embed_tokens.weight", "wte.weight", "embed_in.weight", "word_embeddings.weight", "tok_embeddings.weight")))
    shape = list(tensors[embed].shape)
    other = {"edit": "add", "name": unembed, "shape": shape, "phase": 1}
    yield {"case": "tied, no head in the file", "tensors": [{"edit": "drop", "match": unembed}],
           "set": {"tie_word_embeddings": True}}
    yield {"case": "tied, another head in the file", "tensors": [other], "set": {"tie_word_embeddings": True}}
    yield {"case": "tied, the same head in the file", "tensors": [{"edit": "copy", "from": embed, "to": unembed}],
           "set": {"tie_word_embeddings": True}}
    yield {"case": "untied, another head in the file", "tensors": [other], "set": {"tie_word_embeddings": False}}
    yield {"case": "untied, no head in the file", "tensors": [{"edit": "drop", "match": unembed}],
           "set": {"tie_word_embeddings": False}}
    if kind in BIASES and BIASES[kind][0] in tensors:
        yield from biases(*BIASES[kind], shape, other)
    if kind == "modernbert":
        yield from modernbert(config)
    if kind in HEADS:
        yield from encoders(config, tensors)
    if config["architectures"][0].endswith(("ForCausalLM", "LMHeadModel")):
        yield from decoders(config, tensors, unembed, shape)


HEADS = {"bert": ("Bert", r"cls\..*"), "roberta": ("Roberta", r"lm_head\..*"), "distilbert": ("DistilBert", r"vocab_.*"),
         "electra": ("Electra", r"generator_.*"), "deberta": ("Deberta", r"(cls|lm_predictions)\..*"),
         "deberta-v2": ("DebertaV2", r"(cls|lm_predictions)\..*")}
NAMES = {"id2label": {"0": "a", "1": "b", "2": "c"}, "label2id": {"a": 0, "b": 1, "c": 2}}


def encoders(config, tensors):
    """Other classes of the same family: of the masked-LM model, its body with another head."""
    name, head = HEADS[config["model_type"]]
    width = config.get("hidden_size", config.get("dim"))
    prefix = PREFIXES[config["model_type"]]

    def case(what, kind, edits, **more):
        return {"case": what, "tensors": [{"edit": "drop", "match": head}, *edits],
                "set": {"architectures": [kind], **more}}

    def classifier(at, classes):
        return [{"edit": "add", "name": at + ".weight", "shape": [classes, width], "phase": 7},
                {"edit": "add", "name": at + ".bias", "shape": [classes], "phase": 8}]

    def dense(at):
        return [{"edit": "add", "name": at + ".weight", "shape": [width, width], "phase": 9},
                {"edit": "add", "name": at + ".bias", "shape": [width], "phase": 10}]

    yield case("token classification", name + "ForTokenClassification", classifier("classifier", 3), **NAMES)
    yield case("question answering", name + "ForQuestionAnswering", classifier("qa_outputs", 2))
    if name == "Bert":
        yield case("next sentence", "BertForNextSentencePrediction",
                   [*dense("bert.pooler.dense"), *classifier("cls.seq_relationship", 2)])
    if name == "Electra":
        yield case("sequence classification", "ElectraForSequenceClassification",
                   [*dense("classifier.dense"), *classifier("classifier.out_proj", 3)], **NAMES)
    if name.startswith("Deberta"):
        yield from debertas(config, tensors, case, [*dense("pooler.dense"), *classifier("classifier", 3)])
    pooler = [] if name in ("DistilBert", "Electra", "Deberta", "DebertaV2") else dense(prefix + "pooler.dense")
    bare = {"edit": "rename", "from": prefix, "to": ""}
    yield case("no head", name + "Model", [*pooler, bare])
    yield case("no head, names of a model with one", name + "Model", pooler)
    if pooler:
        yield {**case("no head, no pooler", name + "Model", [bare]), "pooler": False}
    if name == "Roberta":
        for other, kind in (("XLMRoberta", "xlm-roberta"), ("Camembert", "camembert")):
            yield {"case": kind, "set": {"model_type": kind, "architectures": [other + "ForMaskedLM"]}}
            yield case(kind + ", token classification", other + "ForTokenClassification",
                       classifier("classifier", 3), model_type=kind, **NAMES)
            yield case(kind + ", no head", other + "Model", [*pooler, bare], model_type=kind)
            yield case(kind + ", sequence classification", other + "ForSequenceClassification",
                       [*dense("classifier.dense"), *classifier("classifier.out_proj", 3)], model_type=kind, **NAMES)


def debertas(config, tensors, case, head):
    """Of DeBERTa: the class with a pooler, and what files hold besides."""
    name = HEADS[config["model_type"]][0]
    yield case("sequence classification", name + "ForSequenceClassification", head, **NAMES)
    yield case("sequence classification, another pooler_hidden_act", name + "ForSequenceClassification", head,
               pooler_hidden_act="tanh", **NAMES)
    width = config.get("embedding_size", config["hidden_size"])
    yield {"case": "the discriminator's head in the file", "tensors": [
        {"edit": "add", "name": "mask_predictions.dense.weight", "shape": [width, width], "phase": 11}]}
    yield {"case": "position embeddings that are not used", "set": {"position_biased_input": False}, "tensors": [
        {"edit": "add", "name": "deberta.embeddings.position_embeddings.weight",
         "shape": [config["max_position_embeddings"], width], "phase": 12}]}
    yield {"case": "legacy, the other head in the file", "set": {"legacy": not config.get("legacy", True)}}
    yield {"case": "relative_attention false, distances not in the file", "set": {"relative_attention": False},
           "tensors": [{"edit": "drop", "match": r".*(rel_embeddings|\.pos_).*"}]}
    yield {"case": "no terms, distances in the file", "set": {"pos_att_type": None},
           "tensors": [{"edit": "drop", "match": r".*\.pos_.*"}]}
    first, terms = config["model_type"] == "deberta", {"c2p": r".*\.pos_(q_|query_).*", "p2c": r".*\.pos_(key_)?proj.*"}
    for term, others in terms.items():
        yield {"case": f"{term} alone", "set": {"pos_att_type": term}, "tensors": [{"edit": "drop", "match": others}]}
    if not first and not config.get("share_att_key"):
        yield {"case": "shared projections", "set": {"share_att_key": True},
               "tensors": [{"edit": "drop", "match": r".*\.pos_.*"}]}
        yield {"case": "normed distances", "set": {"norm_rel_ebd": "layer_norm"}, "tensors": [
            {"edit": "add", "name": "deberta.encoder.LayerNorm.weight", "shape": [config["hidden_size"]], "phase": 13},
            {"edit": "add", "name": "deberta.encoder.LayerNorm.bias", "shape": [config["hidden_size"]], "phase": 14}]}
        for buckets, farthest in ((-1, 6), (0, 6), (5, 16), (4, 3), (4, 9), (8, 12), (2, 16)):
            rows = 2 * (buckets if buckets > 0 else farthest)
            yield {"case": f"position_buckets {buckets}, max_relative_positions {farthest}",
                   "set": {"position_buckets": buckets, "max_relative_positions": farthest}, "tensors": [
                       {"edit": "add", "name": "deberta.encoder.rel_embeddings.weight",
                        "shape": [rows, config["hidden_size"]], "phase": 15}]}
    if first:
        yield {"case": "max_relative_positions 6", "set": {"max_relative_positions": 6}, "tensors": [
            {"edit": "add", "name": "deberta.encoder.rel_embeddings.weight",
             "shape": [12, config["hidden_size"]], "phase": 15}]}


def modernbert(config):
    """Other classes of ModernBERT: the masked-LM model's body and head with another classifier, or none."""
    def classifier(classes):
        return [{"edit": "drop", "match": r"decoder\..*"},
                {"edit": "add", "name": "classifier.weight", "shape": [classes, config["hidden_size"]], "phase": 7},
                {"edit": "add", "name": "classifier.bias", "shape": [classes], "phase": 8}]

    yield {"case": "token classification", "tensors": classifier(3),
           "set": {"architectures": ["ModernBertForTokenClassification"], **NAMES}}
    yield {"case": "question answering", "tensors": classifier(2),
           "set": {"architectures": ["ModernBertForQuestionAnswering"]}}
    for pooling in ("cls", "mean"):
        yield {"case": f"sequence classification, {pooling}", "tensors": classifier(3),
               "set": {"architectures": ["ModernBertForSequenceClassification"], "classifier_pooling": pooling, **NAMES}}
    yield {"case": "no head", "tensors": [{"edit": "drop", "match": r"(decoder|head)\..*"},
                                          {"edit": "rename", "from": "model.", "to": ""}],
           "set": {"architectures": ["ModernBertModel"]}}


def biases(bias, own, shape, other):
    """A masked-LM head's bias under its two names, with words tied and not."""
    names = {"another": {"edit": "add", "name": own, "shape": shape[:1], "phase": 4},
             "the same": {"edit": "copy", "from": bias, "to": own}}
    for tied in (True, False):
        head = [] if tied else [other]
        for name, edit in names.items():
            case = {"set": {"tie_word_embeddings": tied}, "tensors": [*head, edit]}
            yield {"case": f"{'tied' if tied else 'untied'}, {name} {own}", **case}
            yield {**case, "case": f"{'tied' if tied else 'untied'}, {name} {own} alone",
                   "tensors": [*case["tensors"], {"edit": "drop", "match": bias.replace(".", "\\.")}]}
    yield {"case": f"tied, another head in the file, another {own}", "set": {"tie_word_embeddings": True},
           "tensors": [other, names["another"]]}


def poolers(config, tensors):
    """A pooler that the class does not read, and one that is not in the file."""
    kind, prefix = config["model_type"], PREFIXES.get(config["model_type"], "")
    if kind.startswith("deberta"):
        prefix = ""
    elif kind not in ("bert", "roberta"):
        return
    if any("pooler." in name for name in tensors):
        if config["architectures"][0].endswith("Model"):
            yield {"case": "no pooler in the file", "pooler": False, "tensors": [{"edit": "drop", "match": "pooler\\..*"}]}
        return
    width = config["hidden_size"]
    yield {"case": "a pooler in the file", "tensors": [
        {"edit": "add", "name": prefix + "pooler.dense.weight", "shape": [width, width], "phase": 5},
        {"edit": "add", "name": prefix + "pooler.dense.bias", "shape": [width], "phase": 6}]}


def decoders(config, tensors, unembed, shape):
    kind = config["model_type"]
    prefix = PREFIXES.get(kind, "model.")
    name = config["architectures"][0].replace("ForCausalLM", "").replace("LMHeadModel", "")
    bare = [{"edit": "rename", "from": prefix, "to": ""}, {"edit": "drop", "match": unembed.rsplit(".", 1)[0] + ".*"}]
    yield {"case": "base model", "tensors": bare,
           "set": {"architectures": [name + "Model"], "tie_word_embeddings": False}}
    yield {"case": "base model's names, tied", "tensors": bare, "set": {"tie_word_embeddings": True}}
    score = [{"edit": "drop", "match": unembed.rsplit(".", 1)[0] + ".*"},
             {"edit": "add", "name": "score.weight", "shape": [3, shape[1]], "phase": 2}]
    if kind != "granite":  # the library has no such class
        yield {"case": "sequence classification", "tensors": score, "set": {
            "architectures": [name + "ForSequenceClassification"], "tie_word_embeddings": False,
            "id2label": {"0": "a", "1": "b", "2": "c"}, "label2id": {"a": 0, "b": 1, "c": 2}}}
    first = next(name for name in tensors if name.endswith(("q_proj.weight", "o_proj.weight", "dense_h_to_4h.weight",
                                                            "out_proj.weight", "c_fc.weight")))
    bias = first.removesuffix("weight") + "bias"
    if bias not in tensors:
        yield {"case": "a bias that the config denies", "tensors": [
            {"edit": "add", "name": bias, "shape": [tensors[first].shape[0]], "phase": 3}]}
