package dev.kausal.engine.rows;

import dev.kausal.engine.config.Input;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * Prompts of a causal model, packed so that shared beginnings exist once: their rows depend on no later token.
 *
 * <p>Some prompts are stems, with all of their rows; each other prompt has the rows after the tokens that it shares
 * with its stem, and uses the stem's keys and values before them.
 *
 * @param inputs prompt and positions of the rows, in their order
 * @param layout layout of the rows; a segment's base is the index of its stem in {@code inputs}
 * @param last packed row of each prompt's last token
 * @param lasts layout of these rows alone, in the order of {@code inputs}
 * @param places index of each prompt in {@code inputs}
 */
public record SharedPrefixes(List<InputPositions> inputs, RowLayout layout, int[] last, RowLayout lasts, int[] places) {
    /** Order in which prompts with equal beginnings are neighbours. */
    public static final Comparator<Input> NEIGHBOURS = (a, b) -> Arrays.compare(a.ids(), b.ids());

    public static SharedPrefixes of(List<Input> prompts) {
        return new Packing(prompts).packed();
    }

    private static final class Packing {
        private final List<Input> prompts;
        private final int[] stemOf;
        private final int[] places;
        private final int[] last;
        private final List<InputPositions> inputs = new ArrayList<>();
        private final List<AttentionGroup> segments = new ArrayList<>();
        private final List<AttentionGroup> lasts = new ArrayList<>();
        private int rows;

        Packing(List<Input> prompts) {
            this.prompts = prompts;
            this.stemOf = new int[prompts.size()];
            this.places = new int[prompts.size()];
            this.last = new int[prompts.size()];
        }

        SharedPrefixes packed() {
            chooseStems();
            Map<Integer, List<Integer>> stemsByLength = new TreeMap<>();
            Map<Integer, List<Integer>> leavesByStem = new TreeMap<>();
            for (int i = 0; i < stemOf.length; i++) {
                boolean stem = stemOf[i] == i;
                (stem ? stemsByLength : leavesByStem)
                        .computeIfAbsent(stem ? prompts.get(i).length() : stemOf[i], key -> new ArrayList<>())
                        .add(i);
            }
            stemsByLength.values().forEach(these -> add(these, -1));
            leavesByStem.forEach((stem, these) -> add(these, stem));
            return new SharedPrefixes(List.copyOf(inputs), RowLayout.of(segments), last, RowLayout.of(lasts), places);
        }

        /** In the order of neighbours, makes a prompt a stem if that saves its followers more than it costs. */
        private void chooseStems() {
            List<Integer> order = IntStream.range(0, prompts.size())
                    .boxed()
                    .sorted(Comparator.comparing(prompts::get, NEIGHBOURS))
                    .toList();
            List<Integer> stems = new ArrayList<>();
            for (int at = 0; at < order.size(); at++) {
                int prompt = order.get(at);
                int best = best(stems, prompt);
                int costs = best < 0 ? 0 : shared(best, prompt);
                if (costs == 0 || gain(order.subList(at + 1, order.size()), prompt, best) > costs) {
                    stems.add(prompt);
                    best = prompt;
                }
                stemOf[prompt] = best;
            }
        }

        /** Returns how many tokens a prompt shares with a stem, except its last one, which is read. */
        private int shared(int stem, int prompt) {
            return Math.min(
                    prompts.get(stem).equalPrefix(prompts.get(prompt)),
                    prompts.get(prompt).length() - 1);
        }

        private int best(List<Integer> stems, int prompt) {
            return stems.stream()
                    .max(Comparator.comparingInt(stem -> shared(stem, prompt)))
                    .orElse(-1);
        }

        private int gain(List<Integer> followers, int prompt, int instead) {
            int gain = 0;
            for (int follower : followers) {
                int more = shared(prompt, follower) - shared(instead, follower);
                if (more <= 0) {
                    break;
                }
                gain += more;
            }
            return gain;
        }

        /** Packs prompts that attend together: all of one length, or all of one stem. */
        private void add(List<Integer> these, int stem) {
            int first = rows;
            int[][] positions = new int[these.size()][];
            int[][] read = new int[these.size()][];
            int[] ownFrom = new int[these.size()];
            int longest = 0;
            for (int i = 0; i < positions.length; i++) {
                int prompt = these.get(i);
                Input input = prompts.get(prompt);
                ownFrom[i] = stem < 0 ? 0 : shared(stem, prompt);
                positions[i] = AttentionGroup.range(ownFrom[i], input.length());
                read[i] = new int[] {input.length() - 1};
                longest = Math.max(longest, input.length());
                places[prompt] = inputs.size();
                inputs.add(new InputPositions(input, positions[i]));
                rows += positions[i].length;
                last[prompt] = rows - 1;
            }
            int base = stem < 0 ? -1 : places[stem];
            AttentionGroup segment =
                    new AttentionGroup(first, rows - first, positions, ownFrom, longest, base, Extent.NONE);
            segments.add(segment);
            lasts.add(segment.narrowed(inputs.size() - these.size(), read));
        }
    }
}
