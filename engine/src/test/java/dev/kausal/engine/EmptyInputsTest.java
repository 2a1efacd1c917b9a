package dev.kausal.engine;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDManager;
import dev.kausal.engine.analysis.DirectLogitAttribution;
import dev.kausal.engine.analysis.attention.AttentionPattern;
import dev.kausal.engine.analysis.attention.AttentionRangeException;
import dev.kausal.engine.config.Input;
import dev.kausal.engine.gradients.Gradients;
import dev.kausal.engine.gradients.Objective;
import dev.kausal.engine.gradients.WeightGradients;
import dev.kausal.engine.hooks.Hooks;
import dev.kausal.engine.model.HookedModel;
import dev.kausal.engine.rows.PromptException;
import dev.kausal.engine.tensor.Torch;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** Nothing to run on, or no such position, is the caller's mistake, and is told as one. */
class EmptyInputsTest {
    private static final Input TWO = Input.tokens(1, 2);

    @Test
    void noInputsAndNoPositionsAreRefused() {
        try (HookedModel model = HookedModel.open(Path.of("src/test/resources/tiny/llama"));
                NDManager manager = Torch.manager()) {
            Hooks none = new Hooks(model.points());
            Objective loss = Objective.nextTokenLoss();
            List<Executable> calls = List.of(
                    () -> model.logits(List.of(), manager),
                    () -> model.lastLogits(List.of(), none, manager),
                    () -> model.outputs(List.of(), none, manager),
                    () -> model.outputsAt(List.of(), new int[0], none, manager),
                    () -> model.outputsAt(List.of(TWO), new int[0], none, manager),
                    () -> model.outputsAt(TWO, 2, none, manager),
                    () -> model.outputsAt(TWO, -1, none, manager),
                    () -> DirectLogitAttribution.of(model, List.of(), none),
                    () -> Gradients.of(model, List.of(), loss, point -> true, manager),
                    () -> WeightGradients.of(model, List.of(), loss, manager));
            calls.forEach(call -> assertThrows(PromptException.class, call));
            Exception empty = assertThrows(PromptException.class, () -> model.lastLogits(List.of(), none, manager));
            assertTrue(empty.getMessage().startsWith("A pass needs at least one sequence or image"));
            assertThrows(AttentionRangeException.class, () -> AttentionPattern.of(model, TWO, none, List.of()));
        }
    }
}
