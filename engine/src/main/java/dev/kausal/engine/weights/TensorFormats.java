package dev.kausal.engine.weights;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The supported dtypes, by file format. */
final class TensorFormats {
    /** Supported dtypes of safetensors. */
    static final Map<String, TensorFormat> SAFETENSORS = byDtype(Stream.of(FloatFormats.ALL));

    /** Supported dtypes of GGUF. */
    static final Map<String, TensorFormat> GGUF =
            byDtype(Stream.of(FloatFormats.ALL, LegacyQuants.ALL, KQuants.ALL, NonLinearQuants.ALL));

    private TensorFormats() {}

    private static Map<String, TensorFormat> byDtype(Stream<List<TensorFormat>> families) {
        return families.flatMap(Collection::stream)
                .collect(Collectors.toUnmodifiableMap(TensorFormat::dtype, Function.identity()));
    }

    /** Returns the dtypes of {@code formats}, sorted, for messages. */
    static String names(Map<String, TensorFormat> formats) {
        return formats.keySet().stream().sorted().collect(Collectors.joining(", "));
    }

    /** Returns the bytes of {@code elements} elements, which must be whole blocks. */
    static long bytes(TensorFormat format, long elements) {
        return Math.multiplyExact(elements / format.blockSize(), (long) format.blockBytes());
    }
}
