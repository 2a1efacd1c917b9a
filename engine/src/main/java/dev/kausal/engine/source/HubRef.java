package dev.kausal.engine.source;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A model on the Hub, {@code hf:org/name[/file.gguf][@revision]}.
 *
 * @param name repository, as org/name or, for a few old ones, name
 * @param file a .gguf file of the repository, with its folders; "" for the model of the whole repository
 * @param revision branch, tag or commit
 */
record HubRef(String name, String file, String revision) {
    private static final String WORD = "[A-Za-z0-9][\\w.-]*";
    private static final Pattern FORM = Pattern.compile("(?<name>" + WORD + "/" + WORD + "|" + WORD + ")"
            + "(?:/(?<file>(?:[\\w.+-]+/)*[\\w.+-]+\\.gguf))?(?:@(?<revision>[A-Za-z0-9][\\w./-]*))?");
    private static final Pattern COMMIT = Pattern.compile("[0-9a-f]{40}");

    /** Parses a reference that starts with {@code hf:}. */
    static HubRef parse(String ref) {
        Matcher matcher = FORM.matcher(ref.substring("hf:".length()));
        if (!matcher.matches() || ref.contains("..")) {
            throw new HubRefMalformed(ref);
        }
        return new HubRef(
                matcher.group("name"), given(matcher.group("file"), ""), given(matcher.group("revision"), "main"));
    }

    private static String given(@Nullable String group, String otherwise) {
        return group == null ? otherwise : group;
    }

    /** Returns whether the model is one file rather than the whole repository. */
    boolean isFile() {
        return !file.isEmpty();
    }

    static boolean isCommit(String text) {
        return COMMIT.matcher(text).matches();
    }

    /** Returns the repository and revision. */
    @Override
    public String toString() {
        return "hf:" + name + "@" + revision;
    }
}
