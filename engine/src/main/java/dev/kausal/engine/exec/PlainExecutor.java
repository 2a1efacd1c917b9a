package dev.kausal.engine.exec;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.kausal.engine.edits.Changes;
import dev.kausal.engine.edits.Edit;
import dev.kausal.engine.edits.SingleEdit;
import dev.kausal.engine.edits.Sources;
import dev.kausal.engine.hooks.HookHandle;
import dev.kausal.engine.hooks.Hooks;
import dev.kausal.engine.metrics.Metric;
import dev.kausal.engine.model.HookedModel;
import dev.kausal.engine.plan.Cell;
import dev.kausal.engine.plan.CellOutcome;
import dev.kausal.engine.plan.Run;
import dev.kausal.engine.plan.SweepPlan;
import dev.kausal.engine.tensor.Scope;
import dev.kausal.engine.tensor.Slices;
import dev.kausal.engine.tensor.Torch;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.IntConsumer;

/** One whole forward pass per cell: slow and simple; the oracle for faster executors. */
public final class PlainExecutor implements Executor {
    private final Consumer<Hooks> readers;

    /** Creates an executor that only measures. */
    public PlainExecutor() {
        this(hooks -> {});
    }

    /** Creates an executor whose passes are also read: {@code readers} adds hooks after the edits. */
    PlainExecutor(Consumer<Hooks> readers) {
        this.readers = readers;
    }

    @Override
    public String name() {
        return "plain";
    }

    @Override
    public List<CellOutcome> execute(HookedModel model, SweepPlan plan, IntConsumer progress) {
        Torch.inference();
        plan.check(model.config());
        try (PlainSources sources = PlainSources.collect(model, plan)) {
            List<CellOutcome> outcomes = new ArrayList<>();
            for (Cell cell : plan.cells()) {
                outcomes.add(cell(model, plan, cell, sources));
                progress.accept(outcomes.size());
            }
            return outcomes;
        }
    }

    private CellOutcome cell(HookedModel model, SweepPlan plan, Cell cell, PlainSources sources) {
        Run run = plan.runs().get(cell.run());
        try (Scope scope = model.device().scope()) {
            NDManager local = scope.manager();
            Hooks hooks = new Hooks(model.points());
            run.edits().forEach(edit -> attach(hooks, edit, sources));
            Map<SingleEdit, HookHandle> own = new LinkedHashMap<>();
            cell.edits().forEach(edit -> {
                SingleEdit hook = new SingleEdit(edit, sources);
                own.put(hook, hook.attach(hooks));
            });
            readers.accept(hooks);
            NDArray logits = logits(model, run, hooks, cell.metric(), local);
            double value = cell.metric().of(logits, run.ids(), sources::reference);
            own.forEach((hook, handle) -> hook.checkFired(handle.fired()));
            Changes changes = own.keySet().stream().map(SingleEdit::changes).reduce(Changes.NONE, Changes::and);
            return new CellOutcome(value, own.size(), changes.largest(), changes.size());
        }
    }

    private static void attach(Hooks hooks, Edit edit, Sources sources) {
        new SingleEdit(edit, sources).attach(hooks);
    }

    private static NDArray logits(HookedModel model, Run run, Hooks hooks, Metric metric, NDManager manager) {
        Optional<int[]> positions = metric.positions(run.length());
        if (positions.isEmpty()) {
            return model.outputsAt(run.input(), run.read(), hooks, manager);
        }
        NDArray all = model.outputs(List.of(run.input()), hooks, manager);
        return positions.get().length == run.length() ? all : Slices.gather(all, manager.create(positions.get()));
    }
}
