package dev.kausal.engine.tokens;

import com.google.gson.JsonArray;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The merges of a BPE whose file has token scores instead: all pairs of tokens that together form a token, best score
 * first. Among equal scores the longer first part wins, so that a run of blanks grows from its start.
 */
final class ScoredMerges {
    private record Merge(String left, String right, double score, int leftLength, int rightLength) {}

    private static final Comparator<Merge> BEST_FIRST = Comparator.comparingDouble(Merge::score)
            .thenComparingInt(Merge::leftLength)
            .thenComparingInt(Merge::rightLength)
            .reversed();

    private ScoredMerges() {}

    /** Returns the pairs, as in a tokenizer.json. Only tokens that represent text take part. */
    static JsonArray of(List<String> tokens, List<GgufVocabulary.Type> types, List<Number> scores) {
        Map<String, Double> merging = new HashMap<>();
        for (int id = 0; id < tokens.size(); id++) {
            GgufVocabulary.Type type = types.get(id);
            if (type == GgufVocabulary.Type.NORMAL
                    || type == GgufVocabulary.Type.UNUSED
                    || type == GgufVocabulary.Type.UNDEFINED) {
                merging.put(tokens.get(id), scores.get(id).doubleValue());
            }
        }
        List<Merge> merges = new ArrayList<>();
        merging.forEach((token, score) -> addSplits(token, score, merging, merges));
        // Equal merges must not depend on hash order.
        merges.sort(BEST_FIRST.thenComparing(Merge::left).thenComparing(Merge::right));
        JsonArray pairs = new JsonArray();
        for (Merge merge : merges) {
            JsonArray pair = new JsonArray();
            pair.add(merge.left());
            pair.add(merge.right());
            pairs.add(pair);
        }
        return pairs;
    }

    private static void addSplits(String token, double score, Map<String, Double> merging, List<Merge> merges) {
        int length = token.codePointCount(0, token.length());
        int at = 0;
        for (int left = 1; left < length; left++) {
            at += Character.charCount(token.codePointAt(at));
            String first = token.substring(0, at);
            String second = token.substring(at);
            if (merging.containsKey(first) && merging.containsKey(second)) {
                merges.add(new Merge(first, second, score, left, length - left));
            }
        }
    }
}
