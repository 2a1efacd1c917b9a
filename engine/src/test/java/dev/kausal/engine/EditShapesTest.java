package dev.kausal.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.ndarray.types.Shape;
import dev.kausal.engine.edits.Edit;
import dev.kausal.engine.edits.Part;
import dev.kausal.engine.edits.PositionRange;
import dev.kausal.engine.edits.Replacement;
import dev.kausal.engine.edits.ScriptFunction;
import dev.kausal.engine.exec.PlainExecutor;
import dev.kausal.engine.metrics.Logit;
import dev.kausal.engine.model.HookedModel;
import dev.kausal.engine.plan.Cell;
import dev.kausal.engine.plan.Run;
import dev.kausal.engine.plan.SweepPlan;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What a script's {@code hook} is given: the contract that its documentation states. The tiny Llama has d_model 24, four
 * heads of 10 over two key-value heads, 44 neurons and 61 tokens.
 */
@ExtendWith(NoOpenArrays.class)
final class EditShapesTest {
    private static final int[] PROMPT = {3, 17, 42, 5, 28};
    private static HookedModel model;

    @BeforeAll
    static void open() {
        model = HookedModel.open(Path.of("src/test/resources/tiny/llama"));
    }

    @AfterAll
    static void close() {
        model.close();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "hook_embed                     | (1, 3, 24)    | (1, 3, 1)",
                "blocks.1.hook_resid_pre        | (1, 3, 24)    | (1, 3, 1)",
                "blocks.1.hook_attn_out         | (1, 3, 24)    | (1, 3, 1)",
                "blocks.1.hook_mlp_out          | (1, 3, 24)    | (1, 3, 1)",
                "ln_final.hook_normalized       | (1, 3, 24)    | (1, 3, 1)",
                "blocks.1.attn.hook_q           | (1, 3, 4, 10) | (1, 3, 1, 10)",
                "blocks.1.attn.hook_k           | (1, 3, 2, 10) | (1, 3, 1, 10)",
                "blocks.1.attn.hook_v           | (1, 3, 2, 10) | (1, 3, 1, 10)",
                "blocks.1.attn.hook_z           | (1, 3, 4, 10) | (1, 3, 1, 10)",
                "blocks.1.attn.hook_result      | (1, 3, 4, 24) | (1, 3, 1, 24)",
                "blocks.1.attn.hook_attn_scores | (1, 4, 3, 5)  | (1, 1, 3, 5)",
                "blocks.1.attn.hook_pattern     | (1, 4, 3, 5)  | (1, 1, 3, 5)",
                "blocks.1.mlp.hook_pre          | (1, 3, 44)    | (1, 3, 1)",
                "blocks.1.mlp.hook_pre_linear   | (1, 3, 44)    | (1, 3, 1)",
                "blocks.1.mlp.hook_post         | (1, 3, 44)    | (1, 3, 1)",
                "hook_logits                    | (1, 3, 61)    | (1, 3, 1)",
            })
    void aFunctionGetsRowsAndUnitsWithAllAxesKept(String site, String whole, String one) {
        boolean heads = site.contains(".attn.hook_");
        assertEquals(List.of(whole), shapes(site, new PositionRange(1, 3), Part.ALL));
        assertEquals(List.of(one), shapes(site, new PositionRange(1, 3), heads ? new Part.Head(1) : new Part.Unit(1)));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "blocks.1.hook_resid_pre    | (1, 5, 24)",
                "blocks.1.attn.hook_z       | (1, 5, 4, 10)",
                "blocks.1.attn.hook_pattern | (1, 4, 5, 5)",
            })
    void withoutRowsItGetsEveryPosition(String site, String shape) {
        assertEquals(List.of(shape), shapes(site, PositionRange.ALL, Part.ALL));
    }

    /** The shapes of all calls. */
    private static List<String> shapes(String site, PositionRange rows, Part part) {
        List<String> seen = new ArrayList<>();
        Replacement record = new ScriptFunction(x -> {
            Shape shape = x.getShape();
            seen.add(shape.toString());
            return x;
        });
        Cell cell = new Cell(0, List.of(new Edit(site, rows, part, record)), new Logit(7));
        SweepPlan plan = new SweepPlan(List.of(new Run(PROMPT, List.of())), List.of(cell));
        new PlainExecutor().execute(model, plan, done -> {});
        return seen;
    }
}
