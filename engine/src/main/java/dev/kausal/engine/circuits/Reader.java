package dev.kausal.engine.circuits;

import dev.kausal.engine.edits.Part;
import dev.kausal.engine.graph.Port;
import dev.kausal.engine.hooks.HookKind;
import dev.kausal.engine.hooks.HookPoint;

/**
 * One input of a component that reads the residual stream by itself: the queries of a head, the keys or the values of a
 * key-value head, an MLP, or the output head, which reads the stream after the last layer, before its final norm.
 *
 * @param kind what reads
 * @param layer its layer; the last one for the output head
 * @param head query head, or key-value head for keys and values; 0 if the kind has none
 */
public record Reader(Kind kind, int layer, int head) {
    /** What reads the stream. */
    public enum Kind {
        /** The queries of one head. */
        QUERY(HookKind.Q_INPUT, ".q"),
        /** The keys of one key-value head. */
        KEY(HookKind.K_INPUT, ".k"),
        /** The values of one key-value head. */
        VALUE(HookKind.V_INPUT, ".v"),
        /** A layer's MLP. */
        MLP(HookKind.MLP_IN, " mlp"),
        /** The output head. */
        LOGITS(HookKind.RESID_POST, "logits");

        private final HookKind point;
        private final String suffix;

        Kind(HookKind point, String suffix) {
            this.point = point;
            this.suffix = suffix;
        }

        /** Returns the kind of hook point that shows what it reads. */
        public HookKind point() {
            return point;
        }

        /** Returns whether a point shows what readers of this kind read. */
        boolean at(HookPoint read, int lastLayer) {
            return read.kind() == point && (this != LOGITS || read.layer() == lastLayer);
        }

        /** Returns whether each head has an input of its own. */
        public boolean perHead() {
            return point.inputPerHead();
        }
    }

    /** Returns its name in results: {@code L7.q5}, {@code L7.k1}, {@code L7.v1}, {@code L7 mlp}, {@code logits}. */
    public String label() {
        return kind == Kind.LOGITS ? kind.suffix : "L" + layer + kind.suffix + (kind.perHead() ? head : "");
    }

    /** Returns the hook point and the units that show what it reads. */
    public Port port() {
        return new Port(kind.point(), layer, kind.perHead() ? new Part.Head(head) : Part.ALL);
    }
}
