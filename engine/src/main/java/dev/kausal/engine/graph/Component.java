package dev.kausal.engine.graph;

import dev.kausal.engine.config.ModelConfig;
import dev.kausal.engine.edits.Part;
import dev.kausal.engine.hooks.HookKind;
import java.util.List;
import java.util.Optional;

/**
 * A part of the model that writes to the residual stream. The final stream is the sum of what embeddings, heads, MLPs
 * and biases write, unless a norm lies between a block's parts and the stream (Gemma 2, OLMo 2).
 */
public sealed interface Component {
    /** Token embeddings; if the model norms the sum of its embeddings, that sum. */
    record Embed() implements Component {
        @Override
        public String label() {
            return "embed";
        }

        @Override
        public Optional<Port> writer() {
            return Optional.of(new Port(HookKind.EMBED, Port.NO_LAYER, Part.ALL));
        }
    }

    /** Learned position embeddings. */
    record PosEmbed() implements Component {
        @Override
        public String label() {
            return "pos_embed";
        }

        @Override
        public Optional<Port> writer() {
            return Optional.of(new Port(HookKind.POS_EMBED, Port.NO_LAYER, Part.ALL));
        }
    }

    /** An attention head, without the layer's output bias. */
    record Head(int layer, int head) implements Component {
        @Override
        public String label() {
            return "L" + layer + "H" + head;
        }

        @Override
        public Optional<Port> writer() {
            return Optional.of(new Port(HookKind.RESULT, layer, new Part.Head(head)));
        }

        @Override
        public List<Port> readers(ModelConfig config) {
            Part shared = new Part.Head(head / config.groupSize());
            return List.of(
                    new Port(HookKind.Q_INPUT, layer, new Part.Head(head)),
                    new Port(HookKind.K_INPUT, layer, shared),
                    new Port(HookKind.V_INPUT, layer, shared));
        }
    }

    /** A layer's MLP; its hook point includes its bias. */
    record Mlp(int layer) implements Component {
        @Override
        public String label() {
            return "L" + layer + " mlp";
        }

        @Override
        public Optional<Port> writer() {
            return Optional.of(new Port(HookKind.MLP_OUT, layer, Part.ALL));
        }

        @Override
        public List<Port> readers(ModelConfig config) {
            return List.of(new Port(HookKind.MLP_IN, layer, Part.ALL));
        }
    }

    /** The bias of a layer's attention output. */
    record AttentionBias(int layer) implements Component {
        @Override
        public String label() {
            return "L" + layer + " attn bias";
        }
    }

    /** The bias of a layer's MLP output. */
    record MlpBias(int layer) implements Component {
        @Override
        public String label() {
            return "L" + layer + " mlp bias";
        }
    }

    /** The bias of the final norm. */
    record FinalNormBias() implements Component {
        @Override
        public String label() {
            return "final norm bias";
        }
    }

    /** The bias of the unembedding. */
    record UnembedBias() implements Component {
        @Override
        public String label() {
            return "unembed bias";
        }
    }

    /** The effect of the final soft cap on a logit or a logit difference: capped minus uncapped. */
    record SoftCap() implements Component {
        @Override
        public String label() {
            return "soft cap";
        }
    }

    /** Returns the component's name in results. */
    String label();

    /** Returns where its output passes; empty for a bias, which no hook point shows. */
    default Optional<Port> writer() {
        return Optional.empty();
    }

    /** Returns where it reads the residual stream, queries before keys before values; empty if nowhere. */
    default List<Port> readers(ModelConfig config) {
        return List.of();
    }
}
