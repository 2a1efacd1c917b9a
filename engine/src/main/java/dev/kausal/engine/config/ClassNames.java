package dev.kausal.engine.config;

import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A classifier's class names from its config: Hugging Face's {@code id2label}; timm's {@code label_names}, or its
 * {@code label_descriptions} if there are any. An unnamed class gets its number.
 */
public final class ClassNames {
    private ClassNames() {}

    /** Returns the names [class]. */
    public static List<String> read(ConfigFields f, int classes) {
        List<String> fixed = fixed(String.valueOf(f.raw("architectures")));
        return fixed.isEmpty() ? named(f, classes) : fixed;
    }

    /** Returns the names of outputs whose meaning is fixed by the model class, whatever the config calls them. */
    private static List<String> fixed(String architectures) {
        if (architectures.endsWith("ForQuestionAnswering]")) {
            return List.of("start", "end");
        }
        if (architectures.endsWith("ElectraForPreTraining]")) {
            return List.of("replaced");
        }
        return architectures.endsWith("ForNextSentencePrediction]") ? List.of("next", "not next") : List.of();
    }

    private static List<String> named(ConfigFields f, int classes) {
        Object names = f.has("id2label") ? f.raw("id2label") : f.raw("label_names");
        Object descriptions = f.raw("label_descriptions");
        return IntStream.range(0, classes)
                .mapToObj(id -> {
                    String name = at(names, id);
                    return described(descriptions, name == null ? Integer.toString(id) : name, id);
                })
                .toList();
    }

    private static @Nullable String at(@Nullable Object names, int id) {
        if (names instanceof List<?> list) {
            return id < list.size() ? String.valueOf(list.get(id)) : null;
        }
        Object name = names instanceof Map<?, ?> map ? map.get(Integer.toString(id)) : null;
        return name == null ? null : name.toString();
    }

    private static String described(@Nullable Object descriptions, String name, int id) {
        if (descriptions instanceof Map<?, ?> byName && byName.get(name) != null) {
            return byName.get(name).toString();
        }
        String byNumber = descriptions == null ? null : at(descriptions, id);
        return byNumber == null ? name : byNumber;
    }
}
