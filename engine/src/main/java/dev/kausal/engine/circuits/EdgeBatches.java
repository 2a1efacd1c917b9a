package dev.kausal.engine.circuits;

import dev.kausal.engine.config.ModelConfig;
import dev.kausal.engine.forward.Linearisation;
import dev.kausal.engine.plan.Sizes;
import dev.kausal.engine.rows.Extent;
import dev.kausal.engine.tensor.Tuning;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * How {@link EdgeAttribution} divides pairs into batches of one length, which run in parallel lanes, and their memory.
 *
 * @param config the model whose edges are estimated
 * @param steps points of the line of embeddings; 0 for the gradient of the clean run
 * @param rules how gradients flow back
 * @param budget bytes beyond the weights; a batch has one pair at least
 * @param threads number of threads of the run
 * @param tuning of the device
 */
public record EdgeBatches(ModelConfig config, int steps, Linearisation rules, long budget, int threads, Tuning tuning) {
    /** Recorded arrays of a layer until the backward pass, in those of one forward layer. */
    private static final long RECORDED = 2;

    /** Copies of the outputs and of their gradients in a pass. */
    private static final long OUTPUTS = 4;

    /** Arrays in which the gradients of a layer's heads are projected to the width of the stream. */
    private static final long PROJECTED = 4;

    private static final long FLOAT = Float.BYTES;

    /** Pairs run together: their numbers, and how many points of the line of each. */
    record Batch(List<Integer> pairs, int points) {}

    /** Batches and the number of lanes that they run in. */
    record Division(int lanes, List<Batch> batches) {}

    /** What pairs of one batch have in common. */
    private record Form(int length, Object clean, Object corrupted) {}

    /** Divides pairs. */
    Division of(List<EdgePair> pairs) {
        return divided(pairs.stream()
                .map(pair -> new Form(pair.length(), Extent.of(pair.clean()), Extent.of(pair.corrupted())))
                .toList());
    }

    /** Returns the most native bytes that pairs of these lengths need beyond the weights. */
    public long peakBytes(List<Integer> lengths) {
        Division division =
                divided(lengths.stream().map(length -> new Form(length, "", "")).toList());
        long most = 0;
        for (Batch batch : division.batches()) {
            int length = lengths.get(batch.pairs().get(0));
            most = Math.max(most, batch.pairs().size() * bytes(length, batch.points()));
        }
        return most * Math.min(division.lanes(), division.batches().size());
    }

    private Division divided(List<Form> pairs) {
        int lanes = lanes(pairs);
        Map<Form, List<Integer>> alike = new LinkedHashMap<>();
        for (int i = 0; i < pairs.size(); i++) {
            alike.computeIfAbsent(pairs.get(i), form -> new ArrayList<>()).add(i);
        }
        int even = (pairs.size() + lanes - 1) / lanes;
        List<Batch> batches = new ArrayList<>();
        alike.forEach((form, numbers) -> {
            long share = budget / lanes;
            int fast = Math.max(1, tuning.saturatedRows() / form.length());
            int fit = (int) Math.max(1, Math.min(even, share / bytes(form.length(), 1)));
            int most = Math.min(fit, fast);
            for (int from = 0; from < numbers.size(); from += most) {
                List<Integer> some = numbers.subList(from, Math.min(numbers.size(), from + most));
                batches.add(new Batch(some, points(some.size(), form.length(), share)));
            }
        });
        return new Division(lanes, batches);
    }

    /** Returns as many lanes as have enough rows and memory for one pair each. */
    private int lanes(List<Form> pairs) {
        int longest = pairs.stream().mapToInt(Form::length).max().orElse(1);
        long rows = pairs.stream().mapToLong(Form::length).sum() * Math.max(1, steps);
        long wanted = Math.min(Math.min(threads, tuning.mostLanes()), pairs.size());
        long busy = Math.min(rows / tuning.worthwhileRows(), budget / bytes(longest, 1));
        return (int) Math.max(1, Math.min(wanted, busy));
    }

    /** Returns how many points run together: as many as are faster together and fit. */
    private int points(int pairs, int length, long share) {
        return IntStream.iterate(Math.max(1, steps), points -> points > 1, points -> points - 1)
                .filter(points -> points * pairs * length <= tuning.saturatedRows())
                .filter(points -> pairs * bytes(length, points) <= share)
                .findFirst()
                .orElse(1);
    }

    /** Returns the bytes of one pair in a batch that runs {@code points} of its points together. */
    private long bytes(int length, int points) {
        Sizes sizes = new Sizes(config);
        long layers = config.layers();
        long heads = (long) config.heads() * config.dHead();
        long readers = config.heads() + 2L * config.keyValueHeads();
        long width = config.dModel();
        long ends = 2 * layers * (heads + width) + 4 * width;
        long means = layers * (readers * config.dHead() + width + Math.max(1, steps) * (width + readers));
        long differences = writers() * width;
        long ofLayer = PROJECTED * readers * width;
        long outputs = OUTPUTS * config.outputs() / length;
        long recorded = points * (RECORDED * layers * sizes.rowBytes(length) + FLOAT * outputs);
        long before = rules.unsigned() ? FLOAT * differences : 0;
        long pass = Math.max(recorded + before, FLOAT * (differences + ofLayer));
        return length * (FLOAT * (ends + means) + pass) + attended(length);
    }

    private long writers() {
        return 1 + config.layers() * (config.heads() + 1L);
    }

    /** Returns the bytes that the softmax needs if it is computed again for the edges of one pair. */
    private long attended(int length) {
        if (rules.softmax() != Linearisation.Softmax.COMPUTED) {
            return 0;
        }
        long layers = config.layers();
        long pattern = (long) config.heads() * length * length;
        long queries = 2L * config.heads() * config.dHead();
        long exact = length * writers() * config.dModel();
        long activations = layers * (length * (config.dModel() + queries) + 3 * pattern);
        long reaching = layers * (1 + (layers - 1) * (config.heads() + 1L) / 2);
        long kept = rules.unsigned() ? 2 * reaching * pattern : 0;
        return FLOAT * (exact + activations + kept) + AttendedEdges.workingBytes(config, length, writers());
    }
}
