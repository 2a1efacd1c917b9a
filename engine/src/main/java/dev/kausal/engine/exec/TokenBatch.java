package dev.kausal.engine.exec;

import dev.kausal.engine.model.ModelConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Sequences packed row after row: no padding, so that lengths may differ.
 *
 * @param ids token ids [row]
 * @param lengths positions of each sequence
 */
public record TokenBatch(int[] ids, int[] lengths) {
    /**
     * Packs sequences.
     *
     * @throws PromptException where a sequence is empty, longer than the context, or holds an unknown id
     */
    public static TokenBatch of(ModelConfig config, List<int[]> sequences) {
        for (int i = 0; i < sequences.size(); i++) {
            PromptException.check(config, i, sequences.get(i));
        }
        return new TokenBatch(
                sequences.stream().flatMapToInt(IntStream::of).toArray(),
                sequences.stream().mapToInt(sequence -> sequence.length).toArray());
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
        int[] last = new int[lengths.length];
        int end = 0;
        for (int i = 0; i < lengths.length; i++) {
            end += lengths[i];
            last[i] = end - 1;
        }
        return last;
    }

    /** One segment for each run of consecutive sequences of one length. */
    RowLayout layout() {
        List<Segment> segments = new ArrayList<>();
        int start = 0;
        for (int i = 0; i < lengths.length; ) {
            int end = i + 1;
            while (end < lengths.length && lengths[end] == lengths[i]) {
                end++;
            }
            Segment segment = Segment.whole(start, end - i, lengths[i]);
            segments.add(segment);
            start += segment.rows();
            i = end;
        }
        return RowLayout.of(segments);
    }
}
