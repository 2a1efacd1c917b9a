"""Cases of files: tied and untied heads, names of base models, other kinds of numbers, tensors that do not belong."""

UNEMBED = {"gpt_neox": "embed_out.weight", "bert": "cls.predictions.decoder.weight",
           "roberta": "lm_head.decoder.weight", "distilbert": "vocab_projector.weight",
           "electra": "generator_lm_head.weight", "modernbert": "decoder.weight"}
BIASES = {"bert": ("cls.predictions.bias", "cls.predictions.decoder.bias"), "roberta": ("lm_head.bias", "lm_head.decoder.bias")}
PREFIXES = {"gpt2": "transformer.", "gptj": "transformer.", "gpt_neo": "transformer.", "gpt_neox": "gpt_neox.",
            "opt": "model.", "bert": "bert.", "roberta": "roberta.", "distilbert": "distilbert.", "electra": "electra."}


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
    if kind in BIASES:
        yield from biases(*BIASES[kind], shape, other)
    if kind == "modernbert":
        yield from modernbert(config)
    if kind in HEADS:
        yield from encoders(config, tensors)
    if config["architectures"][0].endswith(("ForCausalLM", "LMHeadModel")):
        yield from decoders(config, tensors, unembed, shape)


HEADS = {"bert": ("Bert", r"cls\..*"), "roberta": ("Roberta", r"lm_head\..*"), "distilbert": ("DistilBert", r"vocab_.*"),
         "electra": ("Electra", r"generator_.*")}
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
    pooler = [] if name in ("DistilBert", "Electra") else dense(prefix + "pooler.dense")
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
    if kind not in ("bert", "roberta"):
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
