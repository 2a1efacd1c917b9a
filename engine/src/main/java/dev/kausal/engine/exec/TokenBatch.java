package dev.kausal.engine.exec;

import dev.kausal.engine.model.ModelConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Sequences packed row after row: no padding, so that lengths may differ.
 *
 * @param ids token ids [row]
 * @param positions position in its sequence [row]
 * @param segments runs of consecutive sequences of one length
 */
public record TokenBatch(int[] ids, int[] positions, List<Segment> segments) {
    /**
     * Consecutive sequences of one length, seen as [batch, position].
     *
     * @param start first packed row
     * @param batch number of sequences
     * @param length positions of each
     */
    public record Segment(int start, int batch, int length) {
        /** Number of packed rows. */
        public int rows() {
            return batch * length;
        }
    }

    /**
     * Packs sequences.
     *
     * @throws PromptException where a sequence is empty, longer than the context, or holds an unknown id
     */
    public static TokenBatch of(ModelConfig config, List<int[]> sequences) {
        for (int i = 0; i < sequences.size(); i++) {
            PromptException.check(config, i, sequences.get(i));
        }
        int[] ids = sequences.stream().flatMapToInt(IntStream::of).toArray();
        int[] positions = sequences.stream()
                .flatMapToInt(sequence -> IntStream.range(0, sequence.length))
                .toArray();
        List<Segment> segments = new ArrayList<>();
        int start = 0;
        for (int i = 0; i < sequences.size(); ) {
            int length = sequences.get(i).length;
            int end = i + 1;
            while (end < sequences.size() && sequences.get(end).length == length) {
                end++;
            }
            segments.add(new Segment(start, end - i, length));
            start += (end - i) * length;
            i = end;
        }
        return new TokenBatch(ids, positions, List.copyOf(segments));
    }

    /** Number of packed rows. */
    public int rows() {
        return ids.length;
    }

    /** Every packed row. */
    public int[] allRows() {
        return IntStream.range(0, rows()).toArray();
    }

    /** The last row of each sequence. */
    public int[] lastRows() {
        return segments.stream()
                .flatMapToInt(segment ->
                        IntStream.rangeClosed(1, segment.batch()).map(i -> segment.start() + i * segment.length() - 1))
                .toArray();
    }
}
