package dev.kausal.engine.gradients;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import dev.kausal.engine.config.Input;
import dev.kausal.engine.hooks.ActivationCache;
import dev.kausal.engine.hooks.HookHandle;
import dev.kausal.engine.hooks.HookKind;
import dev.kausal.engine.hooks.HookPoint;
import dev.kausal.engine.hooks.Hooks;
import dev.kausal.engine.model.HookedModel;
import dev.kausal.engine.rows.InputBatch;
import dev.kausal.engine.tensor.Recording;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Gradient of one number with respect to activations: its first-order change per unit added to an entry at a hook
 * point, with everything after the point recomputed.
 *
 * <p>It also holds the activations of the same pass, as attribution patching (Nanda 2023) multiplies both. It owns its
 * arrays and frees them on {@link #close()}. Parameters are constants here; see {@link WeightGradients}.
 */
public final class Gradients implements AutoCloseable {
    private final ActivationCache activations;
    private final ActivationCache gradients;
    private double value;

    private Gradients(HookedModel model, NDManager parent) {
        this.activations = new ActivationCache(parent, model.points());
        this.gradients = new ActivationCache(parent, model.points());
    }

    /**
     * Runs inputs forward and backward.
     *
     * @param inputs as one batch
     * @param objective the number, over all inputs together
     * @param which points whose gradients are kept
     * @param manager closes the result at the latest
     * @throws ObjectiveException if there is nothing to take the gradient of, or no point to take it at
     */
    public static Gradients of(
            HookedModel model, List<Input> inputs, Objective objective, Predicate<HookPoint> which, NDManager manager) {
        return of(model, inputs, new Hooks(model.points()), objective, which, manager);
    }

    /**
     * Runs inputs forward and backward with hooks. A gradient at an edited point is that of the edited activation, and
     * flows back through the edit if it consists of array operations; see {@link Recording} for operands that are Java
     * numbers.
     */
    public static Gradients of(
            HookedModel model,
            List<Input> inputs,
            Hooks hooks,
            Objective objective,
            Predicate<HookPoint> which,
            NDManager manager) {
        return of(new RecordedPass(model, inputs, hooks, objective), which, manager);
    }

    /** Runs a pass forward and backward; see {@link #of(HookedModel, List, Hooks, Objective, Predicate, NDManager)}. */
    public static Gradients of(RecordedPass pass, Predicate<HookPoint> which, NDManager manager) {
        InputBatch batch = pass.batch();
        List<List<HookPoint>> passes = passes(pass.model(), which);
        if (passes.isEmpty()) {
            throw ObjectiveException.nothingWanted();
        }
        Gradients found = new Gradients(pass.model(), manager);
        try (LayerStreams streams = pass.layerByLayer() ? LayerStreams.of(pass, batch) : null) {
            return Recording.of(() -> {
                passes.forEach(together -> found.pass(pass, batch, together, streams));
                return found;
            });
        } catch (RuntimeException e) {
            found.close();
            throw e;
        }
    }

    /**
     * Returns the points by pass. If heads read their own copies of the stream, the first norm of the shared stream is
     * skipped, so its points need a separate pass.
     */
    private static List<List<HookPoint>> passes(HookedModel model, Predicate<HookPoint> which) {
        List<HookPoint> wanted = model.points().all().stream().filter(which).toList();
        List<HookPoint> norms = wanted.stream().filter(Gradients::ofFirstNorm).toList();
        if (wanted.isEmpty()) {
            return List.of();
        }
        if (norms.isEmpty() || wanted.stream().noneMatch(point -> point.kind().inputPerHead())) {
            return List.of(wanted);
        }
        return List.of(
                norms, wanted.stream().filter(point -> !ofFirstNorm(point)).toList());
    }

    private static boolean ofFirstNorm(HookPoint point) {
        return point.kind() == HookKind.LN1_SCALE || point.kind() == HookKind.LN1_NORMALIZED;
    }

    private record Probe(HookPoint point, NDArray array) {}

    private void pass(RecordedPass pass, InputBatch batch, List<HookPoint> points, @Nullable LayerStreams streams) {
        try (NDManager local = pass.model().device().manager();
                NDScope scope = new NDScope()) {
            scope.suppressNotUsedWarning();
            List<Probe> probes = new ArrayList<>();
            HookHandle handle = pass.hooks().replace(points::contains, (x, point) -> {
                activations.store(x, point);
                Probe probe = new Probe(point, Recording.probe(x));
                NDScope.unregister(probe.array());
                probe.array().attach(local);
                probes.add(probe);
                return x.add(probe.array());
            });
            try {
                value = streams == null
                        ? Backward.of(pass.transformer(), batch, pass.hooks(), pass.objective(), local)
                        : pass.hooks().again(() -> streams.backward(pass, batch, points, local));
            } finally {
                handle.close();
            }
            for (Probe probe : probes) {
                try (NDArray gradient = probe.array().getGradient()) {
                    gradients.store(gradient, probe.point());
                }
                probe.array().close();
            }
        }
    }

    /** Returns the value of the objective. */
    public double value() {
        return value;
    }

    /** Returns the activations at the points, axes as their kinds say. */
    public ActivationCache activations() {
        return activations;
    }

    /** Returns the gradients at the points, shaped as the activations. */
    public ActivationCache gradients() {
        return gradients;
    }

    /**
     * Returns the gradient at {@code name}; see {@link ActivationCache#get}.
     *
     * @return shaped as the activation; owned by this object
     */
    public NDArray get(String name) {
        return gradients.get(name);
    }

    @Override
    public void close() {
        activations.close();
        gradients.close();
    }
}
