package dev.kausal.engine.exec;

import dev.kausal.engine.config.Input;
import dev.kausal.engine.edits.Changes;
import dev.kausal.engine.edits.Edit;
import dev.kausal.engine.edits.PositionRange;
import dev.kausal.engine.hooks.HookKind;
import dev.kausal.engine.hooks.HookPoint;
import dev.kausal.engine.hooks.HookPoints;
import dev.kausal.engine.plan.PlannedEdit;
import dev.kausal.engine.rows.AttentionGroup;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/** One text that is being written: its tokens so far, and which of its positions are computed. */
final class OpenText {
    private final TextPrompt prompt;
    private final SplittableRandom random;
    private final int ownFrom;
    private final List<Integer> tokens = new ArrayList<>();
    private final List<Double> logProbabilities = new ArrayList<>();
    private Changes changes = Changes.NONE;
    private int[] ids;
    private int computed;
    private boolean ended;

    /** Starts a text. Before the first position that its edits touch, it has the keys and values of every other text. */
    OpenText(TextPrompt prompt, HookPoints points) {
        this.prompt = prompt;
        this.random = new SplittableRandom(prompt.seed());
        this.ids = prompt.input().ids();
        this.ownFrom = prompt.edits().stream()
                .filter(edit -> points.named(edit.edit().site()).reach() != HookKind.Reach.READOUT)
                .mapToInt(edit -> edit.first(promptLength()))
                .reduce(promptLength() - 1, Math::min);
        this.computed = ownFrom;
    }

    TextPrompt prompt() {
        return prompt;
    }

    SplittableRandom random() {
        return random;
    }

    int promptLength() {
        return prompt.input().length();
    }

    int length() {
        return ids.length;
    }

    /** Returns the position from which keys and values are its own, if another text has the same prompt. */
    int ownFrom() {
        return ownFrom;
    }

    /** Computes all positions itself: no other text has the same prompt. */
    void alone() {
        computed = 0;
    }

    /** Returns the first position that the next pass computes. */
    int firstNew() {
        return computed;
    }

    /** Returns the positions that the next pass computes. */
    int[] newPositions() {
        return AttentionGroup.range(computed, length());
    }

    Input input() {
        return Input.tokens(ids);
    }

    /** Returns the edits that the next pass makes, at its positions. */
    List<PlannedEdit> edits(HookPoints points) {
        List<PlannedEdit> edits = new ArrayList<>();
        for (TextEdit edit : prompt.edits()) {
            HookPoint point = points.named(edit.edit().site());
            // After the last layer, only the last position is computed.
            int from = point.reach() == HookKind.Reach.READOUT ? length() - 1 : computed;
            int first = Math.max(from, edit.first(promptLength()));
            int last = Math.min(length() - 1, edit.last(promptLength()));
            if (first <= last) {
                Edit here = edit.edit().at(new PositionRange(first, last));
                edits.add(new PlannedEdit(here, point, false));
            }
        }
        return edits;
    }

    /** Takes what the edits of a pass changed. */
    void changed(Changes more) {
        changes = changes.and(more);
    }

    /** Appends a token; all positions before it have been computed. */
    void append(TokenChoice.Chosen chosen, boolean ends) {
        computed = length();
        ids = Arrays.copyOf(ids, ids.length + 1);
        ids[ids.length - 1] = chosen.token();
        tokens.add(chosen.token());
        logProbabilities.add(chosen.logProbability());
        ended = ends;
    }

    int written() {
        return tokens.size();
    }

    boolean ended() {
        return ended;
    }

    Continuation finished() {
        return new Continuation(tokens, logProbabilities, ended, changes);
    }
}
