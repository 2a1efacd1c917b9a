package dev.kausal.engine.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.kausal.engine.config.Input;
import dev.kausal.engine.edits.GramSchmidt;
import dev.kausal.engine.edits.PositionRange;
import dev.kausal.engine.gradients.Gradients;
import dev.kausal.engine.gradients.Objective;
import dev.kausal.engine.hooks.ActivationCache;
import dev.kausal.engine.hooks.HookPoint;
import dev.kausal.engine.hooks.Hooks;
import dev.kausal.engine.metrics.LogProbability;
import dev.kausal.engine.metrics.Metric;
import dev.kausal.engine.model.HookedModel;
import dev.kausal.engine.tensor.Recording;
import dev.kausal.engine.tensor.Torch;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Trains a subspace of a hook point's activations by distributed alignment search (Geiger et al. 2023): the base's component in the
 * subspace is replaced by the source's, {@code x + (s - x) R Rᵀ} at each position, and the orthonormal basis R is trained so that the
 * outputs become the counterfactual labels.
 *
 * <p>The pass of a base is unchanged up to the point, so that {@code s - x} is read once for each pair. A step takes the gradient
 * with respect to the changed activations; that with respect to R follows from it in double precision.
 */
public final class SubspaceTrainer {
    private final HookedModel model;
    private final HookPoint point;
    private final List<InterchangePair> pairs;
    private final List<double[][]> differences = new ArrayList<>();
    private final SubspaceAdam adam;
    private List<double[]> basis;

    /**
     * Reads the activations of pairs.
     *
     * @param site name of the hook point
     * @param first the first basis [rank][unit], made orthonormal
     * @throws SubspaceException if the point has no such subspace, or there are no pairs
     */
    public SubspaceTrainer(HookedModel model, String site, List<InterchangePair> pairs, List<double[]> first) {
        this.model = model;
        this.point = model.points().named(site);
        this.pairs = List.copyOf(pairs);
        if (pairs.isEmpty()) {
            throw SubspaceException.noPairs();
        }
        int units = units(model, point);
        if (first.isEmpty() || first.size() > units) {
            throw SubspaceException.rank(first.size(), site, units);
        }
        this.basis = GramSchmidt.orthonormal(first);
        this.adam = new SubspaceAdam(basis.size(), units);
        Torch.inference();
        for (InterchangePair pair : pairs) {
            double[][] base = rows(pair.base(), pair.at());
            double[][] source = rows(pair.source(), pair.from());
            for (int row = 0; row < base.length; row++) {
                GramSchmidt.add(source[row], base[row], -1);
            }
            differences.add(source);
        }
    }

    /**
     * Trains a subspace.
     *
     * @throws SubspaceException if the point has no such subspace, there are no pairs, or the loss becomes infinite
     */
    public static TrainedSubspace train(
            HookedModel model, String site, List<InterchangePair> pairs, SubspaceTraining training) {
        int units = units(model, model.points().named(site));
        if (training.rank() < 1 || training.rank() > units) {
            throw SubspaceException.rank(training.rank(), site, units);
        }
        List<double[]> first = RandomBasis.of(training.rank(), units, training.seed());
        SubspaceTrainer trainer = new SubspaceTrainer(model, site, pairs, first);
        Batches batches = new Batches(pairs.size(), training.batch(), training.seed());
        List<Double> losses = new ArrayList<>();
        for (int step = 0; step < training.steps(); step++) {
            losses.add(trainer.step(batches.next(), training.rateAt(step)));
        }
        return new TrainedSubspace(trainer.basis(), losses);
    }

    /** Returns the orthonormal basis [rank][unit]. */
    public List<double[]> basis() {
        return basis.stream().map(double[]::clone).toList();
    }

    /**
     * The loss of a batch and its gradient.
     *
     * @param loss mean cross-entropy of the counterfactual labels, in nats
     * @param gradient gradient with respect to the basis [rank][unit]
     */
    public record LossGradient(double loss, double[][] gradient) {}

    /**
     * Makes a step down the gradient.
     *
     * @param batch numbers of pairs
     * @return the loss before the step
     * @throws SubspaceException if the loss is not finite
     */
    public double step(List<Integer> batch, double learningRate) {
        LossGradient found = gradient(batch);
        if (!Double.isFinite(found.loss())) {
            throw SubspaceException.notFinite(point.name(), adam.steps());
        }
        basis = adam.step(basis, found.gradient(), learningRate);
        return found.loss();
    }

    /** Returns the loss of some pairs, by number, and its gradient with respect to the basis. */
    public LossGradient gradient(List<Integer> batch) {
        Map<Integer, List<Integer>> byLength = new TreeMap<>();
        batch.forEach(pair -> byLength.computeIfAbsent(pairs.get(pair).base().length(), length -> new ArrayList<>())
                .add(pair));
        double[][] gradient = new double[basis.size()][basis.get(0).length];
        double loss = 0;
        for (List<Integer> together : byLength.values()) {
            loss += addGradient(together, gradient, batch.size());
        }
        return new LossGradient(loss, gradient);
    }

    /** Adds the gradient of pairs whose bases have equal lengths, and returns their part of a mean loss over {@code count} pairs. */
    private double addGradient(List<Integer> together, double[][] gradient, int count) {
        List<InterchangePair> own = together.stream().map(pairs::get).toList();
        List<Input> inputs = own.stream().map(InterchangePair::base).toList();
        List<Metric> metrics = own.stream()
                .<Metric>map(pair -> new LogProbability(pair.targets()))
                .toList();
        List<Integer> read = own.stream().map(InterchangePair::read).toList();
        Objective objective = Objective.sum(metrics, read, run -> {
            throw new IllegalStateException("a probability is compared with no run");
        });
        int length = inputs.get(0).length();
        float[] changes = changes(together, length);
        Hooks hooks = new Hooks(model.points());
        hooks.replace(point::equals, (x, at) -> x.add(changed(x, changes)));
        try (NDManager manager = model.device().manager();
                Gradients found = Gradients.of(model, inputs, hooks, objective, point::equals, manager)) {
            float[] upstream = found.get(point.name()).toFloatArray();
            for (int i = 0; i < own.size(); i++) {
                addGradient(together.get(i), i * length, upstream, gradient, -1.0 / count);
            }
            return -found.value() / count;
        }
    }

    private static NDArray changed(NDArray x, float[] changes) {
        return Recording.nativeCopy(x.getManager().create(changes, x.getShape()));
    }

    /** Returns {@code (s - x) R Rᵀ} at the changed positions of each base, 0 elsewhere: [pair, position, unit]. */
    private float[] changes(List<Integer> together, int length) {
        int units = basis.get(0).length;
        float[] changes = new float[together.size() * length * units];
        for (int i = 0; i < together.size(); i++) {
            double[][] rows = differences.get(together.get(i));
            int start = i * length + first(pairs.get(together.get(i)).at());
            for (int row = 0; row < rows.length; row++) {
                double[] change = new double[units];
                double[] difference = rows[row];
                basis.forEach(vector -> GramSchmidt.add(change, vector, GramSchmidt.dot(difference, vector)));
                for (int unit = 0; unit < units; unit++) {
                    changes[(start + row) * units + unit] = (float) change[unit];
                }
            }
        }
        return changes;
    }

    /**
     * Adds the gradient of one pair with respect to each vector r of the basis: with d = s - x and g the gradient at the changed
     * activation, (g·r) d + (d·r) g, over its positions.
     */
    private void addGradient(int pair, int start, float[] upstream, double[][] gradient, double times) {
        int units = basis.get(0).length;
        double[][] rows = differences.get(pair);
        double[] at = new double[units];
        for (int row = 0; row < rows.length; row++) {
            int from = (start + first(pairs.get(pair).at()) + row) * units;
            for (int unit = 0; unit < units; unit++) {
                at[unit] = upstream[from + unit];
            }
            for (int k = 0; k < gradient.length; k++) {
                double[] vector = basis.get(k);
                GramSchmidt.add(gradient[k], rows[row], times * GramSchmidt.dot(at, vector));
                GramSchmidt.add(gradient[k], at, times * GramSchmidt.dot(rows[row], vector));
            }
        }
    }

    private static int first(PositionRange rows) {
        return rows.all() ? 0 : rows.first();
    }

    /** Returns activations [row][unit] of the unedited pass. */
    private double[][] rows(Input input, PositionRange rows) {
        try (NDManager manager = model.device().manager()) {
            Hooks hooks = new Hooks(model.points());
            ActivationCache cache = hooks.capture(point::equals, manager);
            model.outputsAt(input, input.length() - 1, hooks, manager);
            float[] all = cache.get(point.name()).toFloatArray();
            int units = all.length / input.length();
            double[][] found = new double[rows.count(input.length())][units];
            for (int row = 0; row < found.length; row++) {
                for (int unit = 0; unit < units; unit++) {
                    found[row][unit] = all[(first(rows) + row) * units + unit];
                }
            }
            return found;
        }
    }

    private static int units(HookedModel model, HookPoint point) {
        if (point.kind().attention()) {
            throw SubspaceException.attention(point.name());
        }
        return point.axes().stream()
                .skip(1)
                .mapToInt(axis -> axis.size(model.config(), 1))
                .reduce(1, (a, b) -> a * b);
    }
}
