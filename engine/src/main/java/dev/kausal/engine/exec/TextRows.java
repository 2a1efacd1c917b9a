package dev.kausal.engine.exec;

import dev.kausal.engine.rows.AttentionGroup;
import dev.kausal.engine.rows.Extent;
import dev.kausal.engine.rows.InputPositions;
import dev.kausal.engine.rows.RowLayout;
import java.util.ArrayList;
import java.util.List;

/**
 * The packed rows of one pass: shared prompts, in the first pass, then the new positions of every text.
 *
 * @param stems number of segments with shared prompts, one each
 * @param groups the texts, one segment for each group
 * @param inputs tokens and positions of the rows, in their order
 * @param index rows of the texts, numbered in the order of their groups
 * @param slots stored keys of each text by segment, this pass's included; 0 for a shared prompt
 * @param last packed row of each text's newest position
 */
record TextRows(
        int stems, List<TextGroup> groups, List<InputPositions> inputs, RowIndex index, int[] slots, int[] last) {
    static TextRows of(List<OpenText> stems, List<TextGroup> groups) {
        List<AttentionGroup> segments = new ArrayList<>();
        List<InputPositions> inputs = new ArrayList<>();
        int next = 0;
        for (OpenText stem : stems) {
            int length = stem.promptLength();
            segments.add(AttentionGroup.whole(next, 1, length, Extent.NONE));
            inputs.add(new InputPositions(stem.prompt().input(), AttentionGroup.range(0, length)));
            next += length;
        }
        int texts = groups.stream().mapToInt(group -> group.texts().size()).sum();
        int[] start = new int[texts];
        int[][] positions = new int[texts][];
        int[] last = new int[texts];
        int[] slots = new int[stems.size() + groups.size()];
        int text = 0;
        for (int i = 0; i < groups.size(); i++) {
            TextGroup group = groups.get(i);
            int first = next;
            int before = text;
            for (OpenText one : group.texts()) {
                start[text] = next;
                positions[text] = one.newPositions();
                inputs.add(new InputPositions(one.input(), positions[text]));
                next += positions[text].length;
                last[text++] = next - 1;
            }
            segments.add(segment(group, first, next, positions, before));
            slots[stems.size() + i] = group.slots();
        }
        RowIndex index = new RowIndex(RowLayout.of(segments), AttentionGroup.range(0, texts), start, positions);
        return new TextRows(stems.size(), groups, List.copyOf(inputs), index, slots, last);
    }

    private static AttentionGroup segment(TextGroup group, int first, int next, int[][] positions, int before) {
        int count = group.texts().size();
        int[][] own = new int[count][];
        System.arraycopy(positions, before, own, 0, count);
        int[] ownFrom = group.texts().stream().mapToInt(group::own).toArray();
        int longest = group.texts().stream().mapToInt(OpenText::length).max().orElse(0);
        return new AttentionGroup(first, next - first, own, ownFrom, longest, group.stem(), Extent.NONE);
    }

    RowLayout layout() {
        return index.layout();
    }

    /** Returns all texts, in row order. */
    List<OpenText> texts() {
        return groups.stream().flatMap(group -> group.texts().stream()).toList();
    }

    /** Returns the rows of the newest positions alone. */
    RowIndex lasts() {
        List<AttentionGroup> segments = new ArrayList<>();
        int count = index.start().length;
        int[] start = new int[count];
        int[][] positions = new int[count][];
        int text = 0;
        for (AttentionGroup segment : layout().segments().subList(stems, stems + groups.size())) {
            int first = text;
            int[][] newest = new int[segment.variants()][];
            for (int i = 0; i < newest.length; i++) {
                int[] all = segment.positions()[i];
                newest[i] = new int[] {all[all.length - 1]};
                positions[text] = newest[i];
                start[text] = text;
                text++;
            }
            segments.add(segment.narrowed(first, newest));
        }
        return new RowIndex(RowLayout.of(segments), AttentionGroup.range(0, count), start, positions);
    }
}
