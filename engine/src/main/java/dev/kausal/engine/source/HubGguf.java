package dev.kausal.engine.source;

import java.util.Collection;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/** Names of .gguf files in a repository; those of a split model end in {@code -00001-of-00003.gguf} and so on. */
final class HubGguf {
    private static final Pattern PART = Pattern.compile("(.+)-(\\d{5})-of-((?!0{5})\\d{5})\\.gguf");

    private HubGguf() {}

    /** Returns the files of the model that {@code file} is, or is a part of, in order. */
    static List<String> parts(String file) {
        Matcher matcher = PART.matcher(file);
        if (!matcher.matches()) {
            return List.of(file);
        }
        String count = matcher.group(3);
        return IntStream.rangeClosed(1, Integer.parseInt(count))
                .mapToObj(part -> String.format("%s-%05d-of-%s.gguf", matcher.group(1), part, count))
                .toList();
    }

    /** Returns the models among {@code names}, sorted; a split one by its first part. */
    static List<String> models(Collection<String> names) {
        return names.stream()
                .filter(name -> name.endsWith(".gguf") && parts(name).get(0).equals(name))
                .sorted()
                .toList();
    }
}
