package dev.kausal.engine.source;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;

/**
 * Requests to the Hub. Redirects are followed here rather than by the client, so that the token is sent only to the
 * Hub, never to the storage behind it.
 */
final class HubHttp {
    private static final int MAX_HOPS = 8;
    private static final int MAX_PORT = 65_535;
    private static final Set<Integer> REDIRECTS = Set.of(301, 302, 303, 307, 308);

    /** A failure that may not recur on another attempt. */
    static final class Transient extends IOException {
        private static final long serialVersionUID = 1L;

        Transient(String message) {
            super(message);
        }
    }

    private final HubRef ref;
    private final HubSettings settings;
    private final Duration timeout;
    private final HttpClient client;

    HubHttp(HubRef ref, HubSettings settings, Duration timeout) {
        this.ref = ref;
        this.settings = settings;
        this.timeout = timeout;
        this.client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(timeout)
                .build();
    }

    /** Requests the Hub's metadata of a file: the response before its redirect to storage. */
    HttpResponse<InputStream> head(URI address) throws IOException {
        return follow("HEAD", address, 0, true);
    }

    /**
     * Requests the content from byte {@code from} on, or all of it if the server cannot resume; closed by the caller.
     */
    HttpResponse<InputStream> get(URI address, long from) throws IOException {
        return follow("GET", address, from, false);
    }

    private HttpResponse<InputStream> follow(String method, URI address, long from, boolean stay) throws IOException {
        URI at = address;
        for (int hop = 0; hop < MAX_HOPS; hop++) {
            HttpResponse<InputStream> answer = send(method, at, from);
            if (!REDIRECTS.contains(answer.statusCode())) {
                return checked(answer, at);
            }
            URI next = next(answer, at);
            if (stay
                    && (!isHub(next)
                            || answer.headers().firstValue("X-Linked-Etag").isPresent())) {
                return answer;
            }
            answer.body().close();
            at = next;
        }
        throw new HubAnswerStrange(address.toString(), "a file", MAX_HOPS + " redirects, the last to " + at);
    }

    private HttpResponse<InputStream> send(String method, URI at, long from) throws IOException {
        HttpRequest.Builder request = HttpRequest.newBuilder(at)
                .timeout(timeout)
                .header("User-Agent", "kausal")
                .header("Accept-Encoding", "identity")
                .method(method, HttpRequest.BodyPublishers.noBody());
        if (from > 0) {
            request.header("Range", "bytes=" + from + "-");
        }
        if (isHub(at)) {
            settings.token().ifPresent(token -> request.header("Authorization", "Bearer " + token));
        }
        try {
            return client.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    private boolean isHub(URI uri) {
        URI hub = settings.endpoint();
        return hub.getScheme().equals(uri.getScheme())
                && hub.getHost().equalsIgnoreCase(uri.getHost())
                && hub.getPort() == uri.getPort();
    }

    private static URI next(HttpResponse<InputStream> answer, URI at) {
        Optional<String> location = answer.headers().firstValue("Location");
        try {
            URI next = at.resolve(URI.create(location.orElse("")));
            boolean downgrade = "https".equals(at.getScheme()) && !"https".equals(next.getScheme());
            boolean web = "http".equals(next.getScheme()) || "https".equals(next.getScheme());
            if (location.isPresent() && next.getHost() != null && web && next.getPort() <= MAX_PORT && !downgrade) {
                return next;
            }
        } catch (IllegalArgumentException e) {
            throw new HubAnswerStrange(at.toString(), "a redirect to an address", "one to " + location.get());
        }
        throw new HubAnswerStrange(
                at.toString(),
                "a redirect to an address",
                location.map(to -> "one to " + to).orElse("one without an address"));
    }

    private HttpResponse<InputStream> checked(HttpResponse<InputStream> answer, URI at) throws IOException {
        int status = answer.statusCode();
        if (status == 200 || status == 206 || status == 416) {
            return answer;
        }
        answer.body().close();
        // Storage responds 403 if its signed address has expired; the Hub issues a new one.
        if (status >= 500 || status == 429 || status == 408 || !isHub(at)) {
            throw new Transient("HTTP " + status + " from " + at.getHost());
        }
        throw refusal(answer, status, at);
    }

    private RuntimeException refusal(HttpResponse<InputStream> answer, int status, URI at) {
        String hub = settings.endpoint().toString();
        String code = answer.headers().firstValue("X-Error-Code").orElse("");
        if (status == 401 || status == 403) {
            boolean withToken = settings.token().isPresent();
            return new HubAccessDenied(ref, hub, status, code.equals("GatedRepo"), withToken);
        }
        if (status == 404 && code.equals("RevisionNotFound")) {
            return new HubRevisionUnknown(ref, hub);
        }
        if (status == 404 && at.getPath().contains("/api/models/")) {
            return new HubModelUnknown(ref, hub);
        }
        return new HubAnswerStrange(at.toString(), "a file that the repository lists", "HTTP " + status);
    }
}
