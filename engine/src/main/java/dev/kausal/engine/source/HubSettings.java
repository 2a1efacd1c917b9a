package dev.kausal.engine.source;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * The environment's settings for the Hub, with the variables of the Hub's own client.
 *
 * @param endpoint address of the Hub, without a trailing slash; HF_ENDPOINT
 * @param token access token, if any; HF_TOKEN
 */
record HubSettings(URI endpoint, Optional<String> token) {
    private static final String PUBLIC = "https://huggingface.co";
    private static final Set<String> YES = Set.of("1", "on", "yes", "true");

    static HubSettings of(UnaryOperator<String> env) {
        return new HubSettings(endpoint(env), token(env));
    }

    /** Returns whether HF_HUB_OFFLINE disables the network. */
    static boolean offline(UnaryOperator<String> env) {
        String value = env.apply("HF_HUB_OFFLINE");
        return value != null && YES.contains(value.strip().toLowerCase(Locale.ROOT));
    }

    private static URI endpoint(UnaryOperator<String> env) {
        String set = env.apply("HF_ENDPOINT");
        String text = set == null || set.isBlank() ? PUBLIC : set.strip().replaceAll("/+$", "");
        try {
            URI uri = new URI(text);
            if (uri.getHost() != null && Set.of("http", "https").contains(String.valueOf(uri.getScheme()))) {
                return uri;
            }
        } catch (URISyntaxException e) {
            throw new HubSettingMalformed("HF_ENDPOINT", "an address such as " + PUBLIC, "\"" + text + "\"");
        }
        throw new HubSettingMalformed("HF_ENDPOINT", "an address such as " + PUBLIC, "\"" + text + "\"");
    }

    // The token itself must not appear in a message.
    private static Optional<String> token(UnaryOperator<String> env) {
        String token = env.apply("HF_TOKEN");
        if (token == null || token.isBlank()) {
            return Optional.empty();
        }
        if (!token.strip().matches("[!-~]+")) {
            throw new HubSettingMalformed(
                    "HF_TOKEN", "a token of printable ASCII characters", "other characters in it");
        }
        return Optional.of(token.strip());
    }
}
