package dev.kausal.engine.source;

import com.google.gson.Gson;
import com.google.gson.JsonParseException;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Fetches models from the Hub into its local cache. A snapshot appears there once all its files are complete and
 * checked; an existing one is used without contacting the Hub.
 */
final class Hub {
    private static final Duration TIMEOUT = Duration.ofSeconds(30);
    private static final HubRetry RETRY = new HubRetry(5, Duration.ofMillis(500));

    private record Answer(String sha, List<Sibling> siblings) {}

    private record Sibling(String rfilename) {}

    private final SourceContext context;
    private final HubRetry retry;
    private final Duration timeout;

    Hub(SourceContext context) {
        this(context, RETRY, TIMEOUT);
    }

    Hub(SourceContext context, HubRetry retry, Duration timeout) {
        this.context = context;
        this.retry = retry;
        this.timeout = timeout;
    }

    /** Returns the model's folder or .gguf file; downloads it if the cache does not have all of it. */
    @SuppressWarnings("try") // the lock is only held
    Path resolve(HubRef ref) {
        HubCache cache = new HubCache(context.hubCache(), ref.name());
        Optional<Path> cached = cache.whole(ref);
        if (cached.isPresent()) {
            return cached.get();
        }
        if (context.offline() || HubSettings.offline(context.env())) {
            throw new HubModelNotCached(ref, cache.repository().toAbsolutePath().toString());
        }
        HubSettings settings = HubSettings.of(context.env());
        Runnable onWait = () -> context.progress().accept("waiting for another process that is fetching " + ref);
        try {
            Files.createDirectories(cache.lock().getParent());
            try (CacheLock lock = CacheLock.acquire(cache.lock(), onWait)) {
                Optional<Path> meanwhile = cache.whole(ref);
                return meanwhile.isPresent() ? meanwhile.get() : fetch(ref, settings, cache);
            }
        } catch (IOException e) {
            throw CacheUnusable.ofHub(context.hubCache(), e);
        }
    }

    private Path fetch(HubRef ref, HubSettings settings, HubCache cache) throws IOException {
        HubHttp http = new HubHttp(ref, settings, timeout);
        HubListing listing = list(ref, settings, http);
        HubDownload download = new HubDownload(ref, http, retry, timeout, context.progress());
        Files.createDirectories(cache.blob("x").getParent());
        Bringing bringing = name -> bring(listing, name, settings, http, download, cache);
        List<HubFile> files = ref.isFile() ? all(listing.gguf(), bringing) : folder(listing, bringing, cache);
        Path snapshot = cache.publish(ref, listing.commit(), files);
        context.progress().accept("fetched " + ref + " to " + snapshot);
        return HubCache.opened(ref, snapshot);
    }

    /** Fetches one file of a listing. */
    private interface Bringing {
        HubFile bring(String name) throws IOException;
    }

    private static List<HubFile> all(List<String> names, Bringing bringing) throws IOException {
        List<HubFile> files = new ArrayList<>();
        for (String name : names) {
            files.add(bringing.bring(name));
        }
        return files;
    }

    /** Fetches config, tokenizer and weights. */
    private static List<HubFile> folder(HubListing listing, Bringing bringing, HubCache cache) throws IOException {
        List<HubFile> files = all(listing.small(), bringing);
        // Weights come last, followed by their index: a snapshot with an index has everything.
        HubFile weights = bringing.bring(listing.weights());
        if (weights.name().equals(HubCache.INDEX)) {
            files.addAll(all(listing.shards(HubCache.shards(cache.blob(weights.etag()))), bringing));
        }
        files.add(weights);
        return files;
    }

    private HubListing list(HubRef ref, HubSettings settings, HubHttp http) {
        URI address =
                URI.create(settings.endpoint() + "/api/models/" + ref.name() + "/revision/" + encoded(ref.revision()));
        String text = retry.run(address, () -> {
            try (InputStream body = http.get(address, 0).body()) {
                return HubBody.text(body, address, timeout);
            }
        });
        return listing(ref, address, text);
    }

    /** Reads {@code text}, the unchecked response of {@code address}. */
    static HubListing listing(HubRef ref, URI address, String text) {
        try {
            Answer answer = new Gson().fromJson(text, Answer.class);
            if (answer != null && answer.sha() != null && HubRef.isCommit(answer.sha()) && answer.siblings() != null) {
                Set<String> names = new LinkedHashSet<>();
                for (Sibling sibling : answer.siblings()) {
                    if (sibling == null || sibling.rfilename() == null) {
                        throw strange(address, text);
                    }
                    names.add(sibling.rfilename());
                }
                return new HubListing(ref, answer.sha(), names);
            }
        } catch (JsonParseException e) {
            throw strange(address, text);
        }
        throw strange(address, text);
    }

    private static HubAnswerStrange strange(URI address, String text) {
        String start = text.length() > 80 ? text.substring(0, 80) + "..." : text;
        return new HubAnswerStrange(address.toString(), "JSON with a commit and a list of files", start);
    }

    private HubFile bring(
            HubListing listing, String name, HubSettings settings, HubHttp http, HubDownload download, HubCache cache)
            throws IOException {
        URI address = URI.create(settings.endpoint() + "/" + listing.ref().name() + "/resolve/" + listing.commit() + "/"
                + encoded(name).replace("%2F", "/"));
        HubFile file = describe(name, address, http);
        download.fetch(file, address, cache);
        return file;
    }

    private HubFile describe(String name, URI address, HubHttp http) {
        HttpResponse<InputStream> answer = retry.run(address, () -> http.head(address));
        String etag = header(answer, "X-Linked-Etag")
                .or(() -> header(answer, "ETag"))
                .orElse("")
                .replaceFirst("^W/", "")
                .replace("\"", "");
        String size = header(answer, "X-Linked-Size")
                .or(() -> header(answer, "Content-Length"))
                .orElse("");
        if (!etag.matches("[0-9a-f]{40}|[0-9a-f]{64}") || !size.matches("\\d{1,18}")) {
            throw new HubAnswerStrange(
                    address.toString(),
                    "a size and an ETag of 40 or 64 hexadecimal digits to check the file against",
                    "size \"" + size + "\" and ETag \"" + etag + "\"");
        }
        return new HubFile(name, etag, Long.parseLong(size));
    }

    private static Optional<String> header(HttpResponse<InputStream> answer, String name) {
        return answer.headers().firstValue(name);
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
