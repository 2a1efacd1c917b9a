package dev.kausal.engine.plan;

import dev.kausal.engine.hooks.HookKind;
import java.util.List;

/** Which runs and cells may pass together: if one gives heads their own inputs, a layer's rows take another way. */
public enum Company {
    /** Any that gives heads no inputs of their own. */
    ANY,
    /** Those that do. */
    PER_HEAD,
    /** None: it also edits the norm that these inputs pass. */
    ALONE;

    /** Returns who may pass with what makes these edits. */
    public static Company of(List<PlannedEdit> edits) {
        boolean perHead = false;
        boolean norm = false;
        for (PlannedEdit edit : edits) {
            HookKind kind = edit.point().kind();
            perHead |= kind.inputPerHead();
            norm |= kind == HookKind.LN1_SCALE || kind == HookKind.LN1_NORMALIZED;
        }
        if (!perHead) {
            return ANY;
        }
        return norm ? ALONE : PER_HEAD;
    }
}
