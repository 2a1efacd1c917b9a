package dev.kausal.engine.rows;

import dev.kausal.engine.config.Input;
import dev.kausal.engine.config.ModelConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Inputs packed row after row, without padding, so that lengths may differ.
 *
 * @param inputs in the order of their rows
 */
public record InputBatch(List<Input> inputs) {
    public InputBatch {
        inputs = List.copyOf(inputs);
    }

    /**
     * Packs inputs.
     *
     * @throws PromptException if the model cannot read one of them
     */
    public static InputBatch of(ModelConfig config, List<Input> inputs) {
        PromptException.checkSome(inputs);
        for (int i = 0; i < inputs.size(); i++) {
            PromptException.check(config, i, inputs.get(i));
        }
        return new InputBatch(inputs);
    }

    /** Returns the number of packed rows. */
    public int rows() {
        return inputs.stream().mapToInt(Input::length).sum();
    }

    /** Returns every packed row. */
    public int[] allRows() {
        return IntStream.range(0, rows()).toArray();
    }

    /**
     * Returns the row of each input at the given position.
     *
     * @throws PromptException if there is not one position per input, or an input lacks its position
     */
    public int[] rowsAt(int... positions) {
        PromptException.checkPositions(inputs, positions);
        int[] rows = new int[positions.length];
        int start = 0;
        for (int i = 0; i < positions.length; i++) {
            rows[i] = start + positions[i];
            start += inputs.get(i).length();
        }
        return rows;
    }

    /** Returns the last row of each input. */
    public int[] lastRows() {
        return rowsAt(inputs.stream().mapToInt(input -> input.length() - 1).toArray());
    }

    /** Returns the positions of each input: all of them. */
    public List<InputPositions> present() {
        return inputs.stream()
                .map(input -> new InputPositions(input, AttentionGroup.range(0, input.length())))
                .toList();
    }

    /** Returns one segment per group of consecutive inputs of equal length and, for images, equal size. */
    public RowLayout layout() {
        List<AttentionGroup> segments = new ArrayList<>();
        int start = 0;
        for (int i = 0; i < inputs.size(); ) {
            int length = inputs.get(i).length();
            Extent extent = Extent.of(inputs.get(i));
            int end = i + 1;
            while (end < inputs.size()
                    && inputs.get(end).length() == length
                    && Extent.of(inputs.get(end)).equals(extent)) {
                end++;
            }
            AttentionGroup segment = AttentionGroup.whole(start, end - i, length, extent);
            segments.add(segment);
            start += segment.rows();
            i = end;
        }
        return RowLayout.of(segments);
    }
}
