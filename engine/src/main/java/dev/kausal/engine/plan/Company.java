package dev.kausal.engine.plan;

import dev.kausal.engine.hooks.HookKind;
import java.util.List;

/**
 * Which runs and cells may share a pass: if one gives heads their own inputs, the rows of a layer are computed
 * differently.
 */
public enum Company {
    /** Any other that gives heads no inputs of their own. */
    ANY,
    /** Others that give heads their own inputs. */
    PER_HEAD,
    /** None: it also edits the norm of these inputs. */
    ALONE;

    /** Returns what a run with these edits may share a pass with. */
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
