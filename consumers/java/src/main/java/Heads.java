import dev.kausal.engine.edits.Edit;
import dev.kausal.engine.edits.Part;
import dev.kausal.engine.edits.PositionRange;
import dev.kausal.engine.edits.Zero;
import dev.kausal.engine.exec.BatchedExecutor;
import dev.kausal.engine.hooks.HookKind;
import dev.kausal.engine.metrics.LogitDifference;
import dev.kausal.engine.model.HookedModel;
import dev.kausal.engine.plan.Cell;
import dev.kausal.engine.plan.CellOutcome;
import dev.kausal.engine.plan.Run;
import dev.kausal.engine.plan.SweepPlan;
import dev.kausal.engine.source.ModelSources;
import dev.kausal.engine.source.SourceContext;
import dev.kausal.engine.tokens.Tokenizer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Which head does the answer need? A sweep of the engine, from plain Java. */
public final class Heads {
    public static void main(String[] arguments) {
        Path path = ModelSources.resolve("embedded:facts", SourceContext.ofProcess(true, line -> {})).path();
        try (HookedModel model = HookedModel.open(path)) {
            Tokenizer tokenizer = model.tokenizer().orElseThrow();
            int[] prompt = tokenizer.encode("The Eiffel Tower is located in the city of").ids();
            int paris = tokenizer.encode(" Paris").ids()[0];
            int rome = tokenizer.encode(" Rome").ids()[0];
            List<Cell> cells = new ArrayList<>();
            cells.add(new Cell(0, List.of(), new LogitDifference(paris, rome)));
            for (int layer = 0; layer < model.config().layers(); layer++) {
                for (int head = 0; head < model.config().heads(); head++) {
                    Edit zero = new Edit(HookKind.Z.name(layer), PositionRange.ALL, new Part.Head(head), new Zero());
                    cells.add(new Cell(0, List.of(zero), new LogitDifference(paris, rome)));
                }
            }
            SweepPlan plan = new SweepPlan(List.of(new Run(prompt, List.of())), cells);
            List<CellOutcome> outcomes = new BatchedExecutor(1L << 30).execute(model, plan, done -> {});
            System.out.printf("unedited %.3f%n", outcomes.get(0).value());
            for (int i = 1; i < outcomes.size(); i++) {
                System.out.printf("head %d %.3f%n", i - 1, outcomes.get(i).value());
            }
        }
    }
}
