package dev.kausal.engine.source;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A model on the Hub, {@code hf:org/name[@revision]}.
 *
 * @param name repository, as org/name or, for a few old ones, name
 * @param revision branch, tag or commit
 */
record HubRef(String name, String revision) {
    private static final Pattern FORM =
            Pattern.compile("((?:[A-Za-z0-9][\\w.-]*/)?[A-Za-z0-9][\\w.-]*)(?:@([A-Za-z0-9][\\w./-]*))?");
    private static final Pattern COMMIT = Pattern.compile("[0-9a-f]{40}");

    /** Parses a reference that starts with {@code hf:}. */
    static HubRef parse(String ref) {
        Matcher matcher = FORM.matcher(ref.substring("hf:".length()));
        if (!matcher.matches() || ref.contains("..")) {
            throw new HubRefMalformed(ref);
        }
        return new HubRef(matcher.group(1), matcher.group(2) == null ? "main" : matcher.group(2));
    }

    static boolean isCommit(String text) {
        return COMMIT.matcher(text).matches();
    }

    @Override
    public String toString() {
        return "hf:" + name + "@" + revision;
    }
}
