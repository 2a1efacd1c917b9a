package dev.kausal.engine;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDManager;
import com.google.gson.Gson;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.kausal.engine.config.Input;
import dev.kausal.engine.errors.KausalException;
import dev.kausal.engine.hooks.Hooks;
import dev.kausal.engine.hooks.UnknownHookPointException;
import dev.kausal.engine.model.HookedModel;
import dev.kausal.engine.rows.PromptException;
import dev.kausal.engine.tensor.Torch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a family's reader does not compute is refused by field and value; what a family lacks is named with a reason. */
final class FamilyRefusalsTest {
    @TempDir
    Path folder;

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "llama  | pretraining_tp | 2 | 'pretraining_tp' is 2",
                "llama3-rope-scaling | rope_scaling | {'rope_type': 'axial'} | rope_scaling.rope_type' is axial; supported: default, dynamic",
                "llama3-rope-scaling | rope_scaling | {'rope_type': 'longrope'} | rope_scaling: field 'short_factor' is null",
                "llama3-rope-scaling | rope_scaling | {'type': 'linear'} | 'factor' is missing",
                "llama  | rope_parameters | {'partial_rotary_factor': 0.5} | 'partial_rotary_factor' is 0.5",
                "gpt-neox | rotary_pct | 0.4 | odd width 3",
                "gptj   | rotary_dim | 40 | 40 dimensions of a head rotate, but it has 6",
                "gpt-neo | attention_layers | ['global', 'strided'] | is strided; supported: global, local",
                "gpt-neo | attention_layers | ['global'] | one entry for each of 2 layers",
                "opt    | do_layer_norm_before | false | 'do_layer_norm_before' is false",
                "opt    | word_embed_proj_dim | 16 | 'word_embed_proj_dim' is 16",
                "qwen3  | layer_types | ['full_attention', 'sliding_attention'] | sliding_attention",
                "gemma2 | use_bidirectional_attention | true | 'use_bidirectional_attention' is true",
                "gemma3 | rope_scaling | {'rope_type': 'llama3'} | 'factor' is missing",
                "stablelm | qk_layernorm | true | 'qk_layernorm' is true",
                "phi3   | rope_scaling | {'type': 'longrope'} | 'short_factor' is null",
                "llama  | quantization_config | {'quant_method': 'gptq'} | 'quantization_config' is gptq; supported: none. Use",
                "llama  | architectures | ['LlamaForQuestionAnswering'] | class names ending in ForCausalLM",
                "deberta-v2 | conv_kernel_size | 3 | 'conv_kernel_size' is 3; supported: 0 (no convolution after the first block)",
                "deberta-v2 | pos_att_type | ['c2p', 'p2p'] | 'pos_att_type' is [c2p, p2p]; supported: c2p, p2c, both, or null",
                "deberta-v2 | position_buckets | 40 | 'position_buckets' is 40; supported: at least 2, and its half below",
                "deberta-v2 | norm_rel_ebd | 'rms_norm' | 'norm_rel_ebd' is rms_norm; supported: layer_norm, none",
                "deberta-v2 | attention_head_size | 4 | 'attention_head_size' is 4",
                "deberta-v2 | legacy | false | 'embedding_size' is 14; supported: hidden_size, 18, because legacy is false",
                "deberta-v2-classes | pooler_hidden_size | 9 | 'pooler_hidden_size' is 9",
                "deberta-v2 | architectures | ['DebertaV2ForMultipleChoice'] | DebertaV2ForMaskedLM, DebertaV2ForQuestionAnswering",
                "deberta | talking_head | true | 'talking_head' is true",
                "modernbert-mean | classifier_pooling | 'max' | 'classifier_pooling' is max",
                "electra-generator | is_decoder | true | 'is_decoder' is true",
                "bert-masked | is_decoder | true | 'is_decoder' is true",
                "bert-classes | position_embedding_type | 'relative_key' | 'position_embedding_type' is relative_key",
                "bert-masked | tie_word_embeddings | false | hold no cls.predictions.decoder.weight, but in config.json the head is not tied",
                "roberta-masked | tie_word_embeddings | false | hold no lm_head.decoder.",
                "bert-masked | architectures | ['BertForMultipleChoice'] | BertForMaskedLM, BertForNextSentencePrediction, BertForPreTraining",
                "roberta-masked | add_cross_attention | true | 'add_cross_attention' is true",
                "bert-questions | id2label | {'0': 'a', '1': 'b', '2': 'c'} | 'num_labels' is 3; supported: 2 for question answering",
                "distilbert-classes | architectures | ['DistilBertForMultipleChoice'] | is [DistilBertForMultipleChoice]; supported",
                "vit    | patch_size | 5 | patches of 5 x 5 do not divide images of 12 x 12",
                "vit    | architectures | ['ViTForMaskedImageModeling'] | supported: ViTForImageClassification",
                "dinov2 | apply_layernorm | false | 'apply_layernorm' is false",
                "timm-vit | architecture | 'swin_tiny_patch4_window7_224' | the plain vision transformers of timm 1.0.31",
                "timm-vit | global_pool | 'map' | 'global_pool' is map; supported: token, as in model_args",
                "timm-vit | model_args | {'global_pool': 'avgmax'} | 'global_pool' is avgmax; supported: token, avg, map",
                "timm-vit | model_args | {'block_fn': 'ParallelThingsBlock'} | 'block_fn' is ParallelThingsBlock",
                "timm-vit | model_args | {'scale_attn_norm': true} | 'scale_attn_norm' is true",
                "timm-vit | model_args | {'pos_embed': 'none'} | 'pos_embed' is none; supported: learn",
                "timm-vit | model_args | {'norm_layer': 'simplenorm'} | 'norm_layer' is simplenorm",
                "timm-vit | model_args | {'act_layer': 'mish'} | 'act_layer' is mish",
                "timm-vit | model_args | {'use_rot_pos_emb': true} | 'use_rot_pos_emb' is true; supported: only",
                "llama  | model_type | 'mixtral' | mixture of experts",
                "qwen3  | model_type | 'qwen3_moe' | mixture of experts",
                "llama  | num_hidden_layers | 2147483647 | At most 10000 layers are supported",
                "deberta-v3 | num_hidden_layers | 20000 | At most 10000 layers are supported",
                "gpt2   | n_layer | 20000000 | At most 10000 layers are supported",
                "llama  | architectures | [null] | 'architectures' is [null]",
                "bert-masked | architectures | [null] | 'architectures' is [null]",
                "gpt-neo | attention_layers | [null, 'local'] | is null; supported: global, local",
                "gpt2   | scale_attn_by_inverse_layer_idx | true | 'scale_attn_by_inverse_layer_idx' is true",
            })
    void aFieldThatAsksForMore(String model, String field, String value, String said) throws IOException {
        JsonElement changed = JsonParser.parseString(value.replace('\'', '"'));
        Path tiny = TinyModels.folder(model);
        JsonObject config = JsonParser.parseString(Files.readString(tiny.resolve("config.json")))
                .getAsJsonObject();
        assertTrue(!changed.equals(config.get(field)), "the test's own replacement");
        config.add(field, changed);
        Files.writeString(folder.resolve("config.json"), new Gson().toJson(config));
        Files.copy(tiny.resolve("model.safetensors"), folder.resolve("model.safetensors"));
        KausalException e = assertThrows(
                KausalException.class, () -> HookedModel.open(folder).close());
        assertTrue(e.getMessage().contains(said), e.getMessage());
        assertTrue(e.getMessage().contains("config.json"), e.getMessage());
    }

    @ParameterizedTest
    @CsvSource({
        "gpt-neox, blocks.0.hook_resid_mid, parallel blocks have no hook_resid_mid",
        "stablelm-parallel, blocks.0.hook_resid_mid, parallel blocks have no hook_resid_mid",
        "gptj, blocks.*.hook_resid_mid, parallel blocks have no hook_resid_mid",
        "olmo2, blocks.1.ln1.hook_scale, ln1_post",
        "llama, blocks.1.ln2_post.hook_normalized, do not norm the outputs of attention and MLP",
        "llama, hook_pos_embed, no position embeddings",
        "gpt2, blocks.0.attn.hook_rot_q, no rotary positions",
        "gpt2, blocks.0.mlp.hook_pre_linear, one branch",
        "bert-classes, ln_final.hook_scale, it has no final norm",
        "bert-masked, pooler.hook_pooler_out, does not pool rows",
        "minilm, hook_logits, it has no head",
        "distilbert-masked, hook_token_type_embed, no token types",
        "gpt2, hook_full_embed, does not norm embeddings",
        "llama, blocks.0.hook_normalized_resid_post, use hook_resid_post",
        "llama, blocks.0.attn.hook_q_normed, does not norm queries and keys",
    })
    void aPointThatTheFamilyLacks(String name, String point, String said) {
        try (HookedModel model = HookedModel.open(TinyModels.folder(name))) {
            Exception e = assertThrows(
                    UnknownHookPointException.class, () -> model.points().matching(point));
            assertTrue(e.getMessage().contains(said), e.getMessage());
            assertTrue(e.getMessage().contains(point), e.getMessage());
        }
    }

    @Test
    void aLayerThatIsNotThereIsNoLackOfTheFamily() {
        try (HookedModel model = HookedModel.open(TinyModels.folder("llama"))) {
            Exception e = assertThrows(
                    UnknownHookPointException.class, () -> model.points().named("blocks.7.hook_resid_mid"));
            assertTrue(e.getMessage().contains("Did you mean one of blocks.0.hook_resid_mid"), e.getMessage());
        }
    }

    @ParameterizedTest
    @CsvSource({"12, 13, 468, patches of 4 x 4", "12, 8, 96, need 288"})
    void anImageThatDoesNotFit(int rows, int columns, int numbers, String said) {
        try (HookedModel model = HookedModel.open(TinyModels.folder("vit"))) {
            Exception e =
                    assertThrows(KausalException.class, () -> model.config().image(new float[numbers], rows, columns));
            assertTrue(e.getMessage().contains(said), e.getMessage());
        }
    }

    @Test
    void tokensForAModelOfImagesAndTheOtherWayRound() {
        try (HookedModel vit = HookedModel.open(TinyModels.folder("vit"));
                HookedModel gpt2 = HookedModel.open(TinyModels.folder("gpt2"));
                NDManager manager = Torch.manager()) {
            List<int[]> tokens = List.of(new int[] {3});
            Exception e = assertThrows(PromptException.class, () -> vit.logits(tokens, manager));
            assertTrue(e.getMessage().contains("this vit model reads images"), e.getMessage());
            Input image = vit.config().image(new float[3 * 12 * 12], 12, 12);
            e = assertThrows(
                    PromptException.class, () -> gpt2.outputs(List.of(image), new Hooks(gpt2.points()), manager));
            assertTrue(e.getMessage().contains("this gpt2 model reads tokens"), e.getMessage());
            Input typed = Input.tokens(new int[] {3}, new int[] {1});
            e = assertThrows(
                    PromptException.class, () -> gpt2.outputs(List.of(typed), new Hooks(gpt2.points()), manager));
            assertTrue(e.getMessage().contains("token type 1"), e.getMessage());
        }
    }
}
