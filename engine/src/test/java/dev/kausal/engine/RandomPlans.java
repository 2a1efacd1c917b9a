package dev.kausal.engine;

import ai.djl.ndarray.NDArray;
import dev.kausal.engine.config.Input;
import dev.kausal.engine.config.OutputHeadConfig;
import dev.kausal.engine.config.PatchConfig;
import dev.kausal.engine.edits.EdgeFromRun;
import dev.kausal.engine.edits.Edit;
import dev.kausal.engine.edits.FromRun;
import dev.kausal.engine.edits.GaussianNoise;
import dev.kausal.engine.edits.MeanOf;
import dev.kausal.engine.edits.Part;
import dev.kausal.engine.edits.PositionMean;
import dev.kausal.engine.edits.PositionRange;
import dev.kausal.engine.edits.RandomMove;
import dev.kausal.engine.edits.RandomVector;
import dev.kausal.engine.edits.Replacement;
import dev.kausal.engine.edits.ScriptFunction;
import dev.kausal.engine.edits.Zero;
import dev.kausal.engine.hooks.Axis;
import dev.kausal.engine.hooks.HookKind;
import dev.kausal.engine.hooks.HookPoint;
import dev.kausal.engine.metrics.KlDivergence;
import dev.kausal.engine.metrics.LargestDifference;
import dev.kausal.engine.metrics.LogProbability;
import dev.kausal.engine.metrics.Logit;
import dev.kausal.engine.metrics.LogitDifference;
import dev.kausal.engine.metrics.Loss;
import dev.kausal.engine.metrics.Metric;
import dev.kausal.engine.metrics.Probability;
import dev.kausal.engine.metrics.ProbabilityDifference;
import dev.kausal.engine.metrics.ScriptMetric;
import dev.kausal.engine.model.HookedModel;
import dev.kausal.engine.plan.Cell;
import dev.kausal.engine.plan.Run;
import dev.kausal.engine.plan.SweepPlan;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;

/** Draws prompts, interventions and metrics of every kind that a model can take. */
final class RandomPlans {
    private static final List<UnaryOperator<NDArray>> FUNCTIONS =
            List.of(x -> x.mul(0.5f), x -> x.add(0.25f), x -> x.neg(), x -> x.duplicate());

    private final HookedModel model;
    private final Random random;
    private final List<Run> runs = new ArrayList<>();
    private int[] stem;
    private boolean vectors;
    private boolean edges;

    RandomPlans(HookedModel model, long seed) {
        this.model = model;
        this.random = new Random(seed);
    }

    SweepPlan draw() {
        int prompts = 2 + random.nextInt(3);
        stem = ids(2 + random.nextInt(5));
        for (int i = 0; i < prompts; i++) {
            runs.add(model.config().readsImages() ? image() : prompt());
        }
        if (random.nextInt(3) == 0) {
            int of = random.nextInt(prompts);
            runs.add(runs.get(of).with(List.of(inherited(of))));
        }
        List<Cell> cells = new ArrayList<>();
        int count = 1 + random.nextInt(25);
        for (int i = 0; i < count; i++) {
            cells.add(cell());
        }
        return new SweepPlan(runs, cells);
    }

    /** The same without cells that call a function of Java's. */
    static SweepPlan withoutFunctions(SweepPlan plan) {
        List<Cell> cells = plan.cells().stream()
                .filter(cell -> !cell.metric().callsScript())
                .filter(cell -> cell.edits().stream()
                        .noneMatch(edit -> edit.replacement().callsScript()))
                .toList();
        return new SweepPlan(plan.runs(), cells);
    }

    private Run image() {
        PatchConfig shape = model.config().embedding().image().orElseThrow();
        int rows = shape.patchRows() * (1 + random.nextInt(3));
        int columns = shape.patchColumns() * (1 + random.nextInt(3));
        float[] pixels = new float[shape.channels() * rows * columns];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = (float) random.nextGaussian();
        }
        return new Run(model.config().image(pixels, rows, columns), List.of());
    }

    private Run prompt() {
        int[] prompt = ids(1 + random.nextInt(7));
        boolean alike = random.nextInt(3) > 0;
        int[] ids = alike ? beginningLike(stem) : prompt;
        boolean causal = model.config().attention().causal();
        int types = Math.max(1, model.config().embedding().tokenTypes());
        int[] its =
                IntStream.range(0, ids.length).map(i -> random.nextInt(types)).toArray();
        return new Run(Input.tokens(ids, its), causal ? ids.length - 1 : random.nextInt(ids.length), List.of());
    }

    private int[] ids(int length) {
        return IntStream.range(0, length)
                .map(i -> random.nextInt(Math.max(1, model.config().vocabulary())))
                .toArray();
    }

    private int[] beginningLike(int[] stem) {
        int[] ids = stem.clone();
        for (int i = random.nextInt(ids.length); i < ids.length && random.nextBoolean(); i++) {
            ids[i] = random.nextInt(model.config().vocabulary());
        }
        return ids;
    }

    private Edit inherited(int run) {
        List<HookPoint> points = model.points().all().stream()
                .filter(point -> point.kind() == HookKind.EMBED
                        || point.kind() == HookKind.RESID_PRE
                        || point.kind() == HookKind.MLP_OUT
                        || point.kind() == HookKind.FINAL_NORMALIZED)
                .toList();
        HookPoint point = points.get(random.nextInt(points.size()));
        return new Edit(point.name(), rows(length(point, run)), Part.ALL, new GaussianNoise(0.3, random.nextLong()));
    }

    /** Runs with noise, and cells that change something and keep other activations as their own run has them. */
    SweepPlan drawKeeping() {
        stem = ids(2 + random.nextInt(5));
        for (int i = 0; i < 2; i++) {
            runs.add(model.config().readsImages() ? image() : prompt());
            Edit noise = new Edit("hook_embed", rows(runs.get(2 * i).length()), Part.ALL, new GaussianNoise(0.3, i));
            runs.add(runs.get(2 * i).with(List.of(noise)));
        }
        List<Cell> cells = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            int run = random.nextInt(runs.size());
            List<Edit> edits = new ArrayList<>(List.of(edit(run)));
            for (int kept = 0; kept < 3; kept++) {
                edits.add(keeping(run));
            }
            cells.add(new Cell(run, edits, metric(run)));
        }
        return new SweepPlan(runs, cells);
    }

    /**
     * Runs with edits of their own, which read earlier runs, and cells that read any of them; vectors and patched edges
     * among the replacements.
     */
    SweepPlan drawReading() {
        stem = ids(2 + random.nextInt(5));
        vectors = true;
        edges = true;
        for (int i = 0; i < 2; i++) {
            runs.add(model.config().readsImages() ? image() : prompt());
        }
        for (int i = 0; i < 4; i++) {
            int of = random.nextInt(runs.size());
            List<Edit> more = new ArrayList<>(runs.get(of).edits());
            more.add(edit(of));
            more.add(edit(of));
            runs.add(runs.get(of).with(more));
        }
        List<Cell> cells = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            cells.add(cell());
        }
        return new SweepPlan(runs, cells);
    }

    private Edit keeping(int run) {
        while (true) {
            Edit edit = edit(run);
            boolean scale = edit.replacement().callsScript() && edit.site().endsWith("scale");
            if (!scale) {
                return new Edit(edit.site(), edit.rows(), edit.part(), new FromRun(run, edit.rows()));
            }
        }
    }

    private Cell cell() {
        int run = random.nextInt(runs.size());
        List<Edit> edits = new ArrayList<>();
        int count = random.nextInt(10) == 0 ? 0 : 1 + random.nextInt(3);
        for (int i = 0; i < count; i++) {
            edits.add(edit(run));
        }
        return new Cell(run, edits, metric(run));
    }

    /** An output of another run's, read by one head, an MLP or the output head; empty if no rows of that run fit. */
    private Optional<Edit> edge(int run) {
        List<HookPoint> points = model.points().all();
        List<HookPoint> readers = points.stream()
                .filter(point -> List.of(
                                HookKind.Q_INPUT,
                                HookKind.K_INPUT,
                                HookKind.V_INPUT,
                                HookKind.MLP_IN,
                                HookKind.RESID_POST)
                        .contains(point.kind()))
                .toList();
        List<HookPoint> writers = points.stream()
                .filter(point -> List.of(HookKind.RESULT, HookKind.MLP_OUT).contains(point.kind())
                        || (point.kind() == HookKind.RESID_PRE && point.layer() == 0))
                .toList();
        HookPoint reader = readers.get(random.nextInt(readers.size()));
        HookPoint writer = writers.get(random.nextInt(writers.size()));
        PositionRange rows = rows(runs.get(run).length());
        int source = random.nextInt(runs.size());
        Replacement there =
                fromRun(source, rows, runs.get(run).length(), runs.get(source).length(), false);
        return Optional.ofNullable((FromRun) there)
                .map(other -> new EdgeFromRun(other, new FromRun(run, rows), writer, unit(writer)))
                .map(value -> new Edit(reader.name(), rows, unit(reader), value));
    }

    /** One head of a point that has heads; everything of one that has none. */
    private Part unit(HookPoint point) {
        return point.axes().stream()
                .filter(Axis::heads)
                .<Part>map(axis -> new Part.Head(random.nextInt(axis.size(model.config(), 1))))
                .findFirst()
                .orElse(Part.ALL);
    }

    private Edit edit(int run) {
        if (edges && random.nextInt(3) == 0) {
            Optional<Edit> edge = edge(run);
            if (edge.isPresent()) {
                return edge.get();
            }
        }
        while (true) {
            List<HookPoint> points = model.points().all();
            HookPoint point = points.get(random.nextInt(points.size()));
            HookKind kind = point.kind();
            boolean perHead = kind.name().endsWith("_INPUT") || kind == HookKind.ATTN_IN;
            boolean norm = model.config().block().order().normsInput()
                    && (kind == HookKind.LN1_SCALE || kind == HookKind.LN1_NORMALIZED);
            // An edit of the norm and one of a head's own input before it exclude each other; see Projections.
            if (norm || (kind == HookKind.ATTN_IN && model.config().groupSize() > 1)) {
                continue;
            }
            if (perHead && random.nextInt(3) > 0) {
                continue;
            }
            // A norm divided by zero is no number, which masks then carry to rows that do not look there.
            if (kind.axes().contains(Axis.SCALE)) {
                return new Edit(point.name(), PositionRange.ALL, Part.ALL, new ScriptFunction(x -> x.mul(1.5f)));
            }
            PositionRange rows = rows(length(point, run));
            Replacement value = value(run, point, rows);
            if (value != null) {
                return new Edit(point.name(), rows, part(point), value);
            }
        }
    }

    private int length(HookPoint point, int run) {
        return point.reach() == HookKind.Reach.POOLED ? 1 : runs.get(run).length();
    }

    private Part part(HookPoint point) {
        int heads = point.axes().stream()
                .filter(Axis::heads)
                .mapToInt(axis -> axis.size(model.config(), 1))
                .findFirst()
                .orElse(0);
        if (heads > 0 && random.nextInt(4) > 0) {
            return new Part.Head(random.nextInt(heads));
        }
        boolean units = point.axes().size() == 2
                && !point.axes().contains(Axis.POOLED_ROW)
                && !point.axes().contains(Axis.OUTPUT);
        return units && random.nextBoolean() ? new Part.Unit(random.nextInt(5)) : Part.ALL;
    }

    private PositionRange rows(int length) {
        if (random.nextInt(4) == 0) {
            return PositionRange.ALL;
        }
        int first = random.nextInt(length);
        return new PositionRange(first, first + random.nextInt(Math.min(2, length - first)));
    }

    private Replacement value(int run, HookPoint point, PositionRange rows) {
        if (vectors && !point.kind().attention() && random.nextInt(4) == 0) {
            return new RandomVector(0.5, random.nextLong(), random.nextBoolean());
        }
        Replacement value = plainValue(run, point, rows);
        boolean moves = value != null && random.nextInt(5) == 0;
        return moves ? new RandomMove(value, random.nextLong()) : value;
    }

    private Replacement plainValue(int run, HookPoint point, PositionRange rows) {
        int length = length(point, run);
        boolean pattern = point.kind().attention();
        int source = random.nextInt(runs.size());
        int there = length(point, source);
        return switch (random.nextInt(7)) {
            case 0 -> new Zero();
            case 1 -> new ScriptFunction(FUNCTIONS.get(random.nextInt(FUNCTIONS.size())));
            case 2 ->
                new MeanOf(
                        pattern
                                ? List.of(run)
                                : IntStream.range(0, runs.size()).boxed().toList());
            case 3 -> new PositionMean(asLong(point, length), rows);
            default -> fromRun(source, rows, length, there, pattern);
        };
    }

    private Replacement fromRun(int source, PositionRange rows, int length, int there, boolean pattern) {
        int count = rows.count(length);
        if ((pattern && there != length) || count > there) {
            return null;
        }
        boolean samePlace = random.nextInt(3) > 0 && (rows.all() ? there == length : rows.last() < there);
        int first = random.nextInt(there - count + 1);
        return new FromRun(source, samePlace ? rows : new PositionRange(first, first + count - 1));
    }

    /** The runs that have as many positions at the point. */
    private List<Integer> asLong(HookPoint point, int length) {
        return IntStream.range(0, runs.size())
                .filter(run -> length(point, run) == length)
                .boxed()
                .toList();
    }

    /** Some positions of a run, ascending. */
    private List<Integer> positions(int run) {
        List<Integer> some = IntStream.range(0, runs.get(run).length())
                .filter(position -> random.nextBoolean())
                .boxed()
                .toList();
        return some.isEmpty() ? List.of(0) : some;
    }

    private Metric metric(int run) {
        int vocabulary = model.config().outputs();
        int answer = random.nextInt(vocabulary);
        int other = random.nextInt(vocabulary);
        return switch (random.nextInt(12)) {
            case 0 -> new Probability(answer);
            case 1 -> new LogProbability(answer);
            case 2 -> new KlDivergence(random.nextInt(runs.size()));
            case 3 ->
                model.config().head().task() == OutputHeadConfig.Task.NEXT_TOKEN
                                && runs.get(run).length() > 1
                        ? new Loss()
                        : new Logit(answer);
            case 4 -> new ScriptMetric(logits -> logits.max().getFloat());
            case 5 -> new Logit(answer);
            case 6 -> new Logit(List.of(answer, other));
            case 7 -> new ProbabilityDifference(List.of(answer, other), List.of(random.nextInt(vocabulary)));
            case 8 -> new LargestDifference(List.of(answer), List.of(other, random.nextInt(vocabulary)));
            case 9 ->
                model.config().head().pooled()
                        ? new LogProbability(List.of(answer, other))
                        : new ScriptMetric(
                                positions(run), logits -> logits.max().getFloat());
            default -> new LogitDifference(answer, random.nextInt(vocabulary));
        };
    }
}
